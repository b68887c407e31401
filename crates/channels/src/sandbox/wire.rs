//! What travels between the bank and its callers beside documents: headers and JSON. Both sides use these shapes.
//!
//! Only shapes. What they mean is decided in the modules that have the trade's types.

use super::accounts::Account;
use super::entries::BookLine;
use axum::http::HeaderName;
use serde::{Deserialize, Serialize};

/// `pain.001` and the like: what the body is.
pub(super) const DOCUMENT_KIND: HeaderName = HeaderName::from_static("document-kind");
/// The sender's reference of the document.
pub(super) const DOCUMENT_REFERENCE: HeaderName = HeaderName::from_static("document-reference");
/// The time of the caller's world, in microseconds since 1970.
pub(super) const TEST_NOW: HeaderName = HeaderName::from_static("test-now");
/// Code of the answer that says that a document never arrived.
pub(super) const NEVER_RECEIVED: &str = "never_received";

/// Why the answer is no.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct RefusalBody {
    pub(super) code: String,
    pub(super) text: String,
}

/// A document of the mailbox.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Waiting {
    pub(super) number: i64,
    pub(super) kind: String,
    pub(super) reference: String,
    pub(super) body: String,
}

/// Which part of the mailbox is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct MailboxQuery {
    pub(super) after: i64,
    pub(super) limit: usize,
}

/// An account to be opened.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct OpenAccount {
    pub(super) account: String,
    pub(super) currency: String,
    pub(super) name: String,
    pub(super) balance_minor: i64,
}

/// An account as it stands.
#[derive(Debug, Serialize)]
pub(super) struct AccountBody {
    account: String,
    currency: String,
    name: String,
    opened_minor: i64,
    balance_minor: i64,
    held_minor: i64,
    statements: i64,
    bookings: i64,
}

impl AccountBody {
    pub(super) fn of(account: Account, bookings: i64) -> Self {
        Self {
            account: account.number.as_str().to_owned(),
            currency: account.currency.code().to_owned(),
            name: account.name,
            opened_minor: account.opened_minor,
            balance_minor: account.balance_minor,
            held_minor: account.held_minor,
            statements: account.statements,
            bookings,
        }
    }
}

/// One line of the book.
#[derive(Debug, Serialize)]
pub(super) struct BookBody {
    account: String,
    currency: String,
    reference: String,
    kind: &'static str,
    booked_on: String,
    message_id: Option<String>,
    instruction_id: Option<String>,
    end_to_end_id: Option<String>,
    amount_minor: i64,
}

impl BookBody {
    pub(super) fn of(line: BookLine) -> Self {
        Self {
            account: line.account,
            currency: line.currency,
            reference: line.reference,
            kind: line.kind.name(),
            booked_on: line.booked_on.to_string(),
            message_id: line.message_id,
            instruction_id: line.instruction_id,
            end_to_end_id: line.end_to_end_id,
            amount_minor: line.amount_minor,
        }
    }
}
