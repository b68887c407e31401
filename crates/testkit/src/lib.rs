//! For tests only: a platform on a temporary database of either engine, an organization that can pay, and a clock that tests move.
#![warn(missing_docs)]

pub mod caller;
pub mod channel;
pub mod database;
pub mod house;
pub mod time;
pub mod transfers;
