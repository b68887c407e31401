//! Random walks through the state machine, held against what must be true of every payment, however people, workers and banks behave.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use payment::command::Command;
use payment::parts::Parts;
use payment::reason::Reason;
use payment::state::{State, StateName};
use payment::step::{Facts, step};
use proptest::prelude::*;
use vocab::id::{OrderId, PaymentId};
use vocab::money::{Amount, Currency, Money};
use vocab::time::{Date, Timestamp};

const ORDERED: i64 = 100;
const TODAY: Date = Date::constant(2026, 11, 23);

fn facts() -> Facts {
    let eur = Currency::from_code("EUR").unwrap();
    Facts {
        now: Timestamp::at_start_of(TODAY),
        ordered: Amount::new(Money::new(ORDERED, eur)).unwrap(),
    }
}

fn reasons() -> impl Strategy<Value = Reason> {
    prop::sample::select(vec!["AC04", "MS03", "CUST"]).prop_map(|code| Reason::of_bank(Some(code), None))
}

fn commands() -> impl Strategy<Value = Command> {
    let order = (1..3_i64).prop_map(OrderId::from_i64);
    let duplicate = prop::option::weighted(0.2, (1..9_i64).prop_map(PaymentId::from_i64));
    // The way forward is likelier than it would be by chance, so that walks come far.
    prop_oneof![
        3 => (duplicate, 1..4_u32).prop_map(|(duplicate_of, needed)| Command::Screen { duplicate_of, needed }),
        1 => (1..4_u32).prop_map(|needed| Command::ConfirmNotDuplicate { needed }),
        4 => any::<bool>().prop_map(|complete| Command::Approve { complete }),
        1 => reasons().prop_map(|reason| Command::Decline { reason }),
        1 => (1..4_u32).prop_map(|needed| Command::Change { needed }),
        4 => (-1..2_i8).prop_map(|days| Command::Queue { not_before: TODAY.saturating_add(jiff::Span::new().days(days)) }),
        6 => order.prop_map(|order| Command::BeginDispatch { order }),
        3 => Just(Command::BankAccepted),
        1 => reasons().prop_map(Command::BankRejected),
        3 => Just(Command::BankSilent),
        3 => Just(Command::FoundNotReceived),
        6 => prop::sample::select(vec![-5, 0, 1, 20, 40, 60, 100, 101, i64::MAX])
            .prop_map(|amount_minor| Command::Booked { amount_minor, on: TODAY }),
        1 => Just(Command::BookedTotal { on: TODAY }),
        2 => reasons().prop_map(|reason| Command::Return { on: TODAY, reason }),
        1 => reasons().prop_map(|reason| Command::Cancel { reason }),
        2 => Just(Command::RequestRecall),
        1 => reasons().prop_map(|reason| Command::RecallAccepted { reason }),
        1 => Just(Command::RecallRefused),
        1 => Just(Command::Expire),
    ]
}

/// What the walk remembers, independently of the state.
#[derive(Default)]
struct Memory {
    booked: i64,
    approved: bool,
    sent: u32,
    found_not_received: u32,
    order: Option<OrderId>,
}

impl Memory {
    fn note(&mut self, command: &Command, from: StateName) -> Result<(), TestCaseError> {
        match command {
            Command::Booked { amount_minor, .. } => self.booked += amount_minor,
            Command::BookedTotal { .. } => self.booked += ORDERED,
            Command::Approve { complete } => self.approved = *complete,
            Command::Change { .. } => self.approved = false,
            Command::FoundNotReceived if from == StateName::Unknown => self.found_not_received += 1,
            Command::BeginDispatch { order } => {
                prop_assert!(self.approved, "sent without approval of the present content");
                prop_assert_eq!(
                    *self.order.get_or_insert(*order),
                    *order,
                    "sent again under another reference"
                );
                self.sent += 1;
            }
            Command::Screen { .. }
            | Command::ConfirmNotDuplicate { .. }
            | Command::Decline { .. }
            | Command::Queue { .. }
            | Command::BankAccepted
            | Command::BankRejected(_)
            | Command::BankSilent
            | Command::FoundNotReceived
            | Command::Return { .. }
            | Command::Cancel { .. }
            | Command::RequestRecall
            | Command::RecallAccepted { .. }
            | Command::RecallRefused
            | Command::Expire => {}
        }
        Ok(())
    }

    fn holds(&self, state: &State) -> Result<(), TestCaseError> {
        prop_assert!(self.booked <= ORDERED, "more was booked than ordered");
        prop_assert!(
            self.sent <= 1 + self.found_not_received,
            "sent again although the bank might have it"
        );
        match state {
            State::Settled { .. } | State::Returned { .. } => prop_assert_eq!(self.booked, ORDERED),
            State::AcceptedByBank { booked_minor, .. } => prop_assert_eq!(self.booked, *booked_minor),
            State::Received { .. }
            | State::WaitingForApproval { .. }
            | State::Approved
            | State::Queued { .. }
            | State::Dispatching { .. }
            | State::Unknown { .. }
            | State::Rejected { .. }
            | State::Cancelled { .. }
            | State::Expired => prop_assert_eq!(self.booked, 0),
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_walk_settles_more_than_ordered_or_sends_twice_or_leaves_a_final_state(walk in prop::collection::vec(commands(), 1..60)) {
        let mut state = State::Received { duplicate_of: None };
        let mut memory = Memory::default();
        for command in &walk {
            let before = state.clone();
            let from = before.name();
            let Ok(done) = step(state, command, &facts()) else {
                state = before;
                continue;
            };
            state = done.state;
            if from.is_final() && state != before {
                prop_assert_eq!((from, state.name()), (StateName::Settled, StateName::Returned));
            }
            if state != before || matches!(command, Command::Approve { .. }) {
                memory.note(command, from)?;
            }
            memory.holds(&state)?;
            prop_assert_eq!(Parts::from_state(&state).into_state(ORDERED), Ok(state.clone()));
        }
    }
}
