//! The keys of signed notes in their text forms (C2SP signed-note, "Verifier keys").
//!
//! `<name>+<key id>+<base64>` is public and goes to whoever checks receipts; the form with `PRIVATE+KEY+` in front is
//! the signer's and secret. Ed25519 only: one algorithm, nothing to negotiate.

use std::fmt;

use aws_lc_rs::encoding::AsBigEndian as _;
use aws_lc_rs::signature::{ED25519, ED25519_PUBLIC_KEY_LEN, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash;

/// The signature type byte of plain Ed25519 notes.
const ED25519_NOTE: u8 = 0x01;

const PRIVATE_PREFIX: &str = "PRIVATE+KEY+";

/// Four bytes that tell the keys of one name apart; an identifier, not a fingerprint to trust.
pub type KeyId = [u8; 4];

/// Why a text is not a key. Says nothing about its content, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Empty, or with white space, control characters or a plus.
    #[error("a key name is not empty and has no white space and no plus")]
    Name,
    /// Not the three parts between plus signs.
    #[error("a key has the form `name+id+base64`, a signer's key `PRIVATE+KEY+name+id+base64`")]
    Form,
    /// A signature type other than Ed25519.
    #[error("only ed25519 keys (signature type 1) are supported")]
    Algorithm,
    /// The id does not belong to this name and key: a part was mistyped or replaced.
    #[error("the key id does not belong to this name and key, check that the key was copied whole")]
    Id,
    /// The bytes are no Ed25519 key.
    #[error("the key material is not an ed25519 key")]
    Material,
}

/// A public key that verifies notes, under the name that appears in their signature lines.
///
/// INVARIANT: the name is legal, and the id is the one that name and key give.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    public: [u8; ED25519_PUBLIC_KEY_LEN],
}

impl VerifierKey {
    /// A key under a name.
    ///
    /// # Errors
    /// The name is not allowed.
    pub fn new(name: &str, public: [u8; ED25519_PUBLIC_KEY_LEN]) -> Result<Self, KeyError> {
        if !name_is_legal(name) {
            return Err(KeyError::Name);
        }
        Ok(Self {
            name: name.to_owned(),
            id: key_id(name, &public),
            public,
        })
    }

    /// Reads the text form, in its one spelling.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let parts = split_key(text)?;
        let key = Self::new(parts.name, parts.material)?;
        if key.id_text() == parts.id {
            Ok(key)
        } else {
            Err(KeyError::Id)
        }
    }

    /// The name in signature lines; for a log's key this is the origin of its checkpoints.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id in signature lines.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Whether `signature` was made over `message` with the private half of this key.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public)
            .verify(message, signature)
            .is_ok()
    }

    fn id_text(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id))
    }
}

/// The text form (`vkey`).
impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, self.id_text(), encode_typed(&self.public))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

/// A private key that signs notes. Does not print.
pub struct SignerKey {
    verifier: VerifierKey,
    pair: Ed25519KeyPair,
}

impl SignerKey {
    /// The key that 32 secret random bytes stand for (RFC 8032 section 5.1.5), under a name.
    ///
    /// # Errors
    /// The name is not allowed.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        // "Unchecked" means that there is no public key beside the seed to compare with; it is computed from the seed.
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Material)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Material)?;
        Ok(Self {
            verifier: VerifierKey::new(name, public)?,
            pair,
        })
    }

    /// Reads the signer's text form, `PRIVATE+KEY+<name>+<key id>+<base64>`.
    ///
    /// # Errors
    /// What is wrong with the text, without repeating any of it.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let parts = split_key(text.strip_prefix(PRIVATE_PREFIX).ok_or(KeyError::Form)?)?;
        let key = Self::from_seed(parts.name, &parts.material)?;
        if key.verifier.id_text() == parts.id {
            Ok(key)
        } else {
            Err(KeyError::Id)
        }
    }

    /// The secret text form, to be sealed and stored.
    ///
    /// # Errors
    /// The cryptographic library does not give the seed out.
    pub fn expose(&self) -> Result<String, KeyError> {
        let seed = self
            .pair
            .seed()
            .and_then(|seed| seed.as_be_bytes())
            .map_err(|_| KeyError::Material)?;
        let key = &self.verifier;
        Ok(format!(
            "{PRIVATE_PREFIX}{}+{}+{}",
            key.name,
            key.id_text(),
            encode_typed(seed.as_ref())
        ))
    }

    /// The public half.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The signature over a message, 64 bytes.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.pair
            .try_sign(message)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| KeyError::Material)
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey(private half of {})", self.verifier)
    }
}

/// Names stand between spaces and plus signs, so they cannot have any.
pub(crate) fn name_is_legal(name: &str) -> bool {
    let separates = |character: char| character.is_whitespace() || character.is_control() || character == '+';
    !name.is_empty() && !name.contains(separates)
}

struct KeyParts<'a> {
    name: &'a str,
    id: &'a str,
    material: [u8; ED25519_PUBLIC_KEY_LEN],
}

fn split_key(text: &str) -> Result<KeyParts<'_>, KeyError> {
    // Base64 may contain plus signs, a name and an id may not.
    let (name, rest) = text.split_once('+').ok_or(KeyError::Form)?;
    let (id, material) = rest.split_once('+').ok_or(KeyError::Form)?;
    let material = STANDARD.decode(material).map_err(|_| KeyError::Form)?;
    let (algorithm, material) = material.split_first().ok_or(KeyError::Form)?;
    if *algorithm != ED25519_NOTE {
        return Err(KeyError::Algorithm);
    }
    let material = material.try_into().map_err(|_| KeyError::Material)?;
    Ok(KeyParts { name, id, material })
}

fn key_id(name: &str, public: &[u8; ED25519_PUBLIC_KEY_LEN]) -> KeyId {
    let digest = hash::sha256_of(&[name.as_bytes(), b"\n", &[ED25519_NOTE], public]);
    let [first, second, third, fourth, ..] = *digest.as_bytes();
    [first, second, third, fourth]
}

fn encode_typed(material: &[u8]) -> String {
    let mut typed = vec![ED25519_NOTE];
    typed.extend_from_slice(material);
    STANDARD.encode(typed)
}
