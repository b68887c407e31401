//! Databases with more rows than fit on a page.

use crate::raw::Raw;
use crate::stage::Stage;
use crate::tampering::{checked, named};
use flow::check::check;
use std::sync::Arc;
use testkit::database::Database;
use testkit::transfers::transfer;

/// A house with so many payments, sealed.
async fn of_payments(count: u32) -> Arc<Stage> {
    let stage = Arc::new(Stage::on(Database::sqlite()).await);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..count {
        if number % 64 == 0 {
            stage.house.clock.advance_seconds(1);
            while tasks.len() > 200 {
                tasks.join_next().await.unwrap().unwrap();
            }
        }
        let stage = Arc::clone(&stage);
        tasks.spawn(async move { stage.submit(transfer(number, i64::from(number) + 1)).await });
    }
    tasks.join_all().await;
    flow::seal::seal_all(&stage.house.platform).await.unwrap();
    stage
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_on_every_page_are_looked_at() {
    let stage = of_payments(1_100).await;
    let shared = Arc::clone(&stage);
    let tampered = tokio::task::spawn_blocking(move || {
        let stage = shared;
        assert_eq!(checked(&stage.house.platform).problems, []);
        let mut raw = Raw::open(&stage.database);
        for table in [
            "payments",
            "events",
            "idempotency",
            "likenesses",
            "log_leaves",
            "payment_states",
        ] {
            let columns = raw.columns(table);
            let rows = raw.rows(table, &columns);
            assert!(rows.len() >= 1_100, "{table} has {}", rows.len());
            for place in [0, 500, rows.len() - 1] {
                let row = &rows[place];
                assert!(raw.run(&[crate::raw::delete(table, &columns, row)]));
                let report = checked(&stage.house.platform);
                assert!(named(&report).contains(table), "{table} {place}: {:?}", report.problems);
                assert!(raw.run(&[crate::raw::insert(table, &columns, row)]));
            }
        }
    });
    tampered.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute; shows how long the check of ten thousand payments takes"]
#[expect(
    clippy::disallowed_methods,
    reason = "shows how long something takes and compares nothing with it"
)]
async fn ten_thousand_payments() {
    let stage = of_payments(10_000).await;
    let begun = std::time::Instant::now();
    let report = check(&stage.house.platform).await.unwrap();
    assert_eq!(report.problems, []);
    println!(
        "{} rows and {} entries of the log in {:?}",
        report.rows,
        report.size,
        begun.elapsed()
    );
}
