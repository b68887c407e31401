//! Torture: the real binary with its bank in processes of their own, signed payments from several connections, and everything that
//! breaks in a machine room: killed servers, killed databases, cut lines, full disks, moved clocks.
//!
//! What is judged is what a customer could judge: the requests, the answers that were given, the public log, and what the bank says
//! that it did. How to read a violation is in docs/torture.md.

#![expect(
    clippy::indexing_slicing,
    reason = "answers in JSON are read by name: what is not there is null, never a panic"
)]

pub mod args;
mod bank;
mod chance;
mod disk;
mod ending;
mod faults;
mod judge;
mod kinds;
mod load;
mod log;
mod overload;
mod planted;
mod program;
mod proxy;
mod report;
mod run;
mod site;
mod witness;

pub use planted::Bug;
pub use report::{Report, Violation};
pub use run::{planted, run};

/// Why something could not be done: a [`Violation`] of what the product promises, or anything else that went wrong.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
