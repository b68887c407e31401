//! The states of a payment. Each carries what is true only then, so that a settled payment without an order cannot be written down.
//!
//! [`State`] is what a payment is, [`StateName`] the bare name for rows, filters and pages. How one becomes another is in
//! `step.rs`; the golden file `tests/golden/state_matrix.txt` shows all of it.

use crate::reason::Reason;
use std::fmt;
use std::str::FromStr;
use vocab::id::{OrderId, PaymentId};
use vocab::time::Date;

/// Where a payment stands, with what is known about it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Came in and was found well-formed.
    Received {
        /// The earlier payment it looks like: somebody is asked whether this is a second payment on purpose.
        duplicate_of: Option<PaymentId>,
    },
    /// Waits for people.
    WaitingForApproval {
        /// How many distinct approvers it takes, 1 to `limits::APPROVERS_MAX`.
        needed: u32,
    },
    /// Enough people have approved exactly this content.
    Approved,
    /// Waits for its day.
    Queued {
        /// It may travel to the bank from this day on.
        not_before: Date,
        /// The order it was in before, when the bank is certain that it never received that: it is sent again under the same
        /// reference and no other, so that a message which turns up late after all is recognised by the bank.
        resend: Option<OrderId>,
    },
    /// The attempt is written durably and the bank is being contacted.
    Dispatching {
        /// The order it travels in.
        order: OrderId,
    },
    /// The bank did not answer. Nobody knows; it is inquired about, never resent blindly.
    Unknown {
        /// The order it travelled in.
        order: OrderId,
    },
    /// The bank has it and has not (wholly) booked it.
    AcceptedByBank {
        /// The order it travelled in.
        order: OrderId,
        /// The part already seen on statements, in minor units: 0 or more, less than ordered.
        booked_minor: i64,
        /// Whether the bank was asked to cancel it.
        recall: Recall,
    },
    /// It will not be executed: declined by an approver or refused by the bank.
    Rejected {
        /// Why.
        reason: Reason,
    },
    /// Booked in full.
    Settled {
        /// The order it travelled in.
        order: OrderId,
        /// Booking date of the line that completed it.
        on: Date,
    },
    /// Was settled and came back.
    Returned {
        /// Booking date of the return.
        on: Date,
        /// Why.
        reason: Reason,
    },
    /// Withdrawn: before dispatch by ourselves, later by the bank at our request.
    Cancelled {
        /// Why.
        reason: Reason,
    },
    /// Nobody decided in time.
    Expired,
}

/// Whether the bank was asked to cancel a payment it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recall {
    /// Not asked.
    None,
    /// Asked; no answer yet.
    Requested,
    /// Asked; the bank said no. It can be asked again.
    Refused,
}

impl Recall {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Requested, Self::Refused];

    /// `none`, `requested` or `refused`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Requested => "requested",
            Self::Refused => "refused",
        }
    }

    /// As rows hold it. Stable.
    pub fn code(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Requested => 1,
            Self::Refused => 2,
        }
    }

    /// Back from a row.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|recall| recall.code() == code)
    }
}

impl State {
    /// The bare name.
    pub fn name(&self) -> StateName {
        match self {
            Self::Received { .. } => StateName::Received,
            Self::WaitingForApproval { .. } => StateName::WaitingForApproval,
            Self::Approved => StateName::Approved,
            Self::Queued { .. } => StateName::Queued,
            Self::Dispatching { .. } => StateName::Dispatching,
            Self::Unknown { .. } => StateName::Unknown,
            Self::AcceptedByBank { .. } => StateName::AcceptedByBank,
            Self::Rejected { .. } => StateName::Rejected,
            Self::Settled { .. } => StateName::Settled,
            Self::Returned { .. } => StateName::Returned,
            Self::Cancelled { .. } => StateName::Cancelled,
            Self::Expired => StateName::Expired,
        }
    }

    /// The order the payment travels or travelled in, as far as this state still tells.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::Queued { resend, .. } => *resend,
            Self::Dispatching { order }
            | Self::Unknown { order }
            | Self::AcceptedByBank { order, .. }
            | Self::Settled { order, .. } => Some(*order),
            Self::Received { .. }
            | Self::WaitingForApproval { .. }
            | Self::Approved
            | Self::Rejected { .. }
            | Self::Returned { .. }
            | Self::Cancelled { .. }
            | Self::Expired => None,
        }
    }

    /// Why it ended, for the states that have a reason.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Rejected { reason } | Self::Returned { reason, .. } | Self::Cancelled { reason } => Some(reason),
            Self::Received { .. }
            | Self::WaitingForApproval { .. }
            | Self::Approved
            | Self::Queued { .. }
            | Self::Dispatching { .. }
            | Self::Unknown { .. }
            | Self::AcceptedByBank { .. }
            | Self::Settled { .. }
            | Self::Expired => None,
        }
    }
}

/// The name of a state, in the order of the journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateName {
    /// See [`State::Received`].
    Received,
    /// See [`State::WaitingForApproval`].
    WaitingForApproval,
    /// See [`State::Approved`].
    Approved,
    /// See [`State::Queued`].
    Queued,
    /// See [`State::Dispatching`].
    Dispatching,
    /// See [`State::Unknown`].
    Unknown,
    /// See [`State::AcceptedByBank`].
    AcceptedByBank,
    /// See [`State::Rejected`].
    Rejected,
    /// See [`State::Settled`].
    Settled,
    /// See [`State::Returned`].
    Returned,
    /// See [`State::Cancelled`].
    Cancelled,
    /// See [`State::Expired`].
    Expired,
}

/// A text that names no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a state of a payment; write for example `waiting_for_approval` or `settled`")]
pub struct NotAState;

impl StateName {
    /// All, in the order of the journey.
    pub const ALL: [Self; 12] = [
        Self::Received,
        Self::WaitingForApproval,
        Self::Approved,
        Self::Queued,
        Self::Dispatching,
        Self::Unknown,
        Self::AcceptedByBank,
        Self::Rejected,
        Self::Settled,
        Self::Returned,
        Self::Cancelled,
        Self::Expired,
    ];

    /// As the API, events and golden files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::WaitingForApproval => "waiting_for_approval",
            Self::Approved => "approved",
            Self::Queued => "queued",
            Self::Dispatching => "dispatching",
            Self::Unknown => "unknown",
            Self::AcceptedByBank => "accepted_by_bank",
            Self::Rejected => "rejected",
            Self::Settled => "settled",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// As rows hold it. Stable for ever; a new state gets a new number.
    pub fn code(self) -> i64 {
        match self {
            Self::Received => 1,
            Self::WaitingForApproval => 2,
            Self::Approved => 3,
            Self::Queued => 4,
            Self::Dispatching => 5,
            Self::Unknown => 6,
            Self::AcceptedByBank => 7,
            Self::Rejected => 8,
            Self::Settled => 9,
            Self::Returned => 10,
            Self::Cancelled => 11,
            Self::Expired => 12,
        }
    }

    /// Back from a row.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether the journey ends here. The one way on from a final state is from settled to returned.
    pub fn is_final(self) -> bool {
        match self {
            Self::Rejected | Self::Settled | Self::Returned | Self::Cancelled | Self::Expired => true,
            Self::Received
            | Self::WaitingForApproval
            | Self::Approved
            | Self::Queued
            | Self::Dispatching
            | Self::Unknown
            | Self::AcceptedByBank => false,
        }
    }

    /// Whether the payment can still be changed or cancelled without asking the bank (unless it is queued for a resend).
    pub fn is_before_dispatch(self) -> bool {
        match self {
            Self::Received | Self::WaitingForApproval | Self::Approved | Self::Queued => true,
            Self::Dispatching
            | Self::Unknown
            | Self::AcceptedByBank
            | Self::Rejected
            | Self::Settled
            | Self::Returned
            | Self::Cancelled
            | Self::Expired => false,
        }
    }

    /// What it means, for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Received => "The payment has arrived and is being looked at.",
            Self::WaitingForApproval => "The payment waits for people to approve it.",
            Self::Approved => "Enough people have approved the payment.",
            Self::Queued => "The payment waits for the day on which it goes to the bank.",
            Self::Dispatching => "The payment is on its way to the bank.",
            Self::Unknown => "The bank has not answered; it is being asked what became of the payment.",
            Self::AcceptedByBank => "The bank has accepted the payment and will execute it.",
            Self::Rejected => "The payment was refused and will not be executed.",
            Self::Settled => "The bank has executed the payment.",
            Self::Returned => "The payment was executed and the money came back.",
            Self::Cancelled => "The payment was withdrawn and will not be executed.",
            Self::Expired => "Nobody decided about the payment in time; it will not be executed.",
        }
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for StateName {
    type Err = NotAState;

    fn from_str(text: &str) -> Result<Self, NotAState> {
        Self::ALL
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or(NotAState)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_every_number_lead_back_to_their_state() {
        for state in StateName::ALL {
            assert_eq!(state.name().parse(), Ok(state));
            assert_eq!(StateName::from_code(state.code()), Some(state));
        }
        assert_eq!("settled ".parse::<StateName>(), Err(NotAState));
        assert_eq!(StateName::from_code(0), None);
    }
}
