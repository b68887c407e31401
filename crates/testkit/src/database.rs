//! Databases for tests: a SQLite file in a temporary directory always, a schema of its own on PostgreSQL when the environment names one.

use std::sync::atomic::{AtomicU64, Ordering};
use store::{MIGRATIONS, Store, StoreConfig};
use tempfile::TempDir;

/// Names the PostgreSQL server for tests, as `postgres://…`.
pub const POSTGRES_VARIABLE: &str = "COUNTERSIGN_TEST_POSTGRES";

/// A database that goes away with the value.
#[derive(Debug)]
pub struct Database {
    url: String,
    _dir: Option<TempDir>,
    schema: Option<store::Scratch>,
}

impl Database {
    /// A new SQLite file.
    pub fn sqlite() -> Self {
        let dir = TempDir::new().unwrap_or_else(|error| unreachable!("no temporary directory: {error}"));
        let url = format!("sqlite:{}", dir.path().join("countersign.db").display());
        Self {
            url,
            _dir: Some(dir),
            schema: None,
        }
    }

    /// A new schema on the PostgreSQL server for tests, if there is one.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stdout,
        reason = "tests find their server in the environment and say when not"
    )]
    pub fn postgres() -> Option<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let Ok(server) = std::env::var(POSTGRES_VARIABLE) else {
            println!("skipped: no PostgreSQL ({POSTGRES_VARIABLE} is not set)");
            return None;
        };
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let schema = store::Scratch::create(&server, &name).unwrap_or_else(|error| unreachable!("no schema: {error}"));
        Some(Self {
            url: schema.url().to_owned(),
            _dir: None,
            schema: Some(schema),
        })
    }

    /// Both engines, as far as they are there: the same test bodies run on each.
    pub fn all() -> Vec<Self> {
        std::iter::once(Self::sqlite()).chain(Self::postgres()).collect()
    }

    /// How to open it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens it, again after a close, or a second time as another server would.
    pub fn open(&self) -> Store {
        let config = StoreConfig::new(self.url.clone(), MIGRATIONS);
        Store::open(config).unwrap_or_else(|error| unreachable!("the database does not open: {error}"))
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.schema.is_some()
    }
}
