//! Backups: a database read in one moment while payments go on, encrypted, and proven by restoring it.
//!
//! Durable steps of making one, and what a crash leaves after each: (1) both files are written under names that end in `.part` and
//! synced: the next run removes them; (2) the file of keys gets its name: alone it harms nobody; (3) the file of data gets its name: now
//! the backup exists, whole, and is found in its folder; (4) the act is written into the database: without it the backup is there and
//! only not told of. Data and keys are two files, because they are kept for different times: whoever erases a key wants it gone from
//! backups soon.

pub mod acts;
pub mod create;
mod error;
pub mod folder;
pub mod restore;
pub mod retention;
pub mod schedule;
pub mod sealing;
pub mod verify;

pub use error::BackupError;
pub use folder::Folder;
pub use sealing::{Identities, Recipients};

use vocab::secret::Secret;

/// What a file of data ends in, and a file of keys.
pub(crate) const ENDING: &str = ".age";

/// A file of keys, with its name under the directory of the data.
#[derive(Clone, Debug)]
pub struct KeyFile {
    /// Such as `keys/…`; plain names and one folder at most.
    pub name: String,
    /// What it holds.
    pub bytes: Secret,
}

/// How far a backup, a restore or a check has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// A table is being read or filled.
    Table {
        /// Its name.
        name: &'a str,
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        of: usize,
        /// Rows of all tables so far.
        rows: u64,
    },
    /// Everything is written and on its way to the disk.
    Syncing,
    /// The keys have their name.
    KeysInPlace,
    /// The data has its name.
    InPlace,
    /// The database that came out is read again and compared.
    Comparing,
    /// The log and every row are checked.
    Checking,
}

/// Hears how far it has come; says whether to go on.
pub type Heard<'a> = dyn FnMut(Progress<'_>) -> bool + Send + 'a;

impl std::fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Table { name, number, of, rows } => write!(f, "table {number} of {of}, {name}: {rows} rows so far"),
            Self::Syncing => f.write_str("waiting for the disk"),
            Self::KeysInPlace => f.write_str("the keys are in place"),
            Self::InPlace => f.write_str("the data is in place"),
            Self::Comparing => f.write_str("comparing what was restored with what was written"),
            Self::Checking => f.write_str("checking the log, the ledger and every row"),
        }
    }
}
