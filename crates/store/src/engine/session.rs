//! A connection that runs transactions: what both engines offer to the workers.
//!
//! A session remembers the first failure of the transaction in progress, so that no closure can swallow a conflict and have half of
//! its work committed.

use crate::engine::wire::Wire;
use crate::error::StoreError;
use crate::tx::Tx;

/// What a transaction needs of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Read only, all statements see the same moment.
    Snapshot,
    /// A slice: PostgreSQL runs it at READ COMMITTED with explicit row locks.
    Slice,
    /// As if alone.
    Serializable,
}

/// A connection with at most one transaction in progress.
pub(crate) trait Session: Tx {
    /// Makes sure that there is a connection. An error means: not now.
    fn ready(&mut self) -> Result<(), StoreError>;

    /// Starts a transaction and forgets the last failure.
    fn begin(&mut self, isolation: Isolation) -> Result<(), StoreError>;

    /// Commits. The only place where an outcome can be unknown.
    fn commit(&mut self) -> Result<(), StoreError>;

    /// Ends the transaction without effect, whatever its state.
    fn rollback(&mut self);

    /// The first failure since `begin`.
    fn failure(&self) -> Option<&StoreError>;

    /// Whether the connection broke, so that another attempt on a new one makes sense.
    fn lost(&self) -> bool;

    /// The wire to a simulator, where there is one.
    fn wire(&self) -> Wire {
        Wire::default()
    }

    /// Runs a statement without parameters that is not kept prepared: migrations only.
    fn run_text(&mut self, text: &str) -> Result<(), StoreError>;
}
