//! A PostgreSQL database read and filled as a whole, through COPY in its binary form.

use super::session::{CallError, PostgresSession};
use crate::error::StoreError;
use crate::whole::{Filling, Reading, names, quoted, table};
use archive::{Cell, Cells, Kind, Table, container::ROWS_BYTES};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};

/// What a binary COPY begins with: signature, no flags, no extension.
const HEADER: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// In place of the number of fields: there are no more rows.
const NO_MORE: i16 = -1;
/// In place of a length: NULL.
const NULL: i32 = -1;

impl Reading for PostgresSession {
    fn every_table(&mut self) -> Result<Vec<Table>, StoreError> {
        // The catalogue itself and not `information_schema`: its views join more than a session that plans for indexes gets through.
        let text = "SELECT t.relname::TEXT, c.attname::TEXT, format_type(c.atttypid, NULL),
               COALESCE(array_position(k.indkey::SMALLINT[], c.attnum) + 1, 0)::BIGINT
             FROM pg_class t
             JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
             LEFT JOIN pg_index k ON k.indrelid = t.oid AND k.indisprimary
             WHERE t.relnamespace = current_schema()::REGNAMESPACE AND t.relkind = 'r'";
        self.guarded(|connection| {
            let mut tables: BTreeMap<String, Vec<(String, String, i64)>> = BTreeMap::new();
            for row in connection.client.query(text, &[])? {
                let column = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
                tables.entry(row.try_get(0)?).or_default().push(column);
            }
            let read = tables.into_iter().map(|(name, columns)| table(&name, columns));
            read.collect::<Result<Vec<_>, _>>().map_err(CallError::Ours)
        })
    }

    fn has_rows(&mut self, table: &Table) -> Result<bool, StoreError> {
        let text = format!("SELECT 1 FROM {} LIMIT 1", quoted(&table.name));
        self.guarded(|connection| Ok(!connection.client.query(&text, &[])?.is_empty()))
    }

    fn rows(&mut self, table: &Table, sink: &mut dyn FnMut(&[u8], u32) -> bool) -> Result<(), StoreError> {
        // Texts are ordered by their bytes, as in SQLite, whatever the language of the database.
        let order: Vec<String> = table
            .key
            .iter()
            .filter_map(|at| table.columns.get(*at))
            .map(|column| match column.kind {
                Kind::Text => format!("{} COLLATE \"C\"", quoted(&column.name)),
                Kind::Number | Kind::Bytes => quoted(&column.name),
            })
            .collect();
        let text = format!(
            "COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT (FORMAT BINARY)",
            names(table),
            quoted(&table.name),
            order.join(", ")
        );
        self.guarded(|connection| {
            let mut copy = connection.client.copy_out(&text)?;
            take_rows(&mut copy, table, sink).map_err(|error| {
                let what = format!("reading {} ended early: {}", table.name, error.kind());
                CallError::Ours(StoreError::unavailable(what))
            })
        })
    }
}

fn take_rows(copy: &mut impl Read, table: &Table, sink: &mut dyn FnMut(&[u8], u32) -> bool) -> io::Result<()> {
    let mut copy = io::BufReader::with_capacity(256 * 1024, copy);
    let header: [u8; 19] = array(&mut copy)?;
    if header != *HEADER {
        return Err(strange());
    }
    let (mut rows, mut count) = (Vec::with_capacity(ROWS_BYTES), 0_u32);
    let mut field = Vec::new();
    loop {
        let fields = i16::from_be_bytes(array(&mut copy)?);
        if fields == NO_MORE {
            break;
        }
        if usize::try_from(fields) != Ok(table.columns.len()) {
            return Err(strange());
        }
        for column in &table.columns {
            take_field(&mut copy, &mut field, column.kind, &mut rows)?;
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

fn take_field(copy: &mut impl Read, field: &mut Vec<u8>, kind: Kind, rows: &mut Vec<u8>) -> io::Result<()> {
    let length = i32::from_be_bytes(array(copy)?);
    if length == NULL {
        return Cell::Null.push(rows).map_err(|_| strange());
    }
    let length = usize::try_from(length).map_err(|_| strange())?;
    field.resize(length, 0);
    copy.read_exact(field)?;
    let cell = match kind {
        Kind::Number => Cell::Number(match field.as_slice() {
            [byte] => i64::from(*byte), // a boolean
            bytes => i64::from_be_bytes(bytes.try_into().map_err(|_| strange())?),
        }),
        Kind::Text => Cell::Text(std::str::from_utf8(field).map_err(|_| strange())?),
        Kind::Bytes => Cell::Bytes(field),
    };
    cell.push(rows).map_err(|_| strange())
}

fn array<const N: usize>(copy: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    copy.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn strange() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the server sent what no COPY holds")
}

impl Filling for PostgresSession {
    fn fill(&mut self, table: &Table, rows: &[u8], count: u32) -> Result<(), StoreError> {
        let text = format!(
            "COPY {} ({}) FROM STDIN (FORMAT BINARY)",
            quoted(&table.name),
            names(table)
        );
        let (bytes, added) = binary(table, rows)?;
        if added != count {
            return Err(StoreError::corrupt(format!(
                "the backup counts other rows of {} than it holds",
                table.name
            )));
        }
        self.guarded(|connection| {
            let mut copy = connection.client.copy_in(&text)?;
            copy.write_all(&bytes).map_err(|error| {
                let what = format!("writing {} ended early: {}", table.name, error.kind());
                CallError::Ours(StoreError::unavailable(what))
            })?;
            copy.finish()?;
            Ok(())
        })
    }
}

/// Rows in the form of a binary COPY, and how many they are.
fn binary(table: &Table, rows: &[u8]) -> Result<(Vec<u8>, u32), StoreError> {
    let damaged = || StoreError::corrupt(format!("the rows of {} in the backup cannot be read", table.name));
    let mut out = Vec::with_capacity(rows.len().saturating_add(rows.len() / 4));
    out.extend_from_slice(HEADER);
    let width = i16::try_from(table.columns.len()).map_err(|_| damaged())?;
    let (mut cells, mut row, mut count) = (Cells::new(rows), Vec::with_capacity(table.columns.len()), 0_u32);
    while cells.take_row(table.columns.len(), &mut row).map_err(|_| damaged())? {
        out.extend_from_slice(&width.to_be_bytes());
        for (cell, column) in row.iter().zip(&table.columns) {
            let mut field = |bytes: &[u8]| {
                let length = i32::try_from(bytes.len()).map_err(|_| damaged())?;
                out.extend_from_slice(&length.to_be_bytes());
                out.extend_from_slice(bytes);
                Ok(())
            };
            match (cell, column.kind) {
                (Cell::Null, _) => out.extend_from_slice(&NULL.to_be_bytes()),
                (Cell::Number(number), Kind::Number) => field(&number.to_be_bytes())?,
                (Cell::Text(text), Kind::Text) => field(text.as_bytes())?,
                (Cell::Bytes(bytes), Kind::Bytes) => field(bytes)?,
                (Cell::Number(_) | Cell::Text(_) | Cell::Bytes(_), _) => {
                    let (table, column) = (&table.name, &column.name);
                    return Err(StoreError::corrupt(format!(
                        "{table}.{column} of the backup holds something that this platform never writes"
                    )));
                }
            }
        }
        count = count.saturating_add(1);
    }
    out.extend_from_slice(&NO_MORE.to_be_bytes());
    Ok((out, count))
}
