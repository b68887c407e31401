//! Asking a bank to cancel what it has.

use crate::bank::{Next, document, line, notification};
use crate::stage::{DAY, Stage, on_both_engines, reference};
use flow::Code;
use payment::state::{Recall, State, StateName};
use vocab::id::PaymentId;

async fn accepted(stage: &Stage) -> PaymentId {
    let payment = stage.pay(1, 100).await;
    stage.work().await;
    assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
    payment
}

async fn recall(stage: &Stage, payment: PaymentId, key: &str) -> Result<StateName, Code> {
    let ctx = stage.house.as_member(0);
    let once = stage.once(ctx, "recall", key);
    let recalled = flow::recall::recall(&stage.house.platform, ctx, payment, once).await;
    recalled.map(|moved| moved.state).map_err(|error| error.refusal().code)
}

async fn asked(stage: &Stage, payment: PaymentId) -> Recall {
    let state = stage.state(payment).await;
    let State::AcceptedByBank { recall, .. } = state else {
        panic!("{state:?}")
    };
    recall
}

on_both_engines! {
    async fn a_recall_that_is_granted_cancels_and_takes_the_entry_back(stage: Stage) {
        stage.bank.grants(Some(true));
        let payment = accepted(&stage).await;
        assert_eq!(recall(&stage, payment, "a").await, Ok(StateName::AcceptedByBank));
        assert_eq!(recall(&stage, payment, "a").await, Ok(StateName::AcceptedByBank));
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Cancelled);
        assert!(stage.books().await.is_empty());
        assert_eq!(stage.held().await, 0);
        assert_eq!(stage.bank.sent().len(), 2);
    }

    async fn a_recall_that_is_refused_leaves_the_payment_and_may_be_asked_again(stage: Stage) {
        stage.bank.grants(Some(false));
        let payment = accepted(&stage).await;
        recall(&stage, payment, "a").await.unwrap();
        stage.work().await;
        assert_eq!(asked(&stage, payment).await, Recall::Refused);
        stage.bank.grants(Some(true));
        recall(&stage, payment, "b").await.unwrap();
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Cancelled);
        let sent = stage.bank.sent();
        assert_ne!(sent[1].0, sent[2].0, "each request has a case of its own");
    }

    async fn a_recall_whose_answer_was_lost_is_inquired_about(stage: Stage) {
        stage.bank.grants(Some(true));
        let payment = accepted(&stage).await;
        stage.bank.next(Next::LoseAnswer);
        recall(&stage, payment, "a").await.unwrap();
        stage.work().await;
        assert_eq!(asked(&stage, payment).await, Recall::Requested);
        stage.later(5).await;
        assert_eq!(stage.name(payment).await, StateName::Cancelled);
        assert_eq!(stage.bank.sent().len(), 2);
    }

    async fn a_recall_that_was_lost_is_sent_again(stage: Stage) {
        stage.bank.grants(Some(true));
        let payment = accepted(&stage).await;
        stage.bank.next(Next::LoseRequest);
        recall(&stage, payment, "a").await.unwrap();
        stage.work().await;
        stage.later(5).await;
        assert_eq!(stage.name(payment).await, StateName::Cancelled);
        let sent = stage.bank.sent();
        assert_eq!(sent[1], sent[2]);
    }

    async fn a_decision_may_come_later_through_the_mailbox(stage: Stage) {
        stage.bank.grants(None);
        let payment = accepted(&stage).await;
        recall(&stage, payment, "a").await.unwrap();
        stage.work().await;
        assert_eq!(asked(&stage, payment).await, Recall::Requested);
        stage.bank.grants(Some(true));
        let case = stage.bank.sent()[1].0.clone();
        let vocab::exchange::Inquiry::Found(answer) =
            vocab::exchange::Channel::inquire(&*stage.bank, &case, stage.house.platform.wall())
        else {
            panic!("the bank has the request");
        };
        stage.bank.post(answer);
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Cancelled);
    }

    async fn a_payment_that_is_booked_meanwhile_stays_settled(stage: Stage) {
        stage.bank.grants(Some(false));
        let payment = accepted(&stage).await;
        recall(&stage, payment, "a").await.unwrap();
        let booked = line("E1", -100, DAY, Some(&reference(payment)));
        stage.bank.post(document(&notification("N1", DAY, vec![booked])));
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Settled);
        assert!(stage.codes().await.is_empty());
        assert_eq!(recall(&stage, payment, "b").await, Err(Code::StateForbids));
    }

    async fn what_the_bank_does_not_have_cannot_be_recalled(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        assert_eq!(recall(&stage, payment, "a").await, Err(Code::StateForbids));
    }
}
