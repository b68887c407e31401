//! What an error of PostgreSQL means for us.
//!
//! SECURITY: the server's messages and details can quote values of rows, so only codes and names of our own objects pass; messages
//! of class 42 (wrong SQL) name nothing but tables and columns and pass as well.

use crate::error::StoreError;
use postgres::error::{DbError, SqlState};
use std::error::Error as _;

/// An error, and what the session must do about it.
pub(super) struct Fault {
    pub(super) error: StoreError,
    /// The connection is gone.
    pub(super) lost: bool,
    /// Statements prepared on this connection no longer fit the schema.
    pub(super) stale: bool,
}

impl Fault {
    fn of(error: StoreError) -> Self {
        Self {
            error,
            lost: false,
            stale: false,
        }
    }

    fn lost(what: String) -> Self {
        Self {
            error: StoreError::unavailable(what),
            lost: true,
            stale: false,
        }
    }
}

pub(super) fn classify(error: &postgres::Error, connection_closed: bool) -> Fault {
    if let Some(answer) = error.as_db_error() {
        return classify_answer(answer);
    }
    let io = error.source().is_some_and(|source| source.is::<std::io::Error>());
    if connection_closed || error.is_closed() || io {
        return Fault::lost("the connection to PostgreSQL was lost".to_owned());
    }
    Fault::of(StoreError::bug(format!(
        "the PostgreSQL driver refused a statement: {error}"
    )))
}

fn classify_answer(answer: &DbError) -> Fault {
    let code = answer.code();
    let state = format!("SQLSTATE {}", code.code());
    if *code == SqlState::T_R_SERIALIZATION_FAILURE
        || *code == SqlState::T_R_DEADLOCK_DETECTED
        || *code == SqlState::LOCK_NOT_AVAILABLE
    {
        return Fault::of(StoreError::conflict(state));
    }
    // After another server migrated: the statement is prepared again and the closure run again.
    if *code == SqlState::INVALID_SQL_STATEMENT_NAME || answer.routine() == Some("RevalidateCachedQuery") {
        return Fault {
            error: StoreError::conflict(state),
            lost: false,
            stale: true,
        };
    }
    if *code == SqlState::UNIQUE_VIOLATION {
        return Fault::of(StoreError::Unique {
            constraint: answer.constraint().unwrap_or("unknown").to_owned(),
        });
    }
    if *code == SqlState::QUERY_CANCELED {
        return Fault::of(StoreError::unavailable(format!(
            "PostgreSQL cancelled a statement ({state})"
        )));
    }
    match code.code().get(..2).unwrap_or_default() {
        // Connection exceptions and operator intervention: shutdown, crash.
        "08" | "57" => Fault::lost(format!("PostgreSQL ended the connection ({state})")),
        "53" => Fault::of(StoreError::unavailable(format!(
            "PostgreSQL is out of resources ({state})"
        ))),
        "58" => Fault::of(StoreError::unavailable(format!(
            "the disk or system under PostgreSQL failed ({state})"
        ))),
        "XX" => Fault::of(StoreError::corrupt(format!(
            "PostgreSQL reports damage ({state}); look into its log"
        ))),
        "42" => Fault::of(StoreError::bug(format!(
            "PostgreSQL refused a statement: {} ({state})",
            answer.message()
        ))),
        _ => Fault::of(StoreError::bug(format!(
            "PostgreSQL refused a statement ({state}){}",
            place(answer)
        ))),
    }
}

/// Table, column and constraint that an error names.
fn place(answer: &DbError) -> String {
    let mut text = String::new();
    for (kind, name) in [
        ("table", answer.table()),
        ("column", answer.column()),
        ("constraint", answer.constraint()),
    ] {
        if let Some(name) = name {
            text.push_str(&format!(", {kind} {name}"));
        }
    }
    text
}
