//! Verifies a signed response: the client's half, so that it can prove what it was told and to which question.

use super::base::SignatureBase;
use super::message::{Message, MessageSignature, ResponseParts, single};
use super::{Refusal, input, profile};
use crate::content_digest::{CONTENT_DIGEST, ContentDigest};
use crate::key::{Algorithm, VerifyingKey};
use crate::limits;

/// Reads the signature of a response and holds it against the profile. Nothing of it is believed yet.
///
/// # Errors
/// The first rule of the profile that the response breaks.
pub fn inspect_response(response: &ResponseParts<'_>) -> Result<AnswerCandidate, Refusal> {
    let (input, value) = input::tagged(response.headers)?;
    let terms = profile::check_response(&input.components, &input.parameters, response.headers, response.request)?;
    let digest = single(response.headers, CONTENT_DIGEST, limits::CONTENT_DIGEST_BYTES_MAX)?
        .ok_or(Refusal::MissingHeader(CONTENT_DIGEST))?;
    let digest = ContentDigest::parse(digest)?;
    let base = SignatureBase::build(&input.components, &input.parameters, &Message::Response(*response))?;
    Ok(AnswerCandidate {
        key_id: terms.key_id.to_owned(),
        created: terms.created,
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

/// A response whose signature has the right form and has not been verified.
#[derive(Debug)]
pub struct AnswerCandidate {
    key_id: String,
    created: i64,
    algorithm: Option<Algorithm>,
    digest: ContentDigest,
    has_content_type: bool,
    base: String,
    signature: MessageSignature,
}

impl AnswerCandidate {
    /// The key that the response claims to be signed with.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Checks the time, then the signature, then the body. `now` is in seconds since 1970.
    ///
    /// An answer does not expire: it belongs to one request, and it stays a proof of what was said to it.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn verify(self, key: &VerifyingKey, now: i64, body: &[u8]) -> Result<VerifiedAnswer, Refusal> {
        if self.created > now.saturating_add(limits::CLOCK_AHEAD_SECONDS_MAX) {
            return Err(Refusal::FromTheFuture);
        }
        if !body.is_empty() && !self.has_content_type {
            return Err(Refusal::NotCovered(profile::CONTENT_TYPE));
        }
        if self.algorithm.is_some_and(|algorithm| algorithm != key.algorithm()) {
            return Err(Refusal::AlgorithmMismatch);
        }
        if !key.verifies(self.base.as_bytes(), &self.signature.value) {
            return Err(Refusal::BadSignature);
        }
        if !self.digest.matches(body) {
            return Err(Refusal::ContentDigestMismatch);
        }
        Ok(VerifiedAnswer {
            key_id: self.key_id,
            created: self.created,
        })
    }
}

/// A response that the holder of the key gave to exactly this request.
// INVARIANT: made by `AnswerCandidate::verify` only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAnswer {
    key_id: String,
    created: i64,
}

impl VerifiedAnswer {
    /// The key that signed.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// When the server signed: seconds since 1970.
    pub fn created(&self) -> i64 {
        self.created
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content_digest::content_digest;
    use crate::http_signature::sign_response;
    use crate::key::SigningKey;
    use http::{HeaderMap, HeaderValue};

    /// The attack of RFC 9421 section 7.3.7: Mallory makes up a key under which the signature value of Alice's request fits a
    /// request of her own, lets the server answer that, and shows the answer to Alice.
    #[test]
    fn an_answer_to_the_same_signature_value_under_another_key_is_refused() {
        let of = |key_id: &str| MessageSignature {
            label: "sig".to_owned(),
            parameters: format!("(\"@method\");created=1;keyid=\"{key_id}\""),
            value: vec![7; 64],
        };
        let (alice, mallory) = (of("alice"), of("mallory"));
        assert_eq!(alice.signature(), mallory.signature());

        let server = SigningKey::from_seed(&[9; 32]).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_DIGEST, HeaderValue::from_str(&content_digest(b"")).unwrap());
        let to_mallory = ResponseParts {
            status: 200,
            headers: &headers,
            request: &mallory,
        };
        sign_response(&server, "server", 1, &to_mallory)
            .unwrap()
            .insert_into(&mut headers)
            .unwrap();

        let verify = |request| {
            let response = ResponseParts {
                status: 200,
                headers: &headers,
                request,
            };
            inspect_response(&response)
                .unwrap()
                .verify(&server.verifying_key().unwrap(), 1, b"")
        };
        assert!(verify(&mallory).is_ok());
        assert_eq!(verify(&alice), Err(Refusal::BadSignature));
    }
}
