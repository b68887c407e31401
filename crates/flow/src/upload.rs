//! Upload: a file of payments arrives. Everything that is wrong with it is reported; the good payments of a faulty file are accepted only
//! when the submitter asked for that.

use crate::authenticate::Idempotency;
use crate::event::{hex, sha256};
use crate::intake::{Arrival, Locking, take};
use crate::once::{Answer, once};
use crate::platform::{Parts, Platform};
use crate::refusal::{Code, Error, FieldError, Refusal};
use crate::work::Work;
use formats::batch::{Batch, read_payment_file};
use serde_json::json;
use store::batches::{BatchPayment, Finding};
use vocab::context::Ctx;
use vocab::id::BatchId;
use vocab::transfer::CreditTransfer;

/// A file with the submitter's wish.
#[derive(Debug)]
pub struct Upload {
    /// The file.
    pub bytes: Vec<u8>,
    /// Whether the good payments of a faulty file are to be accepted.
    pub partial: bool,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// The batch.
    pub batch: BatchId,
    /// Payments in the file.
    pub payments: usize,
    /// Payments accepted.
    pub accepted: usize,
    /// Findings.
    pub findings: usize,
    /// True when this answer was given before, under the same idempotency key.
    pub replayed: bool,
}

/// Takes a file in. A refused file leaves nothing behind; its findings are in the refusal.
pub async fn submit_batch(
    platform: &Platform,
    ctx: Ctx,
    upload: Upload,
    idempotency: Idempotency,
) -> Result<Uploaded, Error> {
    let today = ctx.now.date();
    // Parsing may take a second for the largest files: not on a thread that others wait for.
    let read = tokio::task::spawn_blocking(move || {
        let batch = read_payment_file(&upload.bytes, today);
        (batch, sha256(&[&upload.bytes]), upload.partial)
    });
    let (batch, digest, partial) = read
        .await
        .map_err(|_| Error::Bug("a payment file reader that panicked"))?;
    let id = BatchId::from_i64(platform.parts().id());
    once(platform, ctx, "upload", idempotency, move |work| {
        // Decided here and not before: a file that was accepted yesterday gets yesterday's answer, although its dates are past today.
        if batch.fatal || !(partial || batch.complete()) {
            return Err(invalid(&batch).into());
        }
        accept(work, id, &batch, &digest, partial)
    })
    .await
}

fn accept(
    work: &mut Work<'_>,
    id: BatchId,
    batch: &Batch,
    digest: &[u8; 32],
    partial: bool,
) -> Result<Uploaded, Error> {
    let mut findings: Vec<Finding> = batch.findings.iter().map(row).collect();
    let mut fates: Vec<BatchPayment> = Vec::with_capacity(batch.payments.len());
    let mut arrivals = Vec::new();
    for (number, parsed) in (0_i64..).zip(&batch.payments) {
        fates.push(BatchPayment {
            number,
            line: i64::from(parsed.line),
            payment: None,
            end_to_end_id: parsed.end_to_end_id.clone(),
        });
        if let Some(transfer) = &parsed.transfer {
            arrivals.push((
                number,
                Arrival::new(work.parts, work.ctx, Some(id), CreditTransfer::clone(transfer))?,
            ));
        }
    }
    let (numbers, arrivals): (Vec<i64>, Vec<Arrival>) = arrivals.into_iter().unzip();
    let outcomes = take(work.parts, work.tx, &arrivals, Locking::First)?;
    let mut accepted: usize = 0;
    for ((number, arrival), outcome) in numbers.iter().zip(&arrivals).zip(outcomes) {
        let place = usize::try_from(*number)
            .ok()
            .and_then(|place| Some((fates.get_mut(place)?, batch.payments.get(place)?)));
        let Some((fate, parsed)) = place else {
            return Err(Error::Bug("a payment outside of its file"));
        };
        match outcome {
            Ok(submitted) => {
                fate.payment = Some(submitted.payment);
                work.counts.push(submitted.counted(work.ctx.world));
                accepted += 1;
            }
            Err(refusal) if refusal.code == Code::PolicyMissing => return Err(refusal.into()),
            Err(refusal) => findings.push(Finding {
                payment_number: Some(*number),
                path: parsed.path.clone(),
                line: i64::from(parsed.line),
                code: refusal.code.as_str().to_owned(),
                message: format!("payment `{}`: {}", arrival.id(), refusal.detail),
            }),
        }
    }
    if accepted < batch.payments.len() && !partial {
        let mut refusal = Refusal::new(Code::BatchInvalid, "not every payment of the file can be accepted");
        refusal.errors = findings.iter().map(field_error).collect();
        return Err(refusal.into());
    }
    let stored = store::batches::Batch {
        id,
        created_by: work.ctx.actor,
        created_at: work.ctx.now,
        format: batch
            .format
            .map_or("unknown", formats::batch::FileFormat::name)
            .to_owned(),
        message_id: batch.header.message_id.clone(),
        file_digest: digest.to_vec(),
        partial,
        payments: i64::try_from(batch.payments.len()).unwrap_or(i64::MAX),
        accepted: i64::try_from(accepted).unwrap_or(i64::MAX),
        findings: i64::try_from(findings.len()).unwrap_or(i64::MAX),
    };
    store::batches::add(work.tx, work.scope, &stored, &findings, &fates)?;
    let data = json!({
        "accepted": accepted,
        "file": hex(digest),
        "findings": findings.len(),
        "format": stored.format,
        "partial": partial,
        "payments": batch.payments.len(),
    });
    work.event("batch.received", id, &data)?;
    Ok(Uploaded {
        batch: id,
        payments: batch.payments.len(),
        accepted,
        findings: findings.len(),
        replayed: false,
    })
}

/// The refusal of a whole file, with everything that was found.
fn invalid(batch: &Batch) -> Refusal {
    let detail = if batch.fatal {
        "the file as a whole cannot be accepted"
    } else {
        "not every payment of the file can be accepted"
    };
    let mut refusal = Refusal::new(Code::BatchInvalid, detail);
    refusal.errors = batch
        .findings
        .iter()
        .map(row)
        .map(|finding| field_error(&finding))
        .collect();
    refusal
}

fn row(finding: &formats::finding::Finding) -> Finding {
    // A finding about several payments (a whole group) is kept as one about the file, with its path.
    let single = finding
        .payments
        .as_ref()
        .filter(|range| range.len() == 1)
        .and_then(|range| i64::try_from(range.start).ok());
    Finding {
        payment_number: single,
        path: finding.path.clone(),
        line: i64::from(finding.line),
        code: finding.code.as_str().to_owned(),
        message: finding.message.clone(),
    }
}

fn field_error(finding: &Finding) -> FieldError {
    FieldError {
        pointer: finding.path.clone(),
        line: Some(finding.line),
        code: finding.code.clone(),
        detail: finding.message.clone(),
    }
}

impl Answer for Uploaded {
    fn write(&self) -> String {
        format!(
            "{} {} {} {}",
            self.batch.to_i64(),
            self.payments,
            self.accepted,
            self.findings
        )
    }

    fn read(_: &Parts, text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let batch = BatchId::from_i64(words.next()?.parse().ok()?);
        let mut number = || words.next()?.parse::<usize>().ok();
        Some(Self {
            batch,
            payments: number()?,
            accepted: number()?,
            findings: number()?,
            replayed: true,
        })
    }
}
