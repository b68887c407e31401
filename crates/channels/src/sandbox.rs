//! The simulated bank: takes pain.001 and camt.055, answers, executes on business days, and reports by pain.002, camt.054 and
//! camt.053 like a bank would, from a book of accounts of its own.
//!
//! It lives in the test world: plain HTTP on loopback, a clock that its callers move, and magic creditor accounts for what can go
//! wrong. The same seed and the same calls give the same bytes. How to use it is in `docs/guides/simulated-bank.md`.

mod accounts;
mod bank;
mod book;
mod channel;
mod days;
mod documents;
mod due;
mod entries;
mod listener;
mod magic;
mod mailbox;
mod orders;
mod payments;
mod recall;
mod reception;
mod reports;
mod wire;

pub use bank::{Bank, BankConfig, BankError, Faults, RunningBank};
pub use channel::{ChannelError, SandboxChannel, SandboxError};
pub use magic::{MAGIC, Magic};
