//! Rows: the only crate with SQL, on SQLite and on PostgreSQL, from the same texts.
//!
//! A `Store` runs synchronous, re-runnable closures over a [`Tx`] on threads of its own. Hot operations go
//! through a [`Lane`], which takes waiting requests in slices. One file per noun holds that noun's statements.
#![warn(missing_docs)]

mod desk;
mod engine;
mod error;
mod lane;
mod migrate;
mod schema;
mod tx;

#[cfg(feature = "faults")]
pub use engine::{Fate, Faults};
pub use engine::{Scratch, Store, StoreConfig};
pub use error::{OpenError, StoreError};
pub use lane::{Lane, LaneError, LaneHandle};
pub use migrate::{Migration, MigrationEngine};
pub use schema::MIGRATIONS;
pub use tx::{Batch, Column, Dialect, Row, Sql, Tx, Value};

pub mod accounts;
pub mod approvals;
pub mod audit;
pub mod backups;
pub mod batches;
pub mod console;
pub mod credentials;
pub mod digests;
pub mod documents;
pub mod entries;
pub mod events;
pub mod exceptions;
pub mod facts;
pub mod ids;
pub mod jobs;
pub mod journal;
pub mod links;
pub mod log;
pub mod members;
pub mod orders;
pub mod organizations;
pub mod payments;
pub mod policies;
pub mod requests;
pub mod scan;
pub mod scope;
pub mod sealed;
pub mod sessions;
pub mod statements;
pub mod step_ups;
pub mod throttles;
pub mod whole;
