//! The mailbox: documents that wait to be collected, numbered in the order in which they were made, kept for ever.
//!
//! Collecting takes nothing away; the cursor is the collector's own. So a collector that loses an answer asks again.

use super::bank::BankError;
use super::book::{Moment, read};
use super::orders::kind_of;
use rusqlite::params;
use vocab::exchange::Document;
use vocab::limits;

/// A document with its number.
pub(super) struct Numbered {
    pub(super) number: i64,
    pub(super) document: Document,
}

/// Puts a document in.
pub(super) fn put(moment: &Moment<'_>, document: &Document) -> Result<(), BankError> {
    let mut statement = moment
        .rows
        .prepare_cached("INSERT INTO mailbox (kind, reference, body) VALUES (?1, ?2, ?3)")?;
    statement.execute(params![document.kind.name(), document.reference, document.body])?;
    Ok(())
}

/// Up to `limit` documents after a number. Fewer when they are large: one at least, then as many as fit one body.
pub(super) fn after(moment: &Moment<'_>, number: i64, limit: usize) -> Result<Vec<Numbered>, BankError> {
    let mut statement = moment
        .rows
        .prepare_cached("SELECT * FROM mailbox WHERE number > ?1 ORDER BY number LIMIT ?2")?;
    let rows = statement.query_map(params![number, i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        let document = Document {
            kind: read(row, "kind", kind_of)?,
            reference: row.get("reference")?,
            body: row.get("body")?,
        };
        Ok(Numbered {
            number: row.get("number")?,
            document,
        })
    })?;
    let mut documents = Vec::new();
    let mut bytes = 0_usize;
    for row in rows {
        let numbered = row?;
        bytes = bytes.saturating_add(numbered.document.body.len());
        if bytes > limits::BODY_BYTES_MAX && !documents.is_empty() {
            break;
        }
        documents.push(numbered);
    }
    Ok(documents)
}
