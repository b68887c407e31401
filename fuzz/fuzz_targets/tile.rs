//! Tile paths, entry bundles and stored edges: nothing panics, and what is read is written back unchanged.
//!
//! The first eight bytes are a size, the next eight an index; the rest is path, bundle and tile content in turn.

#![no_main]

use std::convert::Infallible;

use evidence::bundle;
use evidence::growth::TileEdge;
use evidence::hash::Hash;
use evidence::tile::Tile;
use evidence::tile_reader::TileReader;
use evidence::tree::{prove_consistency, prove_inclusion, read_root};
use evidence::verify::{verify_consistency, verify_inclusion};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((size, rest)) = data.split_first_chunk() else {
        return;
    };
    let Some((index, rest)) = rest.split_first_chunk() else {
        return;
    };
    let (size, index) = (u64::from_le_bytes(*size), u64::from_le_bytes(*index));
    paths(rest);
    bundles(rest);
    edges(size, rest);
    proofs(size, index, rest);
});

fn paths(data: &[u8]) {
    let Ok(path) = std::str::from_utf8(data) else { return };
    if let Some(tile) = Tile::from_path(path) {
        assert_eq!(tile.to_string(), path);
    }
}

fn bundles(data: &[u8]) {
    for width in [0, 1, 2, 5, 256] {
        if let Ok(entries) = bundle::decode(data, width) {
            let mut again = Vec::new();
            for entry in entries {
                bundle::push(entry, &mut again).expect("it was in a bundle");
            }
            assert_eq!(again, data);
        }
        if let Some(narrow) = bundle::narrow(data, width) {
            assert!(bundle::decode(narrow, width).is_ok());
        }
    }
}

fn edges(size: u64, data: &[u8]) {
    let mut rest = data;
    let mut contents = Vec::new();
    for tile in TileEdge::partial_tiles(size) {
        let length = rest.len().min(usize::from(tile.width()) * Hash::LEN);
        let (own, after) = rest.split_at(length);
        contents.push(own.to_vec());
        rest = after;
    }
    if let Ok(mut edge) = TileEdge::load(size, &contents) {
        assert_eq!(edge.size(), size);
        if edge.append(&[edge.root()]).is_ok() {
            assert_eq!(edge.size(), size + 1);
        }
    }
}

fn proofs(size: u64, index: u64, data: &[u8]) {
    // Every tile has the same bytes: good for the arithmetic, and no proof of anything.
    let fetch = |_: Tile| Ok::<_, Infallible>(Some(data.to_vec()));
    let mut reader = TileReader::new(size, fetch);
    let root = read_root(&mut reader, size);
    if let (Ok(root), Ok(path)) = (root, prove_inclusion(&mut reader, index, size)) {
        assert!(path.len() <= 64);
        let _arbitrary_leaf = verify_inclusion(&Hash::EMPTY_TREE, index, size, &path, &root);
    }
    if let (Ok(root), Ok(path)) = (root, prove_consistency(&mut reader, index, size)) {
        let _arbitrary_root = verify_consistency(index, &Hash::EMPTY_TREE, size, &root, &path);
    }
}
