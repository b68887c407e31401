//! The messages that the bank has received: whose reference it knows it has, with what it answered.
//!
//! A message whose whole was refused is remembered too: the refusal is a promise that nothing of it will ever be executed, and a
//! late copy of it must not break that promise.

use super::bank::BankError;
use super::book::{Moment, read};
use super::documents::Refusal;
use rusqlite::{OptionalExtension, Row, params};
use vocab::exchange::{Document, DocumentKind};
use vocab::reference::Reference;
use vocab::time::Timestamp;

/// What a status report says of the message it is about.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) id: i64,
    /// The sender's reference: the message id.
    pub(super) reference: String,
    /// The payment information block of an order.
    pub(super) information_id: Option<String>,
    /// Reference of the status report as things stand: another one after each change.
    pub(super) status_reference: String,
    /// When a payment of it last changed its status.
    pub(super) changed_at: Timestamp,
}

/// A message as it was received and answered.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) head: Head,
    pub(super) kind: DocumentKind,
    pub(super) body: Vec<u8>,
    /// The first answer, given again for each repetition.
    pub(super) answer: Answer,
}

/// What the bank said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A message with the answer for each payment.
    Document(Document),
    /// The message was refused as a whole.
    Refused(Refusal),
}

impl Head {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            reference: row.get("reference")?,
            information_id: row.get("information_id")?,
            status_reference: row.get("status_reference")?,
            changed_at: Timestamp::from_micros(row.get("changed_at")?),
        })
    }
}

impl Received {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let answer = match row.get::<_, Option<String>>("refusal_code")? {
            Some(code) => Answer::Refused(Refusal {
                code,
                text: row.get("refusal_text")?,
            }),
            None => Answer::Document(Document {
                kind: read(row, "answer_kind", kind_of)?,
                reference: row.get("answer_reference")?,
                body: row.get("answer_body")?,
            }),
        };
        Ok(Self {
            head: Head::of(row)?,
            kind: read(row, "kind", kind_of)?,
            body: row.get("body")?,
            answer,
        })
    }
}

/// The kind of document with this message name.
pub(super) fn kind_of(name: &str) -> Option<DocumentKind> {
    DocumentKind::ALL.into_iter().find(|kind| kind.name() == name)
}

/// The message with this reference, if the bank has it.
pub(super) fn find(moment: &Moment<'_>, reference: &str) -> Result<Option<Received>, BankError> {
    let mut statement = moment
        .rows
        .prepare_cached("SELECT * FROM orders WHERE reference = ?1")?;
    Ok(statement.query_row([reference], Received::of).optional()?)
}

/// The head of the order that a payment belongs to.
pub(super) fn head(moment: &Moment<'_>, id: i64) -> Result<Head, BankError> {
    let mut statement = moment.rows.prepare_cached("SELECT * FROM orders WHERE id = ?1")?;
    Ok(statement.query_row([id], Head::of)?)
}

/// Takes a message that was refused as a whole.
pub(super) fn refuse(moment: &Moment<'_>, document: &Document, refusal: &Refusal) -> Result<(), BankError> {
    let head = begin(moment, document, None)?;
    moment.rows.execute(
        "UPDATE orders SET refusal_code = ?2, refusal_text = ?3 WHERE id = ?1",
        params![head.id, refusal.code, refusal.text],
    )?;
    Ok(())
}

/// Takes a message; its answer follows in the same transaction.
pub(super) fn begin(
    moment: &Moment<'_>,
    document: &Document,
    information_id: Option<&Reference>,
) -> Result<Head, BankError> {
    let mut statement = moment.rows.prepare_cached(
        "INSERT INTO orders (reference, kind, body, information_id, status_reference, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING *",
    )?;
    let columns = params![
        document.reference,
        document.kind.name(),
        document.body,
        information_id.map(Reference::as_str),
        moment.draw("PSR")?,
        moment.at.micros(),
    ];
    Ok(statement.query_row(columns, Head::of)?)
}

/// Writes down what was answered.
pub(super) fn answer(moment: &Moment<'_>, id: i64, answer: &Document) -> Result<(), BankError> {
    moment.rows.execute(
        "UPDATE orders SET answer_kind = ?2, answer_reference = ?3, answer_body = ?4 WHERE id = ?1",
        params![id, answer.kind.name(), answer.reference, answer.body],
    )?;
    Ok(())
}

/// A payment of the order has changed: the next inquiry gets a new report.
pub(super) fn changed(moment: &Moment<'_>, id: i64) -> Result<(), BankError> {
    let status_reference = moment.draw("PSR")?;
    moment.rows.execute(
        "UPDATE orders SET status_reference = ?2, changed_at = ?3 WHERE id = ?1",
        params![id, status_reference, moment.at.micros()],
    )?;
    Ok(())
}

/// Remembers that a delivery was lost on purpose. True when it is the first of this reference.
pub(super) fn lose_once(moment: &Moment<'_>, reference: &str) -> Result<bool, BankError> {
    let sql = "INSERT INTO lost_requests (reference) VALUES (?1) ON CONFLICT DO NOTHING";
    Ok(moment.rows.execute(sql, [reference])? == 1)
}
