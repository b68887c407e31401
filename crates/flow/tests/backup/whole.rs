//! Backups that are whole: every table, either engine into either engine, while payments go on, and nothing in plain form.

use crate::filled;
use crate::kit::{Kit, blocking, config, key_files, sums};
use crate::stage::Stage;
use archive::{Cell, Cells, Piece, Reader};
use flow::Platform;
use flow::backup::restore;
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use store::whole::{NOT_KEPT, Place, kept_tables};
use store::{MIGRATIONS, Store, StoreConfig};
use testkit::database::Database;
use testkit::transfers::{CREDITOR, transfer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_either_engine_comes_out_the_same_on_either_engine() {
    for database in Database::all() {
        let stage = filled::house(database).await;
        let kit = Kit::new();
        let made = kit.make(&stage).await;
        let before = sums(Place::of(stage.house.platform.store())).await;
        assert!(before.iter().filter(|sum| sum.count > 0).count() > 30, "{before:?}");
        for target in Database::all() {
            let restored = kit.load(&made, target.url()).await.unwrap();
            assert_eq!(restored.manifest.tables, before);
            let place = Place::at(target.url()).unwrap();
            assert_eq!(sums(place.clone()).await, before);
            let compared = blocking(move || restore::compare(&place, &restored.manifest)).await;
            assert_eq!(compared.unwrap(), [""; 0]);
            // With the keys of the backup everything opens, and the log gives the root that was signed.
            let keys = restore::keys(&kit.folder.keys(&made.name), &kit.identities).unwrap();
            assert_eq!(keys.len(), 2);
            let platform = Platform::start_unchecked(config(&stage.house.clock, &keys, target.open()));
            let report = flow::check::check(&platform).await.unwrap();
            assert_eq!((report.problems, report.size), (vec![], made.log_size));
            platform.store().close().await;
        }
        let verified = kit.verify(&stage, &made).await.unwrap();
        assert!(verified.is_sound(), "{}", verified.verdict());
        stage.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_table_is_forgotten() {
    for database in Database::all() {
        database.open().close().await;
        let place = Place::at(database.url()).unwrap();
        let kept: BTreeSet<String> =
            blocking(move || place.read(|reading| Ok::<_, flow::backup::BackupError>(kept_tables(reading)?)))
                .await
                .unwrap()
                .into_iter()
                .map(|table| table.name)
                .collect();
        let left_out: BTreeSet<&str> = NOT_KEPT.iter().map(|(table, _)| *table).collect();
        let of_migrations = MIGRATIONS.iter().flat_map(|migration| {
            let tables = migration.text.split("CREATE TABLE ").skip(1);
            tables.map(|table| table.split('(').next().unwrap().trim())
        });
        let mut tables = 0;
        for table in of_migrations {
            tables += 1;
            assert!(
                kept.contains(table) != left_out.contains(table),
                "{table} is kept or left out with a reason"
            );
        }
        // Bookkeeping is made by no migration, but for the turn; what lets somebody in is never kept.
        assert!(tables > 45 && kept.len() + 6 == tables, "{tables} {kept:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_made_while_payments_go_on_is_one_moment_of_them() {
    for database in Database::all() {
        let stage = Arc::new(Stage::on(database).await);
        for number in 0..60 {
            stage.submit(transfer(number, 100)).await;
        }
        flow::seal::seal_all(&stage.house.platform).await.unwrap();
        let kit = Kit::new();
        let (over, taken) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let paying = {
            let (stage, over, taken) = (Arc::clone(&stage), Arc::clone(&over), Arc::clone(&taken));
            tokio::spawn(async move {
                for number in 1_000.. {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    stage.submit(transfer(number, 100)).await;
                    flow::seal::seal_all(&stage.house.platform).await.unwrap();
                    taken.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        let order = kit.order(&stage);
        let waits = Arc::clone(&taken);
        let made = blocking(move || {
            // At each table until three more payments were taken: most tables are read at another time than the first.
            flow::backup::create::create(&order, &mut |progress| {
                if let flow::backup::Progress::Table {
                    number: 2 | 12 | 22 | 32,
                    ..
                } = progress
                {
                    let enough = waits.load(Ordering::Relaxed) + 3;
                    while waits.load(Ordering::Relaxed) < enough {
                        std::thread::yield_now();
                    }
                }
                true
            })
        })
        .await
        .unwrap();
        over.store(true, Ordering::Relaxed);
        paying.await.unwrap();
        assert!(taken.load(Ordering::Relaxed) >= 12);
        let verified = kit.verify(&stage, &made).await.unwrap();
        assert!(verified.is_sound(), "{}", verified.verdict());
        Arc::into_inner(stage).unwrap().end().await;
    }
}

/// All bytes of the cells of a backup, one after the other.
fn plain(kit: &Kit, path: &std::path::Path) -> Option<Vec<u8>> {
    let opened = Command::new("age").arg("-d").arg("-i").arg(&kit.key).arg(path).output();
    let Ok(opened) = opened else {
        println!("skipped: `age` is not installed");
        return None;
    };
    assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
    let mut reader = Reader::open(opened.stdout.as_slice()).unwrap();
    let mut plain = Vec::new();
    loop {
        match reader.piece().unwrap() {
            Piece::Rows { rows, .. } => {
                let mut cells = Cells::new(&rows);
                while let Some(cell) = cells.take().unwrap() {
                    match cell {
                        Cell::Text(text) => plain.extend_from_slice(text.as_bytes()),
                        Cell::Bytes(bytes) => plain.extend_from_slice(bytes),
                        Cell::Null | Cell::Number(_) => {}
                    }
                }
            }
            Piece::File { bytes, .. } => plain.extend_from_slice(&bytes),
            Piece::End(_) => return Some(plain),
        }
    }
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn debians_age_opens_a_backup_and_finds_neither_names_nor_accounts_nor_keys_in_it() {
    for database in Database::all() {
        let stage = filled::house(database).await;
        let kit = Kit::new();
        let made = kit.make(&stage).await;
        let (data, keys) = (kit.folder.data(&made.name), kit.folder.keys(&made.name));
        let master = key_files().pop().unwrap().bytes;
        for path in [&data, &keys] {
            let encrypted = std::fs::read(path).unwrap();
            for planted in [
                CREDITOR.as_bytes(),
                b"Supplier",
                b"payments",
                b"INSERT",
                master.expose(),
            ] {
                assert!(!holds(&encrypted, planted), "{}", String::from_utf8_lossy(planted));
            }
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        if let (Some(rows), Some(files)) = (plain(&kit, &data), plain(&kit, &keys)) {
            // The names of tables and of the organization are there, so it would be noticed if nothing was looked at.
            assert!(holds(&rows, b"payment.received"));
            for planted in [
                CREDITOR.as_bytes(),
                b"Supplier",
                b"Invoice",
                b"Ada Marlowe",
                master.expose(),
            ] {
                assert!(!holds(&rows, planted), "{}", String::from_utf8_lossy(planted));
            }
            assert!(holds(&files, master.expose()));
        }
        stage.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_was_altered_gives_a_backup_that_does_not_verify() {
    let stage = filled::house(Database::sqlite()).await;
    stage.tampered.store(true, Ordering::Relaxed);
    let kit = Kit::new();
    let path = Place::of(stage.house.platform.store()).path().unwrap().to_owned();
    rusqlite::Connection::open(path)
        .unwrap()
        .execute(
            "UPDATE postings SET amount_minor = amount_minor + 1 WHERE number = 1",
            [],
        )
        .unwrap();
    let made = kit.make(&stage).await;
    let verified = kit.verify(&stage, &made).await.unwrap();
    assert_eq!(verified.differences, [""; 0]);
    let tables: BTreeSet<&str> = verified
        .report
        .problems
        .iter()
        .map(|problem| problem.table.as_str())
        .collect();
    assert!(!verified.is_sound() && tables.contains("postings"), "{tables:?}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_with_an_earlier_schema_is_brought_up_to_date_when_it_is_restored() {
    for database in Database::all() {
        let old = StoreConfig::new(database.url(), &MIGRATIONS[..1]);
        let store = blocking(move || Store::open(old)).await.unwrap();
        let place = Place::of(&store);
        let kit = Kit::new();
        let order = flow::backup::create::Order {
            place,
            keys: key_files(),
            folder: kit.folder.clone(),
            recipients: kit.recipients.clone(),
            key_recipients: kit.recipients.clone(),
            chance: [0; 3],
            clock: crate::kit::clock(&Arc::new(testkit::time::TestClock::at(
                vocab::time::Timestamp::from_seconds(testkit::house::BEGIN),
            ))),
        };
        let made = blocking(move || flow::backup::create::create(&order, &mut |_| true))
            .await
            .unwrap();
        store.close().await;
        let target = Database::sqlite();
        let restored = kit.load(&made, target.url()).await.unwrap();
        assert_eq!(restored.head.schema, 1);
        let found = |url: &str| Place::at(url).unwrap().look().unwrap().applied;
        assert_eq!(found(target.url()), BTreeSet::from([1]));
        target.open().close().await;
        assert_eq!(
            found(target.url()),
            MIGRATIONS.iter().map(|migration| migration.number).collect()
        );
    }
}
