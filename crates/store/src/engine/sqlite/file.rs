//! Opening a SQLite file: who may read it, and how it syncs.

use super::fault::classify;
use crate::digests;
use crate::engine::clock;
use crate::error::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Pause between two tries to begin a write-ahead log, and how many there are: five seconds, as long as anybody waits for a lock.
const WAL_PAUSE: Duration = Duration::from_millis(20);
const WAL_TRIES: u32 = 250;

/// How a database file is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Every commit is on the disk before it is answered.
    Disk,
    /// For a database that is deleted at the end anyway.
    None,
}

/// Opens the connection of the writer, creating the file (readable by this user only) if there is none.
pub(crate) fn open_writer(path: &Path, durability: Durability) -> Result<Connection, StoreError> {
    create_private(path)?;
    let connection = open(path)?;
    // The WAL is never truncated: writing over preallocated blocks syncs ten times faster than growing a file.
    let pragmas = "PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 8000;
        PRAGMA journal_size_limit = -1;";
    write_ahead(&connection)?;
    connection.execute_batch(pragmas).map_err(classify)?;
    connection
        .execute_batch(match durability {
            Durability::Disk => "PRAGMA synchronous = FULL;",
            Durability::None => "PRAGMA synchronous = OFF;",
        })
        .map_err(classify)?;
    attach_memory(&connection)?;
    Ok(connection)
}

/// Makes the file one with a write-ahead log. Of several that begin with a new file at the same moment SQLite lets one do it and refuses the
/// others at once, whatever they are ready to wait.
fn write_ahead(connection: &Connection) -> Result<(), StoreError> {
    let mut tries = 0_u32;
    loop {
        match connection
            .execute_batch("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL;")
            .map_err(classify)
        {
            Err(StoreError::Conflict { .. }) if tries < WAL_TRIES => {
                tries = tries.saturating_add(1);
                clock::pause(WAL_PAUSE);
            }
            done => return done,
        }
    }
}

/// Opens the connection of a reader, which cannot write.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path)?;
    attach_memory(&connection)?;
    connection
        .execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;")
        .map_err(classify)?;
    Ok(connection)
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(classify)?;
    connection
        .execute_batch("PRAGMA busy_timeout = 5000;")
        .map_err(classify)?;
    Ok(connection)
}

/// Attaches the database in memory in which this connection follows digests.
fn attach_memory(connection: &Connection) -> Result<(), StoreError> {
    let mut text = format!("ATTACH ':memory:' AS memory; {}", digests::FOLLOWED);
    digests::ALL.iter().for_each(|digests| text.push_str(digests.create));
    connection.execute_batch(&text).map_err(classify)
}

/// SECURITY: SQLite would create the file with the umask of the process; its companions inherit the mode of the file.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::unavailable(error.kind().to_string())),
    }
}
