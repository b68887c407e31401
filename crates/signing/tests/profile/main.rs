//! The profile, rule by rule: a good request, and what becomes of it when one thing about it is changed.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

mod coverage;
mod headers;
mod parameters;

use http::{HeaderMap, HeaderName, HeaderValue};
use signing::content_digest::content_digest;
use signing::http_signature::{Candidate, Refusal, RequestParts, Stamp, TAG, Verified, inspect, sign_request};
use signing::key::{SigningKey, VerifyingKey};
use vocab::secret::Secret;

const NOW: i64 = 1_795_000_000;
const BODY: &[u8] = b"{\"amount\":\"12.50\"}";
const NONCE: &str = "q2VnXIyW1V6dRgYpT0uKvA";

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32]).unwrap()
}

fn stamp() -> Stamp<'static> {
    Stamp {
        key_id: "client-1",
        created: NOW,
        expires: NOW + 300,
        nonce: NONCE,
    }
}

/// A request that can be bent before and after it is signed.
struct Request {
    method: &'static str,
    authority: &'static str,
    path: &'static str,
    query: Option<&'static str>,
    headers: HeaderMap,
}

impl Request {
    /// A POST with everything that a request can have.
    fn post() -> Self {
        let mut request = Self {
            method: "POST",
            authority: "api.example.com",
            path: "/v1/payments",
            query: Some("dry_run=true"),
            headers: HeaderMap::new(),
        };
        request.set("content-type", "application/json");
        request.set("content-digest", &content_digest(BODY));
        request.set("idempotency-key", "order-4711");
        request.set("authorization", "DPoP abc");
        request
    }

    fn get() -> Self {
        Self {
            method: "GET",
            authority: "api.example.com",
            path: "/v1/payments",
            query: None,
            headers: HeaderMap::new(),
        }
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.headers
            .insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }

    fn add(&mut self, name: &'static str, value: &str) {
        self.headers
            .append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }

    fn parts(&self) -> RequestParts<'_> {
        RequestParts {
            method: self.method,
            authority: self.authority,
            path: self.path,
            query: self.query,
            headers: &self.headers,
        }
    }

    fn sign(&mut self, stamp: &Stamp<'_>) -> Result<(), Refusal> {
        sign_request(&key(), stamp, &self.parts())?.insert_into(&mut self.headers)
    }

    fn signed(mut self) -> Self {
        self.sign(&stamp()).unwrap();
        self
    }

    /// Replaces text in Signature-Input. The signature no longer fits, which `inspect` does not look at.
    fn reworded(mut self, from: &str, to: &str) -> Self {
        let input = self.headers["signature-input"].to_str().unwrap();
        assert!(input.contains(from), "{input}");
        let input = input.replace(from, to);
        self.set("signature-input", &input);
        self
    }

    fn inspect(&self) -> Result<Candidate, Refusal> {
        inspect(&self.parts())
    }

    fn verify_at(&self, now: i64, body: &[u8]) -> Result<Verified, Refusal> {
        self.inspect()?.verify(&key().verifying_key().unwrap(), now, body)
    }

    fn verify(&self) -> Result<Verified, Refusal> {
        self.verify_at(NOW, BODY)
    }
}

fn refusal(request: &Request) -> Refusal {
    request.inspect().unwrap_err()
}

#[test]
fn a_signed_request_is_verified() {
    let request = Request::post().signed();
    let candidate = request.inspect().unwrap();
    assert_eq!(candidate.key_id(), "client-1");
    assert_eq!(candidate.nonce(), NONCE);
    assert_eq!((candidate.created(), candidate.expires()), (NOW, NOW + 300));
    let verified = request.verify().unwrap();
    assert_eq!(verified.key_id(), "client-1");
    assert_eq!((verified.created(), verified.expires()), (NOW, NOW + 300));
    assert_eq!(verified.nonce_digest(), &sha256(NONCE.as_bytes()));
}

#[test]
fn a_get_needs_neither_body_headers_nor_an_idempotency_key() {
    assert!(Request::get().signed().verify_at(NOW, b"").is_ok());
}

#[test]
fn the_case_of_the_authority_and_the_default_port_do_not_matter() {
    let mut request = Request::post().signed();
    request.authority = "API.Example.com:443";
    assert!(request.verify().is_ok());
    request.authority = "api.example.com:8443";
    assert_eq!(request.verify(), Err(Refusal::BadSignature));
}

#[test]
fn whatever_is_covered_cannot_be_changed() {
    let change = |bend: fn(&mut Request)| {
        let mut request = Request::post().signed();
        bend(&mut request);
        request.verify()
    };
    let bends: [fn(&mut Request); 10] = [
        |r| r.method = "PUT",
        |r| r.authority = "api.example.org",
        |r| r.path = "/v1/payments/",
        |r| r.path = "/v1/%70ayments",
        |r| r.query = Some("dry_run=false"),
        |r| r.query = None,
        |r| r.set("content-type", "text/plain"),
        |r| r.set("content-digest", &content_digest(b"other")),
        |r| r.set("idempotency-key", "order-4712"),
        |r| r.set("authorization", "DPoP abd"),
    ];
    for bend in bends {
        assert_eq!(change(bend), Err(Refusal::BadSignature));
    }
}

#[test]
fn another_body_is_refused() {
    let request = Request::post().signed();
    assert_eq!(
        request.verify_at(NOW, b"{\"amount\":\"99.50\"}"),
        Err(Refusal::ContentDigestMismatch)
    );
    assert_eq!(request.verify_at(NOW, b""), Err(Refusal::ContentDigestMismatch));
}

#[test]
fn a_signature_is_good_from_a_minute_before_created_through_expires() {
    let request = Request::post().signed();
    assert_eq!(request.verify_at(NOW - 61, BODY), Err(Refusal::FromTheFuture));
    assert!(request.verify_at(NOW - 60, BODY).is_ok());
    assert!(request.verify_at(NOW + 300, BODY).is_ok());
    assert_eq!(request.verify_at(NOW + 301, BODY), Err(Refusal::Expired));
}

#[test]
fn an_unknown_key_is_refused_as_late_and_as_silently_as_a_wrong_signature() {
    let strange = SigningKey::from_seed(&[8; 32]).unwrap().verifying_key().unwrap();
    let request = Request::post().signed();
    let seen = |now, body: &[u8]| {
        let wrong = request.inspect().unwrap().verify(&strange, now, body).unwrap_err();
        let unknown = request.inspect().unwrap().refuse_unknown_key(now, body);
        assert_eq!(wrong.public_code(), unknown.public_code());
        assert_eq!(wrong.public_detail(), unknown.public_detail());
        unknown
    };
    assert_eq!(seen(NOW, BODY), Refusal::UnknownKey);
    assert_eq!(
        seen(NOW + 301, BODY),
        Refusal::Expired,
        "what does not depend on the key is said for both"
    );
    assert_eq!(seen(NOW - 61, BODY), Refusal::FromTheFuture);
    assert_eq!(
        seen(NOW, b"other body"),
        Refusal::UnknownKey,
        "the body is looked at behind a good signature only"
    );
}

#[test]
fn spaces_between_components_do_not_change_what_was_signed() {
    let request = Request::get()
        .signed()
        .reworded("\"@method\" \"@authority\"", "\"@method\"   \"@authority\"");
    assert!(request.verify_at(NOW, b"").is_ok());
}

#[test]
fn credentials_do_not_print() {
    let request = Request::post().signed();
    let printed = format!("{:?} {:?}", request.parts(), request.inspect().unwrap());
    assert!(!printed.contains("DPoP") && !printed.contains("dry_run"), "{printed}");
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().try_into().unwrap()
}
