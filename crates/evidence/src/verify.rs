//! The auditor's half of the tree: checking proofs with nothing but hashes and numbers.
//!
//! Follows RFC 9162 sections 2.1.3.2 and 2.1.4.2 (the same trees and proofs as RFC 6962, with the checking written
//! out). Indexes, sizes and hashes are hostile here; any `u64` is allowed.

use crate::hash::{Hash, node_hash};

/// A proof that does not prove what it was given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The index does not exist in a tree of that size.
    #[error("the index is not below the size of the tree")]
    IndexOutside,
    /// The older tree is empty or larger than the newer one.
    #[error("the older tree must have at least one entry and no more than the newer one")]
    SizesOutOfOrder,
    /// Too few or too many hashes for this index and these sizes.
    #[error("the proof does not have the number of hashes that its sizes ask for")]
    WrongLength,
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root")]
    WrongRoot,
}

/// Checks that the leaf with hash `leaf` is at `index` in the tree of `size` leaves with the root `root`.
///
/// # Errors
/// The first thing that is wrong with the proof.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> Result<(), Unproven> {
    if index >= size {
        return Err(Unproven::IndexOutside);
    }
    let mut walk = Walk::from_leaf(index, size);
    let mut climbed = *leaf;
    for sibling in path {
        climbed = match walk.step().ok_or(Unproven::WrongLength)? {
            Side::Left => node_hash(sibling, &climbed),
            Side::Right => node_hash(&climbed, sibling),
        };
    }
    arrived(&walk, &climbed, root)
}

/// Checks that the tree of `old_size` leaves with `old_root` is the beginning of the tree of `new_size` with `new_root`.
///
/// An empty older tree is refused: everything extends it, so a proof would prove nothing.
///
/// # Errors
/// The first thing that is wrong with the proof.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), Unproven> {
    if old_size == 0 || old_size > new_size {
        return Err(Unproven::SizesOutOfOrder);
    }
    if old_size == new_size {
        return same_tree(old_root, new_root, path);
    }
    // The proof begins at the largest complete subtree on the right edge of the older tree. If that is the whole older
    // tree, its root is known already and the proof leaves it out.
    let (start, rest) = if old_size.is_power_of_two() {
        (old_root, path)
    } else {
        path.split_first().ok_or(Unproven::WrongLength)?
    };
    let mut walk = Walk::from_right_edge(old_size, new_size);
    let (mut old_climbed, mut new_climbed) = (*start, *start);
    for sibling in rest {
        match walk.step().ok_or(Unproven::WrongLength)? {
            Side::Left => {
                old_climbed = node_hash(sibling, &old_climbed);
                new_climbed = node_hash(sibling, &new_climbed);
            }
            Side::Right => new_climbed = node_hash(&new_climbed, sibling),
        }
    }
    arrived(&walk, &new_climbed, new_root)?;
    if old_climbed == *old_root {
        Ok(())
    } else {
        Err(Unproven::WrongRoot)
    }
}

fn same_tree(old_root: &Hash, new_root: &Hash, path: &[Hash]) -> Result<(), Unproven> {
    if !path.is_empty() {
        Err(Unproven::WrongLength)
    } else if old_root != new_root {
        Err(Unproven::WrongRoot)
    } else {
        Ok(())
    }
}

fn arrived(walk: &Walk, climbed: &Hash, root: &Hash) -> Result<(), Unproven> {
    if walk.last != 0 {
        Err(Unproven::WrongLength)
    } else if climbed != root {
        Err(Unproven::WrongRoot)
    } else {
        Ok(())
    }
}

/// On which side of the path the next hash stands.
enum Side {
    Left,
    Right,
}

/// The way from a node up to the root: its index and that of the last node, both on the level reached so far.
struct Walk {
    node: u64,
    last: u64,
}

impl Walk {
    fn from_leaf(index: u64, size: u64) -> Self {
        Self {
            node: index,
            last: size.saturating_sub(1),
        }
    }

    fn from_right_edge(old_size: u64, new_size: u64) -> Self {
        let mut walk = Self::from_leaf(old_size.saturating_sub(1), new_size);
        while walk.node & 1 == 1 {
            walk.up();
        }
        walk
    }

    /// Where the next sibling stands, and one step towards the root; `None` if the root has been reached.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let on_right_edge = self.node == self.last;
        let side = if self.node & 1 == 1 || on_right_edge {
            Side::Left
        } else {
            Side::Right
        };
        if on_right_edge {
            // The last node of a level with an odd number of nodes has no sibling there; it moves up as it is.
            while self.node & 1 == 0 && self.node != 0 {
                self.up();
            }
        }
        self.up();
        Some(side)
    }

    fn up(&mut self) {
        self.node >>= 1;
        self.last >>= 1;
    }
}
