//! What holds for every request: a signed one verifies, a changed one does not, and no header text makes us stumble.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use signing::content_digest::content_digest;
use signing::http_signature::{Refusal, RequestParts, Stamp, inspect, sign_request};
use signing::key::SigningKey;

const NOW: i64 = 1_795_000_000;

#[derive(Clone, Debug)]
struct Request {
    method: String,
    authority: String,
    path: String,
    query: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Request {
    fn header_map(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in &self.headers {
            map.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        map
    }

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

prop_compose! {
    fn request()(
        method in prop::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE"]),
        authority in "[a-z0-9]{1,20}(\\.[a-z]{2,5})?(:[1-9][0-9]{3})?",
        path in "(/[!-\"$->@-~]{0,12}){1,4}",
        query in prop::option::of("[!-\"$-~]{0,40}"),
        body in prop::collection::vec(any::<u8>(), 0..200),
        idempotency_key in "[!-~]([ -~]{0,30}[!-~])?",
        authorization in prop::option::of("[!-~]([ -~]{0,30}[!-~])?"),
        digest_of_nothing in any::<bool>(),
    ) -> Request {
        let mut headers = Vec::new();
        if !body.is_empty() || digest_of_nothing {
            headers.push(("content-digest", content_digest(&body)));
            headers.push(("content-type", "application/json".to_owned()));
        }
        if method != "GET" {
            headers.push(("idempotency-key", idempotency_key));
        }
        headers.extend(authorization.map(|value| ("authorization", value)));
        Request { method: method.to_owned(), authority, path, query, headers, body }
    }
}

prop_compose! {
    fn stamp()(nonce in "[A-Za-z0-9_-]{32,60}", key_id in "[ -~]{1,60}", lifetime in 1_i64..=300)
        -> (String, String, i64) { (nonce, key_id, lifetime) }
}

fn key() -> SigningKey {
    SigningKey::from_seed(&[3; 32]).unwrap()
}

fn signed(request: &Request, nonce: &str, key_id: &str, lifetime: i64) -> HeaderMap {
    let mut headers = request.header_map();
    let stamp = Stamp {
        key_id,
        created: NOW,
        expires: NOW + lifetime,
        nonce,
    };
    sign_request(&key(), &stamp, &request.parts(&headers))
        .unwrap()
        .insert_into(&mut headers)
        .unwrap();
    headers
}

fn verify(parts: &RequestParts<'_>, body: &[u8]) -> Result<(), Refusal> {
    let verified = inspect(parts)?.verify(&key().verifying_key().unwrap(), NOW, body)?;
    assert_eq!(verified.created(), NOW);
    Ok(())
}

/// One byte of a text changed so that it stays printable ASCII.
fn flip(text: &str, at: usize, by: u8) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = at % bytes.len();
    bytes[at] = b'!' + (bytes[at] - b' ' + 1 + by % 90) % 94;
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_was_signed_verifies(request in request(), (nonce, key_id, lifetime) in stamp()) {
        let headers = signed(&request, &nonce, &key_id, lifetime);
        prop_assert_eq!(verify(&request.parts(&headers), &request.body), Ok(()));
        let candidate = inspect(&request.parts(&headers)).unwrap();
        prop_assert_eq!(candidate.key_id(), key_id);
        prop_assert_eq!(candidate.nonce(), nonce);
    }

    #[test]
    fn no_byte_of_the_message_can_be_changed(
        request in request(), (nonce, key_id, lifetime) in stamp(), part in 0..7_usize, at in any::<usize>(), by in any::<u8>(),
    ) {
        let headers = signed(&request, &nonce, &key_id, lifetime);
        let mut changed = request.clone();
        let mut changed_headers = headers.clone();
        match part {
            0 => changed.method = flip(&request.method, at, by),
            1 => changed.authority = flip(&request.authority, at, by),
            2 => changed.path = flip(&request.path, at, by),
            3 => match &request.query {
                Some(query) if !query.is_empty() => changed.query = Some(flip(query, at, by)),
                _ => changed.query = Some("x".to_owned()),
            },
            4 => match changed.body.len() {
                0 => changed.body.push(by),
                length => changed.body[at % length] ^= by.max(1),
            },
            5 => {
                let Some((name, value)) = request.headers.get(at % request.headers.len().max(1)) else { return Ok(()) };
                changed_headers.insert(*name, HeaderValue::from_str(&flip(value, at / 8, by)).unwrap());
            }
            _ => {
                let input = headers["signature-input"].to_str().unwrap();
                let flipped = flip(input, at, by);
                // Nothing but the label is free: it is no part of what is signed, but then the labels differ.
                changed_headers.insert("signature-input", HeaderValue::from_str(&flipped).unwrap());
            }
        }
        prop_assume!(!changed.authority.eq_ignore_ascii_case(&request.authority) || part != 1);
        prop_assert!(verify(&changed.parts(&changed_headers), &changed.body).is_err(), "part {part}");
    }

    #[test]
    fn no_byte_of_the_signature_can_be_changed(
        request in request(), (nonce, key_id, lifetime) in stamp(), at in 0..64_usize, by in 1..=255_u8,
    ) {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let mut headers = signed(&request, &nonce, &key_id, lifetime);
        let value = headers["signature"].to_str().unwrap().strip_prefix("sig=:").unwrap().trim_end_matches(':').to_owned();
        let mut bytes = STANDARD.decode(value).unwrap();
        bytes[at] ^= by;
        headers.insert("signature", HeaderValue::from_str(&format!("sig=:{}:", STANDARD.encode(&bytes))).unwrap());
        prop_assert_eq!(verify(&request.parts(&headers), &request.body), Err(Refusal::BadSignature));
        bytes.truncate(at);
        headers.insert("signature", HeaderValue::from_str(&format!("sig=:{}:", STANDARD.encode(&bytes))).unwrap());
        prop_assert_eq!(verify(&request.parts(&headers), &request.body), Err(Refusal::BadSignature));
    }
}

/// Text that looks enough like our headers to get past the first checks.
fn hostile_text() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "sig",
        "=",
        "(",
        ")",
        ",",
        ", ",
        ";",
        " ",
        "\"",
        "\\",
        ":",
        "\"@method\"",
        "\"@path\"",
        "\"@query\"",
        "\"@authority\"",
        "\"@status\"",
        "\"date\"",
        ";req",
        ";key=\"a\"",
        ";sf",
        "created",
        "=1795000000",
        "=-1",
        "=999999999999999",
        "=1.5",
        "expires",
        "nonce",
        "keyid",
        "alg",
        "tag",
        "=\"countersign-v1\"",
        "=\"ed25519\"",
        "=:AAAA:",
        "=?1",
        "@1",
        "%\"a\"",
        "\t",
        "é",
        "\u{0}",
        "*",
    ]);
    prop_oneof![
        prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat()),
        ".{0,80}",
        prop::collection::vec(any::<u8>(), 0..80).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_verifies_or_makes_us_stumble(
        input in hostile_text(), value in hostile_text(), digest in hostile_text(), field in hostile_text(),
        method in "\\PC{0,8}", authority in hostile_text(), path in hostile_text(), query in hostile_text(),
    ) {
        let mut headers = HeaderMap::new();
        for (name, text) in [("signature-input", &input), ("signature", &value), ("content-digest", &digest), ("date", &field)] {
            if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                headers.append(name, value);
            }
        }
        let request = RequestParts { method: &method, authority: &authority, path: &path, query: Some(&query), headers: &headers };
        prop_assert!(verify(&request, field.as_bytes()).is_err());
    }

    /// A good request with a piece of its signature headers replaced: this reaches the rules behind the parser.
    #[test]
    fn no_patched_header_verifies_or_makes_us_stumble(
        patch in hostile_text(), at in any::<usize>(), length in 0..20_usize, of_value in any::<bool>(),
    ) {
        let headers = HeaderMap::new();
        let mut request = RequestParts { method: "GET", authority: "a.example", path: "/", query: None, headers: &headers };
        let stamp = Stamp { key_id: "k", created: NOW, expires: NOW + 9, nonce: "00112233445566778899aabbccddeeff" };
        let mut signed = HeaderMap::new();
        sign_request(&key(), &stamp, &request).unwrap().insert_into(&mut signed).unwrap();
        let name = if of_value { "signature" } else { "signature-input" };
        let mut text = signed[name].to_str().unwrap().to_owned();
        let start = at % text.len();
        let end = (start + length).min(text.len());
        text.replace_range(start..end, &patch);
        let original = signed.clone();
        let Ok(patched) = HeaderValue::from_bytes(text.as_bytes()) else { return Ok(()) };
        signed.insert(name, patched);
        request.headers = &signed;
        if verify(&request, b"").is_ok() {
            // Spaces and the spelling of base64 are free; what is said and covered is not.
            request.headers = &original;
            let said = inspect(&request).unwrap();
            request.headers = &signed;
            let read = inspect(&request).unwrap();
            prop_assert_eq!(read.signature_base(), said.signature_base());
        }
    }
}
