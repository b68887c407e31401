//! The threads of a store: started in order, ended in order.
//!
//! Start: reach the database, migrate, claim a number, then writers, readers, heartbeat. End: heartbeat (which gives the number back
//! through the desk), then the desks, then join. A crash at any point leaves at most a leased number.

use super::postgres::{PostgresAddress, PostgresSession};
use super::script::Dialect;
use super::servers::{self, Heartbeat, ServerNumber};
use super::session::Session;
use super::sqlite::{self, Durability, SqliteSession};
use super::url::Location;
use super::wire::Wire;
use super::{StoreConfig, clock, worker};
use crate::desk::Desk;
use crate::error::{OpenError, StoreError};
use crate::migrate::{Migration, migrate};
use crate::whole::Place;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

const WRITERS_MAX: usize = 8;
const READERS_MAX: usize = 32;

/// Everything behind a store.
pub(crate) struct Threads {
    pub(crate) writes: Arc<Desk>,
    pub(crate) reads: Arc<Desk>,
    pub(crate) server_number: u64,
    pub(crate) engine_name: &'static str,
    pub(crate) wire: Wire,
    pub(crate) place: Place,
    heartbeat: Option<Heartbeat>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    /// Deleted when everything has ended.
    temporary: Option<PathBuf>,
}

impl Threads {
    /// Opens everything. Connections must not be made inside an async task, so a thread of its own does it.
    pub(crate) fn start(config: StoreConfig, wire: Wire) -> Result<Self, OpenError> {
        let opener = thread::Builder::new()
            .name("store-open".to_owned())
            .spawn(move || Self::open(&config, wire));
        let opened = opener.map_err(|_| no_thread())?.join();
        opened.unwrap_or_else(|_| {
            Err(OpenError::Start {
                source: StoreError::bug("opening the database panicked"),
            })
        })
    }

    fn open(config: &StoreConfig, wire: Wire) -> Result<Self, OpenError> {
        match Location::parse(&config.url)? {
            Location::File(path) => Self::open_file(config, wire, &path, Durability::Disk, None),
            Location::Temporary => {
                let directory = make_temporary_directory()?;
                Self::open_file(
                    config,
                    wire,
                    &directory.join("temporary.db"),
                    Durability::None,
                    Some(directory),
                )
            }
            Location::Postgres(address) => Self::open_postgres(config, &address),
        }
    }

    fn open_file(
        config: &StoreConfig,
        wire: Wire,
        path: &Path,
        durability: Durability,
        temporary: Option<PathBuf>,
    ) -> Result<Self, OpenError> {
        let unopened = |source: StoreError| match source {
            StoreError::Unavailable { what, .. } | StoreError::Corrupt { what } => OpenError::File {
                path: path.display().to_string(),
                what: what.into_owned(),
            },
            source @ (StoreError::Conflict { .. }
            | StoreError::Unique { .. }
            | StoreError::Bug { .. }
            | StoreError::Full
            | StoreError::Closed) => OpenError::Start { source },
        };
        let mut threads = Self::new("sqlite", wire, Place::file(path.to_owned()), temporary);
        let first = sqlite::open_writer(path, durability).map_err(unopened)?;
        let server = prepare(
            &mut SqliteSession::new(&first, Wire::default()),
            Dialect::Sqlite,
            config.migrations,
        )?;
        let readers = config.readers.clamp(1, READERS_MAX);
        for _ in 0..readers {
            let (connection, desk) = (sqlite::open_reader(path).map_err(unopened)?, Arc::clone(&threads.reads));
            let wire = threads.wire.clone();
            threads.spawn("store-reader", move || sqlite::read_singly(&connection, wire, &desk))?;
        }
        let (desk, wire) = (Arc::clone(&threads.writes), threads.wire.clone());
        threads.spawn("store-writer", move || sqlite::write_in_groups(&first, wire, &desk))?;
        threads.live(server)?;
        Ok(threads)
    }

    fn open_postgres(config: &StoreConfig, address: &PostgresAddress) -> Result<Self, OpenError> {
        let mut threads = Self::new("postgres", Wire::default(), Place::postgres(address.clone()), None);
        let mut first = PostgresSession::new(address.clone());
        first.connect()?;
        let server = prepare(&mut first, Dialect::Postgres, config.migrations)?;
        let mut first = Some(first);
        for _ in 0..config.writers.clamp(1, WRITERS_MAX) {
            let session = first.take().unwrap_or_else(|| PostgresSession::new(address.clone()));
            let desk = Arc::clone(&threads.writes);
            threads.spawn("store-writer", move || serve(session, &desk))?;
        }
        for _ in 0..config.readers.clamp(1, READERS_MAX) {
            let (session, desk) = (PostgresSession::new(address.clone()), Arc::clone(&threads.reads));
            threads.spawn("store-reader", move || serve(session, &desk))?;
        }
        threads.live(server)?;
        Ok(threads)
    }

    fn new(engine_name: &'static str, wire: Wire, place: Place, temporary: Option<PathBuf>) -> Self {
        let (writes, reads, workers) = <(Arc<Desk>, Arc<Desk>, Mutex<Vec<JoinHandle<()>>>)>::default();
        Self {
            writes,
            reads,
            server_number: 0,
            engine_name,
            wire,
            place,
            heartbeat: None,
            workers,
            temporary,
        }
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
        let worker = thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
            .map_err(|_| no_thread())?;
        self.workers
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .push(worker);
        Ok(())
    }

    fn live(&mut self, server: ServerNumber) -> Result<(), OpenError> {
        self.server_number = server.number.unsigned_abs();
        self.heartbeat = Some(Heartbeat::start(Arc::clone(&self.writes), server).map_err(|_| no_thread())?);
        Ok(())
    }

    /// Whether the caller runs on a thread of this store.
    pub(crate) fn is_one_of_them(&self) -> bool {
        let here = thread::current().id();
        let workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        workers.iter().any(|worker| worker.thread().id() == here)
    }

    /// Ends everything, once; later calls return when it is done.
    pub(crate) fn end(&self) {
        // Whoever comes second waits here for the first.
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(heartbeat) = &self.heartbeat {
            heartbeat.end();
        }
        self.writes.close();
        self.reads.close();
        for worker in workers.drain(..) {
            // The last store may be dropped by a closure on a worker's own thread, which then ends by itself.
            if worker.thread().id() != thread::current().id() {
                drop(worker.join());
            }
        }
        if let Some(directory) = &self.temporary {
            drop(std::fs::remove_dir_all(directory));
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.end();
    }
}

/// Brings the schema up to date and claims a number.
fn prepare(
    session: &mut dyn Session,
    dialect: Dialect,
    migrations: &'static [Migration],
) -> Result<ServerNumber, OpenError> {
    let token = clock::draw_token().map_err(|source| OpenError::Start { source })?;
    migrate(session, dialect, migrations, token)?;
    servers::claim(session, token)
}

fn serve(mut session: PostgresSession, desk: &Desk) {
    // Connecting before the first request saves that request the wait. If it fails, the request says so.
    drop(session.ready());
    worker::run_singly(&mut session, desk);
}

/// A fresh directory that only this user can look into.
fn make_temporary_directory() -> Result<PathBuf, OpenError> {
    let token = clock::draw_token().map_err(|source| OpenError::Start { source })?;
    let name = format!("countersign-{:016x}", token.unsigned_abs());
    let directory = std::env::temp_dir().join(name);
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(&directory) {
        Ok(()) => Ok(directory),
        Err(error) => Err(OpenError::File {
            path: directory.display().to_string(),
            what: error.kind().to_string(),
        }),
    }
}

fn no_thread() -> OpenError {
    OpenError::Start {
        source: StoreError::unavailable("the system starts no more threads"),
    }
}
