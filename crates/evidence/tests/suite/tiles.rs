//! Tiles: paths with one spelling, growth in any steps, and proofs read out of stored tiles.

use std::collections::BTreeMap;
use std::convert::Infallible;

use evidence::bundle::{self, BundleError};
use evidence::growth::TileEdge;
use evidence::tile::{Level, Tile};
use evidence::tile_reader::{TileError, TileReader};
use evidence::tree::{HashReader as _, Subtree, TreeError, prove_consistency, prove_inclusion, read_root};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::fixtures::{StoredLog, leaves, path, root, subproof};

fn tile(level: u8, index: u64, width: u16) -> Tile {
    Tile::new(Level::Hashes(level), index, width).unwrap()
}

#[test]
fn paths_are_those_of_the_specification() {
    for (path, tile) in [
        ("tile/0/000", tile(0, 0, 256)),
        ("tile/0/x001/x234/067", tile(0, 1_234_067, 256)),
        ("tile/3/999", tile(3, 999, 256)),
        ("tile/63/x001/000.p/1", tile(63, 1000, 1)),
        ("tile/2/x001/x000/000.p/255", tile(2, 1_000_000, 255)),
        (
            "tile/entries/x123/456.p/8",
            Tile::new(Level::Entries, 123_456, 8).unwrap(),
        ),
        ("tile/0/x018/x446/x744/x073/x709/x551/615", tile(0, u64::MAX, 256)),
    ] {
        assert_eq!(tile.to_string(), path);
        assert_eq!(Tile::from_path(path), Some(tile));
    }
}

#[test]
fn every_other_spelling_of_a_path_is_refused() {
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/000/",
        "tile//000",
        "tile/0//000",
        "tile/00/000",
        "tile/01/000",
        "tile/+1/000",
        "tile/-1/000",
        "tile/64/000",
        "tile/256/000",
        "tile/x/000",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000",
        "tile/0/x000/001",
        "tile/0/x000/x001/001",
        "tile/0/001/001",
        "tile/0/x01/001",
        "tile/0/X001/001",
        "tile/0/+01",
        "tile/0/0x1",
        "tile/0/x001/x067",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/+1",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/000.P/1",
        "tile/Entries/000",
        "tile/entries/00",
        "tile/entries/../checkpoint",
        "tile/0/٠٠٠",
        "tile/0/000 ",
        "tile/0/000\n",
        "tile/0/000?x",
    ] {
        assert_eq!(Tile::from_path(path), None, "{path:?}");
    }
}

#[test]
fn no_tile_is_wider_or_higher_than_the_format_has_it() {
    assert_eq!(Tile::new(Level::Hashes(64), 0, 1), None);
    assert_eq!(Tile::new(Level::Hashes(0), 0, 0), None);
    assert_eq!(Tile::new(Level::Entries, 0, 257), None);
}

#[test]
fn a_log_of_70000_has_the_tiles_that_the_specification_lists() {
    let mut edge = TileEdge::empty();
    let contents = edge.append(&leaves(70_000)).unwrap();
    let of_level = |level: u8| {
        contents
            .iter()
            .filter(move |content| content.tile.level() == Level::Hashes(level))
    };
    assert_eq!(of_level(0).filter(|content| content.tile.is_full()).count(), 273);
    assert_eq!(of_level(1).filter(|content| content.tile.is_full()).count(), 1);
    let partial = [tile(0, 273, 112), tile(1, 1, 17), tile(2, 0, 1)];
    assert_eq!(TileEdge::partial_tiles(70_000), partial);
    assert_eq!(contents.len(), 277);
    assert!(
        partial
            .iter()
            .all(|tile| contents.iter().any(|content| content.tile == *tile))
    );
}

#[test]
fn a_log_of_256_has_one_full_tile_and_one_above_it() {
    let contents = TileEdge::empty().append(&leaves(256)).unwrap();
    let tiles: Vec<_> = contents.iter().map(|content| content.tile).collect();
    assert_eq!(tiles, [tile(0, 0, 256), tile(1, 0, 1)]);
}

#[test]
fn an_edge_is_not_loaded_from_tiles_of_another_size() {
    let mut edge = TileEdge::empty();
    edge.append(&leaves(300)).unwrap();
    let contents: Vec<_> = edge
        .partial_contents()
        .into_iter()
        .map(|content| content.bytes)
        .collect();
    assert_eq!(TileEdge::load(300, &contents).unwrap(), edge);
    for size in [0, 44, 256, 299, 301, 512, 300 + (1 << 57), u64::MAX] {
        assert!(TileEdge::load(size, &contents).is_err(), "{size}");
    }
    assert!(TileEdge::load(300, &contents[..1]).is_err());
    assert!(TileEdge::load(300, &[contents.concat(), Vec::new()]).is_err());
    assert_eq!(TileEdge::load(0, &[]).unwrap(), TileEdge::empty());
}

#[test]
fn an_unchanged_tile_is_not_written_again() {
    let mut edge = TileEdge::empty();
    edge.append(&leaves(300)).unwrap();
    assert_eq!(edge.append(&[]).unwrap(), []);
    let contents = edge.append(&leaves(1)).unwrap();
    assert_eq!(
        contents.iter().map(|content| content.tile).collect::<Vec<_>>(),
        [tile(0, 1, 45)]
    );
}

#[test]
fn missing_and_damaged_tiles_are_named() {
    let log = StoredLog::sealed_at(&[700]);
    let victim = tile(0, 1, 256);
    let with = |stored: Option<Vec<u8>>| {
        let fetch = |tile: Tile| {
            Ok::<_, Infallible>(if tile == victim {
                stored.clone()
            } else {
                log.tiles.get(&tile).cloned()
            })
        };
        prove_inclusion(&mut TileReader::new(700, fetch), 300, 700)
    };
    assert!(with(log.tiles.get(&victim).cloned()).is_ok());
    assert_eq!(with(None), Err(TreeError::Read(TileError::Missing(victim))));
    for bytes in [vec![], vec![0; 32 * 255], vec![0; 32 * 256 + 1]] {
        assert_eq!(with(Some(bytes)), Err(TreeError::Read(TileError::WrongLength(victim))));
    }
    let outside = Subtree { level: 0, index: 700 };
    let refused = TileError::NotInTree {
        size: 700,
        level: 0,
        index: 700,
    };
    let mut reader = TileReader::new(700, |tile| Ok::<_, Infallible>(log.tiles.get(&tile).cloned()));
    assert_eq!(reader.read(&[outside]), Err(refused));
    assert!(
        reader
            .read(&[Subtree {
                level: 255,
                index: u64::MAX
            }])
            .is_err()
    );
    // 700 leaves have two complete subtrees of 256 on level 8 and a third that is not complete.
    assert!(reader.read(&[Subtree { level: 8, index: 1 }]).is_ok());
    assert!(
        reader
            .read(&[Subtree { level: 8, index: 2 }, Subtree { level: 7, index: 5 }])
            .is_err()
    );
}

#[test]
fn a_bundle_has_exactly_its_entries() {
    let mut bytes = Vec::new();
    bundle::push(b"one", &mut bytes).unwrap();
    bundle::push(b"", &mut bytes).unwrap();
    assert_eq!(bytes, b"\x00\x03one\x00\x00");
    assert_eq!(bundle::decode(&bytes, 2).unwrap(), [b"one".as_slice(), b""]);
    assert_eq!(bundle::decode(&bytes, 1), Err(BundleError::TrailingBytes { width: 1 }));
    assert_eq!(bundle::decode(&bytes, 3), Err(BundleError::Truncated { width: 3 }));
    for end in 0..bytes.len() {
        assert!(bundle::decode(&bytes[..end], 2).is_err(), "{end}");
    }
    assert_eq!(bundle::commitments(&bytes, 2), Err(BundleError::NotACommitment));
    assert_eq!(
        bundle::push(&vec![0; 65_536], &mut bytes),
        Err(BundleError::EntryTooLong)
    );
    assert!(bundle::push(&vec![0; 65_535], &mut bytes).is_ok());
    assert!(
        bundle::grow(1, b"", &[b"two"]).is_err(),
        "the entry of the partial bundle is missing"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_path_reads_back(level in 0u8..64, index: u64, width in 1u16..=256, entries: bool) {
        let level = if entries { Level::Entries } else { Level::Hashes(level) };
        let tile = Tile::new(level, index, width).unwrap();
        prop_assert_eq!(Tile::from_path(&tile.to_string()), Some(tile));
    }

    #[test]
    fn growth_in_steps_ends_where_growth_at_once_does(steps in prop::collection::vec(0usize..400, 1..5)) {
        let all = leaves(steps.iter().sum());
        let mut at_once = TileEdge::empty();
        let expected: BTreeMap<_, _> =
            at_once.append(&all).unwrap().into_iter().map(|content| (content.tile, content.bytes)).collect();

        let mut edge = TileEdge::empty();
        let mut stored = BTreeMap::new();
        let mut done = 0;
        for step in steps {
            let contents = edge.append(&all[done..done + step]).unwrap();
            stored.extend(contents.into_iter().map(|content| (content.tile, content.bytes)));
            done += step;
            // A restart: all that is left is what was stored.
            let partial: Vec<_> = TileEdge::partial_tiles(edge.size()).iter().map(|tile| stored[tile].clone()).collect();
            let loaded = TileEdge::load(edge.size(), &partial).unwrap();
            prop_assert_eq!(&loaded, &edge);
            prop_assert_eq!(loaded.root(), root(&all[..done]));
        }
        prop_assert_eq!(&edge, &at_once);
        for (tile, bytes) in &expected {
            prop_assert_eq!(stored.get(tile), Some(bytes));
        }
        for (tile, bytes) in &stored {
            let widest = Tile::in_tree(edge.size(), tile.level(), tile.index()).unwrap();
            prop_assert_eq!(tile.narrow(&expected[&widest]), Some(bytes.as_slice()));
        }
    }

    #[test]
    fn proofs_come_out_of_tiles(size in 1usize..900, earlier: Index, at: Index) {
        let all = leaves(size);
        let mut edge = TileEdge::empty();
        let stored: BTreeMap<_, _> =
            edge.append(&all).unwrap().into_iter().map(|content| (content.tile, content.bytes)).collect();
        let mut reader = TileReader::new(edge.size(), |tile| Ok::<_, Infallible>(stored.get(&tile).cloned()));
        let (old, index) = (1 + earlier.index(size), at.index(size));
        let number = |n: usize| u64::try_from(n).unwrap();
        prop_assert_eq!(read_root(&mut reader, edge.size()).unwrap(), root(&all));
        prop_assert_eq!(prove_inclusion(&mut reader, number(index), edge.size()).unwrap(), path(index, &all));
        let proof = prove_consistency(&mut reader, number(old), edge.size()).unwrap();
        prop_assert_eq!(proof, subproof(old, &all, true));
    }

    #[test]
    fn entries_come_back_out_of_bundles(sizes in prop::collection::vec(0usize..40, 0..700), cut: Index) {
        let entries: Vec<Vec<u8>> = (0u8..=255).cycle().zip(sizes).map(|(byte, size)| vec![byte; size]).collect();
        let cut = cut.index(entries.len() + 1);
        let mut stored: BTreeMap<u64, (u16, Vec<u8>)> = BTreeMap::new();
        for (from, to) in [(0, cut), (cut, entries.len())] {
            let left_over = stored.values().last().filter(|(width, _)| *width < 256).map(|(_, bytes)| bytes.clone());
            let from_size = u64::try_from(from).unwrap();
            for content in bundle::grow(from_size, &left_over.unwrap_or_default(), &entries[from..to]).unwrap() {
                stored.insert(content.tile.index(), (content.tile.width(), content.bytes));
            }
        }
        let read: Vec<_> = stored.values().flat_map(|(width, bytes)| bundle::decode(bytes, *width).unwrap()).collect();
        prop_assert_eq!(read, entries.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
}
