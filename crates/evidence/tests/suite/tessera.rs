//! A log written by another implementation (Tessera): every state of it is rebuilt from its entries, byte for byte.

use std::fs;
use std::path::Path;

use evidence::bundle;
use evidence::checkpoint::SignedCheckpoint;
use evidence::growth::TileEdge;
use evidence::hash::leaf_hash;
use evidence::key::VerifierKey;
use evidence::tile::{Level, Tile, TileContent};

const KEY: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
const SIZE: u16 = 15;

#[expect(clippy::disallowed_methods, reason = "sixty small test vectors are read by name")]
fn read(path: &str) -> Vec<u8> {
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/tessera/log");
    fs::read(log.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn entries() -> Vec<Vec<u8>> {
    let bundle = read(&Tile::new(Level::Entries, 0, SIZE).unwrap().to_string());
    bundle::decode(&bundle, SIZE)
        .unwrap()
        .into_iter()
        .map(<[u8]>::to_vec)
        .collect()
}

fn signed(name: &str) -> SignedCheckpoint {
    SignedCheckpoint::parse(&read(name)).unwrap()
}

#[test]
fn the_entries_read_as_the_words_they_are() {
    assert_eq!(
        entries().concat(),
        b"onetwothreefourfivesixseveneitnaintenileventwelfthreetenfourtenfivten".to_vec()
    );
}

#[test]
fn every_checkpoint_verifies_and_writes_back_unchanged() {
    let key = VerifierKey::parse(KEY).unwrap();
    assert_eq!(key.to_string(), KEY);
    for size in 0..=SIZE {
        let name = format!("checkpoint.{size}");
        let signed = signed(&name);
        assert_eq!(signed.verify(&key).unwrap().size(), u64::from(size));
        assert_eq!(signed.to_bytes(), read(&name));
    }
    assert_eq!(signed("checkpoint"), signed("checkpoint.15"));
}

#[test]
fn every_root_and_tile_is_rebuilt_byte_for_byte() {
    let mut edge = TileEdge::empty();
    for (width, entry) in (1..).zip(entries()) {
        let contents = edge.append(&[leaf_hash(&entry)]).unwrap();
        let tile = Tile::new(Level::Hashes(0), 0, width).unwrap();
        let bytes = read(&tile.to_string());
        assert_eq!(
            contents,
            [TileContent {
                tile,
                bytes: bytes.clone()
            }]
        );

        let size = u64::from(width);
        assert_eq!(edge.root(), signed(&format!("checkpoint.{width}")).unverified().root());
        assert_eq!(TileEdge::partial_tiles(size), [tile]);
        assert_eq!(TileEdge::load(size, &[bytes]).unwrap(), edge);
    }
    assert_eq!(TileEdge::empty().root(), signed("checkpoint.0").unverified().root());
}

#[test]
fn every_bundle_is_rebuilt_byte_for_byte_from_any_earlier_one() {
    let entries = entries();
    for (old_size, old) in (0_u16..SIZE).enumerate() {
        let partial = if old == 0 {
            Vec::new()
        } else {
            read(&format!("tile/entries/000.p/{old}"))
        };
        for (new_size, new) in (0_u16..=SIZE).enumerate().skip(old_size + 1) {
            let bytes = read(&format!("tile/entries/000.p/{new}"));
            let tile = Tile::new(Level::Entries, 0, new).unwrap();
            let contents = bundle::grow(u64::from(old), &partial, &entries[old_size..new_size]).unwrap();
            assert_eq!(
                contents,
                [TileContent {
                    tile,
                    bytes: bytes.clone()
                }]
            );
            assert_eq!(bundle::narrow(&bytes, old), Some(partial.as_slice()));
        }
    }
}
