//! What an error of SQLite means for us. Its messages name tables and columns, never values.

use crate::error::StoreError;
use rusqlite::{Error, ErrorCode, ffi};

pub(super) const DISK_FULL: &str = "the disk is full";

pub(super) fn classify(error: Error) -> StoreError {
    if let Error::SqlInputError { error, msg, .. } = error {
        return classify_code(error, msg);
    }
    if let Error::SqliteFailure(code, message) = error {
        return classify_code(code, message.unwrap_or_default());
    }
    StoreError::bug(format!("the SQLite driver refused a statement: {error}"))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a foreign list of codes; whatever is not a fault is wrong use"
)]
fn classify_code(error: ffi::Error, message: String) -> StoreError {
    match error.code {
        ErrorCode::ConstraintViolation => classify_constraint(error.extended_code, message),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::conflict("the database file is locked"),
        ErrorCode::DatabaseCorrupt => StoreError::corrupt("the database file is damaged; restore it from a backup"),
        ErrorCode::NotADatabase => StoreError::corrupt("the file is not a SQLite database"),
        ErrorCode::DiskFull => StoreError::unavailable(DISK_FULL),
        ErrorCode::SystemIoFailure => StoreError::unavailable("the disk failed to read or write the database file"),
        ErrorCode::CannotOpen => StoreError::unavailable("the file cannot be opened"),
        ErrorCode::PermissionDenied => StoreError::unavailable("access to the file is denied"),
        ErrorCode::OutOfMemory => StoreError::unavailable("out of memory"),
        ErrorCode::ReadOnly => StoreError::bug("a read-only transaction or file was written to"),
        _ => StoreError::bug(format!("SQLite refused a statement: {message}")),
    }
}

fn classify_constraint(extended: i32, message: String) -> StoreError {
    match extended {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            let constraint = message
                .strip_prefix("UNIQUE constraint failed: ")
                .map_or(message.clone(), str::to_owned);
            StoreError::Unique { constraint }
        }
        _ => StoreError::bug(message),
    }
}
