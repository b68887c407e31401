//! Approvals: who said yes or no to exactly which content.

use crate::StoreError;
use crate::scan::ID;
use crate::scope::{Scope, all};
use crate::sealed::{self, SealedTable};
use crate::tx::{Sql, Tx, Value};
use vocab::id::{ApprovalId, KeyId, MemberId, PaymentId};
use vocab::time::Timestamp;

/// `approvals`
pub static APPROVALS: SealedTable = SealedTable {
    name: "approvals",
    columns: 10,
    key: ID,
    id: |number| ApprovalId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO approvals (id, organization, world, payment, member, signing_key, content_digest, approved, note, given_at, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, payment, member, signing_key, content_digest, approved, note, given_at, seal FROM approvals
         WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};

/// A yes or a no.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The approval.
    pub id: ApprovalId,
    /// What it is about.
    pub payment: PaymentId,
    /// Who gave it.
    pub member: MemberId,
    /// The key that signed the request; none when it was given in the console with a fresh factor.
    pub signing_key: Option<KeyId>,
    /// SHA-256 of the content it names.
    pub content_digest: [u8; 32],
    /// True for yes.
    pub approved: bool,
    /// The member's words.
    pub note: String,
    /// When.
    pub given_at: Timestamp,
}

/// Records an approval.
pub fn add(tx: &mut dyn Tx, scope: Scope<'_>, approval: &Approval) -> Result<(), StoreError> {
    sealed::insert(
        tx,
        scope,
        &APPROVALS,
        &[
            Value::Int(approval.id.to_i64()),
            scope.org(),
            scope.world(),
            Value::Int(approval.payment.to_i64()),
            Value::Int(approval.member.to_i64()),
            Value::Int(approval.signing_key.map_or(0, KeyId::to_i64)),
            Value::Blob(&approval.content_digest),
            Value::Int(i64::from(approval.approved)),
            Value::Text(&approval.note),
            Value::Int(approval.given_at.micros()),
        ],
    )
}

/// Who has said yes to exactly this content, oldest first. Every row must carry its seal: this is what payments leave the house on.
pub fn of_content(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    payment: PaymentId,
    content_digest: &[u8; 32],
) -> Result<Vec<MemberId>, StoreError> {
    static SEALED: Sql = Sql::both(
        "SELECT id, organization, world, payment, member, signing_key, content_digest, approved, note, given_at, seal FROM approvals
         WHERE payment = $1 AND organization = $2 AND world = $3 ORDER BY id",
    );
    let mut members = Vec::new();
    for row in tx.query(&SEALED, &[Value::Int(payment.to_i64()), scope.org(), scope.world()])? {
        if !sealed::holds(&row, scope, &APPROVALS)? {
            return Err(StoreError::corrupt("the seal of an approval"));
        }
        if row.blob(6)? == content_digest && row.int(7)? != 0 {
            members.push(MemberId::from_i64(row.int(4)?));
        }
    }
    Ok(members)
}

/// All approvals given for a payment, oldest first, those voided by a change among them: their digest is another.
pub fn of(tx: &mut dyn Tx, scope: Scope<'_>, payment: PaymentId) -> Result<Vec<Approval>, StoreError> {
    static OF: Sql = Sql::both(
        "SELECT id, payment, member, signing_key, content_digest, approved, note, given_at FROM approvals
         WHERE payment = $1 AND organization = $2 AND world = $3 ORDER BY id",
    );
    all(
        &tx.query(&OF, &[Value::Int(payment.to_i64()), scope.org(), scope.world()])?,
        |row| {
            Ok(Approval {
                id: ApprovalId::from_i64(row.int(0)?),
                payment: PaymentId::from_i64(row.int(1)?),
                member: MemberId::from_i64(row.int(2)?),
                signing_key: Some(row.int(3)?).filter(|key| *key != 0).map(KeyId::from_i64),
                content_digest: row
                    .blob(4)?
                    .try_into()
                    .map_err(|_| StoreError::corrupt("the digest of an approval"))?,
                approved: row.int(5)? != 0,
                note: row.text(6)?.to_owned(),
                given_at: Timestamp::from_micros(row.int(7)?),
            })
        },
    )
}
