//! The torture finds what it is for: with a bug planted in the world around the binary there is a violation that names it.

use std::path::Path;
use torture::{Bug, planted};

/// Runs with the bug, and says what was found; nothing where there is no PostgreSQL.
fn found(bug: Bug, needs_postgres: bool) -> Option<Vec<String>> {
    let postgres = cluster::installed();
    if needs_postgres && postgres.is_none() {
        println!("skipped: no PostgreSQL on this machine");
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_countersign")).to_owned();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let run = planted(bug, program, directory.path().to_owned(), postgres);
    let report = runtime.block_on(run).unwrap();
    let violations = report.violations();
    Some(violations.iter().map(|violation| violation.to_string()).collect())
}

fn is_found(bug: Bug, needs_postgres: bool) {
    let Some(found) = found(bug, needs_postgres) else {
        return;
    };
    let named = |line: &String| bug.found_as().iter().any(|words| line.contains(words));
    assert!(found.iter().any(named), "{bug:?}: {found:#?}");
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
