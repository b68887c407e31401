//! The answers "no" of the state machine: a stable code for programs, a sentence for people.

/// Why a command does nothing in the state a payment is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// It looks like an earlier payment and nobody has said yet that this is on purpose.
    #[error("the payment looks like an earlier one; confirm that it is meant to be paid a second time, or cancel it")]
    DuplicateQuestionOpen,
    /// There is no such question.
    #[error("nobody asked whether the payment is a duplicate; there is nothing to confirm")]
    NoDuplicateQuestion,
    /// Screening comes first.
    #[error("the payment has not been screened yet; try again in a moment")]
    NotScreened,
    /// Screening happens once.
    #[error("the payment has already been screened")]
    AlreadyScreened,
    /// Fewer than one or more than `limits::APPROVERS_MAX` approvers.
    #[error("a payment takes between 1 and {max} approvers", max = vocab::limits::APPROVERS_MAX)]
    ApproversOutOfRange,
    /// Nobody is asked to approve now.
    #[error("the payment does not wait for approval")]
    NotWaitingForApproval,
    /// Approval comes first.
    #[error("the payment has not been approved yet; collect the missing approvals first")]
    NotApproved,
    /// It stands in the queue already.
    #[error("the payment is already queued for the bank")]
    AlreadyQueued,
    /// Queueing comes first.
    #[error("the payment is not in the queue for the bank")]
    NotQueued,
    /// Its day has not come.
    #[error("the payment may not go to the bank before its day")]
    TooEarly,
    /// An informed resend must repeat the reference of the first attempt.
    #[error("the payment was sent before; send it again under the reference of that order and no other")]
    OtherOrder,
    /// It was sent once and goes out again with its order, whose content is fixed by its reference.
    #[error("the payment was sent once and goes to the bank again unchanged; recall it when the bank has accepted it")]
    SentBefore,
    /// The bank has it or may have it.
    #[error("the payment is already with the bank; only a recall can stop it now")]
    AlreadyAtBank,
    /// Sending again could pay twice.
    #[error("nobody knows whether the bank has the payment; inquire before doing anything else")]
    OutcomeUnknown,
    /// It never left the house, or is about to leave it again.
    #[error("the payment is not with a bank")]
    NotSent,
    /// Only what a bank has accepted can be recalled.
    #[error("the bank has not accepted the payment yet; wait for its answer")]
    NotAcceptedYet,
    /// The bank has accepted it, so it has received it.
    #[error("the bank has already accepted the payment, which contradicts this report; ask the bank")]
    AlreadyAccepted,
    /// Nobody asked the bank to cancel.
    #[error("the bank was not asked to cancel the payment")]
    NoRecallRequested,
    /// Part of it is already on a statement.
    #[error("a part of the payment has already been booked, which contradicts this; ask the bank")]
    PartlyBooked,
    /// A booking has a positive amount.
    #[error("a booking must be of more than zero")]
    NothingBooked,
    /// The bookings exceed the order.
    #[error("the bank has booked more than was ordered; ask the bank")]
    MoreThanOrdered,
    /// Only what was booked in full can come back.
    #[error("the payment has not been booked in full, so it cannot have come back")]
    NotSettled,
    /// Final.
    #[error("the payment has already been rejected")]
    AlreadyRejected,
    /// Final, except for a return.
    #[error("the payment has already been executed")]
    AlreadySettled,
    /// Final.
    #[error("the payment has already come back")]
    AlreadyReturned,
    /// Final.
    #[error("the payment has already been cancelled")]
    AlreadyCancelled,
    /// Final.
    #[error("the payment has expired; submit a new one")]
    AlreadyExpired,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Self; 27] = [
        Self::DuplicateQuestionOpen,
        Self::NoDuplicateQuestion,
        Self::NotScreened,
        Self::AlreadyScreened,
        Self::ApproversOutOfRange,
        Self::NotWaitingForApproval,
        Self::NotApproved,
        Self::AlreadyQueued,
        Self::NotQueued,
        Self::TooEarly,
        Self::OtherOrder,
        Self::SentBefore,
        Self::AlreadyAtBank,
        Self::OutcomeUnknown,
        Self::NotSent,
        Self::NotAcceptedYet,
        Self::AlreadyAccepted,
        Self::NoRecallRequested,
        Self::PartlyBooked,
        Self::NothingBooked,
        Self::MoreThanOrdered,
        Self::NotSettled,
        Self::AlreadyRejected,
        Self::AlreadySettled,
        Self::AlreadyReturned,
        Self::AlreadyCancelled,
        Self::AlreadyExpired,
    ];

    /// Stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::DuplicateQuestionOpen => "duplicate_question_open",
            Self::NoDuplicateQuestion => "no_duplicate_question",
            Self::NotScreened => "not_screened",
            Self::AlreadyScreened => "already_screened",
            Self::ApproversOutOfRange => "approvers_out_of_range",
            Self::NotWaitingForApproval => "not_waiting_for_approval",
            Self::NotApproved => "not_approved",
            Self::AlreadyQueued => "already_queued",
            Self::NotQueued => "not_queued",
            Self::TooEarly => "too_early",
            Self::OtherOrder => "other_order",
            Self::SentBefore => "sent_before",
            Self::AlreadyAtBank => "already_at_bank",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::NotSent => "not_sent",
            Self::NotAcceptedYet => "not_accepted_yet",
            Self::AlreadyAccepted => "already_accepted",
            Self::NoRecallRequested => "no_recall_requested",
            Self::PartlyBooked => "partly_booked",
            Self::NothingBooked => "nothing_booked",
            Self::MoreThanOrdered => "more_than_ordered",
            Self::NotSettled => "not_settled",
            Self::AlreadyRejected => "already_rejected",
            Self::AlreadySettled => "already_settled",
            Self::AlreadyReturned => "already_returned",
            Self::AlreadyCancelled => "already_cancelled",
            Self::AlreadyExpired => "already_expired",
        }
    }

    /// The sentence for people.
    pub fn sentence(self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_refusals_share_a_code() {
        let codes: BTreeSet<_> = Refusal::ALL.into_iter().map(Refusal::code).collect();
        assert_eq!(codes.len(), Refusal::ALL.len());
    }
}
