//! Keys at rest: sealing of sensitive columns, blind indexes, row seals.
//!
//! Pure. One master key, held in a file of the operator, is expanded into one key per purpose (HKDF-SHA-256), so that no key is used for
//! two things. Everything is bound to its place: a sealed value moved to another row, column or organization does not open.
#![warn(missing_docs)]

pub mod keyring;
pub mod place;

pub use keyring::{KeyError, Keyring};
pub use place::Place;
