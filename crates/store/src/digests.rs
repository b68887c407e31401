//! Digests: columns without any order that rows are found by.
//!
//! PostgreSQL has an index for each. In a SQLite file such an index takes a page of its own for nearly every row, written twice, which
//! would be most of what a payment costs. There the rows are appended only, and each connection that looks them up keeps the heads of
//! the digests in an attached database in memory, which follows the table by its row ids: part of the same transaction, so that what
//! is rolled back is forgotten, and built again when the file is opened. A row takes 20 to 30 bytes of memory until it is forgotten.

use crate::StoreError;
use crate::tx::{Row, Sql, Tx, Value};

/// A column of digests, and the statements of SQLite that follow it.
#[derive(Debug)]
pub struct Digests {
    table: &'static str,
    key: &'static [&'static str],
    /// The table of the heads.
    pub(crate) create: &'static str,
    span: Sql,
    take: Sql,
    empty: Sql,
    sweep: Sql,
    note: Sql,
}

macro_rules! digests {
    ($table:literal, $column:literal, $key:expr) => {
        Digests {
            table: $table,
            key: &$key,
            create: concat!(
                "CREATE TABLE memory.",
                $table,
                " (head BLOB NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (head, line)) WITHOUT ROWID;
                 INSERT INTO memory.followed (name, line, swept, place) VALUES ('",
                $table,
                "', 0, 0, NULL);"
            ),
            span: Sql::both(concat!(
                "SELECT f.line, f.swept, f.place, coalesce((SELECT max(rowid) FROM main.",
                $table,
                "), 0),
                   coalesce((SELECT min(rowid) FROM main.",
                $table,
                "), 0) FROM memory.followed f WHERE f.name = '",
                $table,
                "'"
            )),
            take: Sql::both(concat!(
                "INSERT INTO memory.",
                $table,
                " (head, line) SELECT substr(",
                $column,
                ", 1, 8), rowid FROM main.",
                $table,
                " WHERE rowid > $1"
            )),
            empty: Sql::both(concat!("DELETE FROM memory.", $table)),
            sweep: Sql::both(concat!(
                "DELETE FROM memory.",
                $table,
                " WHERE head >= $1 AND head < $2 AND line < $3"
            )),
            note: Sql::both(concat!(
                "UPDATE memory.followed SET line = $1, swept = $2, place = $3 WHERE name = '",
                $table,
                "'"
            )),
        }
    };
}

/// Signatures that were seen.
pub(crate) static NONCES: Digests = digests!("nonces", "digest", ["expires_at", "signing_key", "digest"]);
/// Idempotency keys.
pub(crate) static IDEMPOTENCY: Digests = digests!("idempotency", "digest", ["digest"]);
/// What payments look like.
pub(crate) static LIKENESSES: Digests = digests!("likenesses", "likeness", ["likeness", "payment"]);

/// All of them.
pub(crate) static ALL: [&Digests; 3] = [&NONCES, &IDEMPOTENCY, &LIKENESSES];

/// The columns by which the rows of a followed table differ, which only PostgreSQL knows as its key.
pub(crate) fn key_of(table: &str) -> Option<&'static [&'static str]> {
    ALL.iter()
        .find(|digests| digests.table == table)
        .map(|digests| digests.key)
}

/// How far each table is followed: the newest row, the row below which all are swept out, and where a sweep has come to.
pub(crate) const FOLLOWED: &str =
    "CREATE TABLE memory.followed (name TEXT PRIMARY KEY, line INTEGER NOT NULL, swept INTEGER NOT NULL,
   place INTEGER) WITHOUT ROWID;";

/// First bytes of digests that are swept at a time: a four-thousandth of the rows.
const SWEEP: i64 = 16;
/// First bytes of digests.
const PLACES: i64 = 65_536;

/// Brings the heads in memory up to the table, from where they are behind.
pub(crate) fn catch_up(tx: &mut dyn Tx, digests: &'static Digests, span: &Span) -> Result<(), StoreError> {
    let mut from = span.followed;
    if span.newest < from {
        // Somebody else has taken the newest rows away; their ids will be given again.
        tx.execute(&digests.empty, &[])?;
        from = 0;
    }
    tx.execute(&digests.take, &[Value::Int(from)])?;
    let (swept, place) = match span.place {
        Some(place) => {
            let (until, next) = sweep_until(place);
            let from = head(place);
            tx.execute(
                &digests.sweep,
                &[Value::Blob(&from), Value::Blob(&until), Value::Int(span.swept)],
            )?;
            (span.swept, next)
        }
        None if span.oldest > span.swept => (span.oldest, Some(0)),
        None => (span.swept, None),
    };
    tx.execute(
        &digests.note,
        &[Value::Int(span.newest), Value::Int(swept), Value::OptInt(place)],
    )?;
    Ok(())
}

/// Brings all of them up to their tables: after a start, so that the first request need not wait for it.
pub fn follow_all(tx: &mut dyn Tx) -> Result<(), StoreError> {
    ALL.iter().try_for_each(|digests| tx.follow(digests))
}

/// What there is in the table, and what of it is in memory.
pub(crate) struct Span {
    followed: i64,
    swept: i64,
    place: Option<i64>,
    newest: i64,
    oldest: i64,
}

impl Span {
    /// None when nothing is to be done.
    pub(crate) fn behind(tx: &mut dyn Tx, digests: &'static Digests) -> Result<Option<Self>, StoreError> {
        let span = Self::read(&tx.query_one(&digests.span, &[])?)?;
        Ok((!span.is_up_to_date()).then_some(span))
    }

    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            followed: row.int(0)?,
            swept: row.int(1)?,
            place: row.opt_int(2)?,
            newest: row.int(3)?,
            oldest: row.int(4)?,
        })
    }

    fn is_up_to_date(&self) -> bool {
        self.followed == self.newest && self.place.is_none() && self.oldest <= self.swept
    }
}

/// The first digest at a place.
fn head(place: i64) -> Vec<u8> {
    place.to_be_bytes().into_iter().skip(6).collect()
}

/// The first digest behind what is swept from a place on, and the place to go on at; none when that was the last.
fn sweep_until(place: i64) -> (Vec<u8>, Option<i64>) {
    let next = place.saturating_add(SWEEP);
    if next < PLACES {
        (head(next), Some(next))
    } else {
        (vec![0xff; 9], None)
    }
}
