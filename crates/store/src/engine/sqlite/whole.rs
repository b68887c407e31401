//! A SQLite file read and filled as a whole.

use super::fault::classify;
use super::file::{Durability, open_writer};
use super::session::SqliteSession;
use crate::error::StoreError;
use crate::whole::{Filling, Reading, names, quoted, table};
use archive::{Cell, Cells, Table, container::ROWS_BYTES};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};
use std::collections::BTreeMap;
use std::path::Path;

impl Reading for SqliteSession<'_> {
    fn every_table(&mut self) -> Result<Vec<Table>, StoreError> {
        let text = "SELECT m.name, c.name, c.type, c.pk FROM sqlite_schema m, pragma_table_info(m.name) c
                    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid";
        let mut statement = self.connection.prepare(text).map_err(classify)?;
        let mut rows = statement.query([]).map_err(classify)?;
        let mut tables: BTreeMap<String, Vec<(String, String, i64)>> = BTreeMap::new();
        while let Some(row) = rows.next().map_err(classify)? {
            let cell = |column| row.get::<_, String>(column).map_err(classify);
            let place = row.get(3).map_err(classify)?;
            tables.entry(cell(0)?).or_default().push((cell(1)?, cell(2)?, place));
        }
        tables
            .into_iter()
            .map(|(name, columns)| table(&name, columns))
            .collect()
    }

    fn has_rows(&mut self, table: &Table) -> Result<bool, StoreError> {
        let text = format!("SELECT 1 FROM {} LIMIT 1", quoted(&table.name));
        let mut statement = self.connection.prepare(&text).map_err(classify)?;
        statement.exists([]).map_err(classify)
    }

    fn rows(&mut self, table: &Table, sink: &mut dyn FnMut(&[u8], u32) -> bool) -> Result<(), StoreError> {
        let key = table.key.iter().filter_map(|at| table.columns.get(*at));
        let order: Vec<String> = key.map(|column| quoted(&column.name)).collect();
        let text = format!(
            "SELECT {} FROM {} ORDER BY {}",
            names(table),
            quoted(&table.name),
            order.join(", ")
        );
        let mut statement = self.connection.prepare(&text).map_err(classify)?;
        let mut found = statement.query([]).map_err(classify)?;
        let (mut rows, mut count) = (Vec::with_capacity(ROWS_BYTES), 0_u32);
        while let Some(row) = found.next().map_err(classify)? {
            for (at, column) in table.columns.iter().enumerate() {
                let cell = cell(row.get_ref(at).map_err(classify)?).ok_or_else(|| alien(&table.name, &column.name))?;
                cell.push(&mut rows)
                    .map_err(|_| StoreError::bug("a cell beyond what a backup can hold"))?;
            }
            count = count.saturating_add(1);
            if rows.len() >= ROWS_BYTES {
                if !sink(&rows, count) {
                    return Ok(());
                }
                rows.clear();
                count = 0;
            }
        }
        if count > 0 {
            sink(&rows, count);
        }
        Ok(())
    }
}

fn cell(value: ValueRef<'_>) -> Option<Cell<'_>> {
    match value {
        ValueRef::Null => Some(Cell::Null),
        ValueRef::Integer(number) => Some(Cell::Number(number)),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(Cell::Text),
        ValueRef::Blob(bytes) => Some(Cell::Bytes(bytes)),
        ValueRef::Real(_) => None,
    }
}

fn alien(table: &str, column: &str) -> StoreError {
    StoreError::corrupt(format!(
        "{table}.{column} holds something that this platform never writes; run `countersign log check`"
    ))
}

/// Opens a file for filling. Nothing is synced before the end, and nothing can be undone.
pub(crate) fn open_bulk(path: &Path) -> Result<Connection, StoreError> {
    let connection = open_writer(path, Durability::None)?;
    connection
        .execute_batch("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA cache_size = -262144;")
        .map_err(classify)?;
    Ok(connection)
}

/// A file that is being filled.
pub(crate) struct Bulk<'c> {
    connection: &'c Connection,
    inserts: BTreeMap<String, Statement<'c>>,
}

impl<'c> Bulk<'c> {
    pub(crate) fn begin(connection: &'c Connection) -> Result<Self, StoreError> {
        connection.execute_batch("BEGIN EXCLUSIVE").map_err(classify)?;
        Ok(Self {
            connection,
            inserts: BTreeMap::new(),
        })
    }

    pub(crate) fn end(self) -> Result<(), StoreError> {
        drop(self.inserts);
        self.connection.execute_batch("COMMIT").map_err(classify)
    }

    fn insert(&mut self, table: &Table) -> Result<&mut Statement<'c>, StoreError> {
        if !self.inserts.contains_key(&table.name) {
            let places: Vec<String> = (1..=table.columns.len()).map(|at| format!("?{at}")).collect();
            let text = format!(
                "INSERT INTO {} ({}) VALUES ({})",
                quoted(&table.name),
                names(table),
                places.join(", ")
            );
            let statement = self.connection.prepare(&text).map_err(classify)?;
            self.inserts.insert(table.name.clone(), statement);
        }
        self.inserts
            .get_mut(&table.name)
            .ok_or_else(|| StoreError::bug("a statement that was just prepared is gone"))
    }
}

impl Filling for Bulk<'_> {
    fn fill(&mut self, table: &Table, rows: &[u8], count: u32) -> Result<(), StoreError> {
        let damaged = |_| StoreError::corrupt(format!("the rows of {} in the backup cannot be read", table.name));
        let insert = self.insert(table)?;
        let (mut cells, mut row, mut added) = (Cells::new(rows), Vec::with_capacity(table.columns.len()), 0_u32);
        while cells.take_row(table.columns.len(), &mut row).map_err(damaged)? {
            for (at, cell) in (1_usize..).zip(&row) {
                insert.raw_bind_parameter(at, Bound(*cell)).map_err(classify)?;
            }
            insert.raw_execute().map_err(classify)?;
            added = added.saturating_add(1);
        }
        if added != count {
            return Err(StoreError::corrupt(format!(
                "the backup counts other rows of {} than it holds",
                table.name
            )));
        }
        Ok(())
    }
}

struct Bound<'a>(Cell<'a>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Cell::Null => ValueRef::Null,
            Cell::Number(number) => ValueRef::Integer(number),
            Cell::Text(text) => ValueRef::Text(text.as_bytes()),
            Cell::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
