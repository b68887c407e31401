//! Who asks, for whom, in which world, and when: the context every operation is given.

use crate::id::{ClientId, MemberId, OrganizationId, RequestId};
use crate::time::Timestamp;
use std::fmt;

/// Test rows and live rows never meet; the key that signed a request decides which it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum World {
    /// Simulated banks, a clock that can be moved.
    Test,
    /// Real money.
    Live,
}

impl World {
    /// `test` or `live`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// As rows hold it: 0 or 1.
    pub fn to_i64(self) -> i64 {
        match self {
            Self::Test => 0,
            Self::Live => 1,
        }
    }

    /// Back from a row.
    pub fn from_i64(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Test),
            1 => Some(Self::Live),
            _ => None,
        }
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A person.
    Member(MemberId),
    /// An application.
    Client(ClientId),
    /// The platform itself, for example a worker that the clock set off.
    System,
    /// The bank, speaking through a report or a statement.
    Bank,
}

impl fmt::Display for Actor {
    /// The id, or `system`, or `bank`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(id) => fmt::Display::fmt(id, f),
            Self::Client(id) => fmt::Display::fmt(id, f),
            Self::System => f.write_str("system"),
            Self::Bank => f.write_str("bank"),
        }
    }
}

impl std::str::FromStr for Actor {
    type Err = crate::id::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "system" => Ok(Self::System),
            "bank" => Ok(Self::Bank),
            id if id.starts_with("app_") => id.parse().map(Self::Client),
            id => id.parse().map(Self::Member),
        }
    }
}

/// The whose, who and when of one operation. No row can be reached without it.
#[derive(Clone, Copy, Debug)]
pub struct Ctx {
    /// The tenant.
    pub organization: OrganizationId,
    /// Test or live.
    pub world: World,
    /// Who asks.
    pub actor: Actor,
    /// The id shown to the caller, in logs and in events.
    pub request: RequestId,
    /// The time of the operation, drawn once (the test clock in the test world).
    pub now: Timestamp,
}
