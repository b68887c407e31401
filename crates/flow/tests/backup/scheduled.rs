//! Backups by themselves: made when due, by one server of several, verified, and never deleted to the last good one.

use crate::kit::{Kit, config, key_files};
use crate::stage::Stage;
use flow::backup::acts;
use flow::backup::retention::Keep;
use flow::backup::schedule::{Plan, when_due};
use flow::backup::{BackupError, Folder};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use testkit::database::Database;

const EVERY: i64 = 60;
const DAY: i64 = 86_400;

fn plan(kit: &Kit, stage: &Stage, verifying: bool) -> Plan {
    let clock = Arc::clone(&stage.house.clock);
    Plan {
        folder: kit.folder.clone(),
        recipients: kit.recipients.clone(),
        key_recipients: kit.recipients.clone(),
        every_minutes: EVERY,
        keep: Keep {
            data_days: 10,
            keys_days: 3,
        },
        keys: Arc::new(|| Ok(key_files())),
        identities: verifying.then(|| kit.identities.clone()),
        scratch: kit.dir.path().to_owned(),
        assemble: Arc::new(move |keys, store| Ok(config(&clock, keys, store))),
    }
}

fn go_on() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(false))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_made_when_it_is_due_and_verified_where_the_key_is() {
    for database in Database::all() {
        let stage = Stage::on(database).await;
        let (kit, platform) = (Kit::new(), stage.house.platform.clone());
        let (before, _) = acts::list(&platform).await.unwrap();
        assert!(before.too_old && before.created_at.is_none());
        let plan = plan(&kit, &stage, true);
        let made = when_due(&platform, &plan, &go_on()).await.unwrap().unwrap();
        assert_eq!(when_due(&platform, &plan, &go_on()).await.unwrap(), None);
        let (standing, known) = acts::list(&platform).await.unwrap();
        assert!(!standing.too_old && standing.verified_at.is_some());
        assert_eq!(known.len(), 1);
        assert_eq!(
            (known[0].name.as_str(), known[0].bytes),
            (made.name.as_str(), made.bytes)
        );
        stage.house.clock.advance_seconds(EVERY * 60 - 1);
        assert_eq!(when_due(&platform, &plan, &go_on()).await.unwrap(), None);
        stage.house.clock.advance_seconds(1);
        assert!(when_due(&platform, &plan, &go_on()).await.unwrap().is_some());
        stage.house.clock.advance_seconds(8 * DAY);
        assert!(acts::list(&platform).await.unwrap().0.too_old);
        stage.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_servers_one_makes_the_backup() {
    for database in Database::all().into_iter().filter(Database::is_postgres) {
        let stage = Stage::on(database).await;
        let kit = Kit::new();
        let (one, other) = (stage.house.platform.clone(), stage.another_server().await);
        for round in 1..=3 {
            let plan = plan(&kit, &stage, false);
            let stop = go_on();
            let (a, b, c) = tokio::join!(
                when_due(&one, &plan, &stop),
                when_due(&other, &plan, &stop),
                when_due(&one, &plan, &stop)
            );
            let made = [a, b, c].into_iter().filter(|made| matches!(made, Ok(Some(_)))).count();
            assert_eq!((made, kit.folder.list().unwrap().len()), (1, round));
            stage.house.clock.advance_seconds(EVERY * 60);
        }
        stage.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_backups_go_but_never_the_last_one_that_is_known_to_be_good() {
    let stage = Stage::on(Database::sqlite()).await;
    let (kit, platform) = (Kit::new(), stage.house.platform.clone());
    let good = when_due(&platform, &plan(&kit, &stage, true), &go_on())
        .await
        .unwrap()
        .unwrap();
    let mut later = Vec::new();
    for _ in 0..12 {
        stage.house.clock.advance_seconds(2 * DAY);
        later.push(
            when_due(&platform, &plan(&kit, &stage, false), &go_on())
                .await
                .unwrap()
                .unwrap()
                .name,
        );
    }
    let lying = kit.folder.list().unwrap();
    let with_data: Vec<&str> = lying
        .iter()
        .filter(|lying| lying.data_bytes.is_some())
        .map(|lying| lying.name.as_str())
        .collect();
    // Ten days, two days apart, and the good one.
    let mut wanted: Vec<&str> = later.iter().rev().take(6).map(String::as_str).collect();
    wanted.push(&good.name);
    assert_eq!(with_data, wanted);
    let with_keys = lying.iter().filter(|lying| lying.keys_bytes.is_some()).count();
    assert_eq!(with_keys, 2, "{lying:?}");
    // It is still good, with keys that were kept of a later one.
    let keys = flow::backup::restore::keys_of(&kit.folder.data(&good.name)).unwrap();
    assert_eq!(keys, kit.folder.keys(&later[11]));
    assert_eq!(flow::backup::restore::keys(&keys, &kit.identities).unwrap().len(), 2);
    let (_, known) = acts::list(&platform).await.unwrap();
    assert_eq!(known.iter().filter(|known| known.deleted_at.is_some()).count(), 6);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_told_and_tried_again_later() {
    let stage = Stage::on(Database::sqlite()).await;
    let (kit, platform) = (Kit::new(), stage.house.platform.clone());
    let gone = Folder::open(&kit.dir.path().join("gone")).unwrap();
    std::fs::remove_dir(gone.path()).unwrap();
    let broken = Plan {
        folder: gone,
        ..plan(&kit, &stage, false)
    };
    let error = when_due(&platform, &broken, &go_on()).await.unwrap_err();
    assert!(matches!(error, BackupError::File { .. }), "{error}");
    let (standing, known) = acts::list(&platform).await.unwrap();
    assert!(standing.failed_at.is_some() && known[0].failed.is_some());
    assert_eq!(when_due(&platform, &broken, &go_on()).await.unwrap(), None);
    stage.house.clock.advance_seconds(vocab::limits::BACKUP_RETRY_SECONDS);
    assert!(
        when_due(&platform, &plan(&kit, &stage, false), &go_on())
            .await
            .unwrap()
            .is_some()
    );
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_gives_a_backup_up() {
    let stage = Stage::on(Database::sqlite()).await;
    let (kit, platform) = (Kit::new(), stage.house.platform.clone());
    let stop = Arc::new(AtomicBool::new(true));
    let stopped = when_due(&platform, &plan(&kit, &stage, false), &stop).await;
    assert!(matches!(stopped, Err(BackupError::Stopped)));
    assert_eq!(kit.folder.list().unwrap(), []);
    assert!(acts::list(&platform).await.unwrap().1.is_empty());
    assert!(
        when_due(&platform, &plan(&kit, &stage, false), &go_on())
            .await
            .unwrap()
            .is_some()
    );
    stage.end().await;
}
