//! The whole state machine on one page: every state, every command, what becomes of it.
//!
//! The page is `tests/golden/state_matrix.txt`; after an intended change run the test with `UPDATE_GOLDEN=1` and read the difference.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and a golden test reads its page"
)]

use payment::command::Command;
use payment::reason::Reason;
use payment::state::{Recall, State};
use payment::step::{Facts, Step, step};
use std::fmt::Write;
use std::path::Path;
use vocab::id::{OrderId, PaymentId};
use vocab::money::{Amount, Currency, Money};
use vocab::time::{Date, Timestamp};

const TODAY: Date = Date::constant(2026, 11, 23);
const TOMORROW: Date = Date::constant(2026, 11, 24);
const ORDERED: i64 = 100;

fn states() -> Vec<(&'static str, State)> {
    let order = OrderId::from_i64(1);
    let reason = || Reason::new("AC04", "the account is closed");
    let accepted = |booked_minor, recall| State::AcceptedByBank {
        order,
        booked_minor,
        recall,
    };
    vec![
        ("received", State::Received { duplicate_of: None }),
        (
            "received, asked about a duplicate",
            State::Received {
                duplicate_of: Some(PaymentId::from_i64(7)),
            },
        ),
        ("waiting_for_approval", State::WaitingForApproval { needed: 2 }),
        ("approved", State::Approved),
        (
            "queued",
            State::Queued {
                not_before: TODAY,
                resend: None,
            },
        ),
        (
            "queued until tomorrow",
            State::Queued {
                not_before: TOMORROW,
                resend: None,
            },
        ),
        (
            "queued, sent before in order 1",
            State::Queued {
                not_before: TODAY,
                resend: Some(order),
            },
        ),
        ("dispatching", State::Dispatching { order }),
        ("unknown", State::Unknown { order }),
        ("accepted_by_bank", accepted(0, Recall::None)),
        ("accepted_by_bank, recall requested", accepted(0, Recall::Requested)),
        ("accepted_by_bank, recall refused", accepted(0, Recall::Refused)),
        ("accepted_by_bank, 40 of 100 booked", accepted(40, Recall::None)),
        (
            "accepted_by_bank, 40 of 100 booked, recall requested",
            accepted(40, Recall::Requested),
        ),
        ("rejected", State::Rejected { reason: reason() }),
        ("settled", State::Settled { order, on: TODAY }),
        (
            "returned",
            State::Returned {
                on: TODAY,
                reason: reason(),
            },
        ),
        ("cancelled", State::Cancelled { reason: reason() }),
        ("expired", State::Expired),
    ]
}

fn commands() -> Vec<(&'static str, Command)> {
    let reason = || Reason::new("MS03", "the bank does not give the reason");
    let booked = |amount_minor| Command::Booked {
        amount_minor,
        on: TOMORROW,
    };
    vec![
        (
            "screen: nothing found",
            Command::Screen {
                duplicate_of: None,
                needed: 2,
            },
        ),
        (
            "screen: looks like another",
            Command::Screen {
                duplicate_of: Some(PaymentId::from_i64(8)),
                needed: 2,
            },
        ),
        (
            "screen: 0 approvers",
            Command::Screen {
                duplicate_of: None,
                needed: 0,
            },
        ),
        (
            "screen: 6 approvers",
            Command::Screen {
                duplicate_of: None,
                needed: 6,
            },
        ),
        ("confirm_not_duplicate", Command::ConfirmNotDuplicate { needed: 2 }),
        ("approve: not the last", Command::Approve { complete: false }),
        ("approve: complete", Command::Approve { complete: true }),
        ("decline", Command::Decline { reason: reason() }),
        ("change", Command::Change { needed: 1 }),
        ("queue", Command::Queue { not_before: TODAY }),
        (
            "begin_dispatch: order 1",
            Command::BeginDispatch {
                order: OrderId::from_i64(1),
            },
        ),
        (
            "begin_dispatch: order 2",
            Command::BeginDispatch {
                order: OrderId::from_i64(2),
            },
        ),
        ("bank_accepted", Command::BankAccepted),
        ("bank_rejected", Command::BankRejected(reason())),
        ("bank_silent", Command::BankSilent),
        ("found_not_received", Command::FoundNotReceived),
        ("booked: 0", booked(0)),
        ("booked: 40", booked(40)),
        ("booked: 60", booked(60)),
        ("booked: 100", booked(100)),
        ("booked: 101", booked(101)),
        ("booked_total", Command::BookedTotal { on: TOMORROW }),
        (
            "return",
            Command::Return {
                on: TOMORROW,
                reason: reason(),
            },
        ),
        ("cancel", Command::Cancel { reason: reason() }),
        ("request_recall", Command::RequestRecall),
        ("recall_accepted", Command::RecallAccepted { reason: reason() }),
        ("recall_refused", Command::RecallRefused),
        ("expire", Command::Expire),
    ]
}

fn facts() -> Facts {
    let eur = Currency::from_code("EUR").unwrap();
    Facts {
        now: Timestamp::at_start_of(TODAY),
        ordered: Amount::new(Money::new(ORDERED, eur)).unwrap(),
    }
}

/// The data of a state, short enough for a page.
fn data(state: &State) -> String {
    match state {
        State::Received { duplicate_of: Some(_) } => "asks about a duplicate".to_owned(),
        State::Received { duplicate_of: None } => "to be screened".to_owned(),
        State::WaitingForApproval { needed } => format!("needs {needed}"),
        State::Queued { not_before, resend } => match resend {
            Some(order) => format!("from {not_before}, again in order {}", order.to_i64()),
            None => format!("from {not_before}"),
        },
        State::Dispatching { order } | State::Unknown { order } => format!("order {}", order.to_i64()),
        State::AcceptedByBank {
            order,
            booked_minor,
            recall,
        } => {
            format!(
                "order {}, {booked_minor} booked, recall {}",
                order.to_i64(),
                recall.name()
            )
        }
        State::Rejected { reason } | State::Cancelled { reason } => reason.code().to_owned(),
        State::Settled { order, on } => format!("order {}, on {on}", order.to_i64()),
        State::Returned { on, reason } => format!("on {on}, {}", reason.code()),
        State::Approved | State::Expired => String::new(),
    }
}

fn outcome(state: &State, command: &Command) -> String {
    match step(state.clone(), command, &facts()) {
        Err(refusal) => format!("no: {}", refusal.code()),
        Ok(Step {
            transitions,
            state: new,
        }) if transitions.is_empty() && new == *state => "known".to_owned(),
        Ok(Step {
            transitions,
            state: new,
        }) => {
            let path: String = transitions
                .iter()
                .map(|transition| format!("-> {} ", transition.to))
                .collect();
            let path = if path.is_empty() { "stays ".to_owned() } else { path };
            format!("{path}({})", data(&new)).replace(" ()", "")
        }
    }
}

#[test]
fn golden_state_matrix() {
    let mut page = String::from("100 minor units are ordered; today is 2026-11-23.\n");
    for (title, state) in states() {
        writeln!(page, "\n{title}").unwrap();
        for (name, command) in commands() {
            writeln!(page, "  {name:<28}{}", outcome(&state, &command)).unwrap();
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/state_matrix.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        golden == page,
        "the state machine differs from {}; run with UPDATE_GOLDEN=1 and read the difference",
        path.display()
    );
}

#[test]
fn the_transitions_of_a_step_lead_from_the_old_name_to_the_new_one() {
    for (title, state) in states() {
        for (name, command) in commands() {
            let old = state.name();
            let Ok(Step {
                transitions,
                state: new,
            }) = step(state.clone(), &command, &facts())
            else {
                continue;
            };
            let mut at = old;
            for transition in &transitions {
                assert_eq!(transition.from, at, "{title}, {name}");
                assert_ne!(transition.from, transition.to, "{title}, {name}");
                at = transition.to;
            }
            assert_eq!(at, new.name(), "{title}, {name}");
        }
    }
}

#[test]
fn the_same_report_twice_is_never_an_error() {
    let reports = [
        Command::BankAccepted,
        Command::BankRejected(Reason::new("AC04", "")),
        Command::BankSilent,
        Command::FoundNotReceived,
        Command::RecallAccepted {
            reason: Reason::new("CUST", ""),
        },
        Command::RecallRefused,
    ];
    for (title, state) in states() {
        for report in &reports {
            let Ok(once) = step(state.clone(), report, &facts()) else {
                continue;
            };
            let twice = step(once.state.clone(), report, &facts());
            assert_eq!(
                twice,
                Ok(Step {
                    transitions: vec![],
                    state: once.state
                }),
                "{title}, {}",
                report.name()
            );
        }
    }
}
