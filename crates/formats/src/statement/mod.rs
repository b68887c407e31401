//! What camt.053 (statement) and camt.054 (notification) have in common, versions .02 and .08, in both directions.
//!
//! Signs: `CdtDbtInd` says what the entry does to the balance, for reversals too. The message definition reports of both versions
//! say that `CRDT` with `RvslInd` true reverses an earlier debit. So a sign is read once and never flipped by `RvslInd`.

pub(crate) mod balance;
pub(crate) mod detail;
pub(crate) mod entry;
pub(crate) mod read;
pub(crate) mod write;

use vocab::exchange::StatementKind;
use vocab::reference::Reference;
use vocab::time::Timestamp;

/// Version of a message, by its last two digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `.001.02`, of 2009.
    V02,
    /// `.001.08`, of 2019.
    V08,
}

/// Head of a written message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// `MsgId`: the bank's reference of the message.
    pub message_id: Reference,
    /// `CreDtTm`
    pub created_at: Timestamp,
}

/// The names in which the two messages differ.
#[derive(Debug)]
pub(crate) struct Message {
    /// What its reports are.
    pub(crate) kind: StatementKind,
    /// Namespace up to the version.
    pub(crate) namespace: &'static str,
    /// The element below `Document`.
    pub(crate) root: &'static str,
    /// The element of one report.
    pub(crate) report: &'static str,
    /// The element that numbers the pages of one report (.08).
    pub(crate) pagination: &'static str,
}

impl Message {
    /// The whole namespace.
    pub(crate) fn namespace(&self, version: Version) -> String {
        let digits = match version {
            Version::V02 => "02",
            Version::V08 => "08",
        };
        format!("{}{digits}", self.namespace)
    }
}
