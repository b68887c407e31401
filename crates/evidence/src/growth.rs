//! Growing the log: from new leaves to the tiles that have to be written and the new root.
//!
//! Kept between two seals are the partial tiles on the right edge; they are all that is needed to go on, so after a
//! restart the edge is loaded from the stored tiles and not recomputed from the entries.

use crate::frontier::{Frontier, SIZE_MAX, WrongEdge};
use crate::hash::Hash;
use crate::tile::{self, HEIGHT, Level, PER_TILE, Tile, TileContent, WIDTH_MAX};
use crate::tree::Subtree;

/// Levels of tiles that a log within [`SIZE_MAX`] can have: 56 bits in steps of eight, and the root above them.
const LEVELS: usize = 8;

/// The right edge of a tiled log: its size, its root and its partial tiles.
///
/// INVARIANT: `partial` holds, per level of tiles, the bytes of the tile that [`partial_tile`] names for the size of the
/// frontier, and nothing where it names none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileEdge {
    frontier: Frontier,
    partial: [Vec<u8>; LEVELS],
}

impl TileEdge {
    /// The edge of the log without entries.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            frontier: Frontier::empty(),
            partial: [const { Vec::new() }; LEVELS],
        }
    }

    /// The partial tiles on the edge of a log of `size` entries, from level 0: what [`TileEdge::load`] wants.
    #[must_use]
    pub fn partial_tiles(size: u64) -> Vec<Tile> {
        (0..)
            .take(LEVELS)
            .filter_map(|level| partial_tile(size, level))
            .collect()
    }

    /// Goes on from a log of `size` entries; `contents` are the bytes of [`TileEdge::partial_tiles`], in that order.
    ///
    /// SECURITY: compare [`TileEdge::root`] with the last signed checkpoint before anything is appended; the tiles may
    /// have been altered since.
    ///
    /// # Errors
    /// A tile is missing, too many, or not of its length; or the size is beyond [`SIZE_MAX`].
    pub fn load(size: u64, contents: &[Vec<u8>]) -> Result<Self, WrongEdge> {
        let mut contents = contents.iter();
        let mut edge = Self::empty();
        for (level, bytes) in (0..).zip(&mut edge.partial) {
            if let Some(tile) = partial_tile(size, level) {
                let stored = contents
                    .next()
                    .filter(|stored| tile.narrow(stored) == Some(stored.as_slice()));
                bytes.clone_from(stored.ok_or(WrongEdge { size })?);
            }
        }
        if contents.next().is_some() {
            return Err(WrongEdge { size });
        }
        // The frontier wants the largest subtrees first, and those lie in the highest tiles.
        let hashes = edge
            .partial
            .iter()
            .rev()
            .flat_map(|bytes| subtrees_of_partial(bytes))
            .collect();
        edge.frontier = Frontier::from_hashes(size, hashes)?;
        Ok(edge)
    }

    /// Number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root of the tree as it is now.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Appends leaves and gives the tiles that come of it: those that became full, in the order in which they did, then
    /// the partial tiles that changed. Store all of them before a checkpoint of the new size is published.
    ///
    /// # Errors
    /// The log would grow beyond [`SIZE_MAX`]; nothing has been appended then.
    pub fn append(&mut self, leaves: &[Hash]) -> Result<Vec<TileContent>, WrongEdge> {
        let old_size = self.size();
        let new_size = u64::try_from(leaves.len())
            .ok()
            .and_then(|count| old_size.checked_add(count));
        if new_size.is_none_or(|size| size > SIZE_MAX) {
            return Err(WrongEdge { size: old_size });
        }

        let Self { frontier, partial } = self;
        let mut contents = Vec::new();
        for leaf in leaves {
            frontier.push(*leaf, |subtree, hash| {
                contents.extend(add_to_tile(partial, subtree, &hash))
            });
        }
        // A partial tile with the same index and width was already stored when the log had the old size.
        let unchanged = Self::partial_tiles(old_size);
        contents.extend(
            self.partial_contents()
                .into_iter()
                .filter(|content| !unchanged.contains(&content.tile)),
        );
        Ok(contents)
    }

    /// The partial tiles as they are now, from level 0.
    #[must_use]
    pub fn partial_contents(&self) -> Vec<TileContent> {
        let open = (0..)
            .zip(&self.partial)
            .filter_map(|(level, bytes)| Some((partial_tile(self.size(), level)?, bytes)));
        open.map(|(tile, bytes)| TileContent {
            tile,
            bytes: bytes.clone(),
        })
        .collect()
    }
}

/// The tile on this level that a log of `size` entries has begun and not filled.
fn partial_tile(size: u64, level: u8) -> Option<Tile> {
    let level = Level::Hashes(level);
    Tile::in_tree(size, level, tile::hashes_on(level, size) / PER_TILE).filter(|tile| !tile.is_full())
}

/// Adds the hash of a completed subtree to its tile, if tiles hold hashes of that level, and takes the tile out if that
/// filled it.
fn add_to_tile(partial: &mut [Vec<u8>], subtree: Subtree, hash: &Hash) -> Option<TileContent> {
    if !subtree.level.is_multiple_of(HEIGHT) {
        return None;
    }
    let level = subtree.level / HEIGHT;
    let bytes = partial.get_mut(usize::from(level))?;
    bytes.extend_from_slice(hash.as_bytes());
    if bytes.len() / Hash::LEN < usize::from(WIDTH_MAX) {
        return None;
    }
    let tile = Tile::new(Level::Hashes(level), subtree.index / PER_TILE, WIDTH_MAX)?;
    Some(TileContent {
        tile,
        bytes: std::mem::take(bytes),
    })
}

/// The complete subtrees that a partial tile consists of, one per set bit of its width, largest first.
fn subtrees_of_partial(bytes: &[u8]) -> Vec<Hash> {
    let width = bytes.len() / Hash::LEN;
    let mut hashes = tile::split_hashes(bytes);
    let heights = (0..HEIGHT)
        .rev()
        .filter(|height| width.checked_shr(u32::from(*height)).is_some_and(|bits| bits & 1 == 1));
    heights
        .filter_map(|height| tile::perfect_root(&mut hashes, height))
        .collect()
}
