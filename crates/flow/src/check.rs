//! Check: every row of the database against its seal, its event and the signed log. Whoever can write to the database and has no keys
//! cannot change, remove or add a row without being found here.
//!
//! Nothing is written, and nothing is believed: each row is read on its own, and what can be computed is computed again. All of it sees
//! one moment of the database, page by page, so that a large and busy one can be checked as well.

mod events;
mod ledger;
mod log;
mod named;
mod payments;
mod sealed;
mod told;
mod working;

use crate::platform::{Parts, Platform};
use crate::refusal::Error;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Tx;
use vocab::context::World;
use vocab::time::Timestamp;

/// What the check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Leaves of the log, as its signed checkpoint says.
    pub size: u64,
    /// Rows that were looked at.
    pub rows: u64,
    /// What was altered, is missing or does not belong here. Empty when everything is as it was recorded.
    pub problems: Vec<Problem>,
}

/// One row that is not as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its table.
    pub table: String,
    /// Its key, as people read it.
    pub row: String,
    /// What is wrong with it. Holds no personal data.
    pub sentence: String,
}

/// Tables without a seal in each row, and what is compared instead.
pub const RECOMPUTED: &[(&str, &str)] = &[
    (
        "events",
        "the salt of each is a keyed code over its columns; its commitment is under the signed root",
    ),
    (
        "log_leaves",
        "each event has one, in one sequence, and they give the signed root",
    ),
    ("log_pending", "each event that has no leaf waits here, and no other"),
    ("log_tiles", "computed again from the leaves"),
    ("log_head", "signed by the log's key"),
    (
        "payments",
        "the sealed content opens with the columns beside it only, and is the one that the last event names",
    ),
    ("payment_states", "computed again from the payment's events"),
    ("account_totals", "the sum of what the payments' events reserve"),
    ("likenesses", "computed again from the payments' contents"),
    (
        "payment_references",
        "computed again from the contents of payments that are in an order",
    ),
    (
        "idempotency",
        "sealed; and for 72 hours each event that a caller asked for has its row",
    ),
    (
        "entries",
        "sealed together with its postings, and compared with its event",
    ),
    (
        "postings",
        "sealed together in their entry, and compared with its event",
    ),
    ("mailboxes", "the cursor that the last event about the mailbox names"),
    ("test_clock", "the sum of the steps that events tell of"),
    ("facts", "the fingerprints of the keys in use"),
    (
        "jobs",
        "sealed in what they ask for; and what waits for the outside world has its job",
    ),
];

/// Tables that are not compared with anything, and why altering them gains nothing.
pub const WORKING: &[(&str, &str)] = &[
    (
        "nonces",
        "a removed row lets a signed request be sent again for five minutes at most, and its idempotency key gives the same answer again; \
         an added row keeps one request out",
    ),
    (
        "throttles",
        "a removed row lets somebody guess a few more times before they wait again, and an added one lets somebody wait for a quarter of \
         an hour",
    ),
    (
        "servers",
        "two servers with one number would draw the same ids, and a second row with the same id is refused",
    ),
    (
        "migrations",
        "compared with the program whenever the database is opened: an altered schema is not opened at all",
    ),
    (
        "migration_lease",
        "a wrong lease lets a server wait for a minute when the schema is brought up to date",
    ),
    (
        "backup_turn",
        "a wrong lease lets a backup be made twice, or late; how old the last one is tell the sealed rows of `backups`",
    ),
];

/// Checks the whole database.
pub async fn check(platform: &Platform) -> Result<Report, Error> {
    let parts = Arc::clone(platform.parts());
    let shared = Arc::clone(&parts);
    parts.store.read("check", move |tx| whole(&shared, tx)).await
}

fn whole(parts: &Parts, tx: &mut dyn Tx) -> Result<Report, Error> {
    let mut findings = Findings::default();
    for said in store::audit::file(tx)? {
        findings.add("file", "-", format!("the database file is damaged: {said}"));
    }
    working::facts(parts, tx, &mut findings)?;
    let mut told = events::check(parts, tx, &mut findings)?;
    let size = log::check(parts, tx, &mut findings, std::mem::take(&mut told.strays))?;
    let now = Now::new(parts, told.ahead_micros);
    let mut rows = sealed::check(parts, tx, &mut findings)?;
    let held = payments::check(parts, tx, &mut findings, &now, &mut rows)?;
    ledger::check(parts, tx, &mut findings, &mut rows)?;
    ledger::totals(tx, &mut findings, &held)?;
    named::contradictions(tx, &mut findings)?;
    named::unnamed(&mut findings, &told, &rows);
    working::check(parts, tx, &mut findings, &told, &now)?;
    Ok(findings.report(size))
}

/// The times by which the check goes. That of the test world is computed from events, because the row could have been altered.
struct Now {
    wall: Timestamp,
    test: Timestamp,
}

impl Now {
    fn new(parts: &Parts, ahead_micros: i64) -> Self {
        let wall = parts.clock.now();
        Self {
            wall,
            test: wall.plus_micros(ahead_micros),
        }
    }

    fn of(&self, world: World) -> Timestamp {
        match world {
            World::Live => self.wall,
            World::Test => self.test,
        }
    }
}

/// Rows counted by table.
type Rows = BTreeMap<&'static str, u64>;

/// What was found so far.
#[derive(Default)]
struct Findings {
    problems: Vec<Problem>,
    by_table: BTreeMap<&'static str, usize>,
    rows: u64,
}

impl Findings {
    /// Problems that are listed for one table. Beyond that they are counted: with the wrong keys every row is one.
    const LISTED_MAX: usize = 1_000;

    fn add(&mut self, table: &'static str, row: impl Into<String>, sentence: impl Into<String>) {
        let count = self.by_table.entry(table).or_default();
        *count = count.saturating_add(1);
        if *count <= Self::LISTED_MAX {
            self.problems.push(Problem {
                table: table.to_owned(),
                row: row.into(),
                sentence: sentence.into(),
            });
        }
    }

    fn looked_at(&mut self, rows: usize) {
        self.rows = self.rows.saturating_add(u64::try_from(rows).unwrap_or(u64::MAX));
    }

    fn any_in(&self, tables: &[&str]) -> bool {
        tables.iter().any(|table| self.by_table.contains_key(table))
    }

    fn report(mut self, size: u64) -> Report {
        for (table, count) in &self.by_table {
            if let Some(more) = count.checked_sub(Self::LISTED_MAX).filter(|more| *more > 0) {
                self.problems.push(Problem {
                    table: (*table).to_owned(),
                    row: "…".to_owned(),
                    sentence: format!("{more} more rows of this table are not as they were recorded"),
                });
            }
        }
        Report {
            size,
            rows: self.rows,
            problems: self.problems,
        }
    }
}

/// Whether a row could be read. What the store cannot make sense of was altered; every other error ends the check.
fn readable<T>(read: Result<T, store::StoreError>) -> Result<Option<T>, Error> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(store::StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
