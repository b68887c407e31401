//! The cells of a row as either engine delivers them, read in one way.
//!
//! SQLite's cells are copied out, because its statement is reused; PostgreSQL's row keeps its own buffer and is read in place.

use crate::error::StoreError;
use postgres::types::Type;

/// One cell, borrowed.
#[derive(Clone, Copy)]
pub(crate) enum CellRef<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl CellRef<'_> {
    /// What it is, in words for an error; never its content.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Int(_) => "a number",
            Self::Text(_) => "a text",
            Self::Blob(_) => "bytes",
        }
    }
}

/// One cell, owned.
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(Box<str>),
    Blob(Box<[u8]>),
    /// Something that no statement of ours writes and SQLite can hold all the same. Found when the cell is read, so that the rows
    /// beside it can be.
    Alien(&'static str),
}

/// All cells of a row.
pub(crate) enum Cells {
    Sqlite(Box<[Cell]>),
    Postgres(postgres::Row),
}

impl Cells {
    pub(crate) fn cell(&self, column: usize) -> Result<CellRef<'_>, StoreError> {
        match self {
            Self::Sqlite(cells) => match cells.get(column) {
                Some(Cell::Null) => Ok(CellRef::Null),
                Some(Cell::Int(number)) => Ok(CellRef::Int(*number)),
                Some(Cell::Text(text)) => Ok(CellRef::Text(text)),
                Some(Cell::Blob(bytes)) => Ok(CellRef::Blob(bytes)),
                Some(Cell::Alien(what)) => Err(StoreError::corrupt(format!(
                    "column {column} of an answer holds {what}"
                ))),
                None => Err(no_such_column(column)),
            },
            Self::Postgres(row) => postgres_cell(row, column),
        }
    }
}

fn postgres_cell(row: &postgres::Row, column: usize) -> Result<CellRef<'_>, StoreError> {
    let Some(described) = row.columns().get(column) else {
        return Err(no_such_column(column));
    };
    let cell = match *described.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(column).map(|cell| cell.map(CellRef::Int)),
        Type::INT4 => row
            .try_get::<_, Option<i32>>(column)
            .map(|cell| cell.map(|n| CellRef::Int(i64::from(n)))),
        Type::BOOL => row
            .try_get::<_, Option<bool>>(column)
            .map(|cell| cell.map(|b| CellRef::Int(i64::from(b)))),
        Type::TEXT | Type::VARCHAR => row
            .try_get::<_, Option<&str>>(column)
            .map(|cell| cell.map(CellRef::Text)),
        Type::BYTEA => row
            .try_get::<_, Option<&[u8]>>(column)
            .map(|cell| cell.map(CellRef::Blob)),
        ref other => {
            let name = other.name();
            return Err(StoreError::bug(format!(
                "column {column} of an answer is a {name}; cast it to BIGINT, TEXT or BYTEA"
            )));
        }
    };
    match cell {
        Ok(cell) => Ok(cell.unwrap_or(CellRef::Null)),
        Err(_) => Err(StoreError::corrupt(format!(
            "column {column} of an answer cannot be decoded"
        ))),
    }
}

fn no_such_column(column: usize) -> StoreError {
    StoreError::bug(format!("an answer has no column {column}"))
}
