//! The tree over the events, computed again. When it does not come to the signed root, each leaf and each tile is looked at, and the
//! root decides which of them is the altered one.

use super::super::{Findings, readable};
use crate::platform::Parts;
use crate::refusal::Error;
use evidence::check::{CheckError, Discrepancy, LogSource, check_log};
use evidence::checkpoint::Checkpoint;
use evidence::entry::{Commitment, commit};
use evidence::growth::TileEdge;
use evidence::hash::Hash;
use evidence::tile::{Level, Tile, TileContent, WIDTH_MAX};
use store::Tx;
use store::audit::log::{Leaf, leaves};
use vocab::id::EventId;

/// The stored log, as it is audited.
struct Stored<'a> {
    tx: &'a mut dyn Tx,
    read: usize,
}

impl LogSource for Stored<'_> {
    type Error = Error;

    fn commitments(&mut self, start: u64, count: u16) -> Result<Vec<Commitment>, Error> {
        let page = leaves(self.tx, number(start), usize::from(count))?;
        self.read = self.read.saturating_add(page.len());
        // Where a leaf or its event is missing, the audit is told so by the end of the list.
        let present = (number(start)..).zip(page).map_while(|(position, leaf)| {
            let event = leaf.recorded.filter(|_| leaf.position == position)?;
            Some(commit(&event.salt, event.body.as_bytes()))
        });
        Ok(present.collect())
    }

    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        stored_hashes(self.tx, tile)
    }
}

fn stored_hashes(tx: &mut dyn Tx, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
    let Level::Hashes(level) = tile.level() else {
        return Ok(None);
    };
    let stored = readable(store::log::tile(tx, u64::from(level), tile.index()))?.flatten();
    Ok(stored.map(|stored| stored.hashes))
}

/// Computes the tree again and names what differs; returns the entries that have no leaf.
pub(super) fn check(
    parts: &Parts,
    tx: &mut dyn Tx,
    findings: &mut Findings,
    checkpoint: &Checkpoint,
) -> Result<Vec<u64>, Error> {
    let mut stored = Stored { tx, read: 0 };
    let verdict = check_log(&mut stored, std::slice::from_ref(checkpoint));
    let Stored { tx, read } = stored;
    findings.looked_at(read);
    match verdict {
        Ok(_) => Ok(Vec::new()),
        Err(CheckError::Read(error)) => Err(error),
        Err(CheckError::Size(_)) => {
            findings.add("log_head", "1", "the checkpoint names a size that no log can have");
            Ok(Vec::new())
        }
        Err(CheckError::Found(found)) => name_all(parts, tx, findings, checkpoint, found),
    }
}

/// Where the leaves of a log are taken from that contradicts itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// From genuine events; only what is missing from the tiles.
    Events,
    /// From the tiles.
    Tiles,
}

/// What the log comes to under one kind of trust.
struct Grown {
    root: Hash,
    /// Tiles that are not what the leaves give.
    tiles: Vec<String>,
    /// Genuine events at places where their hash is not in the tile.
    misplaced: Vec<(u64, EventId)>,
    /// Entries without a leaf.
    missing: Vec<u64>,
}

/// Names every tile and every leaf that was altered. Which of the two it was, where they differ, the signed root decides.
fn name_all(
    parts: &Parts,
    tx: &mut dyn Tx,
    findings: &mut Findings,
    checkpoint: &Checkpoint,
    found: Discrepancy,
) -> Result<Vec<u64>, Error> {
    let by_events = grow(parts, tx, checkpoint.size(), Trust::Events)?;
    if by_events.root == checkpoint.root() {
        name_tiles(findings, by_events.tiles);
        return Ok(by_events.missing);
    }
    let by_tiles = grow(parts, tx, checkpoint.size(), Trust::Tiles)?;
    for (position, event) in by_tiles.misplaced {
        let sentence = format!("names {event}, which was not sealed at this place");
        findings.add("log_leaves", position.to_string(), sentence);
    }
    name_tiles(findings, by_tiles.tiles);
    if by_tiles.root != checkpoint.root() {
        let sentence = format!("{found}: leaves and tiles were rewritten, or the checkpoint is that of another time");
        findings.add("log_head", "1", sentence);
    }
    Ok(by_events.missing)
}

fn name_tiles(findings: &mut Findings, tiles: Vec<String>) {
    for tile in tiles {
        findings.add(
            "log_tiles",
            tile,
            "is missing or was altered: it is not what the entries give",
        );
    }
}

fn grow(parts: &Parts, tx: &mut dyn Tx, size: u64, trust: Trust) -> Result<Grown, Error> {
    let mut edge = TileEdge::empty();
    let mut grown = Grown {
        root: Hash::EMPTY_TREE,
        tiles: Vec::new(),
        misplaced: Vec::new(),
        missing: Vec::new(),
    };
    while edge.size() < size {
        let page = page_of_leaves(parts, tx, edge.size(), size, trust, &mut grown)?;
        for content in edge.append(&page).map_err(|_| Error::Bug("a log that cannot grow"))? {
            if content.tile.is_full() {
                compare(tx, &content, &mut grown)?;
            }
        }
    }
    for content in edge.partial_contents() {
        compare(tx, &content, &mut grown)?;
    }
    grown.root = edge.root();
    Ok(grown)
}

fn compare(tx: &mut dyn Tx, content: &TileContent, grown: &mut Grown) -> Result<(), Error> {
    let Level::Hashes(level) = content.tile.level() else {
        return Ok(());
    };
    if stored_hashes(tx, content.tile)?.as_ref() != Some(&content.bytes) && grown.tiles.len() < Findings::LISTED_MAX {
        grown.tiles.push(format!("{level} {}", content.tile.index()));
    }
    Ok(())
}

/// The leaves of one tile's width, each from where it is trusted.
fn page_of_leaves(
    parts: &Parts,
    tx: &mut dyn Tx,
    from: u64,
    size: u64,
    trust: Trust,
    grown: &mut Grown,
) -> Result<Vec<Hash>, Error> {
    let width = usize::from(WIDTH_MAX);
    let until = from.saturating_add(u64::from(WIDTH_MAX)).min(size);
    let mut stored = std::collections::BTreeMap::new();
    for leaf in leaves(tx, number(from), width)? {
        stored.insert(leaf.position, leaf);
    }
    let tile = Tile::in_tree(size, Level::Hashes(0), from / u64::from(WIDTH_MAX));
    let hashes = tile
        .map_or(Ok(None), |tile| stored_hashes(tx, tile))?
        .unwrap_or_default();
    let mut page = Vec::with_capacity(width);
    for (place, position) in (from..until).enumerate() {
        let in_tile = hash_in(&hashes, place);
        let leaf: Option<&Leaf> = stored.get(&number(position));
        if leaf.is_none() && grown.missing.len() < Findings::LISTED_MAX {
            grown.missing.push(position);
        }
        let event = leaf.and_then(|leaf| leaf.recorded.as_ref());
        let genuine = event.filter(|event| event.salt == store::events::salt(&parts.keyring, event));
        let computed = genuine.map(|event| (event.id, commit(&event.salt, event.body.as_bytes()).leaf_hash()));
        if let (Some((event, computed)), Some(in_tile)) = (computed, in_tile)
            && computed != in_tile
            && grown.misplaced.len() < Findings::LISTED_MAX
        {
            grown.misplaced.push((position, event));
        }
        let computed = computed.map(|(_, hash)| hash);
        let leaf = match trust {
            Trust::Events => computed.or(in_tile),
            Trust::Tiles => in_tile.or(computed),
        };
        // Neither event nor tile: no root will agree.
        page.push(leaf.unwrap_or(Hash::EMPTY_TREE));
    }
    Ok(page)
}

fn number(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// The hash of a leaf, as its tile has it.
pub(super) fn sealed_at(tx: &mut dyn Tx, position: u64) -> Result<Option<Hash>, Error> {
    let width = u64::from(WIDTH_MAX);
    let tile = readable(store::log::tile(tx, 0, position / width))?.flatten();
    let place = usize::try_from(position % width).unwrap_or(usize::MAX);
    Ok(tile.and_then(|tile| hash_in(&tile.hashes, place)))
}

fn hash_in(hashes: &[u8], place: usize) -> Option<Hash> {
    let hash = hashes.chunks(Hash::LEN).nth(place)?;
    hash.try_into().ok().map(Hash::from_bytes)
}
