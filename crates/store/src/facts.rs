//! Facts about the database itself, and the clock of the test world.

use crate::StoreError;
use crate::scope::one;
use crate::tx::{Sql, Tx, Value};

/// A fact by its name.
pub fn load(tx: &mut dyn Tx, name: &str) -> Result<Option<String>, StoreError> {
    static LOAD: Sql = Sql::both("SELECT value FROM facts WHERE name = $1");
    one(tx.query(&LOAD, &[Value::Text(name)])?)
        .map(|row| row.text(0).map(str::to_owned))
        .transpose()
}

/// Writes a fact down once; the first value stays.
pub fn note(tx: &mut dyn Tx, name: &str, value: &str) -> Result<(), StoreError> {
    static NOTE: Sql = Sql::both("INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
    tx.execute(&NOTE, &[Value::Text(name), Value::Text(value)])?;
    Ok(())
}

/// How far the clock of the test world is ahead of the real one, in microseconds.
pub fn test_clock_ahead(tx: &mut dyn Tx) -> Result<i64, StoreError> {
    static AHEAD: Sql = Sql::both("SELECT ahead_micros FROM test_clock WHERE id = 1");
    one(tx.query(&AHEAD, &[])?).map_or(Ok(0), |row| row.int(0))
}

/// Moves the clock of the test world on; returns how far it is ahead now.
pub fn advance_test_clock(tx: &mut dyn Tx, micros: i64) -> Result<i64, StoreError> {
    static ADVANCE: Sql = Sql::both(
        "INSERT INTO test_clock (id, ahead_micros) VALUES (1, $1)
         ON CONFLICT (id) DO UPDATE SET ahead_micros = test_clock.ahead_micros + excluded.ahead_micros RETURNING ahead_micros",
    );
    one(tx.query(&ADVANCE, &[Value::Int(micros)])?).map_or(Ok(0), |row| row.int(0))
}
