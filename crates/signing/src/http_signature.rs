//! HTTP Message Signatures (RFC 9421), in the one profile that the API speaks.
//!
//! A request carries exactly one signature with the tag [`TAG`]. It covers `@method`, `@authority`, `@path` and `@query`;
//! `content-digest` and `content-type` when there is a body; `idempotency-key` on every method that is not safe; and
//! `authorization` and `content-encoding` when they are there. What of these headers is present has to be covered and may
//! appear once. Its parameters are `created`, `expires` (at most 300 s later), `nonce`, `keyid`, `tag` and, if the client
//! likes, `alg`, which has to name the algorithm of the registered key. More components may be covered; `;key` selects a
//! member of a dictionary header, `;sf`, `;bs` and `;tr` are refused, and so are `@query-param`, `@target-uri`, `@scheme`
//! and `@request-target`, which say again what the mandatory components say.
//!
//! Paths and queries are signed as they travel, percent-encoding untouched. The authority is signed in lower case and
//! without the port 443, since the API speaks HTTPS only.
//!
//! Verification has an order that the caller keeps:
//!
//! 1. [`inspect`] reads the headers and holds them against the profile. Nothing is believed yet.
//! 2. The caller looks up the key of [`Candidate::key_id`]. If there is none, it answers with
//!    [`Candidate::refuse_unknown_key`], which takes as long and tells as little as a wrong signature.
//! 3. [`Candidate::verify`] checks freshness, then the signature, then the body.
//! 4. Only then the caller inserts [`Verified::nonce_digest`], atomically and not after looking whether it is there: nobody
//!    without a key can fill the store. A nonce has to be remembered until [`Verified::expires`] has passed.
//!
//! A response is signed over its status and content and over the request's signature together with that signature's
//! parameters. The parameters name the key and the nonce of the request; a signature value alone does not tie the answer to
//! the question, since another key can be constructed under which the same value fits another message (RFC 9421 section
//! 7.3.7).
//!
//! ```
//! use signing::http_signature::{RequestParts, Stamp, inspect, sign_request};
//! use signing::key::{SigningKey, VerifyingKey};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::from_seed(&[7; 32])?; // random in real life
//! let mut headers = http::HeaderMap::new();
//! let unsigned = RequestParts { method: "GET", authority: "pay.example", path: "/v1/payments", query: None, headers: &headers };
//! let stamp = Stamp { key_id: "client-1", created: 1_795_000_000, expires: 1_795_000_300, nonce: "q2VnXIyW1V6dRgYpT0uKvA" };
//! sign_request(&key, &stamp, &unsigned)?.insert_into(&mut headers)?;
//!
//! let received = RequestParts { method: "GET", authority: "pay.example", path: "/v1/payments", query: None, headers: &headers };
//! let candidate = inspect(&received)?;
//! assert_eq!(candidate.key_id(), "client-1");
//! let registered = VerifyingKey::parse(&key.public_text())?;
//! let verified = candidate.verify(&registered, 1_795_000_002, b"")?;
//! assert_eq!(verified.expires(), 1_795_000_300);
//! # Ok(())
//! # }
//! ```

mod base;
mod component;
mod input;
mod message;
mod profile;
mod refusal;
mod request;
mod response;
mod sign;

pub use message::{MessageSignature, RequestParts, ResponseParts};
pub use profile::TAG;
pub use refusal::Refusal;
pub use request::{Candidate, Verified, inspect};
pub use response::{AnswerCandidate, VerifiedAnswer, inspect_response};
pub use sign::{Stamp, sign_request, sign_response};

#[cfg(test)]
mod vectors;
