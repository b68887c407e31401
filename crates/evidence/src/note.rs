//! Signed notes: a text and the signatures under it (C2SP signed-note).
//!
//! Reading is strict so that a note has one sequence of bytes only: what [`Note::parse`] accepts, [`Note::to_bytes`]
//! writes back unchanged. A parsed note is not yet believed; that takes [`Note::verify`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::key::{KeyError, KeyId, SignerKey, VerifierKey, name_is_legal};

/// The most signatures a note may carry: the least that the format asks a verifier to accept.
pub const SIGNATURES_MAX: usize = 16;

/// The longest note that is read, in bytes: sixteen post-quantum signatures of 5 kB and a page of text.
pub const BYTES_MAX: usize = 128 * 1024;

const SIGNATURE_PREFIX: &str = "— ";

/// Why bytes are not a note, or a note is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More than [`BYTES_MAX`].
    #[error("the note is longer than {BYTES_MAX} bytes")]
    TooLong,
    /// Not UTF-8, or with control characters other than the line feed.
    #[error("the note is not plain utf-8 text with line feeds")]
    NotText,
    /// The text does not end in a line feed, or no blank line separates it from signatures.
    #[error("the note has no text, blank line and signatures, each line ended by one line feed")]
    Form,
    /// A line below the text is not a signature line in its one spelling.
    #[error("a signature line is not `— name base64`")]
    SignatureLine,
    /// More than [`SIGNATURES_MAX`].
    #[error("the note has more than {SIGNATURES_MAX} signatures")]
    TooManySignatures,
    /// Two signatures of the same key.
    #[error("the note has two signatures of one key")]
    DuplicateSignature,
    /// None of the signatures is of a key that is known here.
    #[error("the note is not signed by a known key, check that this is the key of this log")]
    NotSigned,
    /// A signature with the name and id of a known key does not verify.
    #[error("a signature does not verify, the note was altered")]
    WrongSignature,
    /// Signing failed.
    #[error("the note could not be signed")]
    Sign(#[source] KeyError),
}

/// A text with signatures.
///
/// INVARIANT: both obey the format, so writing and reading are inverse to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    name: String,
    id: KeyId,
    bytes: Vec<u8>,
}

impl Signature {
    /// The name of the key that is said to have signed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of that key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    fn is_by(&self, key: &VerifierKey) -> bool {
        self.id == key.id() && self.name == key.name()
    }
}

impl Note {
    /// Signs a text, which has to end in a line feed.
    ///
    /// # Errors
    /// The text is not allowed in a note, there are no or too many signers or one twice, or signing fails.
    pub fn sign(text: String, signers: &[&SignerKey]) -> Result<Self, NoteError> {
        check_characters(&text)?;
        if !text.ends_with('\n') || signers.is_empty() {
            return Err(NoteError::Form);
        }
        let mut signatures = Vec::with_capacity(signers.len());
        for signer in signers {
            let bytes = signer.sign(text.as_bytes()).map_err(NoteError::Sign)?;
            let key = signer.verifier();
            add_signature(
                &mut signatures,
                Signature {
                    name: key.name().to_owned(),
                    id: key.id(),
                    bytes,
                },
            )?;
        }
        Ok(Self { text, signatures })
    }

    /// Reads the bytes of a note.
    ///
    /// # Errors
    /// The first rule of the format that the bytes break.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        let note = str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        check_characters(note)?;
        // The last blank line separates, the text may have others.
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Form)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form)?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            add_signature(&mut signatures, parse_signature(line).ok_or(NoteError::SignatureLine)?)?;
        }
        Ok(Self {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// The bytes of the note.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!("{}\n", self.text);
        for signature in &self.signatures {
            let encoded = STANDARD.encode([&signature.id, signature.bytes.as_slice()].concat());
            out.extend([SIGNATURE_PREFIX, &signature.name, " ", &encoded, "\n"]);
        }
        out.into_bytes()
    }

    /// The text, with its final line feed: what the signatures are over.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, in their order.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Verifies every signature that claims to be of one of these keys and gives their number, at least one.
    ///
    /// Signatures of other keys are passed over, as the format wants it: a note may carry those of witnesses or of the
    /// next key. Whoever must not do that compares the number with that of all [`Note::signatures`].
    ///
    /// # Errors
    /// A signature of a known key does not verify, or there is none.
    pub fn verify(&self, known: &[&VerifierKey]) -> Result<usize, NoteError> {
        let mut verified: usize = 0;
        for signature in &self.signatures {
            let Some(key) = known.iter().find(|key| signature.is_by(key)) else {
                continue;
            };
            if !key.verifies(self.text.as_bytes(), &signature.bytes) {
                return Err(NoteError::WrongSignature);
            }
            verified = verified.saturating_add(1);
        }
        if verified == 0 {
            Err(NoteError::NotSigned)
        } else {
            Ok(verified)
        }
    }
}

fn check_characters(text: &str) -> Result<(), NoteError> {
    if text.bytes().all(|byte| byte >= b' ' || byte == b'\n') {
        Ok(())
    } else {
        Err(NoteError::NotText)
    }
}

fn add_signature(signatures: &mut Vec<Signature>, signature: Signature) -> Result<(), NoteError> {
    if signatures.len() == SIGNATURES_MAX {
        return Err(NoteError::TooManySignatures);
    }
    if signatures
        .iter()
        .any(|other| other.id == signature.id && other.name == signature.name)
    {
        return Err(NoteError::DuplicateSignature);
    }
    signatures.push(signature);
    Ok(())
}

fn parse_signature(line: &str) -> Option<Signature> {
    let (name, encoded) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
    let decoded = STANDARD.decode(encoded).ok()?;
    let (id, bytes) = decoded.split_first_chunk()?;
    let complete = name_is_legal(name) && !bytes.is_empty();
    complete.then(|| Signature {
        name: name.to_owned(),
        id: *id,
        bytes: bytes.to_vec(),
    })
}
