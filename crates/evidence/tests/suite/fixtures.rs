//! Logs made for tests, and RFC 6962 written down a second time as plainly as the RFC has it.

use std::collections::BTreeMap;
use std::convert::Infallible;

use evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use evidence::entry::{Commitment, commit};
use evidence::growth::TileEdge;
use evidence::hash::{Hash, leaf_hash, node_hash};
use evidence::key::SignerKey;
use evidence::tile::Tile;
use evidence::tile_reader::TileReader;
use evidence::tree::{HashReader, Subtree};

pub(crate) const ORIGIN: &str = "log.countersign.example/test";

pub(crate) fn signer() -> SignerKey {
    SignerKey::from_seed(ORIGIN, &[42; 32]).unwrap()
}

pub(crate) fn leaves(count: usize) -> Vec<Hash> {
    (0..count)
        .map(|index| leaf_hash(format!("leaf {index}").as_bytes()))
        .collect()
}

/// MTH of RFC 6962 section 2.1.
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::EMPTY_TREE,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// PATH of RFC 6962 section 2.1.1.
pub(crate) fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut below, sibling) = if index < middle {
        (path(index, left), root(right))
    } else {
        (path(index - middle, right), root(left))
    };
    below.push(sibling);
    below
}

/// SUBPROOF of RFC 6962 section 2.1.2; `whole` is its `b`.
pub(crate) fn subproof(old_size: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old_size == leaves.len() {
        return if whole { Vec::new() } else { vec![root(leaves)] };
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut below, sibling) = if old_size <= middle {
        (subproof(old_size, left, whole), root(right))
    } else {
        (subproof(old_size - middle, right, false), root(left))
    };
    below.push(sibling);
    below
}

fn split(length: usize) -> usize {
    length.next_power_of_two() / 2
}

/// Reads any complete subtree of leaves that are all in memory.
pub(crate) struct InMemory<'a>(pub(crate) &'a [Hash]);

impl HashReader for InMemory<'_> {
    type Error = Infallible;

    fn read(&mut self, subtrees: &[Subtree]) -> Result<Vec<Hash>, Infallible> {
        let hash_of = |subtree: &Subtree| {
            let width = 1usize << subtree.level;
            let start = usize::try_from(subtree.index).unwrap() * width;
            root(&self.0[start..start + width])
        };
        Ok(subtrees.iter().map(hash_of).collect())
    }
}

/// A log of commitments with its tiles, as a store would keep it.
#[derive(Clone)]
pub(crate) struct StoredLog {
    pub(crate) entries: Vec<Commitment>,
    pub(crate) tiles: BTreeMap<Tile, Vec<u8>>,
    pub(crate) checkpoints: Vec<Checkpoint>,
}

impl StoredLog {
    /// Grows a log over these sizes and keeps the tiles and a checkpoint of each.
    pub(crate) fn sealed_at(sizes: &[usize]) -> Self {
        let entries: Vec<_> = (0..*sizes.last().unwrap())
            .map(|index| commit(&[1; 16], format!("{{\"n\":{index}}}").as_bytes()))
            .collect();
        let mut log = Self {
            entries,
            tiles: BTreeMap::new(),
            checkpoints: Vec::new(),
        };
        let mut edge = TileEdge::empty();
        let mut done = 0;
        for size in sizes {
            let new: Vec<_> = log.entries[done..*size].iter().map(Commitment::leaf_hash).collect();
            let contents = edge.append(&new).unwrap();
            log.tiles
                .extend(contents.into_iter().map(|content| (content.tile, content.bytes)));
            log.checkpoints
                .push(Checkpoint::new(ORIGIN, edge.size(), edge.root()).unwrap());
            done = *size;
        }
        log
    }

    pub(crate) fn size(&self) -> u64 {
        self.latest().size()
    }

    pub(crate) fn latest(&self) -> &Checkpoint {
        self.checkpoints.last().unwrap()
    }

    pub(crate) fn signed(&self) -> SignedCheckpoint {
        self.latest().clone().sign(&[&signer()]).unwrap()
    }

    pub(crate) fn reader(&self) -> impl HashReader<Error: std::fmt::Debug> {
        TileReader::new(self.size(), |tile| Ok::<_, Infallible>(self.tiles.get(&tile).cloned()))
    }

    pub(crate) fn leaves(&self) -> Vec<Hash> {
        self.entries.iter().map(Commitment::leaf_hash).collect()
    }
}
