//! Organizations, their members and clients, and the public keys that sign their requests.

use crate::StoreError;
use crate::scan::ID;
use crate::scope::{RowSealer, Scope, one};
use crate::sealed::{self, SealedTable};
use crate::tx::{Row, Sql, Tx, Value};
use vocab::context::{Actor, World};
use vocab::id::{ClientId, KeyId, MemberId, OrganizationId};
use vocab::time::Timestamp;

/// `organizations`
pub static ORGANIZATIONS: SealedTable = SealedTable {
    name: "organizations",
    columns: 3,
    key: ID,
    id: |number| OrganizationId::from_i64(number).to_string(),
    insert: Sql::both("INSERT INTO organizations (id, name, created_at, seal) VALUES ($1, $2, $3, $4)"),
    scan: Sql::both("SELECT id, name, created_at, seal FROM organizations WHERE id >= $1 ORDER BY id LIMIT $2"),
};
/// `members`
pub static MEMBERS: SealedTable = SealedTable {
    name: "members",
    columns: 4,
    key: ID,
    id: |number| MemberId::from_i64(number).to_string(),
    insert: Sql::both("INSERT INTO members (id, organization, sealed, created_at, seal) VALUES ($1, $2, $3, $4, $5)"),
    scan: Sql::both(
        "SELECT id, organization, sealed, created_at, seal FROM members WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};
/// `clients`
pub static CLIENTS: SealedTable = SealedTable {
    name: "clients",
    columns: 4,
    key: ID,
    id: |number| ClientId::from_i64(number).to_string(),
    insert: Sql::both("INSERT INTO clients (id, organization, name, created_at, seal) VALUES ($1, $2, $3, $4, $5)"),
    scan: Sql::both("SELECT id, organization, name, created_at, seal FROM clients WHERE id >= $1 ORDER BY id LIMIT $2"),
};
/// `signing_keys`
pub static SIGNING_KEYS: SealedTable = SealedTable {
    name: "signing_keys",
    columns: 7,
    key: ID,
    id: |number| KeyId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO signing_keys (id, organization, world, holder, public_key, created_at, revoked_at, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, holder, public_key, created_at, revoked_at, seal FROM signing_keys
         WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};

/// A person of an organization. The name is sealed: it is personal data.
#[derive(Clone, Debug)]
pub struct Member {
    /// The person.
    pub id: MemberId,
    /// Their name, sealed for `members.sealed`.
    pub sealed: Vec<u8>,
}

/// A registered public key.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// The `keyid` of signatures.
    pub id: KeyId,
    /// The tenant of the holder.
    pub organization: OrganizationId,
    /// The world that requests signed with it see.
    pub world: World,
    /// Who signs with it.
    pub holder: Actor,
    /// Text form of the `signing` crate.
    pub public_key: String,
    /// When it stopped being accepted.
    pub revoked_at: Option<Timestamp>,
}

/// Adds an organization.
pub fn add(tx: &mut dyn Tx, scope: Scope<'_>, name: &str, created_at: Timestamp) -> Result<(), StoreError> {
    sealed::insert(
        tx,
        scope,
        &ORGANIZATIONS,
        &[scope.org(), Value::Text(name), Value::Int(created_at.micros())],
    )
}

/// Every organization with its name.
pub fn list(tx: &mut dyn Tx) -> Result<Vec<(OrganizationId, String)>, StoreError> {
    static LIST: Sql = Sql::both("SELECT id, name FROM organizations ORDER BY id");
    crate::scope::all(&tx.query(&LIST, &[])?, |row| {
        Ok((OrganizationId::from_i64(row.int(0)?), row.text(1)?.to_owned()))
    })
}

/// Adds a person.
pub fn add_member(tx: &mut dyn Tx, scope: Scope<'_>, member: &Member, created_at: Timestamp) -> Result<(), StoreError> {
    sealed::insert(
        tx,
        scope,
        &MEMBERS,
        &[
            Value::Int(member.id.to_i64()),
            scope.org(),
            Value::Blob(&member.sealed),
            Value::Int(created_at.micros()),
        ],
    )
}

/// One person.
pub fn member(tx: &mut dyn Tx, scope: Scope<'_>, id: MemberId) -> Result<Option<Member>, StoreError> {
    static ONE: Sql = Sql::both("SELECT id, sealed FROM members WHERE id = $1 AND organization = $2");
    one(tx.query(&ONE, &[Value::Int(id.to_i64()), scope.org()])?)
        .as_ref()
        .map(read_member)
        .transpose()
}

/// Everybody of an organization.
pub fn members(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<Vec<Member>, StoreError> {
    static ALL: Sql = Sql::both("SELECT id, sealed FROM members WHERE organization = $1 ORDER BY id");
    crate::scope::all(&tx.query(&ALL, &[scope.org()])?, read_member)
}

fn read_member(row: &Row) -> Result<Member, StoreError> {
    Ok(Member {
        id: MemberId::from_i64(row.int(0)?),
        sealed: row.blob(1)?.to_vec(),
    })
}

/// Adds an application.
pub fn add_client(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    id: ClientId,
    name: &str,
    created_at: Timestamp,
) -> Result<(), StoreError> {
    let values = [
        Value::Int(id.to_i64()),
        scope.org(),
        Value::Text(name),
        Value::Int(created_at.micros()),
    ];
    sealed::insert(tx, scope, &CLIENTS, &values)
}

/// Every application of an organization with its name.
pub fn clients(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<Vec<(ClientId, String)>, StoreError> {
    static ALL: Sql = Sql::both("SELECT id, name FROM clients WHERE organization = $1 ORDER BY id");
    crate::scope::all(&tx.query(&ALL, &[scope.org()])?, |row| {
        Ok((ClientId::from_i64(row.int(0)?), row.text(1)?.to_owned()))
    })
}

/// Registers a public key.
pub fn add_key(tx: &mut dyn Tx, scope: Scope<'_>, key: &SigningKey, created_at: Timestamp) -> Result<(), StoreError> {
    sealed::insert(
        tx,
        scope,
        &SIGNING_KEYS,
        &[
            Value::Int(key.id.to_i64()),
            scope.org(),
            scope.world(),
            Value::Text(&key.holder.to_string()),
            Value::Text(&key.public_key),
            Value::Int(created_at.micros()),
            Value::OptInt(key.revoked_at.map(Timestamp::micros)),
        ],
    )
}

/// A key by its id, whosever it is: the signature tells whose request it is, so there is no scope yet. The seal is checked here,
/// because a forged key row would open every door.
pub fn key(tx: &mut dyn Tx, sealer: &dyn RowSealer, id: KeyId) -> Result<Option<SigningKey>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT id, organization, world, holder, public_key, created_at, revoked_at, seal FROM signing_keys WHERE id = $1",
    );
    let Some(row) = one(tx.query(&ONE, &[Value::Int(id.to_i64())])?) else {
        return Ok(None);
    };
    let values = (0..SIGNING_KEYS.columns)
        .map(|column| row.value(column))
        .collect::<Result<Vec<_>, _>>()?;
    if row.blob(SIGNING_KEYS.columns)? != sealer.row_seal(SIGNING_KEYS.name, &sealed::encode(&values)) {
        return Err(StoreError::corrupt("the seal of a signing key"));
    }
    let corrupt = |what: &'static str| StoreError::corrupt(what);
    Ok(Some(SigningKey {
        id: KeyId::from_i64(row.int(0)?),
        organization: OrganizationId::from_i64(row.int(1)?),
        world: World::from_i64(row.int(2)?).ok_or(corrupt("the world of a signing key"))?,
        holder: row
            .text(3)?
            .parse()
            .map_err(|_| corrupt("the holder of a signing key"))?,
        public_key: row.text(4)?.to_owned(),
        revoked_at: row.opt_int(6)?.map(Timestamp::from_micros),
    }))
}
