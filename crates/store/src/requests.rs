//! What protects requests: nonces against replay, idempotency keys against doing a thing twice.

use crate::StoreError;
use crate::digests;
use crate::scan::{ID, Key, Pages};
use crate::scope::{RowSealer, all};
use crate::sealed;
use crate::tx::{Batch, Column, Dialect, Row, Sql, Tx, Value};
use std::collections::BTreeSet;
use vocab::context::World;
use vocab::id::{KeyId, OrganizationId};
use vocab::time::Timestamp;

/// A signature that was seen.
#[derive(Clone, Copy, Debug)]
pub struct Nonce {
    /// The key that signed.
    pub key: KeyId,
    /// Second at which the signature expires by itself.
    pub expires_at: i64,
    /// First half of the SHA-256 of the nonce.
    pub digest: [u8; 16],
}

/// Claims nonces; tells for each, in order, whether it was new. Two equal ones in one slice: the first wins.
pub fn claim_nonces(tx: &mut dyn Tx, nonces: &[Nonce]) -> Result<Vec<bool>, StoreError> {
    tx.follow(&digests::NONCES)?;
    match tx.side() {
        Dialect::Sqlite => claim_unseen(tx, nonces),
        Dialect::Postgres => claim_unclaimed(tx, nonces),
    }
}

/// Looks before it writes: there is one writer, and nothing in the file would refuse a second row.
fn claim_unseen(tx: &mut dyn Tx, nonces: &[Nonce]) -> Result<Vec<bool>, StoreError> {
    static SEEN: Batch = Batch::sqlite(
        "SELECT n.expires_at, n.signing_key, n.digest FROM memory.nonces m CROSS JOIN main.nonces n ON n.rowid = m.line
               WHERE m.head = substr($3, 1, 8) AND n.digest = $3 AND n.signing_key = $2 AND n.expires_at = $1",
    );
    static CLAIM: Batch = Batch::sqlite("INSERT INTO nonces (expires_at, signing_key, digest) VALUES ($1, $2, $3)");
    let mut seen = named(&query_nonces(tx, &SEEN, nonces)?)?;
    let new: Vec<bool> = nonces.iter().map(|nonce| seen.insert(nonce.name())).collect();
    let claimed = nonces
        .iter()
        .zip(&new)
        .filter(|(_, new)| **new)
        .map(|(nonce, _)| *nonce);
    query_nonces(tx, &CLAIM, &claimed.collect::<Vec<_>>())?;
    Ok(new)
}

/// Writes and looks what was written: another server may be at it too.
fn claim_unclaimed(tx: &mut dyn Tx, nonces: &[Nonce]) -> Result<Vec<bool>, StoreError> {
    static CLAIM: Batch = Batch::postgres("INSERT INTO nonces (expires_at, signing_key, digest)
               SELECT * FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BYTEA[]) AS n (e, k, d) ORDER BY e, k, d ON CONFLICT DO NOTHING
               RETURNING expires_at, signing_key, digest");
    let mut claimed = named(&query_nonces(tx, &CLAIM, nonces)?)?;
    Ok(nonces.iter().map(|nonce| claimed.remove(&nonce.name())).collect())
}

fn query_nonces(tx: &mut dyn Tx, batch: &'static Batch, nonces: &[Nonce]) -> Result<Vec<Row>, StoreError> {
    tx.query_many(
        batch,
        &[
            Column::Int(&nonces.iter().map(|nonce| nonce.expires_at).collect::<Vec<_>>()),
            Column::Int(&nonces.iter().map(|nonce| nonce.key.to_i64()).collect::<Vec<_>>()),
            Column::Blob(&nonces.iter().map(|nonce| nonce.digest.as_slice()).collect::<Vec<_>>()),
        ],
    )
}

/// Second, key and digest: what makes two nonces the same.
type NonceName = (i64, i64, [u8; 16]);

fn named(rows: &[Row]) -> Result<BTreeSet<NonceName>, StoreError> {
    let digest = |row: &Row| {
        row.blob(2)?
            .try_into()
            .map_err(|_| StoreError::corrupt("the digest of a nonce"))
    };
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.int(1)?, digest(row)?)))
        .collect()
}

impl Nonce {
    fn name(&self) -> NonceName {
        (self.expires_at, self.key.to_i64(), self.digest)
    }
}

/// Forgets nonces whose signatures have expired; returns how many.
pub fn forget_nonces(tx: &mut dyn Tx, expired_before: i64) -> Result<u64, StoreError> {
    // The newest row stays, so that row ids go on.
    static FORGET: Sql = Sql {
        sqlite: "DELETE FROM nonces WHERE expires_at < $1 AND rowid < (SELECT max(rowid) FROM nonces)",
        postgres: "DELETE FROM nonces WHERE expires_at < $1",
    };
    tx.execute(&FORGET, &[Value::Int(expired_before)])
}

/// A request that was answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Keyed digest of organization, world, caller, operation and idempotency key.
    pub digest: [u8; 16],
    /// The tenant.
    pub organization: OrganizationId,
    /// Test or live.
    pub world: World,
    /// First half of the SHA-256 of the request's content.
    pub request_digest: [u8; 16],
    /// The outcome, as `flow` writes it.
    pub answer: String,
    /// When.
    pub at: Timestamp,
}

/// An answer with the seal of its row.
#[derive(Clone, Debug)]
pub struct SealedAnswer {
    answered: Answered,
    seal: [u8; 16],
}

impl SealedAnswer {
    /// Seals an answer.
    pub fn new(answered: Answered, sealer: &dyn RowSealer) -> Self {
        let seal = seal(&answered, sealer);
        Self { answered, seal }
    }

    /// The answer.
    pub fn answered(&self) -> &Answered {
        &self.answered
    }

    pub(crate) fn seal(&self) -> &[u8] {
        &self.seal
    }
}

/// The answers given under these keys, if any, in no particular order.
pub fn answered(tx: &mut dyn Tx, sealer: &dyn RowSealer, digests: &[[u8; 16]]) -> Result<Vec<Answered>, StoreError> {
    static ANSWERED: Batch = Batch {
        each: "SELECT i.digest, i.organization, i.world, i.request_digest, i.answer, i.at, i.seal
                 FROM memory.idempotency m CROSS JOIN main.idempotency i ON i.rowid = m.line
                 WHERE m.head = substr($1, 1, 8) AND i.digest = $1",
        arrays: "SELECT digest, organization, world, request_digest, answer, at, seal FROM idempotency
                 WHERE digest = ANY($1::BYTEA[])",
    };
    tx.follow(&digests::IDEMPOTENCY)?;
    let rows = tx.query_many(
        &ANSWERED,
        &[Column::Blob(
            &digests.iter().map(|digest| digest.as_slice()).collect::<Vec<_>>(),
        )],
    )?;
    all(&rows, |row| read(row, 0, sealer))
}

/// Remembers answers. A key that another server claimed at the same moment makes the whole slice run again.
pub fn remember<'a>(tx: &mut dyn Tx, answers: impl IntoIterator<Item = &'a SealedAnswer>) -> Result<(), StoreError> {
    let answers: Vec<&SealedAnswer> = answers.into_iter().collect();
    static REMEMBER: Batch = Batch {
        each: "INSERT INTO idempotency (digest, organization, world, request_digest, answer, at, seal)
               VALUES ($1, $2, $3, $4, $5, $6, $7)",
        arrays: "INSERT INTO idempotency (digest, organization, world, request_digest, answer, at, seal)
               SELECT * FROM UNNEST($1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::BYTEA[], $5::TEXT[], $6::BIGINT[], $7::BYTEA[])
               AS r (a, b, c, d, e, f, g) ORDER BY a ON CONFLICT DO NOTHING",
    };
    let int = |read: fn(&Answered) -> i64| answers.iter().map(|one| read(&one.answered)).collect::<Vec<_>>();
    let bytes = |read: fn(&SealedAnswer) -> &[u8]| answers.iter().map(|one| read(one)).collect::<Vec<_>>();
    let texts: Vec<&str> = answers.iter().map(|one| one.answered.answer.as_str()).collect();
    let written = tx.execute_many(
        &REMEMBER,
        &[
            Column::Blob(&bytes(|one| &one.answered.digest)),
            Column::Int(&int(|answered| answered.organization.to_i64())),
            Column::Int(&int(|answered| answered.world.to_i64())),
            Column::Blob(&bytes(|one| &one.answered.request_digest)),
            Column::Text(&texts),
            Column::Int(&int(|answered| answered.at.micros())),
            Column::Blob(&bytes(|one| &one.seal)),
        ],
    )?;
    all_were_claimed(answers.len(), written)
}

/// Fewer keys than answers: another server was faster with one of them.
pub(crate) fn all_were_claimed(answers: usize, written: u64) -> Result<(), StoreError> {
    if u64::try_from(answers) == Ok(written) {
        Ok(())
    } else {
        Err(StoreError::conflict("an idempotency key was claimed by another server"))
    }
}

/// Forgets answers older than a time; returns how many.
pub fn forget_answers(tx: &mut dyn Tx, before: Timestamp) -> Result<u64, StoreError> {
    // The newest row stays, so that row ids go on.
    static FORGET: Sql = Sql {
        sqlite: "DELETE FROM idempotency WHERE at < $1 AND rowid < (SELECT max(rowid) FROM idempotency)",
        postgres: "DELETE FROM idempotency WHERE at < $1",
    };
    tx.execute(&FORGET, &[Value::Int(before.micros())])
}

/// Checks the seals of all remembered answers, page by page; hands over the digests of the broken ones and returns how many answers
/// there are.
pub fn check(tx: &mut dyn Tx, sealer: &dyn RowSealer, broken: &mut dyn FnMut(String)) -> Result<u64, StoreError> {
    static SCAN: Sql = Sql {
        sqlite: "SELECT rowid, digest, organization, world, request_digest, answer, at, seal FROM idempotency WHERE rowid >= $1
         ORDER BY rowid LIMIT $2",
        postgres: "SELECT digest, digest, organization, world, request_digest, answer, at, seal FROM idempotency WHERE digest >= $1
         ORDER BY digest LIMIT $2",
    };
    let key = match tx.side() {
        Dialect::Sqlite => ID,
        Dialect::Postgres => &[Key::Bytes],
    };
    let mut pages = Pages::new(&SCAN, key);
    let mut rows: u64 = 0;
    while let Some(page) = pages.next(tx)? {
        for row in &page {
            rows = rows.saturating_add(1);
            if read(row, 1, sealer).is_err() {
                broken(sealed::digest(row.blob(1).unwrap_or_default()));
            }
        }
    }
    Ok(rows)
}

/// Which of these digests have an answer.
pub fn known(tx: &mut dyn Tx, digests: &[[u8; 16]]) -> Result<BTreeSet<[u8; 16]>, StoreError> {
    static KNOWN: Batch = Batch {
        each: "SELECT i.digest FROM memory.idempotency m CROSS JOIN main.idempotency i ON i.rowid = m.line
                 WHERE m.head = substr($1, 1, 8) AND i.digest = $1",
        arrays: "SELECT digest FROM idempotency WHERE digest = ANY($1::BYTEA[])",
    };
    let wanted: Vec<&[u8]> = digests.iter().map(<[u8; 16]>::as_slice).collect();
    tx.follow(&digests::IDEMPOTENCY)?;
    let rows = tx.query_many(&KNOWN, &[Column::Blob(&wanted)])?;
    Ok(rows
        .iter()
        .filter_map(|row| row.blob(0).ok()?.try_into().ok())
        .collect())
}

/// The answers given at these times, each with its time.
pub fn given_at(tx: &mut dyn Tx, times: &[Timestamp]) -> Result<Vec<(Timestamp, String)>, StoreError> {
    static GIVEN: Batch = Batch {
        each: "SELECT at, answer FROM idempotency WHERE at = $1",
        arrays: "SELECT at, answer FROM idempotency WHERE at = ANY($1::BIGINT[])",
    };
    let times: Vec<i64> = times.iter().map(|at| at.micros()).collect();
    let rows = tx.query_many(&GIVEN, &[Column::Int(&times)])?;
    let readable = |row: &Row| Some((Timestamp::from_micros(row.int(0).ok()?), row.text(1).ok()?.to_owned()));
    Ok(rows.iter().filter_map(readable).collect())
}

/// From column `at` on.
fn read(row: &Row, at: usize, sealer: &dyn RowSealer) -> Result<Answered, StoreError> {
    let corrupt = |what: &'static str| StoreError::corrupt(what);
    let answer = Answered {
        digest: row.blob(at)?.try_into().map_err(|_| corrupt("an idempotency digest"))?,
        organization: OrganizationId::from_i64(row.int(at.saturating_add(1))?),
        world: World::from_i64(row.int(at.saturating_add(2))?).ok_or(corrupt("the world of an idempotency row"))?,
        request_digest: row
            .blob(at.saturating_add(3))?
            .try_into()
            .map_err(|_| corrupt("a request digest"))?,
        answer: row.text(at.saturating_add(4))?.to_owned(),
        at: Timestamp::from_micros(row.int(at.saturating_add(5))?),
    };
    if row.blob(at.saturating_add(6))? == seal(&answer, sealer) {
        Ok(answer)
    } else {
        Err(corrupt("the seal of an idempotency row"))
    }
}

fn seal(answer: &Answered, sealer: &dyn RowSealer) -> [u8; 16] {
    sealer.row_seal(
        "idempotency",
        &sealed::encode(&[
            Value::Blob(&answer.digest),
            Value::Int(answer.organization.to_i64()),
            Value::Int(answer.world.to_i64()),
            Value::Blob(&answer.request_digest),
            Value::Text(&answer.answer),
            Value::Int(answer.at.micros()),
        ]),
    )
}
