//! The bank's messages as bytes: reads what is delivered, writes what is answered and reported, through `formats`.
//!
//! A message that cannot be read is refused here, before anything of the book is touched.

use super::bank::BankError;
use formats::camt055::CancellationRequest;
use formats::order::{self, ReadOrder};
use formats::statement::{Heading, Version};
use formats::{camt029, camt053, camt054, camt055, pain002};
use vocab::exchange::{Document, DocumentKind, RecallAnswer, Statement, StatementKind, StatusReport};
use vocab::time::Timestamp;
use vocab::transfer::{CreditTransfer, Remittance};

/// Why the bank says no, to a message or to a payment of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// ISO 20022 external status reason, such as `AC01`.
    pub(super) code: String,
    /// The bank's words.
    pub(super) text: String,
}

impl Refusal {
    pub(super) fn new(code: &str, text: &str) -> Self {
        Self {
            code: code.to_owned(),
            text: text.to_owned(),
        }
    }
}

/// A message that could be read.
#[derive(Debug)]
pub(super) enum Delivered {
    /// pain.001
    Order(ReadOrder),
    /// camt.055
    Recall(Box<CancellationRequest>),
}

impl Delivered {
    /// The sender's reference of the message.
    pub(super) fn message_id(&self) -> &str {
        match self {
            Self::Order(order) => order.message_id.as_str(),
            Self::Recall(request) => request.case_id.as_str(),
        }
    }
}

/// Reads a delivered document.
pub(super) fn read(document: &Document) -> Result<Delivered, Refusal> {
    let delivered = match document.kind {
        DocumentKind::Pain001 => order::read(&document.body).map(Delivered::Order),
        DocumentKind::Camt055 => camt055::read(&document.body).map(|request| Delivered::Recall(Box::new(request))),
        DocumentKind::Pain002 | DocumentKind::Camt053 | DocumentKind::Camt054 | DocumentKind::Camt029 => {
            return Err(Refusal::new("FF01", "the bank takes pain.001 and camt.055 only"));
        }
    };
    // The first finding says enough to the sender of a message that is wrong as a whole.
    delivered.map_err(|findings| match findings.first() {
        Some(finding) => Refusal::new("FF01", &finding.to_string()),
        None => Refusal::new("FF01", "the message could not be read"),
    })
}

/// What the creditor is told, as the statement repeats it.
pub(super) fn remittance(transfer: &CreditTransfer) -> Option<&str> {
    match &transfer.remittance {
        Remittance::None => None,
        Remittance::Text(text) => Some(text),
        Remittance::Creditor(reference) => Some(reference.as_str()),
        Remittance::Other(reference) => Some(reference.as_str()),
    }
}

/// A status report as a document.
pub(super) fn status_report(
    report: &StatusReport,
    information_id: Option<&str>,
    at: Timestamp,
) -> Result<Document, BankError> {
    let body = pain002::write(report, information_id, at).map_err(unwritable)?;
    Ok(Document {
        kind: DocumentKind::Pain002,
        reference: report.message_id.clone(),
        body,
    })
}

/// A statement or notification as a document of its own, under the statement's identification.
pub(super) fn statement(statement: &Statement, at: Timestamp) -> Result<Document, BankError> {
    let message_id = statement.identification.parse().map_err(unwritable)?;
    let heading = Heading {
        message_id,
        created_at: at,
    };
    let (kind, body) = match statement.kind {
        StatementKind::EndOfDay => (
            DocumentKind::Camt053,
            camt053::write(Version::V08, &heading, std::slice::from_ref(statement)),
        ),
        StatementKind::Notification => (
            DocumentKind::Camt054,
            camt054::write(Version::V08, &heading, std::slice::from_ref(statement)),
        ),
    };
    Ok(Document {
        kind,
        reference: statement.identification.clone(),
        body: body.map_err(unwritable)?,
    })
}

/// The answer to a request to cancel as a document.
pub(super) fn recall_answer(
    answer: &RecallAnswer,
    request: &CancellationRequest,
    at: Timestamp,
) -> Result<Document, BankError> {
    let body = camt029::write(answer, request, at).map_err(unwritable)?;
    Ok(Document {
        kind: DocumentKind::Camt029,
        reference: answer.message_id.clone(),
        body,
    })
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> BankError {
    BankError::Document(Box::new(error))
}
