//! The journey: one file per verb, and the only crate that opens transactions.
//!
//! Each operation reads, lets a pure rule decide, and writes rows, ledger, event and jobs in the same transaction. Nothing here knows
//! HTTP, SQL or a bank's protocol.
#![warn(missing_docs)]

pub mod authenticate;
pub mod content;
mod event;
pub mod intake;
pub mod platform;
pub mod refusal;
pub mod standing;
mod work;

pub use platform::{Platform, PlatformConfig};
pub use refusal::{Code, Error, Refusal};
