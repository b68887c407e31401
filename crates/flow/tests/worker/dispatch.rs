//! What leaves the house: once, unchanged, together where it belongs together, and never without approvals.

use crate::bank::Next;
use crate::stage::{Stage, on_both_engines, reference};
use formats::order;
use payment::state::StateName;
use store::Sql;
use testkit::transfers::transfer;
use vocab::context::{Actor, World};
use vocab::id::PaymentId;
use vocab::time::Date;

on_both_engines! {
    async fn a_payment_is_sent_once_and_is_then_with_the_bank(stage: Stage) {
        let payment = stage.pay(1, 12_345).await;
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        let received = stage.bank.received();
        let order = order::read(&received[0].body).unwrap();
        assert_eq!(order.message_id.as_str(), received[0].reference);
        assert_eq!(order.payments[0].0.as_str(), reference(payment));
        assert_eq!(order.payments[0].1, transfer(1, 12_345));
        for _ in 0..5 {
            stage.later(3_600).await;
        }
        assert_eq!(stage.bank.sent().len(), 1);
        assert_eq!(stage.books().await, [("in_transit".to_owned(), -12_345), ("payables".to_owned(), 12_345)].into());
        assert_eq!(stage.held().await, 12_345);
        let timeline = stage.timeline(payment).await;
        let expected = ["payment.received", "approval.given", "payment.approved", "payment.queued", "payment.dispatching",
            "payment.accepted_by_bank"];
        assert_eq!(timeline, expected);
    }

    async fn an_order_that_the_bank_refuses_moves_no_money(stage: Stage) {
        stage.bank.next(Next::Refuse("AC01"));
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let state = stage.state(payment).await;
        assert_eq!((state.name(), state.reason().unwrap().code()), (StateName::Rejected, "AC01"));
        assert!(stage.books().await.is_empty());
        assert_eq!(stage.held().await, 0);
    }

    async fn payments_of_a_file_that_want_it_travel_together_and_others_alone(stage: Stage) {
        let mut transfers: Vec<_> = (1..=4).map(|number| transfer(number, 1_000)).collect();
        for transfer in &mut transfers {
            transfer.batch_booking = true;
        }
        let together = stage.pay_batch(&transfers).await;
        let alone = stage.pay(9, 50).await;
        stage.work().await;
        let mut orders: Vec<usize> = Vec::new();
        for received in stage.bank.received() {
            let order = order::read(&received.body).unwrap();
            orders.push(order.payments.len());
            if order.payments.len() == 4 {
                let ids: Vec<String> = order.payments.iter().map(|(id, _)| id.to_string()).collect();
                assert_eq!(ids, together.iter().map(|payment| reference(*payment)).collect::<Vec<_>>());
            }
        }
        orders.sort_unstable();
        assert_eq!(orders, [1, 4]);
        for payment in together.into_iter().chain([alone]) {
            assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        }
        assert!(stage.bank.executions().values().all(|times| *times == 1));
    }

    async fn a_payment_of_an_order_that_is_rejected_leaves_the_others_alone(stage: Stage) {
        let mut transfers: Vec<_> = (1..=3).map(|number| transfer(number, 1_000)).collect();
        for transfer in &mut transfers {
            transfer.batch_booking = true;
        }
        let payments = stage.pay_batch(&transfers).await;
        stage.bank.status(&reference(payments[1]), "RJCT", Some("AC04"));
        stage.work().await;
        assert_eq!(stage.name(payments[0]).await, StateName::AcceptedByBank);
        assert_eq!(stage.state(payments[1]).await.reason().unwrap().code(), "AC04");
        assert_eq!(stage.name(payments[2]).await, StateName::AcceptedByBank);
        assert_eq!(stage.books().await, [("in_transit".to_owned(), -2_000), ("payables".to_owned(), 2_000)].into());
    }

    async fn nothing_travels_before_its_day(stage: Stage) {
        let payment = queued_for_december(&stage).await;
        stage.work().await;
        stage.later(28 * 86_400).await;
        assert_eq!(stage.name(payment).await, StateName::Queued, "20 December");
        stage.later(86_400).await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank, "21 December");
    }

    async fn a_policy_that_became_stricter_stops_what_is_queued(stage: Stage) {
        let payment = queued_for_december(&stage).await;
        stricter(&stage).await;
        stage.later(40 * 86_400).await;
        stage.later(86_400).await;
        assert_eq!(stage.name(payment).await, StateName::Queued);
        assert_eq!(stage.codes().await, ["approvals_missing"]);
        assert!(stage.bank.sent().is_empty());
    }

    async fn a_queued_payment_whose_approvals_are_gone_stays_at_home(stage: Stage) {
        static REMOVE: Sql = Sql::both("DELETE FROM approvals");
        let payment = queued_for_december(&stage).await;
        behind_the_platforms_back(&stage, &REMOVE).await;
        stage.later(40 * 86_400).await;
        assert_eq!(stage.codes().await, ["approvals_missing"]);
        assert!(stage.bank.sent().is_empty());
        assert_eq!(stage.name(payment).await, StateName::Queued);
    }

    async fn an_approval_that_was_forged_sends_nothing(stage: Stage) {
        static FORGE: Sql = Sql::both(
            "INSERT INTO approvals (id, organization, world, payment, member, signing_key, content_digest, approved, note, given_at, seal)
             SELECT 1, organization, world, id, 7, 7, content_digest, 1, '', 0, content_digest FROM payments",
        );
        queued_for_december(&stage).await;
        stricter(&stage).await;
        behind_the_platforms_back(&stage, &FORGE).await;
        stage.later(40 * 86_400).await;
        for _ in 0..20 {
            stage.later(600).await;
        }
        assert!(stage.bank.sent().is_empty());
        assert_eq!(stage.codes().await, ["work_failing"]);
    }

    async fn a_cancelled_payment_stays_at_home(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        let ctx = stage.house.as_client();
        let once = stage.once(ctx, "cancel", "c");
        flow::cancel::cancel(&stage.house.platform, ctx, payment, "", once).await.unwrap();
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Cancelled);
        assert!(stage.bank.sent().is_empty());
    }
}

/// A payment that one person has approved and that travels in a month.
async fn queued_for_december(stage: &Stage) -> PaymentId {
    let mut later = transfer(1, 100);
    later.execution_on = Date::constant(2026, 12, 24);
    let payment = stage.submit(later).await;
    assert_eq!(stage.approve(payment, 0).await, StateName::Queued);
    payment
}

/// From now on it takes two people.
async fn stricter(stage: &Stage) {
    let ctx = stage
        .house
        .platform
        .ctx(stage.house.organization, World::Test, Actor::System);
    flow::setup::approval_policy(&stage.house.platform, ctx, "any needs 2\n")
        .await
        .unwrap();
}

async fn behind_the_platforms_back(stage: &Stage, statement: &'static Sql) {
    stage.tampered.store(true, std::sync::atomic::Ordering::Relaxed);
    let change =
        move |tx: &mut dyn store::Tx| -> Result<(), store::StoreError> { tx.execute(statement, &[]).map(|_| ()) };
    stage.house.platform.store().write("change", change).await.unwrap();
}
