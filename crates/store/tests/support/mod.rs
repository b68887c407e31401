//! Databases for tests of the engines: the same bodies on SQLite and, when `COUNTERSIGN_TEST_POSTGRES` names one, on PostgreSQL.
//!
//! Each body gets a place of its own: a directory, or a schema that is dropped at the end.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use store::{Migration, MigrationEngine, Sql, Store, StoreConfig, StoreError, Value};

pub(crate) const POSTGRES: &str = "COUNTERSIGN_TEST_POSTGRES";

/// Two tables to play with.
pub(crate) static MIGRATIONS: [Migration; 1] = [Migration {
    number: 1,
    title: "test tables",
    engine: MigrationEngine::Both,
    text: "CREATE TABLE purses (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL);
           CREATE TABLE notes (id BIGINT PRIMARY KEY, note TEXT, body BLOB) -- sqlite: STRICT
           ;",
}];

pub(crate) static ADD_PURSE: Sql = Sql::both("INSERT INTO purses (id, balance) VALUES ($1, $2)");
pub(crate) static PURSES: Sql = Sql::both("SELECT id, balance FROM purses ORDER BY id");

/// An empty database.
pub(crate) struct Place {
    pub(crate) url: String,
    _directory: Option<tempfile::TempDir>,
    pub(crate) schema: Option<String>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("test.db").display());
        Self {
            url,
            _directory: Some(directory),
            schema: None,
        }
    }

    pub(crate) fn postgres() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(base) = std::env::var(POSTGRES) else {
            println!("skipped: no PostgreSQL");
            return None;
        };
        let schema = format!(
            "engine_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        admin(&format!("CREATE SCHEMA {schema}"));
        let separator = if base.contains('?') { '&' } else { '?' };
        let url = format!("{base}{separator}options=-c%20search_path%3D{schema}&application_name={schema}");
        Some(Self {
            url,
            _directory: None,
            schema: Some(schema),
        })
    }

    pub(crate) fn config(&self) -> StoreConfig {
        StoreConfig::new(&self.url, &MIGRATIONS)
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(self.config()).unwrap()
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.schema.is_none()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(schema) = &self.schema {
            admin(&format!("DROP SCHEMA {schema} CASCADE"));
        }
    }
}

/// Runs a statement beside the store.
pub(crate) fn admin(text: &str) {
    let url = std::env::var(POSTGRES).unwrap();
    let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    client.batch_execute(text).unwrap();
}

/// Runs the body on SQLite and, if there is one, on PostgreSQL.
pub(crate) fn on_both_engines(body: impl Fn(&Place)) {
    println!("on SQLite");
    body(&Place::sqlite());
    if let Some(place) = Place::postgres() {
        println!("on PostgreSQL");
        body(&place);
    }
}

pub(crate) fn purses(store: &Store) -> Vec<(i64, i64)> {
    let read = store.read_blocking("test.purses", |tx| {
        let rows = tx.query(&PURSES, &[])?;
        rows.iter()
            .map(|row| Ok((row.int(0)?, row.int(1)?)))
            .collect::<Result<_, StoreError>>()
    });
    read.unwrap()
}

pub(crate) fn add_purse(store: &Store, id: i64, balance: i64) -> Result<u64, StoreError> {
    store.write_blocking("test.add", move |tx| {
        tx.execute(&ADD_PURSE, &[Value::Int(id), Value::Int(balance)])
    })
}

/// Keeps every writer busy until dropped, so that what is put down meanwhile is taken together.
pub(crate) struct BusyWriters {
    _release: Vec<mpsc::Sender<()>>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl BusyWriters {
    pub(crate) fn hold(store: &Store, writers: usize) -> Self {
        let mut held = Self {
            _release: Vec::new(),
            threads: Vec::new(),
        };
        for _ in 0..writers {
            let (release, released) = mpsc::channel::<()>();
            let (started, running) = mpsc::channel();
            let store = store.clone();
            held.threads.push(std::thread::spawn(move || {
                let work = move |_: &mut dyn store::Tx| {
                    started.send(()).unwrap();
                    released.recv().unwrap_err();
                    Ok::<_, StoreError>(())
                };
                store.write_blocking("test.busy", work).unwrap();
            }));
            running.recv().unwrap();
            held._release.push(release);
        }
        held
    }

    pub(crate) fn release(mut self) {
        self._release.clear();
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}

/// Waits until something becomes true; fails the test after ten seconds.
pub(crate) fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_true() {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "waited too long until {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A runtime for tests that submit many requests at once.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}
