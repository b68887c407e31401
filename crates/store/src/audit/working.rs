//! Working tables, as the check reads them: facts, the test clock, mailboxes, jobs.

use super::lost_max;
use crate::StoreError;
use crate::scan::{ID, Pages};
use crate::scope::RowSealer;
use crate::sealed;
use crate::tx::{Row, Sql, Tx, Value};
use vocab::id::JobId;
use vocab::time::Timestamp;

/// A fact; `None` in place of what cannot be read.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its name.
    pub name: Option<String>,
    /// Its value.
    pub value: Option<String>,
}

/// All facts.
pub fn facts(tx: &mut dyn Tx) -> Result<Vec<Fact>, StoreError> {
    static FACTS: Sql = Sql::both("SELECT name, value FROM facts ORDER BY name LIMIT $1");
    let fact = |row: &Row| Fact {
        name: row.text(0).ok().map(str::to_owned),
        value: row.text(1).ok().map(str::to_owned),
    };
    Ok(tx.query(&FACTS, &[lost_max()])?.iter().map(fact).collect())
}

/// All rows of the test clock, as id and microseconds ahead. There is one at most, with the id 1.
pub fn test_clocks(tx: &mut dyn Tx) -> Result<Vec<(i64, Option<i64>)>, StoreError> {
    static CLOCKS: Sql = Sql::both("SELECT id, ahead_micros FROM test_clock ORDER BY id LIMIT $1");
    tx.query(&CLOCKS, &[lost_max()])?
        .iter()
        .map(|row| Ok((row.int(0)?, row.int(1).ok())))
        .collect()
}

/// How far a mailbox has been read.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// The organization.
    pub organization: i64,
    /// The world.
    pub world: i64,
    /// Name of the channel.
    pub channel: String,
    /// Where to go on; `None` when it cannot be read.
    pub cursor: Option<i64>,
}

/// All mailboxes: as many as organizations have channels.
pub fn mailboxes(tx: &mut dyn Tx) -> Result<Vec<Mailbox>, StoreError> {
    static MAILBOXES: Sql =
        Sql::both("SELECT organization, world, channel, cursor FROM mailboxes ORDER BY organization, world, channel");
    let mailbox = |row: &Row| Mailbox {
        organization: row.int(0).unwrap_or(-1),
        world: row.int(1).unwrap_or(-1),
        channel: row.text(2).unwrap_or("?").to_owned(),
        cursor: row.int(3).ok(),
    };
    Ok(tx.query(&MAILBOXES, &[])?.iter().map(mailbox).collect())
}

/// A job as the check finds it.
#[derive(Clone, Copy, Debug)]
pub struct FoundJob {
    /// The job.
    pub id: JobId,
    /// Whether its seal holds over what never changes: id, organization, world, kind and subject.
    pub sealed: bool,
    /// How often it was claimed; `None` when that cannot be read.
    pub attempts: Option<i64>,
    /// Until when somebody holds it; `None` when that cannot be read.
    pub leased_until: Option<Timestamp>,
    /// Whether its due time can be read.
    pub due: bool,
}

/// All jobs, page by page.
pub struct Jobs(Pages);

impl Jobs {
    /// From the first job on.
    pub fn new() -> Self {
        static JOBS: Sql = Sql::both(
            "SELECT id, organization, world, kind, subject, seal, attempts, leased_until, due_at FROM jobs
             WHERE id >= $1 ORDER BY id LIMIT $2",
        );
        Self(Pages::new(&JOBS, ID))
    }

    /// The next page; `None` after the last one.
    pub fn next(&mut self, tx: &mut dyn Tx, sealer: &dyn RowSealer) -> Result<Option<Vec<FoundJob>>, StoreError> {
        let Some(rows) = self.0.next(tx)? else { return Ok(None) };
        let job = |row: &Row| {
            Ok(FoundJob {
                id: JobId::from_i64(row.int(0)?),
                sealed: carries_seal(row, sealer).unwrap_or(false),
                attempts: row.int(6).ok(),
                leased_until: row.int(7).ok().map(Timestamp::from_micros),
                due: row.int(8).is_ok(),
            })
        };
        rows.iter().map(job).collect::<Result<_, StoreError>>().map(Some)
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Jobs")
    }
}

fn carries_seal(row: &Row, sealer: &dyn RowSealer) -> Result<bool, StoreError> {
    let lasting = (0..5).map(|column| row.value(column)).collect::<Result<Vec<_>, _>>()?;
    Ok(row.blob(5)? == sealer.row_seal("jobs", &sealed::encode(&lasting)))
}

/// When the first job of a kind about a thing is due, if there is one in this organization and world.
pub fn due(tx: &mut dyn Tx, home: (i64, i64), kind: &str, subject: i64) -> Result<Option<Timestamp>, StoreError> {
    static DUE: Sql = Sql::both(
        "SELECT due_at FROM jobs WHERE kind = $1 AND subject = $2 AND organization = $3 AND world = $4 ORDER BY due_at LIMIT 1",
    );
    let values = [
        Value::Text(kind),
        Value::Int(subject),
        Value::Int(home.0),
        Value::Int(home.1),
    ];
    let rows = tx.query(&DUE, &values)?;
    Ok(rows.first().map(|row| {
        row.int(0)
            .map_or(Timestamp::from_micros(i64::MAX), Timestamp::from_micros)
    }))
}

/// Whether there is a job with this id.
pub fn job_is_there(tx: &mut dyn Tx, id: JobId) -> Result<bool, StoreError> {
    static THERE: Sql = Sql::both("SELECT id FROM jobs WHERE id = $1");
    Ok(!tx.query(&THERE, &[Value::Int(id.to_i64())])?.is_empty())
}
