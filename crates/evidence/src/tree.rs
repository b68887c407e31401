//! The log's half of the tree: roots and proofs out of stored hashes (RFC 6962 section 2.1).
//!
//! Only complete subtrees are ever stored, because they never change; everything else is folded from them. Which ones a
//! proof needs follows from the sizes alone, so a reader is asked once, for all of them.

use crate::hash::{Hash, node_hash};

/// A complete subtree: the node at `index` on `level`, over `2^level` leaves from leaf `index * 2^level` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subtree {
    /// 0 for a leaf, 1 for a node over two leaves, and so on; at most 63.
    pub level: u8,
    /// Position on its level, from 0.
    pub index: u64,
}

/// Where the hashes of complete subtrees come from.
pub trait HashReader {
    /// Why a hash could not be read.
    type Error;

    /// The hashes of these subtrees, one each, in this order.
    ///
    /// # Errors
    /// A hash is missing or unreadable.
    fn read(&mut self, subtrees: &[Subtree]) -> Result<Vec<Hash>, Self::Error>;
}

/// Why a root or a proof could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TreeError<E> {
    /// There is no such entry in a tree of this size.
    #[error("entry {index} does not exist in a log of {size} entries")]
    IndexOutside {
        /// The index asked for.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The older tree is empty or larger than the newer one.
    #[error("there is no consistency proof from {old_size} to {new_size} entries")]
    SizesOutOfOrder {
        /// Size of the older tree.
        old_size: u64,
        /// Size of the newer tree.
        new_size: u64,
    },
    /// The reader failed.
    #[error("hashes of the log could not be read")]
    Read(#[source] E),
    /// The reader gave another number of hashes than it was asked for.
    #[error("the store of hashes gave fewer or more than it was asked for")]
    WrongCount,
}

/// The root of the first `size` leaves.
///
/// # Errors
/// A hash cannot be read.
pub fn read_root<R: HashReader>(reader: &mut R, size: u64) -> Result<Hash, TreeError<R::Error>> {
    if size == 0 {
        return Ok(Hash::EMPTY_TREE);
    }
    let mut hashes = read_ranges(reader, &[LeafRange { start: 0, end: size }])?;
    hashes.pop().ok_or(TreeError::WrongCount)
}

/// The inclusion proof for the leaf at `index` in the tree of the first `size` leaves, leaf's sibling first.
///
/// # Errors
/// The index is outside, or a hash cannot be read.
pub fn prove_inclusion<R: HashReader>(reader: &mut R, index: u64, size: u64) -> Result<Vec<Hash>, TreeError<R::Error>> {
    if index >= size {
        return Err(TreeError::IndexOutside { index, size });
    }
    read_ranges(reader, &inclusion_ranges(index, size))
}

/// The consistency proof from the tree of the first `old_size` leaves to that of `new_size`.
///
/// # Errors
/// The sizes are not `0 < old_size <= new_size`, or a hash cannot be read.
pub fn prove_consistency<R: HashReader>(
    reader: &mut R,
    old_size: u64,
    new_size: u64,
) -> Result<Vec<Hash>, TreeError<R::Error>> {
    if old_size == 0 || old_size > new_size {
        return Err(TreeError::SizesOutOfOrder { old_size, new_size });
    }
    read_ranges(reader, &consistency_ranges(old_size, new_size))
}

/// The complete subtrees that the first `size` leaves consist of, from left to right, largest first.
#[must_use]
pub fn complete_subtrees(size: u64) -> Vec<Subtree> {
    LeafRange { start: 0, end: size }.subtrees().collect()
}

/// The root over hashes of subtrees that stand side by side, largest first: `h1(h2(h3 ...))`.
pub(crate) fn fold_from_right(hashes: impl DoubleEndedIterator<Item = Hash>) -> Option<Hash> {
    hashes.rev().reduce(|right, left| node_hash(&left, &right))
}

/// The leaves from `start` up to, not including, `end` that one node of a tree stands for.
#[derive(Debug, Clone, Copy)]
struct LeafRange {
    start: u64,
    end: u64,
}

impl LeafRange {
    /// The largest complete subtrees that cover the range, from left to right.
    fn subtrees(self) -> impl Iterator<Item = Subtree> {
        let mut start = self.start;
        std::iter::from_fn(move || {
            // `trailing_zeros` keeps the subtree aligned; it is 64 for leaf 0, where the length decides.
            let level = self
                .end
                .checked_sub(start)?
                .checked_ilog2()?
                .min(start.trailing_zeros());
            let subtree = Subtree {
                level: u8::try_from(level).ok()?,
                index: start.checked_shr(level)?,
            };
            start = start.saturating_add(1u64.checked_shl(level)?);
            Some(subtree)
        })
    }
}

/// First leaf of the node at `index` on `level`; past the end of all numbers it stays there.
fn first_leaf(level: u32, index: u64) -> u64 {
    1u64.checked_shl(level)
        .and_then(|width| index.checked_mul(width))
        .unwrap_or(u64::MAX)
}

/// What each hash of an inclusion proof stands for: the sibling on every level that has one.
fn inclusion_ranges(index: u64, size: u64) -> Vec<LeafRange> {
    let mut ranges = Vec::new();
    let (mut node, mut last) = (index, size.saturating_sub(1));
    for level in 0..u64::BITS {
        if last == 0 {
            break;
        }
        let sibling = node ^ 1;
        if sibling <= last {
            let end = first_leaf(level, sibling.saturating_add(1)).min(size);
            ranges.push(LeafRange {
                start: first_leaf(level, sibling),
                end,
            });
        }
        node >>= 1;
        last >>= 1;
    }
    ranges
}

/// What each hash of a consistency proof stands for (RFC 6962 section 2.1.2, `SUBPROOF` from the root down).
fn consistency_ranges(old_size: u64, new_size: u64) -> Vec<LeafRange> {
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0u64, new_size);
    while old_size != end {
        let middle = start.saturating_add(largest_power_below(end.saturating_sub(start)));
        if old_size <= middle {
            ranges.push(LeafRange { start: middle, end });
            end = middle;
        } else {
            ranges.push(LeafRange { start, end: middle });
            start = middle;
        }
    }
    // What is left ends where the older tree ends. If it is the whole older tree, its root is known to the verifier.
    if start > 0 {
        ranges.push(LeafRange { start, end });
    }
    ranges.reverse();
    ranges
}

/// The largest power of two that is smaller than `length`: where RFC 6962 splits a tree; 0 for a length below 2.
fn largest_power_below(length: u64) -> u64 {
    length
        .saturating_sub(1)
        .checked_ilog2()
        .and_then(|level| 1u64.checked_shl(level))
        .unwrap_or(0)
}

fn read_ranges<R: HashReader>(reader: &mut R, ranges: &[LeafRange]) -> Result<Vec<Hash>, TreeError<R::Error>> {
    let mut wanted = Vec::new();
    let mut counts = Vec::with_capacity(ranges.len());
    for range in ranges {
        let before = wanted.len();
        wanted.extend(range.subtrees());
        counts.push(wanted.len().saturating_sub(before));
    }
    let hashes = reader.read(&wanted).map_err(TreeError::Read)?;
    if hashes.len() != wanted.len() {
        return Err(TreeError::WrongCount);
    }
    let mut hashes = hashes.as_slice();
    let mut folded = Vec::with_capacity(ranges.len());
    for count in counts {
        let (own, rest) = hashes.split_at_checked(count).ok_or(TreeError::WrongCount)?;
        folded.push(fold_from_right(own.iter().copied()).ok_or(TreeError::WrongCount)?);
        hashes = rest;
    }
    Ok(folded)
}
