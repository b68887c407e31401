//! The public log, read as any third party reads it: checkpoints that were published, and the proof that a later one continues an
//! earlier one. The keys and tiles come over the public endpoints; nothing is taken from the database.

use crate::Failure;
use crate::load::Asker;
use crate::report::Violation;
use evidence::check::check_growth;
use evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use evidence::key::VerifierKey;
use evidence::receipt::verify_receipt;
use evidence::tile::Tile;
use evidence::tile_reader::TileReader;
use std::collections::BTreeMap;

const CONTINUES: &str = "the log continues from the last checkpoint that was published before";
/// Tiles fetched for one proof at most: a few on each level.
const TILES_MAX: usize = 64;

/// Remembers what is published at the moment, if a server answers.
pub(crate) async fn watch(asker: &mut Asker) {
    if let Ok(reply) = asker.read_public("/log/checkpoint").await
        && reply.status.is_success()
    {
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        let size = text.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or(0);
        asker.witness.published(size, &text);
    }
}

/// Proves that the log of now continues the last one that was published.
pub(crate) async fn continues(asker: &mut Asker) -> Result<(), Failure> {
    let log = asker.read("/v1/log").await?;
    let key = VerifierKey::parse(log["verifier_key"].as_str().unwrap_or_default())?;
    let text = asker.bytes("/log/checkpoint").await?;
    let newer = verified(&text, &key)?;
    if let Some(known) = asker.witness.checkpoint() {
        let older = verified(known.as_bytes(), &key)?;
        if older.size() > newer.size() {
            let found = format!("{} entries after {} were published", newer.size(), older.size());
            return Violation::fail(CONTINUES, found);
        }
        grown(asker, &older, &newer).await?;
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    asker.witness.published(newer.size(), &text);
    Ok(())
}

/// Fetches the tiles that the proof asks for, until it has all.
async fn grown(asker: &mut Asker, older: &Checkpoint, newer: &Checkpoint) -> Result<(), Failure> {
    let mut tiles: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for _ in 0..TILES_MAX {
        let mut wanted: Option<Tile> = None;
        let mut reader = TileReader::new(newer.size(), |tile: Tile| -> Result<_, std::convert::Infallible> {
            let known = tiles.get(&tile.to_string()).cloned();
            if known.is_none() {
                wanted = Some(tile);
            }
            Ok(known)
        });
        let checked = check_growth(&mut reader, older, newer);
        match (checked, wanted) {
            (Ok(()), _) => return Ok(()),
            (Err(_), Some(tile)) => {
                let bytes = asker.bytes(&format!("/log/{tile}")).await?;
                tiles.insert(tile.to_string(), bytes.to_vec());
            }
            (Err(error), None) => return Violation::fail(CONTINUES, error.to_string()),
        }
    }
    Err("the proof of the log's growth asks for too many tiles".into())
}

fn verified(text: &[u8], key: &VerifierKey) -> Result<Checkpoint, Failure> {
    let checked = SignedCheckpoint::parse(text).and_then(|signed| signed.verify(key).cloned());
    match checked {
        Ok(checkpoint) => Ok(checkpoint),
        Err(error) => Violation::fail("a published checkpoint is signed by the log's key", error.to_string()),
    }
}

/// The receipt of a payment holds.
pub(crate) async fn proven(asker: &mut Asker, payment: &str) -> Result<(), Failure> {
    let log = asker.read("/v1/log").await?;
    let key = VerifierKey::parse(log["verifier_key"].as_str().unwrap_or_default())?;
    let receipt = asker.signed_bytes(&format!("/v1/payments/{payment}/receipt")).await?;
    match verify_receipt(&receipt, &key) {
        Ok(_) => Ok(()),
        Err(error) => Violation::fail("receipts verify", format!("{payment}: {error}")),
    }
}
