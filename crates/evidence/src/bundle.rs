//! Entry bundles: 256 entries to a file, each behind its length in two bytes (C2SP tlog-tiles, "Log entries").
//!
//! Our entries are commitments of 32 bytes; the format carries any entry, and other logs are read with it in tests.

use crate::entry::Commitment;
use crate::tile::{Level, PER_TILE, Tile, TileContent};

/// Why bytes are not an entry bundle, or entries cannot become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The bytes end within an entry or before the last one.
    #[error("the bundle ends before its {width} entries do")]
    Truncated {
        /// How many entries were expected.
        width: u16,
    },
    /// Bytes follow the last entry.
    #[error("the bundle has bytes after its {width} entries")]
    TrailingBytes {
        /// How many entries were expected.
        width: u16,
    },
    /// Longer than the two bytes of length can say.
    #[error("an entry is longer than 65535 bytes")]
    EntryTooLong,
    /// An entry of a length that our log does not write.
    #[error("an entry is not a commitment of 32 bytes")]
    NotACommitment,
    /// There are no more numbers for entries.
    #[error("the log is full")]
    LogFull,
}

/// Appends one entry to a bundle.
///
/// # Errors
/// The entry is longer than 65535 bytes.
pub fn push(entry: &[u8], bundle: &mut Vec<u8>) -> Result<(), BundleError> {
    let length = u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong)?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle that has exactly `width` of them and nothing else.
///
/// # Errors
/// Too few or too many bytes.
pub fn decode(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, BundleError> {
    let mut rest = bytes;
    let mut entries = Vec::with_capacity(usize::from(width));
    for _ in 0..width {
        let (entry, after) = split_entry(rest).ok_or(BundleError::Truncated { width })?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() {
        Ok(entries)
    } else {
        Err(BundleError::TrailingBytes { width })
    }
}

/// The commitments of a bundle of our own log.
///
/// # Errors
/// As [`decode`], or an entry that does not have 32 bytes.
pub fn commitments(bytes: &[u8], width: u16) -> Result<Vec<Commitment>, BundleError> {
    let entries = decode(bytes, width)?;
    entries
        .into_iter()
        .map(|entry| Commitment::from_slice(entry).ok_or(BundleError::NotACommitment))
        .collect()
}

/// The first `width` entries out of a bundle that was stored when it was as wide or wider; `None` if it has fewer.
#[must_use]
pub fn narrow(stored: &[u8], width: u16) -> Option<&[u8]> {
    let mut rest = stored;
    for _ in 0..width {
        (_, rest) = split_entry(rest)?;
    }
    stored.get(..stored.len().checked_sub(rest.len())?)
}

/// The bundles that have to be written when `entries` follow the first `old_size` entries: the full ones, then the
/// partial one. `partial` is the partial bundle of the old size, empty if there was none.
///
/// # Errors
/// `partial` does not hold the entries that the old size leaves over, or an entry is too long.
pub fn grow<E: AsRef<[u8]>>(old_size: u64, partial: &[u8], entries: &[E]) -> Result<Vec<TileContent>, BundleError> {
    let left_over = u16::try_from(old_size % PER_TILE).map_err(|_| BundleError::LogFull)?;
    decode(partial, left_over)?;

    let mut size = old_size;
    let mut open = partial.to_vec();
    let mut contents = Vec::new();
    for entry in entries {
        push(entry.as_ref(), &mut open)?;
        size = size.checked_add(1).ok_or(BundleError::LogFull)?;
        if size.is_multiple_of(PER_TILE) {
            contents.push(last_bundle(size, std::mem::take(&mut open))?);
        }
    }
    if !entries.is_empty() && !open.is_empty() {
        contents.push(last_bundle(size, open)?);
    }
    Ok(contents)
}

fn last_bundle(size: u64, bytes: Vec<u8>) -> Result<TileContent, BundleError> {
    let last_entry = size.checked_sub(1).ok_or(BundleError::LogFull)?;
    let tile = Tile::in_tree(size, Level::Entries, last_entry / PER_TILE).ok_or(BundleError::LogFull)?;
    Ok(TileContent { tile, bytes })
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
