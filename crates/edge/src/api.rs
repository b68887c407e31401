//! The HTTP API: one file per noun under [`v1`], and what all of them need to read requests and write answers.
//!
//! Wire types are their own: nothing of the rules or the rows is serialised, so that neither can change what callers see.

pub(crate) mod body;
pub(crate) mod findings;
pub(crate) mod id;
pub(crate) mod page;
pub(crate) mod query;
pub(crate) mod reply;
mod shape;
pub(crate) mod v1;
