//! The simulator: the real journey and the real store on SQLite, with everything around them drawn from a seed.
//!
//! Clock, random bytes, people, an application and banks are simulated, faults are planned, and an oracle that knows only requests,
//! answers and what banks saw judges each run. For development only.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm,
    missing_debug_implementations,
    reason = "a simulator stops at the first thing that it did not expect, and is looked at through its trace"
)]

pub mod action;
pub mod bank;
pub mod draw;
pub mod hook;
pub mod logs;
pub mod model;
mod oracle;
pub mod people;
pub mod plan;
pub mod planted;
pub mod random;
pub mod requests;
pub mod run;
pub mod shrink;
pub mod stage;
pub mod steps;
