//! Tiles: the tree cut into files that never change (C2SP tlog-tiles).
//!
//! A tile holds up to 256 hashes that stand side by side on every eighth level of the tree; an entry bundle holds up to
//! 256 entries. This file is their coordinates and paths. Each tile has one path, and every other spelling is refused.

use std::fmt;

use crate::decimal;
use crate::hash::{Hash, node_hash};
use crate::tree::Subtree;

/// How many hashes or entries a full tile or bundle has.
pub const WIDTH_MAX: u16 = 256;

/// [`WIDTH_MAX`] as a count of entries.
pub(crate) const PER_TILE: u64 = 256;

/// How many levels of the tree lie between the hashes of one tile and those of the tile above it.
pub const HEIGHT: u8 = 8;

/// The highest level of tiles that the format can name.
pub const LEVEL_MAX: u8 = 63;

/// What a tile is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The entries themselves (an entry bundle).
    Entries,
    /// Hashes: of leaves on level 0, of full tiles of the level below from level 1 on. At most [`LEVEL_MAX`].
    Hashes(u8),
}

/// The coordinates of a tile or an entry bundle.
///
/// INVARIANT: a level of hashes is at most [`LEVEL_MAX`], the width is 1 to [`WIDTH_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    level: Level,
    index: u64,
    width: u16,
}

/// A tile together with its content, to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileContent {
    /// Which tile.
    pub tile: Tile,
    /// Its bytes as they are served.
    pub bytes: Vec<u8>,
}

impl Tile {
    /// A tile that the format can name.
    #[must_use]
    pub fn new(level: Level, index: u64, width: u16) -> Option<Self> {
        let level_exists = match level {
            Level::Entries => true,
            Level::Hashes(level) => level <= LEVEL_MAX,
        };
        (level_exists && (1..=WIDTH_MAX).contains(&width)).then_some(Self { level, index, width })
    }

    /// The tile at this place in a tree of `size` leaves, as wide as that tree makes it; `None` if it has nothing yet.
    #[must_use]
    pub fn in_tree(size: u64, level: Level, index: u64) -> Option<Self> {
        let first = index.checked_mul(PER_TILE)?;
        let present = hashes_on(level, size).checked_sub(first)?.min(PER_TILE);
        Self::new(level, index, u16::try_from(present).ok()?)
    }

    /// The tile of a tree of `size` leaves that the hash of this subtree lies in or is computed from.
    #[must_use]
    pub fn holding(size: u64, subtree: Subtree) -> Option<Self> {
        let (level, within) = split_level(subtree.level);
        Self::in_tree(
            size,
            Level::Hashes(level),
            subtree.index.checked_shr(u32::from(HEIGHT.checked_sub(within)?))?,
        )
    }

    /// Entries or hashes, and of which level.
    #[must_use]
    pub const fn level(self) -> Level {
        self.level
    }

    /// Position on its level, from 0.
    #[must_use]
    pub const fn index(self) -> u64 {
        self.index
    }

    /// How many hashes or entries it has, 1 to [`WIDTH_MAX`].
    #[must_use]
    pub const fn width(self) -> u16 {
        self.width
    }

    /// Whether it has all of its hashes or entries and will never change again.
    #[must_use]
    pub const fn is_full(self) -> bool {
        self.width == WIDTH_MAX
    }

    /// Reads the path under which a tile is served, such as `tile/0/x001/x234/067.p/8` or `tile/entries/000`.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = match level {
            "entries" => Level::Entries,
            number => Level::Hashes(u8::try_from(decimal::parse(number)?).ok()?),
        };
        let (index, width) = match rest.split_once(".p/") {
            None => (rest, WIDTH_MAX),
            // Width 256 has to be spelled as the full tile.
            Some((index, width)) => (index, narrow_width(width)?),
        };
        Self::new(level, parse_index(index)?, width)
    }

    /// The first `width` hashes out of the bytes of this tile or of a wider version of it that was stored later.
    ///
    /// A partial tile is the beginning of every wider one, so a store needs to keep only the widest. `None` if the
    /// bytes are too few, no whole number of hashes, or if this is an entry bundle.
    #[must_use]
    pub fn narrow(self, stored: &[u8]) -> Option<&[u8]> {
        let whole_hashes = self.level != Level::Entries && stored.len().is_multiple_of(Hash::LEN);
        if whole_hashes {
            stored.get(..usize::from(self.width).checked_mul(Hash::LEN)?)
        } else {
            None
        }
    }

    /// The hash of a subtree out of the bytes of the tile that holds it (see [`Tile::holding`]).
    ///
    /// `None` if the bytes are not those of a tile this wide, or the subtree lies elsewhere.
    #[must_use]
    pub fn subtree_hash(self, bytes: &[u8], subtree: Subtree) -> Option<Hash> {
        let (level, within) = split_level(subtree.level);
        let count = 1usize.checked_shl(u32::from(within))?;
        let first_on_level = subtree.index.checked_mul(u64::try_from(count).ok()?)?;
        if self.level != Level::Hashes(level) || first_on_level / PER_TILE != self.index {
            return None;
        }
        let first = usize::try_from(first_on_level % PER_TILE).ok()?;
        let mut hashes = split_hashes(self.narrow(bytes)?).skip(first);
        perfect_root(&mut hashes, within)
    }
}

/// The path of the tile under the log's prefix.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Level::Entries => f.write_str("tile/entries/")?,
            Level::Hashes(level) => write!(f, "tile/{level}/")?,
        }
        write_index(f, self.index)?;
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

/// How many hashes or entries a tree of `size` leaves has on a level of tiles.
pub(crate) fn hashes_on(level: Level, size: u64) -> u64 {
    match level {
        Level::Entries => size,
        Level::Hashes(level) => {
            // Beyond level 7 the shift is 64 or more: no tree has hashes there.
            u32::from(level)
                .checked_mul(u32::from(HEIGHT))
                .and_then(|bits| size.checked_shr(bits))
                .unwrap_or(0)
        }
    }
}

/// The hashes that the bytes of a tile consist of; bytes after the last whole hash are not looked at.
pub(crate) fn split_hashes(bytes: &[u8]) -> impl Iterator<Item = Hash> {
    bytes.chunks_exact(Hash::LEN).filter_map(Hash::from_slice)
}

/// The root of the complete subtree over the next `2^height` hashes; `None` if there are not that many.
pub(crate) fn perfect_root(hashes: &mut impl Iterator<Item = Hash>, height: u8) -> Option<Hash> {
    let Some(below) = height.checked_sub(1) else {
        return hashes.next();
    };
    let left = perfect_root(hashes, below)?;
    let right = perfect_root(hashes, below)?;
    Some(node_hash(&left, &right))
}

/// The level of tiles that a level of the tree belongs to, and how far above the tile's own hashes it lies.
fn split_level(level: u8) -> (u8, u8) {
    (level / HEIGHT, level % HEIGHT)
}

/// Three digits per path element, all but the last behind an `x`: 1234067 is `x001/x234/067`.
fn write_index(f: &mut fmt::Formatter<'_>, index: u64) -> fmt::Result {
    if index < 1000 {
        write!(f, "{index:03}")
    } else {
        write_upper_groups(f, index / 1000).and_then(|()| write!(f, "/{:03}", index % 1000))
    }
}

fn write_upper_groups(f: &mut fmt::Formatter<'_>, index: u64) -> fmt::Result {
    if index >= 1000 {
        write_upper_groups(f, index / 1000)?;
        f.write_str("/")?;
    }
    write!(f, "x{:03}", index % 1000)
}

fn parse_index(text: &str) -> Option<u64> {
    let (upper, last) = match text.rsplit_once('/') {
        None => (None, text),
        Some((upper, last)) => (Some(upper), last),
    };
    // `x000/001` would be a second path for tile 1.
    if upper.is_some_and(|upper| upper.starts_with("x000")) {
        return None;
    }
    let mut index: u64 = 0;
    for group in upper.iter().flat_map(|upper| upper.split('/')) {
        index = index
            .checked_mul(1000)?
            .checked_add(three_digits(group.strip_prefix('x')?)?)?;
    }
    index.checked_mul(1000)?.checked_add(three_digits(last)?)
}

fn three_digits(text: &str) -> Option<u64> {
    let three = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    if three { text.parse().ok() } else { None }
}

fn narrow_width(text: &str) -> Option<u16> {
    let width = u16::try_from(decimal::parse(text)?).ok()?;
    (1..WIDTH_MAX).contains(&width).then_some(width)
}
