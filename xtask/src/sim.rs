//! `cargo xtask sim`: the simulator, built fast and with every overflow and debug assertion switched on.

use crate::process;

/// Hands all words on to the simulator; true if nothing was found.
pub(crate) fn run(words: &[&str]) -> Result<bool, String> {
    let root = process::root()?;
    let mut cargo = process::cargo(&root);
    cargo.args([
        "run",
        "--quiet",
        "--profile",
        "sim",
        "--package",
        "sim",
        "--bin",
        "sim",
        "--",
    ]);
    process::succeeds(cargo.args(words))
}
