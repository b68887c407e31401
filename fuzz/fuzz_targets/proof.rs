//! Proof files and receipts: nothing panics, what is read is written back unchanged, and nothing verifies that the key
//! did not sign.

#![no_main]

use std::sync::LazyLock;

use evidence::canonical::{from_canonical, to_canonical};
use evidence::key::VerifierKey;
use evidence::proof::Proof;
use evidence::receipt::verify_receipt;
use libfuzzer_sys::fuzz_target;

/// A key whose private half no input can know; the committed sample receipt is not of this log.
static KEY: LazyLock<VerifierKey> = LazyLock::new(|| {
    VerifierKey::parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").expect("a key")
});

fuzz_target!(|data: &[u8]| {
    if let Ok(proof) = Proof::parse(data) {
        assert_eq!(proof.to_bytes(), data);
        if let Some(Ok(value)) = proof.extra().map(from_canonical) {
            assert_eq!(to_canonical(&value).as_deref(), Ok(proof.extra().unwrap_or_default()));
        }
    }
    if let Ok(value) = from_canonical(data) {
        assert_eq!(to_canonical(&value).as_deref(), Ok(data));
    }
    assert!(verify_receipt(data, &KEY).is_err());
});
