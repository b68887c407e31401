//! Checkpoints: what the log says about itself, signed (C2SP tlog-checkpoint).
//!
//! Origin, size and root of the tree. Whoever holds two checkpoints can demand proof that the later one only added to
//! the earlier; a log that signs two that do not fit is caught by its own signatures.

use std::fmt::Write as _;

use crate::decimal;
use crate::hash::Hash;
use crate::key::{SignerKey, VerifierKey};
use crate::note::{Note, NoteError};

/// Why a text is not a checkpoint, or a checkpoint is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it is wrong.
    #[error("the checkpoint is not a valid signed note")]
    Note(#[source] NoteError),
    /// Not the three lines, or an empty line among them.
    #[error("a checkpoint has the lines origin, size and root, and none of its lines is empty")]
    Form,
    /// The size is not a decimal number in its one spelling.
    #[error("the size of the checkpoint is not a plain decimal number")]
    Size,
    /// The root is not the base64 of 32 bytes, or not the empty root although the size is 0.
    #[error("the root of the checkpoint is not a sha-256 hash that fits its size")]
    Root,
    /// Signed with the right key, but for a log of another name.
    #[error("the checkpoint is of another log than the key")]
    Origin,
}

/// The content of a checkpoint.
///
/// INVARIANT: no line is empty or broken, and a tree without entries has the empty root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    ///
    /// # Errors
    /// The origin is empty or has control characters, or the root of an empty tree is not the empty root.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        let broken = origin.is_empty() || origin.bytes().any(|byte| byte < b' ');
        if broken {
            return Err(CheckpointError::Form);
        }
        if size == 0 && root != Hash::EMPTY_TREE {
            return Err(CheckpointError::Root);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions: Vec::new(),
        })
    }

    /// Reads the text of a checkpoint, final line feed included.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let text = text.strip_suffix('\n').ok_or(CheckpointError::Form)?;
        let mut lines = text.split('\n');
        let mut line = || lines.next().ok_or(CheckpointError::Form);
        let (origin, size, root) = (line()?, line()?, line()?);
        let size = decimal::parse(size).ok_or(CheckpointError::Size)?;
        let root = Hash::from_base64(root).ok_or(CheckpointError::Root)?;
        let mut checkpoint = Self::new(origin, size, root)?;
        for line in lines {
            let broken = line.is_empty() || line.bytes().any(|byte| byte < b' ');
            if broken {
                return Err(CheckpointError::Form);
            }
            checkpoint.extensions.push(line.to_owned());
        }
        Ok(checkpoint)
    }

    /// The text that is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail; fmt::Write only has to say that it might.
        let _infallible = write!(text, "{}\n{}\n{}\n", self.origin, self.size, self.root);
        for line in &self.extensions {
            text.extend([line, "\n"]);
        }
        text
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree over them.
    #[must_use]
    pub const fn root(&self) -> Hash {
        self.root
    }

    /// Further lines that other logs may add. Nothing here gives them a meaning.
    #[must_use]
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// Signs the checkpoint.
    ///
    /// # Errors
    /// There is no signer or one twice, or signing fails.
    pub fn sign(self, signers: &[&SignerKey]) -> Result<SignedCheckpoint, CheckpointError> {
        let note = Note::sign(self.to_text(), signers).map_err(CheckpointError::Note)?;
        Ok(SignedCheckpoint { checkpoint: self, note })
    }
}

/// A checkpoint with its signatures, as it is published. Reading does not verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Reads the bytes of a signed checkpoint.
    ///
    /// # Errors
    /// The first rule of the formats that the bytes break.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes).map_err(CheckpointError::Note)?;
        Ok(Self {
            checkpoint: Checkpoint::parse(note.text())?,
            note,
        })
    }

    /// The bytes as they are published.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    /// What it says. SECURITY: only worth something after [`SignedCheckpoint::verify`].
    #[must_use]
    pub const fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note that carries it.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// Gives the checkpoint if the log's key signed it and it is of that log; signatures of others are passed over.
    ///
    /// # Errors
    /// Not signed with this key, altered, or of another origin than the name of the key.
    pub fn verify(&self, log: &VerifierKey) -> Result<&Checkpoint, CheckpointError> {
        self.note.verify(&[log]).map_err(CheckpointError::Note)?;
        if self.checkpoint.origin == log.name() {
            Ok(&self.checkpoint)
        } else {
            Err(CheckpointError::Origin)
        }
    }
}
