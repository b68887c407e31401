//! Why a container cannot be written or read. No message holds anything of its content.

use std::io;

/// What went wrong with a container.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// What it is read from failed.
    #[error("the backup cannot be read")]
    Read(#[source] io::Error),
    /// What it is written to failed.
    #[error("the backup cannot be written")]
    Write(#[source] io::Error),
    /// It ends before its end.
    #[error("the backup is cut off: it ends before its manifest")]
    Truncated,
    /// It does not begin like one.
    #[error("this is not a backup of Countersign")]
    NotOurs,
    /// A newer version has written it.
    #[error("the backup has format {found}, this version reads formats up to {known}; use a newer version")]
    Newer {
        /// Its format.
        found: u32,
        /// The newest format that this version reads.
        known: u32,
    },
    /// Something in it is not as it was written.
    #[error("the backup is damaged: {0}")]
    Damaged(&'static str),
    /// A table does not hold what was written.
    #[error("the backup is damaged: the rows of `{table}` are not those that were written")]
    Rows {
        /// The table.
        table: String,
    },
    /// Wrong use of this crate.
    #[error("bug in the use of a backup: {0}")]
    Misused(&'static str),
}

/// An error of reading: an end that comes too early is a truncated backup.
pub(crate) fn reading(error: io::Error) -> ArchiveError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        ArchiveError::Truncated
    } else {
        ArchiveError::Read(error)
    }
}
