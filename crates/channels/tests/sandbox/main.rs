//! The simulated bank from outside: a bank that runs in this process, called through the channel that the journey uses.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod accounts;
mod delivery;
mod front;
mod guide;
mod magic;
mod recall;
mod statements;
mod world;
