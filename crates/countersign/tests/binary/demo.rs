//! The demo from outside, as a newcomer runs it: the binary, its summary, its receipts, on both engines.

use crate::support::countersign;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the payments of the sample end, by the last digits of their references.
const SAMPLE: [(&str, &str); 18] = [
    ("AUR-SAL-2026-11-01", "settled"),
    ("AUR-SAL-2026-11-02", "settled"),
    ("AUR-SAL-2026-11-03", "settled"),
    ("AUR-2026-1101", "settled"),
    ("AUR-2026-1102", "settled"),
    ("AUR-2026-1103", "cancelled"),
    ("AUR-2026-1104", "refused"),
    ("AUR-2026-1105", "settled"),
    ("AUR-2026-1106", "rejected"),
    ("AUR-2026-1107", "returned"),
    ("AUR-2026-1108", "accepted_by_bank"),
    ("AUR-2026-1109", "settled"),
    ("AUR-2026-1110", "settled"),
    ("AUR-2026-1111", "settled"),
    ("AUR-2026-1112", "accepted_by_bank"),
    ("AUR-2026-1113", "settled"),
    ("AUR-2026-1201", "settled"),
    ("AUR-2026-1202", "settled"),
];

fn demo(arguments: &[&str]) -> Value {
    let output = countersign(&[&["demo", "--exit", "--json"], arguments].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}\n{errors}");
    assert_eq!(text.lines().count(), 1, "one line of JSON:\n{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}\n{errors}"))
}

fn states(summary: &Value) -> BTreeMap<String, String> {
    let payments = summary["payments"].as_array().unwrap();
    payments
        .iter()
        .map(|payment| {
            let text = |name: &str| payment[name].as_str().unwrap_or_default().to_owned();
            (text("end_to_end_id"), text("state"))
        })
        .collect()
}

fn receipts(summary: &Value) -> Vec<PathBuf> {
    summary["payments"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|payment| payment["receipt"].as_str())
        .map(PathBuf::from)
        .collect()
}

fn check_sample(summary: &Value) {
    let states = states(summary);
    for (reference, state) in SAMPLE {
        assert_eq!(
            states.get(reference).map(String::as_str),
            Some(state),
            "{reference} in {states:#?}"
        );
    }
    assert_eq!(summary["ledger"]["balanced"], true);
    assert!(summary["ledger"]["entries"].as_i64().unwrap() > 20);
    let reconciliation = &summary["reconciliation"];
    let (lines, matched) = (
        reconciliation["lines"].as_i64().unwrap(),
        reconciliation["matched"].as_i64().unwrap(),
    );
    assert_eq!(
        lines - matched,
        1,
        "only the wrong amount stays unexplained: {reconciliation}"
    );
    assert_eq!(reconciliation["exceptions"], 1, "{reconciliation}");
    let findings = summary["findings"].as_array().unwrap();
    assert!(
        findings
            .iter()
            .any(|finding| finding["code"] == "iban_invalid" && finding["line"].as_i64() > Some(0)),
        "{findings:#?}"
    );
    assert!(summary["log"]["size"].as_u64() > Some(50));
    assert_eq!(summary["log"]["root"].as_str().map(str::len), Some(44));
}

#[test]
fn every_payment_of_the_sample_ends_where_its_account_says_and_receipts_hold() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().to_str().unwrap();
    let summary = demo(&["--data", data]);
    check_sample(&summary);

    let receipts = receipts(&summary);
    assert!(receipts.len() >= 17);
    let paths: Vec<&str> = receipts.iter().map(|path| path.to_str().unwrap()).collect();
    assert!(countersign(&[&["verify"], paths.as_slice()].concat()).status.success());
    one_changed_byte_is_noticed(&receipts[0]);

    let check = countersign(&["log", "check", "--data", data]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

fn one_changed_byte_is_noticed(receipt: &Path) {
    let bytes = std::fs::read(receipt).unwrap();
    let altered = receipt.with_file_name("altered.tlog-proof");
    for at in (0..bytes.len()).step_by(bytes.len() / 12) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        std::fs::write(&altered, &changed).unwrap();
        let verdict = countersign(&["verify", altered.to_str().unwrap()]);
        assert!(!verdict.status.success(), "byte {at}");
        assert!(String::from_utf8_lossy(&verdict.stdout).starts_with("false"));
    }
    std::fs::remove_file(altered).unwrap();
}

#[test]
fn the_sample_ends_the_same_on_postgresql() {
    let Some(url) = crate::support::postgres() else { return };
    let summary = demo(&["--database", &url]);
    check_sample(&summary);
}

#[test]
fn other_files_that_treasurers_bring_travel_too() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for (file, payments) in [("payments-03.xml", 1), ("payments.csv", 4)] {
        let directory = tempfile::tempdir().unwrap();
        let path = examples.join(file);
        let summary = demo(&[path.to_str().unwrap(), "--data", directory.path().to_str().unwrap()]);
        let states = states(&summary);
        assert!(states.len() >= payments, "{file}: {states:#?}");
        assert!(states.values().all(|state| state == "settled"), "{file}: {states:#?}");
        assert_eq!(summary["reconciliation"]["exceptions"], 0, "{file}");
        assert_eq!(summary["ledger"]["balanced"], true);
    }
}

#[test]
fn a_file_that_is_no_payment_file_is_refused_with_a_reason() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("letter.txt");
    std::fs::write(&file, "Dear bank, please pay.").unwrap();
    let output = countersign(&[
        "demo",
        "--exit",
        "--json",
        file.to_str().unwrap(),
        "--data",
        directory.path().to_str().unwrap(),
    ]);
    assert!(!output.status.success());
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["batch"], Value::Null);
    assert!(!summary["findings"].as_array().unwrap().is_empty());

    let missing = countersign(&["demo", "--exit", "/nowhere/at/all.xml"]);
    assert!(!missing.status.success());
    assert!(String::from_utf8_lossy(&missing.stderr).contains("cannot be read"));
}
