//! Evidence: what was recorded cannot be altered, removed or reordered unnoticed.
//!
//! Every step of a payment's journey appends one salted commitment to a Merkle tree; the tree is published as tiles and
//! signed checkpoints in the C2SP formats, and one entry leaves the house as a receipt that anybody verifies offline.
//! Pure: no clock, no randomness, no storage. Bytes from outside are hostile here, and no input makes this crate panic.
#![deny(clippy::arithmetic_side_effects)]
#![warn(missing_docs)]

pub mod bundle;
pub mod canonical;
pub mod check;
pub mod checkpoint;
mod decimal;
pub mod entry;
pub mod frontier;
pub mod growth;
pub mod hash;
pub mod key;
pub mod note;
pub mod proof;
pub mod receipt;
pub mod tile;
pub mod tile_reader;
pub mod tree;
pub mod verify;
