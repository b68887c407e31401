//! Seal: the only sequencer of the log. Places committed events, extends the Merkle tree, stores the tiles, signs the new checkpoint.
//!
//! One transaction writes all of it, so a crash leaves either the old head with its tiles or the new one with its tiles. Several servers may
//! try at once: the head row is locked, and a head that moved makes the attempt begin again.

use crate::platform::{Parts, Platform, StartError};
use crate::refusal::{Error, chain};
use evidence::bundle;
use evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use evidence::entry::commit;
use evidence::growth::TileEdge;
use evidence::tile::{Level, Tile};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use store::Tx;
use store::events::Event;
use store::log::Head;
use vocab::limits;

/// Milliseconds between two looks for events. A receipt can be had this much after the event at the latest.
const IDLE_MILLIS: u64 = 200;
/// Milliseconds between two places given under load: each time costs a signature and the right edge of the tree, however few events it is for.
const BUSY_MILLIS: u64 = 50;
/// Milliseconds until the next try after one that failed.
const FAILED_MILLIS: u64 = 2_000;

/// Gives every committed event its place, up to [`limits::SEAL_MAX`] of them; returns how many.
pub async fn seal(platform: &Platform) -> Result<usize, Error> {
    loop {
        let parts = Arc::clone(platform.parts());
        let store = parts.store.clone();
        let Some(growth) = store.read("seal", move |tx| Growth::next(&parts, tx)).await? else {
            return Ok(0);
        };
        let placed = growth.events.len();
        if store.write("seal", move |tx| growth.write(tx)).await? {
            return Ok(placed);
        }
    }
}

/// Seals until `shutdown` completes, and then what was committed until then: whatever was acknowledged before the end is under the last
/// checkpoint.
pub async fn run(platform: Platform, shutdown: impl Future<Output = ()>) {
    let mut shutdown = pin!(shutdown);
    loop {
        let pause = match seal(&platform).await {
            Ok(0) => Duration::from_millis(IDLE_MILLIS),
            Ok(limits::SEAL_MAX..) => Duration::ZERO,
            Ok(_) => Duration::from_millis(BUSY_MILLIS),
            Err(error) => {
                tracing::error!(error = %chain(&error), "the log could not be sealed; trying again");
                Duration::from_millis(FAILED_MILLIS)
            }
        };
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            () = tokio::time::sleep(pause) => {}
        }
    }
    if let Err(error) = seal_all(&platform).await {
        tracing::error!(error = %chain(&error), "the last events are not sealed yet; the next start seals them");
    }
}

/// Seals until nothing is pending.
pub async fn seal_all(platform: &Platform) -> Result<(), Error> {
    while seal(platform).await? > 0 {}
    Ok(())
}

/// The signed checkpoint as it is published.
pub async fn checkpoint(platform: &Platform) -> Result<String, Error> {
    let head = platform.parts().store.read("checkpoint", |tx| -> Result<_, Error> {
        Ok(store::log::published(tx)?)
    });
    Ok(head.await?.map(|head| head.checkpoint).unwrap_or_default())
}

/// The bytes of a tile or an entry bundle, if the log has grown that far.
pub async fn tile(platform: &Platform, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
    platform
        .parts()
        .store
        .read("tile", move |tx| stored_tile(tx, tile))
        .await
}

pub(crate) fn stored_tile(tx: &mut dyn Tx, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
    match tile.level() {
        Level::Hashes(level) => {
            let stored = store::log::tile(tx, u64::from(level), tile.index())?;
            Ok(stored.and_then(|stored| tile.narrow(&stored.hashes).map(<[u8]>::to_vec)))
        }
        Level::Entries => {
            let width = usize::from(tile.width());
            let leaves = store::log::leaves(tx, tile.index().saturating_mul(256), width)?;
            if leaves.len() != width {
                return Ok(None);
            }
            let mut bytes = Vec::with_capacity(width * 34);
            for leaf in &leaves {
                let commitment = commit(&leaf.event.salt, leaf.event.body.as_bytes());
                bundle::push(commitment.as_ref(), &mut bytes)
                    .map_err(|_| Error::Bug("an entry too long for a bundle"))?;
            }
            Ok(Some(bytes))
        }
    }
}

/// What the log is to grow by. Made from a snapshot, because most of the work is hashing and would keep writers waiting; the log is the same
/// when it is written, or nothing is.
struct Growth {
    from: u64,
    events: Vec<Event>,
    tiles: Vec<store::log::Tile>,
    head: Head,
}

impl Growth {
    /// The next growth; none when no event is pending.
    fn next(parts: &Parts, tx: &mut dyn Tx) -> Result<Option<Self>, Error> {
        let events: Vec<Event> = store::log::pending(tx, limits::SEAL_MAX)?
            .into_iter()
            .map(|placed| placed.event)
            .collect();
        if events.is_empty() {
            return Ok(None);
        }
        // SECURITY: a place in the log is a signature. Whoever can add rows to the database, but has no key, must not get one.
        if events
            .iter()
            .any(|event| event.salt != store::events::salt(&parts.keyring, event))
        {
            return Err(Error::Bug(
                "an event that waits for its place was altered or added by somebody else; run `countersign log check`",
            ));
        }
        let Some(head) = store::log::published(tx)? else {
            return Err(Error::Bug("a log without a head"));
        };
        let mut edge = sound_edge(parts, tx, &head)?;
        let leaves: Vec<_> = events
            .iter()
            .map(|event| commit(&event.salt, event.body.as_bytes()).leaf_hash())
            .collect();
        let grown = edge.append(&leaves).map_err(|_| Error::Bug("a log that cannot grow"))?;
        let mut tiles = Vec::with_capacity(grown.len());
        for content in grown {
            if let Level::Hashes(level) = content.tile.level() {
                tiles.push(store::log::Tile {
                    level: u64::from(level),
                    position: content.tile.index(),
                    hashes: content.bytes,
                });
            }
        }
        let new = Head {
            size: edge.size(),
            checkpoint: sign(parts, edge.size(), edge.root())?,
        };
        Ok(Some(Self {
            from: head.size,
            events,
            tiles,
            head: new,
        }))
    }

    /// False when another server has grown the log meanwhile.
    fn write(&self, tx: &mut dyn Tx) -> Result<bool, Error> {
        if store::log::head(tx)?.is_none_or(|head| head.size != self.from) {
            return Ok(false);
        }
        store::log::grow(tx, self.from, &self.events, &self.tiles, &self.head)?;
        Ok(true)
    }
}

/// The right edge of the tree, after checking that the stored tiles give the root that was signed.
fn sound_edge(parts: &Parts, tx: &mut dyn Tx, head: &Head) -> Result<TileEdge, Error> {
    let published = verified(parts, head)?;
    let mut contents = Vec::new();
    for tile in TileEdge::partial_tiles(head.size) {
        contents.push(stored_tile(tx, tile)?.ok_or(Error::Bug("a tile of the log is missing"))?);
    }
    let edge =
        TileEdge::load(head.size, &contents).map_err(|_| Error::Bug("the tiles of the log have a wrong size"))?;
    if edge.size() == published.size() && edge.root() == published.root() {
        Ok(edge)
    } else {
        Err(Error::Bug("the tiles of the log do not give the root that was signed"))
    }
}

/// The checkpoint of a head, once its signature has been checked.
pub(crate) fn verified(parts: &Parts, head: &Head) -> Result<Checkpoint, Error> {
    let signed = SignedCheckpoint::parse(head.checkpoint.as_bytes())
        .map_err(|_| Error::Bug("the stored checkpoint cannot be read"))?;
    let checkpoint = signed
        .verify(&parts.log_verifier)
        .map_err(|_| Error::Bug("the stored checkpoint is not signed by the log's key"))?;
    Ok(checkpoint.clone())
}

fn sign(parts: &Parts, size: u64, root: evidence::hash::Hash) -> Result<String, Error> {
    let unsigned = Checkpoint::new(parts.log_verifier.name(), size, root)
        .map_err(|_| Error::Bug("a checkpoint that cannot be made"))?;
    let signed = unsigned
        .sign(&[&parts.log_key])
        .map_err(|_| Error::Bug("a checkpoint that cannot be signed"))?;
    String::from_utf8(signed.to_bytes()).map_err(|_| Error::Bug("a checkpoint that is no text"))
}

impl Platform {
    /// Begins the log of a new database, or checks at start that the log of an old one ends as it was signed.
    pub(crate) async fn begin_log(&self) -> Result<(), StartError> {
        let parts = Arc::clone(self.parts());
        let first = Head {
            size: 0,
            checkpoint: sign(&parts, 0, evidence::hash::Hash::EMPTY_TREE)?,
        };
        let store = parts.store.clone();
        let checked = store.write("log", move |tx| -> Result<_, Error> {
            store::log::begin(tx, &first)?;
            let Some(head) = store::log::head(tx)? else {
                return Err(Error::Bug("a log without a head"));
            };
            sound_edge(&parts, tx, &head)?;
            Ok(())
        });
        match checked.await {
            Err(Error::Bug(what)) => Err(StartError::Log(what.to_owned())),
            other => Ok(other?),
        }
    }
}
