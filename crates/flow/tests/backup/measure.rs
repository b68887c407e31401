//! How fast backups are made and verified, on a database of many payments. By hand:
//! `cargo test --release -p flow --test backup -- --ignored --nocapture measure`.

use crate::kit::{Kit, blocking, config};
use crate::stage::Stage;
use flow::backup::restore;
use std::time::Instant;
use store::whole::Place;
use testkit::database::Database;
use testkit::transfers::transfer;
use tokio::task::JoinSet;

/// Payments, unless the environment says another number.
const PAYMENTS: u32 = 20_000;
/// Payments under way at the same time.
const TOGETHER: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes and proves nothing: it prints figures"]
async fn measure_backup_and_verified_restore() {
    let payments: u32 =
        std::env::var("COUNTERSIGN_MEASURED_PAYMENTS").map_or(PAYMENTS, |number| number.parse().unwrap());
    for database in Database::all() {
        let stage = std::sync::Arc::new(Stage::on(database).await);
        let mut submitting = JoinSet::new();
        for number in 0..payments {
            if number % 64 == 0 {
                stage.house.clock.advance_seconds(1);
            }
            if submitting.len() >= TOGETHER {
                submitting.join_next().await;
            }
            let stage = std::sync::Arc::clone(&stage);
            submitting.spawn(async move { stage.submit(transfer(number, 100)).await });
        }
        while submitting.join_next().await.is_some() {}
        flow::seal::seal_all(&stage.house.platform).await.unwrap();

        let kit = Kit::new();
        let started = Instant::now();
        let made = kit.make(&stage).await;
        let making = started.elapsed();
        let target = Database::sqlite();
        let started = Instant::now();
        let restored = kit.load(&made, target.url()).await.unwrap();
        let loading = started.elapsed();
        let (started, place) = (Instant::now(), Place::at(target.url()).unwrap());
        let differences = blocking(move || restore::compare(&place, &restored.manifest))
            .await
            .unwrap();
        let comparing = started.elapsed();
        let started = Instant::now();
        let keys = restore::keys(&kit.folder.keys(&made.name), &kit.identities).unwrap();
        let platform = flow::Platform::start_unchecked(config(&stage.house.clock, &keys, target.open()));
        let report = flow::check::check(&platform).await.unwrap();
        let checking = started.elapsed();
        platform.store().close().await;
        println!(
            "{}: {payments} payments, {} rows, {} bytes; made in {making:?}; verified in {:?}: restored {loading:?}, compared \
             {comparing:?}, checked {checking:?}; {} differences, {} problems",
            stage.house.platform.store().engine_name(),
            made.rows,
            made.bytes,
            loading + comparing + checking,
            differences.len(),
            report.problems.len()
        );
        let stage = std::sync::Arc::into_inner(stage).unwrap();
        stage.end().await;
    }
}
