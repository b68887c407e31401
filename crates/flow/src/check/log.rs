//! The log: its signed head, the places of events, and the tree over them.

mod tree;

use super::Findings;
use super::events::Strays;
use crate::platform::Parts;
use crate::refusal::Error;
use crate::seal;
use evidence::checkpoint::Checkpoint;
use evidence::hash::Hash;
use evidence::tile::{Level, Tile};
use store::Tx;
use store::audit::log::{self as rows, StoredTile, Tiles};
use store::log::Head;
use vocab::id::EventId;

/// Checks the log as far as it is signed; returns its size. `strays` are genuine events that have no place.
pub(super) fn check(parts: &Parts, tx: &mut dyn Tx, findings: &mut Findings, mut strays: Strays) -> Result<u64, Error> {
    leaves_without_event(tx, findings, &mut strays)?;
    pending_without_event(tx, findings)?;
    let checkpoint = head(parts, tx, findings)?;
    let size = checkpoint.as_ref().map_or(0, Checkpoint::size);
    if let Some(checkpoint) = &checkpoint {
        outside(tx, findings, size)?;
        for position in tree::check(parts, tx, findings, checkpoint)? {
            let sentence = match tree::sealed_at(tx, position)?.and_then(|hash| strays.remove(hash.as_bytes())) {
                Some(event) => format!("is missing: {event} was sealed at this place"),
                None => format!("is missing, although the log has {size} entries"),
            };
            findings.add("log_leaves", position.to_string(), sentence);
        }
    }
    for event in strays.into_values() {
        let sentence = "is missing: the event is not in the log and does not wait for its place";
        findings.add("log_pending", event.to_string(), sentence);
    }
    Ok(size)
}

/// Leaves that name an event which is not there: it was removed; or the leaf was altered, and the event that belongs there is a stray.
fn leaves_without_event(tx: &mut dyn Tx, findings: &mut Findings, strays: &mut Strays) -> Result<(), Error> {
    for leaf in rows::leaves_without_event(tx)? {
        let event = EventId::from_i64(leaf.event);
        let sealed = u64::try_from(leaf.position).map_or(Ok(None), |position| tree::sealed_at(tx, position))?;
        match sealed.and_then(|hash| strays.remove(hash.as_bytes())) {
            Some(own) => {
                let sentence = format!("names {event}, which is not there; {own} was sealed at this place");
                findings.add("log_leaves", leaf.position.to_string(), sentence);
            }
            None => {
                let sentence = format!("is missing: entry {} of the log names it", leaf.position);
                findings.add("events", event.to_string(), sentence);
            }
        }
    }
    Ok(())
}

fn pending_without_event(tx: &mut dyn Tx, findings: &mut Findings) -> Result<(), Error> {
    for event in rows::pending_without_event(tx)? {
        let event = EventId::from_i64(event).to_string();
        findings.add(
            "events",
            event.as_str(),
            "is missing: it waits for its place in the log",
        );
        findings.add("log_pending", event, "waits for a place, and there is no such event");
    }
    Ok(())
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
                Some(place)
                    if tile.width != Some(i64::from(place.width())) || length(&tile) != Some(place.width().into()) =>
                {
                    findings.add("log_tiles", row, "it is not as wide as it is in a log of this size");
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}

/// Hashes in a tile.
fn length(tile: &StoredTile) -> Option<usize> {
    let hashes = tile.hashes.as_ref()?;
    hashes
        .len()
        .is_multiple_of(Hash::LEN)
        .then_some(hashes.len() / Hash::LEN)
}

fn in_tree(tile: &StoredTile, size: u64) -> Option<Tile> {
    let (level, position) = tile.place?;
    Tile::in_tree(
        size,
        Level::Hashes(u8::try_from(level).ok()?),
        u64::try_from(position).ok()?,
    )
}
