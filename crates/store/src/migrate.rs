//! Migrations: numbered SQL files that only move forward.

/// On which engine a migration runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationEngine {
    /// On both.
    Both,
    /// SQLite only.
    Sqlite,
    /// PostgreSQL only.
    Postgres,
}

/// One embedded migration file.
///
/// The text is split at `;` into steps. Types are written `BIGINT`, `TEXT` and `BLOB`. A line that starts with `-- sqlite: ` or
/// `-- postgres: ` holds text for that engine only, a line that starts with another `--` is a comment.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Counts up from 1 without gaps.
    pub number: i64,
    /// A few words, as in the file name.
    pub title: &'static str,
    /// Where it runs.
    pub engine: MigrationEngine,
    /// The statements.
    pub text: &'static str,
}
