//! Requests that come again later, and changes at moments that are easily forgotten.

use crate::bank::{Next, document, line, notification};
use crate::stage::{DAY, Stage, on_both_engines, reference};
use flow::Code;
use payment::state::StateName;
use testkit::transfers::transfer;
use vocab::id::PaymentId;
use vocab::transfer::CreditTransfer;

/// Later than the day of execution of the house's transfers.
const DAYS: i64 = 4 * 86_400;

async fn change(stage: &Stage, payment: PaymentId, to: CreditTransfer) -> Result<StateName, Code> {
    let ctx = stage.house.as_client();
    let once = stage.once(ctx, "change", &format!("{payment} {}", to.amount));
    let changed = flow::change::change(&stage.house.platform, ctx, payment, to, once).await;
    changed.map(|moved| moved.state).map_err(|error| error.refusal().code)
}

/// The transfer with this number, with another end-to-end id.
fn again(number: u32, minor: i64, end_to_end_id: &str) -> CreditTransfer {
    CreditTransfer {
        end_to_end_id: end_to_end_id.parse().unwrap(),
        ..transfer(number, minor)
    }
}

on_both_engines! {
    async fn the_same_request_gets_the_same_answer_after_its_day_has_passed(stage: Stage) {
        let payment = stage.submit(transfer(1, 100)).await;
        let file = [again(2, 200, "F1"), again(3, 300, "F2")];
        let payments = stage.pay_batch(&file).await;
        stage.house.clock.advance_seconds(DAYS);
        assert_eq!(stage.submit(transfer(1, 100)).await, payment);
        assert_eq!(stage.pay_batch(&file).await, payments);
    }

    async fn a_payment_that_was_asked_about_is_asked_about_anew_when_it_is_changed(stage: Stage) {
        stage.submit(transfer(1, 100)).await;
        stage.submit(again(1, 200, "OTHER")).await;
        let payment = stage.submit(again(1, 100, "SAME")).await;
        assert_eq!(stage.name(payment).await, StateName::Received);
        assert_eq!(change(&stage, payment, again(1, 200, "SAME")).await, Ok(StateName::Received), "like the other one");
        assert_eq!(change(&stage, payment, again(1, 300, "SAME")).await, Ok(StateName::WaitingForApproval));
        assert_eq!(stage.approve(payment, 0).await, StateName::Queued);
    }

    async fn what_is_partly_booked_is_not_changed_to_less_than_that(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let part = line("E1", -60, DAY, Some(&reference(payment)));
        stage.bank.post(document(&notification("N1", DAY, vec![part])));
        stage.work().await;
        assert_eq!(change(&stage, payment, transfer(1, 50)).await, Err(Code::StateForbids));
    }

    async fn an_answer_to_a_recall_that_is_no_message_is_no_answer(stage: Stage) {
        stage.bank.grants(Some(true));
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        stage.bank.next(Next::AnswerNonsense);
        let ctx = stage.house.as_client();
        let once = stage.once(ctx, "recall", "a");
        flow::recall::recall(&stage.house.platform, ctx, payment, once).await.unwrap();
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        stage.later(5).await;
        assert_eq!(stage.name(payment).await, StateName::Cancelled);
    }

    async fn what_follows_from_an_event_of_a_server_whose_clock_is_ahead_comes_after_it_in_the_log(stage: Stage) {
        let other = stage.another_server().await;
        let payment = stage.submit(transfer(1, 100)).await;
        stage.house.clock.advance_seconds(60);
        stage.approve(payment, 0).await;
        stage.house.clock.advance_seconds(-59);
        let ctx = stage.house.as_client();
        let once = stage.once(ctx, "cancel", "a");
        flow::cancel::cancel(&other, ctx, payment, "", once).await.unwrap();
        flow::seal::seal_all(&other).await.unwrap();
        assert_eq!(
            stage.timeline(payment).await,
            ["payment.received", "approval.given", "payment.approved", "payment.queued", "payment.cancelled"]
        );
        let sealed = flow::view::events(&other, ctx, 0, 100).await.unwrap();
        let last = sealed.last().unwrap();
        assert_eq!(last.kind, "payment.cancelled");
    }
}
