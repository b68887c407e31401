//! Words to the terminal: answers on standard output, everything else on standard error.

use std::io::Write;
use std::process::ExitCode;

/// One line of an answer. A reader that went away (`| head`) is no error.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// One line for the person who watches.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// What went wrong.
pub(crate) fn failure(text: &str) -> ExitCode {
    note(&format!("countersign: {text}"));
    ExitCode::FAILURE
}
