//! Growth: a database that is filled through the intake to one size after the other, and what it does at each of them beside a young one.
//!
//! The young database is made anew for every round and measured right before the grown one: a machine that became slower in the time the
//! filling took slows both. History is asked for while a writer runs.

mod history;

use crate::clock::{now, resident};
use crate::house::{self, House};
use crate::meter::{Measured, percentile};
use crate::{Failure, pgbench, storage, yardstick};
use history::Landmarks;
pub(crate) use history::Query;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use store::{Scratch, Sql, StoreError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Where databases are made.
pub(crate) enum Site<'a> {
    /// As files in a folder.
    Sqlite(&'a Path),
    /// As schemas on a server.
    Postgres(&'a str),
}

/// What is to be measured.
pub(crate) struct Plan<'a> {
    /// Payments, ascending.
    pub(crate) sizes: &'a [u32],
    pub(crate) rounds: usize,
    pub(crate) span: Duration,
    pub(crate) pgbench: Option<(&'a Path, &'a str)>,
}

/// One engine, size after size.
#[derive(Debug)]
pub(crate) struct Growth {
    pub(crate) engine: &'static str,
    pub(crate) steps: Vec<Step>,
}

/// What was measured at one size.
#[derive(Debug)]
pub(crate) struct Step {
    /// In the database when the measuring began.
    pub(crate) payments: u32,
    pub(crate) rounds: Vec<Round>,
    /// Memory of the process in bytes, right after the filling.
    pub(crate) resident: Option<u64>,
    /// The same after a start on this database, before it did anything else.
    pub(crate) resident_started: Option<u64>,
    /// Bytes of the database for each payment in it, without nonces, which expire.
    pub(crate) bytes_each: u64,
    /// From the opening of the database to the platform that takes payments.
    pub(crate) start: Duration,
    pub(crate) queries: Vec<Query>,
}

/// Young and grown, right after one another.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) fresh: Measured,
    pub(crate) fresh_start: Duration,
    pub(crate) grown: Measured,
    /// One caller alone.
    pub(crate) single: Measured,
    pub(crate) pgbench: Option<u64>,
    pub(crate) verify_nanos: u64,
}

/// Fills, measures, and takes the database away again.
pub(crate) async fn run(site: &Site<'_>, plan: &Plan<'_>) -> Result<Growth, Failure> {
    let place = site.place()?;
    let mut home = Home::open(&place, site.closing()).await?;
    let mut steps = Vec::new();
    for size in plan.sizes {
        println!("{}: {size} payments", site.engine());
        home.fill(*size).await?;
        let (resident_full, payments) = (resident(), home.payments());
        let mut rounds = Vec::new();
        for _ in 0..plan.rounds {
            rounds.push(round(site, plan, &home).await?);
        }
        let queries = home.ask(plan.span).await?;
        let kept;
        let start;
        (home, start, kept) = home.restart(&place).await?;
        let resident_started = resident();
        let bytes = match kept {
            Some(bytes) => bytes,
            None => schema_bytes(&home.house).await?,
        };
        let step = Step {
            payments,
            rounds,
            resident: resident_full,
            resident_started,
            bytes_each: bytes / u64::from(home.payments().max(1)),
            start,
            queries,
        };
        print!("{step}");
        steps.push(step);
    }
    home.close().await?;
    Ok(Growth {
        engine: site.engine(),
        steps,
    })
}

/// The young database, the grown one and the yardsticks, one after the other.
async fn round(site: &Site<'_>, plan: &Plan<'_>, home: &Home) -> Result<Round, Failure> {
    let place = site.place()?;
    let young = Home::open(&place, site.closing()).await?;
    young.fill(plan.sizes.first().copied().unwrap_or_default()).await?;
    let fresh = young.measure(site.closing(), plan.span).await?;
    let (young, fresh_start, _) = young.restart(&place).await?;
    young.close().await?;
    let grown = home.measure(site.closing(), plan.span).await?;
    let single = home.measure(1, plan.span).await?;
    let pgbench = match plan.pgbench {
        Some((program, url)) => Some(pgbench::measure(program, url, plan.span)?),
        None => None,
    };
    Ok(Round {
        fresh,
        fresh_start,
        grown,
        single,
        pgbench,
        verify_nanos: yardstick::verify_nanos()?,
    })
}

impl Step {
    /// Slowest of a hundred answers of the slowest question about history, in microseconds. Nothing if one of them failed.
    pub(crate) fn slowest_history(&self) -> Option<u64> {
        let questions = self.queries.iter().filter(|query| query.history);
        let slowest: Option<Vec<u64>> = questions
            .map(|query| percentile(&query.micros, 99).filter(|_| query.failed.is_none()))
            .collect();
        slowest?.into_iter().max()
    }
}

impl Site<'_> {
    pub(crate) fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    fn closing(&self) -> usize {
        match self {
            Self::Sqlite(_) => storage::CLOSERS,
            Self::Postgres(_) => storage::CLOSERS_IN_BATCHES,
        }
    }

    /// A place for a database that is not there yet.
    fn place(&self) -> Result<Place, Failure> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        match self {
            Self::Sqlite(dir) => {
                let file = dir.join(format!("growth_{number}.db"));
                Ok(Place {
                    url: format!("sqlite:{}", file.display()),
                    file: Some(file),
                    _scratch: None,
                })
            }
            Self::Postgres(server) => {
                let scratch = Scratch::create(server, &format!("growth_{}_{number}", std::process::id()))?;
                Ok(Place {
                    url: scratch.url().to_owned(),
                    file: None,
                    _scratch: Some(scratch),
                })
            }
        }
    }
}

/// A database that goes away with the value: two large ones may not fit on the disk.
struct Place {
    url: String,
    /// SQLite's.
    file: Option<PathBuf>,
    _scratch: Option<Scratch>,
}

impl Drop for Place {
    fn drop(&mut self) {
        for end in ["db", "db-wal", "db-shm"] {
            if let Some(file) = &self.file {
                let _ = std::fs::remove_file(file.with_extension(end));
            }
        }
    }
}

/// A house with its workers, which forget what has expired, and the payments in it.
struct Home {
    house: Arc<House>,
    /// The number of the next payment.
    numbers: Arc<AtomicU32>,
    landmarks: Landmarks,
    closing: usize,
    stop: watch::Sender<bool>,
    working: JoinHandle<()>,
}

impl Home {
    /// Makes a database in which the payments that are looked for later are the oldest.
    async fn open(place: &Place, closing: usize) -> Result<Self, Failure> {
        let house = House::open(place.url.clone()).await?;
        let numbers = Arc::new(AtomicU32::new(1));
        let landmarks = Landmarks::lay(&house, &numbers).await?;
        Ok(Self::at_work(house, numbers, landmarks, closing))
    }

    fn at_work(house: House, numbers: Arc<AtomicU32>, landmarks: Landmarks, closing: usize) -> Self {
        let (stop, stopping) = watch::channel(false);
        #[expect(clippy::disallowed_methods, reason = "watched by `rest`, which waits for it")]
        let working = tokio::spawn(flow::worker::run(house.platform.clone(), house::told(stopping)));
        Self {
            house: Arc::new(house),
            numbers,
            landmarks,
            closing,
            stop,
            working,
        }
    }

    fn payments(&self) -> u32 {
        self.numbers.load(Ordering::Relaxed).saturating_sub(1)
    }

    async fn fill(&self, until: u32) -> Result<(), Failure> {
        let more = until.saturating_sub(self.payments());
        storage::fill(&self.house, &self.numbers, self.closing, more).await
    }

    async fn measure(&self, closing: usize, span: Duration) -> Result<Measured, Failure> {
        storage::measure(&self.house, &self.numbers, closing, span).await
    }

    /// Closes the database and starts on it again: how long the start took, and the bytes of a file that was closed.
    async fn restart(self, place: &Place) -> Result<(Self, Duration, Option<u64>), Failure> {
        let (numbers, landmarks, closing) = (Arc::clone(&self.numbers), self.landmarks, self.closing);
        let tenant = self.close().await?;
        let bytes = place.file.as_deref().map(house::kept_bytes).transpose()?;
        let began = now();
        let house = House::reopen(place.url.clone(), tenant).await?;
        let took = began.elapsed();
        Ok((Self::at_work(house, numbers, landmarks, closing), took, bytes))
    }

    async fn close(self) -> Result<house::Tenant, Failure> {
        let _ = self.stop.send(true);
        self.working.await?;
        let house = Arc::into_inner(self.house).ok_or("somebody still works in a house that is to be closed")?;
        house.close().await
    }
}

/// Bytes of all tables in the schema with their indexes.
async fn schema_bytes(house: &House) -> Result<u64, Failure> {
    static BYTES: Sql = Sql::both(
        "SELECT CAST(SUM(pg_total_relation_size(c.oid)) AS BIGINT) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname <> 'nonces'",
    );
    let bytes = house
        .platform
        .store()
        .read("size", |tx| -> Result<_, StoreError> {
            tx.query(&BYTES, &[])?.first().map_or(Ok(0), |row| row.int(0))
        })
        .await?;
    Ok(bytes.unsigned_abs())
}

#[cfg(test)]
mod tests;
