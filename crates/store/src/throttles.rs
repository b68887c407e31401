//! Failures in a row, for accounts and sources. Keyed digests only: the rows tell nobody who tried.

use crate::StoreError;
use crate::scope::one;
use crate::tx::{Sql, Tx, Value};
use vocab::time::Timestamp;

/// Failures and when the last one was.
pub fn load(tx: &mut dyn Tx, subject: &[u8; 16]) -> Result<Option<(i64, Timestamp)>, StoreError> {
    static ONE: Sql = Sql::both("SELECT failures, last_at FROM throttles WHERE subject = $1");
    let row = one(tx.query(&ONE, &[Value::Blob(subject)])?);
    row.map(|row| Ok((row.int(0)?, Timestamp::from_micros(row.int(1)?))))
        .transpose()
}

/// Writes them.
pub fn put(tx: &mut dyn Tx, subject: &[u8; 16], failures: i64, last_at: Timestamp) -> Result<(), StoreError> {
    static PUT: Sql = Sql::both(
        "INSERT INTO throttles (subject, failures, last_at) VALUES ($1, $2, $3)
         ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at",
    );
    let values = [Value::Blob(subject), Value::Int(failures), Value::Int(last_at.micros())];
    tx.execute(&PUT, &values)?;
    Ok(())
}

/// Forgets failures whose last one was before a time.
pub fn forget(tx: &mut dyn Tx, before: Timestamp) -> Result<u64, StoreError> {
    static OLD: Sql = Sql::both("DELETE FROM throttles WHERE last_at < $1");
    tx.execute(&OLD, &[Value::Int(before.micros())])
}

/// Forgets them.
pub fn clear(tx: &mut dyn Tx, subject: &[u8; 16]) -> Result<(), StoreError> {
    static CLEAR: Sql = Sql::both("DELETE FROM throttles WHERE subject = $1");
    tx.execute(&CLEAR, &[Value::Blob(subject)])?;
    Ok(())
}
