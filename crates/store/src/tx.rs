//! What a transaction can do: statements, their parameters and their rows, the same on both engines.
//!
//! SQL is written once with `$1` parameters and `TEXT`, `BIGINT` and `BLOB` columns. Where the engines differ, the two texts stand
//! side by side in one [`Sql`] or [`Batch`]. A closure that is given a `Tx` may be run several times and must have no other effect.

use crate::digests::Digests;
pub(crate) use crate::engine::cell::CellRef;
use crate::engine::cell::Cells;
pub use crate::engine::script::Dialect;
use crate::error::StoreError;

/// One statement. Statements are `static`: the engines keep them prepared, found by address.
///
/// Parameters are `$1`, `$2` and so on, each at most once per name and in any order; in the text they appear nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    /// The text for SQLite; `$n` is translated to `?n`.
    pub sqlite: &'static str,
    /// The text for PostgreSQL.
    pub postgres: &'static str,
}

impl Sql {
    /// The same text for both engines: the rule.
    pub const fn both(text: &'static str) -> Self {
        Self {
            sqlite: text,
            postgres: text,
        }
    }
}

/// A statement that is run for many rows.
///
/// An `arrays` text must not touch the same row twice (PostgreSQL refuses that in `ON CONFLICT DO UPDATE`), so the caller adds up
/// rows of the same key first.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// SQLite: run once for each row, `$n` being the row's value of the n-th column.
    pub each: &'static str,
    /// PostgreSQL: run once, `$n` being the n-th column as an array, to be read with `UNNEST($1::BIGINT[], $2::TEXT[], ...)`.
    pub arrays: &'static str,
}

impl Batch {
    /// For SQLite only: PostgreSQL goes another way.
    pub const fn sqlite(each: &'static str) -> Self {
        Self { each, arrays: "" }
    }

    /// For PostgreSQL only: SQLite goes another way.
    pub const fn postgres(arrays: &'static str) -> Self {
        Self { each: "", arrays }
    }
}

/// A parameter. NULL is typed, because PostgreSQL wants to know NULL of what.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// `BIGINT`.
    Int(i64),
    /// `BIGINT` or NULL.
    OptInt(Option<i64>),
    /// `TEXT`.
    Text(&'a str),
    /// `TEXT` or NULL.
    OptText(Option<&'a str>),
    /// `BLOB` / `BYTEA`.
    Blob(&'a [u8]),
    /// `BLOB` / `BYTEA` or NULL.
    OptBlob(Option<&'a [u8]>),
}

/// One parameter of many rows. All columns of a batch have the same length.
#[derive(Clone, Copy)]
pub enum Column<'a> {
    /// The same value in every row. PostgreSQL is given it as a plain parameter, not as an array.
    Same(Value<'a>),
    /// `BIGINT`.
    Int(&'a [i64]),
    /// `BIGINT` or NULL.
    OptInt(&'a [Option<i64>]),
    /// `TEXT`.
    Text(&'a [&'a str]),
    /// `TEXT` or NULL.
    OptText(&'a [Option<&'a str>]),
    /// `BLOB` / `BYTEA`.
    Blob(&'a [&'a [u8]]),
    /// `BLOB` / `BYTEA` or NULL.
    OptBlob(&'a [Option<&'a [u8]>]),
}

impl<'a> Value<'a> {
    pub(crate) fn cell(&self) -> CellRef<'a> {
        match *self {
            Self::Int(number) => CellRef::Int(number),
            Self::OptInt(number) => number.map_or(CellRef::Null, CellRef::Int),
            Self::Text(text) => CellRef::Text(text),
            Self::OptText(text) => text.map_or(CellRef::Null, CellRef::Text),
            Self::Blob(bytes) => CellRef::Blob(bytes),
            Self::OptBlob(bytes) => bytes.map_or(CellRef::Null, CellRef::Blob),
        }
    }
}

impl<'a> Column<'a> {
    /// How many rows it is for; `None` when it fits any number.
    fn len(&self) -> Option<usize> {
        match self {
            Self::Same(_) => None,
            Self::Int(cells) => Some(cells.len()),
            Self::OptInt(cells) => Some(cells.len()),
            Self::Text(cells) => Some(cells.len()),
            Self::OptText(cells) => Some(cells.len()),
            Self::Blob(cells) => Some(cells.len()),
            Self::OptBlob(cells) => Some(cells.len()),
        }
    }

    pub(crate) fn cell(&self, row: usize) -> Result<CellRef<'a>, StoreError> {
        let value = match *self {
            Self::Same(value) => Some(value),
            Self::Int(cells) => cells.get(row).copied().map(Value::Int),
            Self::OptInt(cells) => cells.get(row).copied().map(Value::OptInt),
            Self::Text(cells) => cells.get(row).copied().map(Value::Text),
            Self::OptText(cells) => cells.get(row).copied().map(Value::OptText),
            Self::Blob(cells) => cells.get(row).copied().map(Value::Blob),
            Self::OptBlob(cells) => cells.get(row).copied().map(Value::OptBlob),
        };
        value.map(|value| value.cell()).ok_or_else(unequal_columns)
    }
}

/// The number of rows that the columns are for.
pub(crate) fn row_count(columns: &[Column<'_>]) -> Result<usize, StoreError> {
    let mut lengths = columns.iter().filter_map(Column::len);
    let Some(first) = lengths.next() else {
        return Err(StoreError::bug("a batch has no column that differs from row to row"));
    };
    if lengths.any(|length| length != first) {
        return Err(unequal_columns());
    }
    Ok(first)
}

fn unequal_columns() -> StoreError {
    StoreError::bug("the columns of a batch have different lengths")
}

/// A transaction in progress.
///
/// Any error that a method returns spoils the transaction: it is rolled back whatever the closure makes of it, on both engines.
/// To expect a duplicate, write `ON CONFLICT DO NOTHING RETURNING` and look at the rows.
pub trait Tx {
    /// Runs a statement that returns no rows; gives the number of rows it touched.
    fn execute(&mut self, sql: &'static Sql, values: &[Value<'_>]) -> Result<u64, StoreError>;

    /// Runs a statement that returns rows, `INSERT ... RETURNING` included.
    fn query(&mut self, sql: &'static Sql, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError>;

    /// Runs a statement for many rows; gives the number of rows it touched. Does nothing for no rows.
    fn execute_many(&mut self, batch: &'static Batch, columns: &[Column<'_>]) -> Result<u64, StoreError>;

    /// Runs a statement for many rows; gives the rows it returned for all of them together. Their order is not defined, so a
    /// statement returns its key as well.
    fn query_many(&mut self, batch: &'static Batch, columns: &[Column<'_>]) -> Result<Vec<Row>, StoreError>;

    /// Makes ready for statements that look rows up by these digests; comes before each of them.
    fn follow(&mut self, digests: &'static Digests) -> Result<(), StoreError>;

    /// The side of a pair that this engine takes, where not only the texts differ.
    fn side(&self) -> Dialect;

    /// [`query`](Self::query) for a statement that finds at most one row. More than one is a bug.
    fn query_optional(&mut self, sql: &'static Sql, values: &[Value<'_>]) -> Result<Option<Row>, StoreError> {
        let mut rows = self.query(sql, values)?;
        if rows.len() > 1 {
            return Err(StoreError::bug("a statement for at most one row found several"));
        }
        Ok(rows.pop())
    }

    /// [`query`](Self::query) for a statement that always finds exactly one row, such as a sum. Anything else is a bug.
    fn query_one(&mut self, sql: &'static Sql, values: &[Value<'_>]) -> Result<Row, StoreError> {
        self.query_optional(sql, values)?
            .ok_or_else(|| StoreError::bug("a statement for exactly one row found none"))
    }
}

/// One row of an answer. Columns are counted from 0. Reading a column as another type than it has is [`StoreError::Corrupt`].
pub struct Row(pub(crate) Cells);

impl Row {
    /// A number. Booleans read as 0 and 1, because `SELECT EXISTS` is a boolean on one engine only.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        let cell = self.0.cell(column)?;
        if let CellRef::Int(content) = cell {
            Ok(content)
        } else {
            Err(unexpected(column, "a number", cell))
        }
    }

    /// A number or NULL.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        if matches!(self.0.cell(column)?, CellRef::Null) {
            Ok(None)
        } else {
            self.int(column).map(Some)
        }
    }

    /// A text.
    pub fn text(&self, column: usize) -> Result<&str, StoreError> {
        let cell = self.0.cell(column)?;
        if let CellRef::Text(content) = cell {
            Ok(content)
        } else {
            Err(unexpected(column, "a text", cell))
        }
    }

    /// A text or NULL.
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        if matches!(self.0.cell(column)?, CellRef::Null) {
            Ok(None)
        } else {
            self.text(column).map(Some)
        }
    }

    /// Bytes.
    pub fn blob(&self, column: usize) -> Result<&[u8], StoreError> {
        let cell = self.0.cell(column)?;
        if let CellRef::Blob(content) = cell {
            Ok(content)
        } else {
            Err(unexpected(column, "bytes", cell))
        }
    }

    /// Whatever the column holds, as a parameter of the same value.
    pub fn value(&self, column: usize) -> Result<Value<'_>, StoreError> {
        Ok(match self.0.cell(column)? {
            CellRef::Null => Value::OptInt(None),
            CellRef::Int(number) => Value::Int(number),
            CellRef::Text(text) => Value::Text(text),
            CellRef::Blob(bytes) => Value::Blob(bytes),
        })
    }

    /// Bytes or NULL.
    pub fn opt_blob(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        if matches!(self.0.cell(column)?, CellRef::Null) {
            Ok(None)
        } else {
            self.blob(column).map(Some)
        }
    }
}

fn unexpected(column: usize, expected: &str, found: CellRef<'_>) -> StoreError {
    StoreError::corrupt(format!(
        "column {column} of an answer holds {} where {expected} is expected",
        found.kind()
    ))
}

impl std::fmt::Debug for Row {
    /// Rows hold personal data: nothing of it is printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Row(…)")
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Value(…)")
    }
}

impl std::fmt::Debug for Column<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Column(…)")
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::OptInt(number)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::OptText(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a> From<Option<&'a [u8]>> for Value<'a> {
    fn from(bytes: Option<&'a [u8]>) -> Self {
        Self::OptBlob(bytes)
    }
}
