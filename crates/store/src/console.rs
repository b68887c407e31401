//! Links that open the console once, and the sessions they begin. Only digests of their secrets are kept.

use crate::StoreError;
use crate::scan::Key;
use crate::scope::{RowSealer, one};
use crate::sealed::{self, SealedTable};
use crate::tx::{Row, Sql, Tx, Value};
use vocab::context::World;
use vocab::id::OrganizationId;
use vocab::time::Timestamp;

/// `console_links`
pub static CONSOLE_LINKS: SealedTable = SealedTable {
    name: "console_links",
    columns: 4,
    key: &[Key::Bytes],
    id: |number| number.to_string(),
    insert: Sql::both(
        "INSERT INTO console_links (digest, organization, world, expires_at, seal) VALUES ($1, $2, $3, $4, $5)",
    ),
    scan: Sql::both(
        "SELECT digest, organization, world, expires_at, seal FROM console_links WHERE digest >= $1 ORDER BY digest LIMIT $2",
    ),
};
/// `console_sessions`
pub static CONSOLE_SESSIONS: SealedTable = SealedTable {
    name: "console_sessions",
    columns: 4,
    key: &[Key::Bytes],
    id: |number| number.to_string(),
    insert: Sql::both(
        "INSERT INTO console_sessions (digest, organization, world, expires_at, seal) VALUES ($1, $2, $3, $4, $5)",
    ),
    scan: Sql::both(
        "SELECT digest, organization, world, expires_at, seal FROM console_sessions WHERE digest >= $1 ORDER BY digest LIMIT $2",
    ),
};

/// What a link or a session opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The tenant.
    pub organization: OrganizationId,
    /// Test or live.
    pub world: World,
}

/// Adds a link.
pub fn add_link(
    tx: &mut dyn Tx,
    sealer: &dyn RowSealer,
    digest: &[u8; 32],
    access: Access,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    sealed::insert_with(tx, sealer, &CONSOLE_LINKS, &values(digest, access, expires_at))
}

/// Uses a link up. A second use finds nothing.
pub fn take_link(
    tx: &mut dyn Tx,
    sealer: &dyn RowSealer,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Access>, StoreError> {
    static TAKE: Sql = Sql::both(
        "DELETE FROM console_links WHERE digest = $1 RETURNING digest, organization, world, expires_at, seal",
    );
    let row = one(tx.query(&TAKE, &[Value::Blob(digest)])?);
    row.map_or(Ok(None), |row| access(&row, sealer, &CONSOLE_LINKS, now))
}

/// Begins a session.
pub fn add_session(
    tx: &mut dyn Tx,
    sealer: &dyn RowSealer,
    digest: &[u8; 32],
    access: Access,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    sealed::insert_with(tx, sealer, &CONSOLE_SESSIONS, &values(digest, access, expires_at))
}

/// What a session opens, while it lasts.
pub fn session(
    tx: &mut dyn Tx,
    sealer: &dyn RowSealer,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Access>, StoreError> {
    static SESSION: Sql =
        Sql::both("SELECT digest, organization, world, expires_at, seal FROM console_sessions WHERE digest = $1");
    let row = one(tx.query(&SESSION, &[Value::Blob(digest)])?);
    row.map_or(Ok(None), |row| access(&row, sealer, &CONSOLE_SESSIONS, now))
}

/// Ends a session.
pub fn end_session(tx: &mut dyn Tx, digest: &[u8; 32]) -> Result<(), StoreError> {
    static END: Sql = Sql::both("DELETE FROM console_sessions WHERE digest = $1");
    tx.execute(&END, &[Value::Blob(digest)])?;
    Ok(())
}

fn values(digest: &[u8; 32], access: Access, expires_at: Timestamp) -> [Value<'_>; 4] {
    [
        Value::Blob(digest),
        Value::Int(access.organization.to_i64()),
        Value::Int(access.world.to_i64()),
        Value::Int(expires_at.micros()),
    ]
}

/// SECURITY: the seal is checked here. Whoever can write to the database, but has no key, could otherwise let themselves in.
fn access(
    row: &Row,
    sealer: &dyn RowSealer,
    table: &'static SealedTable,
    now: Timestamp,
) -> Result<Option<Access>, StoreError> {
    if !sealed::holds_with(row, sealer, table)? {
        return Err(StoreError::corrupt("the seal of a console link or session"));
    }
    if row.int(3)? <= now.micros() {
        return Ok(None);
    }
    let world = World::from_i64(row.int(2)?).ok_or_else(|| StoreError::corrupt("the world of a session"))?;
    Ok(Some(Access {
        organization: OrganizationId::from_i64(row.int(1)?),
        world,
    }))
}
