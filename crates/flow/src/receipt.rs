//! Receipts: the newest event of a payment with the proof that it is in the log, as one file that verifies offline.

use crate::platform::Platform;
use crate::refusal::Error;
use crate::seal::stored_tile;
use crate::view::{read, standing_of};
use evidence::checkpoint::SignedCheckpoint;
use evidence::receipt::Receipt;
use evidence::tile_reader::TileReader;
use evidence::tree::prove_inclusion;
use vocab::context::Ctx;
use vocab::id::PaymentId;

/// The receipt of a payment in its present state; `None` while its newest event is not sealed yet (normally under a second).
pub async fn receipt(platform: &Platform, ctx: Ctx, payment: PaymentId) -> Result<Option<Vec<u8>>, Error> {
    read(platform, ctx, "receipt", move |_, tx, scope| {
        let standing = standing_of(tx, scope, payment)?;
        let newest =
            store::events::load(tx, scope, standing.state.event)?.ok_or(Error::Bug("a state without its event"))?;
        let Some(position) = newest.position else {
            return Ok(None);
        };
        let head = store::log::published(tx)?.ok_or(Error::Bug("a log without a head"))?;
        let checkpoint = SignedCheckpoint::parse(head.checkpoint.as_bytes())
            .map_err(|_| Error::Bug("the stored checkpoint cannot be read"))?;
        let path = {
            let mut reader = TileReader::new(head.size, |tile| stored_tile(tx, tile));
            prove_inclusion(&mut reader, position, head.size).map_err(|_| Error::Bug("a tile of the log is missing"))?
        };
        let event =
            serde_json::from_str(&newest.event.body).map_err(|_| Error::Bug("a stored event that cannot be read"))?;
        let receipt = Receipt {
            event: &event,
            salt: &newest.event.salt,
            index: position,
            path: &path,
            checkpoint: &checkpoint,
        };
        let bytes = receipt
            .to_bytes()
            .map_err(|_| Error::Bug("a stored event that is not under the checkpoint"))?;
        Ok(Some(bytes))
    })
    .await
}
