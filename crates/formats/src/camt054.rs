//! Notifications of booked entries (camt.054): read in versions .001.02 and .001.08, written for the simulated bank.
//!
//! A notification carries no balance and repeats what the statement will say: it tells early, it is never booked a second time.

use crate::finding::Finding;
use crate::statement::{self, Heading, Message, Version};
use crate::xml_writer::WriteError;
use vocab::exchange::{Statement, StatementKind};

const MESSAGE: Message = Message {
    kind: StatementKind::Notification,
    namespace: "urn:iso:std:iso:20022:tech:xsd:camt.054.001.",
    root: "BkToCstmrDbtCdtNtfctn",
    report: "Ntfctn",
    pagination: "NtfctnPgntn",
};

/// All notifications of a message, in its order. Fails with everything that is wrong; nothing of the message may be used then.
pub fn read(bytes: &[u8]) -> Result<Vec<Statement>, Vec<Finding>> {
    statement::read::read(&MESSAGE, bytes)
}

/// A message with these notifications. Version .02 has no `UETR`: it is left out there.
pub fn write(version: Version, heading: &Heading, statements: &[Statement]) -> Result<Vec<u8>, WriteError> {
    statement::write::write(&MESSAGE, version, heading, statements)
}
