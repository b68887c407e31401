//! Ids never repeat: over a restart with a clock that was set back, and between servers with the same clock.

use flow::authenticate::idempotency;
use flow::intake::submit;
use std::collections::BTreeSet;
use testkit::channel::silent;
use testkit::database::Database;
use testkit::house::{House, platform};
use testkit::transfers::transfer;
use vocab::context::{Actor, World};
use vocab::id::PaymentId;

async fn pay(house: &House, platform: &flow::Platform, number: u32) -> PaymentId {
    let ctx = platform.ctx(house.organization, World::Test, Actor::Client(house.client));
    let key = format!("key {number}");
    let once = idempotency(platform, ctx.organization, ctx.world, ctx.actor, "submit", &key, b"");
    let submitted = submit(platform, ctx, transfer(number, 100), once, None).await;
    submitted
        .unwrap_or_else(|error| unreachable!("a good payment: {error}"))
        .payment
}

#[tokio::test]
async fn a_clock_that_was_set_back_over_a_restart_brings_no_id_twice() {
    for database in Database::all() {
        let house = House::build(&database, vec![silent()]).await;
        let before = pay(&house, &house.platform, 1).await;
        house.platform.store().close().await;

        for back in [0, 3_600] {
            house.clock.advance_seconds(-back);
            let restarted = platform(&database, &house.clock, vec![silent()]).await;
            let (number, store) = (if back == 0 { 2 } else { 3 }, restarted.store().clone());
            assert_eq!(store.server_number(), 0, "the same number as before");
            let after = pay(&house, &restarted, number).await;
            assert!(before < after, "{before} {after}");
            let report = flow::check::check(&restarted).await.unwrap();
            assert_eq!(report.problems, []);
            store.close().await;
        }
    }
}

#[tokio::test]
async fn a_platform_that_goes_away_gives_its_number_and_its_connections_back() {
    for database in Database::all() {
        let house = House::build(&database, vec![silent()]).await;
        pay(&house, &house.platform, 1).await;
        let clone = house.platform.clone();
        assert_eq!(clone.store().server_number(), 0);
        drop(house.platform.clone());
        assert_eq!(
            database.open().server_number(),
            1,
            "as long as anybody holds it, the platform lives"
        );
        drop((clone, house));
        let reopened = database.open();
        assert_eq!(reopened.server_number(), 0);
    }
}

#[tokio::test]
async fn servers_with_the_same_clock_never_draw_the_same_id() {
    for database in Database::all() {
        let house = House::build(&database, vec![silent()]).await;
        let others = [
            platform(&database, &house.clock, vec![silent()]).await,
            platform(&database, &house.clock, vec![silent()]).await,
        ];
        let mut drawn = BTreeSet::new();
        for _ in 0..5_000 {
            for server in others.iter().chain([&house.platform]) {
                let ctx = server.ctx(house.organization, World::Test, Actor::System);
                assert!(drawn.insert(ctx.request), "{} was drawn twice", ctx.request);
            }
        }
        let paid = [
            pay(&house, &house.platform, 1).await,
            pay(&house, &others[0], 2).await,
            pay(&house, &others[1], 3).await,
        ];
        assert_eq!(paid.iter().collect::<BTreeSet<_>>().len(), 3);
        for server in others.into_iter().chain([house.platform]) {
            server.store().close().await;
        }
    }
}
