//! Events with their places, and the log's own rows, as the check reads them.

use super::lost_max;
use crate::StoreError;
use crate::events::{Event, read_event};
use crate::scan::{ID, PLACE, Pages};
use crate::tx::{Row, Sql, Tx, Value};

/// An event with its places: one and only one of them is right.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Number of the row.
    pub id: i64,
    /// What it says; `None` when a column cannot be read.
    pub event: Option<Event>,
    /// The organization and the world that its leaf names, if it is in the log.
    pub leaf: Option<(i64, i64)>,
    /// The same of the row with which it waits for its place.
    pub pending: Option<(i64, i64)>,
}

/// All events, page by page.
pub struct Events(Pages);

impl Events {
    /// From the first event on.
    pub fn new() -> Self {
        static EVENTS: Sql = Sql::both(
            "SELECT e.id, e.organization, e.world, e.subject, e.salt, e.body, l.position, l.organization, l.world, p.event,
               p.organization, p.world
             FROM events e LEFT JOIN log_leaves l ON l.event = e.id LEFT JOIN log_pending p ON p.event = e.id
             WHERE e.id >= $1 ORDER BY e.id LIMIT $2",
        );
        Self(Pages::new(&EVENTS, ID))
    }

    /// The next page; `None` after the last one.
    pub fn next(&mut self, tx: &mut dyn Tx) -> Result<Option<Vec<Recorded>>, StoreError> {
        let Some(rows) = self.0.next(tx)? else { return Ok(None) };
        let home = |row: &Row, first: usize| {
            let there = !matches!(row.opt_int(first), Ok(None));
            // A column that cannot be read is no organization's and no world's.
            there.then(|| (row.int(first + 1).unwrap_or(-1), row.int(first + 2).unwrap_or(-1)))
        };
        let recorded = |row: &Row| {
            Ok(Recorded {
                id: row.int(0)?,
                event: read_event(row).ok(),
                leaf: home(row, 6),
                pending: home(row, 9),
            })
        };
        rows.iter().map(recorded).collect::<Result<_, StoreError>>().map(Some)
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Events")
    }
}

/// A leaf with its event.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Index in the log.
    pub position: i64,
    /// The event that it names.
    pub event: i64,
    /// What that event says, if it is there and can be read.
    pub recorded: Option<Event>,
}

/// Leaves from an index on.
pub fn leaves(tx: &mut dyn Tx, from: i64, limit: usize) -> Result<Vec<Leaf>, StoreError> {
    static LEAVES: Sql = Sql::both(
        "SELECT e.id, e.organization, e.world, e.subject, e.salt, e.body, l.position, l.event
         FROM log_leaves l LEFT JOIN events e ON e.id = l.event WHERE l.position >= $1 ORDER BY l.position LIMIT $2",
    );
    let limit = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
    read_leaves(&tx.query(&LEAVES, &[Value::Int(from), limit])?)
}

/// Leaves outside of a log of this size.
pub fn leaves_outside(tx: &mut dyn Tx, size: i64) -> Result<Vec<Leaf>, StoreError> {
    static OUTSIDE: Sql = Sql::both(
        "SELECT e.id, e.organization, e.world, e.subject, e.salt, e.body, l.position, l.event
         FROM log_leaves l LEFT JOIN events e ON e.id = l.event WHERE l.position < 0 OR l.position >= $1
         ORDER BY l.position LIMIT $2",
    );
    read_leaves(&tx.query(&OUTSIDE, &[Value::Int(size), lost_max()])?)
}

/// Leaves whose event is not there.
pub fn leaves_without_event(tx: &mut dyn Tx) -> Result<Vec<Leaf>, StoreError> {
    static LOST: Sql = Sql::both(
        "SELECT e.id, e.organization, e.world, e.subject, e.salt, e.body, l.position, l.event
         FROM log_leaves l LEFT JOIN events e ON e.id = l.event WHERE e.id IS NULL ORDER BY l.position LIMIT $1",
    );
    read_leaves(&tx.query(&LOST, &[lost_max()])?)
}

fn read_leaves(rows: &[Row]) -> Result<Vec<Leaf>, StoreError> {
    let leaf = |row: &Row| {
        Ok(Leaf {
            position: row.int(6)?,
            event: row.int(7).unwrap_or(0),
            recorded: read_event(row).ok(),
        })
    };
    rows.iter().map(leaf).collect()
}

/// Events that wait for their place and are not there.
pub fn pending_without_event(tx: &mut dyn Tx) -> Result<Vec<i64>, StoreError> {
    static LOST: Sql = Sql::both(
        "SELECT p.event FROM log_pending p LEFT JOIN events e ON e.id = p.event WHERE e.id IS NULL ORDER BY p.event LIMIT $1",
    );
    tx.query(&LOST, &[lost_max()])?.iter().map(|row| row.int(0)).collect()
}

/// A row of the log's head. There is one, with the id 1.
#[derive(Clone, Debug)]
pub struct StoredHead {
    /// Number of the row.
    pub id: i64,
    /// The size that stands beside the checkpoint.
    pub size: Option<i64>,
    /// The signed checkpoint.
    pub checkpoint: Option<String>,
}

/// All rows of the log's head.
pub fn heads(tx: &mut dyn Tx) -> Result<Vec<StoredHead>, StoreError> {
    static HEADS: Sql = Sql::both("SELECT id, size, checkpoint FROM log_head ORDER BY id LIMIT $1");
    let head = |row: &Row| {
        Ok(StoredHead {
            id: row.int(0)?,
            size: row.int(1).ok(),
            checkpoint: row.text(2).ok().map(str::to_owned),
        })
    };
    tx.query(&HEADS, &[lost_max()])?.iter().map(head).collect()
}

/// A stored tile.
#[derive(Clone, Debug)]
pub struct StoredTile {
    /// Its level and its index there; `None` when they cannot be read.
    pub place: Option<(i64, i64)>,
    /// The width that stands beside the hashes.
    pub width: Option<i64>,
    /// The hashes, concatenated.
    pub hashes: Option<Vec<u8>>,
}

/// All tiles, page by page.
pub struct Tiles(Pages);

impl Tiles {
    /// From the first tile on.
    pub fn new() -> Self {
        static TILES: Sql = Sql::both(
            "SELECT level, position, width, hashes FROM log_tiles WHERE (level, position) >= ($1, $2)
             ORDER BY level, position LIMIT $3",
        );
        Self(Pages::new(&TILES, PLACE))
    }

    /// The next page; `None` after the last one.
    pub fn next(&mut self, tx: &mut dyn Tx) -> Result<Option<Vec<StoredTile>>, StoreError> {
        let Some(rows) = self.0.next(tx)? else { return Ok(None) };
        let tile = |row: &Row| StoredTile {
            place: row.int(0).ok().zip(row.int(1).ok()),
            width: row.int(2).ok(),
            hashes: row.blob(3).ok().map(<[u8]>::to_vec),
        };
        Ok(Some(rows.iter().map(tile).collect()))
    }
}

impl Default for Tiles {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Tiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tiles")
    }
}
