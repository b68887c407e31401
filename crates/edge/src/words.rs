//! Names for what the views of `flow` return and take: row types, states and tiles. This is the one place of the edge that
//! names the crates below `flow`, so that the rest cannot reach past it.

pub(crate) use evidence::tile::Tile;
pub(crate) use payment::state::{State, StateName};
pub(crate) use store::batches::{Batch, BatchPayment, Finding};
pub(crate) use store::exceptions::Exception;
pub(crate) use store::journal::{Balance, Entry, Posting};
pub(crate) use store::orders::Attempt;
pub(crate) use store::payments::Filter;
pub(crate) use store::requests::Nonce;
pub(crate) use store::scope::Page;
pub(crate) use store::statements::{Line, Match, Statement};
