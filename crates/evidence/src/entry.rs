//! What the log holds of an event: a salted commitment, never the event itself.
//!
//! Tiles and entry bundles are public, events are not. The salt keeps anybody from guessing a small event (an amount, a
//! state) out of its hash; whoever is given event and salt recomputes the commitment and finds it in the tree.

use std::fmt;

use crate::hash::{self, Hash};

/// First line of what is hashed, so that a commitment can never be mistaken for a hash made for another purpose.
const DOMAIN: &[u8] = b"countersign.entry.v1\n";

/// 128 random bits, fresh for every entry; drawn by the caller and kept with the event.
pub type Salt = [u8; 16];

/// The 32 bytes that stand for an event in the log: the data of one leaf.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Commitment([u8; 32]);

impl Commitment {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Takes 32 bytes as they were stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Takes a slice, if it has exactly 32 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash of the leaf that holds this commitment.
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        hash::leaf_hash_32(&self.0)
    }
}

impl AsRef<[u8]> for Commitment {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commitment({})", Hash::from_bytes(self.0))
    }
}

/// Commits to the canonical JSON of an event: `SHA-256("countersign.entry.v1\n" || salt || canonical)`.
///
/// Prefix and salt have fixed lengths, so the input reads back in one way only.
#[must_use]
pub fn commit(salt: &Salt, canonical: &[u8]) -> Commitment {
    Commitment(*hash::sha256_of(&[DOMAIN, salt, canonical]).as_bytes())
}
