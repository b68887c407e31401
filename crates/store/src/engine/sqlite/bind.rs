//! Parameters into and rows out of a prepared SQLite statement.

use super::fault::classify;
use crate::engine::cell::{Cell, CellRef, Cells};
use crate::error::StoreError;
use crate::tx::{Column, Row, Value};
use rusqlite::Statement;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// Turns `$1` into `?1`: SQLite takes `$1` for a name and would count by first appearance.
pub(super) fn numbered(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let parameter = letter == '$' && letters.peek().is_some_and(char::is_ascii_digit);
        out.push(if parameter { '?' } else { letter });
    }
    out
}

pub(super) fn bind_values(statement: &mut Statement<'_>, values: &[Value<'_>]) -> Result<(), StoreError> {
    expect_count(statement, values.len())?;
    for (position, value) in (1_usize..).zip(values) {
        bind(statement, position, value.cell())?;
    }
    Ok(())
}

pub(super) fn bind_row(statement: &mut Statement<'_>, columns: &[Column<'_>], row: usize) -> Result<(), StoreError> {
    expect_count(statement, columns.len())?;
    for (position, column) in (1_usize..).zip(columns) {
        bind(statement, position, column.cell(row)?)?;
    }
    Ok(())
}

/// A parameter that is not given would silently keep its value from the last run.
fn expect_count(statement: &Statement<'_>, given: usize) -> Result<(), StoreError> {
    let expected = statement.parameter_count();
    if expected == given {
        return Ok(());
    }
    Err(StoreError::bug(format!(
        "a statement takes {expected} parameters and was given {given}"
    )))
}

fn bind(statement: &mut Statement<'_>, position: usize, cell: CellRef<'_>) -> Result<(), StoreError> {
    statement.raw_bind_parameter(position, Bound(cell)).map_err(classify)
}

struct Bound<'a>(CellRef<'a>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            CellRef::Null => ValueRef::Null,
            CellRef::Int(number) => ValueRef::Integer(number),
            CellRef::Text(text) => ValueRef::Text(text.as_bytes()),
            CellRef::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Runs a statement that returns no rows.
pub(super) fn touched(statement: &mut Statement<'_>) -> Result<u64, StoreError> {
    let count = statement.raw_execute().map_err(classify)?;
    u64::try_from(count).map_err(|_| StoreError::bug("more rows were touched than there can be"))
}

/// Runs a statement that returns rows and copies them out.
pub(super) fn collect(statement: &mut Statement<'_>, into: &mut Vec<Row>) -> Result<(), StoreError> {
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(classify)? {
        let cells: Result<Box<[Cell]>, StoreError> = (0..width)
            .map(|column| row.get_ref(column).map(owned).map_err(classify))
            .collect();
        into.push(Row(Cells::Sqlite(cells?)));
    }
    Ok(())
}

fn owned(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(bytes) => {
            std::str::from_utf8(bytes).map_or(Cell::Alien("a text that is not UTF-8"), |text| Cell::Text(text.into()))
        }
        ValueRef::Blob(bytes) => Cell::Blob(bytes.into()),
        ValueRef::Real(_) => Cell::Alien("a fraction, and all numbers are integers"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_by_their_number_and_not_by_appearance() {
        assert_eq!(numbered("VALUES ($2, $11, '$', $1)"), "VALUES (?2, ?11, '$', ?1)");
    }
}
