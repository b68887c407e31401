//! The contract with a bank: documents out, receipts back, documents in.
//!
//! A channel carries documents and knows transport, nothing of payments. Its calls block; a worker gives each its own thread. Every
//! call carries a reference that was stored durably before the call, so that an unknown outcome can be inquired about.

use crate::account::AccountNumber;
use crate::money::Money;
use crate::time::{Date, Timestamp};

/// The kinds of document that travel over a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocumentKind {
    /// pain.001: order credit transfers.
    Pain001,
    /// pain.002: status report.
    Pain002,
    /// camt.053: end-of-day statement.
    Camt053,
    /// camt.054: notification of booked entries.
    Camt054,
    /// camt.055: request to cancel.
    Camt055,
    /// camt.029: answer to a request to cancel.
    Camt029,
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Pain001,
        Self::Pain002,
        Self::Camt053,
        Self::Camt054,
        Self::Camt055,
        Self::Camt029,
    ];

    /// The message name, such as `pain.002`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pain001 => "pain.001",
            Self::Pain002 => "pain.002",
            Self::Camt053 => "camt.053",
            Self::Camt054 => "camt.054",
            Self::Camt055 => "camt.055",
            Self::Camt029 => "camt.029",
        }
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// Our own reference (outgoing) or the bank's (incoming): unique among documents of its direction.
    pub reference: String,
    /// The XML, UTF-8.
    pub body: Vec<u8>,
}

/// What became of a document that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// The bank has it; its answer says more, possibly payment by payment.
    Accepted(Document),
    /// The bank refused the document as a whole; nothing of it will be executed.
    Rejected {
        /// Reason code of the bank, such as `FF01`.
        code: String,
        /// The bank's words.
        text: String,
    },
    /// Nobody knows: no answer, or one that could not be read. Must be inquired about, never resent blindly.
    Unknown(String),
}

/// What the bank answered when asked about a reference of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inquiry {
    /// It knows the document; this is the status.
    Found(Document),
    /// It is certain that it never received it and will never execute it unless sent again.
    NotReceived,
    /// No answer.
    Unknown(String),
}

/// Documents that were waiting at the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// In the bank's order.
    pub documents: Vec<Document>,
    /// Where to go on next time. Stored together with the effect of the documents.
    pub cursor: i64,
}

/// The bank could not be reached; asking again is safe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bank could not be reached: {0}")]
pub struct Unreachable(pub String);

/// A way to one bank. Implementations block and have a deadline of their own for every call.
pub trait Channel: Send + Sync {
    /// Name in policies, rows and pages, such as `sandbox`.
    fn name(&self) -> &'static str;

    /// Whether it moves no real money. A live world refuses such a channel.
    fn simulated(&self) -> bool;

    /// Hands a document over. `now` is the time of the world the payment lives in.
    fn send(&self, document: &Document, now: Timestamp) -> Receipt;

    /// Asks what became of the document sent under this reference.
    fn inquire(&self, reference: &str, now: Timestamp) -> Inquiry;

    /// Takes up to `limit` documents after the cursor; 0 is the beginning.
    fn collect(&self, cursor: i64, limit: usize, now: Timestamp) -> Result<Collected, Unreachable>;
}

/// What a bank says about a payment (`TxSts`, `GrpSts`), reduced to what the journey needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BankStatus {
    /// In progress or accepted: RCVD, ACTC, ACCP, ACSP, ACWC, PDNG, PATC, ACFC.
    Accepted,
    /// Booked: ACSC, ACCC.
    Executed,
    /// Refused: RJCT.
    Rejected,
    /// Cancelled on request: CANC.
    Cancelled,
    /// Some accepted, some not; the payments' own status decides: PART.
    Partial,
}

/// A status report (pain.002), read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReport {
    /// The bank's message id.
    pub message_id: String,
    /// `OrgnlMsgId`: our reference of the order.
    pub original_message_id: String,
    /// Status of the whole order, if given.
    pub group: Option<ReportedStatus>,
    /// Status of single payments.
    pub payments: Vec<PaymentReport>,
}

/// A status with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedStatus {
    /// What it means.
    pub status: BankStatus,
    /// The bank's own code, such as `ACSP`.
    pub code: String,
    /// Reason code, such as `AC04`, if given.
    pub reason: Option<String>,
    /// Further words, if given.
    pub text: Option<String>,
}

/// The status of one payment of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentReport {
    /// `OrgnlInstrId`: our payment id in its text form.
    pub instruction_id: Option<String>,
    /// `OrgnlEndToEndId`.
    pub end_to_end_id: Option<String>,
    /// What the bank says.
    pub status: ReportedStatus,
}

/// An answer to a request to cancel (camt.029), read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecallAnswer {
    /// The bank's message id (assignment id).
    pub message_id: String,
    /// `OrgnlInstrId`: our payment id in its text form, if given.
    pub instruction_id: Option<String>,
    /// `OrgnlEndToEndId`, if given.
    pub end_to_end_id: Option<String>,
    /// True when the bank has cancelled (CNCL), false when it refused (RJCR) and `None` while it is pending (PDCR).
    pub cancelled: Option<bool>,
    /// Reason code, if given.
    pub reason: Option<String>,
}

/// What kind of account report a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatementKind {
    /// camt.053: booked lines with opening and closing balance.
    EndOfDay,
    /// camt.054: lines only, never a statement to book from twice.
    Notification,
}

/// An account statement or notification, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// camt.053 or camt.054.
    pub kind: StatementKind,
    /// `Id` of the statement within the bank.
    pub identification: String,
    /// `ElctrncSeqNb`, else `LglSeqNb`: a gap shows a missing statement.
    pub sequence: Option<i64>,
    /// Whose account.
    pub account: AccountNumber,
    /// The day (`ToDtTm`, else creation) it covers.
    pub covers: Date,
    /// Balance before the first line (OPBD or PRCD). Never in a notification.
    pub opening: Option<Money>,
    /// Balance after the last line (CLBD). Never in a notification.
    pub closing: Option<Money>,
    /// In the order of the message.
    pub lines: Vec<StatementLine>,
}

/// One entry (`Ntry`) of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// Signed: credits positive, debits negative. A reversal has the sign of what it does to the balance.
    pub amount: Money,
    /// `BOOK` lines count; others are information.
    pub booked: bool,
    /// `RvslInd`.
    pub reversal: bool,
    /// Booking date.
    pub booked_on: Date,
    /// Value date.
    pub value_on: Option<Date>,
    /// `AcctSvcrRef`: the bank's own reference, the same in the notification and in the statement.
    pub servicer_reference: Option<String>,
    /// `NtryRef`.
    pub entry_reference: Option<String>,
    /// Bank transaction code, `PMNT.ICDT.ESCT` or proprietary.
    pub transaction_code: Option<String>,
    /// Batch information (`NtryDtls/Btch`), if this is a collective booking.
    pub batch: Option<BatchInformation>,
    /// The single transactions behind the line.
    pub details: Vec<LineDetail>,
    /// `AddtlNtryInf`.
    pub information: Option<String>,
}

/// What a collective booking says about its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchInformation {
    /// `MsgId` of the order.
    pub message_id: Option<String>,
    /// `PmtInfId` of the order.
    pub payment_information_id: Option<String>,
    /// Number of transactions.
    pub count: Option<u64>,
    /// `TtlAmt`, signed like the line.
    pub total: Option<Money>,
}

/// One transaction (`TxDtls`) behind a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineDetail {
    /// Signed like the line, in the account's currency; `None` when the message gives none.
    pub amount: Option<Money>,
    /// `MsgId`.
    pub message_id: Option<String>,
    /// `PmtInfId`.
    pub payment_information_id: Option<String>,
    /// `InstrId`: our payment id in its text form.
    pub instruction_id: Option<String>,
    /// `EndToEndId`, unless `NOTPROVIDED`.
    pub end_to_end_id: Option<String>,
    /// `UETR`.
    pub uetr: Option<String>,
    /// `AcctSvcrRef`.
    pub servicer_reference: Option<String>,
    /// Return reason (`RtrInf/Rsn/Cd`), which makes this a return.
    pub return_reason: Option<String>,
    /// Structured reference, else unstructured text.
    pub remittance: Option<String>,
}
