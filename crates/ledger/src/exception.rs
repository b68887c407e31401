//! The exception list: what the cascade cannot explain with certainty, said so that a person can decide.

use std::fmt;
use vocab::id::PaymentId;

/// Something a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// What kind.
    pub code: ExceptionCode,
    /// What is wrong and what to do, for people. Without names and account numbers.
    pub sentence: String,
    /// The payment it is about, if one is known.
    pub payment: Option<PaymentId>,
}

/// The closed list of exceptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExceptionCode {
    /// The line is announced and not booked; nothing has moved.
    NotBooked,
    /// The line names nothing of ours.
    NotOurs,
    /// The line names references that no payment of this account has.
    UnknownReference,
    /// Its references name more than one payment.
    AmbiguousReference,
    /// The payment is of another account than the statement.
    OtherAccount,
    /// The amount or currency is not one that the payment can still have.
    AmountDiffers,
    /// The transactions of a line do not add up to it.
    DetailsDiffer,
    /// The payment is booked in full already.
    AlreadySettled,
    /// The payment has come back already.
    AlreadyReturned,
    /// Booked although the bank had rejected it.
    BookedAfterRejection,
    /// Booked although it was cancelled.
    BookedAfterCancellation,
    /// Booked although it was never sent.
    NeverSent,
    /// A collective booking whose count or total is not that of the order's payments.
    BatchTotalDiffers,
    /// A return of something that is not booked in full.
    ReturnNotSettled,
    /// A return of another amount than was booked.
    ReturnAmountDiffers,
    /// Money comes in under the reference of a payment, but nothing says that it is a return.
    CreditNotAReturn,
    /// The same statement came again with other content.
    StatementAltered,
    /// Statements are missing before this one.
    StatementGap,
    /// A statement's number was used before or is lower than expected.
    StatementOrder,
    /// It does not begin with the balance that the one before ended with.
    OpeningDiffers,
    /// Its lines do not lead from its opening to its closing balance.
    ClosingDiffers,
    /// It lacks a balance.
    BalanceMissing,
    /// Lines or balances in another currency than the account's.
    StatementCurrency,
    /// A status report contradicts what is known of the payment.
    ReportContradicts,
}

impl ExceptionCode {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::NotBooked,
        Self::NotOurs,
        Self::UnknownReference,
        Self::AmbiguousReference,
        Self::OtherAccount,
        Self::AmountDiffers,
        Self::DetailsDiffer,
        Self::AlreadySettled,
        Self::AlreadyReturned,
        Self::BookedAfterRejection,
        Self::BookedAfterCancellation,
        Self::NeverSent,
        Self::BatchTotalDiffers,
        Self::ReturnNotSettled,
        Self::ReturnAmountDiffers,
        Self::CreditNotAReturn,
        Self::StatementAltered,
        Self::StatementGap,
        Self::StatementOrder,
        Self::OpeningDiffers,
        Self::ClosingDiffers,
        Self::BalanceMissing,
        Self::StatementCurrency,
        Self::ReportContradicts,
    ];

    /// As rows, the API and pages write it. Stable.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotBooked => "not_booked",
            Self::NotOurs => "not_ours",
            Self::UnknownReference => "unknown_reference",
            Self::AmbiguousReference => "ambiguous_reference",
            Self::OtherAccount => "other_account",
            Self::AmountDiffers => "amount_differs",
            Self::DetailsDiffer => "details_differ",
            Self::AlreadySettled => "already_settled",
            Self::AlreadyReturned => "already_returned",
            Self::BookedAfterRejection => "booked_after_rejection",
            Self::BookedAfterCancellation => "booked_after_cancellation",
            Self::NeverSent => "never_sent",
            Self::BatchTotalDiffers => "batch_total_differs",
            Self::ReturnNotSettled => "return_not_settled",
            Self::ReturnAmountDiffers => "return_amount_differs",
            Self::CreditNotAReturn => "credit_not_a_return",
            Self::StatementAltered => "statement_altered",
            Self::StatementGap => "statement_gap",
            Self::StatementOrder => "statement_order",
            Self::OpeningDiffers => "opening_differs",
            Self::ClosingDiffers => "closing_differs",
            Self::BalanceMissing => "balance_missing",
            Self::StatementCurrency => "statement_currency",
            Self::ReportContradicts => "report_contradicts",
        }
    }

    /// Back from a row.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }

    /// Whether documents that arrive later may explain the line after all. Such lines are explained again after each arrival, which
    /// makes the result independent of the order in which a bank's documents come.
    pub fn may_resolve_itself(self) -> bool {
        match self {
            // The booking may come after the return, the rejection of a member after the batch.
            Self::ReturnNotSettled | Self::BatchTotalDiffers => true,
            Self::NotBooked
            | Self::NotOurs
            | Self::UnknownReference
            | Self::AmbiguousReference
            | Self::OtherAccount
            | Self::AmountDiffers
            | Self::DetailsDiffer
            | Self::AlreadySettled
            | Self::AlreadyReturned
            | Self::BookedAfterRejection
            | Self::BookedAfterCancellation
            | Self::NeverSent
            | Self::ReturnAmountDiffers
            | Self::CreditNotAReturn
            | Self::StatementAltered
            | Self::StatementGap
            | Self::StatementOrder
            | Self::OpeningDiffers
            | Self::ClosingDiffers
            | Self::BalanceMissing
            | Self::StatementCurrency
            | Self::ReportContradicts => false,
        }
    }
}

impl fmt::Display for ExceptionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Exception {
    pub(crate) fn about(code: ExceptionCode, payment: Option<PaymentId>, sentence: impl Into<String>) -> Self {
        Self {
            code,
            sentence: sentence.into(),
            payment,
        }
    }
}
