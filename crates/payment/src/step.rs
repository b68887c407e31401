//! What a command does in a state: the one function through which a payment moves.
//!
//! `step` consumes the old state. It answers with the new one and the transitions to be written, which are none when a report says
//! again what is known already, or with a refusal; a bank's late or repeated report must never stop a worker. This file decides by
//! command; `by_people.rs` and `by_bank.rs` hold the rules. `tests/golden/state_matrix.txt` shows every combination.

use crate::command::Command;
use crate::refusal::Refusal;
use crate::state::{State, StateName};
use crate::{by_bank, by_people};
use vocab::money::Amount;
use vocab::time::Timestamp;

/// What a step needs to know beside the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The time of the operation.
    pub now: Timestamp,
    /// What was ordered.
    pub ordered: Amount,
}

/// One change of state, to be written with actor, time and reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Transition {
    /// Left.
    pub from: StateName,
    /// Entered.
    pub to: StateName,
}

/// The outcome of a command that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// In order; they chain from the old state's name to the new one's. Empty when the name stays the same, as with a repeated
    /// report (then the state is the same too) or a partial booking (then its data has changed).
    pub transitions: Vec<Transition>,
    /// The new state.
    pub state: State,
}

impl Step {
    /// Nothing happens: it is known already.
    pub(crate) fn stay(state: State) -> Self {
        Self {
            transitions: Vec::new(),
            state,
        }
    }

    /// From a state of this name to another state; no transition is noted when the name stays the same.
    pub(crate) fn to(from: StateName, state: State) -> Self {
        let to = state.name();
        let transitions = if from == to {
            Vec::new()
        } else {
            vec![Transition { from, to }]
        };
        Self { transitions, state }
    }

    /// By way of a state in between, which deserves its own entry in the journey.
    pub(crate) fn by_way_of(from: StateName, between: StateName, state: State) -> Self {
        let path = [from, between, state.name()];
        let pairs = path.iter().zip(path.iter().skip(1)).filter(|(from, to)| from != to);
        let transitions = pairs.map(|(from, to)| Transition { from: *from, to: *to }).collect();
        Self { transitions, state }
    }
}

/// Applies a command. A refusal leaves the payment as it was.
pub fn step(state: State, command: &Command, facts: &Facts) -> Result<Step, Refusal> {
    match command {
        Command::Screen { duplicate_of, needed } => by_people::screen(&state, *duplicate_of, *needed),
        Command::ConfirmNotDuplicate { needed } => by_people::confirm_not_duplicate(&state, *needed),
        Command::Approve { complete } => by_people::approve(state, *complete),
        Command::Decline { reason } => by_people::decline(&state, reason),
        Command::Change { needed } => by_people::change(&state, *needed),
        Command::Queue { not_before } => by_people::queue(&state, *not_before),
        Command::BeginDispatch { order } => by_people::begin_dispatch(&state, *order, facts.now),
        Command::Cancel { reason } => by_people::cancel(&state, reason),
        Command::RequestRecall => by_people::request_recall(state),
        Command::Expire => by_people::expire(state),
        Command::BankAccepted => by_bank::accepted(state),
        Command::BankRejected(reason) => by_bank::rejected(state, reason),
        Command::BankSilent => by_bank::silent(state),
        Command::FoundNotReceived => by_bank::not_received(state, facts.now),
        Command::Booked { amount_minor, on } => by_bank::booked(&state, *amount_minor, *on, facts.ordered),
        Command::BookedTotal { on } => by_bank::booked_total(&state, *on, facts.ordered),
        Command::Return { on, reason } => by_bank::returned(&state, *on, reason),
        Command::RecallAccepted { reason } => by_bank::recall_accepted(state, reason),
        Command::RecallRefused => by_bank::recall_refused(state),
    }
}
