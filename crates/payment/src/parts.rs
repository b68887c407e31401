//! A state taken apart into plain columns, and put together again with every check: the pair that `flow` and `store` keep it with.
//!
//! Reading back refuses what `step` could never have written, so that a row changed behind our back is noticed at once.

use crate::reason::Reason;
use crate::state::{Recall, State, StateName};
use vocab::id::{OrderId, PaymentId};
use vocab::time::Date;

/// The columns of a state; a column that the state does not have is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Which state.
    pub name: StateName,
    /// Of `received`: the question about a duplicate.
    pub duplicate_of: Option<PaymentId>,
    /// Of `waiting_for_approval`: how many approvers.
    pub needed: Option<u32>,
    /// Of `queued`: from which day on. Of `settled` and `returned`: the booking date.
    pub on: Option<Date>,
    /// Of `queued` (resend), `dispatching`, `unknown`, `accepted_by_bank` and `settled`.
    pub order: Option<OrderId>,
    /// Of `accepted_by_bank`: the part already booked, in minor units.
    pub booked_minor: Option<i64>,
    /// Of `accepted_by_bank`.
    pub recall: Option<Recall>,
    /// Of `rejected`, `returned` and `cancelled`.
    pub reason: Option<Reason>,
}

/// The columns do not make a state: one is missing, or one is there that the state does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored columns do not make the state `{0}`; the row was altered or written by another version")]
pub struct NotThisState(pub StateName);

impl Parts {
    fn of(name: StateName) -> Self {
        Self {
            name,
            duplicate_of: None,
            needed: None,
            on: None,
            order: None,
            booked_minor: None,
            recall: None,
            reason: None,
        }
    }

    /// Takes a state apart.
    pub fn from_state(state: &State) -> Self {
        let bare = Self::of(state.name());
        match state.clone() {
            State::Received { duplicate_of } => Self { duplicate_of, ..bare },
            State::WaitingForApproval { needed } => Self {
                needed: Some(needed),
                ..bare
            },
            State::Approved | State::Expired => bare,
            State::Queued { not_before, resend } => Self {
                on: Some(not_before),
                order: resend,
                ..bare
            },
            State::Dispatching { order } | State::Unknown { order } => Self {
                order: Some(order),
                ..bare
            },
            State::AcceptedByBank {
                order,
                booked_minor,
                recall,
            } => Self {
                order: Some(order),
                booked_minor: Some(booked_minor),
                recall: Some(recall),
                ..bare
            },
            State::Rejected { reason } | State::Cancelled { reason } => Self {
                reason: Some(reason),
                ..bare
            },
            State::Settled { order, on } => Self {
                order: Some(order),
                on: Some(on),
                ..bare
            },
            State::Returned { on, reason } => Self {
                on: Some(on),
                reason: Some(reason),
                ..bare
            },
        }
    }

    /// Puts the state together again. `ordered_minor` is what was ordered: no more than that can be booked.
    pub fn into_state(self, ordered_minor: i64) -> Result<State, NotThisState> {
        let refused = NotThisState(self.name);
        let state = self.clone().assemble(ordered_minor).ok_or(refused)?;
        // A column that the state does not have would be lost here, and so is noticed.
        if Self::from_state(&state) == self {
            Ok(state)
        } else {
            Err(refused)
        }
    }

    fn assemble(self, ordered_minor: i64) -> Option<State> {
        Some(match self.name {
            StateName::Received => State::Received {
                duplicate_of: self.duplicate_of,
            },
            StateName::WaitingForApproval => {
                let needed = self
                    .needed
                    .filter(|needed| (1..=vocab::limits::APPROVERS_MAX).contains(needed))?;
                State::WaitingForApproval { needed }
            }
            StateName::Approved => State::Approved,
            StateName::Queued => State::Queued {
                not_before: self.on?,
                resend: self.order,
            },
            StateName::Dispatching => State::Dispatching { order: self.order? },
            StateName::Unknown => State::Unknown { order: self.order? },
            StateName::AcceptedByBank => {
                let booked_minor = self.booked_minor.filter(|booked| (0..ordered_minor).contains(booked))?;
                State::AcceptedByBank {
                    order: self.order?,
                    booked_minor,
                    recall: self.recall?,
                }
            }
            StateName::Rejected => State::Rejected { reason: self.reason? },
            StateName::Settled => State::Settled {
                order: self.order?,
                on: self.on?,
            },
            StateName::Returned => State::Returned {
                on: self.on?,
                reason: self.reason?,
            },
            StateName::Cancelled => State::Cancelled { reason: self.reason? },
            StateName::Expired => State::Expired,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_step_could_not_have_written_are_refused() {
        let order = OrderId::from_i64(1);
        let accepted = Parts::from_state(&State::AcceptedByBank {
            order,
            booked_minor: 40,
            recall: Recall::None,
        });
        let wrong = [
            Parts {
                order: None,
                ..accepted.clone()
            },
            Parts {
                booked_minor: Some(100),
                ..accepted.clone()
            },
            Parts {
                booked_minor: Some(-1),
                ..accepted.clone()
            },
            Parts {
                needed: Some(2),
                ..accepted.clone()
            },
            Parts {
                name: StateName::Settled,
                ..accepted.clone()
            },
            Parts {
                name: StateName::Approved,
                ..accepted.clone()
            },
            Parts {
                needed: Some(0),
                ..Parts::of(StateName::WaitingForApproval)
            },
            Parts::of(StateName::Rejected),
        ];
        for parts in wrong {
            let name = parts.name;
            assert_eq!(parts.into_state(100), Err(NotThisState(name)));
        }
        assert!(accepted.into_state(100).is_ok());
    }
}
