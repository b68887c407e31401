//! The audit of a whole log: do entries, tiles and signed checkpoints still say the same?
//!
//! Everything is recomputed from the entries, in one pass and with little memory, and compared with what is stored. The
//! finding names the one place to look at first, because a single altered entry makes every hash above it differ.

use crate::checkpoint::Checkpoint;
use crate::entry::{Commitment, Salt, commit};
use crate::frontier::WrongEdge;
use crate::growth::TileEdge;
use crate::hash::Hash;
use crate::tile::{Level, PER_TILE, Tile, TileContent, WIDTH_MAX};
use crate::tree::{HashReader, TreeError, prove_consistency};
use crate::verify::{Unproven, verify_consistency};

/// The stored log, as the audit reads it.
pub trait LogSource {
    /// Why something could not be read. That is not a finding: nothing is known then.
    type Error;

    /// The commitments of the entries from index `start` on: `count` of them, or those before the first that is missing.
    ///
    /// # Errors
    /// The entries could not be read.
    fn commitments(&mut self, start: u64, count: u16) -> Result<Vec<Commitment>, Self::Error>;

    /// The bytes of exactly this tile, `None` if it is not stored.
    ///
    /// # Errors
    /// The tile could not be read.
    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, Self::Error>;
}

/// The first place where the stored log contradicts itself or what was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Discrepancy {
    /// The event of an entry does not give the commitment that is stored with it.
    #[error("entry {index}: the event is not the one that was committed to")]
    EventDiffers {
        /// Index of the entry.
        index: u64,
    },
    /// The signed checkpoint covers entries that are not there.
    #[error("entry {index} is missing, although the checkpoint of {size} entries covers it")]
    EntryMissing {
        /// Index of the first entry that is missing.
        index: u64,
        /// Size that was signed.
        size: u64,
    },
    /// The commitment of an entry agrees neither with its tile nor with the signed root.
    #[error("entry {index} was altered: its commitment is not the one in the tiles and under the signed root")]
    EntryDiffers {
        /// Index of the first such entry.
        index: u64,
    },
    /// A tile that a log of this size has is not stored.
    #[error("{tile} is missing")]
    TileMissing {
        /// Which tile.
        tile: Tile,
    },
    /// A tile was altered; the entries still give the signed root.
    #[error("{tile} was altered at hash {position}; the entries still give the signed root")]
    TileDiffers {
        /// Which tile.
        tile: Tile,
        /// The first hash in it that differs, from 0.
        position: usize,
    },
    /// Entries and tiles agree with each other and not with what was signed.
    #[error("the entries do not give the root that was signed for {size} entries; up to {agreed} they agree")]
    RootDiffers {
        /// Size of the first checkpoint that disagrees.
        size: u64,
        /// Size of the last checkpoint before it that agrees, 0 if there is none.
        agreed: u64,
    },
}

/// How an audit can end early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckError<E> {
    /// The log could not be read to the end.
    #[error("the log could not be read")]
    Read(#[source] E),
    /// The checkpoint has a size that no log of ours can have.
    #[error("the log is larger than this program can check")]
    Size(#[source] WrongEdge),
    /// The log has been altered, or damaged.
    #[error("the log contradicts itself")]
    Found(#[source] Discrepancy),
}

/// What was found to be in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoundLog {
    /// Number of entries under the latest checkpoint.
    pub size: u64,
    /// Their root, recomputed.
    pub root: Hash,
}

/// Checks that an event still gives the commitment that is stored for it.
///
/// # Errors
/// It does not.
pub fn check_event(index: u64, salt: &Salt, canonical: &[u8], stored: &Commitment) -> Result<(), Discrepancy> {
    if commit(salt, canonical) == *stored {
        Ok(())
    } else {
        Err(Discrepancy::EventDiffers { index })
    }
}

/// Recomputes the log from its entries up to the latest of `checkpoints` and compares every tile and every root.
///
/// The checkpoints are all that were kept, in any order, **with their signatures verified**. Entries after the latest
/// one are not sealed yet and not looked at.
///
/// # Errors
/// The first discrepancy, or the log cannot be read.
pub fn check_log<S: LogSource>(source: &mut S, checkpoints: &[Checkpoint]) -> Result<SoundLog, CheckError<S::Error>> {
    let mut checkpoints: Vec<&Checkpoint> = checkpoints.iter().collect();
    checkpoints.sort_by_key(|checkpoint| checkpoint.size());
    let size = checkpoints.last().map_or(0, |checkpoint| checkpoint.size());

    let mut audit = Audit {
        edge: TileEdge::empty(),
        findings: Findings::default(),
    };
    for checkpoint in checkpoints {
        audit.read_up_to(source, checkpoint.size())?;
        audit.findings.compare_root(checkpoint, audit.edge.root());
    }
    let partial = audit.edge.partial_contents();
    audit.compare(source, partial.iter())?;
    match audit.findings.verdict() {
        None => Ok(SoundLog {
            size,
            root: audit.edge.root(),
        }),
        Some(discrepancy) => Err(CheckError::Found(discrepancy)),
    }
}

/// Checks with the stored hashes alone that the log of `newer` begins with the log of `older`; both verified before.
///
/// This is the quick check at start-up: a few tiles are read, however large the log is.
///
/// # Errors
/// A hash cannot be read, or the newer log does not contain the older one.
pub fn check_growth<R: HashReader>(
    reader: &mut R,
    older: &Checkpoint,
    newer: &Checkpoint,
) -> Result<(), GrowthError<R::Error>> {
    if older.size() == 0 {
        return Ok(()); // The empty log is the beginning of every log, and its root is checked when it is parsed.
    }
    let path = prove_consistency(reader, older.size(), newer.size()).map_err(GrowthError::Prove)?;
    verify_consistency(older.size(), &older.root(), newer.size(), &newer.root(), &path).map_err(GrowthError::Rewritten)
}

/// Why a log could not be shown to have only grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrowthError<E> {
    /// The proof could not be made: a hash is missing, or the log has become shorter.
    #[error("the consistency of the log could not be proven")]
    Prove(#[source] TreeError<E>),
    /// The proof does not hold: what was signed before is not the beginning of what is signed now.
    #[error("the log does not begin with what was signed earlier")]
    Rewritten(#[source] Unproven),
}

/// The recomputation, as far as it has come.
struct Audit {
    edge: TileEdge,
    findings: Findings,
}

impl Audit {
    /// Appends the entries up to `until` and compares the tiles that become full on the way.
    fn read_up_to<S: LogSource>(&mut self, source: &mut S, until: u64) -> Result<(), CheckError<S::Error>> {
        while let Some(missing) = until.checked_sub(self.edge.size()).filter(|missing| *missing > 0) {
            let count = u16::try_from(missing).unwrap_or(WIDTH_MAX).min(WIDTH_MAX);
            let entries = source.commitments(self.edge.size(), count).map_err(CheckError::Read)?;
            let leaves: Vec<Hash> = entries
                .iter()
                .take(usize::from(count))
                .map(Commitment::leaf_hash)
                .collect();
            if leaves.is_empty() {
                let index = self.edge.size();
                return Err(CheckError::Found(Discrepancy::EntryMissing { index, size: until }));
            }
            let contents = self.edge.append(&leaves).map_err(CheckError::Size)?;
            self.compare(source, contents.iter().filter(|content| content.tile.is_full()))?;
        }
        Ok(())
    }

    fn compare<'a, S: LogSource>(
        &mut self,
        source: &mut S,
        recomputed: impl Iterator<Item = &'a TileContent>,
    ) -> Result<(), CheckError<S::Error>> {
        for content in recomputed {
            let stored = source.tile(content.tile).map_err(CheckError::Read)?;
            self.findings.compare_tile(content, stored.as_deref());
        }
        Ok(())
    }
}

/// What differed so far. Only at the end is it known which side of a difference is the altered one.
#[derive(Default)]
struct Findings {
    /// The first tile that differs.
    tile: Option<Discrepancy>,
    /// The first leaf that differs from its tile and lies beyond the last root that agreed.
    leaf: Option<u64>,
    /// Size of the last checkpoint that agreed before any disagreed.
    agreed: u64,
    /// Size of the first checkpoint that disagreed.
    disagreed: Option<u64>,
}

impl Findings {
    fn compare_tile(&mut self, recomputed: &TileContent, stored: Option<&[u8]>) {
        let tile = recomputed.tile;
        let Some(stored) = stored else {
            self.tile.get_or_insert(Discrepancy::TileMissing { tile });
            return;
        };
        let Some(position) = first_difference(&recomputed.bytes, stored) else {
            return;
        };
        self.tile.get_or_insert(Discrepancy::TileDiffers { tile, position });
        if let Some(index) = leaf_index(tile, position).filter(|index| *index >= self.agreed) {
            self.leaf.get_or_insert(index);
        }
    }

    fn compare_root(&mut self, checkpoint: &Checkpoint, recomputed: Hash) {
        if checkpoint.root() != recomputed {
            self.disagreed.get_or_insert(checkpoint.size());
        } else if self.disagreed.is_none() {
            // These entries are the signed ones; where a tile differs from them, it is the tile that was altered.
            self.agreed = checkpoint.size();
            self.leaf = None;
        }
    }

    fn verdict(&self) -> Option<Discrepancy> {
        let Some(size) = self.disagreed else { return self.tile };
        let altered = self.leaf.filter(|index| *index < size);
        Some(altered.map_or(
            Discrepancy::RootDiffers {
                size,
                agreed: self.agreed,
            },
            |index| Discrepancy::EntryDiffers { index },
        ))
    }
}

/// Position of the first hash that differs; also where one of the two ends before the other.
fn first_difference(recomputed: &[u8], stored: &[u8]) -> Option<usize> {
    if recomputed == stored {
        return None;
    }
    let pairs = recomputed.chunks(Hash::LEN).zip(stored.chunks(Hash::LEN));
    Some(pairs.take_while(|(ours, theirs)| ours == theirs).count())
}

fn leaf_index(tile: Tile, position: usize) -> Option<u64> {
    if tile.level() != Level::Hashes(0) {
        return None;
    }
    tile.index()
        .checked_mul(PER_TILE)?
        .checked_add(u64::try_from(position).ok()?)
}
