//! Bugs that are planted to see that they are found. None is in the product: the binary under test is the real one, and what is wrong is
//! the world that it was promised, or what a crash leaves behind.

use crate::args::{Engines, Fault};

/// A planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// What the database file held some moments before the crash is all that is left of it: answers were given before their commit was
    /// durable. (SQLite)
    AnswersBeforeCommit,
    /// PostgreSQL answers before its commits are on the disk, and then loses its processes.
    AsynchronousCommit,
    /// The primary does not wait for its standby, and then the standby takes over.
    AsynchronousStandby,
    /// Every order reaches the bank twice, the second time under another name.
    DoubleDelivery,
}

impl Bug {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::AnswersBeforeCommit,
        Self::AsynchronousCommit,
        Self::AsynchronousStandby,
        Self::DoubleDelivery,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::AnswersBeforeCommit => "answers-before-commit",
            Self::AsynchronousCommit => "asynchronous-commit",
            Self::AsynchronousStandby => "asynchronous-standby",
            Self::DoubleDelivery => "double-delivery",
        }
    }

    /// The fault that shows it, and the engine.
    pub fn shown_by(self) -> (Fault, Engines) {
        match self {
            Self::AnswersBeforeCommit | Self::DoubleDelivery => (Fault::Kill, Engines::Sqlite),
            Self::AsynchronousCommit => (Fault::Database, Engines::Postgres),
            Self::AsynchronousStandby => (Fault::Failover, Engines::Postgres),
        }
    }

    /// What is found of it, in words that stand in the violation.
    pub fn found_as(self) -> &'static [&'static str] {
        match self {
            Self::AnswersBeforeCommit | Self::AsynchronousCommit | Self::AsynchronousStandby => &[
                "every acknowledged payment is there",
                "a payment is in the state it was acknowledged in, or a later one",
                "the log continues from the last checkpoint that was published before",
                "a repeated submission gets the same answer",
                "a repeated approval gets the same answer",
                "an approval of what was taken in counts",
                "an acknowledged payment can be read",
                "a payment never goes back",
                "`countersign log check` finds everything as it was recorded",
            ],
            Self::DoubleDelivery => &["nothing is executed twice at the bank"],
        }
    }

    /// The bug of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|bug| bug.name() == name)
    }
}
