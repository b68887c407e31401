//! Checks a written message against its official schema with xmllint, where both are at hand.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and says what it skipped"
)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Panics when the message is not valid. Prints `skipped` when the schemas or xmllint are missing.
pub(crate) fn check(message: &str, document: &[u8]) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/iso20022/xsd");
    let schema = folder.join(format!("{message}.xsd"));
    if !schema.exists() {
        println!("skipped: {message}.xsd is not at hand");
        return;
    }
    let arguments = ["--noout", "--nonet", "--schema"];
    let started = Command::new("xmllint")
        .args(arguments)
        .arg(&schema)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut xmllint) = started else {
        println!("skipped: xmllint is not installed");
        return;
    };
    xmllint.stdin.take().unwrap().write_all(document).unwrap();
    let output = xmllint.wait_with_output().unwrap();
    let (words, text) = (
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(document),
    );
    assert!(output.status.success(), "not a valid {message}:\n{words}\n{text}");
}
