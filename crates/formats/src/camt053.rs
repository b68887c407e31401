//! Account statements (camt.053): read in versions .001.02 and .001.08, written for the simulated bank.
//!
//! A statement is complete in itself: opening balance and booked lines give the closing balance, else the message is refused.

use crate::finding::Finding;
use crate::statement::{self, Heading, Message, Version};
use crate::xml_writer::WriteError;
use vocab::exchange::{Statement, StatementKind};

const MESSAGE: Message = Message {
    kind: StatementKind::EndOfDay,
    namespace: "urn:iso:std:iso:20022:tech:xsd:camt.053.001.",
    root: "BkToCstmrStmt",
    report: "Stmt",
    pagination: "StmtPgntn",
};

/// All statements of a message, in its order. Fails with everything that is wrong; nothing of the message may be used then.
pub fn read(bytes: &[u8]) -> Result<Vec<Statement>, Vec<Finding>> {
    statement::read::read(&MESSAGE, bytes)
}

/// A message with these statements. Version .02 has no `UETR`: it is left out there.
pub fn write(version: Version, heading: &Heading, statements: &[Statement]) -> Result<Vec<u8>, WriteError> {
    statement::write::write(&MESSAGE, version, heading, statements)
}
