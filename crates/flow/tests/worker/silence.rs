//! A bank that does not answer: it is asked, and nothing is sent again before it has said that it never received it.

use crate::bank::Next;
use crate::stage::on_both_engines;
use payment::state::StateName;

on_both_engines! {
    async fn an_answer_that_was_lost_is_asked_for_and_nothing_is_sent_again(stage: Stage) {
        stage.bank.next(Next::LoseAnswer);
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Unknown);
        assert_eq!(stage.bank.inquiries(), 0);
        stage.later(5).await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        assert_eq!((stage.bank.sent().len(), stage.bank.inquiries()), (1, 1));
    }

    async fn a_request_that_was_lost_is_sent_again_under_the_same_reference_with_the_same_bytes(stage: Stage) {
        stage.bank.next(Next::LoseRequest);
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Unknown);
        stage.later(5).await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        let sent = stage.bank.sent();
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0], sent[1]);
        assert_eq!(stage.bank.received().len(), 1);
        let timeline = stage.timeline(payment).await;
        let after = &timeline[4..];
        assert_eq!(
            after,
            ["payment.dispatching", "payment.unknown", "payment.not_received", "payment.dispatching", "payment.accepted_by_bank"]
        );
    }

    async fn a_request_that_is_lost_again_and_again_arrives_once_in_the_end(stage: Stage) {
        for _ in 0..4 {
            stage.bank.next(Next::LoseRequest);
        }
        stage.bank.next(Next::LoseAnswer);
        let payment = stage.pay(1, 100).await;
        for _ in 0..30 {
            stage.later(5).await;
        }
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        assert_eq!(stage.bank.received().len(), 1);
        assert_eq!(stage.bank.received()[0].deliveries, 1);
    }

    async fn an_order_that_never_arrives_is_sent_more_and_more_rarely_and_a_person_is_told(stage: Stage) {
        for _ in 0..100 {
            stage.bank.next(Next::LoseRequest);
        }
        stage.pay(1, 100).await;
        for _ in 0..720 {
            stage.later(5).await;
        }
        assert!((9..=12).contains(&stage.bank.sent().len()), "{} times in an hour", stage.bank.sent().len());
        for _ in 0..30 {
            stage.later(600).await;
        }
        assert_eq!(stage.codes().await, ["order_never_arrives"]);
        assert!(stage.bank.received().is_empty());
    }

    async fn an_answer_that_is_no_message_is_no_answer(stage: Stage) {
        stage.bank.next(Next::AnswerNonsense);
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Unknown);
        assert_eq!(stage.codes().await, ["document_unreadable"]);
        stage.later(5).await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        assert_eq!(stage.bank.sent().len(), 1);
    }

    async fn a_bank_that_stays_silent_is_asked_on_and_a_person_is_told_once(stage: Stage) {
        stage.bank.next(Next::LoseAnswer);
        stage.bank.deaf(true);
        let payment = stage.pay(1, 100).await;
        for _ in 0..40 {
            stage.later(600).await;
        }
        assert_eq!(stage.name(payment).await, StateName::Unknown);
        assert_eq!(stage.codes().await, ["bank_silent"]);
        assert!(stage.bank.inquiries() >= 20);
        assert_eq!(stage.bank.sent().len(), 1);
        stage.bank.deaf(false);
        stage.later(600).await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
    }

    async fn a_refusal_of_a_message_that_the_bank_has_already_is_no_refusal_of_the_payment(stage: Stage) {
        stage.bank.next(Next::LoseAnswer);
        let payment = stage.pay(1, 100).await;
        stage.bank.next(Next::Refuse("DU01"));
        stage.work().await;
        stage.later(5).await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        // The other way round: the first delivery of another payment is called a duplicate; the bank is asked what it has.
        let other = stage.pay(2, 100).await;
        stage.work().await;
        assert_eq!(stage.name(other).await, StateName::Unknown);
    }

    async fn the_mailbox_may_say_what_became_of_an_order_before_the_inquiry_does(stage: Stage) {
        stage.bank.next(Next::LoseAnswer);
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        stage.bank.post(stage.bank.report(&stage.only_order()));
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        stage.later(60).await;
        assert_eq!(stage.bank.inquiries(), 0);
    }
}
