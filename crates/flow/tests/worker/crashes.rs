//! Servers that stop between two durable steps, that are slow, or that come back when others have taken over.

use crate::bank::Next;
use crate::stage::{Stage, on_both_engines};
use flow::worker::run_once;
use payment::state::StateName;
use std::sync::mpsc;
use std::time::Duration;
use vocab::context::World;

/// Longer than a lease.
const LEASE_OVER: i64 = 61;

/// Lets the first server begin to send and then vanish before it has written down what the bank said.
async fn vanish_while_sending(stage: &Stage, then: Next) -> mpsc::Sender<()> {
    let (release, until) = mpsc::channel();
    stage.bank.next(Next::Wait(until, Box::new(then)));
    let working = run_once(&stage.house.platform, World::Test);
    assert!(
        tokio::time::timeout(Duration::from_millis(500), working).await.is_err(),
        "the bank does not answer"
    );
    release
}

on_both_engines! {
    async fn a_server_that_stops_before_the_answer_is_written_down_sends_nothing_twice(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        let release = vanish_while_sending(&stage, Next::LoseAnswer).await;
        assert_eq!(stage.name(payment).await, StateName::Dispatching);
        release.send(()).unwrap();
        let other = stage.another_server().await;
        run_until_quiet(&other).await;
        assert_eq!(stage.name(payment).await, StateName::Dispatching, "the lease still holds");
        stage.house.clock.advance_seconds(LEASE_OVER);
        run_until_quiet(&other).await;
        assert_eq!(stage.name(payment).await, StateName::Unknown);
        stage.house.clock.advance_seconds(5);
        run_until_quiet(&other).await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        assert_eq!((stage.bank.sent().len(), stage.bank.inquiries()), (1, 1));
    }

    async fn a_server_that_stops_before_the_bank_has_received_anything_loses_nothing(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        let release = vanish_while_sending(&stage, Next::LoseRequest).await;
        release.send(()).unwrap();
        let other = stage.another_server().await;
        for _ in 0..4 {
            stage.house.clock.advance_seconds(LEASE_OVER);
            run_until_quiet(&other).await;
        }
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        assert_eq!(stage.bank.received().len(), 1);
    }

    async fn a_lease_of_a_clock_that_was_set_back_holds_nobody_up(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.house.clock.advance_seconds(86_400);
        let release = vanish_while_sending(&stage, Next::LoseAnswer).await;
        release.send(()).unwrap();
        stage.house.clock.advance_seconds(-86_400);
        let other = stage.another_server().await;
        for _ in 0..4 {
            run_until_quiet(&other).await;
            stage.house.clock.advance_seconds(5);
        }
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        assert_eq!(stage.bank.sent().len(), 1);
    }

    async fn work_that_a_clock_put_off_too_far_is_done_when_it_is_set_back(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.house.clock.advance_seconds(86_400);
        stage.bank.next(Next::LoseAnswer);
        let comes_to = async |wanted| {
            while stage.name(payment).await != wanted {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let until_asked = async {
            comes_to(StateName::Unknown).await;
            stage.house.clock.advance_seconds(-86_400);
            comes_to(StateName::AcceptedByBank).await;
        };
        let working = flow::worker::run(stage.house.platform.clone(), until_asked);
        tokio::time::timeout(Duration::from_secs(20), working).await.expect("the bank was asked");
        assert_eq!((stage.bank.sent().len(), stage.bank.inquiries()), (1, 1));
    }

    async fn a_channel_that_breaks_down_leaves_an_unknown_outcome(stage: Stage) {
        stage.bank.next(Next::Panic);
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Dispatching);
        stage.later(5).await;
        assert_eq!(stage.name(payment).await, StateName::Unknown);
        stage.later(5).await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        assert_eq!(stage.bank.sent().len(), 1);
    }

    async fn a_slow_server_that_has_lost_its_lease_still_writes_down_what_the_bank_said(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        let (release, until) = mpsc::channel();
        stage.bank.next(Next::Wait(until, Box::new(Next::Refuse("AC01"))));
        let slow = stage.house.platform.clone();
        let working = tokio::spawn(async move { run_once(&slow, World::Test).await.unwrap() });
        while stage.bank.sent().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stage.house.clock.advance_seconds(LEASE_OVER);
        let other = stage.another_server().await;
        run_until_quiet(&other).await;
        assert_eq!(stage.name(payment).await, StateName::Unknown);
        release.send(()).unwrap();
        working.await.unwrap();
        assert_eq!(stage.name(payment).await, StateName::Rejected);
        stage.later(60).await;
        assert_eq!((stage.bank.sent().len(), stage.bank.inquiries()), (1, 0));
    }

    async fn what_a_bank_said_to_an_earlier_attempt_does_not_undo_a_later_one(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        let (release, until) = mpsc::channel();
        // The first server's call hangs; meanwhile the bank knows nothing, and the second server sends again. Then the first call gets
        // through after all, and is refused.
        stage.bank.next(Next::Wait(until, Box::new(Next::Refuse("FF01"))));
        let slow = stage.house.platform.clone();
        let working = tokio::spawn(async move { run_once(&slow, World::Test).await.unwrap() });
        while stage.bank.sent().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let other = stage.another_server().await;
        for _ in 0..3 {
            stage.house.clock.advance_seconds(LEASE_OVER);
            run_until_quiet(&other).await;
        }
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        release.send(()).unwrap();
        working.await.unwrap();
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        assert!(stage.codes().await.is_empty());
        assert_eq!(stage.bank.received().len(), 1);
    }
}

async fn run_until_quiet(platform: &flow::Platform) {
    for _ in 0..100 {
        if run_once(platform, World::Test).await.unwrap() == 0 {
            return;
        }
    }
    panic!("there is always something to do");
}
