//! The API from outside: a real platform on a temporary database, real signatures, the real router.

mod access;
mod answers;
mod batches;
mod feed;
mod health;
mod listener;
mod lists;
mod log;
mod payments;
mod repeats;
mod statements;
mod support;
