//! Step-ups: a factor proven for one act, bound to the digest of exactly what the page showed.

use crate::StoreError;
use crate::scan::ID;
use crate::scope::Scope;
use crate::sealed::{self, SealedTable};
use crate::tx::{Sql, Tx, Value};
use vocab::id::{MemberId, SessionId, StepUpId};
use vocab::time::Timestamp;

/// `step_ups`
pub static STEP_UPS: SealedTable = SealedTable {
    name: "step_ups",
    columns: 8,
    key: ID,
    id: |number| StepUpId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO step_ups (id, organization, world, member, session, digest, factor, at, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, member, session, digest, factor, at, seal FROM step_ups WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};

/// A step-up.
#[derive(Clone, Debug)]
pub struct StepUp {
    /// The step-up.
    pub id: StepUpId,
    /// Who proved it.
    pub member: MemberId,
    /// In which session.
    pub session: SessionId,
    /// SHA-256 of what it is for.
    pub digest: [u8; 32],
    /// Name of the factor.
    pub factor: String,
    /// When (real time).
    pub at: Timestamp,
}

/// Records a step-up.
pub fn add(tx: &mut dyn Tx, scope: Scope<'_>, step_up: &StepUp) -> Result<(), StoreError> {
    let values = [
        Value::Int(step_up.id.to_i64()),
        scope.org(),
        scope.world(),
        Value::Int(step_up.member.to_i64()),
        Value::Int(step_up.session.to_i64()),
        Value::Blob(&step_up.digest),
        Value::Text(&step_up.factor),
        Value::Int(step_up.at.micros()),
    ];
    sealed::insert(tx, scope, &STEP_UPS, &values)
}
