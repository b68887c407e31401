//! Members: where they stand, their roles, the addresses they sign in with, and when they last used what a role permits.

use crate::StoreError;
use crate::scan::{ID, Key};
use crate::scope::{RowSealer, Scope, one};
use crate::sealed::{self, SealedTable, vouched};
use crate::tx::{Sql, Tx, Value};
use vocab::context::Actor;
use vocab::id::{ChangeId, MemberId, OrganizationId};
use vocab::time::Timestamp;

/// `member_states`
pub static MEMBER_STATES: SealedTable = SealedTable {
    name: "member_states",
    columns: 6,
    key: ID,
    id: |number| ChangeId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO member_states (id, organization, member, state, made_by, at, seal) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    ),
    scan: Sql::both(
        "SELECT id, organization, member, state, made_by, at, seal FROM member_states WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};
/// `role_changes`
pub static ROLE_CHANGES: SealedTable = SealedTable {
    name: "role_changes",
    columns: 7,
    key: ID,
    id: |number| ChangeId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO role_changes (id, organization, member, role, granted, made_by, at, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    ),
    scan: Sql::both(
        "SELECT id, organization, member, role, granted, made_by, at, seal FROM role_changes WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};
/// `addresses`
pub static ADDRESSES: SealedTable = SealedTable {
    name: "addresses",
    columns: 4,
    key: ID,
    id: |number| MemberId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO addresses (member, organization, email_index, sealed, seal) VALUES ($1, $2, $3, $4, $5)",
    ),
    scan: Sql::both(
        "SELECT member, organization, email_index, sealed, seal FROM addresses WHERE member >= $1 ORDER BY member LIMIT $2",
    ),
};
/// `role_uses`
pub static ROLE_USES: SealedTable = SealedTable {
    name: "role_uses",
    columns: 4,
    key: &[Key::Number, Key::Number],
    id: |number| MemberId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO role_uses (member, action, organization, at, seal) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (member, action) DO UPDATE SET at = excluded.at, seal = excluded.seal",
    ),
    scan: Sql::both(
        "SELECT member, action, organization, at, seal FROM role_uses WHERE (member, action) >= ($1, $2)
         ORDER BY member, action LIMIT $3",
    ),
};

/// A change of where a member stands.
#[derive(Clone, Debug)]
pub struct StateChange {
    /// The change.
    pub id: ChangeId,
    /// Whose.
    pub member: MemberId,
    /// Name of the new state.
    pub state: String,
    /// Who made it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// A role granted or withdrawn.
#[derive(Clone, Debug)]
pub struct RoleChange {
    /// The change.
    pub id: ChangeId,
    /// Whose role.
    pub member: MemberId,
    /// Name of the role.
    pub role: String,
    /// False when it was withdrawn.
    pub granted: bool,
    /// Who made it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Adds a change of standing.
pub fn add_state(tx: &mut dyn Tx, scope: Scope<'_>, change: &StateChange) -> Result<(), StoreError> {
    let by = change.by.to_string();
    let values = [
        Value::Int(change.id.to_i64()),
        scope.org(),
        Value::Int(change.member.to_i64()),
        Value::Text(&change.state),
        Value::Text(&by),
        Value::Int(change.at.micros()),
    ];
    sealed::insert(tx, scope, &MEMBER_STATES, &values)
}

/// Changes of standing of everybody in the organization, oldest first.
pub fn states(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<Vec<StateChange>, StoreError> {
    static EVERY: Sql = Sql::both(
        "SELECT id, organization, member, state, made_by, at, seal FROM member_states WHERE organization = $1 ORDER BY id",
    );
    let rows = tx.query(&EVERY, &[scope.org()])?;
    let read = |row| -> Result<StateChange, StoreError> {
        let row = vouched(row, scope.sealer, &MEMBER_STATES)?;
        Ok(StateChange {
            id: ChangeId::from_i64(row.int(0)?),
            member: MemberId::from_i64(row.int(2)?),
            state: row.text(3)?.to_owned(),
            by: actor(row.text(4)?)?,
            at: Timestamp::from_micros(row.int(5)?),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Where one member stands, by name; `None` when there is no such member in the organization.
pub fn state(tx: &mut dyn Tx, scope: Scope<'_>, member: MemberId) -> Result<Option<String>, StoreError> {
    static NEWEST: Sql = Sql::both(
        "SELECT id, organization, member, state, made_by, at, seal FROM member_states WHERE organization = $1 AND member = $2
         ORDER BY id DESC LIMIT 1",
    );
    let row = one(tx.query(&NEWEST, &[scope.org(), Value::Int(member.to_i64())])?);
    row.map(|row| Ok(vouched(row, scope.sealer, &MEMBER_STATES)?.text(3)?.to_owned()))
        .transpose()
}

/// Adds a grant or a withdrawal.
pub fn add_role(tx: &mut dyn Tx, scope: Scope<'_>, change: &RoleChange) -> Result<(), StoreError> {
    let by = change.by.to_string();
    let values = [
        Value::Int(change.id.to_i64()),
        scope.org(),
        Value::Int(change.member.to_i64()),
        Value::Text(&change.role),
        Value::Int(i64::from(change.granted)),
        Value::Text(&by),
        Value::Int(change.at.micros()),
    ];
    sealed::insert(tx, scope, &ROLE_CHANGES, &values)
}

/// Grants and withdrawals of one member, or of everybody, oldest first.
pub fn roles(tx: &mut dyn Tx, scope: Scope<'_>, member: Option<MemberId>) -> Result<Vec<RoleChange>, StoreError> {
    static EVERY: Sql = Sql::both(
        "SELECT id, organization, member, role, granted, made_by, at, seal FROM role_changes WHERE organization = $1 ORDER BY id",
    );
    static OF: Sql = Sql::both(
        "SELECT id, organization, member, role, granted, made_by, at, seal FROM role_changes WHERE organization = $1 AND member = $2
         ORDER BY id",
    );
    let rows = match member {
        Some(member) => tx.query(&OF, &[scope.org(), Value::Int(member.to_i64())])?,
        None => tx.query(&EVERY, &[scope.org()])?,
    };
    let read = |row| -> Result<RoleChange, StoreError> {
        let row = vouched(row, scope.sealer, &ROLE_CHANGES)?;
        Ok(RoleChange {
            id: ChangeId::from_i64(row.int(0)?),
            member: MemberId::from_i64(row.int(2)?),
            role: row.text(3)?.to_owned(),
            granted: row.int(4)? != 0,
            by: actor(row.text(5)?)?,
            at: Timestamp::from_micros(row.int(6)?),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Gives a member an address; false when it belongs to somebody in the installation already.
pub fn add_address(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    member: MemberId,
    email_index: &[u8; 16],
    sealed: &[u8],
) -> Result<bool, StoreError> {
    if by_address(tx, scope.sealer, email_index)?.is_some() {
        return Ok(false);
    }
    let values = [
        Value::Int(member.to_i64()),
        scope.org(),
        Value::Blob(email_index),
        Value::Blob(sealed),
    ];
    sealed::insert(tx, scope, &ADDRESSES, &values)?;
    Ok(true)
}

/// Gives up the address of a member, if there is one: from now on it can be somebody else's. The row stays for those who look back; it is
/// kept under an index that no address leads to.
pub fn give_up_address(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    member: MemberId,
    nobodys_index: &[u8; 16],
) -> Result<(), StoreError> {
    static TAKE: Sql = Sql::both(
        "DELETE FROM addresses WHERE member = $1 AND organization = $2 RETURNING member, organization, email_index, sealed, seal",
    );
    let Some(row) = one(tx.query(&TAKE, &[Value::Int(member.to_i64()), scope.org()])?) else {
        return Ok(());
    };
    let row = vouched(row, scope.sealer, &ADDRESSES)?;
    let values = [
        Value::Int(member.to_i64()),
        scope.org(),
        Value::Blob(nobodys_index),
        Value::Blob(row.blob(3)?),
    ];
    sealed::insert(tx, scope, &ADDRESSES, &values)
}

/// Whose address it is, whatever the organization: who signs in has said nothing else yet.
pub fn by_address(
    tx: &mut dyn Tx,
    sealer: &dyn RowSealer,
    email_index: &[u8; 16],
) -> Result<Option<(OrganizationId, MemberId)>, StoreError> {
    static FIND: Sql =
        Sql::both("SELECT member, organization, email_index, sealed, seal FROM addresses WHERE email_index = $1");
    let row = one(tx.query(&FIND, &[Value::Blob(email_index)])?);
    row.map(|row| {
        let row = vouched(row, sealer, &ADDRESSES)?;
        Ok((OrganizationId::from_i64(row.int(1)?), MemberId::from_i64(row.int(0)?)))
    })
    .transpose()
}

/// The sealed addresses of everybody who has one.
pub fn addresses(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<Vec<(MemberId, Vec<u8>)>, StoreError> {
    static EVERY: Sql = Sql::both("SELECT member, sealed FROM addresses WHERE organization = $1 ORDER BY member");
    crate::scope::all(&tx.query(&EVERY, &[scope.org()])?, |row| {
        Ok((MemberId::from_i64(row.int(0)?), row.blob(1)?.to_vec()))
    })
}

/// Notes that a member did what a role permits. `action` is its place in the list of actions.
pub fn note_use(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    member: MemberId,
    action: i64,
    at: Timestamp,
) -> Result<(), StoreError> {
    let values = [
        Value::Int(member.to_i64()),
        Value::Int(action),
        scope.org(),
        Value::Int(at.micros()),
    ];
    sealed::insert(tx, scope, &ROLE_USES, &values)
}

/// When members last did what: member, action, time.
pub fn uses(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<Vec<(MemberId, i64, Timestamp)>, StoreError> {
    static EVERY: Sql =
        Sql::both("SELECT member, action, at FROM role_uses WHERE organization = $1 ORDER BY member, action");
    crate::scope::all(&tx.query(&EVERY, &[scope.org()])?, |row| {
        Ok((
            MemberId::from_i64(row.int(0)?),
            row.int(1)?,
            Timestamp::from_micros(row.int(2)?),
        ))
    })
}

fn actor(text: &str) -> Result<Actor, StoreError> {
    text.parse().map_err(|_| StoreError::corrupt("who changed a member"))
}
