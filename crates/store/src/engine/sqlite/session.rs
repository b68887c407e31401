//! One connection to a SQLite file, with its statements kept prepared and the first failure of the transaction in progress.

use super::bind::{bind_row, bind_values, collect, numbered, touched};
use super::fault::{DISK_FULL, classify};
use crate::digests::{self, Digests, Span};
use crate::engine::session::{Isolation, Session};
use crate::engine::wire::Wire;
use crate::error::StoreError;
use crate::tx::{Batch, Column, Dialect, Row, Sql, Tx, Value, row_count};
use rusqlite::{Connection, Statement};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A connection with its prepared statements.
pub(crate) struct SqliteSession<'c> {
    pub(super) connection: &'c Connection,
    statements: HashMap<(usize, usize), Statement<'c>>,
    pub(super) failure: Option<StoreError>,
    wire: Wire,
    reads_only: bool,
}

impl<'c> SqliteSession<'c> {
    pub(crate) fn new(connection: &'c Connection, wire: Wire) -> Self {
        Self {
            connection,
            statements: HashMap::new(),
            failure: None,
            wire,
            reads_only: false,
        }
    }

    /// A session that may change nothing.
    pub(crate) fn reading(connection: &'c Connection, wire: Wire) -> Self {
        Self {
            reads_only: true,
            ..Self::new(connection, wire)
        }
    }

    /// Runs a transaction statement, kept prepared like the others.
    pub(super) fn control(&mut self, text: &'static str) -> Result<(), StoreError> {
        self.statement(text)?.raw_execute().map(drop).map_err(classify)
    }

    fn statement(&mut self, text: &'static str) -> Result<&mut Statement<'c>, StoreError> {
        // INVARIANT: static texts never move or change, so address and length identify the statement.
        match self.statements.entry((text.as_ptr().addr(), text.len())) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let statement = self
                    .connection
                    .prepare(&numbered(&self.wire.text(text)))
                    .map_err(classify)?;
                Ok(place.insert(statement))
            }
        }
    }

    /// Hands out the statement unless the transaction is spoilt already, and remembers the first failure.
    fn guarded<T>(
        &mut self,
        text: &'static str,
        run: impl FnOnce(&mut Statement<'c>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let result = self.statement(text).and_then(run);
        if let Err(failure) = &result {
            self.failure = Some(failure.clone());
        }
        result
    }
}

impl Tx for SqliteSession<'_> {
    fn execute(&mut self, sql: &'static Sql, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.guarded(sql.sqlite, |statement| {
            bind_values(statement, values)?;
            touched(statement)
        })
    }

    fn query(&mut self, sql: &'static Sql, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        self.guarded(sql.sqlite, |statement| {
            bind_values(statement, values)?;
            let mut rows = Vec::new();
            collect(statement, &mut rows)?;
            Ok(rows)
        })
    }

    fn execute_many(&mut self, batch: &'static Batch, columns: &[Column<'_>]) -> Result<u64, StoreError> {
        self.guarded(batch.each, |statement| {
            let count = row_count(columns)?;
            let mut total = 0_u64;
            for row in 0..count {
                bind_row(statement, columns, row)?;
                total = total.saturating_add(touched(statement)?);
            }
            Ok(total)
        })
    }

    fn query_many(&mut self, batch: &'static Batch, columns: &[Column<'_>]) -> Result<Vec<Row>, StoreError> {
        self.guarded(batch.each, |statement| {
            let count = row_count(columns)?;
            let mut rows = Vec::with_capacity(count);
            for row in 0..count {
                bind_row(statement, columns, row)?;
                collect(statement, &mut rows)?;
            }
            Ok(rows)
        })
    }

    fn follow(&mut self, digests: &'static Digests) -> Result<(), StoreError> {
        let Some(span) = Span::behind(self, digests)? else {
            return Ok(());
        };
        if !self.reads_only {
            return digests::catch_up(self, digests, &span);
        }
        // What a reader may not do to the file it may do to its own memory.
        self.control("PRAGMA query_only = OFF")?;
        let followed = digests::catch_up(self, digests, &span);
        self.control("PRAGMA query_only = ON").and(followed)
    }

    fn side(&self) -> Dialect {
        Dialect::Sqlite
    }
}

impl Session for SqliteSession<'_> {
    fn ready(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn begin(&mut self, isolation: Isolation) -> Result<(), StoreError> {
        self.failure = None;
        let begun = self.control(match isolation {
            Isolation::Snapshot => "BEGIN",
            // Taking the write lock at once means that a transaction never fails half way for want of it.
            Isolation::Slice | Isolation::Serializable => "BEGIN IMMEDIATE",
        });
        begun.map_err(|failure| {
            // The busy timeout has passed: waiting longer would only hide it.
            let busy = matches!(failure, StoreError::Conflict { .. });
            if busy {
                StoreError::unavailable("another process holds the write lock of the file")
            } else {
                failure
            }
        })
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let Err(failure) = self.control("COMMIT") else {
            return Ok(());
        };
        match failure {
            // Nothing of the commit was written.
            StoreError::Unavailable { ref what, .. } if what == DISK_FULL => Err(failure),
            // The frames may have reached the disk although the sync failed; recovery would then find them.
            StoreError::Unavailable { what, .. } | StoreError::Corrupt { what } => Err(StoreError::Unavailable {
                what,
                outcome_known: false,
            }),
            StoreError::Conflict { .. }
            | StoreError::Unique { .. }
            | StoreError::Bug { .. }
            | StoreError::Full
            | StoreError::Closed => Err(failure),
        }
    }

    fn rollback(&mut self) {
        self.failure = None;
        if !self.connection.is_autocommit() && self.control("ROLLBACK").is_err() {
            tracing::error!("a SQLite transaction could not be rolled back");
        }
    }

    fn failure(&self) -> Option<&StoreError> {
        self.failure.as_ref()
    }

    fn lost(&self) -> bool {
        false
    }

    fn wire(&self) -> Wire {
        self.wire.clone()
    }

    fn run_text(&mut self, text: &str) -> Result<(), StoreError> {
        self.connection
            .execute_batch(text)
            .map_err(classify)
            .inspect_err(|failure| {
                self.failure.get_or_insert_with(|| failure.clone());
            })
    }
}
