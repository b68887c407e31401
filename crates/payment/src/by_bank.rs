//! The rules for what a bank says about a payment, one function per command.
//!
//! Reports come late, twice and out of order. What says again what is known, or less, changes nothing; what contradicts it is
//! refused, and `flow` puts it before a person. A payment that waits for an informed resend (`Queued` with `resend`) was sent once:
//! if the bank turns out to have it after all, its word is taken, or it would be sent a second time.

use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::state::{Recall, State, StateName};
use crate::step::Step;
use vocab::id::OrderId;
use vocab::money::Amount;
use vocab::time::{Date, Timestamp};

type Outcome = Result<Step, Refusal>;

pub(crate) fn accepted(state: State) -> Outcome {
    match state {
        State::Dispatching { order }
        | State::Unknown { order }
        | State::Queued {
            resend: Some(order), ..
        } => Ok(Step::to(
            state.name(),
            State::AcceptedByBank {
                order,
                booked_minor: 0,
                recall: Recall::None,
            },
        )),
        State::AcceptedByBank { .. } | State::Settled { .. } | State::Returned { .. } => Ok(Step::stay(state)),
        State::Received { .. } | State::WaitingForApproval { .. } | State::Approved => Err(Refusal::NotSent),
        State::Queued { resend: None, .. } | State::Expired => Err(Refusal::NotSent),
        // Perhaps only an older report that was overtaken; but if it is not, somebody would pay a second time.
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
    }
}

pub(crate) fn rejected(state: State, reason: &Reason) -> Outcome {
    match state {
        State::Dispatching { .. } | State::Unknown { .. } | State::Queued { resend: Some(_), .. } => {
            Ok(Step::to(state.name(), State::Rejected { reason: reason.clone() }))
        }
        State::AcceptedByBank { booked_minor: 0, .. } => {
            Ok(Step::to(state.name(), State::Rejected { reason: reason.clone() }))
        }
        State::AcceptedByBank { .. } => Err(Refusal::PartlyBooked),
        // After a cancellation some banks also reject: either way nothing moves.
        State::Rejected { .. } | State::Cancelled { .. } => Ok(Step::stay(state)),
        State::Received { .. } | State::WaitingForApproval { .. } | State::Approved => Err(Refusal::NotSent),
        State::Queued { resend: None, .. } | State::Expired => Err(Refusal::NotSent),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
    }
}

pub(crate) fn silent(state: State) -> Outcome {
    match state {
        State::Dispatching { order } => Ok(Step::to(state.name(), State::Unknown { order })),
        // Silence takes nothing back that the bank has said by another way in the meantime.
        State::Unknown { .. }
        | State::Queued { resend: Some(_), .. }
        | State::AcceptedByBank { .. }
        | State::Rejected { .. }
        | State::Settled { .. }
        | State::Returned { .. }
        | State::Cancelled { .. } => Ok(Step::stay(state)),
        State::Received { .. } | State::WaitingForApproval { .. } | State::Approved => Err(Refusal::NotSent),
        State::Queued { resend: None, .. } | State::Expired => Err(Refusal::NotSent),
    }
}

pub(crate) fn not_received(state: State, now: Timestamp) -> Outcome {
    match state {
        State::Unknown { order } => Ok(Step::to(
            state.name(),
            State::Queued {
                not_before: now.date(),
                resend: Some(order),
            },
        )),
        State::Queued { resend: Some(_), .. } => Ok(Step::stay(state)),
        // The attempt is not over: the answer to the inquiry may be older than the attempt.
        State::Dispatching { .. } => Err(Refusal::NotAcceptedYet),
        State::Received { .. } | State::WaitingForApproval { .. } | State::Approved => Err(Refusal::NotSent),
        State::Queued { resend: None, .. } | State::Expired => Err(Refusal::NotSent),
        State::AcceptedByBank { .. } => Err(Refusal::AlreadyAccepted),
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
    }
}

pub(crate) fn booked(state: &State, amount_minor: i64, on: Date, ordered: Amount) -> Outcome {
    let at_bank = bookable(state)?;
    if amount_minor <= 0 {
        return Err(Refusal::NothingBooked);
    }
    let sum = at_bank
        .booked_minor
        .checked_add(amount_minor)
        .ok_or(Refusal::MoreThanOrdered)?;
    book(
        state.name(),
        AtBank {
            booked_minor: sum,
            ..at_bank
        },
        on,
        ordered,
    )
}

pub(crate) fn booked_total(state: &State, on: Date, ordered: Amount) -> Outcome {
    let at_bank = bookable(state)?;
    if at_bank.booked_minor != 0 {
        return Err(Refusal::PartlyBooked);
    }
    book(
        state.name(),
        AtBank {
            booked_minor: ordered.minor(),
            ..at_bank
        },
        on,
        ordered,
    )
}

/// What is known of a payment that the bank has.
#[derive(Clone, Copy)]
struct AtBank {
    order: OrderId,
    booked_minor: i64,
    recall: Recall,
}

/// A statement is the bank's last word: it also resolves an attempt whose answer was lost.
fn bookable(state: &State) -> Result<AtBank, Refusal> {
    match state {
        State::Dispatching { order }
        | State::Unknown { order }
        | State::Queued {
            resend: Some(order), ..
        } => Ok(AtBank {
            order: *order,
            booked_minor: 0,
            recall: Recall::None,
        }),
        State::AcceptedByBank {
            order,
            booked_minor,
            recall,
        } => Ok(AtBank {
            order: *order,
            booked_minor: *booked_minor,
            recall: *recall,
        }),
        State::Received { .. } | State::WaitingForApproval { .. } | State::Approved => Err(Refusal::NotSent),
        State::Queued { resend: None, .. } | State::Expired => Err(Refusal::NotSent),
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        // A repeated line is recognised before it comes here; this one is a second execution.
        State::Settled { .. } => Err(Refusal::AlreadySettled),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
    }
}

/// What is booked was accepted, so the journey shows the acceptance even if the bank never reported it.
fn book(from: StateName, at_bank: AtBank, on: Date, ordered: Amount) -> Outcome {
    let AtBank {
        order,
        booked_minor,
        recall,
    } = at_bank;
    match booked_minor.cmp(&ordered.minor()) {
        std::cmp::Ordering::Less => Ok(Step::to(
            from,
            State::AcceptedByBank {
                order,
                booked_minor,
                recall,
            },
        )),
        std::cmp::Ordering::Equal => Ok(Step::by_way_of(
            from,
            StateName::AcceptedByBank,
            State::Settled { order, on },
        )),
        std::cmp::Ordering::Greater => Err(Refusal::MoreThanOrdered),
    }
}

pub(crate) fn returned(state: &State, on: Date, reason: &Reason) -> Outcome {
    match state {
        State::Settled { .. } => Ok(Step::to(
            state.name(),
            State::Returned {
                on,
                reason: reason.clone(),
            },
        )),
        State::Dispatching { .. } | State::Unknown { .. } | State::AcceptedByBank { .. } => Err(Refusal::NotSettled),
        State::Queued { resend: Some(_), .. } => Err(Refusal::NotSettled),
        State::Received { .. } | State::WaitingForApproval { .. } | State::Approved => Err(Refusal::NotSent),
        State::Queued { resend: None, .. } | State::Expired => Err(Refusal::NotSent),
        State::Rejected { .. } => Err(Refusal::AlreadyRejected),
        State::Returned { .. } => Err(Refusal::AlreadyReturned),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
    }
}

/// A bank may also cancel what it was asked to cancel by telephone, or what it never answered about: its word counts.
pub(crate) fn recall_accepted(state: State, reason: &Reason) -> Outcome {
    match state {
        State::Dispatching { .. }
        | State::Unknown { .. }
        | State::Queued { resend: Some(_), .. }
        | State::AcceptedByBank { booked_minor: 0, .. } => {
            Ok(Step::to(state.name(), State::Cancelled { reason: reason.clone() }))
        }
        State::AcceptedByBank { .. } => Err(Refusal::PartlyBooked),
        State::Cancelled { .. } | State::Rejected { .. } | State::Returned { .. } => Ok(Step::stay(state)),
        State::Received { .. } | State::WaitingForApproval { .. } | State::Approved => Err(Refusal::NotSent),
        State::Queued { resend: None, .. } | State::Expired => Err(Refusal::NotSent),
        State::Settled { .. } => Err(Refusal::AlreadySettled),
    }
}

pub(crate) fn recall_refused(state: State) -> Outcome {
    match state {
        State::AcceptedByBank {
            order,
            booked_minor,
            recall: Recall::Requested,
        } => Ok(Step::stay(State::AcceptedByBank {
            order,
            booked_minor,
            recall: Recall::Refused,
        })),
        State::AcceptedByBank {
            recall: Recall::Refused,
            ..
        } => Ok(Step::stay(state)),
        State::AcceptedByBank {
            recall: Recall::None, ..
        } => Err(Refusal::NoRecallRequested),
        // The usual answer when it was too late, or when there was nothing left to recall.
        State::Settled { .. } | State::Returned { .. } | State::Rejected { .. } => Ok(Step::stay(state)),
        State::Dispatching { .. } | State::Unknown { .. } => Err(Refusal::NoRecallRequested),
        State::Queued { resend: Some(_), .. } => Err(Refusal::NoRecallRequested),
        State::Received { .. } | State::WaitingForApproval { .. } | State::Approved => Err(Refusal::NotSent),
        State::Queued { resend: None, .. } | State::Expired => Err(Refusal::NotSent),
        State::Cancelled { .. } => Err(Refusal::AlreadyCancelled),
    }
}
