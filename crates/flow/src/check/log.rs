//! The log: the signed checkpoint, the tiles and the leaves, computed again from the events.

use super::Findings;
use super::events::AllTold;
use crate::platform::Parts;
use crate::refusal::Error;
use crate::seal;
use evidence::check::{CheckError, Discrepancy, LogSource, check_log};
use evidence::checkpoint::Checkpoint;
use evidence::entry::{Commitment, commit};
use evidence::growth::TileEdge;
use evidence::hash::Hash;
use evidence::tile::{Level, Tile, WIDTH_MAX};
use store::Tx;
use store::audit::log::{self as rows, Leaf, StoredTile, Tiles};
use store::log::Head;
use vocab::id::EventId;

/// Checks the log as far as it is signed; returns its size.
pub(super) fn check(parts: &Parts, tx: &mut dyn Tx, findings: &mut Findings, told: &AllTold) -> Result<u64, Error> {
    let gaps = lost_rows(tx, findings)?;
    let checkpoint = head(parts, tx, findings)?;
    let size = checkpoint.as_ref().map(Checkpoint::size);
    let mut gaps = gaps;
    if let Some(checkpoint) = &checkpoint {
        outside(tx, findings, checkpoint.size())?;
        gaps |= tree(parts, tx, findings, checkpoint)?;
    }
    for event in &told.strays {
        let (table, sentence) = if gaps {
            (
                "log_leaves",
                "the event has no place in the log and does not wait for one",
            )
        } else {
            (
                "log_pending",
                "is missing: the event is not in the log and does not wait for its place",
            )
        };
        findings.add(table, event.as_str(), sentence);
    }
    Ok(size.unwrap_or(0))
}

/// Places of events that are not there; true when entries of the log are concerned.
fn lost_rows(tx: &mut dyn Tx, findings: &mut Findings) -> Result<bool, Error> {
    let lost = rows::leaves_without_event(tx)?;
    for leaf in &lost {
        let event = EventId::from_i64(leaf.event).to_string();
        findings.add(
            "events",
            event,
            format!("is missing: entry {} of the log names it", leaf.position),
        );
    }
    for event in rows::pending_without_event(tx)? {
        let event = EventId::from_i64(event).to_string();
        findings.add(
            "events",
            event.as_str(),
            "is missing: it waits for its place in the log",
        );
        findings.add("log_pending", event, "waits for a place, and there is no such event");
    }
    Ok(!lost.is_empty())
}

/// The signed checkpoint, if it is one.
fn head(parts: &Parts, tx: &mut dyn Tx, findings: &mut Findings) -> Result<Option<Checkpoint>, Error> {
    let heads = rows::heads(tx)?;
    findings.looked_at(heads.len());
    for extra in heads.iter().filter(|head| head.id != 1) {
        findings.add(
            "log_head",
            extra.id.to_string(),
            "the log has one head, and this is another",
        );
    }
    let Some(head) = heads.iter().find(|head| head.id == 1) else {
        findings.add(
            "log_head",
            "1",
            "is missing: the rest of the log cannot be compared with anything",
        );
        return Ok(None);
    };
    let stored = Head {
        size: 0,
        checkpoint: head.checkpoint.clone().unwrap_or_default(),
    };
    let Ok(checkpoint) = seal::verified(parts, &stored) else {
        let sentence =
            "the checkpoint is not signed by the log's key: it was altered, and the log cannot be compared with it";
        findings.add("log_head", "1", sentence);
        return Ok(None);
    };
    if head.size.and_then(|size| u64::try_from(size).ok()) != Some(checkpoint.size()) {
        findings.add(
            "log_head",
            "1",
            "the size beside the checkpoint is not the one that was signed",
        );
    }
    Ok(Some(checkpoint))
}

/// Leaves and tiles that a log of this size does not have.
fn outside(tx: &mut dyn Tx, findings: &mut Findings, size: u64) -> Result<(), Error> {
    for leaf in rows::leaves_outside(tx, i64::try_from(size).unwrap_or(i64::MAX))? {
        findings.add(
            "log_leaves",
            leaf.position.to_string(),
            format!("the log has {size} entries, and this is none of them"),
        );
    }
    let mut pages = Tiles::new();
    while let Some(page) = pages.next(tx)? {
        findings.looked_at(page.len());
        for tile in page {
            let row = tile
                .place
                .map_or_else(|| "?".to_owned(), |(level, position)| format!("{level} {position}"));
            match in_tree(&tile, size) {
                None => findings.add("log_tiles", row, format!("a log of {size} entries has no such tile")),
                Some(place) if tile.width != Some(i64::from(place.width())) => {
                    findings.add(
                        "log_tiles",
                        row,
                        "its width is not the one that it has in a log of this size",
                    );
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}

fn in_tree(tile: &StoredTile, size: u64) -> Option<Tile> {
    let (level, position) = tile.place?;
    Tile::in_tree(
        size,
        Level::Hashes(u8::try_from(level).ok()?),
        u64::try_from(position).ok()?,
    )
}

/// A leaf that does not give the hash in its tile.
struct Differing {
    position: u64,
    event: i64,
    genuine: bool,
}

/// The stored log, as it is audited.
struct Stored<'a> {
    parts: &'a Parts,
    tx: &'a mut dyn Tx,
    /// The leaves that were read last: they are compared with their tile when it is asked for.
    window: Vec<(u64, Leaf, Hash)>,
    differing: Vec<Differing>,
    read: usize,
}

impl LogSource for Stored<'_> {
    type Error = Error;

    fn commitments(&mut self, start: u64, count: u16) -> Result<Vec<Commitment>, Error> {
        self.window.clear();
        let from = i64::try_from(start).map_err(|_| Error::Bug("a log that is too long"))?;
        let leaves = rows::leaves(self.tx, from, usize::from(count))?;
        self.read = self.read.saturating_add(leaves.len());
        let mut commitments = Vec::with_capacity(leaves.len());
        for (position, leaf) in (start..).zip(leaves) {
            // Where a leaf or its event is missing, the audit is told so by the end of the list.
            let Some(event) = leaf
                .recorded
                .as_ref()
                .filter(|_| u64::try_from(leaf.position) == Ok(position))
            else {
                break;
            };
            let commitment = commit(&event.salt, event.body.as_bytes());
            self.window.push((position, leaf, commitment.leaf_hash()));
            commitments.push(commitment);
        }
        Ok(commitments)
    }

    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        let Level::Hashes(level) = tile.level() else {
            return Ok(None);
        };
        let stored = super::readable(store::log::tile(self.tx, u64::from(level), tile.index()))?.flatten();
        let stored = stored.map(|stored| stored.hashes);
        if let (0, Some(bytes)) = (level, &stored) {
            self.compare(tile, bytes);
        }
        Ok(stored)
    }
}

impl Stored<'_> {
    fn compare(&mut self, tile: Tile, bytes: &[u8]) {
        let first = tile.index().saturating_mul(u64::from(WIDTH_MAX));
        for (position, hash) in (first..).zip(bytes.chunks(Hash::LEN)) {
            let leaf = self.window.iter().find(|(own, _, _)| *own == position);
            if let Some((_, leaf, computed)) = leaf
                && computed.as_bytes() != hash
                && self.differing.len() < Findings::LISTED_MAX
            {
                let genuine = leaf
                    .recorded
                    .as_ref()
                    .is_some_and(|event| event.salt == store::events::salt(&self.parts.keyring, event));
                self.differing.push(Differing {
                    position,
                    event: leaf.event,
                    genuine,
                });
            }
        }
    }
}

/// Computes the tree again; true when an entry is missing.
fn tree(parts: &Parts, tx: &mut dyn Tx, findings: &mut Findings, checkpoint: &Checkpoint) -> Result<bool, Error> {
    let mut stored = Stored {
        parts,
        tx,
        window: Vec::new(),
        differing: Vec::new(),
        read: 0,
    };
    let verdict = check_log(&mut stored, std::slice::from_ref(checkpoint));
    let Stored {
        tx, differing, read, ..
    } = stored;
    findings.looked_at(read);
    let found = match verdict {
        Ok(_) => return Ok(false),
        Err(CheckError::Read(error)) => return Err(error),
        Err(CheckError::Size(_)) => {
            findings.add("log_head", "1", "the checkpoint names a size that no log can have");
            return Ok(false);
        }
        Err(CheckError::Found(found)) => found,
    };
    match found {
        Discrepancy::EntryMissing { index, size } => {
            // A missing event is told where its leaf is; here it is the leaf itself.
            let next = rows::leaves(tx, i64::try_from(index).unwrap_or(i64::MAX), 1)?;
            if next
                .first()
                .is_none_or(|leaf| u64::try_from(leaf.position) != Ok(index))
            {
                let sentence =
                    format!("is missing, although the log has {size} entries; what comes after it was not compared");
                findings.add("log_leaves", index.to_string(), sentence);
            }
            return Ok(true);
        }
        Discrepancy::TileMissing { .. } | Discrepancy::TileDiffers { .. } => tiles(tx, findings, checkpoint.size())?,
        Discrepancy::EventDiffers { .. } | Discrepancy::EntryDiffers { .. } | Discrepancy::RootDiffers { .. } => {
            rewritten(findings, &differing, found);
        }
    }
    Ok(false)
}

/// The entries do not give the signed root. An event that is not genuine has been named where events are checked.
fn rewritten(findings: &mut Findings, differing: &[Differing], found: Discrepancy) {
    for leaf in differing.iter().filter(|leaf| leaf.genuine) {
        let event = EventId::from_i64(leaf.event);
        findings.add(
            "log_leaves",
            leaf.position.to_string(),
            format!("names {event}, which was not sealed at this place"),
        );
    }
    if differing.is_empty() {
        findings.add(
            "log_head",
            "1",
            format!("{found}: events and tiles were rewritten together, or the checkpoint is of another time"),
        );
    }
}

/// The entries give the signed root, so it is tiles that were altered: all of them are named.
fn tiles(tx: &mut dyn Tx, findings: &mut Findings, size: u64) -> Result<(), Error> {
    let mut edge = TileEdge::empty();
    while edge.size() < size {
        let from = i64::try_from(edge.size()).map_err(|_| Error::Bug("a log that is too long"))?;
        let left = size.saturating_sub(edge.size());
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(usize::from(WIDTH_MAX));
        let leaves: Vec<Hash> = rows::leaves(tx, from, count)?
            .iter()
            .filter_map(|leaf| leaf.recorded.as_ref())
            .map(|event| commit(&event.salt, event.body.as_bytes()).leaf_hash())
            .collect();
        if leaves.is_empty() {
            break;
        }
        let grown = edge.append(&leaves).map_err(|_| Error::Bug("a log that cannot grow"))?;
        for content in grown
            .iter()
            .filter(|content| content.tile.is_full() || edge.size() == size)
        {
            let Level::Hashes(level) = content.tile.level() else {
                continue;
            };
            let stored = super::readable(store::log::tile(tx, u64::from(level), content.tile.index()))?.flatten();
            let row = format!("{level} {}", content.tile.index());
            match stored {
                None => findings.add(
                    "log_tiles",
                    row,
                    "is missing or cannot be read; the entries still give the signed root",
                ),
                Some(stored) if stored.hashes != content.bytes => {
                    findings.add("log_tiles", row, "was altered; the entries still give the signed root");
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}
