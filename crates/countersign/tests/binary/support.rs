//! The binary and what its tests need around it.

use std::process::{Command, Output, Stdio};

/// Runs the binary to its end.
pub(crate) fn countersign(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .stdin(Stdio::null())
        .env_remove("COUNTERSIGN_DATA")
        .env_remove("COUNTERSIGN_DATABASE")
        .output()
        .unwrap()
}

/// The PostgreSQL server for tests, if there is one.
pub(crate) fn postgres() -> Option<String> {
    let server = std::env::var("COUNTERSIGN_TEST_POSTGRES").ok();
    if server.is_none() {
        println!("skipped: no PostgreSQL (COUNTERSIGN_TEST_POSTGRES is not set)");
    }
    server
}
