//! The store: one front for both engines, its threads, how it opens and how it closes.
//!
//! All connections live on threads of the store, never in an async task. Writers share one desk, readers another.

pub(crate) mod cell;
pub(crate) mod clock;
pub(crate) mod postgres;
pub(crate) mod script;
mod servers;
pub(crate) mod session;
pub(crate) mod sqlite;
mod threads;
pub(crate) mod url;
pub(crate) mod wire;
pub(crate) mod worker;

use crate::desk::{Closure, Desk, Reply};
use crate::error::{OpenError, StoreError};
use crate::lane::{Lane, LaneHandle, no_answer};
use crate::migrate::Migration;
use crate::tx::Tx;
pub use postgres::Scratch;
use session::Isolation;
use std::sync::{Arc, mpsc};
use threads::Threads;
use tokio::sync::oneshot;
use wire::Wire;
#[cfg(feature = "faults")]
pub use wire::{Fate, Faults};

/// How to open a store.
#[derive(Clone)]
pub struct StoreConfig {
    /// `sqlite:PATH`, a path, `sqlite::memory:` (a temporary file) or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    pub url: String,
    /// Writer connections to PostgreSQL, 1 to 8. SQLite always has one.
    pub writers: usize,
    /// Reader connections, 1 to 32.
    pub readers: usize,
    /// All migrations of this binary, in the order of their numbers.
    pub migrations: &'static [Migration],
}

impl StoreConfig {
    /// Two writers, four readers.
    pub fn new(url: impl Into<String>, migrations: &'static [Migration]) -> Self {
        Self {
            url: url.into(),
            writers: 2,
            readers: 4,
            migrations,
        }
    }
}

impl std::fmt::Debug for StoreConfig {
    /// The URL may hold a password and is not printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoreConfig(…, {} writers, {} readers)", self.writers, self.readers)
    }
}

/// An open database. Cheap to clone; the last clone that goes away closes it.
#[derive(Clone)]
pub struct Store {
    threads: Arc<Closing>,
}

/// Closes when it goes.
struct Closing(Arc<Threads>);

impl std::ops::Deref for Closing {
    type Target = Threads;

    fn deref(&self) -> &Threads {
        &self.0
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        // Closing waits for the threads of the store: the last handle may have gone away on one of them, with a closure that nobody
        // waits for any more.
        if self.0.is_one_of_them() {
            let threads = Arc::clone(&self.0);
            let closer = std::thread::Builder::new().name("store-close".to_owned());
            if closer.spawn(move || threads.end()).is_err() {
                self.0.writes.close();
                self.0.reads.close();
            }
        } else {
            self.0.end();
        }
    }
}

impl Store {
    /// Opens the database, brings its schema up to this binary, claims a server number and starts the threads. Blocks; may be called
    /// anywhere.
    pub fn open(config: StoreConfig) -> Result<Self, OpenError> {
        Self::open_wired(config, Wire::default())
    }

    /// [`open`](Self::open) where a simulator decides about transactions. For SQLite only.
    #[cfg(feature = "faults")]
    pub fn open_with(config: StoreConfig, faults: Arc<dyn Faults>) -> Result<Self, OpenError> {
        Self::open_wired(config, Wire(Some(faults)))
    }

    fn open_wired(config: StoreConfig, wire: Wire) -> Result<Self, OpenError> {
        let threads = Threads::start(config, wire)?;
        Ok(Self {
            threads: Arc::new(Closing(Arc::new(threads))),
        })
    }

    /// Whether a simulator has planted a bug of this name: never in a product.
    pub fn planted(&self, bug: &'static str) -> bool {
        self.threads.wire.planted(bug)
    }

    /// Runs a closure in a serializable transaction and waits until it is committed durably.
    ///
    /// The closure may run several times and must have no effect but through its `Tx`. When it returns an error its changes are
    /// undone and nobody else's. `name` appears in metrics. A future that is dropped does not stop the transaction.
    pub async fn write<T, E>(
        &self,
        name: &'static str,
        work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        run(&self.threads.writes, name, Isolation::Serializable, work).await
    }

    /// [`write`](Self::write) for a plain thread.
    pub fn write_blocking<T, E>(
        &self,
        name: &'static str,
        work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        run_blocking(&self.threads.writes, name, Isolation::Serializable, work)
    }

    /// Runs a closure in a read-only transaction in which all statements see the same moment. Keep it short: on SQLite an old
    /// snapshot keeps the log from being reused.
    pub async fn read<T, E>(
        &self,
        name: &'static str,
        work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        run(&self.threads.reads, name, Isolation::Snapshot, work).await
    }

    /// [`read`](Self::read) for a plain thread.
    pub fn read_blocking<T, E>(
        &self,
        name: &'static str,
        work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        run_blocking(&self.threads.reads, name, Isolation::Snapshot, work)
    }

    /// Opens a lane for a hot operation. Open each lane once and clone the handle: two lanes do not share slices.
    pub fn open_lane<L: Lane>(&self, lane: L) -> LaneHandle<L> {
        LaneHandle::open(lane, Arc::clone(&self.threads.writes), self.clone())
    }

    /// The number that no other living server on this database has: 0 to 1023.
    pub fn server_number(&self) -> u64 {
        self.threads.server_number
    }

    /// How many transactions and lane requests wait for a writer of this process.
    pub fn writes_waiting(&self) -> usize {
        self.threads.writes.waiting()
    }

    /// `sqlite` or `postgres`.
    pub fn engine_name(&self) -> &'static str {
        self.threads.engine_name
    }

    /// Where the database is.
    pub(crate) fn place(&self) -> &crate::whole::Place {
        &self.threads.place
    }

    /// Refuses new requests, finishes what waits, gives the server number back and ends the threads.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel::<()>();
        let store = self.clone();
        let closer = std::thread::Builder::new()
            .name("store-close".to_owned())
            .spawn(move || {
                store.close_blocking();
                drop(done);
            });
        match closer {
            Ok(_) => drop(closed.await),
            Err(_) => self.close_blocking(),
        }
    }

    /// [`close`](Self::close) for a plain thread.
    pub fn close_blocking(&self) {
        self.threads.end();
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({}, server {})", self.engine_name(), self.server_number())
    }
}

async fn run<T, E>(
    desk: &Desk,
    name: &'static str,
    isolation: Isolation,
    work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    desk.put(Box::new(Closure::new(name, isolation, work, Reply::Task(reply))));
    answer.await.unwrap_or_else(|_| Err(no_answer().into()))
}

fn run_blocking<T, E>(
    desk: &Desk,
    name: &'static str,
    isolation: Isolation,
    work: impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (reply, answer) = mpsc::sync_channel(1);
    desk.put(Box::new(Closure::new(name, isolation, work, Reply::Thread(reply))));
    answer.recv().unwrap_or_else(|_| Err(no_answer().into()))
}
