//! Migrations: numbered SQL files that only move forward, one recorded statement at a time.
//!
//! Each step and its record are one transaction, under a lease row that only one server holds; the step renews the lease in the same
//! transaction, so a server that lost it cannot change anything any more.

use crate::desk::Ran;
use crate::engine::clock::{self, now_micros};
use crate::engine::script::{Dialect, Step};
use crate::engine::session::{Isolation, Session};
use crate::engine::worker::{self, Backoff, Calm, End};
use crate::error::{OpenError, StoreError};
use crate::tx::{Sql, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// On which engine a migration runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationEngine {
    /// On both.
    Both,
    /// SQLite only.
    Sqlite,
    /// PostgreSQL only.
    Postgres,
}

/// One embedded migration file.
///
/// The text is split at `;` into steps. Types are written `BIGINT`, `TEXT` and `BLOB`; SQLite is given `INTEGER` for `BIGINT`, so that
/// `id BIGINT PRIMARY KEY` is its row id, and PostgreSQL `BYTEA` for `BLOB`. What follows `-- sqlite: ` or `-- postgres: ` on a line
/// is text for that engine only; any other `--` starts a comment, which may be changed later.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Counts up; what is applied never changes.
    pub number: i64,
    /// A few words, as in the file name.
    pub title: &'static str,
    /// Where it runs.
    pub engine: MigrationEngine,
    /// The statements.
    pub text: &'static str,
}

/// Tables of the store itself, made before all others.
const BOOKKEEPING: &str = "
CREATE TABLE IF NOT EXISTS migrations (
  number     BIGINT NOT NULL,
  step       BIGINT NOT NULL,
  checksum   TEXT NOT NULL,
  applied_at BIGINT NOT NULL,
  PRIMARY KEY (number, step)
);
CREATE TABLE IF NOT EXISTS migration_lease (
  id          BIGINT PRIMARY KEY,
  token       BIGINT NOT NULL,
  lease_until BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS servers (
  number     BIGINT PRIMARY KEY,
  claimed_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  token      BIGINT NOT NULL
);";
/// Times that creating the bookkeeping is tried: several servers that start on an empty database collide in PostgreSQL's catalogue.
const BOOKKEEPING_ATTEMPTS: u32 = 5;
/// How long a server may take for one step before another may take over (which then waits for the row).
const LEASE_MICROS: i64 = 60_000_000;
/// How often a server that waits for another's migrations looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

static APPLIED: Sql = Sql::both("SELECT number, step, checksum FROM migrations");
static RECORD: Sql = Sql::both("INSERT INTO migrations (number, step, checksum, applied_at) VALUES ($1, $2, $3, $4)");
static TAKE_LEASE: Sql = Sql::both(
    "INSERT INTO migration_lease (id, token, lease_until) VALUES (1, $1, $2)
     ON CONFLICT (id) DO UPDATE SET token = excluded.token, lease_until = excluded.lease_until
     WHERE migration_lease.lease_until < $3",
);
static KEEP_LEASE: Sql = Sql::both("UPDATE migration_lease SET lease_until = $2 WHERE id = 1 AND token = $1");
static GIVE_LEASE_BACK: Sql = Sql::both("UPDATE migration_lease SET lease_until = 0 WHERE id = 1 AND token = $1");

/// A step that this binary knows.
struct Known {
    migration: &'static Migration,
    number: i64,
    step: Step,
}

/// Brings the schema up to this binary, waiting for another server that is at it. `token` tells this server from others.
pub(crate) fn migrate(
    session: &mut dyn Session,
    dialect: Dialect,
    migrations: &'static [Migration],
    token: i64,
) -> Result<(), OpenError> {
    let plan = plan(dialect, migrations).map_err(start)?;
    keep_books(session, dialect).map_err(start)?;
    let newest = migrations.iter().map(|migration| migration.number).max().unwrap_or(0);
    while pending(session, &plan, newest)? > 0 {
        if take_lease(session, token).map_err(start)? {
            let applied = apply(session, &plan, newest, token);
            let returned = give_lease_back(session, token);
            applied?;
            returned.map_err(start)?;
        } else {
            tracing::info!("waiting for another server that migrates the database");
            clock::pause(LOOK_AGAIN);
        }
    }
    Ok(())
}

fn start(source: StoreError) -> OpenError {
    OpenError::Start { source }
}

fn plan(dialect: Dialect, migrations: &'static [Migration]) -> Result<Vec<Known>, StoreError> {
    let ascending = migrations
        .iter()
        .zip(migrations.iter().skip(1))
        .all(|(one, next)| one.number < next.number);
    if !ascending {
        return Err(StoreError::bug("migrations are not in the order of their numbers"));
    }
    let mut plan = Vec::new();
    for migration in migrations.iter().filter(|migration| dialect.takes(migration)) {
        plan.extend((1..).zip(dialect.steps(migration.text)).map(|(number, step)| Known {
            migration,
            number,
            step,
        }));
    }
    Ok(plan)
}

fn keep_books(session: &mut dyn Session, dialect: Dialect) -> Result<(), StoreError> {
    for step in dialect.steps(BOOKKEEPING) {
        let mut create = || {
            worker::transact(session, Isolation::Slice, "migrations.bookkeeping", |session| {
                session.run_text(&step.text)
            })
        };
        let mut backoff = Backoff::default();
        let mut created = create();
        for _ in 1..BOOKKEEPING_ATTEMPTS {
            if created.is_ok() {
                break;
            }
            backoff.sleep();
            created = create();
        }
        created?;
    }
    Ok(())
}

/// Compares what is applied with what this binary knows; gives the number of steps still to do.
fn pending(session: &mut dyn Session, plan: &[Known], newest: i64) -> Result<usize, OpenError> {
    let mut applied = applied(session).map_err(start)?;
    if let Some(found) = applied
        .keys()
        .map(|(number, _)| *number)
        .max()
        .filter(|found| *found > newest)
    {
        return Err(OpenError::NewerSchema { found, known: newest });
    }
    let mut pending = 0_usize;
    for known in plan {
        match applied.remove(&(known.migration.number, known.number)) {
            Some(checksum) if checksum == known.step.checksum => {}
            Some(_) => return Err(drift(known.migration.number, known.migration.title, known.number)),
            None => pending = pending.saturating_add(1),
        }
    }
    match applied.into_keys().next() {
        Some((number, step)) => Err(drift(number, "not in this version", step)),
        None => Ok(pending),
    }
}

fn drift(number: i64, title: &'static str, step: i64) -> OpenError {
    OpenError::Drift { number, title, step }
}

fn applied(session: &mut dyn Session) -> Result<BTreeMap<(i64, i64), String>, StoreError> {
    worker::transact(session, Isolation::Snapshot, "migrations.applied", |session| {
        let rows = session.query(&APPLIED, &[])?;
        rows.iter()
            .map(|row| Ok(((row.int(0)?, row.int(1)?), row.text(2)?.to_owned())))
            .collect()
    })
}

fn take_lease(session: &mut dyn Session, token: i64) -> Result<bool, StoreError> {
    worker::transact(session, Isolation::Slice, "migrations.lease", |session| {
        let now = now_micros();
        let until = now.saturating_add(LEASE_MICROS);
        let taken = session.execute(&TAKE_LEASE, &[Value::Int(token), Value::Int(until), Value::Int(now)])?;
        Ok(taken == 1)
    })
}

fn give_lease_back(session: &mut dyn Session, token: i64) -> Result<(), StoreError> {
    worker::transact(session, Isolation::Slice, "migrations.lease", |session| {
        session.execute(&GIVE_LEASE_BACK, &[Value::Int(token)]).map(drop)
    })
}

/// Applies what is pending. Returns early, without an error, when another server has taken the lease over.
fn apply(session: &mut dyn Session, plan: &[Known], newest: i64, token: i64) -> Result<(), OpenError> {
    // Another server may have finished between the look and the lease.
    pending(session, plan, newest)?;
    let done = applied(session).map_err(start)?;
    for known in plan {
        let Migration { number, title, .. } = *known.migration;
        if done.contains_key(&(number, known.number)) {
            continue;
        }
        let fail = |source| OpenError::Migrate {
            number,
            title,
            step: known.number,
            source,
        };
        if !apply_step(session, known, token).map_err(fail)? {
            return Ok(());
        }
        tracing::info!(
            migration.number = number,
            migration.step = known.number,
            "applied migration {number} ({title})"
        );
    }
    Ok(())
}

/// Runs one statement and records it. False: the lease is lost, nothing was done.
fn apply_step(session: &mut dyn Session, known: &Known, token: i64) -> Result<bool, StoreError> {
    let mut lost_lease = false;
    let mut failure = None;
    let end = worker::attempts(
        session,
        &Calm::default(),
        Isolation::Slice,
        "migrations.step",
        &mut |session| match run_step(session, known, token) {
            Ok(true) => Ran::Keep,
            Ok(false) => {
                lost_lease = true;
                Ran::Undo
            }
            Err(error) => {
                failure = Some(error);
                Ran::Undo
            }
        },
    );
    match (end, failure) {
        (End::Failed(error), _) | (End::Undone, Some(error)) => Err(error),
        (End::Undone, None) => Ok(!lost_lease),
        (End::Committed, _) => Ok(true),
    }
}

fn run_step(session: &mut dyn Session, known: &Known, token: i64) -> Result<bool, StoreError> {
    let now = now_micros();
    let until = now.saturating_add(LEASE_MICROS);
    if session.execute(&KEEP_LEASE, &[Value::Int(token), Value::Int(until)])? != 1 {
        return Ok(false);
    }
    session.run_text(&known.step.text)?;
    session.execute(
        &RECORD,
        &[
            Value::Int(known.migration.number),
            Value::Int(known.number),
            Value::Text(&known.step.checksum),
            Value::Int(now),
        ],
    )?;
    Ok(true)
}
