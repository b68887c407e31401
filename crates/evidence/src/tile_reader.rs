//! Hashes of the tree out of stored tiles.
//!
//! A proof needs a few hashes of many levels, and they lie in a handful of tiles: each tile is fetched once per proof.

use crate::hash::Hash;
use crate::tile::Tile;
use crate::tree::{HashReader, Subtree};

/// Reads hashes out of the tiles of a log of a given size.
#[derive(Debug)]
pub struct TileReader<F> {
    size: u64,
    fetch: F,
}

/// Why a hash could not be read out of the tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError<E> {
    /// The store of tiles failed.
    #[error("{0} could not be fetched")]
    Fetch(Tile, #[source] E),
    /// The tile is not there, although a log of this size has it.
    #[error("{0} is missing")]
    Missing(Tile),
    /// The tile has fewer hashes than a log of this size gives it, or half a hash.
    #[error("{0} does not have the length of a tile this wide")]
    WrongLength(Tile),
    /// A log of this size does not have the hash that was asked for.
    #[error("a log of {size} entries has no subtree {index} on level {level}")]
    NotInTree {
        /// Size of the log.
        size: u64,
        /// Level of the subtree asked for.
        level: u8,
        /// Index of the subtree asked for.
        index: u64,
    },
}

impl<E, F: FnMut(Tile) -> Result<Option<Vec<u8>>, E>> TileReader<F> {
    /// Reads from a log of `size` entries; `fetch` gives the bytes of a tile, or of a wider version of the same tile.
    pub fn new(size: u64, fetch: F) -> Self {
        Self { size, fetch }
    }

    fn fetch(&mut self, tile: Tile) -> Result<Vec<u8>, TileError<E>> {
        let stored = (self.fetch)(tile).map_err(|error| TileError::Fetch(tile, error))?;
        stored.ok_or(TileError::Missing(tile))
    }
}

impl<E, F: FnMut(Tile) -> Result<Option<Vec<u8>>, E>> HashReader for TileReader<F> {
    type Error = TileError<E>;

    fn read(&mut self, subtrees: &[Subtree]) -> Result<Vec<Hash>, Self::Error> {
        // A proof touches one or two tiles per level, so a list is searched faster than a map is kept.
        let mut fetched: Vec<(Tile, Vec<u8>)> = Vec::new();
        let mut hashes = Vec::with_capacity(subtrees.len());
        for subtree in subtrees {
            let outside = TileError::NotInTree {
                size: self.size,
                level: subtree.level,
                index: subtree.index,
            };
            let Some(tile) = Tile::holding(self.size, *subtree) else {
                return Err(outside);
            };
            if !fetched.iter().any(|(known, _)| *known == tile) {
                fetched.push((tile, self.fetch(tile)?));
            }
            let bytes = fetched
                .iter()
                .find(|(known, _)| *known == tile)
                .map(|(_, bytes)| bytes.as_slice());
            let bytes = bytes.ok_or(TileError::Missing(tile))?;
            let bytes = tile.narrow(bytes).ok_or(TileError::WrongLength(tile))?;
            hashes.push(tile.subtree_hash(bytes, *subtree).ok_or(outside)?);
        }
        Ok(hashes)
    }
}
