//! What can go wrong between the platform and its rows.
//!
//! Three kinds, kept apart: faults (`Unavailable`, `Conflict`, `Full`, `Closed`), refusals by a key (`Unique`) and bugs (`Corrupt`,
//! `Bug`). No message ever holds a value of a row or a parameter, nor a password; names of tables, columns and constraints are ours.

use std::borrow::Cow;

/// Why a statement or a transaction did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database could not be reached, or failed below us (disk full, input or output error, connection lost).
    #[error("the database is not available: {what}{}", if *outcome_known { "; nothing was stored" } else { "; whether the change was stored is unknown" })]
    Unavailable {
        /// What was attempted and what happened.
        what: Cow<'static, str>,
        /// True: nothing was stored. False: the connection broke during the commit; only looking at the rows can tell.
        outcome_known: bool,
    },
    /// Another transaction touched the same rows. The store runs the closure again; a caller sees this only after
    /// [`vocab::limits::TRANSACTION_ATTEMPTS_MAX`] attempts. Nothing was stored; trying again later is safe.
    #[error("other transactions touched the same rows too often ({what}); try again later")]
    Conflict {
        /// Which kind of conflict, such as a SQLSTATE.
        what: Cow<'static, str>,
    },
    /// A row with the same unique key exists already.
    #[error("a row with the same key exists already: {constraint}")]
    Unique {
        /// PostgreSQL: the name of the constraint. SQLite: `table.column, table.column`.
        constraint: String,
    },
    /// A row holds something that our own code never writes.
    #[error("the database holds what it must not hold: {what}")]
    Corrupt {
        /// Where and what, without the value.
        what: Cow<'static, str>,
    },
    /// The store was used wrongly: broken SQL, wrong parameter, violated check, a closure that panicked.
    #[error("bug in the use of the database: {what}")]
    Bug {
        /// What was wrong, without values.
        what: Cow<'static, str>,
    },
    /// [`vocab::limits::QUEUE_MAX`] requests wait already; nothing was stored.
    #[error("too many requests wait for the database; try again shortly")]
    Full,
    /// The store is closed because the server is stopping; nothing was stored.
    #[error("the database is closed because the server is stopping")]
    Closed,
}

impl StoreError {
    /// A row that cannot be. `what` names table and column, never the value.
    pub fn corrupt(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Corrupt { what: what.into() }
    }

    /// Wrong use of the store.
    pub fn bug(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Bug { what: what.into() }
    }

    /// Unreachable or failing below us, with nothing stored.
    pub(crate) fn unavailable(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Unavailable {
            what: what.into(),
            outcome_known: true,
        }
    }

    /// Another transaction was in the way.
    pub(crate) fn conflict(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Conflict { what: what.into() }
    }
}

/// Why a database could not be opened. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database URL is none of ours.
    #[error(
        "the database URL is not understood: {what}; use `sqlite:PATH`, a path, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`"
    )]
    Url {
        /// Which part is wrong.
        what: String,
    },
    /// No PostgreSQL answers at this address.
    #[error(
        "PostgreSQL at `{host}`, port {port}, cannot be reached: {what}; check that it runs and listens there, that host and port in the database URL are right, and that no firewall is in between"
    )]
    Unreachable {
        /// Host or socket directory.
        host: String,
        /// TCP port.
        port: u16,
        /// The reason of the operating system or of TLS.
        what: String,
    },
    /// PostgreSQL answered and refused us.
    #[error(
        "PostgreSQL at `{host}`, port {port}, refused the connection: {what}; check user, password and database name in the database URL"
    )]
    Refused {
        /// Host or socket directory.
        host: String,
        /// TCP port.
        port: u16,
        /// Its reason, by SQLSTATE.
        what: String,
    },
    /// The SQLite file cannot be opened.
    #[error(
        "the database file `{path}` cannot be opened: {what}; check that the directory exists and that this user may write to it"
    )]
    File {
        /// The path as configured.
        path: String,
        /// The reason.
        what: String,
    },
    /// A newer version of Countersign has migrated this database.
    #[error(
        "the database has schema {found}, this version of Countersign knows schemas up to {known}; start a newer version, nothing was changed"
    )]
    NewerSchema {
        /// Number of the newest migration in the database.
        found: i64,
        /// Number of the newest migration in this binary.
        known: i64,
    },
    /// An applied migration is not the one of this binary.
    #[error(
        "migration {number} ({title}), step {step}, was applied with another text than this version of Countersign contains; start the version that the database was made with, nothing was changed"
    )]
    Drift {
        /// Number of the migration.
        number: i64,
        /// Its title.
        title: &'static str,
        /// Which of its statements, from 1.
        step: i64,
    },
    /// A migration failed; the steps before it are kept.
    #[error("migration {number} ({title}), step {step}, failed; the steps before it are kept")]
    Migrate {
        /// Number of the migration.
        number: i64,
        /// Its title.
        title: &'static str,
        /// Which of its statements, from 1.
        step: i64,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// Every server number is leased.
    #[error(
        "all {count} server numbers are leased; stop unused servers, or wait a day until the leases of crashed ones end"
    )]
    NoServerNumber {
        /// How many there are.
        count: u64,
    },
    /// A thread could not be started, or the database failed while it was being opened.
    #[error("the database could not be made ready")]
    Start {
        /// Why.
        #[source]
        source: StoreError,
    },
}
