//! `cargo xtask bench`: the measuring program, always as a release build.

use crate::process;

/// Builds and starts the bench crate with the words that follow the verb.
pub(crate) fn run(words: &[&str]) -> Result<bool, String> {
    let root = process::root()?;
    process::succeeds(
        process::cargo(&root)
            .args(["run", "--quiet", "--release", "-p", "bench", "--"])
            .args(words),
    )
}
