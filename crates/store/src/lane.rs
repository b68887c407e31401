//! Lanes: hot operations that are taken in slices.
//!
//! Requests of the same operation that wait at the same time are handed to one call, written with slice statements and committed
//! together. A refusal is an outcome, decided before any row is written; an error is a fault of the whole slice.

use crate::error::StoreError;
use crate::tx::Tx;

/// A hot operation.
pub trait Lane: Send + Sync + 'static {
    /// Name in metrics, such as `intake`.
    const NAME: &'static str;
    /// What is asked.
    type Request: Send + Sync + 'static;
    /// What is answered, refusals included.
    type Outcome: Send + 'static;

    /// Decides and writes a slice of 1 to [`vocab::limits::SLICE_MAX`] requests: one outcome for each, in the same order. May be run
    /// again, also with a part of the slice, when a transaction was rolled back. On PostgreSQL it runs at READ COMMITTED: rows that
    /// are read and then changed must be locked, in the order of their ids.
    fn run(&self, tx: &mut dyn Tx, slice: &[Self::Request]) -> Result<Vec<Self::Outcome>, StoreError>;
}

/// Why a request in a lane has no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaneError {
    /// [`vocab::limits::QUEUE_MAX`] requests wait already; nothing was stored, the caller should come back shortly.
    #[error("too many requests wait for the database; try again shortly")]
    Full,
    /// The store failed.
    #[error("the request could not be stored")]
    Failed(#[source] StoreError),
}
