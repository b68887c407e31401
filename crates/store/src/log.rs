//! The log: which event is which leaf, the hash tiles, and the signed head. One log for the whole installation.

use crate::StoreError;
use crate::events::{self, Placed};
use crate::scope::{all, one};
use crate::tx::{Batch, Column, Sql, Tx, Value};
use vocab::id::EventId;

/// A hash tile (C2SP tlog-tiles), possibly partial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Level, 0 for leaf hashes.
    pub level: u64,
    /// Index of the tile in its level.
    pub position: u64,
    /// Hashes in it, concatenated, 32 bytes each, 1 to 256 of them.
    pub hashes: Vec<u8>,
}

/// The signed head of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Leaves.
    pub size: u64,
    /// Signed checkpoint.
    pub checkpoint: String,
}

/// Committed events without a place, oldest first.
pub fn pending(tx: &mut dyn Tx, limit: usize) -> Result<Vec<Placed>, StoreError> {
    static PENDING: Sql = Sql::both(
        "SELECT e.id, e.organization, e.world, e.subject, e.salt, e.body, CAST(NULL AS BIGINT) FROM log_pending p
         JOIN events e ON e.id = p.event ORDER BY p.event LIMIT $1",
    );
    all(
        &tx.query(&PENDING, &[Value::Int(i64::try_from(limit).unwrap_or(i64::MAX))])?,
        events::read,
    )
}

/// How many committed events have no place in the log yet, and the number of the oldest.
pub fn backlog(tx: &mut dyn Tx) -> Result<(i64, Option<i64>), StoreError> {
    static BACKLOG: Sql = Sql::both("SELECT CAST(COUNT(*) AS BIGINT), CAST(MIN(event) AS BIGINT) FROM log_pending");
    one(tx.query(&BACKLOG, &[])?).map_or(Ok((0, None)), |row| Ok((row.int(0)?, row.opt_int(1)?)))
}

/// The head, locked until the end of the transaction where the engine needs it: one sequencer at a time.
pub fn head(tx: &mut dyn Tx) -> Result<Option<Head>, StoreError> {
    static HEAD: Sql = Sql {
        sqlite: "SELECT size, checkpoint FROM log_head WHERE id = 1",
        postgres: "SELECT size, checkpoint FROM log_head WHERE id = 1 FOR UPDATE",
    };
    read_head(tx, &HEAD)
}

/// The head, for reading only.
pub fn published(tx: &mut dyn Tx) -> Result<Option<Head>, StoreError> {
    static HEAD: Sql = Sql::both("SELECT size, checkpoint FROM log_head WHERE id = 1");
    read_head(tx, &HEAD)
}

fn read_head(tx: &mut dyn Tx, sql: &'static Sql) -> Result<Option<Head>, StoreError> {
    one(tx.query(sql, &[])?)
        .map(|row| {
            let size = u64::try_from(row.int(0)?).map_err(|_| StoreError::corrupt("the size of the log"))?;
            Ok(Head {
                size,
                checkpoint: row.text(1)?.to_owned(),
            })
        })
        .transpose()
}

/// Writes the first head of an empty log; does nothing when there is one.
pub fn begin(tx: &mut dyn Tx, head: &Head) -> Result<(), StoreError> {
    static BEGIN: Sql =
        Sql::both("INSERT INTO log_head (id, size, checkpoint) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING");
    tx.execute(&BEGIN, &[number(head.size)?, Value::Text(&head.checkpoint)])?;
    Ok(())
}

/// Places events from `first` on, stores the tiles that grew, and the new head. All or nothing: the head must still be at `first`.
pub fn grow(
    tx: &mut dyn Tx,
    first: u64,
    placed: &[events::Event],
    tiles: &[Tile],
    head: &Head,
) -> Result<(), StoreError> {
    static LEAVES: Batch = Batch {
        each: "INSERT INTO log_leaves (position, event, organization, world) VALUES ($1, $2, $3, $4)",
        arrays: "INSERT INTO log_leaves (position, event, organization, world)
               SELECT * FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[])",
    };
    static DONE: Batch = Batch {
        each: "DELETE FROM log_pending WHERE event = $1",
        arrays: "DELETE FROM log_pending WHERE event = ANY($1::BIGINT[])",
    };
    static TILE: Sql = Sql::both(
        "INSERT INTO log_tiles (level, position, width, hashes) VALUES ($1, $2, $3, $4)
         ON CONFLICT (level, position) DO UPDATE SET width = excluded.width, hashes = excluded.hashes",
    );
    static HEAD: Sql = Sql::both("UPDATE log_head SET size = $1, checkpoint = $2 WHERE id = 1 AND size = $3");
    let from = i64::try_from(first).map_err(|_| StoreError::bug("the log is too long"))?;
    let positions: Vec<i64> = (from..).take(placed.len()).collect();
    let ids: Vec<i64> = placed.iter().map(|event| event.id.to_i64()).collect();
    tx.execute_many(
        &LEAVES,
        &[
            Column::Int(&positions),
            Column::Int(&ids),
            Column::Int(
                &placed
                    .iter()
                    .map(|event| event.organization.to_i64())
                    .collect::<Vec<_>>(),
            ),
            Column::Int(&placed.iter().map(|event| event.world.to_i64()).collect::<Vec<_>>()),
        ],
    )?;
    tx.execute_many(&DONE, &[Column::Int(&ids)])?;
    for tile in tiles {
        let width = i64::try_from(tile.hashes.len() / 32).map_err(|_| StoreError::bug("a tile that is too wide"))?;
        let values = [
            number(tile.level)?,
            number(tile.position)?,
            Value::Int(width),
            Value::Blob(&tile.hashes),
        ];
        tx.execute(&TILE, &values)?;
    }
    match tx.execute(
        &HEAD,
        &[number(head.size)?, Value::Text(&head.checkpoint), number(first)?],
    )? {
        1 => Ok(()),
        _ => Err(StoreError::Conflict {
            what: "another server grew the log".into(),
        }),
    }
}

/// One tile as far as it has grown.
pub fn tile(tx: &mut dyn Tx, level: u64, position: u64) -> Result<Option<Tile>, StoreError> {
    static TILE: Sql = Sql::both("SELECT hashes FROM log_tiles WHERE level = $1 AND position = $2");
    one(tx.query(&TILE, &[number(level)?, number(position)?])?)
        .map(|row| {
            Ok(Tile {
                level,
                position,
                hashes: row.blob(0)?.to_vec(),
            })
        })
        .transpose()
}

/// Events of leaves `from` up to `from + limit`, of all organizations, in the order of the log.
pub fn leaves(tx: &mut dyn Tx, from: u64, limit: usize) -> Result<Vec<Placed>, StoreError> {
    static LEAVES: Sql = Sql::both(
        "SELECT e.id, e.organization, e.world, e.subject, e.salt, e.body, l.position FROM log_leaves l JOIN events e ON e.id = l.event
         WHERE l.position >= $1 ORDER BY l.position LIMIT $2",
    );
    let limit = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
    all(&tx.query(&LEAVES, &[number(from)?, limit])?, events::read)
}

/// The index of an event's leaf.
pub fn position(tx: &mut dyn Tx, event: EventId) -> Result<Option<u64>, StoreError> {
    static POSITION: Sql = Sql::both("SELECT position FROM log_leaves WHERE event = $1");
    one(tx.query(&POSITION, &[Value::Int(event.to_i64())])?)
        .map(|row| u64::try_from(row.int(0)?).map_err(|_| StoreError::corrupt("a position in the log")))
        .transpose()
}

fn number(value: u64) -> Result<Value<'static>, StoreError> {
    i64::try_from(value)
        .map(Value::Int)
        .map_err(|_| StoreError::bug("a number of the log beyond 63 bits"))
}
