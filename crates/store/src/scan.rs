//! Reading a table whole, page by page in the order of its key, so that a table of any size fits in little memory.
//!
//! A page begins at the successor of the last key of the page before; the first one at the least key there can be, so that no row lies
//! outside, whatever somebody may have written as its key.

use crate::StoreError;
use crate::tx::{Row, Sql, Tx, Value};

/// Rows on one page: enough to make the statement cheap, few enough to hold with everything that belongs to them.
pub const PAGE: usize = 500;

/// A column of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A number.
    Number,
    /// Bytes.
    Bytes,
}

/// The key is one number.
pub const ID: &[Key] = &[Key::Number];
/// The key is the number of another row and the place under it.
pub const PLACE: &[Key] = &[Key::Number, Key::Number];

/// A value of a column of a key.
enum Part {
    Number(i64),
    Bytes(Vec<u8>),
}

impl Part {
    fn least(key: Key) -> Self {
        match key {
            Key::Number => Self::Number(i64::MIN),
            Key::Bytes => Self::Bytes(Vec::new()),
        }
    }

    fn read(row: &Row, column: usize, key: Key) -> Result<Self, StoreError> {
        Ok(match key {
            Key::Number => Self::Number(row.int(column)?),
            Key::Bytes => Self::Bytes(row.blob(column)?.to_vec()),
        })
    }

    /// Makes it the next value; false when there is none, and then it is the least one again.
    fn advance(&mut self) -> bool {
        match self {
            Self::Number(number) => {
                let next = number.checked_add(1);
                *number = next.unwrap_or(i64::MIN);
                next.is_some()
            }
            Self::Bytes(bytes) => {
                bytes.push(0);
                true
            }
        }
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Number(number) => Value::Int(*number),
            Self::Bytes(bytes) => Value::Blob(bytes),
        }
    }
}

/// What comes right after the key of a row: an error when the row has a key of another kind, `None` when nothing can follow.
fn after(row: &Row, key: &[Key]) -> Result<Option<Vec<Part>>, StoreError> {
    let parts = key
        .iter()
        .enumerate()
        .map(|(column, key)| Part::read(row, column, *key));
    let mut parts = parts.collect::<Result<Vec<Part>, StoreError>>()?;
    let advanced = parts.iter_mut().rev().any(Part::advance);
    Ok(advanced.then_some(parts))
}

/// The pages of a table.
///
/// The statement takes the key to begin at as its first parameters and the length of a page as its last one, and orders by the key:
/// `SELECT … WHERE (a, b) >= ($1, $2) ORDER BY a, b LIMIT $3`.
pub(crate) struct Pages {
    sql: &'static Sql,
    key: &'static [Key],
    length: usize,
    from: Option<Vec<Part>>,
    stuck: bool,
}

impl Pages {
    pub(crate) fn new(sql: &'static Sql, key: &'static [Key]) -> Self {
        Self {
            sql,
            key,
            length: PAGE,
            from: Some(key.iter().map(|key| Part::least(*key)).collect()),
            stuck: false,
        }
    }

    /// With so many rows on a page, where much belongs to each.
    pub(crate) fn of_length(self, length: usize) -> Self {
        Self { length, ..self }
    }

    /// The next page; `None` after the last one.
    pub(crate) fn next(&mut self, tx: &mut dyn Tx) -> Result<Option<Vec<Row>>, StoreError> {
        let Some(from) = self.from.take() else { return Ok(None) };
        let mut values: Vec<Value<'_>> = from.iter().map(Part::value).collect();
        values.push(Value::Int(i64::try_from(self.length).unwrap_or(i64::MAX)));
        let mut rows = tx.query(self.sql, &values)?;
        if rows.len() < self.length {
            return Ok(Some(rows));
        }
        // Keys of another kind (SQLite keeps a text in a column of numbers) sort behind the others and come again on the next page.
        while let Some(row) = rows.last() {
            if let Ok(after) = after(row, self.key) {
                self.from = after;
                return Ok(Some(rows));
            }
            rows.pop();
        }
        self.stuck = true;
        Ok(None)
    }

    /// Whether reading ended early, at a whole page of rows with keys of another kind.
    pub(crate) fn stuck(&self) -> bool {
        self.stuck
    }
}
