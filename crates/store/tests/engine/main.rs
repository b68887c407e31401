//! The engines behind the store, tested with the same bodies on SQLite and on PostgreSQL.

#![expect(
    clippy::disallowed_methods,
    reason = "tests start threads and tasks, wait for them and read where PostgreSQL is"
)]

#[cfg(test)]
mod durability;
#[cfg(test)]
mod lanes;
#[cfg(test)]
mod loss;
#[cfg(test)]
mod opening;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod transactions;
