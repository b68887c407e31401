//! The guide to payment files lists every column and every finding, and nothing that does not exist.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use formats::csv::COLUMNS;
use formats::finding::FindingCode;

const GUIDE: &str = include_str!("../../../docs/guides/payment-files.md");

/// First and second cell of each row of the table under a heading that begins so.
fn table(heading: &str) -> Vec<(&'static str, &'static str)> {
    let section = GUIDE
        .split("\n## ")
        .find(|section| section.starts_with(heading))
        .unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (name, rest) = row.split_once("` | ").unwrap();
        (name, rest.split(" |").next().unwrap())
    })
    .collect()
}

#[test]
fn every_finding_is_explained_once_and_in_order() {
    let codes: Vec<_> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    let rows = table("Findings");
    assert_eq!(rows.iter().map(|(code, _)| *code).collect::<Vec<_>>(), codes);
    assert!(rows.iter().all(|(_, meaning)| meaning.len() > 10));
}

#[test]
fn every_column_is_listed_once_and_in_order() {
    let columns: Vec<_> = COLUMNS
        .iter()
        .map(|column| (column.name, if column.required { "yes" } else { "no" }))
        .collect();
    assert_eq!(table("CSV"), columns);
}
