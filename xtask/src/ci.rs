//! `cargo xtask ci`: the test command as CI runs it, where a missing tool is a failure.

/// Runs the whole of `test`, strictly.
pub(crate) fn run(words: &[&str]) -> Result<bool, String> {
    crate::test::with(words, true)
}
