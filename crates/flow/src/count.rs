//! Counters of what committed transactions did. A transaction may run twice or be undone, so what it counts is kept with it and told
//! only when it is in the database.

use vocab::context::World;

/// One thing to count.
#[derive(Debug)]
pub(crate) enum Count {
    /// A payment came into a state.
    Transition {
        /// Test or live.
        world: World,
        /// The state.
        to: &'static str,
    },
    /// A statement line was explained, or not.
    Line {
        /// Test or live.
        world: World,
        /// The rule, or `exception`.
        rule: String,
    },
    /// Something was put before a person.
    Exception {
        /// Test or live.
        world: World,
        /// What kind of thing.
        code: String,
    },
    /// A contact with a bank ended.
    Contact {
        /// The way to the bank.
        channel: String,
        /// `send`, `inquire` or `recall`.
        kind: &'static str,
        /// `accepted`, `rejected`, `unknown`, `found` or `not_received`.
        outcome: &'static str,
    },
}

impl Count {
    /// Counts it in the process's recorder.
    pub(crate) fn tell(self) {
        match self {
            Self::Transition { world, to } => {
                metrics::counter!("countersign_payment_transitions_total", "world" => world.name(), "to" => to)
            }
            Self::Line { world, rule } => {
                metrics::counter!("countersign_statement_lines_total", "world" => world.name(), "rule" => rule)
            }
            Self::Exception { world, code } => {
                metrics::counter!("countersign_exceptions_opened_total", "world" => world.name(), "code" => code)
            }
            Self::Contact { channel, kind, outcome } => {
                metrics::counter!("countersign_bank_contacts_total", "channel" => channel, "kind" => kind, "outcome" => outcome)
            }
        }
        .increment(1);
    }
}
