//! What only the check of the whole database reads: tables from end to end, rows whose other half is missing, rows by their keys.
//!
//! These functions expect altered rows. A row that cannot be read is handed over as such and never ends the reading; only a database
//! that does not answer does.

pub mod log;
pub mod named;
pub mod payments;
pub mod totals;
pub mod working;

use crate::StoreError;
use crate::scope::one;
use crate::tx::{Sql, Tx, Value};

/// Rows that a list of missing halves has at most: whoever has lost more needs a backup and not a longer list.
pub const LOST_MAX: usize = 1_000;

fn lost_max() -> Value<'static> {
    Value::Int(i64::try_from(LOST_MAX).unwrap_or(i64::MAX))
}

/// What the engine itself says about the file: indexes that do not fit their tables, pages that cannot be read. Nothing when it is
/// sound. PostgreSQL looks after its files by itself.
pub fn file(tx: &mut dyn Tx) -> Result<Vec<String>, StoreError> {
    static SOUND: Sql = Sql {
        sqlite: "PRAGMA integrity_check(100)",
        postgres: "SELECT 'ok'",
    };
    let rows = tx.query(&SOUND, &[])?;
    let said = rows
        .iter()
        .map(|row| row.text(0).unwrap_or("an answer that cannot be read").to_owned());
    Ok(said.filter(|line| line != "ok").collect())
}

fn count(tx: &mut dyn Tx, sql: &'static Sql) -> Result<u64, StoreError> {
    let count = one(tx.query(sql, &[])?).map_or(Ok(0), |row| row.int(0))?;
    u64::try_from(count).map_err(|_| StoreError::bug("a count below zero"))
}
