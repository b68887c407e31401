//! Sealed tables: each row ends with a keyed code over its other columns, so that a change made behind the platform's back is found and
//! named. One mechanism for writing, for writing over, and for the check.

use crate::StoreError;
use crate::scope::{RowSealer, Scope};
use crate::tx::{Row, Sql, Tx, Value};

/// A table whose last column is a seal over all others.
#[derive(Debug)]
pub struct SealedTable {
    /// Table name; also separates the seals of different tables.
    pub name: &'static str,
    /// Columns before `seal`.
    pub columns: usize,
    /// Inserts all columns, the seal last.
    pub insert: Sql,
    /// Reads all rows with all columns in the same order: what the check compares.
    pub scan: Sql,
}

/// Inserts a row; `values` are all columns but the seal, in the order of the table.
pub(crate) fn insert(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    table: &'static SealedTable,
    values: &[Value<'_>],
) -> Result<(), StoreError> {
    let seal = scope.sealer.row_seal(table.name, &encode(values));
    let mut all: Vec<Value<'_>> = Vec::with_capacity(values.len() + 1);
    all.extend_from_slice(values);
    all.push(Value::Blob(&seal));
    tx.execute(&table.insert, &all)?;
    Ok(())
}

/// A row that does not carry the seal it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenSeal {
    /// Table name.
    pub table: &'static str,
    /// First column of the row, for people.
    pub row: String,
}

/// Checks every row of a table; returns how many there are and those whose seal does not hold.
pub fn check(
    tx: &mut dyn Tx,
    sealer: &dyn RowSealer,
    table: &'static SealedTable,
) -> Result<(u64, Vec<BrokenSeal>), StoreError> {
    let mut broken = Vec::new();
    let mut rows: u64 = 0;
    for row in tx.query(&table.scan, &[])? {
        rows += 1;
        if !carries_seal(&row, sealer, table)? {
            broken.push(BrokenSeal {
                table: table.name,
                row: describe(&row)?,
            });
        }
    }
    Ok((rows, broken))
}

/// Whether a row, read with all columns in the order of its table, carries the seal it should.
pub(crate) fn holds(row: &Row, scope: Scope<'_>, table: &'static SealedTable) -> Result<bool, StoreError> {
    carries_seal(row, scope.sealer, table)
}

fn carries_seal(row: &Row, sealer: &dyn RowSealer, table: &'static SealedTable) -> Result<bool, StoreError> {
    let values = (0..table.columns)
        .map(|column| row.value(column))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(row.blob(table.columns)? == sealer.row_seal(table.name, &encode(&values)))
}

fn describe(row: &Row) -> Result<String, StoreError> {
    Ok(match row.value(0)? {
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.to_owned(),
        Value::Blob(bytes) => bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
        _ => "without a key".to_owned(),
    })
}

/// Encodes columns without ambiguity: a tag, a length, the bytes.
pub(crate) fn encode(values: &[Value<'_>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(values.len() * 16);
    for value in values {
        let (tag, body): (u8, &[u8]) = match value {
            Value::Int(number) | Value::OptInt(Some(number)) => {
                bytes.push(1);
                bytes.extend_from_slice(&number.to_be_bytes());
                continue;
            }
            Value::Text(text) | Value::OptText(Some(text)) => (2, text.as_bytes()),
            Value::Blob(blob) | Value::OptBlob(Some(blob)) => (3, blob),
            Value::OptInt(None) | Value::OptText(None) | Value::OptBlob(None) => (0, &[]),
        };
        bytes.push(tag);
        bytes.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(body);
    }
    bytes
}
