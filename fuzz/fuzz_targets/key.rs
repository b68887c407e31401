//! Keys as clients register and keep them, and digests of bodies: nothing panics, and a private key that is read can be written again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signing::content_digest::ContentDigest;
use signing::key::{SigningKey, VerifyingKey};

fuzz_target!(|data: &[u8]| {
    if let Ok(key) = SigningKey::from_pem(data) {
        let file = key.to_pem().expect("a key that was read");
        let again = SigningKey::from_pem(file.expose()).expect("a key that was written");
        assert_eq!(again.public_text(), key.public_text());
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(key) = VerifyingKey::parse(text) {
        assert_eq!(text.split(':').next(), Some(key.algorithm().name()));
    }
    if let Ok(digest) = ContentDigest::parse(text) {
        assert!(!digest.matches(data), "a text that holds its own digest");
    }
});
