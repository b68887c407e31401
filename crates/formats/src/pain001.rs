//! Reader of pain.001.001.03 and .09, the credit transfer initiation: what a treasurer's system exports.
//!
//! Three looks at one file: what the schema says ([`check`]), what banks check beyond it ([`header`], [`group`], [`transaction`]),
//! and what this platform would lose on the way ([`carried`]). All findings of all of them are reported.

mod carried;
mod check;
mod control;
mod group;
mod header;
mod party;
mod report;
mod schema;
mod transaction;
pub(crate) mod values;

use crate::batch::{Batch, DebtorAccounts, FileFormat, Parsed};
use crate::finding::{Finding, FindingCode, quoted};
use crate::seen::Seen;
use crate::xml::{self, Document, Element};
use report::Report;
use vocab::limits;
use vocab::time::Date;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:";

/// Reads a message. `today` is the date by which execution dates are judged.
pub fn read(bytes: &[u8], today: Date) -> Batch {
    let document = match xml::read(bytes) {
        Ok(document) => document,
        Err(finding) => return Batch::unreadable(None, finding),
    };
    match format_of(&document) {
        Ok(format) => read_message(format, document.root(), today),
        Err(finding) => Batch::unreadable(None, finding),
    }
}

fn format_of(document: &Document<'_>) -> Result<FileFormat, Finding> {
    let root = document.root();
    let message = document.namespace().strip_prefix(NAMESPACE).unwrap_or_default();
    let known = [FileFormat::Pain00103, FileFormat::Pain00109]
        .into_iter()
        .find(|format| format.name() == message);
    let found = match (known, root.name()) {
        (Some(format), "Document") => return Ok(format),
        (Some(_), name) => format!("the outermost element is {}, not `Document`", quoted(name)),
        (None, _) if message.is_empty() => "this is no ISO 20022 message".to_owned(),
        (None, _) => format!("this is a {} message", quoted(message)),
    };
    let message = format!("{found}; accepted are pain.001.001.03, pain.001.001.09 and CSV");
    Err(Finding::about_file(
        FindingCode::MessageUnsupported,
        root.path(),
        root.line(),
        message,
    ))
}

fn read_message(format: FileFormat, root: Element<'_>, today: Date) -> Batch {
    let schema = if format == FileFormat::Pain00103 {
        &schema::DOCUMENT_03
    } else {
        &schema::DOCUMENT_09
    };
    let mut report = Report::new(root);
    // Groups count too: an empty one costs as much as a payment.
    if report.payment_count().max(report.groups().len()) > limits::BATCH_PAYMENTS_MAX {
        let max = limits::BATCH_PAYMENTS_MAX;
        let message = format!("the file holds more than {max} payments or groups; split it");
        let finding = Finding::about_file(FindingCode::TooManyPayments, root.path(), root.line(), message);
        return Batch::unreadable(Some(format), finding);
    }
    check::check(&mut report, root, schema);
    let message = root.child("CstmrCdtTrfInitn");
    let header = message.map(|message| header::read(&mut report, message));
    let (payments, debtor_accounts) = read_payments(&mut report, today);
    Batch::assemble(
        Some(format),
        header.unwrap_or_default(),
        payments,
        debtor_accounts,
        report.findings,
    )
}

fn read_payments(report: &mut Report<'_>, today: Date) -> (Vec<Parsed>, DebtorAccounts) {
    let mut payments = Vec::new();
    let mut debtor_accounts = DebtorAccounts::default();
    let mut seen = Seen::default();
    for (number, place) in report.groups().into_iter().enumerate() {
        let group = group::read(report, &place, &mut seen, today);
        for (element, index) in place.element.children_named("CdtTrfTxInf").zip(place.payments.clone()) {
            // With more findings than are kept, nothing of the file can be accepted.
            let transfer = if report.findings.full() {
                None
            } else {
                transaction::read(report, element, index, &group, &mut seen)
            };
            payments.push(Parsed {
                line: element.line(),
                path: element.path(),
                group: number,
                end_to_end_id: element.at(&["PmtId", "EndToEndId"]).map(|id| id.text().to_owned()),
                transfer,
            });
        }
        debtor_accounts.note_group(&place, group);
    }
    (payments, debtor_accounts)
}
