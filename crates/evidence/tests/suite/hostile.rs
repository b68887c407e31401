//! Parsers under random and half-valid bytes: they do not panic, and what they accept they write back unchanged.

use evidence::bundle;
use evidence::canonical::{from_canonical, to_canonical};
use evidence::checkpoint::SignedCheckpoint;
use evidence::key::{SignerKey, VerifierKey};
use evidence::note::Note;
use evidence::proof::Proof;
use evidence::receipt::verify_receipt;
use evidence::tile::Tile;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::fixtures::{StoredLog, signer};

/// Bytes that look like the formats: pieces of them in any order, with noise between.
fn nearly_valid() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("c2sp.org/tlog-proof@v1\n".to_owned()),
        Just("extra e30=\n".to_owned()),
        Just("index 1\n".to_owned()),
        Just("gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n".to_owned()),
        Just("\n".to_owned()),
        Just("log.example\n".to_owned()),
        "[0-9]{1,3}\n",
        Just("— log.example AAAAAAE=\n".to_owned()),
        "— [a-z+ ]{1,4} [A-Za-z0-9+/=]{4,12}\n",
        Just("tile/0/".to_owned()),
        Just("x001/".to_owned()),
        Just("067.p/8".to_owned()),
        Just("{\"a\":1}".to_owned()),
        ".{0,6}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat().into_bytes())
}

fn any_input() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![nearly_valid(), prop::collection::vec(any::<u8>(), 0..200)]
}

fn assert_read_back(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_bytes(), bytes);
    }
    if let Ok(checkpoint) = SignedCheckpoint::parse(bytes) {
        assert_eq!(checkpoint.to_bytes(), bytes);
        assert_eq!(checkpoint.unverified().to_text(), checkpoint.note().text());
    }
    if let Ok(proof) = Proof::parse(bytes) {
        assert_eq!(proof.to_bytes(), bytes);
    }
    if let Ok(value) = from_canonical(bytes) {
        assert_eq!(to_canonical(&value).unwrap(), bytes);
    }
    if let Ok(text) = str::from_utf8(bytes) {
        if let Some(tile) = Tile::from_path(text) {
            assert_eq!(tile.to_string(), text);
        }
        if let Ok(key) = VerifierKey::parse(text) {
            assert_eq!(key.to_string(), text);
        }
        if let Ok(key) = SignerKey::parse(text) {
            assert_eq!(key.expose().unwrap(), text);
        }
    }
}

proptest! {
    #[test]
    fn what_is_accepted_is_written_back_unchanged(bytes in any_input()) {
        assert_read_back(&bytes);
        prop_assert!(verify_receipt(&bytes, signer().verifier()).is_err());
    }

    #[test]
    fn a_proof_with_some_bytes_replaced_reads_back_if_it_reads_at_all(
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let checkpoint = StoredLog::sealed_at(&[3]).signed();
        let mut bytes = Proof::new(Some(b"x".to_vec()), 1, vec![checkpoint.unverified().root()], checkpoint).unwrap().to_bytes();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        assert_read_back(&bytes);
    }

    #[test]
    fn a_bundle_that_decodes_encodes_to_the_same_bytes(
        bytes in prop_oneof![
            prop::collection::vec(0u8..3, 0..64),
            prop::collection::vec(any::<u8>(), 0..300),
        ],
        width in 0u16..=256,
    ) {
        if let Ok(entries) = bundle::decode(&bytes, width) {
            let mut again = Vec::new();
            for entry in entries {
                bundle::push(entry, &mut again).unwrap();
            }
            prop_assert_eq!(again, bytes);
        } else if let Some(narrow) = bundle::narrow(&bytes, width) {
            prop_assert!(bundle::decode(narrow, width).is_ok());
        }
    }
}
