//! What nobody decides about in time expires.

use crate::stage::on_both_engines;
use payment::state::StateName;
use testkit::transfers::transfer;

on_both_engines! {
    async fn a_payment_that_nobody_decides_about_expires_two_weeks_after_its_day(stage: Stage) {
        let waiting = stage.submit(transfer(1, 100)).await;
        let asked = {
            let ctx = stage.house.as_client();
            let once = stage.once(ctx, "payments", "again");
            flow::intake::submit(&stage.house.platform, ctx, transfer(1, 100), once, None).await.unwrap().payment
        };
        assert_eq!(stage.name(asked).await, StateName::Received);
        stage.later(16 * 86_400).await;
        assert_eq!(stage.name(waiting).await, StateName::WaitingForApproval, "8 December");
        stage.later(86_400).await;
        assert_eq!(stage.name(waiting).await, StateName::Expired, "9 December");
        assert_eq!(stage.name(asked).await, StateName::Expired);
        assert_eq!(stage.held().await, 0);
    }

    async fn what_is_queued_does_not_expire(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.house.clock.advance_seconds(60 * 86_400);
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
    }
}
