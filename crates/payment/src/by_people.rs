//! The rules for what people and the platform's own workers ask of a payment, one function per command.
//!
//! Every match names every state: a new state does not compile until each rule has said what it means there.

use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::state::{Recall, State};
use crate::step::Step;
use vocab::id::{OrderId, PaymentId};
use vocab::limits;
use vocab::time::{Date, Timestamp};

type Outcome = Result<Step, Refusal>;

pub(crate) fn screen(state: &State, duplicate_of: Option<PaymentId>, needed: u32) -> Outcome {
    let needed = approvers(needed)?;
    match state {
        State::Received { duplicate_of: Some(_) } => Err(Refusal::DuplicateQuestionOpen),
        State::Received { duplicate_of: None } => match duplicate_of {
            Some(_) => Ok(Step::stay(State::Received { duplicate_of })),
            None => Ok(Step::to(state.name(), State::WaitingForApproval { needed })),
        },
        State::WaitingForApproval { .. } | State::Approved | State::Queued { .. } => Err(Refusal::AlreadyScreened),
        State::Dispatching { .. } | State::Unknown { .. } | State::AcceptedByBank { .. } => {
            Err(Refusal::AlreadyScreened)
        }
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
        State::Expired => Err(Refusal::AlreadyExpired),
    }
}

pub(crate) fn confirm_not_duplicate(state: &State, needed: u32) -> Outcome {
    let needed = approvers(needed)?;
    match state {
        State::Received { duplicate_of: Some(_) } => Ok(Step::to(state.name(), State::WaitingForApproval { needed })),
        State::Received { duplicate_of: None } => Err(Refusal::NotScreened),
        State::WaitingForApproval { .. } | State::Approved | State::Queued { .. } => Err(Refusal::NoDuplicateQuestion),
        State::Dispatching { .. } | State::Unknown { .. } | State::AcceptedByBank { .. } => {
            Err(Refusal::NoDuplicateQuestion)
        }
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
        State::Expired => Err(Refusal::AlreadyExpired),
    }
}

pub(crate) fn approve(state: State, complete: bool) -> Outcome {
    waiting(&state)?;
    if complete {
        Ok(Step::to(state.name(), State::Approved))
    } else {
        Ok(Step::stay(state))
    }
}

pub(crate) fn decline(state: &State, reason: &Reason) -> Outcome {
    waiting(state)?;
    Ok(Step::to(state.name(), State::Rejected { reason: reason.clone() }))
}

/// Whether people are asked to approve now.
fn waiting(state: &State) -> Result<(), Refusal> {
    match state {
        State::WaitingForApproval { .. } => Ok(()),
        State::Received { duplicate_of: Some(_) } => Err(Refusal::DuplicateQuestionOpen),
        State::Received { duplicate_of: None } => Err(Refusal::NotScreened),
        State::Approved | State::Queued { .. } => Err(Refusal::NotWaitingForApproval),
        State::Dispatching { .. } | State::AcceptedByBank { .. } => Err(Refusal::AlreadyAtBank),
        State::Unknown { .. } => Err(Refusal::OutcomeUnknown),
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
        State::Expired => Err(Refusal::AlreadyExpired),
    }
}

pub(crate) fn change(state: &State, needed: u32) -> Outcome {
    let needed = approvers(needed)?;
    match state {
        // Other content may be no duplicate any more, or one of another payment: it is screened again.
        State::Received { .. } => Ok(Step::stay(State::Received { duplicate_of: None })),
        State::WaitingForApproval { .. } | State::Approved | State::Queued { resend: None, .. } => {
            Ok(Step::to(state.name(), State::WaitingForApproval { needed }))
        }
        // The bank may still find the first message; two contents under one reference could not be told apart.
        State::Queued { resend: Some(_), .. } => Err(Refusal::SentBefore),
        State::Dispatching { .. } | State::AcceptedByBank { .. } => Err(Refusal::AlreadyAtBank),
        State::Unknown { .. } => Err(Refusal::OutcomeUnknown),
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
        State::Expired => Err(Refusal::AlreadyExpired),
    }
}

pub(crate) fn queue(state: &State, not_before: Date) -> Outcome {
    match state {
        State::Approved => Ok(Step::to(
            state.name(),
            State::Queued {
                not_before,
                resend: None,
            },
        )),
        State::Received { .. } | State::WaitingForApproval { .. } => Err(Refusal::NotApproved),
        State::Queued { .. } => Err(Refusal::AlreadyQueued),
        State::Dispatching { .. } | State::AcceptedByBank { .. } => Err(Refusal::AlreadyAtBank),
        State::Unknown { .. } => Err(Refusal::OutcomeUnknown),
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
        State::Expired => Err(Refusal::AlreadyExpired),
    }
}

pub(crate) fn begin_dispatch(state: &State, order: OrderId, now: Timestamp) -> Outcome {
    match state {
        State::Queued { not_before, resend } => {
            if now.date() < *not_before {
                return Err(Refusal::TooEarly);
            }
            if resend.is_some_and(|first| first != order) {
                return Err(Refusal::OtherOrder);
            }
            Ok(Step::to(state.name(), State::Dispatching { order }))
        }
        State::Received { .. } | State::WaitingForApproval { .. } | State::Approved => Err(Refusal::NotQueued),
        // Also when a worker died in the middle: whoever takes over says `BankSilent` and inquires.
        State::Dispatching { .. } | State::AcceptedByBank { .. } => Err(Refusal::AlreadyAtBank),
        State::Unknown { .. } => Err(Refusal::OutcomeUnknown),
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
        State::Expired => Err(Refusal::AlreadyExpired),
    }
}

pub(crate) fn cancel(state: &State, reason: &Reason) -> Outcome {
    match state {
        State::Received { .. }
        | State::WaitingForApproval { .. }
        | State::Approved
        | State::Queued { resend: None, .. } => Ok(Step::to(state.name(), State::Cancelled { reason: reason.clone() })),
        // It goes out again as a part of its order, whose message must stay the same under the same reference.
        State::Queued { resend: Some(_), .. } => Err(Refusal::SentBefore),
        State::Dispatching { .. } | State::AcceptedByBank { .. } => Err(Refusal::AlreadyAtBank),
        State::Unknown { .. } => Err(Refusal::OutcomeUnknown),
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
        State::Expired => Err(Refusal::AlreadyExpired),
    }
}

pub(crate) fn request_recall(state: State) -> Outcome {
    match state {
        State::AcceptedByBank {
            booked_minor: 0,
            recall: Recall::Requested,
            ..
        } => Ok(Step::stay(state)),
        State::AcceptedByBank {
            order,
            booked_minor: 0,
            recall: Recall::None | Recall::Refused,
        } => Ok(Step::stay(State::AcceptedByBank {
            order,
            booked_minor: 0,
            recall: Recall::Requested,
        })),
        State::AcceptedByBank { .. } => Err(Refusal::PartlyBooked),
        State::Received { .. } | State::WaitingForApproval { .. } | State::Approved | State::Queued { .. } => {
            Err(Refusal::NotSent)
        }
        State::Dispatching { .. } | State::Unknown { .. } => Err(Refusal::NotAcceptedYet),
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
        State::Expired => Err(Refusal::AlreadyExpired),
    }
}

pub(crate) fn expire(state: State) -> Outcome {
    match state {
        State::Received { .. } | State::WaitingForApproval { .. } => Ok(Step::to(state.name(), State::Expired)),
        // The clock may strike twice.
        State::Expired => Ok(Step::stay(state)),
        State::Approved | State::Queued { .. } => Err(Refusal::NotWaitingForApproval),
        State::Dispatching { .. } | State::AcceptedByBank { .. } => Err(Refusal::AlreadyAtBank),
        State::Unknown { .. } => Err(Refusal::OutcomeUnknown),
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
    }
}

fn approvers(needed: u32) -> Result<u32, Refusal> {
    if (1..=limits::APPROVERS_MAX).contains(&needed) {
        Ok(needed)
    } else {
        Err(Refusal::ApproversOutOfRange)
    }
}
