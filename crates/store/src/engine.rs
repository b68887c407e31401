//! The two engines behind one front: which database, with how many threads, and the store itself.

pub(crate) mod cell;
