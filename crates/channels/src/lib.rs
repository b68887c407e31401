//! The world out: ways to banks. Each implements the contract of `vocab::exchange` and knows transport, nothing of payments.
//!
//! The first is the simulated bank: a bank of its own, with its own listener and its own book, so that the whole journey can be
//! walked and tested without one that moves money. Nothing here imports `flow` or `store`.
#![warn(missing_docs)]

pub mod sandbox;
