//! Approval policies, versioned; the newest version counts.

use crate::StoreError;
use crate::scan::Key;
use crate::scope::{Scope, one};
use crate::sealed::{self, SealedTable};
use crate::tx::{Sql, Tx, Value};
use vocab::context::Actor;
use vocab::id::OrganizationId;
use vocab::time::Timestamp;

/// `approval_policies`
pub static APPROVAL_POLICIES: SealedTable = SealedTable {
    name: "approval_policies",
    columns: 6,
    key: &[Key::Number, Key::Number, Key::Number],
    id: |number| OrganizationId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO approval_policies (organization, world, version, text, created_by, created_at, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    ),
    scan: Sql::both(
        "SELECT organization, world, version, text, created_by, created_at, seal FROM approval_policies
         WHERE (organization, world, version) >= ($1, $2, $3) ORDER BY organization, world, version LIMIT $4",
    ),
};

/// A policy in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Counts from 1.
    pub version: i64,
    /// Text form of `payment::approval`.
    pub text: String,
}

/// The policy in force, if one was ever set.
pub fn current(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<Option<Policy>, StoreError> {
    static NEWEST: Sql = Sql::both(
        "SELECT version, text FROM approval_policies WHERE organization = $1 AND world = $2 ORDER BY version DESC LIMIT 1",
    );
    let row = one(tx.query(&NEWEST, &[scope.org(), scope.world()])?);
    row.map(|row| {
        Ok(Policy {
            version: row.int(0)?,
            text: row.text(1)?.to_owned(),
        })
    })
    .transpose()
}

/// Adds the next version.
pub fn add(tx: &mut dyn Tx, scope: Scope<'_>, policy: &Policy, by: Actor, at: Timestamp) -> Result<(), StoreError> {
    sealed::insert(
        tx,
        scope,
        &APPROVAL_POLICIES,
        &[
            scope.org(),
            scope.world(),
            Value::Int(policy.version),
            Value::Text(&policy.text),
            Value::Text(&by.to_string()),
            Value::Int(at.micros()),
        ],
    )
}
