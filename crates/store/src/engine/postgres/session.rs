//! One connection to PostgreSQL, made again when it breaks, with its statements kept prepared.

use super::bind::Bound;
use super::connect::PostgresAddress;
use super::fault::{self, Fault};
use crate::digests::Digests;
use crate::engine::cell::Cells;
use crate::engine::clock;
use crate::engine::session::{Isolation, Session};
use crate::engine::worker::Backoff;
use crate::error::StoreError;
use crate::tx::{Batch, Column, Dialect, Row, Sql, Tx, Value, row_count};
use postgres::types::{ToSql, Type};
use postgres::{Client, Statement};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long the first piece of work that meets a broken connection waits for a new one, for example over a restart of the server.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long work is refused at once after that before the next try.
const PAUSE: Duration = Duration::from_millis(250);

/// A connection with its prepared statements.
pub(crate) struct PostgresSession {
    address: PostgresAddress,
    connection: Option<Connection>,
    failure: Option<StoreError>,
    /// The server is known to be away; not before this moment is it tried again.
    away_until: Option<Instant>,
}

pub(super) struct Connection {
    pub(super) client: Client,
    statements: HashMap<(usize, usize), Statement>,
}

impl PostgresSession {
    /// A session that connects when it is first used.
    pub(crate) fn new(address: PostgresAddress) -> Self {
        Self {
            address,
            connection: None,
            failure: None,
            away_until: None,
        }
    }

    /// Connects now, once.
    pub(crate) fn connect(&mut self) -> Result<(), crate::error::OpenError> {
        let client = self.address.connect()?;
        self.connection = Some(Connection {
            client,
            statements: HashMap::new(),
        });
        self.away_until = None;
        Ok(())
    }

    /// Runs something on the connection, remembers the first failure and lets go of a connection that broke.
    pub(super) fn guarded<T>(
        &mut self,
        run: impl FnOnce(&mut Connection) -> Result<T, CallError>,
    ) -> Result<T, StoreError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let Some(connection) = &mut self.connection else {
            return Err(StoreError::unavailable("there is no connection to PostgreSQL"));
        };
        let error = match run(connection) {
            Ok(done) => return Ok(done),
            Err(CallError::Ours(error)) => error,
            Err(CallError::Driver(error)) => {
                let Fault { error, lost, stale } = fault::classify(&error, connection.client.is_closed());
                if stale {
                    connection.statements.clear();
                }
                if lost {
                    self.connection = None;
                }
                error
            }
        };
        self.failure = Some(error.clone());
        Err(error)
    }

    fn control(&mut self, text: &str) -> Result<(), StoreError> {
        self.guarded(|connection| Ok(connection.client.batch_execute(text)?))
    }
}

pub(super) enum CallError {
    Ours(StoreError),
    Driver(postgres::Error),
}

impl From<postgres::Error> for CallError {
    fn from(error: postgres::Error) -> Self {
        Self::Driver(error)
    }
}

impl Connection {
    fn execute(&mut self, text: &'static str, parameters: &[Bound<'_>]) -> Result<u64, CallError> {
        let statement = self.statement(text, parameters)?;
        Ok(self.client.execute(&statement, &references(parameters))?)
    }

    fn query(&mut self, text: &'static str, parameters: &[Bound<'_>]) -> Result<Vec<Row>, CallError> {
        let statement = self.statement(text, parameters)?;
        let rows = self.client.query(&statement, &references(parameters))?;
        Ok(rows.into_iter().map(|row| Row(Cells::Postgres(row))).collect())
    }

    fn statement(&mut self, text: &'static str, parameters: &[Bound<'_>]) -> Result<Statement, CallError> {
        // INVARIANT: static texts never move or change, so address and length identify the statement.
        let key = (text.as_ptr().addr(), text.len());
        let statement = match self.statements.get(&key) {
            Some(known) => known.clone(),
            None => {
                let types: Vec<Type> = parameters.iter().map(Bound::type_of).collect();
                let statement = self.client.prepare_typed(text, &types)?;
                self.statements.insert(key, statement.clone());
                statement
            }
        };
        let (expected, given) = (statement.params().len(), parameters.len());
        if expected != given {
            let what = format!("a statement takes {expected} parameters and was given {given}");
            return Err(CallError::Ours(StoreError::bug(what)));
        }
        Ok(statement)
    }
}

fn references<'a>(parameters: &'a [Bound<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    parameters
        .iter()
        .map(|parameter| -> &(dyn ToSql + Sync) { parameter })
        .collect()
}

fn singles<'a>(values: &[Value<'a>]) -> Vec<Bound<'a>> {
    values.iter().map(|value| Bound(Column::Same(*value))).collect()
}

fn arrays<'a>(columns: &[Column<'a>]) -> Vec<Bound<'a>> {
    columns.iter().copied().map(Bound).collect()
}

impl Tx for PostgresSession {
    fn execute(&mut self, sql: &'static Sql, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.guarded(|connection| connection.execute(sql.postgres, &singles(values)))
    }

    fn query(&mut self, sql: &'static Sql, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        self.guarded(|connection| connection.query(sql.postgres, &singles(values)))
    }

    fn execute_many(&mut self, batch: &'static Batch, columns: &[Column<'_>]) -> Result<u64, StoreError> {
        self.guarded(|connection| match row_count(columns).map_err(CallError::Ours)? {
            0 => Ok(0),
            _ => connection.execute(batch.arrays, &arrays(columns)),
        })
    }

    fn query_many(&mut self, batch: &'static Batch, columns: &[Column<'_>]) -> Result<Vec<Row>, StoreError> {
        self.guarded(|connection| match row_count(columns).map_err(CallError::Ours)? {
            0 => Ok(Vec::new()),
            _ => connection.query(batch.arrays, &arrays(columns)),
        })
    }

    fn follow(&mut self, _: &'static Digests) -> Result<(), StoreError> {
        Ok(()) // Its indexes are in the database.
    }

    fn side(&self) -> Dialect {
        Dialect::Postgres
    }
}

impl Session for PostgresSession {
    fn ready(&mut self) -> Result<(), StoreError> {
        if self
            .connection
            .as_ref()
            .is_some_and(|connection| !connection.client.is_closed())
        {
            return Ok(());
        }
        self.connection = None;
        let started = clock::start();
        let mut backoff = Backoff::default();
        if self.away_until.is_some_and(|until| started < until) {
            return Err(StoreError::unavailable("PostgreSQL cannot be reached"));
        }
        loop {
            let tried = clock::start();
            let Err(error) = self.connect() else {
                return Ok(());
            };
            if self.away_until.is_some() || started.elapsed() >= PATIENCE {
                // Work that waits behind this one is refused at once, at most half of the time being spent on tries.
                self.away_until = clock::start().checked_add(PAUSE.max(tried.elapsed()));
                tracing::warn!("{error}");
                return Err(StoreError::unavailable("PostgreSQL cannot be reached"));
            }
            backoff.sleep();
        }
    }

    fn begin(&mut self, isolation: Isolation) -> Result<(), StoreError> {
        self.failure = None;
        self.control(match isolation {
            Isolation::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Isolation::Slice => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Isolation::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        })
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let Some(connection) = &mut self.connection else {
            return Err(StoreError::unavailable("there is no connection to PostgreSQL"));
        };
        let Err(error) = connection.client.batch_execute("COMMIT") else {
            return Ok(());
        };
        let Fault {
            error: failure,
            lost,
            stale: _,
        } = fault::classify(&error, connection.client.is_closed());
        if error.as_db_error().is_some() && !lost {
            return Err(failure);
        }
        // INVARIANT: without a plain answer to COMMIT nobody knows; this must never look like something that can be run again.
        self.connection = None;
        let what = "the connection to PostgreSQL was lost during a commit".into();
        Err(StoreError::Unavailable {
            what,
            outcome_known: false,
        })
    }

    fn rollback(&mut self) {
        self.failure = None;
        if self.connection.is_some() && self.control("ROLLBACK").is_err() {
            // A connection that cannot even roll back is not to be trusted with the next transaction.
            self.connection = None;
        }
        self.failure = None;
    }

    fn failure(&self) -> Option<&StoreError> {
        self.failure.as_ref()
    }

    fn lost(&self) -> bool {
        self.connection.is_none()
    }

    fn run_text(&mut self, text: &str) -> Result<(), StoreError> {
        self.control(text)
    }
}
