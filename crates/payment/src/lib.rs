//! The rules of one payment: which states it can be in, who must approve it, when it looks like a second payment of the same bill.
//!
//! Pure. Every function decides about plain data that `flow` has read, and says what shall become of it; nothing here reads a
//! clock, draws a number or writes a row.
#![deny(clippy::wildcard_enum_match_arm)]
#![warn(missing_docs)]

pub mod approval;
mod by_bank;
mod by_people;
pub mod change;
pub mod command;
pub mod duplicate;
pub mod parts;
pub mod policy;
pub mod reason;
pub mod refusal;
pub mod state;
pub mod step;
