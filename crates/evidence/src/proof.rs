//! Proof files: one entry's place in the log in a file of its own (C2SP tlog-proof).
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra <base64>            whatever is needed to rebuild the leaf; this line may be absent
//! index <decimal>
//! <base64 hash>             the inclusion proof, leaf's sibling first
//!
//! <signed checkpoint>
//! ```
//!
//! Reading is strict: what [`Proof::parse`] accepts, [`Proof::to_bytes`] writes back unchanged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::decimal;
use crate::hash::Hash;

/// The longest proof file that is read, in bytes. Ours have a few kilobytes.
pub const BYTES_MAX: usize = 1024 * 1024;

/// The longest possible inclusion proof: one hash per bit of the index.
pub const PATH_MAX: usize = 64;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Why bytes are not a proof file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// More than [`BYTES_MAX`].
    #[error("the proof is longer than {BYTES_MAX} bytes")]
    TooLong,
    /// Not UTF-8.
    #[error("the proof is not utf-8 text")]
    NotText,
    /// Another first line.
    #[error("the first line is not `{HEADER}`")]
    Header,
    /// No blank line between the proof and the checkpoint.
    #[error("there is no blank line before the checkpoint")]
    Form,
    /// The line of extra data is empty or not base64 in its one spelling.
    #[error("the line `extra` is not canonical base64")]
    Extra,
    /// The index is missing or not a decimal number in its one spelling.
    #[error("the line `index` is missing or not a plain decimal number")]
    Index,
    /// A line of the path is not the base64 of 32 bytes, or there are more than [`PATH_MAX`].
    #[error("the inclusion proof is not at most {PATH_MAX} lines of sha-256 hashes in base64")]
    Path,
    /// The checkpoint is wrong.
    #[error("the proof does not end in a signed checkpoint")]
    Checkpoint(#[source] CheckpointError),
}

/// The content of a proof file. Reading does not verify anything.
///
/// INVARIANT: extra data is not empty, the path not longer than [`PATH_MAX`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    extra: Option<Vec<u8>>,
    index: u64,
    path: Vec<Hash>,
    checkpoint: SignedCheckpoint,
}

impl Proof {
    /// Puts a proof together; empty extra data counts as none.
    ///
    /// # Errors
    /// The path is longer than any tree is high.
    pub fn new(
        extra: Option<Vec<u8>>,
        index: u64,
        path: Vec<Hash>,
        checkpoint: SignedCheckpoint,
    ) -> Result<Self, ProofError> {
        if path.len() > PATH_MAX {
            return Err(ProofError::Path);
        }
        Ok(Self {
            extra: extra.filter(|extra| !extra.is_empty()),
            index,
            path,
            checkpoint,
        })
    }

    /// Reads the bytes of a proof file.
    ///
    /// # Errors
    /// The first rule of the format that the bytes break.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() > BYTES_MAX {
            return Err(ProofError::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|_| ProofError::NotText)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Form)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(ProofError::Header);
        }
        let extra = lines
            .next_if(|line| line.starts_with("extra"))
            .map(parse_extra)
            .transpose()?;
        let index = lines.next().and_then(parse_index).ok_or(ProofError::Index)?;
        // One line more than allowed is enough to know; a hostile file is not read to its end.
        let path: Option<Vec<_>> = lines.take(PATH_MAX.saturating_add(1)).map(Hash::from_base64).collect();
        let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes()).map_err(ProofError::Checkpoint)?;
        Self::new(extra, index, path.ok_or(ProofError::Path)?, checkpoint)
    }

    /// The bytes of the file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!("{HEADER}\n");
        if let Some(extra) = &self.extra {
            out.extend(["extra ", &STANDARD.encode(extra), "\n"]);
        }
        out.extend(["index ", &self.index.to_string(), "\n"]);
        for hash in &self.path {
            out.extend([hash.to_string().as_str(), "\n"]);
        }
        out.push('\n');
        let mut bytes = out.into_bytes();
        bytes.extend(self.checkpoint.to_bytes());
        bytes
    }

    /// The extra data. The format does not authenticate them; they have to be bound to the leaf by whoever uses them.
    #[must_use]
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// Index of the entry in the log.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The inclusion proof.
    #[must_use]
    pub fn path(&self) -> &[Hash] {
        &self.path
    }

    /// The checkpoint that the proof leads to.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }
}

fn parse_extra(line: &str) -> Result<Vec<u8>, ProofError> {
    let encoded = line
        .strip_prefix("extra ")
        .filter(|encoded| !encoded.is_empty())
        .ok_or(ProofError::Extra)?;
    STANDARD.decode(encoded).map_err(|_| ProofError::Extra)
}

fn parse_index(line: &str) -> Option<u64> {
    decimal::parse(line.strip_prefix("index ")?)
}
