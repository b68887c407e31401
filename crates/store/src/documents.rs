//! Documents that came from a bank, as they came, and how far each mailbox has been read.

use crate::StoreError;
use crate::scan::ID;
use crate::scope::{Scope, one};
use crate::sealed::{self, SealedTable};
use crate::tx::{Sql, Tx, Value};
use vocab::id::DocumentId;
use vocab::time::Timestamp;

/// `documents`
pub static DOCUMENTS: SealedTable = SealedTable {
    name: "documents",
    columns: 9,
    key: ID,
    id: |number| DocumentId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO documents (id, organization, world, channel, kind, reference, digest, sealed, received_at, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, channel, kind, reference, digest, sealed, received_at, seal FROM documents
         WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};

/// A document from a bank.
#[derive(Clone, Debug)]
pub struct Document {
    /// Number of the row.
    pub id: i64,
    /// The channel it came by.
    pub channel: String,
    /// Message name, such as `camt.053`.
    pub kind: String,
    /// The bank's reference.
    pub reference: String,
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
    /// The bytes, sealed for `documents.sealed`.
    pub sealed: Vec<u8>,
    /// When it came.
    pub received_at: Timestamp,
}

/// Whether the very same document came before.
pub fn known(tx: &mut dyn Tx, scope: Scope<'_>, document: &Document) -> Result<bool, StoreError> {
    static KNOWN: Sql = Sql::both(
        "SELECT id FROM documents
         WHERE organization = $1 AND world = $2 AND channel = $3 AND kind = $4 AND reference = $5 AND digest = $6",
    );
    let values = [
        scope.org(),
        scope.world(),
        Value::Text(&document.channel),
        Value::Text(&document.kind),
        Value::Text(&document.reference),
        Value::Blob(&document.digest),
    ];
    Ok(!tx.query(&KNOWN, &values)?.is_empty())
}

/// Keeps a document.
pub fn add(tx: &mut dyn Tx, scope: Scope<'_>, document: &Document) -> Result<(), StoreError> {
    sealed::insert(
        tx,
        scope,
        &DOCUMENTS,
        &[
            Value::Int(document.id),
            scope.org(),
            scope.world(),
            Value::Text(&document.channel),
            Value::Text(&document.kind),
            Value::Text(&document.reference),
            Value::Blob(&document.digest),
            Value::Blob(&document.sealed),
            Value::Int(document.received_at.micros()),
        ],
    )
}

/// How far the mailbox of a channel has been read; 0 is the beginning. Locked until the end of the transaction where the engine
/// needs it, so that two servers do not take the same documents.
pub fn cursor(tx: &mut dyn Tx, scope: Scope<'_>, channel: &str) -> Result<i64, StoreError> {
    static CURSOR: Sql = Sql {
        sqlite: "SELECT cursor FROM mailboxes WHERE organization = $1 AND world = $2 AND channel = $3",
        postgres: "SELECT cursor FROM mailboxes WHERE organization = $1 AND world = $2 AND channel = $3 FOR UPDATE",
    };
    one(tx.query(&CURSOR, &[scope.org(), scope.world(), Value::Text(channel)])?).map_or(Ok(0), |row| row.int(0))
}

/// Reads the mailbox on from here next time.
pub fn set_cursor(tx: &mut dyn Tx, scope: Scope<'_>, channel: &str, cursor: i64) -> Result<(), StoreError> {
    static SET: Sql = Sql::both(
        "INSERT INTO mailboxes (organization, world, channel, cursor) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organization, world, channel) DO UPDATE SET cursor = excluded.cursor",
    );
    tx.execute(
        &SET,
        &[scope.org(), scope.world(), Value::Text(channel), Value::Int(cursor)],
    )?;
    Ok(())
}
