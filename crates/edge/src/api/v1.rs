//! Version 1 of the API: one file per noun.

pub(crate) mod accounts;
pub(crate) mod approvals;
pub(crate) mod batches;
pub(crate) mod callers;
pub(crate) mod events;
pub(crate) mod exceptions;
pub(crate) mod feed;
pub(crate) mod ledger;
pub(crate) mod log;
pub(crate) mod money;
pub(crate) mod party;
pub(crate) mod payment_moves;
pub(crate) mod payments;
pub(crate) mod receipts;
pub(crate) mod statements;
pub(crate) mod test_clock;
pub(crate) mod timelines;
pub(crate) mod transfer;
