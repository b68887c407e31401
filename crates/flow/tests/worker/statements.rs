//! Statements against payments: each line once, each explained, and the ledger's bank account at the bank's balance.

use crate::bank::{batch_line, document, enveloped, line, notification, return_line, statement};
use crate::stage::{DAY, NEXT, OPENING, Stage, THIRD, on_both_engines, reference};
use flow::Code;
use flow::reconcile::{Outcome, import};
use payment::state::{State, StateName};
use testkit::transfers::transfer;

on_both_engines! {
    async fn a_statement_settles_what_it_books(stage: Stage) {
        let payment = stage.pay(1, 12_345).await;
        stage.work().await;
        let lines = vec![line("E1", -12_345, DAY, Some(&reference(payment)))];
        stage.bank.post(document(&statement("S1", 1, DAY, OPENING, lines)));
        stage.work().await;
        assert!(matches!(stage.state(payment).await, State::Settled { on, .. } if on == DAY));
        let books = stage.books().await;
        assert_eq!((books["bank"], books.get("in_transit"), books["opening"]), (OPENING - 12_345, None, -OPENING));
        assert_eq!(stage.held().await, 0);
        let detail = flow::view::payment_detail(&stage.house.platform, stage.house.as_client(), payment).await.unwrap();
        assert_eq!(detail.matches[0].0.rule, "R1");
        assert_eq!(detail.entries.len(), 2);
        assert!(stage.codes().await.is_empty());
    }

    async fn a_line_that_comes_notified_and_stated_counts_once(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let lines = vec![line("E1", -100, DAY, Some(&reference(payment)))];
        stage.bank.post(document(&notification("N1", DAY, lines.clone())));
        stage.bank.post(document(&statement("S1", 1, DAY, OPENING, lines)));
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Settled);
        assert_eq!(stage.books().await["bank"], OPENING - 100);
        assert!(stage.codes().await.is_empty());
    }

    async fn what_the_bank_calls_a_charge_goes_to_the_fees(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let charge = |reference: &str, minor, code: &str, of: Option<&str>| vocab::exchange::StatementLine {
            transaction_code: Some(code.to_owned()),
            ..line(reference, minor, DAY, of)
        };
        let own = reference(payment);
        let lines = vec![
            charge("E1", -7, "PMNT.ICDT.CHRG", Some(&own)),
            charge("E2", -500, "ACMT.MDOP.CHRG", None),
            charge("E3", -3, "NCHG+808", None),
            charge("E4", -100, "PMNT.ICDT.ESCT", Some(&own)),
            charge("E5", 9, "ACMT.MDOP.CHRG", None),
        ];
        stage.bank.post(document(&statement("S1", 1, DAY, OPENING, lines)));
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Settled);
        let books = stage.books().await;
        assert_eq!((books["fees"], books["suspense"], books["bank"]), (510, -9, OPENING - 601));
        assert_eq!(stage.codes().await, ["not_ours"], "a charge that is given back is for a person");
        let (platform, ctx) = (&stage.house.platform, stage.house.as_client());
        let page = flow::view::Page { before: None, limit: 2 };
        let newest = flow::view::statements(platform, ctx, None, page).await.unwrap().remove(0).id;
        let read = flow::view::statement(platform, ctx, newest, None, 10).await.unwrap();
        let rules: Vec<&str> = read.lines.iter().map(|(line, _)| line.rule.as_str()).collect();
        assert_eq!(rules, ["fee", "fee", "fee", "R1", "exception"]);
    }

    async fn two_equal_lines_are_two_lines(stage: Stage) {
        let lines = vec![line("E1", -5, DAY, None), line("E1", -5, DAY, None)];
        stage.bank.post(document(&statement("S1", 1, DAY, OPENING, lines)));
        stage.work().await;
        assert_eq!(stage.books().await["suspense"], 10);
        assert_eq!(stage.codes().await, ["not_ours"; 2]);
    }

    async fn a_payment_is_settled_when_its_last_part_is_booked(stage: Stage) {
        let payment = stage.pay(1, 101).await;
        stage.work().await;
        stage.bank.post(document(&notification("N1", DAY, vec![line("E1", -50, DAY, Some(&reference(payment)))])));
        stage.work().await;
        assert!(matches!(stage.state(payment).await, State::AcceptedByBank { booked_minor: 50, .. }));
        assert_eq!(stage.held().await, 51);
        stage.bank.post(document(&notification("N2", NEXT, vec![line("E2", -51, NEXT, Some(&reference(payment)))])));
        stage.work().await;
        assert!(matches!(stage.state(payment).await, State::Settled { on, .. } if on == NEXT));
        let timeline = stage.timeline(payment).await;
        assert_eq!(timeline[timeline.len() - 2..], ["payment.booked_partly", "payment.settled"]);
    }

    async fn a_collective_booking_settles_every_payment_of_its_order(stage: Stage) {
        for (listed, rule) in [(true, "R3"), (false, "R3")] {
            let stage = Stage::on(reopened(&stage)).await;
            let mut transfers: Vec<_> = (1..=3).map(|number| transfer(number, i64::from(number) * 100)).collect();
            for transfer in &mut transfers {
                transfer.batch_booking = true;
            }
            let payments = stage.pay_batch(&transfers).await;
            stage.work().await;
            let order = stage.only_order();
            let references: Vec<String> = payments.iter().map(|payment| reference(*payment)).collect();
            let parts: Vec<(&str, i64)> =
                references.iter().map(String::as_str).zip([-100, -200, -300]).collect();
            stage.bank.post(document(&statement("S1", 1, DAY, OPENING, vec![batch_line("B1", &order, &parts, DAY, listed)])));
            stage.work().await;
            for payment in &payments {
                assert_eq!(stage.name(*payment).await, StateName::Settled, "listed: {listed}");
            }
            let detail = flow::view::payment_detail(&stage.house.platform, stage.house.as_client(), payments[0]).await.unwrap();
            assert_eq!(detail.matches[0].0.rule, rule);
            let entries: Vec<_> =
                detail.entries.iter().map(|view| (view.entry.subject.as_str(), view.payments, view.entry.postings.len())).collect();
            let own = payments[0].to_string();
            assert_eq!(entries, [(own.as_str(), 1, 2), (order.replace('-', "_").as_str(), 3, 2)], "one for itself, one for the three");
            let books = stage.books().await;
            assert_eq!((books["bank"], books.get("in_transit")), (OPENING - 600, None));
            stage.end().await;
        }
    }

    async fn money_that_comes_back_is_owed_again(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let booked = vec![line("E1", -100, DAY, Some(&reference(payment)))];
        let back = vec![return_line("E2", 100, THIRD, &reference(payment))];
        stage.bank.post(document(&statement("S1", 1, DAY, OPENING, booked)));
        stage.bank.post(document(&statement("S2", 2, THIRD, OPENING - 100, back)));
        stage.work().await;
        let state = stage.state(payment).await;
        assert_eq!((state.name(), state.reason().unwrap().code()), (StateName::Returned, "AC04"));
        let books = stage.books().await;
        assert_eq!((books["bank"], books["returns"]), (OPENING, -100));
        assert!(stage.codes().await.is_empty());
    }

    async fn a_statement_is_the_last_word_about_an_attempt_whose_answer_was_lost(stage: Stage) {
        stage.bank.next(crate::bank::Next::LoseAnswer);
        stage.bank.deaf(true);
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        stage.bank.post(document(&notification("N1", DAY, vec![line("E1", -100, DAY, Some(&reference(payment)))])));
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Settled);
        let books = stage.books().await;
        assert_eq!((books["bank"], books["payables"], books.get("in_transit")), (-100, 100, None));
    }

    async fn a_line_that_names_only_the_end_to_end_id_is_explained_if_that_is_unique_and_the_amount_is_exact(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        let other = stage.pay(2, 100).await;
        stage.work().await;
        let named = |reference: &str, minor, end_to_end_id: &str| {
            let mut line = line(reference, minor, DAY, Some("x"));
            line.details[0].instruction_id = None;
            line.details[0].end_to_end_id = Some(end_to_end_id.to_owned());
            line
        };
        let lines = vec![named("E1", -100, "E2E-1"), named("E2", -99, "E2E-2"), named("E3", -100, "E2E-3")];
        stage.bank.post(document(&notification("N1", DAY, lines)));
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Settled);
        assert_eq!(stage.name(other).await, StateName::AcceptedByBank);
        assert_eq!(stage.codes().await, ["not_ours", "not_ours"]);
    }

    async fn a_gap_is_noted_and_closed_by_the_statement_that_was_missing(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let first = statement("S1", 1, DAY, OPENING, Vec::new());
        let second = statement("S2", 2, NEXT, OPENING, vec![line("E1", -100, NEXT, Some(&reference(payment)))]);
        let third = statement("S3", 3, THIRD, OPENING - 100, Vec::new());
        stage.bank.post(document(&first));
        stage.bank.post(document(&third));
        stage.work().await;
        assert_eq!(stage.codes().await, ["statement_gap", "balance_differs"]);
        stage.bank.post(document(&second));
        stage.work().await;
        assert!(stage.codes().await.is_empty());
        assert_eq!(stage.name(payment).await, StateName::Settled);
        assert_eq!(stage.books().await["bank"], OPENING - 100);
    }

    async fn a_statement_that_comes_again_altered_is_not_taken_in(stage: Stage) {
        let one = statement("S1", 1, DAY, OPENING, vec![line("E1", -1, DAY, None)]);
        let other = statement("S1", 1, DAY, OPENING, vec![line("E1", -2, DAY, None)]);
        stage.bank.post(document(&one));
        stage.bank.post(enveloped(&one, "AGAIN"));
        stage.bank.post(enveloped(&other, "OTHER"));
        stage.work().await;
        assert_eq!(stage.codes().await, ["not_ours", "statement_altered"]);
        assert_eq!(stage.books().await["bank"], OPENING - 1);
    }

    async fn a_statement_that_is_uploaded_says_what_was_new_and_the_second_time_nothing(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let lines = vec![line("E1", -100, DAY, Some(&reference(payment))), line("E2", -7, DAY, None)];
        let bytes = document(&statement("S1", 1, DAY, OPENING, lines)).body;
        let (platform, ctx) = (&stage.house.platform, stage.house.as_member(0));
        let upload = async |key: &str, bytes: Vec<u8>| import(platform, ctx, bytes, stage.once(ctx, "import", key)).await;
        let first = upload("a", bytes.clone()).await.unwrap();
        let Outcome::New { lines, new_lines, unexplained, .. } = first.statements[0].outcome else { panic!("{first:?}") };
        assert_eq!((lines, new_lines, unexplained), (2, 2, 1));
        assert_eq!(stage.name(payment).await, StateName::Settled);
        let again = upload("a", bytes.clone()).await.unwrap();
        assert_eq!((&again.statements, again.replayed), (&first.statements, true), "the same key");
        let known = upload("b", bytes).await.unwrap();
        assert_eq!((&known.statements[0].outcome, known.replayed), (&Outcome::Known, false), "another key");
        assert_eq!(stage.books().await["bank"], OPENING - 107);
        let refusal = upload("c", b"no statement".to_vec()).await.unwrap_err().refusal();
        assert_eq!(refusal.code, Code::Malformed);
        assert!(!refusal.errors.is_empty());
    }

    async fn a_statement_of_an_unknown_account_that_is_uploaded_is_refused_with_a_word(stage: Stage) {
        let mut foreign = statement("S1", 1, DAY, OPENING, Vec::new());
        foreign.account = vocab::account::AccountNumber::guess("DE02120300000000202051").unwrap();
        let (platform, ctx) = (&stage.house.platform, stage.house.as_member(0));
        let once = stage.once(ctx, "import", "a");
        let imported = import(platform, ctx, document(&foreign).body, once).await.unwrap().statements.remove(0);
        assert_eq!((imported.account, imported.outcome), (None, Outcome::Refused));
        assert_eq!(stage.codes().await, ["statement_account_unknown"]);
    }
}

/// Another database of the same engine.
fn reopened(stage: &Stage) -> testkit::database::Database {
    if stage.database.is_postgres() {
        testkit::database::Database::postgres().unwrap()
    } else {
        testkit::database::Database::sqlite()
    }
}
