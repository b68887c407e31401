//! The audit: a sound log passes, and whatever was altered in a log is named.

use std::convert::Infallible;

use evidence::check::{
    CheckError, Discrepancy, GrowthError, LogSource, SoundLog, check_event, check_growth, check_log,
};
use evidence::checkpoint::Checkpoint;
use evidence::entry::{Commitment, commit};
use evidence::hash::Hash;
use evidence::tile::{Level, Tile};
use evidence::tree::TreeError;
use evidence::verify::Unproven;

use crate::fixtures::{ORIGIN, StoredLog, root};

const SIZES: [usize; 5] = [0, 100, 256, 300, 700];

impl LogSource for StoredLog {
    type Error = Infallible;

    fn commitments(&mut self, start: u64, count: u16) -> Result<Vec<Commitment>, Infallible> {
        let start = usize::try_from(start).unwrap();
        Ok(self
            .entries
            .iter()
            .skip(start)
            .take(usize::from(count))
            .copied()
            .collect())
    }

    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.tiles.get(&tile).cloned())
    }
}

fn audit(log: &StoredLog) -> Result<SoundLog, Discrepancy> {
    check_log(&mut log.clone(), &log.checkpoints).map_err(|error| match error {
        CheckError::Found(discrepancy) => discrepancy,
        CheckError::Read(_) | CheckError::Size(_) => panic!("{error}"),
    })
}

fn tile(level: u8, index: u64, width: u16) -> Tile {
    Tile::new(Level::Hashes(level), index, width).unwrap()
}

fn forged() -> Commitment {
    commit(&[9; 16], b"{}")
}

#[test]
fn a_sound_log_passes() {
    let mut log = StoredLog::sealed_at(&SIZES);
    assert_eq!(
        audit(&log),
        Ok(SoundLog {
            size: 700,
            root: root(&log.leaves())
        })
    );
    log.entries.push(forged());
    assert!(audit(&log).is_ok(), "entries that are not sealed yet are not looked at");
    log.checkpoints.reverse();
    assert!(audit(&log).is_ok(), "checkpoints come in any order");
    log.checkpoints.clear();
    assert_eq!(
        audit(&log),
        Ok(SoundLog {
            size: 0,
            root: Hash::EMPTY_TREE
        })
    );
}

#[test]
fn every_altered_entry_is_named() {
    let sound = StoredLog::sealed_at(&SIZES);
    for index in [0, 1, 99, 100, 255, 256, 299, 300, 511, 512, 699] {
        let mut log = sound.clone();
        log.entries[index] = forged();
        assert_eq!(
            audit(&log),
            Err(Discrepancy::EntryDiffers {
                index: u64::try_from(index).unwrap()
            })
        );
    }
}

#[test]
fn swapped_entries_are_named() {
    let mut log = StoredLog::sealed_at(&SIZES);
    log.entries.swap(400, 500);
    assert_eq!(audit(&log), Err(Discrepancy::EntryDiffers { index: 400 }));
}

#[test]
fn a_missing_entry_is_named() {
    let mut log = StoredLog::sealed_at(&SIZES);
    log.entries.truncate(650);
    assert_eq!(audit(&log), Err(Discrepancy::EntryMissing { index: 650, size: 700 }));
    log.entries.truncate(100);
    assert_eq!(audit(&log), Err(Discrepancy::EntryMissing { index: 100, size: 256 }));
}

#[test]
fn a_removed_entry_is_named() {
    let mut log = StoredLog::sealed_at(&SIZES);
    log.entries.remove(270);
    assert_eq!(audit(&log), Err(Discrepancy::EntryMissing { index: 699, size: 700 }));
    log.entries.push(forged());
    assert_eq!(audit(&log), Err(Discrepancy::EntryDiffers { index: 270 }));
}

#[test]
fn every_altered_tile_is_named_with_the_place_in_it() {
    let sound = StoredLog::sealed_at(&SIZES);
    let current = [tile(0, 0, 256), tile(0, 1, 256), tile(0, 2, 188), tile(1, 0, 2)];
    for victim in current {
        for position in [0, 1, usize::from(victim.width()) - 1] {
            let mut log = sound.clone();
            log.tiles.get_mut(&victim).unwrap()[32 * position + 7] ^= 1;
            assert_eq!(audit(&log), Err(Discrepancy::TileDiffers { tile: victim, position }));
        }
        let mut log = sound.clone();
        log.tiles.remove(&victim);
        assert_eq!(audit(&log), Err(Discrepancy::TileMissing { tile: victim }));

        let mut log = sound.clone();
        log.tiles.get_mut(&victim).unwrap().truncate(32);
        assert_eq!(
            audit(&log),
            Err(Discrepancy::TileDiffers {
                tile: victim,
                position: 1
            })
        );

        let mut log = sound.clone();
        log.tiles.get_mut(&victim).unwrap().push(0);
        let position = usize::from(victim.width());
        assert_eq!(audit(&log), Err(Discrepancy::TileDiffers { tile: victim, position }));
    }
}

#[test]
fn a_history_rewritten_with_all_its_tiles_contradicts_what_was_signed() {
    let sound = StoredLog::sealed_at(&SIZES);
    let mut log = sound.clone();
    log.entries[280] = forged();
    let mut edge = evidence::growth::TileEdge::empty();
    for size in [300, 700] {
        let done = usize::try_from(edge.size()).unwrap();
        let leaves = log.leaves();
        let contents = edge.append(&leaves[done..size]).unwrap();
        log.tiles
            .extend(contents.into_iter().map(|content| (content.tile, content.bytes)));
    }
    assert_eq!(audit(&log), Err(Discrepancy::RootDiffers { size: 300, agreed: 256 }));

    // Even if the latest checkpoint is signed anew over the forged history, an earlier one that was kept contradicts it.
    *log.checkpoints.last_mut().unwrap() = Checkpoint::new(ORIGIN, edge.size(), edge.root()).unwrap();
    assert_eq!(audit(&log), Err(Discrepancy::RootDiffers { size: 300, agreed: 256 }));
}

#[test]
fn an_altered_event_is_named() {
    let stored = commit(&[1; 16], b"{\"n\":1}");
    assert_eq!(check_event(7, &[1; 16], b"{\"n\":1}", &stored), Ok(()));
    let found = Err(Discrepancy::EventDiffers { index: 7 });
    assert_eq!(check_event(7, &[1; 16], b"{\"n\":2}", &stored), found);
    assert_eq!(check_event(7, &[2; 16], b"{\"n\":1}", &stored), found);
}

#[test]
fn a_log_that_only_grew_passes_the_quick_check() {
    let log = StoredLog::sealed_at(&SIZES);
    for older in &log.checkpoints {
        assert!(check_growth(&mut log.reader(), older, log.latest()).is_ok());
    }
}

#[test]
fn a_rewritten_or_shortened_log_fails_the_quick_check() {
    let log = StoredLog::sealed_at(&SIZES);
    let other = Checkpoint::new(ORIGIN, 256, Hash::from_bytes([5; 32])).unwrap();
    let rewritten = check_growth(&mut log.reader(), &other, log.latest());
    assert!(matches!(rewritten, Err(GrowthError::Rewritten(Unproven::WrongRoot))));
    let longer = Checkpoint::new(ORIGIN, 701, Hash::from_bytes([5; 32])).unwrap();
    let shortened = check_growth(&mut log.reader(), &longer, log.latest());
    assert!(matches!(
        shortened,
        Err(GrowthError::Prove(TreeError::SizesOutOfOrder { .. }))
    ));
}
