//! Verifies a signed request, in two steps with the key lookup between them.

use super::base::SignatureBase;
use super::message::{Message, MessageSignature, RequestParts, single};
use super::{Refusal, input, profile};
use crate::content_digest::{CONTENT_DIGEST, ContentDigest};
use crate::key::{Algorithm, VerifyingKey};
use crate::limits;
use aws_lc_rs::digest::{self, SHA256};
use std::fmt;

/// The public key of RFC 8032 section 7.1, test 1: verified against when there is no key, for the time it takes.
const DECOY: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72,
    0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

/// Reads the signature of a request and holds it against the profile. Nothing of it is believed yet.
///
/// # Errors
/// The first rule of the profile that the request breaks.
pub fn inspect(request: &RequestParts<'_>) -> Result<Candidate, Refusal> {
    let (input, value) = input::tagged(request.headers)?;
    let terms = profile::check_request(&input.components, &input.parameters, request)?;
    let digest = match single(request.headers, CONTENT_DIGEST, limits::CONTENT_DIGEST_BYTES_MAX)? {
        Some(header) => Some(ContentDigest::parse(header)?),
        None => None,
    };
    let base = SignatureBase::build(&input.components, &input.parameters, &Message::Request(*request))?;
    Ok(Candidate {
        key_id: terms.key_id.to_owned(),
        nonce: terms.nonce.to_owned(),
        created: terms.created,
        expires: terms.expires,
        algorithm: terms.algorithm,
        digest,
        has_content_type: profile::covers(&input.components, profile::CONTENT_TYPE),
        base: base.text,
        signature: MessageSignature {
            label: input.label.to_owned(),
            parameters: base.parameters,
            value,
        },
    })
}

/// A request whose signature has the right form and has not been verified.
pub struct Candidate {
    key_id: String,
    nonce: String,
    created: i64,
    expires: i64,
    algorithm: Option<Algorithm>,
    digest: Option<ContentDigest>,
    has_content_type: bool,
    base: String,
    signature: MessageSignature,
}

impl Candidate {
    /// The key that the request claims to be signed with. 1 to 256 characters of printable ASCII.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The nonce, as sent. Do not store it before [`Candidate::verify`] said yes.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// When the client says it signed: seconds since 1970.
    pub fn created(&self) -> i64 {
        self.created
    }

    /// The last second at which the signature is good: seconds since 1970.
    pub fn expires(&self) -> i64 {
        self.expires
    }

    /// The signature base, for a debugger in the sandbox.
    // SECURITY: holds the Authorization header; neither for logs nor for answers outside of the sandbox.
    pub fn signature_base(&self) -> &str {
        &self.base
    }

    /// Checks freshness, then the signature, then the body.
    ///
    /// `now` is in seconds since 1970; a signature is good from 60 s before `created` through `expires`. `body` is what was
    /// received, before anything decoded it.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn verify(self, key: &VerifyingKey, now: i64, body: &[u8]) -> Result<Verified, Refusal> {
        self.check_without_key(now, body)?;
        // SECURITY: verified even where `alg` alone would decide: a quicker answer would tell that the key exists.
        let verifies = key.verifies(self.base.as_bytes(), &self.signature.value);
        if self.algorithm.is_some_and(|algorithm| algorithm != key.algorithm()) {
            return Err(Refusal::AlgorithmMismatch);
        }
        if !verifies {
            return Err(Refusal::BadSignature);
        }
        if self.digest.is_some_and(|digest| !digest.matches(body)) {
            return Err(Refusal::ContentDigestMismatch);
        }
        let mut nonce_digest = [0; 32];
        nonce_digest.copy_from_slice(digest::digest(&SHA256, self.nonce.as_bytes()).as_ref());
        Ok(Verified {
            key_id: self.key_id,
            nonce_digest,
            created: self.created,
            expires: self.expires,
            signature: self.signature,
        })
    }

    /// The refusal of a request whose key id is not known or may not be used.
    ///
    /// What does not depend on the key is checked as ever and answered first, and an Ed25519 signature is verified for
    /// nothing: the answer does not tell whether there is such a key, nor does the time, as far as keys are of the default
    /// algorithm.
    pub fn refuse_unknown_key(self, now: i64, body: &[u8]) -> Refusal {
        if let Err(refusal) = self.check_without_key(now, body) {
            return refusal;
        }
        if let Ok(decoy) = VerifyingKey::ed25519(&DECOY) {
            std::hint::black_box(decoy.verifies(self.base.as_bytes(), &self.signature.value));
        }
        Refusal::UnknownKey
    }

    fn check_without_key(&self, now: i64, body: &[u8]) -> Result<(), Refusal> {
        if self.created > now.saturating_add(limits::CLOCK_AHEAD_SECONDS_MAX) {
            return Err(Refusal::FromTheFuture);
        }
        if now > self.expires {
            return Err(Refusal::Expired);
        }
        if !body.is_empty() && self.digest.is_none() {
            return Err(Refusal::NotCovered(CONTENT_DIGEST));
        }
        if !body.is_empty() && !self.has_content_type {
            return Err(Refusal::NotCovered(profile::CONTENT_TYPE));
        }
        Ok(())
    }
}

impl fmt::Debug for Candidate {
    /// Without the base, which holds credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("key_id", &self.key_id)
            .field("created", &self.created)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// A request that was signed with the key it names, in time, over this body. It may still be a replay: that is for the store of
/// nonces to say.
// INVARIANT: made by `Candidate::verify` only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    key_id: String,
    nonce_digest: [u8; 32],
    created: i64,
    expires: i64,
    signature: MessageSignature,
}

impl Verified {
    /// The key that signed.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// SHA-256 of the nonce as sent. Together with the key id it names this one request.
    pub fn nonce_digest(&self) -> &[u8; 32] {
        &self.nonce_digest
    }

    /// When the client signed: seconds since 1970. At most 60 s ahead of us.
    pub fn created(&self) -> i64 {
        self.created
    }

    /// The last second at which this signature is good, and until which its nonce has to be remembered.
    pub fn expires(&self) -> i64 {
        self.expires
    }

    /// The signature, for the response to answer to.
    pub fn signature(&self) -> &MessageSignature {
        &self.signature
    }
}
