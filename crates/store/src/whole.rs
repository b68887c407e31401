//! A database as a whole: read in one moment or filled from nothing, whichever engine it is on. For backups.
//!
//! Which tables there are is asked of the database itself, so a new one cannot be forgotten. A connection of its own does the work: it
//! may take minutes, and payments go on beside it.

use crate::digests;
use crate::engine::Store;
use crate::engine::postgres::{PostgresAddress, PostgresSession};
use crate::engine::session::{Isolation, Session};
use crate::engine::sqlite::{Bulk, SqliteSession, open_bulk, open_reader};
use crate::engine::url::Location;
use crate::engine::wire::Wire;
use crate::error::{OpenError, StoreError};
use crate::tx::{Sql, Tx};
use archive::{Kind, Table};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Tables that belong to one database and not to its content, and why they are not kept.
pub const NOT_KEPT: &[(&str, &str)] = &[
    (
        "migrations",
        "written again when the schema of the new database is made",
    ),
    ("migration_lease", "who changes the schema at this moment"),
    ("servers", "which servers run at this moment"),
    ("backup_turn", "which server makes a backup at this moment"),
    ("sessions", "who was signed in then; everybody signs in anew"),
    ("console_sessions", "as sessions"),
    ("one_time_links", "a link that was used since would work once more"),
    ("console_links", "as one-time links"),
    ("throttles", "who had to wait at that moment"),
];

/// Where a database is.
#[derive(Clone, Debug)]
pub struct Place(At);

#[derive(Clone, Debug)]
enum At {
    File(PathBuf),
    Postgres(Box<PostgresAddress>),
}

/// What a database is found to be, before anybody opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Migrations that were applied, by number; empty in a new database.
    pub applied: BTreeSet<i64>,
    /// A table that has rows, if any has.
    pub occupied: Option<String>,
}

/// A database in one moment.
pub trait Reading: Tx {
    /// Every table there is, in the order of names, bookkeeping included.
    fn every_table(&mut self) -> Result<Vec<Table>, StoreError>;

    /// Whether a table has a row.
    fn has_rows(&mut self, table: &Table) -> Result<bool, StoreError>;

    /// Hands over the rows of a table in the order of its key, some at a time with their count, until there are no more or the sink says
    /// that it wants none.
    fn rows(&mut self, table: &Table, sink: &mut dyn FnMut(&[u8], u32) -> bool) -> Result<(), StoreError>;
}

/// A database that is being filled.
pub trait Filling {
    /// Adds so many rows to a table. The table must have exactly these columns.
    fn fill(&mut self, table: &Table, rows: &[u8], count: u32) -> Result<(), StoreError>;
}

impl Place {
    /// The database at a URL; a temporary one is nowhere before it is opened.
    pub fn at(url: &str) -> Result<Self, OpenError> {
        match Location::parse(url)? {
            Location::File(path) => Ok(Self(At::File(path))),
            Location::Postgres(address) => Ok(Self(At::Postgres(address))),
            Location::Temporary => Err(OpenError::Url {
                what: "a temporary database has no place".to_owned(),
            }),
        }
    }

    pub(crate) fn file(path: PathBuf) -> Self {
        Self(At::File(path))
    }

    pub(crate) fn postgres(address: PostgresAddress) -> Self {
        Self(At::Postgres(Box::new(address)))
    }

    /// Where an open database is.
    pub fn of(store: &Store) -> Self {
        store.place().clone()
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> Option<&std::path::Path> {
        match &self.0 {
            At::File(path) => Some(path),
            At::Postgres(_) => None,
        }
    }

    /// `sqlite` or `postgres`.
    pub fn engine_name(&self) -> &'static str {
        match &self.0 {
            At::File(_) => "sqlite",
            At::Postgres(_) => "postgres",
        }
    }

    /// Reads the database as it is at one moment. Blocks; must not be called on an async task.
    pub fn read<T, E>(&self, work: impl FnOnce(&mut dyn Reading) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError> + From<OpenError>,
    {
        match &self.0 {
            At::File(path) => {
                let connection = open_reader(path)?;
                let mut session = SqliteSession::new(&connection, Wire::default());
                session.begin(Isolation::Snapshot)?;
                let done = work(&mut session);
                session.rollback();
                done
            }
            At::Postgres(address) => {
                let mut session = PostgresSession::new((**address).clone());
                session.connect()?;
                session.begin(Isolation::Snapshot)?;
                let done = work(&mut session);
                session.rollback();
                done
            }
        }
    }

    /// Fills an empty database whose schema is there, all or nothing: on an error a PostgreSQL database is as before, and a SQLite file
    /// is good for nothing any more and must be deleted. Blocks; must not be called on an async task.
    pub fn fill<T, E>(&self, work: impl FnOnce(&mut dyn Filling) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError> + From<OpenError>,
    {
        match &self.0 {
            At::File(path) => {
                let connection = open_bulk(path)?;
                let mut bulk = Bulk::begin(&connection)?;
                let done = work(&mut bulk)?;
                bulk.end()?;
                Ok(done)
            }
            At::Postgres(address) => {
                let mut session = PostgresSession::new((**address).clone());
                session.connect()?;
                session.begin(Isolation::Slice)?;
                match work(&mut session) {
                    Ok(done) => session.commit().map(|()| done).map_err(E::from),
                    Err(error) => {
                        session.rollback();
                        Err(error)
                    }
                }
            }
        }
    }

    /// Looks without opening and without changing anything: which migrations were applied, and whether there are rows. A file that is
    /// not there is an empty database.
    pub fn look(&self) -> Result<Found, OpenError> {
        if self.path().is_some_and(|path| !path.exists()) {
            return Ok(Found {
                applied: BTreeSet::new(),
                occupied: None,
            });
        }
        self.read(|reading| Ok::<_, Looking>(look(reading)?))
            .map_err(|Looking(error)| error)
    }
}

/// An error of looking, of either kind.
struct Looking(OpenError);

impl From<StoreError> for Looking {
    fn from(source: StoreError) -> Self {
        Self(OpenError::Start { source })
    }
}

impl From<OpenError> for Looking {
    fn from(error: OpenError) -> Self {
        Self(error)
    }
}

fn look(reading: &mut dyn Reading) -> Result<Found, StoreError> {
    let tables = reading.every_table()?;
    let applied = if tables.iter().any(|table| table.name == "migrations") {
        applied(reading)?
    } else {
        BTreeSet::new()
    };
    let mut occupied = None;
    for table in tables.iter().filter(|table| is_kept(&table.name)) {
        if reading.has_rows(table)? {
            occupied = Some(table.name.clone());
            break;
        }
    }
    Ok(Found { applied, occupied })
}

/// Numbers of the migrations that were applied.
pub fn applied(tx: &mut dyn Tx) -> Result<BTreeSet<i64>, StoreError> {
    static APPLIED: Sql = Sql::both("SELECT DISTINCT number FROM migrations ORDER BY number");
    tx.query(&APPLIED, &[])?.iter().map(|row| row.int(0)).collect()
}

/// Whether a backup holds the rows of this table.
pub fn is_kept(table: &str) -> bool {
    NOT_KEPT.iter().all(|(left_out, _)| *left_out != table)
}

/// Tables whose rows a backup holds.
pub fn kept_tables(reading: &mut dyn Reading) -> Result<Vec<Table>, StoreError> {
    let tables = reading.every_table()?;
    Ok(tables.into_iter().filter(|table| is_kept(&table.name)).collect())
}

/// What a column of this declared type holds.
pub(crate) fn kind(declared: &str) -> Option<Kind> {
    match declared.to_ascii_uppercase().as_str() {
        "INTEGER" | "BIGINT" | "BOOLEAN" => Some(Kind::Number),
        "TEXT" => Some(Kind::Text),
        "BLOB" | "BYTEA" => Some(Kind::Bytes),
        _ => None,
    }
}

/// A table out of its columns as (name, declared type, place in the key from 1 or 0).
pub(crate) fn table(name: &str, columns: Vec<(String, String, i64)>) -> Result<Table, StoreError> {
    let mut columns = columns;
    columns.sort();
    let mut key: Vec<(i64, usize)> = columns
        .iter()
        .enumerate()
        .filter(|(_, (_, _, place))| *place > 0)
        .map(|(at, (_, _, place))| (*place, at))
        .collect();
    key.sort_unstable();
    let mut key: Vec<usize> = key.into_iter().map(|(_, at)| at).collect();
    if key.is_empty() {
        let names = digests::key_of(name).unwrap_or_default();
        key.extend(
            names
                .iter()
                .filter_map(|name| columns.iter().position(|(column, _, _)| column == name)),
        );
    }
    let columns = columns
        .into_iter()
        .map(|(column, declared, _)| {
            let kind = kind(&declared).ok_or_else(|| {
                StoreError::bug(format!("column {name}.{column} is of a type that no backup can hold"))
            })?;
            Ok(archive::Column { name: column, kind })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    if key.is_empty() {
        return Err(StoreError::bug(format!(
            "table {name} has no primary key, and its rows no order"
        )));
    }
    Ok(Table {
        name: name.to_owned(),
        columns,
        key,
    })
}

/// Names of columns for a statement.
pub(crate) fn names(table: &Table) -> String {
    let names: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    names.join(", ")
}

/// A name as it stands in a statement.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
