//! The second witness: what an independent implementation signed verifies here, and what we sign is, byte for byte, what
//! that implementation verified. How the vectors were made: `vectors/README.md`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use signing::http_signature::{
    MessageSignature, Refusal, RequestParts, ResponseParts, Stamp, Verified, inspect, inspect_response, sign_request,
    sign_response,
};
use signing::key::{SigningKey, VerifyingKey};
use std::collections::BTreeMap;
use vocab::secret::Secret;

#[derive(Deserialize)]
struct Vectors {
    created: i64,
    keys: BTreeMap<String, String>,
    requests: Vec<Request>,
    answer: Answer,
}

#[derive(Deserialize)]
struct Request {
    key: String,
    method: String,
    authority: String,
    path: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    body: String,
}

#[derive(Deserialize)]
struct Answer {
    key: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Vectors {
    fn key(&self, name: &str) -> VerifyingKey {
        let text = &self.keys[name];
        match name {
            "hmac" => VerifyingKey::hmac_sha256(&Secret::new(STANDARD.decode(text).unwrap())).unwrap(),
            _ => VerifyingKey::parse(text).unwrap(),
        }
    }

    fn verify(&self, request: &Request, body: &[u8]) -> Result<Verified, Refusal> {
        let headers = header_map(&request.headers);
        let candidate = inspect(&request.parts(&headers))?;
        let key = self.key(candidate.key_id());
        candidate.verify(&key, self.created + 10, body)
    }
}

impl Request {
    fn parts<'a>(&'a self, headers: &'a HeaderMap) -> RequestParts<'a> {
        RequestParts {
            method: &self.method,
            authority: &self.authority,
            path: &self.path,
            query: self.query.as_deref(),
            headers,
        }
    }
}

fn header_map(headers: &[(String, String)]) -> HeaderMap {
    let pair = |(name, value): &(String, String)| {
        (
            name.parse::<HeaderName>().unwrap(),
            HeaderValue::from_str(value).unwrap(),
        )
    };
    headers.iter().map(pair).collect()
}

fn peer() -> Vectors {
    serde_json::from_str(include_str!("vectors/peer.json")).unwrap()
}

fn ours() -> Vectors {
    serde_json::from_str(include_str!("vectors/ours.json")).unwrap()
}

#[test]
fn requests_signed_by_the_peer_verify_with_all_four_algorithms() {
    let peer = peer();
    for request in &peer.requests {
        let verified = peer.verify(request, request.body.as_bytes()).unwrap();
        assert_eq!(verified.key_id(), request.key);
    }
    let mut algorithms: Vec<_> = peer.requests.iter().map(|request| request.key.as_str()).collect();
    algorithms.sort_unstable();
    algorithms.dedup();
    assert_eq!(algorithms, ["ed25519", "hmac", "p256", "rsa"]);
}

#[test]
fn requests_signed_by_the_peer_do_not_verify_after_a_change() {
    let mut peer = peer();
    for at in 0..peer.requests.len() {
        let body = format!("{} ", peer.requests[at].body);
        assert!(peer.verify(&peer.requests[at], body.as_bytes()).is_err());
        peer.requests[at].path.push('x');
        let body = peer.requests[at].body.clone();
        assert_eq!(
            peer.verify(&peer.requests[at], body.as_bytes()),
            Err(Refusal::BadSignature)
        );
    }
}

#[test]
fn an_answer_signed_by_the_peer_verifies_for_its_question_only() {
    let peer = peer();
    let answer = |question: &Request| {
        let question = peer.verify(question, question.body.as_bytes()).unwrap();
        let headers = header_map(&peer.answer.headers);
        let response = ResponseParts {
            status: peer.answer.status,
            headers: &headers,
            request: question.signature(),
        };
        inspect_response(&response)?.verify(&peer.key(&peer.answer.key), peer.created, peer.answer.body.as_bytes())
    };
    assert!(answer(&peer.requests[0]).is_ok());
    for other in &peer.requests[1..] {
        assert_eq!(
            answer(other),
            Err(Refusal::NotCovered("signature")),
            "another question has another label"
        );
    }
}

#[test]
fn our_signatures_are_the_ones_that_the_peer_verified() {
    let ours = ours();
    // RFC 9421 appendix B.1.4, the published test key.
    let seed = STANDARD.decode("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=").unwrap();
    let key = SigningKey::from_seed(&seed.try_into().unwrap()).unwrap();
    let check = |headers: &HeaderMap, signature: &MessageSignature| {
        assert_eq!(
            headers["signature-input"].to_str().unwrap(),
            signature.signature_input()
        );
        assert_eq!(headers["signature"].to_str().unwrap(), signature.signature());
    };
    let mut signatures = Vec::new();
    for request in &ours.requests {
        let headers = header_map(&request.headers);
        let nonce = inspect(&request.parts(&headers)).unwrap().nonce().to_owned();
        let stamp = Stamp {
            key_id: &request.key,
            created: ours.created,
            expires: ours.created + 300,
            nonce: &nonce,
        };
        let signature = sign_request(&key, &stamp, &request.parts(&headers)).unwrap();
        check(&headers, &signature);
        assert!(ours.verify(request, request.body.as_bytes()).is_ok());
        signatures.push(signature);
    }
    let headers = header_map(&ours.answer.headers);
    let response = ResponseParts {
        status: ours.answer.status,
        headers: &headers,
        request: &signatures[0],
    };
    check(
        &headers,
        &sign_response(&key, &ours.answer.key, ours.created + 1, &response).unwrap(),
    );
}
