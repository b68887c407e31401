//! A house in which everything has happened: payments in every state, a file with findings, changes, refusals, an order that the bank
//! never answered, statements, returns, exceptions open and resolved, console access, a moved clock, events in the log and not yet.

use crate::bank::{Next, batch_line, document, line, notification, return_line, statement};
use crate::person::Person;
use crate::stage::{DAY, NEXT, OPENING, Stage, reference};
use flow::approve::Approve;
use flow::resolve::{Action, Resolve};
use payment::state::StateName;
use testkit::database::Database;
use testkit::transfers::transfer;
use vocab::account::AccountNumber;
use vocab::context::World;
use vocab::id::PaymentId;
use vocab::money::Currency;
use vocab::time::Date;
use vocab::transfer::CreditTransfer;

/// The debtor accounts of `examples/payments.xml`.
const EXAMPLE_ACCOUNTS: [(&str, &str); 3] = [
    ("DE48999999991000000001", "EUR"),
    ("DE21999999991000000002", "USD"),
    ("DE21999999991000000002", "JPY"),
];

pub(crate) async fn house(database: Database) -> Stage {
    let stage = Stage::on(database).await;
    before_the_bank(&stage).await;
    at_the_bank(&stage).await;
    nobody_knows(&stage).await;
    file(&stage).await;
    let platform = &stage.house.platform;
    for done in [flow::backup::acts::Done::Created, flow::backup::acts::Done::Verified] {
        flow::backup::acts::note(platform, done, "20261122T100000Z-9a31c0", 1_024, "")
            .await
            .unwrap();
    }
    flow::clock::advance_again(platform, stage.house.as_client(), 90)
        .await
        .unwrap();
    let link = flow::console::link(platform, stage.house.organization, World::Test)
        .await
        .unwrap();
    flow::console::open(platform, &link).await.unwrap().unwrap();
    flow::console::link(platform, stage.house.organization, World::Test)
        .await
        .unwrap();
    people(&stage).await;
    // More than a tile of entries, so that the tree has two levels.
    for number in 500..575 {
        stage.submit(transfer(number, 100)).await;
    }
    flow::seal::seal_all(platform).await.unwrap();
    stage.submit(transfer(900, 100)).await;
    decide(&stage, later(901), true).await;
    stage
}

/// Somebody who came in, approved a payment with a fresh code, and invited somebody else.
async fn people(stage: &Stage) {
    let house = &stage.house;
    let grace = Person::first(house).await;
    let session = grace.session(house).await;
    let payment = stage.submit(later(77)).await;
    let waiting = flow::inbox::waiting(&house.platform, session.ctx).await.unwrap();
    let shown = waiting
        .waiting
        .iter()
        .find(|waiting| waiting.payment.id == payment)
        .unwrap();
    let transfer = &shown.payment.transfer;
    let hash = flow::content::digest(&flow::content::canonical(transfer).unwrap());
    let decision = flow::step_up::Decision {
        payments: vec![(payment, hash)],
        approved: true,
        note: String::new(),
        code: grace.code(house),
    };
    flow::step_up::decide(&house.platform, &session, decision)
        .await
        .unwrap();
    let invite = flow::members::Invite {
        name: "Hugo".to_owned(),
        email: "hugo@example.com".to_owned(),
        roles: [flow::rights::Role::Approver].into(),
    };
    flow::members::invite(&house.platform, &session, invite, "")
        .await
        .unwrap();
}

/// A transfer that waits in the queue for its day.
pub(crate) fn later(number: u32) -> CreditTransfer {
    CreditTransfer {
        execution_on: Date::constant(2026, 12, 15),
        ..transfer(number, 70_000)
    }
}

pub(crate) async fn decide(stage: &Stage, transfer: CreditTransfer, approved: bool) -> PaymentId {
    let payment = stage.submit(transfer).await;
    let ctx = stage.house.as_member(0);
    let view = flow::view::payment(&stage.house.platform, ctx, payment).await.unwrap();
    let content_hash = flow::content::digest(&flow::content::canonical(&view.transfer).unwrap());
    let key = stage.house.member_keys[0];
    let request = Approve {
        payment,
        content_hash,
        approved,
        note: "as discussed".to_owned(),
        key,
    };
    flow::approve::approve(
        &stage.house.platform,
        ctx,
        request,
        stage.once(ctx, "approve", &payment.to_string()),
    )
    .await
    .unwrap();
    payment
}

async fn before_the_bank(stage: &Stage) {
    let (platform, client) = (&stage.house.platform, stage.house.as_client());
    stage.submit(transfer(1, 100)).await;
    // The same again is asked about; once it stays a question, once it is meant.
    let again = |end_to_end: &str| CreditTransfer {
        end_to_end_id: end_to_end.parse().unwrap(),
        ..transfer(1, 100)
    };
    stage.submit(again("AGAIN-1")).await;
    let meant = stage.submit(again("AGAIN-2")).await;
    let ctx = stage.house.as_member(1);
    flow::cancel::confirm_not_duplicate(platform, ctx, meant, stage.once(ctx, "confirm", "1"))
        .await
        .unwrap();
    let changed = stage.submit(transfer(2, 200)).await;
    for (key, minor, day) in [("1", 250, 24), ("2", 250, 25), ("3", 200, 25)] {
        let to = CreditTransfer {
            execution_on: Date::constant(2026, 11, day),
            ..transfer(2, minor)
        };
        flow::change::change(platform, client, changed, to, stage.once(client, "change", key))
            .await
            .unwrap();
    }
    // Also a change after which the payment waits for as many people as before is told, and keeps its hold.
    let timeline = stage.timeline(changed).await;
    assert_eq!(timeline.iter().filter(|kind| *kind == "payment.changed").count(), 3);
    assert_eq!(stage.held().await, 100 + 100 + 100 + 200);
    let cancelled = stage.submit(transfer(3, 300)).await;
    flow::cancel::cancel(platform, client, cancelled, "", stage.once(client, "cancel", "1"))
        .await
        .unwrap();
    decide(stage, transfer(4, 400), false).await;
    assert_eq!(stage.name(decide(stage, later(5), true).await).await, StateName::Queued);
}

async fn at_the_bank(stage: &Stage) {
    let mut payments = Vec::new();
    for number in 10..16 {
        payments.push(stage.pay(number, 1_000 * i64::from(number)).await);
    }
    let mut together: Vec<_> = (20..23)
        .map(|number| transfer(number, i64::from(number) * 100))
        .collect();
    together.iter_mut().for_each(|transfer| transfer.batch_booking = true);
    let batch = stage.pay_batch(&together).await;
    stage.work().await;
    let order = stage.bank.received().last().unwrap().reference.clone();
    let [settled, returned, partly, too_much, _, recalled] = payments.as_slice() else {
        unreachable!()
    };
    let own = |payment: &PaymentId| reference(*payment);
    let references: Vec<String> = batch.iter().map(own).collect();
    let parts: Vec<(&str, i64)> = references
        .iter()
        .map(String::as_str)
        .zip([-2_000, -2_100, -2_200])
        .collect();
    let lines = vec![
        line("E1", -10_000, DAY, Some(&own(settled))),
        line("E2", -11_000, DAY, Some(&own(returned))),
        line("E3", -6_000, DAY, Some(&own(partly))),
        line("E4", -13_100, DAY, Some(&own(too_much))),
        batch_line("E5", &order, &parts, DAY, true),
        line("E6", -77, DAY, None),
        line("E7", -78, DAY, None),
    ];
    stage.bank.post(document(&notification("N1", DAY, lines.clone())));
    let closing = OPENING + lines.iter().map(|line| line.amount.minor()).sum::<i64>();
    stage.bank.post(document(&statement("S1", 1, DAY, OPENING, lines)));
    stage.bank.post(document(&statement(
        "S2",
        2,
        NEXT,
        closing,
        vec![return_line("E8", 11_000, NEXT, &own(returned))],
    )));
    stage.work().await;
    assert_eq!(stage.name(*returned).await, StateName::Returned);
    for (number, exception) in stage.exceptions().await.into_iter().enumerate() {
        let action = if exception.code == "amount_differs" {
            Action::AcceptDifference
        } else {
            Action::Acknowledge
        };
        // One of the unexplained lines stays open.
        if action == Action::AcceptDifference || number == 0 {
            let ctx = stage.house.as_member(1);
            let request = Resolve {
                action,
                note: "asked the bank".to_owned(),
            };
            let once = stage.once(ctx, "resolve", &number.to_string());
            flow::resolve::resolve(&stage.house.platform, ctx, exception.id, request, once)
                .await
                .unwrap();
        }
    }
    let ctx = stage.house.as_member(1);
    flow::recall::recall(&stage.house.platform, ctx, *recalled, stage.once(ctx, "recall", "1"))
        .await
        .unwrap();
    stage.work().await;
}

async fn nobody_knows(stage: &Stage) {
    stage.bank.deaf(true);
    stage.bank.next(Next::LoseAnswer);
    let payment = stage.pay(30, 3_000).await;
    stage.work().await;
    assert_eq!(stage.name(payment).await, StateName::Unknown);
}

async fn file(stage: &Stage) {
    let ctx = stage.house.as_client();
    for (number, currency) in EXAMPLE_ACCOUNTS {
        let (number, currency) = (
            AccountNumber::guess(number).unwrap(),
            Currency::from_code(currency).unwrap(),
        );
        flow::setup::account(&stage.house.platform, ctx, number, currency, "Aurora", "scripted")
            .await
            .unwrap();
    }
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/payments.xml")).unwrap();
    let upload = flow::upload::Upload { bytes, partial: true };
    let uploaded = flow::upload::submit_batch(
        &stage.house.platform,
        ctx,
        upload,
        stage.once(ctx, "batches", "example"),
    )
    .await
    .unwrap();
    assert!(uploaded.accepted > 10 && uploaded.findings > 0, "{uploaded:?}");
}
