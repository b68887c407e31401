//! Lines and statements in a form that is kept: sealed beside a line's row, so that it can be explained again later, and digested to
//! recognise a statement in whatever envelope it comes again.
//!
//! INVARIANT: fields and their order never change; a statement that came again would look altered.

use crate::event::sha256;
use crate::platform::Parts;
use crate::refusal::Error;
use keys::Place;
use serde::{Deserialize, Serialize};
use store::scope::Scope;
use vocab::exchange::{BatchInformation, LineDetail, Statement, StatementLine};
use vocab::id::LineId;
use vocab::money::{Currency, Money};
use vocab::time::Date;

#[derive(Serialize, Deserialize)]
struct Sum {
    minor: i64,
    currency: String,
}

#[derive(Serialize, Deserialize)]
struct KeptLine {
    amount: Sum,
    booked: bool,
    reversal: bool,
    booked_on: String,
    value_on: Option<String>,
    servicer_reference: Option<String>,
    entry_reference: Option<String>,
    transaction_code: Option<String>,
    batch: Option<KeptBatch>,
    details: Vec<KeptDetail>,
    information: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct KeptBatch {
    message_id: Option<String>,
    payment_information_id: Option<String>,
    count: Option<u64>,
    total: Option<Sum>,
}

#[derive(Serialize, Deserialize)]
struct KeptDetail {
    amount: Option<Sum>,
    message_id: Option<String>,
    payment_information_id: Option<String>,
    instruction_id: Option<String>,
    end_to_end_id: Option<String>,
    uetr: Option<String>,
    servicer_reference: Option<String>,
    return_reason: Option<String>,
    remittance: Option<String>,
}

#[derive(Serialize)]
struct KeptStatement<'a> {
    kind: &'static str,
    identification: &'a str,
    sequence: Option<i64>,
    account: &'a str,
    covers: String,
    opening: Option<Sum>,
    closing: Option<Sum>,
    lines: Vec<KeptLine>,
}

/// SHA-256 of what a statement says, whatever envelope it came in.
pub(super) fn digest(statement: &Statement) -> Result<[u8; 32], Error> {
    let kept = KeptStatement {
        kind: super::kind_of(statement.kind).name(),
        identification: &statement.identification,
        sequence: statement.sequence,
        account: statement.account.as_str(),
        covers: statement.covers.to_string(),
        opening: statement.opening.map(sum),
        closing: statement.closing.map(sum),
        lines: statement.lines.iter().map(keep).collect(),
    };
    let bytes = serde_json::to_vec(&kept).map_err(|_| Error::Bug("a statement that cannot be written as JSON"))?;
    Ok(sha256(&[&bytes]))
}

/// Seals a line for its row.
pub(super) fn seal(parts: &Parts, scope: Scope<'_>, id: LineId, line: &StatementLine) -> Result<Vec<u8>, Error> {
    let plain = serde_json::to_vec(&keep(line)).map_err(|_| Error::Bug("a line that cannot be written as JSON"))?;
    Ok(parts.keyring.0.seal(&place(scope, id), parts.random(), &plain)?)
}

/// A line back from its row.
pub(super) fn open(parts: &Parts, scope: Scope<'_>, row: &store::statements::Line) -> Result<StatementLine, Error> {
    let plain = parts.keyring.0.open(&place(scope, row.id), &row.sealed)?;
    let kept: Option<KeptLine> = serde_json::from_slice(&plain).ok();
    kept.and_then(line)
        .ok_or(Error::Bug("a stored line that cannot be read"))
}

fn place(scope: Scope<'_>, id: LineId) -> Place<'static> {
    let (organization, world, row) = (scope.organization, scope.world, id.to_i64());
    Place {
        table: "statement_lines",
        column: "sealed",
        organization,
        world,
        row,
        bound: &[],
    }
}

fn sum(money: Money) -> Sum {
    Sum {
        minor: money.minor(),
        currency: money.currency().code().to_owned(),
    }
}

fn money(sum: &Sum) -> Option<Money> {
    Some(Money::new(sum.minor, Currency::from_code(&sum.currency)?))
}

fn keep(line: &StatementLine) -> KeptLine {
    KeptLine {
        amount: sum(line.amount),
        booked: line.booked,
        reversal: line.reversal,
        booked_on: line.booked_on.to_string(),
        value_on: line.value_on.map(|date| date.to_string()),
        servicer_reference: line.servicer_reference.clone(),
        entry_reference: line.entry_reference.clone(),
        transaction_code: line.transaction_code.clone(),
        batch: line.batch.as_ref().map(|batch| KeptBatch {
            message_id: batch.message_id.clone(),
            payment_information_id: batch.payment_information_id.clone(),
            count: batch.count,
            total: batch.total.map(sum),
        }),
        details: line.details.iter().map(keep_detail).collect(),
        information: line.information.clone(),
    }
}

fn keep_detail(detail: &LineDetail) -> KeptDetail {
    KeptDetail {
        amount: detail.amount.map(sum),
        message_id: detail.message_id.clone(),
        payment_information_id: detail.payment_information_id.clone(),
        instruction_id: detail.instruction_id.clone(),
        end_to_end_id: detail.end_to_end_id.clone(),
        uetr: detail.uetr.clone(),
        servicer_reference: detail.servicer_reference.clone(),
        return_reason: detail.return_reason.clone(),
        remittance: detail.remittance.clone(),
    }
}

fn line(kept: KeptLine) -> Option<StatementLine> {
    let batch = match kept.batch {
        Some(batch) => Some(BatchInformation {
            total: optional(batch.total.as_ref())?,
            message_id: batch.message_id,
            payment_information_id: batch.payment_information_id,
            count: batch.count,
        }),
        None => None,
    };
    Some(StatementLine {
        amount: money(&kept.amount)?,
        booked: kept.booked,
        reversal: kept.reversal,
        booked_on: kept.booked_on.parse().ok()?,
        value_on: kept.value_on.as_deref().map(str::parse::<Date>).transpose().ok()?,
        servicer_reference: kept.servicer_reference,
        entry_reference: kept.entry_reference,
        transaction_code: kept.transaction_code,
        batch,
        details: kept.details.into_iter().map(detail).collect::<Option<_>>()?,
        information: kept.information,
    })
}

fn detail(kept: KeptDetail) -> Option<LineDetail> {
    Some(LineDetail {
        amount: optional(kept.amount.as_ref())?,
        message_id: kept.message_id,
        payment_information_id: kept.payment_information_id,
        instruction_id: kept.instruction_id,
        end_to_end_id: kept.end_to_end_id,
        uetr: kept.uetr,
        servicer_reference: kept.servicer_reference,
        return_reason: kept.return_reason,
        remittance: kept.remittance,
    })
}

/// `None` when a sum is there and cannot be read.
#[expect(clippy::option_option, reason = "outside: readable or not; inside: there or not")]
fn optional(kept: Option<&Sum>) -> Option<Option<Money>> {
    match kept {
        Some(kept) => money(kept).map(Some),
        None => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn example() -> StatementLine {
        let eur = Currency::from_code("EUR").unwrap();
        let text = |text: &str| Some(text.to_owned());
        StatementLine {
            amount: Money::new(-12_345, eur),
            booked: true,
            reversal: false,
            booked_on: date(2026, 11, 24),
            value_on: Some(date(2026, 11, 25)),
            servicer_reference: text("ENT1"),
            entry_reference: text("1"),
            transaction_code: text("PMNT.ICDT.ESCT"),
            batch: Some(BatchInformation {
                message_id: text("ord-1"),
                payment_information_id: text("ord-1"),
                count: Some(2),
                total: Some(Money::new(-12_345, eur)),
            }),
            details: vec![LineDetail {
                amount: None,
                message_id: text("ord-1"),
                payment_information_id: None,
                instruction_id: text("pay-1"),
                end_to_end_id: text("E2E"),
                uetr: None,
                servicer_reference: text("TX1"),
                return_reason: text("AC04"),
                remittance: text("Ünïcode"),
            }],
            information: text("collective"),
        }
    }

    #[test]
    fn a_line_is_kept_whole() {
        let bytes = serde_json::to_vec(&keep(&example())).unwrap();
        assert_eq!(line(serde_json::from_slice(&bytes).unwrap()), Some(example()));
    }

    #[test]
    fn the_kept_form_never_changes() {
        let digest = crate::event::hex(&sha256(&[&serde_json::to_vec(&keep(&example())).unwrap()]));
        assert_eq!(
            digest,
            "df6ece19aba15194cbc6d8ef56310e7cb4d1924dbd3f4c5bc814676ebf81d899"
        );
    }
}
