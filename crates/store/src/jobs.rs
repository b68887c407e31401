//! Jobs: work for the outside world, written in the transaction that decides it, done by whichever server holds the lease.
//!
//! A claim counts an attempt; only the holder of the newest attempt may finish or put off the job, so a worker that lost its lease in the
//! middle changes nothing.

use crate::StoreError;
use crate::scope::{Scope, all, one};
use crate::sealed;
use crate::tx::{Row, Sql, Tx, Value};
use vocab::context::World;
use vocab::id::{JobId, OrganizationId};
use vocab::limits;
use vocab::time::Timestamp;

/// A piece of work.
#[derive(Clone, Debug)]
pub struct Job {
    /// The job.
    pub id: JobId,
    /// The tenant.
    pub organization: OrganizationId,
    /// Test or live.
    pub world: World,
    /// What to do, such as `dispatch`.
    pub kind: String,
    /// Number of the thing it is about.
    pub subject: i64,
    /// Not before.
    pub due_at: Timestamp,
    /// Claims so far, this one included: the fence.
    pub attempts: i64,
    /// What went wrong last time.
    pub last_error: Option<String>,
}

/// Adds a job.
pub fn enqueue(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    id: JobId,
    kind: &str,
    subject: i64,
    due_at: Timestamp,
) -> Result<(), StoreError> {
    static ENQUEUE: Sql = Sql::both(
        "INSERT INTO jobs (id, organization, world, kind, subject, due_at, attempts, leased_until, last_error, seal)
         VALUES ($1, $2, $3, $4, $5, $6, 0, 0, NULL, $7)",
    );
    let lasting = [
        Value::Int(id.to_i64()),
        scope.org(),
        scope.world(),
        Value::Text(kind),
        Value::Int(subject),
    ];
    let seal = scope.sealer.row_seal("jobs", &sealed::encode(&lasting));
    let mut values = lasting.to_vec();
    values.extend_from_slice(&[Value::Int(due_at.micros()), Value::Blob(&seal)]);
    tx.execute(&ENQUEUE, &values)?;
    Ok(())
}

/// Claims up to `limit` due jobs of a world for a while. Leases run on the real clock `wall`, due times on the clock of the world. A lease
/// that ends later than anybody takes one was taken by a clock that was set back since; it holds nobody up.
pub fn claim(
    tx: &mut dyn Tx,
    world: World,
    now: Timestamp,
    wall: Timestamp,
    lease_seconds: i64,
    limit: usize,
) -> Result<Vec<Job>, StoreError> {
    // The guard stands outside too: without it the same job is handed to several workers.
    static CLAIM: Sql = Sql {
        sqlite: "UPDATE jobs SET attempts = attempts + 1, leased_until = $1 WHERE (leased_until <= $2 OR leased_until > $6) AND due_at <= $3 AND world = $5 AND id IN
           (SELECT id FROM jobs WHERE (leased_until <= $2 OR leased_until > $6) AND due_at <= $3 AND world = $5 ORDER BY due_at LIMIT $4)
         RETURNING id, organization, world, kind, subject, due_at, attempts, last_error",
        postgres: "UPDATE jobs SET attempts = attempts + 1, leased_until = $1 WHERE (leased_until <= $2 OR leased_until > $6) AND due_at <= $3 AND world = $5 AND id IN
           (SELECT id FROM jobs WHERE (leased_until <= $2 OR leased_until > $6) AND due_at <= $3 AND world = $5 ORDER BY due_at LIMIT $4
            FOR UPDATE SKIP LOCKED)
         RETURNING id, organization, world, kind, subject, due_at, attempts, last_error",
    };
    let values = [
        Value::Int(wall.plus_seconds(lease_seconds).micros()),
        Value::Int(wall.micros()),
        Value::Int(now.micros()),
        Value::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
        Value::Int(world.to_i64()),
        Value::Int(
            wall.plus_seconds(lease_seconds.saturating_add(limits::LEASE_AHEAD_SECONDS))
                .micros(),
        ),
    ];
    all(&tx.query(&CLAIM, &values)?, read)
}

/// Extends the lease of a claimed job until a time of the real clock; false when another worker holds it by now. Asked for before the
/// outside world is touched.
pub fn renew(tx: &mut dyn Tx, job: &Job, until: Timestamp) -> Result<bool, StoreError> {
    static RENEW: Sql = Sql::both("UPDATE jobs SET leased_until = $1 WHERE id = $2 AND attempts = $3");
    let values = [
        Value::Int(until.micros()),
        Value::Int(job.id.to_i64()),
        Value::Int(job.attempts),
    ];
    Ok(tx.execute(&RENEW, &values)? == 1)
}

/// Removes a finished job; false when another worker holds it by now.
pub fn finish(tx: &mut dyn Tx, job: &Job) -> Result<bool, StoreError> {
    static FINISH: Sql = Sql::both("DELETE FROM jobs WHERE id = $1 AND attempts = $2");
    Ok(tx.execute(&FINISH, &[Value::Int(job.id.to_i64()), Value::Int(job.attempts)])? == 1)
}

/// Puts a job off to a later time and gives the lease back; false when another worker holds it by now.
pub fn put_off(tx: &mut dyn Tx, job: &Job, due_at: Timestamp, error: Option<&str>) -> Result<bool, StoreError> {
    static PUT_OFF: Sql =
        Sql::both("UPDATE jobs SET due_at = $1, leased_until = 0, last_error = $2 WHERE id = $3 AND attempts = $4");
    let values = [
        Value::Int(due_at.micros()),
        Value::OptText(error),
        Value::Int(job.id.to_i64()),
        Value::Int(job.attempts),
    ];
    Ok(tx.execute(&PUT_OFF, &values)? == 1)
}

/// Makes jobs about a subject due at once, such as an inquiry after a statement came.
pub fn hasten(tx: &mut dyn Tx, scope: Scope<'_>, kind: &str, subject: i64, now: Timestamp) -> Result<(), StoreError> {
    static HASTEN: Sql = Sql::both(
        "UPDATE jobs SET due_at = $1 WHERE kind = $2 AND subject = $3 AND organization = $4 AND world = $5 AND due_at > $1",
    );
    let values = [
        Value::Int(now.micros()),
        Value::Text(kind),
        Value::Int(subject),
        scope.org(),
        scope.world(),
    ];
    tx.execute(&HASTEN, &values)?;
    Ok(())
}

/// Makes all jobs of a kind in a world, of every organization, due at once that would be due later than a time; returns how many.
pub fn hasten_all(
    tx: &mut dyn Tx,
    world: World,
    kind: &str,
    later_than: Timestamp,
    now: Timestamp,
) -> Result<u64, StoreError> {
    static HASTEN: Sql = Sql::both("UPDATE jobs SET due_at = $1 WHERE kind = $2 AND world = $3 AND due_at > $4");
    let values = [
        Value::Int(now.micros()),
        Value::Text(kind),
        Value::Int(world.to_i64()),
        Value::Int(later_than.micros()),
    ];
    tx.execute(&HASTEN, &values)
}

/// Whether there is a job of a kind about a subject.
pub fn exists(tx: &mut dyn Tx, scope: Scope<'_>, kind: &str, subject: i64) -> Result<bool, StoreError> {
    static EXISTS: Sql =
        Sql::both("SELECT id FROM jobs WHERE kind = $1 AND subject = $2 AND organization = $3 AND world = $4 LIMIT 1");
    let values = [Value::Text(kind), Value::Int(subject), scope.org(), scope.world()];
    Ok(!tx.query(&EXISTS, &values)?.is_empty())
}

/// How many jobs wait, and since when the oldest of them has been due.
pub fn backlog(tx: &mut dyn Tx, world: World, now: Timestamp) -> Result<(i64, Option<Timestamp>), StoreError> {
    static BACKLOG: Sql = Sql::both(
        "SELECT CAST(COUNT(*) AS BIGINT), CAST(MIN(due_at) AS BIGINT) FROM jobs WHERE due_at <= $1 AND world = $2",
    );
    one(tx.query(&BACKLOG, &[Value::Int(now.micros()), Value::Int(world.to_i64())])?).map_or(Ok((0, None)), |row| {
        Ok((row.int(0)?, row.opt_int(1)?.map(Timestamp::from_micros)))
    })
}

/// How many jobs of a world there are.
pub fn count(tx: &mut dyn Tx, world: World) -> Result<i64, StoreError> {
    static COUNT: Sql = Sql::both("SELECT CAST(COUNT(*) AS BIGINT) FROM jobs WHERE world = $1");
    one(tx.query(&COUNT, &[Value::Int(world.to_i64())])?).map_or(Ok(0), |row| row.int(0))
}

/// When the next job of a world becomes due.
pub fn next_due(tx: &mut dyn Tx, world: World) -> Result<Option<Timestamp>, StoreError> {
    static NEXT: Sql = Sql::both("SELECT CAST(MIN(due_at) AS BIGINT) FROM jobs WHERE world = $1");
    one(tx.query(&NEXT, &[Value::Int(world.to_i64())])?)
        .map_or(Ok(None), |row| Ok(row.opt_int(0)?.map(Timestamp::from_micros)))
}

fn read(row: &Row) -> Result<Job, StoreError> {
    Ok(Job {
        id: JobId::from_i64(row.int(0)?),
        organization: OrganizationId::from_i64(row.int(1)?),
        world: World::from_i64(row.int(2)?).ok_or_else(|| StoreError::corrupt("the world of a job"))?,
        kind: row.text(3)?.to_owned(),
        subject: row.int(4)?,
        due_at: Timestamp::from_micros(row.int(5)?),
        attempts: row.int(6)?,
        last_error: row.opt_text(7)?.map(str::to_owned),
    })
}
