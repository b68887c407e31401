//! Head and manifest: what a container says about itself, before and after its content.

use serde::{Deserialize, Serialize};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Whole numbers.
    Number,
    /// Texts.
    Text,
    /// Bytes.
    Bytes,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// A table, as the schema of the database tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// All columns, in the order of their names, so that both engines give the same.
    pub columns: Vec<Column>,
    /// Places of the columns by which its rows are ordered: its primary key.
    pub key: Vec<usize>,
}

/// What comes first: how to read what follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Name of the backup, the same in its file of data and its file of keys.
    pub name: String,
    /// When it was begun.
    pub begun_at: String,
    /// Engine it was read from.
    pub engine: String,
    /// Number of the newest migration of that database.
    pub schema: i64,
    /// The tables that follow; none in a container of keys.
    pub tables: Vec<Table>,
}

/// The log as it stood in the same moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// Its entries.
    pub size: u64,
    /// Root of its tree, in base64 as the checkpoint has it.
    pub root: String,
    /// The signed checkpoint as it was published.
    pub checkpoint: String,
}

/// A table or a file in figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Name of the table or file.
    pub name: String,
    /// Rows of the table; bytes of the file.
    pub count: u64,
    /// SHA-256 of all its rows in their order, or of the file, in hexadecimal.
    pub sha256: String,
}

/// What comes last: without it the container is not whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Each table.
    pub tables: Vec<Sum>,
    /// Each file.
    pub files: Vec<Sum>,
    /// The log; none in a container of keys.
    pub log: Option<Log>,
    /// When it was finished.
    pub ended_at: String,
}

impl Manifest {
    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables
            .iter()
            .fold(0, |rows, table| rows.saturating_add(table.count))
    }
}
