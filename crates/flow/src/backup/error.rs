//! Why there is no backup, or none that can be used. Each says what to do; none holds a key or anything of a row.

use archive::ArchiveError;
use std::io;
use std::path::{Path, PathBuf};
use store::{OpenError, StoreError};

/// Why a backup was not made, not read or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file could not be used.
    #[error("`{}` cannot be {what}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was attempted, such as `written`.
        what: &'static str,
        /// The reason of the operating system.
        #[source]
        source: io::Error,
    },
    /// There is no room.
    #[error("there is no room left for a backup in `{}`; earlier backups are untouched, make room or name another directory", path.display())]
    Full {
        /// Where.
        path: PathBuf,
    },
    /// A text is no recipient.
    #[error("`{0}` is no recipient: one begins with `age1` and is printed by `countersign backup key` or `age-keygen`")]
    Recipient(String),
    /// Nobody is to be able to read the backup.
    #[error("a backup needs a recipient; make a key with `countersign backup key`, and keep it away from this machine")]
    NoRecipient,
    /// A file of keys holds none.
    #[error("`{}` holds no key: a line that begins with `AGE-SECRET-KEY-1` is expected", path.display())]
    NoIdentity {
        /// Which.
        path: PathBuf,
    },
    /// It was encrypted for somebody else.
    #[error("`{}` was encrypted for another key; give the one that belongs to the recipient it was made for, nothing was changed", path.display())]
    WrongKey {
        /// Which.
        path: PathBuf,
    },
    /// It is no age file at all.
    #[error("`{}` is no encrypted backup", path.display())]
    NotEncrypted {
        /// Which.
        path: PathBuf,
    },
    /// It was altered or cut off after it was made.
    #[error("`{}` is damaged or cut off: it is not as it was written; use another backup, nothing was changed", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// Where it was noticed.
        #[source]
        source: ArchiveError,
    },
    /// The content is not what a backup of this version holds.
    #[error("`{}` cannot be used: {what}", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// Data without keys is worth nothing.
    #[error("there is no file of keys for `{}`; a restore needs both: the data (`data-….age`) and the keys (`keys-….age`), give it with `--keys-file`", path.display())]
    NoKeys {
        /// The file of data.
        path: PathBuf,
    },
    /// What would be written over is not empty.
    #[error("{what}; a backup is restored into a new place only, nothing was changed")]
    NotEmpty {
        /// What is there.
        what: String,
    },
    /// It was asked to stop.
    #[error("it was stopped before its end; nothing is left of it")]
    Stopped,
    /// The database failed.
    #[error("the database could not be read or filled")]
    Store(#[from] StoreError),
    /// The database does not open.
    #[error("the database does not open")]
    Open(#[from] OpenError),
    /// The platform refused or failed.
    #[error("the platform could not be asked")]
    Platform(#[from] crate::refusal::Error),
    /// A thread of work ended without a word.
    #[error("bug: the work on a backup broke off")]
    Broken,
}

impl BackupError {
    /// An error of the operating system about a file; a full disk is told as such.
    pub(crate) fn file(path: &Path, what: &'static str, source: io::Error) -> Self {
        if is_full(&source) {
            let path = path.parent().unwrap_or(path).to_owned();
            return Self::Full { path };
        }
        Self::File {
            path: path.to_owned(),
            what,
            source,
        }
    }

    /// An error of a container that is being written to a file.
    pub(crate) fn writing(path: &Path, error: ArchiveError) -> Self {
        if let ArchiveError::Write(source) = error {
            return Self::file(path, "written", source);
        }
        Self::Damaged {
            path: path.to_owned(),
            source: error,
        }
    }

    /// An error of a container that is being read from a file.
    pub(crate) fn reading(path: &Path, error: ArchiveError) -> Self {
        match error {
            // The encryption says so of bytes that are not those it wrote.
            ArchiveError::Read(source)
                if !matches!(
                    source.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other
                ) =>
            {
                Self::file(path, "read", source)
            }
            ArchiveError::Newer { .. } | ArchiveError::NotOurs => Self::Content {
                path: path.to_owned(),
                what: error.to_string(),
            },
            source @ (ArchiveError::Read(_)
            | ArchiveError::Write(_)
            | ArchiveError::Truncated
            | ArchiveError::Damaged(_)
            | ArchiveError::Rows { .. }
            | ArchiveError::Misused(_)) => Self::Damaged {
                path: path.to_owned(),
                source,
            },
        }
    }

    /// The whole story in one line: what, and the causes.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

/// Full, over its quota, or a file at its limit.
fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
