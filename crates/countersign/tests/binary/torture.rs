//! The torture finds what it is for: with a bug planted in the world around the binary there is a violation that names it.

use std::path::Path;
use torture::{Bug, planted};

/// Seeds that are tried: when exactly something breaks is a matter of threads and disks, and not every crash takes something away.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;

fn is_found(bug: Bug, needs_postgres: bool) {
    let postgres = cluster::installed();
    if needs_postgres && postgres.is_none() {
        println!("skipped: no PostgreSQL on this machine");
        return;
    }
    let program = Path::new(env!("CARGO_BIN_EXE_countersign"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut found = Vec::new();
    for seed in SEEDS {
        let directory = tempfile::tempdir().unwrap();
        let run = planted(
            bug,
            seed,
            program.to_owned(),
            directory.path().to_owned(),
            postgres.clone(),
        );
        let report = runtime.block_on(run).unwrap();
        found.extend(report.violations().iter().map(|violation| violation.to_string()));
        if found
            .iter()
            .any(|line: &String| bug.found_as().iter().any(|words| line.contains(words)))
        {
            return;
        }
    }
    panic!("{bug:?}: {found:#?}");
}

#[test]
fn answers_that_were_given_before_their_commit_are_found() {
    is_found(Bug::AnswersBeforeCommit, false);
}

#[test]
fn orders_that_reach_the_bank_twice_are_found() {
    is_found(Bug::DoubleDelivery, false);
}

#[test]
fn a_database_that_answers_before_it_writes_is_found() {
    is_found(Bug::AsynchronousCommit, true);
}

#[test]
fn a_standby_that_nobody_waits_for_is_found() {
    is_found(Bug::AsynchronousStandby, true);
}
