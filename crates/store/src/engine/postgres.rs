//! PostgreSQL: a few writers and readers, each a plain thread with a connection of its own.
//!
//! The client blocks and must never be called from an async task; these threads are the only place that holds one.

mod bind;
mod connect;
mod fault;
mod scratch;
mod session;
mod whole;

pub(crate) use connect::PostgresAddress;
pub use scratch::Scratch;
pub(crate) use session::PostgresSession;
