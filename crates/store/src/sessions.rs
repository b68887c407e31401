//! Sessions of members. Only the digest of a session's secret is kept; an ended session is deleted.

use crate::StoreError;
use crate::scan::ID;
use crate::scope::{RowSealer, Scope, one};
use crate::sealed::{self, SealedTable, vouched};
use crate::tx::{Row, Sql, Tx, Value};
use vocab::context::World;
use vocab::id::{MemberId, OrganizationId, SessionId};
use vocab::time::Timestamp;

/// `sessions`
pub static SESSIONS: SealedTable = SealedTable {
    name: "sessions",
    columns: 10,
    key: ID,
    id: |number| SessionId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO sessions (id, organization, world, member, digest, sealed, started_at, seen_at, factor, factor_at, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, seen_at = excluded.seen_at, factor = excluded.factor,
           factor_at = excluded.factor_at, seal = excluded.seal",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, member, digest, sealed, started_at, seen_at, factor, factor_at, seal FROM sessions
         WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};

/// A session.
#[derive(Clone, Debug)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// The tenant.
    pub organization: OrganizationId,
    /// Test or live.
    pub world: World,
    /// Who is signed in.
    pub member: MemberId,
    /// SHA-256 of its secret.
    pub digest: [u8; 32],
    /// What the browser calls itself, sealed for `sessions.sealed`.
    pub sealed: Vec<u8>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// Name of the second factor and when it was proven.
    pub factor: Option<(String, Timestamp)>,
}

/// Begins a session, or writes it over.
pub fn put(tx: &mut dyn Tx, sealer: &dyn RowSealer, session: &Session) -> Result<(), StoreError> {
    let factor = session.factor.as_ref();
    let values = [
        Value::Int(session.id.to_i64()),
        Value::Int(session.organization.to_i64()),
        Value::Int(session.world.to_i64()),
        Value::Int(session.member.to_i64()),
        Value::Blob(&session.digest),
        Value::Blob(&session.sealed),
        Value::Int(session.started_at.micros()),
        Value::Int(session.seen_at.micros()),
        Value::OptText(factor.map(|(name, _)| name.as_str())),
        Value::OptInt(factor.map(|(_, at)| at.micros())),
    ];
    sealed::insert_with(tx, sealer, &SESSIONS, &values)
}

/// The session with this digest, whosever it is: the secret is all that a request brings.
pub fn by_digest(tx: &mut dyn Tx, sealer: &dyn RowSealer, digest: &[u8; 32]) -> Result<Option<Session>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT id, organization, world, member, digest, sealed, started_at, seen_at, factor, factor_at, seal FROM sessions
         WHERE digest = $1",
    );
    let row = one(tx.query(&ONE, &[Value::Blob(digest)])?);
    row.map(|row| read(&vouched(row, sealer, &SESSIONS)?)).transpose()
}

/// The sessions of one member, newest first.
pub fn of(tx: &mut dyn Tx, scope: Scope<'_>, member: MemberId) -> Result<Vec<Session>, StoreError> {
    static OF: Sql = Sql::both(
        "SELECT id, organization, world, member, digest, sealed, started_at, seen_at, factor, factor_at, seal FROM sessions
         WHERE organization = $1 AND member = $2 ORDER BY id DESC",
    );
    let rows = tx.query(&OF, &[scope.org(), Value::Int(member.to_i64())])?;
    rows.into_iter()
        .map(|row| read(&vouched(row, scope.sealer, &SESSIONS)?))
        .collect()
}

/// When each member was last seen in a session that has not been deleted.
pub fn last_seen(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<Vec<(MemberId, Timestamp)>, StoreError> {
    static SEEN: Sql =
        Sql::both("SELECT member, MAX(seen_at) FROM sessions WHERE organization = $1 GROUP BY member ORDER BY member");
    crate::scope::all(&tx.query(&SEEN, &[scope.org()])?, |row| {
        Ok((MemberId::from_i64(row.int(0)?), Timestamp::from_micros(row.int(1)?)))
    })
}

/// Ends one session.
pub fn end(tx: &mut dyn Tx, scope: Scope<'_>, id: SessionId) -> Result<(), StoreError> {
    static END: Sql = Sql::both("DELETE FROM sessions WHERE id = $1 AND organization = $2");
    tx.execute(&END, &[Value::Int(id.to_i64()), scope.org()])?;
    Ok(())
}

/// Ends all sessions of a member but one; how many those were.
pub fn end_all(tx: &mut dyn Tx, scope: Scope<'_>, member: MemberId, but: Option<SessionId>) -> Result<u64, StoreError> {
    static END: Sql = Sql::both("DELETE FROM sessions WHERE organization = $1 AND member = $2 AND id <> $3");
    let but = but.map_or(0, SessionId::to_i64);
    tx.execute(&END, &[scope.org(), Value::Int(member.to_i64()), Value::Int(but)])
}

fn read(row: &Row) -> Result<Session, StoreError> {
    let factor = match (row.opt_text(8)?, row.opt_int(9)?) {
        (Some(name), Some(at)) => Some((name.to_owned(), Timestamp::from_micros(at))),
        _ => None,
    };
    Ok(Session {
        id: SessionId::from_i64(row.int(0)?),
        organization: OrganizationId::from_i64(row.int(1)?),
        world: World::from_i64(row.int(2)?).ok_or_else(|| StoreError::corrupt("the world of a session"))?,
        member: MemberId::from_i64(row.int(3)?),
        digest: row
            .blob(4)?
            .try_into()
            .map_err(|_| StoreError::corrupt("the digest of a session"))?,
        sealed: row.blob(5)?.to_vec(),
        started_at: Timestamp::from_micros(row.int(6)?),
        seen_at: Timestamp::from_micros(row.int(7)?),
        factor,
    })
}
