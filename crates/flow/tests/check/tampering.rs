//! Every table, every column: altered, removed, added, swapped. One thing at a time, and put right again afterwards.

use crate::filled;
use crate::raw::{Column, Raw, Row, delete, insert, update};
use crate::stage::Stage;
use flow::Platform;
use flow::check::{RECOMPUTED, Report, WORKING, check};
use std::collections::BTreeSet;
use testkit::database::Database;
use tokio::runtime::Handle;

/// Columns that say when something is tried and not what is done: small changes are not found, and gain nothing. Great ones are found;
/// `a_job_that_would_never_be_done_is_named` shows it.
const FREE: &[(&str, &str)] = &[
    ("jobs", "due_at"),
    ("jobs", "attempts"),
    ("jobs", "leased_until"),
    ("jobs", "last_error"),
];
/// Rows that may be removed: it ends somebody's access to the console, and a new link gives it back.
const REMOVABLE: &[&str] = &[
    "console_links",
    "console_sessions",
    "addresses",
    "passwords",
    "authenticators",
    "recovery_codes",
    "sessions",
    "one_time_links",
    "role_uses",
];

/// Runs a body with a filled house on every engine; the body blocks.
pub(crate) async fn in_a_filled_house(body: impl Fn(&Stage, &mut Raw) + Send + Sync + Clone + 'static) {
    for database in Database::all() {
        let stage = filled::house(database).await;
        stage.tampered.store(true, std::sync::atomic::Ordering::Relaxed);
        let body = body.clone();
        let stage = tokio::task::spawn_blocking(move || {
            let mut raw = Raw::open(&stage.database);
            body(&stage, &mut raw);
            stage
        });
        stage.await.unwrap().end().await;
    }
}

pub(crate) fn checked(platform: &Platform) -> Report {
    Handle::current().block_on(check(platform)).unwrap()
}

pub(crate) fn named(report: &Report) -> BTreeSet<&str> {
    report.problems.iter().map(|problem| problem.table.as_str()).collect()
}

/// The tables that are to be tampered with, with their columns and rows.
fn tables(raw: &mut Raw) -> Vec<(String, Vec<Column>, Vec<Row>)> {
    let working: BTreeSet<&str> = WORKING.iter().map(|(table, _)| *table).collect();
    let tables = raw
        .tables()
        .into_iter()
        .filter(|table| !working.contains(table.as_str()));
    tables
        .collect::<Vec<_>>()
        .into_iter()
        .map(|table| {
            let columns = raw.columns(&table);
            let rows = raw.rows(&table, &columns);
            assert!(!rows.is_empty(), "the filled house has nothing in {table}");
            (table, columns, rows)
        })
        .collect()
}

/// Some rows of a table: some of different kinds where there are kinds, else the last one; of tables without a seal in each row also
/// the first.
fn some<'a>(table: &str, columns: &[Column], rows: &'a [Row]) -> Vec<&'a Row> {
    let (kind, most) = match table {
        "payment_states" => ("state", 4),
        "jobs" => ("kind", 9),
        _ => {
            let last = rows.len() - 1;
            let also_first = last > 0 && !is_sealed(table);
            return if also_first {
                vec![&rows[0], &rows[last]]
            } else {
                vec![&rows[last]]
            };
        }
    };
    let column = columns.iter().position(|column| column.name == kind).unwrap();
    let mut kinds = BTreeSet::new();
    rows.iter()
        .rev()
        .filter(|row| kinds.insert(&row[column]))
        .take(most)
        .collect()
}

fn is_sealed(table: &str) -> bool {
    store::sealed::TABLES.iter().any(|sealed| sealed.name == table)
}

/// An alteration of one column of one row.
struct Alteration {
    table: String,
    column: String,
    there: String,
    back: String,
}

/// Tries values until the schema takes one.
fn alter(raw: &mut Raw, table: &str, columns: &[Column], row: &Row, place: usize, values: &[String]) -> Alteration {
    for value in values {
        let mut altered = row.clone();
        altered[place].clone_from(value);
        let (there, back) = (
            update(table, columns, row, &altered),
            update(table, columns, &altered, row),
        );
        if raw.run(std::slice::from_ref(&there)) {
            assert!(raw.run(std::slice::from_ref(&back)));
            return Alteration {
                table: table.to_owned(),
                column: columns[place].name.clone(),
                there,
                back,
            };
        }
    }
    panic!("{table}.{} cannot be altered", columns[place].name);
}

/// Everything that is altered, one after the other, by table.
fn alterations(raw: &mut Raw) -> Vec<Vec<Alteration>> {
    let mut by_table = Vec::new();
    for (table, columns, rows) in tables(raw) {
        let mut of_table = Vec::new();
        for row in some(&table, &columns, &rows) {
            for (place, column) in columns.iter().enumerate() {
                if FREE.contains(&(table.as_str(), column.name.as_str())) {
                    continue;
                }
                let near = [1, 1_000_003].map(|by| raw.altered(column, &row[place], by));
                of_table.push(alter(raw, &table, &columns, row, place, &near));
                if column.nullable && row[place] != "NULL" {
                    of_table.push(alter(raw, &table, &columns, row, place, &["NULL".to_owned()]));
                }
            }
        }
        by_table.push(of_table);
    }
    by_table
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_that_nobody_touched_is_as_it_was_recorded() {
    in_a_filled_house(|stage, raw| {
        let report = checked(&stage.house.platform);
        assert_eq!(report.problems, []);
        assert!((257..400).contains(&report.size), "{}", report.size);
        let rows: usize = tables(raw).iter().map(|(_, _, rows)| rows.len()).sum();
        assert!(report.rows >= u64::try_from(rows).unwrap(), "{} of {rows}", report.rows);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_is_sealed_or_computed_again_or_cannot_matter() {
    for database in Database::all() {
        database.open().close().await;
        let schema = tokio::task::spawn_blocking(move || (Raw::open(&database).tables(), database))
            .await
            .unwrap()
            .0;
        let sealed = store::sealed::TABLES.iter().map(|table| table.name);
        let mut known: Vec<&str> = sealed
            .chain(RECOMPUTED.iter().chain(WORKING).map(|(table, _)| *table))
            .collect();
        known.sort_unstable();
        assert_eq!(schema, known);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_altered_column_of_every_table_is_named() {
    in_a_filled_house(|stage, raw| {
        let mut by_table = alterations(raw);
        let mut rounds: Vec<Vec<Alteration>> = Vec::new();
        // What has a seal in each row is found by that alone: one alteration of each such table at a time.
        let mut sealed: Vec<_> = by_table
            .extract_if(.., |of_table| is_sealed(&of_table[0].table))
            .collect();
        while !sealed.is_empty() {
            rounds.push(sealed.iter_mut().filter_map(Vec::pop).collect());
            sealed.retain(|of_table| !of_table.is_empty());
        }
        rounds.extend(by_table.into_iter().flatten().map(|alteration| vec![alteration]));
        let mut missed = Vec::new();
        for round in rounds {
            let statements = |of: fn(&Alteration) -> String| round.iter().map(of).collect::<Vec<_>>();
            assert!(raw.run(&statements(|alteration| alteration.there.clone())));
            let report = checked(&stage.house.platform);
            let named = named(&report);
            for alteration in round
                .iter()
                .filter(|alteration| !named.contains(alteration.table.as_str()))
            {
                missed.push(format!(
                    "{}.{}: {}: {:?}",
                    alteration.table, alteration.column, alteration.there, report.problems
                ));
            }
            assert!(raw.run(&statements(|alteration| alteration.back.clone())));
        }
        assert_eq!(missed, [""; 0]);
        assert_eq!(checked(&stage.house.platform).problems, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_removed_row_is_named() {
    in_a_filled_house(|stage, raw| {
        let mut missed = Vec::new();
        for (table, columns, rows) in tables(raw) {
            if REMOVABLE.contains(&table.as_str()) {
                continue;
            }
            for row in some(&table, &columns, &rows) {
                assert!(raw.run(&[delete(&table, &columns, row)]));
                let report = checked(&stage.house.platform);
                if !named(&report).contains(table.as_str()) {
                    missed.push(format!("{table} {row:?}: {:?}", report.problems));
                }
                assert!(raw.run(&[insert(&table, &columns, row)]));
            }
        }
        assert_eq!(missed, [""; 0]);
        assert_eq!(checked(&stage.house.platform).problems, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_added_row_is_named() {
    in_a_filled_house(|stage, raw| {
        let mut missed = Vec::new();
        for (table, columns, rows) in tables(raw) {
            for row in some(&table, &columns, &rows) {
                let Some(forged) = forge(raw, &table, &columns, row) else {
                    missed.push(format!("{table} takes no copy of {row:?}"));
                    continue;
                };
                let report = checked(&stage.house.platform);
                if !named(&report).contains(table.as_str()) {
                    missed.push(format!("{table} {forged:?}: {:?}", report.problems));
                }
                assert!(raw.run(&[delete(&table, &columns, &forged)]));
            }
        }
        assert_eq!(missed, [""; 0]);
    })
    .await;
}

/// A copy of a row under another key; where another index is in the way, with another value there.
fn forge(raw: &mut Raw, table: &str, columns: &[Column], row: &Row) -> Option<Row> {
    let others = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| !column.key)
        .map(|(place, _)| Some(place));
    let keys: Vec<usize> = (0..columns.len()).filter(|place| columns[*place].key).collect();
    for other in std::iter::once(None).chain(others) {
        // The last part of a key is the place under another row, or the row itself.
        let mut forged = row.clone();
        for place in keys.last().copied().into_iter().chain(other) {
            forged[place] = raw.altered(&columns[place], &row[place], 1_000_003);
        }
        if raw.run(&[insert(table, columns, &forged)]) {
            return Some(forged);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_swapped_what_they_hold_are_named() {
    in_a_filled_house(|stage, raw| {
        let mut missed = Vec::new();
        let mut swapped_in = BTreeSet::new();
        for (table, columns, rows) in tables(raw) {
            let swap = |one: &Row, other: &Row| -> Row {
                columns
                    .iter()
                    .zip(one.iter().zip(other))
                    .map(|(column, (one, other))| if column.key { one } else { other }.clone())
                    .collect()
            };
            let pair = rows.iter().enumerate().find_map(|(place, one)| {
                rows[place + 1..]
                    .iter()
                    .find(|other| swap(one, other) != *one)
                    .map(|other| (one, other))
            });
            let Some((one, other)) = pair else { continue };
            swapped_in.insert(table.clone());
            let (new_one, new_other) = (swap(one, other), swap(other, one));
            let remove = |one, other| [delete(&table, &columns, one), delete(&table, &columns, other)];
            let add = |one, other| [insert(&table, &columns, one), insert(&table, &columns, other)];
            assert!(raw.run(&[remove(one, other), add(&new_one, &new_other)].concat()));
            let report = checked(&stage.house.platform);
            if !named(&report).contains(table.as_str()) {
                missed.push(format!("{table} {one:?} {other:?}: {:?}", report.problems));
            }
            assert!(raw.run(&[remove(&new_one, &new_other), add(one, other)].concat()));
        }
        assert_eq!(missed, [""; 0]);
        assert!(swapped_in.len() > 25, "{swapped_in:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_would_never_be_done_is_named() {
    in_a_filled_house(|stage, raw| {
        let columns = raw.columns("jobs");
        let rows = raw.rows("jobs", &columns);
        let place = |name: &str| columns.iter().position(|column| column.name == name).unwrap();
        let text = |row: &Row, name: &str| row[place(name)].trim_matches('\'').to_owned();
        for row in some("jobs", &columns, &rows) {
            for (column, value) in [
                ("due_at", i64::MAX),
                ("leased_until", i64::MAX),
                ("attempts", i64::MAX),
                ("attempts", -1),
            ] {
                // When the two of the test world come round is not compared: its clock may have been set back.
                if column == "due_at" && ["collect", "sweep"].contains(&text(row, "kind").as_str()) {
                    continue;
                }
                let mut altered = row.clone();
                altered[place(column)] = value.to_string();
                assert!(raw.run(&[update("jobs", &columns, row, &altered)]));
                let report = checked(&stage.house.platform);
                assert!(
                    named(&report).contains("jobs"),
                    "{column} of {row:?}: {:?}",
                    report.problems
                );
                assert!(raw.run(&[update("jobs", &columns, &altered, row)]));
            }
        }
    })
    .await;
}
