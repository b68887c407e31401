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
    static CLAIM: Batch = Batch {
        each: "INSERT INTO nonces (expires_at, signing_key, digest) SELECT $1, $2, $3 WHERE NOT EXISTS
                 (SELECT 1 FROM memory.nonces m CROSS JOIN main.nonces n ON n.rowid = m.line
                  WHERE m.head = substr($3, 1, 8) AND n.digest = $3 AND n.signing_key = $2 AND n.expires_at = $1)
               RETURNING expires_at, signing_key, digest",
        arrays: "INSERT INTO nonces (expires_at, signing_key, digest)
               SELECT * FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BYTEA[]) AS n (e, k, d) ORDER BY e, k, d ON CONFLICT DO NOTHING
               RETURNING expires_at, signing_key, digest",
    };
    tx.follow(&digests::NONCES)?;
    let rows = tx.query_many(
        &CLAIM,
        &[
            Column::Int(&nonces.iter().map(|nonce| nonce.expires_at).collect::<Vec<_>>()),
            Column::Int(&nonces.iter().map(|nonce| nonce.key.to_i64()).collect::<Vec<_>>()),
            Column::Blob(&nonces.iter().map(|nonce| nonce.digest.as_slice()).collect::<Vec<_>>()),
        ],
    )?;
    let mut claimed = rows
        .iter()
        .map(|row| Ok((row.int(0)?, row.int(1)?, row.blob(2)?.to_vec())))
        .collect::<Result<BTreeSet<_>, StoreError>>()?;
    Ok(nonces
        .iter()
        .map(|nonce| claimed.remove(&(nonce.expires_at, nonce.key.to_i64(), nonce.digest.to_vec())))
        .collect())
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
pub fn remember(tx: &mut dyn Tx, sealer: &dyn RowSealer, answers: &[Answered]) -> Result<(), StoreError> {
    static REMEMBER: Batch = Batch {
        each: "INSERT INTO idempotency (digest, organization, world, request_digest, answer, at, seal)
               VALUES ($1, $2, $3, $4, $5, $6, $7)",
        arrays: "INSERT INTO idempotency (digest, organization, world, request_digest, answer, at, seal)
               SELECT * FROM UNNEST($1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::BYTEA[], $5::TEXT[], $6::BIGINT[], $7::BYTEA[])
               AS r (a, b, c, d, e, f, g) ORDER BY a ON CONFLICT DO NOTHING",
    };
    let seals: Vec<[u8; 16]> = answers.iter().map(|answer| seal(answer, sealer)).collect();
    let written = tx.execute_many(
        &REMEMBER,
        &[
            Column::Blob(
                &answers
                    .iter()
                    .map(|answer| answer.digest.as_slice())
                    .collect::<Vec<_>>(),
            ),
            Column::Int(
                &answers
                    .iter()
                    .map(|answer| answer.organization.to_i64())
                    .collect::<Vec<_>>(),
            ),
            Column::Int(&answers.iter().map(|answer| answer.world.to_i64()).collect::<Vec<_>>()),
            Column::Blob(
                &answers
                    .iter()
                    .map(|answer| answer.request_digest.as_slice())
                    .collect::<Vec<_>>(),
            ),
            Column::Text(&answers.iter().map(|answer| answer.answer.as_str()).collect::<Vec<_>>()),
            Column::Int(&answers.iter().map(|answer| answer.at.micros()).collect::<Vec<_>>()),
            Column::Blob(&seals.iter().map(<[u8; 16]>::as_slice).collect::<Vec<_>>()),
        ],
    )?;
    if u64::try_from(answers.len()) == Ok(written) {
        Ok(())
    } else {
        Err(StoreError::Conflict {
            what: "an idempotency key was claimed by another server".into(),
        })
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
