//! Arbitrary request lines and header text against the reader of message signatures.
//!
//! The input is text of the form `METHOD authority path query`, then one `name: value` per line, an empty line, the body.
//! Nothing may panic; nothing may verify, because the key that signed is not among the inputs; and whatever passes the
//! profile keeps its promises.
#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use signing::http_signature::{RequestParts, inspect};
use signing::key::{SigningKey, VerifyingKey};
use std::sync::LazyLock;

static KEY: LazyLock<VerifyingKey> =
    LazyLock::new(|| SigningKey::from_seed(&[42; 32]).unwrap().verifying_key().unwrap());

fuzz_target!(|data: &[u8]| {
    let (head, body) = match data.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&data[..at], &data[at + 2..]),
        None => (data, b"".as_slice()),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let Ok(first) = str::from_utf8(lines.next().unwrap_or_default()) else {
        return;
    };
    let mut words = first.splitn(4, ' ');
    let mut word = || words.next().unwrap_or_default();
    let (method, authority, path, query) = (word(), word(), word(), word());

    let mut headers = HeaderMap::new();
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let query = Some(query).filter(|query| !query.is_empty());
    let request = RequestParts {
        method,
        authority,
        path,
        query,
        headers: &headers,
    };
    let Ok(candidate) = inspect(&request) else { return };

    let base = candidate.signature_base();
    assert!(base.is_ascii());
    assert_eq!(base.lines().filter(|line| line.starts_with("\"@method\": ")).count(), 1);
    assert_eq!(
        base.lines()
            .filter(|line| line.starts_with("\"@signature-params\": "))
            .count(),
        1
    );
    assert!(candidate.expires() - candidate.created() <= 300);
    assert!(!candidate.key_id().is_empty() && candidate.nonce().len() >= 22);
    let now = candidate.created();
    assert!(candidate.verify(&KEY, now, body).is_err());
});
