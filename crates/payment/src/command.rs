//! What can be asked of a payment: by people, by the platform's own workers, and by the bank through its reports and statements.

use crate::reason::Reason;
use vocab::id::{OrderId, PaymentId};
use vocab::time::Date;

/// One command. `step` says what it does in each state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Right after receipt: ask about a possible duplicate, or go on to approval.
    Screen {
        /// The earlier payment this one looks like.
        duplicate_of: Option<PaymentId>,
        /// How many approvers it takes.
        needed: u32,
    },
    /// A person says: this is a second payment on purpose.
    ConfirmNotDuplicate {
        /// How many approvers it takes.
        needed: u32,
    },
    /// One more member has approved.
    Approve {
        /// Whether these are enough now, as `approval::decide` counted.
        complete: bool,
    },
    /// A member who may approve says no.
    Decline {
        /// Why.
        reason: Reason,
    },
    /// The content was changed: what was approved is void. A payment that was not yet screened has to be screened (again).
    Change {
        /// How many approvers the new content takes.
        needed: u32,
    },
    /// Goes into the queue for the bank.
    Queue {
        /// May travel from this day on.
        not_before: Date,
    },
    /// The attempt is being written; the bank is contacted after this is durable.
    BeginDispatch {
        /// The order it travels in.
        order: OrderId,
    },
    /// The bank says it has the payment.
    BankAccepted,
    /// The bank says it will not execute the payment.
    BankRejected(Reason),
    /// The bank did not answer, or not intelligibly.
    BankSilent,
    /// The bank is certain that it never received the order.
    FoundNotReceived,
    /// A statement line shows (a part of) the payment.
    Booked {
        /// How much of it, in minor units of the ordered currency, positive.
        amount_minor: i64,
        /// Booking date.
        on: Date,
    },
    /// A collective booking contains the whole payment.
    BookedTotal {
        /// Booking date.
        on: Date,
    },
    /// The whole amount came back.
    Return {
        /// Booking date.
        on: Date,
        /// Why.
        reason: Reason,
    },
    /// Withdraw it before it travels.
    Cancel {
        /// Why.
        reason: Reason,
    },
    /// The bank is being asked to cancel it.
    RequestRecall,
    /// The bank has cancelled it.
    RecallAccepted {
        /// Why.
        reason: Reason,
    },
    /// The bank says no to the request to cancel.
    RecallRefused,
    /// Nobody decided in time.
    Expire,
}

impl Command {
    /// As golden files and events write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Screen { .. } => "screen",
            Self::ConfirmNotDuplicate { .. } => "confirm_not_duplicate",
            Self::Approve { .. } => "approve",
            Self::Decline { .. } => "decline",
            Self::Change { .. } => "change",
            Self::Queue { .. } => "queue",
            Self::BeginDispatch { .. } => "begin_dispatch",
            Self::BankAccepted => "bank_accepted",
            Self::BankRejected(_) => "bank_rejected",
            Self::BankSilent => "bank_silent",
            Self::FoundNotReceived => "found_not_received",
            Self::Booked { .. } => "booked",
            Self::BookedTotal { .. } => "booked_total",
            Self::Return { .. } => "return",
            Self::Cancel { .. } => "cancel",
            Self::RequestRecall => "request_recall",
            Self::RecallAccepted { .. } => "recall_accepted",
            Self::RecallRefused => "recall_refused",
            Self::Expire => "expire",
        }
    }
}
