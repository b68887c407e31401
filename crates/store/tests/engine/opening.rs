//! Opening a database: migrations, their records, what is refused and with which words, server numbers.

use crate::support::{MIGRATIONS, Place, add_purse, admin, on_both_engines, purses};
use std::collections::BTreeSet;
use std::path::PathBuf;
use store::{Migration, MigrationEngine, OpenError, Sql, Store, StoreConfig, StoreError, Value};

static STEPS: Sql = Sql::both("SELECT number, step FROM migrations ORDER BY number, step");
static SILENCE: Sql = Sql::both("UPDATE servers SET seen_at = $1");

const fn migration(number: i64, text: &'static str) -> Migration {
    Migration {
        number,
        title: "a test",
        engine: MigrationEngine::Both,
        text,
    }
}

fn open(place: &Place, migrations: &'static [Migration]) -> Result<Store, OpenError> {
    Store::open(StoreConfig::new(&place.url, migrations))
}

fn steps(store: &Store) -> Vec<(i64, i64)> {
    let read = store.read_blocking("test.steps", |tx| {
        let rows = tx.query(&STEPS, &[])?;
        rows.iter()
            .map(|row| Ok((row.int(0)?, row.int(1)?)))
            .collect::<Result<_, StoreError>>()
    });
    read.unwrap()
}

#[test]
fn later_migrations_are_added_to_what_is_there() {
    static NEXT: [Migration; 2] = [
        MIGRATIONS[0],
        migration(2, "CREATE INDEX notes_by_note ON notes (note);"),
    ];
    on_both_engines(|place| {
        let store = place.open();
        add_purse(&store, 1, 1).unwrap();
        assert_eq!(steps(&store), [(1, 1), (1, 2)]);
        drop(store);
        let store = open(place, &NEXT).unwrap();
        assert_eq!(steps(&store), [(1, 1), (1, 2), (2, 1)]);
        assert_eq!(purses(&store), [(1, 1)]);
    });
}

#[test]
fn a_newer_schema_is_refused_with_the_version_that_is_needed() {
    static NEWER: [Migration; 2] = [
        MIGRATIONS[0],
        migration(7, "CREATE TABLE later (id BIGINT PRIMARY KEY);"),
    ];
    on_both_engines(|place| {
        drop(open(place, &NEWER).unwrap());
        let error = open(place, &MIGRATIONS).unwrap_err();
        assert!(matches!(error, OpenError::NewerSchema { found: 7, known: 1 }));
        let text = error.to_string();
        assert!(
            text.contains("schema 7") && text.contains("up to 1") && text.contains("newer version"),
            "{text}"
        );
    });
}

#[test]
fn an_applied_migration_with_another_text_is_refused_by_name() {
    static ONE: [Migration; 1] = [migration(
        1,
        "CREATE TABLE a (id BIGINT); -- first\nCREATE TABLE b (id BIGINT);",
    )];
    static COMMENTED: [Migration; 1] = [migration(
        1,
        "CREATE TABLE a (id BIGINT);\n-- other\nCREATE TABLE b (id  BIGINT);",
    )];
    static CHANGED: [Migration; 1] = [migration(1, "CREATE TABLE a (id BIGINT); CREATE TABLE b (id TEXT);")];
    static SHORTER: [Migration; 1] = [migration(1, "CREATE TABLE a (id BIGINT);")];
    on_both_engines(|place| {
        drop(open(place, &ONE).unwrap());
        drop(open(place, &COMMENTED).unwrap());
        for other in [&CHANGED, &SHORTER] {
            let error = open(place, other).unwrap_err();
            assert!(matches!(error, OpenError::Drift { number: 1, step: 2, .. }), "{error}");
        }
    });
}

#[test]
fn a_failing_step_keeps_the_steps_before_it_and_can_be_mended() {
    static BROKEN: [Migration; 1] = [migration(1, "CREATE TABLE a (id BIGINT); CREATE TABLE a (id BIGINT)")];
    static MENDED: [Migration; 1] = [migration(1, "CREATE TABLE a (id BIGINT); CREATE TABLE b (id BIGINT)")];
    on_both_engines(|place| {
        let error = open(place, &BROKEN).unwrap_err();
        assert!(
            matches!(error, OpenError::Migrate { number: 1, step: 2, .. }),
            "{error}"
        );
        assert_eq!(steps(&open(place, &MENDED).unwrap()), [(1, 1), (1, 2)]);
    });
}

#[test]
fn text_for_one_engine_runs_on_that_engine_only() {
    static SPLIT: [Migration; 3] = [
        MIGRATIONS[0],
        Migration {
            number: 2,
            title: "s",
            engine: MigrationEngine::Sqlite,
            text: "CREATE TABLE only_sqlite (id BIGINT)",
        },
        Migration {
            number: 3,
            title: "p",
            engine: MigrationEngine::Postgres,
            text: "CREATE TABLE only_postgres (id BIGINT)",
        },
    ];
    on_both_engines(|place| {
        let store = open(place, &SPLIT).unwrap();
        assert_eq!(
            steps(&store),
            [(1, 1), (1, 2), if place.is_sqlite() { (2, 1) } else { (3, 1) }]
        );
        drop(store);
        drop(open(place, &SPLIT).unwrap());
    });
}

#[test]
fn servers_that_start_together_migrate_once_and_have_numbers_of_their_own() {
    on_both_engines(|place| {
        let stores: Vec<Store> = std::thread::scope(|scope| {
            let openers: Vec<_> = (0..3).map(|_| scope.spawn(|| place.open())).collect();
            openers.into_iter().map(|opener| opener.join().unwrap()).collect()
        });
        let numbers: BTreeSet<u64> = stores.iter().map(Store::server_number).collect();
        assert_eq!(numbers, BTreeSet::from([0, 1, 2]));
        for (id, store) in (1..).zip(&stores) {
            add_purse(store, id, id).unwrap();
        }
        for store in &stores {
            assert_eq!(steps(store), [(1, 1), (1, 2)]);
            assert_eq!(purses(store), [(1, 1), (2, 2), (3, 3)]);
        }
    });
}

#[test]
fn a_number_is_free_again_after_closing_or_a_day_of_silence() {
    on_both_engines(|place| {
        let (first, second) = (place.open(), place.open());
        assert_eq!((first.server_number(), second.server_number()), (0, 1));
        drop(first);
        let third = place.open();
        assert_eq!(third.server_number(), 0);
        third
            .write_blocking("test.silence", |tx| tx.execute(&SILENCE, &[Value::Int(1)]))
            .unwrap();
        assert_eq!(place.open().server_number(), 0);
    });
}

#[test]
fn a_server_that_does_not_answer_is_named_and_the_password_is_not() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("postgres://someone:hunter2@127.0.0.1:{}/countersign", nobody.port());
    let error = Store::open(StoreConfig::new(url, &MIGRATIONS)).unwrap_err();
    assert!(matches!(error, OpenError::Unreachable { .. }));
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("127.0.0.1") && text.contains(&nobody.port().to_string()),
        "{text}"
    );
    assert!(
        text.contains("check that it runs") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn a_database_that_postgres_does_not_have_is_told_from_a_server_that_is_away() {
    let Some(place) = Place::postgres() else { return };
    let (start, _) = place.url.rsplit_once('/').unwrap();
    let error = Store::open(StoreConfig::new(format!("{start}/no_such_database"), &MIGRATIONS)).unwrap_err();
    assert!(
        matches!(error, OpenError::Refused { .. }) && error.to_string().contains("3D000"),
        "{error}"
    );
}

#[test]
fn a_file_that_cannot_be_opened_is_named_with_the_reason() {
    let place = Place::sqlite();
    let path = place.url.strip_prefix("sqlite:").unwrap().to_owned();
    let missing = Store::open(StoreConfig::new(format!("{path}/below/a/file"), &MIGRATIONS)).unwrap_err();
    assert!(
        matches!(&missing, OpenError::File { path: named, .. } if named.contains("below")),
        "{missing}"
    );
    std::fs::write(
        &path,
        "This is a letter and no database, although it is long enough to be one.".repeat(99),
    )
    .unwrap();
    let foreign = Store::open(place.config()).unwrap_err();
    assert!(foreign.to_string().contains("not a SQLite database"), "{foreign}");
}

#[test]
fn a_new_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite();
    let store = place.open();
    add_purse(&store, 1, 1).unwrap();
    let path = PathBuf::from(place.url.strip_prefix("sqlite:").unwrap());
    for name in [path.clone(), path.with_extension("db-wal")] {
        assert_eq!(
            std::fs::metadata(&name).unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            name.display()
        );
    }
}

#[test]
fn a_temporary_database_leaves_nothing_behind() {
    static FILE: Sql = Sql::both("SELECT file FROM pragma_database_list WHERE name = 'main'");
    let store = Store::open(StoreConfig::new("sqlite::memory:", &MIGRATIONS)).unwrap();
    add_purse(&store, 1, 1).unwrap();
    assert_eq!(purses(&store), [(1, 1)]);
    let file = store.read_blocking("test.file", |tx| tx.query_one(&FILE, &[])).unwrap();
    let directory = PathBuf::from(file.text(0).unwrap()).parent().unwrap().to_owned();
    assert!(directory.exists());
    drop(store);
    assert!(!directory.exists());
}

#[test]
fn statements_outlive_a_migration_by_another_server() {
    let Some(place) = Place::postgres() else { return };
    static ALL: Sql = Sql::both("SELECT * FROM purses");
    let store = place.open();
    add_purse(&store, 1, 1).unwrap();
    let read = || store.write_blocking("test.all", |tx| tx.query(&ALL, &[]));
    assert_eq!(read().unwrap().len(), 1);
    admin(&format!(
        "ALTER TABLE {}.purses ADD COLUMN colour TEXT",
        place.schema.as_deref().unwrap()
    ));
    for _ in 0..4 {
        assert_eq!(read().unwrap()[0].opt_text(2), Ok(None));
    }
}

#[test]
fn the_last_handle_may_go_away_on_a_thread_of_the_store() {
    on_both_engines(|place| {
        let store = place.open();
        assert_eq!(store.server_number(), 0);
        let held = store.clone();
        let (begun, wait) = std::sync::mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let given_up = runtime.block_on(async {
            let asked = store.write("slow", move |_| -> Result<u64, StoreError> {
                begun.send(()).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(200));
                Ok(held.server_number())
            });
            // Nobody waits for the answer.
            tokio::time::timeout(std::time::Duration::from_millis(50), asked).await
        });
        assert!(given_up.is_err());
        wait.recv().unwrap();
        drop((runtime, store));
        let free = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            place.open().server_number() == 0
        });
        assert!(free, "the store has not closed");
    });
}
