//! Notes, checkpoints and the text forms of keys: nothing panics, and what is read is written back unchanged.

#![no_main]

use evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use evidence::key::{SignerKey, VerifierKey};
use evidence::note::Note;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(note) = Note::parse(data) {
        assert_eq!(note.to_bytes(), data);
    }
    if let Ok(signed) = SignedCheckpoint::parse(data) {
        assert_eq!(signed.to_bytes(), data);
        assert_eq!(signed.unverified().to_text(), signed.note().text());
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.to_text(), text);
    }
    if let Ok(key) = VerifierKey::parse(text) {
        assert_eq!(key.to_string(), text);
        assert!(!key.verifies(data, data));
    }
    if let Ok(key) = SignerKey::parse(text) {
        assert_eq!(key.expose().as_deref(), Ok(text));
    }
});
