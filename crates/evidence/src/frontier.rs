//! The right edge of the tree: what has to be known to append to it.
//!
//! A tree of any size is closed off by the roots of its complete subtrees, one per set bit of the size. Appending N
//! leaves costs about 2N hashes; the rest of the tree, however large, is not read.

use crate::hash::{Hash, node_hash};
use crate::tree::{Subtree, complete_subtrees, fold_from_right};

/// More entries than a log can come to hold: at a million per second this takes 2,000 years.
///
/// The bound keeps all arithmetic on indexes far from the end of `u64`.
pub const SIZE_MAX: u64 = 1 << 56;

/// The complete subtrees on the right edge of a tree, largest first.
///
/// INVARIANT: one hash per set bit of `size`, and `size <= SIZE_MAX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

/// Stored hashes that cannot be the edge of a tree of the size they were stored with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored hashes do not fit the edge of a log of {size} entries")]
pub struct WrongEdge {
    /// The size that was claimed.
    pub size: u64,
}

impl Frontier {
    /// The edge of the tree without leaves.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            size: 0,
            hashes: Vec::new(),
        }
    }

    /// The edge of a tree of `size` leaves out of the hashes of [`complete_subtrees`] of that size, in that order.
    ///
    /// # Errors
    /// The number of hashes does not fit, or the size is beyond [`SIZE_MAX`].
    pub fn from_hashes(size: u64, hashes: Vec<Hash>) -> Result<Self, WrongEdge> {
        if size > SIZE_MAX || hashes.len() != complete_subtrees(size).len() {
            return Err(WrongEdge { size });
        }
        Ok(Self { size, hashes })
    }

    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of [`complete_subtrees`] of the size, in that order.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The root of the tree as it is now.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold_from_right(self.hashes.iter().copied()).unwrap_or(Hash::EMPTY_TREE)
    }

    /// Appends a leaf and reports every subtree that it completes: the leaf itself, then upwards.
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(Subtree, Hash)) {
        let mut subtree = Subtree {
            level: 0,
            index: self.size,
        };
        let mut hash = leaf;
        completed(subtree, hash);
        while subtree.index & 1 == 1 {
            // An odd index has a left sibling, and by the invariant it is the last hash kept.
            let Some(left) = self.hashes.pop() else { break };
            hash = node_hash(&left, &hash);
            subtree = Subtree {
                level: subtree.level.saturating_add(1),
                index: subtree.index >> 1,
            };
            completed(subtree, hash);
        }
        self.hashes.push(hash);
        self.size = self.size.saturating_add(1);
    }
}
