//! The journey: one file per verb, and the only crate that opens transactions.
//!
//! Each operation reads, lets a pure rule decide, and writes rows, ledger, event and jobs in the same transaction. Nothing here knows
//! HTTP, SQL or a bank's protocol.
#![warn(missing_docs)]

pub mod access;
pub mod approve;
pub mod authenticate;
pub mod backup;
pub mod cancel;
pub mod change;
pub mod check;
pub mod clock;
mod collect;
mod compact;
pub mod console;
pub mod content;
mod count;
mod dispatch;
pub mod enrol;
mod event;
pub mod inbox;
mod inquire;
pub mod intake;
pub mod join;
pub mod links;
pub mod members;
pub mod once;
mod passwords;
pub mod platform;
pub mod pulse;
pub mod recall;
pub mod receipt;
pub mod reconcile;
mod record;
pub mod refusal;
pub mod resolve;
pub mod rights;
mod route;
pub mod seal;
mod send;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod single;
pub mod standing;
pub mod step_up;
mod sweep;
mod throttle;
pub mod upload;
pub mod view;
mod work;
pub mod worker;

pub use platform::{Platform, PlatformConfig};
pub use refusal::{Code, Error, Refusal};
