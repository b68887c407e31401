//! Sealed tables: each row ends with a keyed code over its other columns, so that a change made behind the platform's back is found and
//! named. One mechanism for writing, for writing over, and for the check.

use crate::StoreError;
use crate::scan::{Key, Pages};
use crate::scope::{RowSealer, Scope};
use crate::tx::{Row, Sql, Tx, Value};

/// A table whose last column is a seal over all others.
#[derive(Debug)]
pub struct SealedTable {
    /// Table name; also separates the seals of different tables.
    pub name: &'static str,
    /// Columns before `seal`.
    pub columns: usize,
    /// What tells its rows apart.
    pub key: &'static [Key],
    /// How people read the first number of the key.
    pub id: fn(i64) -> String,
    /// Inserts all columns, the seal last.
    pub insert: Sql,
    /// Reads a page of rows with all columns in the same order: what the check compares.
    pub scan: Sql,
}

/// Every sealed table. The check goes through this list; a test compares it with the schema.
pub static TABLES: [&SealedTable; 33] = [
    &crate::organizations::ORGANIZATIONS,
    &crate::organizations::MEMBERS,
    &crate::organizations::CLIENTS,
    &crate::organizations::SIGNING_KEYS,
    &crate::policies::APPROVAL_POLICIES,
    &crate::accounts::ACCOUNTS,
    &crate::batches::BATCHES,
    &crate::batches::FINDINGS,
    &crate::batches::BATCH_PAYMENTS,
    &crate::payments::EARLIER_CONTENTS,
    &crate::approvals::APPROVALS,
    &crate::orders::ORDERS,
    &crate::orders::ORDER_PAYMENTS,
    &crate::orders::ATTEMPTS,
    &crate::documents::DOCUMENTS,
    &crate::statements::STATEMENTS,
    &crate::statements::STATEMENT_LINES,
    &crate::statements::MATCHES,
    &crate::exceptions::EXCEPTIONS,
    &crate::journal::LEDGER_ACCOUNTS,
    &crate::console::CONSOLE_LINKS,
    &crate::console::CONSOLE_SESSIONS,
    &crate::members::MEMBER_STATES,
    &crate::members::ROLE_CHANGES,
    &crate::members::ADDRESSES,
    &crate::members::ROLE_USES,
    &crate::credentials::PASSWORDS,
    &crate::credentials::AUTHENTICATORS,
    &crate::credentials::RECOVERY_CODES,
    &crate::sessions::SESSIONS,
    &crate::links::ONE_TIME_LINKS,
    &crate::step_ups::STEP_UPS,
    &crate::backups::BACKUPS,
];

/// Inserts a row; `values` are all columns but the seal, in the order of the table.
pub(crate) fn insert(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    table: &'static SealedTable,
    values: &[Value<'_>],
) -> Result<(), StoreError> {
    insert_with(tx, scope.sealer, table, values)
}

/// [`insert`] for rows that are found before anybody knows whose they are.
pub(crate) fn insert_with(
    tx: &mut dyn Tx,
    sealer: &dyn RowSealer,
    table: &'static SealedTable,
    values: &[Value<'_>],
) -> Result<(), StoreError> {
    let seal = sealer.row_seal(table.name, &encode(values));
    let mut all: Vec<Value<'_>> = Vec::with_capacity(values.len() + 1);
    all.extend_from_slice(values);
    all.push(Value::Blob(&seal));
    tx.execute(&table.insert, &all)?;
    Ok(())
}

/// What the check of a table came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Rows that were looked at.
    pub rows: u64,
    /// Whether all rows were: false when a page held nothing but rows with keys that the table cannot have.
    pub complete: bool,
}

/// Checks every row of a table, page by page; hands over the keys of those whose seal does not hold, as people read them.
pub fn check(
    tx: &mut dyn Tx,
    sealer: &dyn RowSealer,
    table: &'static SealedTable,
    broken: &mut dyn FnMut(String),
) -> Result<Checked, StoreError> {
    let mut pages = Pages::new(&table.scan, table.key);
    let mut rows: u64 = 0;
    while let Some(page) = pages.next(tx)? {
        for row in &page {
            rows = rows.saturating_add(1);
            // A cell that cannot be read was not written by us either.
            if !carries_seal(row, sealer, table).unwrap_or(false) {
                broken(describe(row, table));
            }
        }
    }
    Ok(Checked {
        rows,
        complete: !pages.stuck(),
    })
}

/// Whether a row, read with all columns in the order of its table, carries the seal it should.
pub(crate) fn holds(row: &Row, scope: Scope<'_>, table: &'static SealedTable) -> Result<bool, StoreError> {
    carries_seal(row, scope.sealer, table)
}

/// [`holds`] for rows that are found before anybody knows whose they are.
pub(crate) fn holds_with(row: &Row, sealer: &dyn RowSealer, table: &'static SealedTable) -> Result<bool, StoreError> {
    carries_seal(row, sealer, table)
}

fn carries_seal(row: &Row, sealer: &dyn RowSealer, table: &'static SealedTable) -> Result<bool, StoreError> {
    let values = (0..table.columns)
        .map(|column| row.value(column))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(row.blob(table.columns)? == sealer.row_seal(table.name, &encode(&values)))
}

fn describe(row: &Row, table: &SealedTable) -> String {
    let part = |(column, key): (usize, &Key)| match key {
        Key::Number if column == 0 => row.int(0).map_or_else(|_| "?".to_owned(), table.id),
        Key::Number => row
            .int(column)
            .map_or_else(|_| "?".to_owned(), |number| number.to_string()),
        Key::Bytes => digest(row.blob(column).unwrap_or_default()),
    };
    table.key.iter().enumerate().map(part).collect::<Vec<_>>().join(" ")
}

/// Reads a row whose columns all stand in the order of its table; a row whose seal does not hold is an error.
// SECURITY: for what rights and credentials are read from. Whoever can write to the database, but has no key, could otherwise give
// themselves both.
pub(crate) fn vouched(row: Row, sealer: &dyn RowSealer, table: &'static SealedTable) -> Result<Row, StoreError> {
    if carries_seal(&row, sealer, table)? {
        Ok(row)
    } else {
        Err(StoreError::corrupt("the seal of a row about a member"))
    }
}

/// The beginning of a digest, for people.
pub(crate) fn digest(bytes: &[u8]) -> String {
    bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
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
