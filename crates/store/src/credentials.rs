//! Credentials of members: password hashes, secrets of authenticator apps, digests of recovery codes. Nothing here opens anything by itself.

use crate::StoreError;
use crate::scan::{ID, PLACE};
use crate::scope::{Scope, one};
use crate::sealed::{self, SealedTable, vouched};
use crate::tx::{Sql, Tx, Value};
use vocab::id::MemberId;
use vocab::time::Timestamp;

/// `passwords`
pub static PASSWORDS: SealedTable = SealedTable {
    name: "passwords",
    columns: 5,
    key: ID,
    id: |number| MemberId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO passwords (member, organization, hash, pepper, set_at, seal) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (member) DO UPDATE SET hash = excluded.hash, pepper = excluded.pepper, set_at = excluded.set_at,
           seal = excluded.seal",
    ),
    scan: Sql::both(
        "SELECT member, organization, hash, pepper, set_at, seal FROM passwords WHERE member >= $1 ORDER BY member LIMIT $2",
    ),
};
/// `authenticators`
pub static AUTHENTICATORS: SealedTable = SealedTable {
    name: "authenticators",
    columns: 5,
    key: ID,
    id: |number| MemberId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO authenticators (member, organization, sealed, last_step, confirmed_at, seal) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (member) DO UPDATE SET sealed = excluded.sealed, last_step = excluded.last_step,
           confirmed_at = excluded.confirmed_at, seal = excluded.seal",
    ),
    scan: Sql::both(
        "SELECT member, organization, sealed, last_step, confirmed_at, seal FROM authenticators
         WHERE member >= $1 ORDER BY member LIMIT $2",
    ),
};
/// `recovery_codes`
pub static RECOVERY_CODES: SealedTable = SealedTable {
    name: "recovery_codes",
    columns: 5,
    key: PLACE,
    id: |number| MemberId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO recovery_codes (member, number, organization, digest, used_at, seal) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (member, number) DO UPDATE SET digest = excluded.digest, used_at = excluded.used_at, seal = excluded.seal",
    ),
    scan: Sql::both(
        "SELECT member, number, organization, digest, used_at, seal FROM recovery_codes
         WHERE (member, number) >= ($1, $2) ORDER BY member, number LIMIT $3",
    ),
};

/// A password as it is kept.
#[derive(Clone, Debug)]
pub struct Password {
    /// PHC string.
    pub hash: String,
    /// Version of the pepper in it.
    pub pepper: i64,
    /// When it was set.
    pub set_at: Timestamp,
}

/// An authenticator app.
#[derive(Clone, Debug)]
pub struct Authenticator {
    /// The shared secret, sealed for `authenticators.sealed`.
    pub sealed: Vec<u8>,
    /// The last time step whose code was used.
    pub last_step: Option<i64>,
    /// When its first code was.
    pub confirmed_at: Option<Timestamp>,
}

/// A recovery code.
#[derive(Clone, Debug)]
pub struct RecoveryCode {
    /// Its place in the set.
    pub number: i64,
    /// Keyed digest.
    pub digest: [u8; 32],
    /// When it was used up.
    pub used_at: Option<Timestamp>,
}

/// Sets a member's password.
pub fn put_password(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    member: MemberId,
    password: &Password,
) -> Result<(), StoreError> {
    let values = [
        Value::Int(member.to_i64()),
        scope.org(),
        Value::Text(&password.hash),
        Value::Int(password.pepper),
        Value::Int(password.set_at.micros()),
    ];
    sealed::insert(tx, scope, &PASSWORDS, &values)
}

/// A member's password.
pub fn password(tx: &mut dyn Tx, scope: Scope<'_>, member: MemberId) -> Result<Option<Password>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT member, organization, hash, pepper, set_at, seal FROM passwords WHERE member = $1 AND organization = $2",
    );
    let row = one(tx.query(&ONE, &[Value::Int(member.to_i64()), scope.org()])?);
    row.map(|row| {
        let row = vouched(row, scope.sealer, &PASSWORDS)?;
        Ok(Password {
            hash: row.text(2)?.to_owned(),
            pepper: row.int(3)?,
            set_at: Timestamp::from_micros(row.int(4)?),
        })
    })
    .transpose()
}

/// Sets a member's authenticator.
pub fn put_authenticator(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    member: MemberId,
    authenticator: &Authenticator,
) -> Result<(), StoreError> {
    let values = [
        Value::Int(member.to_i64()),
        scope.org(),
        Value::Blob(&authenticator.sealed),
        Value::OptInt(authenticator.last_step),
        Value::OptInt(authenticator.confirmed_at.map(Timestamp::micros)),
    ];
    sealed::insert(tx, scope, &AUTHENTICATORS, &values)
}

/// A member's authenticator.
pub fn authenticator(tx: &mut dyn Tx, scope: Scope<'_>, member: MemberId) -> Result<Option<Authenticator>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT member, organization, sealed, last_step, confirmed_at, seal FROM authenticators
         WHERE member = $1 AND organization = $2",
    );
    let row = one(tx.query(&ONE, &[Value::Int(member.to_i64()), scope.org()])?);
    row.map(|row| {
        let row = vouched(row, scope.sealer, &AUTHENTICATORS)?;
        Ok(Authenticator {
            sealed: row.blob(2)?.to_vec(),
            last_step: row.opt_int(3)?,
            confirmed_at: row.opt_int(4)?.map(Timestamp::from_micros),
        })
    })
    .transpose()
}

/// Who has a confirmed authenticator.
pub fn enrolled(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<Vec<MemberId>, StoreError> {
    static EVERY: Sql = Sql::both(
        "SELECT member FROM authenticators WHERE organization = $1 AND confirmed_at IS NOT NULL ORDER BY member",
    );
    crate::scope::all(&tx.query(&EVERY, &[scope.org()])?, |row| {
        Ok(MemberId::from_i64(row.int(0)?))
    })
}

/// Takes everything away that a member could prove themselves with.
pub fn forget(tx: &mut dyn Tx, scope: Scope<'_>, member: MemberId) -> Result<(), StoreError> {
    static PASSWORD: Sql = Sql::both("DELETE FROM passwords WHERE member = $1 AND organization = $2");
    static AUTHENTICATOR: Sql = Sql::both("DELETE FROM authenticators WHERE member = $1 AND organization = $2");
    static CODES: Sql = Sql::both("DELETE FROM recovery_codes WHERE member = $1 AND organization = $2");
    for sql in [&PASSWORD, &AUTHENTICATOR, &CODES] {
        tx.execute(sql, &[Value::Int(member.to_i64()), scope.org()])?;
    }
    Ok(())
}

/// Adds a recovery code, or writes it over.
pub fn put_code(tx: &mut dyn Tx, scope: Scope<'_>, member: MemberId, code: &RecoveryCode) -> Result<(), StoreError> {
    let values = [
        Value::Int(member.to_i64()),
        Value::Int(code.number),
        scope.org(),
        Value::Blob(&code.digest),
        Value::OptInt(code.used_at.map(Timestamp::micros)),
    ];
    sealed::insert(tx, scope, &RECOVERY_CODES, &values)
}

/// A member's recovery codes, used ones among them.
pub fn codes(tx: &mut dyn Tx, scope: Scope<'_>, member: MemberId) -> Result<Vec<RecoveryCode>, StoreError> {
    static ALL: Sql = Sql::both(
        "SELECT member, number, organization, digest, used_at, seal FROM recovery_codes
         WHERE member = $1 AND organization = $2 ORDER BY number",
    );
    let rows = tx.query(&ALL, &[Value::Int(member.to_i64()), scope.org()])?;
    let read = |row| -> Result<RecoveryCode, StoreError> {
        let row = vouched(row, scope.sealer, &RECOVERY_CODES)?;
        Ok(RecoveryCode {
            number: row.int(1)?,
            digest: row
                .blob(3)?
                .try_into()
                .map_err(|_| StoreError::corrupt("the digest of a recovery code"))?,
            used_at: row.opt_int(4)?.map(Timestamp::from_micros),
        })
    };
    rows.into_iter().map(read).collect()
}
