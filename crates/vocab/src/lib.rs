//! The words of the trade: values that every other crate speaks in.
//!
//! Pure. A value of one of these types is valid by construction; parsing happens once, at the edge.
//! Nothing here knows about rows, messages or people's screens.
#![deny(clippy::arithmetic_side_effects)]
#![warn(missing_docs)]

pub mod account;
pub mod context;
pub mod exchange;
pub mod id;
pub mod limits;
pub mod money;
pub mod party;
pub mod reference;
pub mod secret;
pub mod time;
pub mod transfer;
