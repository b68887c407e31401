//! The books: double entry, holds, and what the bank's statements have to do with our payments.
//!
//! Pure. Every entry balances in every currency or cannot be made; every line of a statement is explained exactly once or goes to
//! a person. Nothing here guesses: what is not certain is an exception.
#![deny(clippy::arithmetic_side_effects)]
#![deny(clippy::wildcard_enum_match_arm)]
#![warn(missing_docs)]

pub mod account;
mod batch;
pub mod candidates;
pub mod exception;
mod fee;
pub mod hold;
pub mod identity;
pub mod journal;
mod lookup;
pub mod matching;
pub mod posting;
pub mod statement;
