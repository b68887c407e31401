//! What nobody can explain waits in suspense until a person decides.

use crate::bank::{batch_line, document, line, notification, statement};
use crate::stage::{DAY, OPENING, Stage, on_both_engines, reference};
use flow::Code;
use flow::resolve::{Action, Resolve, resolve};
use payment::state::StateName;
use testkit::transfers::transfer;
use vocab::context::Ctx;
use vocab::id::ExceptionId;

async fn decide(stage: &Stage, ctx: Ctx, exception: ExceptionId, action: Action, key: &str) -> Result<bool, Code> {
    let request = Resolve {
        action,
        note: "The bank's letter of 25 November explains it.".to_owned(),
    };
    let once = stage.once(ctx, "resolve", key);
    let resolved = resolve(&stage.house.platform, ctx, exception, request, once).await;
    resolved
        .map(|resolved| resolved.payment.is_some())
        .map_err(|error| error.refusal().code)
}

on_both_engines! {
    async fn a_booking_of_too_much_is_settled_with_a_charge_when_a_person_says_so(stage: Stage) {
        let payment = stage.pay(1, 10_000).await;
        stage.work().await;
        let lines = vec![line("E1", -10_100, DAY, Some(&reference(payment)))];
        stage.bank.post(document(&statement("S1", 1, DAY, OPENING, lines)));
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        let exceptions = stage.exceptions().await;
        assert_eq!((exceptions.len(), exceptions[0].code.as_str()), (1, "amount_differs"));
        assert_eq!(stage.books().await["suspense"], 10_100);
        let (id, member) = (exceptions[0].id, stage.house.as_member(0));
        assert_eq!(decide(&stage, stage.house.as_client(), id, Action::AcceptDifference, "c").await, Err(Code::NotAMember));
        assert_eq!(decide(&stage, member, id, Action::AcceptDifference, "a").await, Ok(true));
        assert_eq!(decide(&stage, member, id, Action::AcceptDifference, "a").await, Ok(true));
        assert_eq!(decide(&stage, member, id, Action::Acknowledge, "b").await, Err(Code::AlreadyResolved));
        assert_eq!(stage.name(payment).await, StateName::Settled);
        let books = stage.books().await;
        assert_eq!((books["fees"], books.get("suspense"), books.get("in_transit")), (100, None, None));
        assert_eq!(books["bank"], OPENING - 10_100);
        let detail = flow::view::payment_detail(&stage.house.platform, member, payment).await.unwrap();
        assert_eq!((detail.matches[0].0.rule.as_str(), detail.matches[0].1.amount_minor), ("by-hand", 10_000));
    }

    async fn a_collective_booking_with_one_wrong_amount_is_settled_as_a_whole(stage: Stage) {
        let mut transfers: Vec<_> = (1..=3).map(|number| transfer(number, 1_000)).collect();
        for transfer in &mut transfers {
            transfer.batch_booking = true;
        }
        let payments = stage.pay_batch(&transfers).await;
        stage.work().await;
        let references: Vec<String> = payments.iter().map(|payment| reference(*payment)).collect();
        let parts: Vec<(&str, i64)> = references.iter().map(String::as_str).zip([-1_000, -1_100, -1_000]).collect();
        let booked = batch_line("B1", &stage.only_order(), &parts, DAY, true);
        stage.bank.post(document(&notification("N1", DAY, vec![booked])));
        stage.work().await;
        let exception = stage.exceptions().await.remove(0);
        assert_eq!(exception.payment, Some(payments[1]));
        assert_eq!(decide(&stage, stage.house.as_member(1), exception.id, Action::AcceptDifference, "a").await, Ok(true));
        for payment in payments {
            assert_eq!(stage.name(payment).await, StateName::Settled);
        }
        let books = stage.books().await;
        assert_eq!((books["fees"], books["bank"], books.get("suspense")), (100, -3_100, None));
    }

    async fn what_is_acknowledged_stays_in_suspense(stage: Stage) {
        stage.bank.post(document(&notification("N1", DAY, vec![line("E1", -42, DAY, None), line("E2", 7, DAY, None)])));
        stage.work().await;
        let member = stage.house.as_member(0);
        for (number, exception) in stage.exceptions().await.into_iter().enumerate() {
            let (id, key) = (exception.id, format!("k{number}"));
            let no = decide(&stage, member, id, Action::AcceptDifference, &format!("{key}x")).await;
            assert_eq!(no, Err(Code::StateForbids));
            assert_eq!(decide(&stage, member, id, Action::Acknowledge, &key).await, Ok(false));
        }
        assert!(stage.codes().await.is_empty());
        assert_eq!(stage.books().await["suspense"], 35);
    }

    async fn a_payment_that_is_booked_twice_is_not_settled_twice(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let lines = vec![
            line("E1", -100, DAY, Some(&reference(payment))),
            line("E2", -100, DAY, Some(&reference(payment))),
        ];
        stage.bank.post(document(&notification("N1", DAY, lines)));
        stage.work().await;
        assert_eq!(stage.codes().await, ["already_settled"]);
        let books = stage.books().await;
        assert_eq!((books["bank"], books["suspense"]), (-200, 100));
    }

    async fn a_booking_of_what_never_left_the_house_is_an_alarm(stage: Stage) {
        let payment = stage.submit(transfer(1, 100)).await;
        stage.bank.post(document(&notification("N1", DAY, vec![line("E1", -100, DAY, Some(&reference(payment)))])));
        stage.work().await;
        assert_eq!(stage.codes().await, ["never_sent"]);
        assert_eq!(stage.name(payment).await, StateName::WaitingForApproval);
    }
}
