//! Links that open the console once, and the sessions they begin. Only digests of their secrets are kept.

use crate::StoreError;
use crate::scope::one;
use crate::tx::{Sql, Tx, Value};
use vocab::context::World;
use vocab::id::OrganizationId;
use vocab::time::Timestamp;

/// What a link or a session opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The tenant.
    pub organization: OrganizationId,
    /// Test or live.
    pub world: World,
}

/// Adds a link.
pub fn add_link(tx: &mut dyn Tx, digest: &[u8; 32], access: Access, expires_at: Timestamp) -> Result<(), StoreError> {
    static ADD: Sql =
        Sql::both("INSERT INTO console_links (digest, organization, world, expires_at) VALUES ($1, $2, $3, $4)");
    tx.execute(&ADD, &values(digest, access, expires_at))?;
    Ok(())
}

/// Uses a link up. A second use finds nothing.
pub fn take_link(tx: &mut dyn Tx, digest: &[u8; 32], now: Timestamp) -> Result<Option<Access>, StoreError> {
    static TAKE: Sql =
        Sql::both("DELETE FROM console_links WHERE digest = $1 RETURNING organization, world, expires_at");
    access(tx, &TAKE, digest, now)
}

/// Begins a session.
pub fn add_session(
    tx: &mut dyn Tx,
    digest: &[u8; 32],
    access: Access,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    static ADD: Sql =
        Sql::both("INSERT INTO console_sessions (digest, organization, world, expires_at) VALUES ($1, $2, $3, $4)");
    tx.execute(&ADD, &values(digest, access, expires_at))?;
    Ok(())
}

/// What a session opens, while it lasts.
pub fn session(tx: &mut dyn Tx, digest: &[u8; 32], now: Timestamp) -> Result<Option<Access>, StoreError> {
    static SESSION: Sql = Sql::both("SELECT organization, world, expires_at FROM console_sessions WHERE digest = $1");
    access(tx, &SESSION, digest, now)
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

fn access(tx: &mut dyn Tx, sql: &'static Sql, digest: &[u8; 32], now: Timestamp) -> Result<Option<Access>, StoreError> {
    let Some(row) = one(tx.query(sql, &[Value::Blob(digest)])?) else {
        return Ok(None);
    };
    if row.int(2)? <= now.micros() {
        return Ok(None);
    }
    let world = World::from_i64(row.int(1)?).ok_or_else(|| StoreError::corrupt("the world of a session"))?;
    Ok(Some(Access {
        organization: OrganizationId::from_i64(row.int(0)?),
        world,
    }))
}
