//! What is answered survives a kill of the process at any moment.

use crate::support::{Place, add_purse, on_both_engines, purses};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const CHILD_URL: &str = "COUNTERSIGN_TEST_CHILD_URL";
/// Answers to wait for before the kill.
const ENOUGH: usize = 150;

#[test]
fn what_is_answered_survives_a_kill() {
    on_both_engines(|place| {
        let answered = kill_a_writing_child(place);
        assert!(answered.len() >= ENOUGH);
        let kept: BTreeSet<i64> = purses(&place.open()).into_iter().map(|(id, _)| id).collect();
        let lost: Vec<_> = answered.difference(&kept).collect();
        assert!(lost.is_empty(), "answered but lost: {lost:?}");
    });
}

/// Starts this test binary again as a writer, reads its answers and kills it in the middle. Gives the answers.
fn kill_a_writing_child(place: &Place) -> BTreeSet<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "durability::child_that_writes_until_it_is_killed",
            "--nocapture",
        ])
        .env(CHILD_URL, &place.url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let number = |line: String| line.strip_prefix("stored ").and_then(|id| id.parse().ok());
    let mut answered: BTreeSet<i64> = lines.by_ref().filter_map(number).take(ENOUGH).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    answered.extend(lines.filter_map(number));
    answered
}

#[test]
fn child_that_writes_until_it_is_killed() {
    let Ok(url) = std::env::var(CHILD_URL) else { return };
    let store = store::Store::open(store::StoreConfig::new(url, &crate::support::MIGRATIONS)).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_i64 {
            let store = &store;
            scope.spawn(move || {
                for turn in 0..100_000 {
                    let id = turn * 4 + thread;
                    add_purse(store, id, 0).unwrap();
                    println!("stored {id}");
                }
            });
        }
    });
}
