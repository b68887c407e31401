//! Batches: files of payments, what was found about them, and what became of each payment in the file.

use crate::StoreError;
use crate::scan::{ID, PLACE};
use crate::scope::{Page, Scope, all, one};
use crate::sealed::{self, SealedTable};
use crate::tx::{Row, Sql, Tx, Value};
use vocab::context::Actor;
use vocab::id::{BatchId, PaymentId};
use vocab::time::Timestamp;

/// `batches`
pub static BATCHES: SealedTable = SealedTable {
    name: "batches",
    columns: 12,
    key: ID,
    id: |number| BatchId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO batches (id, organization, world, created_by, created_at, format, message_id, file_digest, partial, payments,
           accepted, findings, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, created_by, created_at, format, message_id, file_digest, partial, payments, accepted,
           findings, seal FROM batches WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};
/// `findings`
pub static FINDINGS: SealedTable = SealedTable {
    name: "findings",
    columns: 9,
    key: PLACE,
    id: |number| BatchId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO findings (batch, number, organization, world, payment_number, path, line, code, message, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    ),
    scan: Sql::both(
        "SELECT batch, number, organization, world, payment_number, path, line, code, message, seal FROM findings
         WHERE (batch, number) >= ($1, $2) ORDER BY batch, number LIMIT $3",
    ),
};
/// `batch_payments`
pub static BATCH_PAYMENTS: SealedTable = SealedTable {
    name: "batch_payments",
    columns: 7,
    key: PLACE,
    id: |number| BatchId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO batch_payments (batch, number, organization, world, line, payment, end_to_end_id, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    ),
    scan: Sql::both(
        "SELECT batch, number, organization, world, line, payment, end_to_end_id, seal FROM batch_payments
         WHERE (batch, number) >= ($1, $2) ORDER BY batch, number LIMIT $3",
    ),
};

/// A file of payments.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The batch.
    pub id: BatchId,
    /// Who submitted it.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
    /// `pain.001.001.03`, `pain.001.001.09` or `csv`.
    pub format: String,
    /// The submitter's message id, if the format has one.
    pub message_id: Option<String>,
    /// SHA-256 of the file.
    pub file_digest: Vec<u8>,
    /// Whether the good payments of a faulty file were to be accepted.
    pub partial: bool,
    /// Payments in the file.
    pub payments: i64,
    /// Payments accepted.
    pub accepted: i64,
    /// Findings.
    pub findings: i64,
}

/// Something found wrong in a file.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which payment of the file, from 0, or the file itself.
    pub payment_number: Option<i64>,
    /// Element path or column.
    pub path: String,
    /// Line in the file, from 1.
    pub line: i64,
    /// Stable code.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// What became of a payment of the file.
#[derive(Clone, Debug)]
pub struct BatchPayment {
    /// Position in the file, from 0.
    pub number: i64,
    /// Line in the file, from 1.
    pub line: i64,
    /// The payment, if it was accepted.
    pub payment: Option<PaymentId>,
    /// The submitter's reference, if it could be read.
    pub end_to_end_id: Option<String>,
}

/// Adds a batch with its findings and the fate of its payments.
pub fn add(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    batch: &Batch,
    findings: &[Finding],
    payments: &[BatchPayment],
) -> Result<(), StoreError> {
    let id = Value::Int(batch.id.to_i64());
    sealed::insert(
        tx,
        scope,
        &BATCHES,
        &[
            id,
            scope.org(),
            scope.world(),
            Value::Text(&batch.created_by.to_string()),
            Value::Int(batch.created_at.micros()),
            Value::Text(&batch.format),
            Value::OptText(batch.message_id.as_deref()),
            Value::Blob(&batch.file_digest),
            Value::Int(i64::from(batch.partial)),
            Value::Int(batch.payments),
            Value::Int(batch.accepted),
            Value::Int(batch.findings),
        ],
    )?;
    for (number, finding) in (0_i64..).zip(findings) {
        sealed::insert(
            tx,
            scope,
            &FINDINGS,
            &[
                id,
                Value::Int(number),
                scope.org(),
                scope.world(),
                Value::OptInt(finding.payment_number),
                Value::Text(&finding.path),
                Value::Int(finding.line),
                Value::Text(&finding.code),
                Value::Text(&finding.message),
            ],
        )?;
    }
    for payment in payments {
        sealed::insert(
            tx,
            scope,
            &BATCH_PAYMENTS,
            &[
                id,
                Value::Int(payment.number),
                scope.org(),
                scope.world(),
                Value::Int(payment.line),
                Value::OptInt(payment.payment.map(PaymentId::to_i64)),
                Value::OptText(payment.end_to_end_id.as_deref()),
            ],
        )?;
    }
    Ok(())
}

/// One batch.
pub fn load(tx: &mut dyn Tx, scope: Scope<'_>, id: BatchId) -> Result<Option<Batch>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT id, created_by, created_at, format, message_id, file_digest, partial, payments, accepted, findings FROM batches
         WHERE id = $1 AND organization = $2 AND world = $3",
    );
    one(tx.query(&ONE, &[Value::Int(id.to_i64()), scope.org(), scope.world()])?)
        .as_ref()
        .map(read)
        .transpose()
}

/// A page of batches, newest first.
pub fn list(tx: &mut dyn Tx, scope: Scope<'_>, page: Page) -> Result<Vec<Batch>, StoreError> {
    static LIST: Sql = Sql::both(
        "SELECT id, created_by, created_at, format, message_id, file_digest, partial, payments, accepted, findings FROM batches
         WHERE organization = $1 AND world = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
    );
    all(
        &tx.query(&LIST, &[scope.org(), scope.world(), page.before(), page.limit()])?,
        read,
    )
}

/// What was found about a batch, in the order of the file.
pub fn findings(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    id: BatchId,
    from: i64,
    limit: usize,
) -> Result<Vec<Finding>, StoreError> {
    static FINDINGS_OF: Sql = Sql::both(
        "SELECT payment_number, path, line, code, message FROM findings
         WHERE batch = $1 AND organization = $2 AND world = $3 AND number >= $4 ORDER BY number LIMIT $5",
    );
    let values = [
        Value::Int(id.to_i64()),
        scope.org(),
        scope.world(),
        Value::Int(from),
        Value::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
    ];
    all(&tx.query(&FINDINGS_OF, &values)?, |row| {
        Ok(Finding {
            payment_number: row.opt_int(0)?,
            path: row.text(1)?.to_owned(),
            line: row.int(2)?,
            code: row.text(3)?.to_owned(),
            message: row.text(4)?.to_owned(),
        })
    })
}

/// The payments of the file, in its order, from position `from` on.
pub fn payments(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    id: BatchId,
    from: i64,
    limit: usize,
) -> Result<Vec<BatchPayment>, StoreError> {
    static PAYMENTS_OF: Sql = Sql::both(
        "SELECT number, line, payment, end_to_end_id FROM batch_payments
         WHERE batch = $1 AND organization = $2 AND world = $3 AND number >= $4 ORDER BY number LIMIT $5",
    );
    let limit = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
    let values = [
        Value::Int(id.to_i64()),
        scope.org(),
        scope.world(),
        Value::Int(from),
        limit,
    ];
    all(&tx.query(&PAYMENTS_OF, &values)?, |row| {
        Ok(BatchPayment {
            number: row.int(0)?,
            line: row.int(1)?,
            payment: row.opt_int(2)?.map(PaymentId::from_i64),
            end_to_end_id: row.opt_text(3)?.map(str::to_owned),
        })
    })
}

fn read(row: &Row) -> Result<Batch, StoreError> {
    Ok(Batch {
        id: BatchId::from_i64(row.int(0)?),
        created_by: row
            .text(1)?
            .parse()
            .map_err(|_| StoreError::corrupt("the submitter of a batch"))?,
        created_at: Timestamp::from_micros(row.int(2)?),
        format: row.text(3)?.to_owned(),
        message_id: row.opt_text(4)?.map(str::to_owned),
        file_digest: row.blob(5)?.to_vec(),
        partial: row.int(6)? != 0,
        payments: row.int(7)?,
        accepted: row.int(8)?,
        findings: row.int(9)?,
    })
}
