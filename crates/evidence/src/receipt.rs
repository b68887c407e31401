//! Receipts: a proof file that carries its event, so that one file and the log's public key are all anybody needs.
//!
//! The line `extra` holds the canonical JSON `{"entry":<event>,"salt":"<base64>"}`. Event and salt give the commitment,
//! the commitment is the leaf, the path leads from the leaf to the root, and the log's signature is over the root. A
//! receipt has no byte outside that chain: whatever is changed in the file, it no longer verifies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::canonical::{self, CanonicalError};
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::entry::{Salt, commit};
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::proof::{BYTES_MAX, Proof, ProofError};
use crate::verify::{Unproven, verify_inclusion};

const ENTRY: &str = "entry";
const SALT: &str = "salt";

/// Why a receipt cannot be written, or does not prove what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not a proof file.
    #[error("the receipt is not a proof file")]
    Proof(#[source] ProofError),
    /// The event is not an object or has no canonical form.
    #[error("the event of the receipt has no canonical form")]
    Event(#[source] CanonicalError),
    /// The line `extra` does not hold exactly an event and a salt.
    #[error("the receipt does not carry exactly one event and its salt")]
    Extra,
    /// The checkpoint is not of this log, or was altered.
    #[error("the checkpoint in the receipt is not a valid one of this log")]
    Checkpoint(#[source] CheckpointError),
    /// Signatures besides that of the log: nothing here vouches for those bytes.
    #[error("a receipt carries the signature of its log and no other")]
    ForeignSignature,
    /// The event is not at that place of the log.
    #[error("the event is not in the log at the place that the receipt names")]
    NotIncluded(#[source] Unproven),
}

/// What a receipt is made of.
#[derive(Debug, Clone, Copy)]
pub struct Receipt<'a> {
    /// The event as it was committed to, an object.
    pub event: &'a Value,
    /// The salt of its commitment.
    pub salt: &'a Salt,
    /// Its index in the log.
    pub index: u64,
    /// The inclusion proof from its leaf to the root of the checkpoint.
    pub path: &'a [Hash],
    /// A checkpoint of the log that covers the entry, signed by the log alone.
    pub checkpoint: &'a SignedCheckpoint,
}

/// What a receipt proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedReceipt {
    /// The name of the log.
    pub origin: String,
    /// How many entries the log had when it signed.
    pub size: u64,
    /// The root of the log at that size.
    pub root: Hash,
    /// The place of the event among them, from 0.
    pub index: u64,
    /// The event.
    pub event: Value,
}

impl Receipt<'_> {
    /// The bytes of the receipt file.
    ///
    /// Everything but the signature is checked before, so that no receipt is handed out that would not verify.
    ///
    /// # Errors
    /// The event has no canonical form, the proof does not lead to the checkpoint, or others signed that too.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReceiptError> {
        let extra = self.extra()?;
        let proof = Proof::new(Some(extra), self.index, self.path.to_vec(), self.checkpoint.clone())
            .map_err(ReceiptError::Proof)?;
        check_inclusion(&proof)?;
        let bytes = proof.to_bytes();
        if bytes.len() > BYTES_MAX {
            Err(ReceiptError::Proof(ProofError::TooLong))
        } else {
            Ok(bytes)
        }
    }

    fn extra(&self) -> Result<Vec<u8>, ReceiptError> {
        let carried = Map::from_iter([
            (ENTRY.to_owned(), self.event.clone()),
            (SALT.to_owned(), Value::String(STANDARD.encode(self.salt))),
        ]);
        canonical::to_canonical(&Value::Object(carried)).map_err(ReceiptError::Event)
    }
}

/// Verifies the bytes of a receipt with nothing but the public key of the log.
///
/// # Errors
/// Why the receipt proves nothing; a receipt that was changed in any byte ends here.
pub fn verify_receipt(bytes: &[u8], log: &VerifierKey) -> Result<VerifiedReceipt, ReceiptError> {
    let proof = Proof::parse(bytes).map_err(ReceiptError::Proof)?;
    proof.checkpoint().verify(log).map_err(ReceiptError::Checkpoint)?;
    let event = check_inclusion(&proof)?;
    let checkpoint = proof.checkpoint().unverified();
    Ok(VerifiedReceipt {
        origin: checkpoint.origin().to_owned(),
        size: checkpoint.size(),
        root: checkpoint.root(),
        index: proof.index(),
        event,
    })
}

/// Everything but the signature itself: it is the log's own and the only one, event and salt are in place, and their leaf
/// is under the root.
fn check_inclusion(proof: &Proof) -> Result<Value, ReceiptError> {
    let checkpoint = proof.checkpoint().unverified();
    // SECURITY: a signature of an unknown key could be changed at will without anybody noticing.
    match proof.checkpoint().note().signatures() {
        [only] if only.name() == checkpoint.origin() => {}
        _ => return Err(ReceiptError::ForeignSignature),
    }
    let (event, salt) = split_extra(proof.extra().ok_or(ReceiptError::Extra)?)?;
    let canonical = canonical::to_canonical(&event).map_err(ReceiptError::Event)?;
    let leaf = commit(&salt, &canonical).leaf_hash();
    verify_inclusion(
        &leaf,
        proof.index(),
        checkpoint.size(),
        proof.path(),
        &checkpoint.root(),
    )
    .map_err(ReceiptError::NotIncluded)?;
    Ok(event)
}

fn split_extra(extra: &[u8]) -> Result<(Value, Salt), ReceiptError> {
    let Value::Object(mut members) = canonical::from_canonical(extra).map_err(ReceiptError::Event)? else {
        return Err(ReceiptError::Extra);
    };
    let event = members
        .remove(ENTRY)
        .filter(Value::is_object)
        .ok_or(ReceiptError::Extra)?;
    let salt = members
        .remove(SALT)
        .as_ref()
        .and_then(Value::as_str)
        .and_then(decode_salt)
        .ok_or(ReceiptError::Extra)?;
    if members.is_empty() {
        Ok((event, salt))
    } else {
        Err(ReceiptError::Extra)
    }
}

fn decode_salt(text: &str) -> Option<Salt> {
    STANDARD.decode(text).ok()?.try_into().ok()
}
