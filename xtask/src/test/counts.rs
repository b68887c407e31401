//! How many tests there were, read from the words of the programs that ran them.

use crate::report::Tally;

/// The summary of cargo-nextest: `Summary [ 1.2s] 7 tests run: 5 passed (1 slow), 1 failed, 1 timed out, 2 skipped`.
pub(super) fn nextest(line: &str) -> Option<Tally> {
    let (_, counts) = line.trim_start().strip_prefix("Summary [")?.split_once("run:")?;
    read(&without_brackets(counts), ',')
}

/// One result of `cargo test`: `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.1s`.
pub(super) fn cargo_test(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let counts: Vec<&str> = counts.split(';').take(3).collect();
    read(&counts.join(";"), ';')
}

/// The line that our own programs close with: `5 passed, 1 failed, 0 skipped`, or without the last if they never skip.
pub(super) fn own(line: &str) -> Option<Tally> {
    let line = line.trim();
    let tally = read(line, ',')?;
    tally
        .to_string()
        .strip_prefix(line)
        .filter(|rest| ["", ", 0 skipped"].contains(rest))
        .map(|_| tally)
}

/// Adds what a line said, if it said something.
pub(super) fn add(total: &mut Tally, part: Option<Tally>) {
    let part = part.unwrap_or_default();
    total.passed = total.passed.saturating_add(part.passed);
    total.failed = total.failed.saturating_add(part.failed);
    total.skipped = total.skipped.saturating_add(part.skipped);
}

/// Everything that is neither passed nor skipped has failed, whatever name it has: `timed out`, `exec failed`.
fn read(counts: &str, between: char) -> Option<Tally> {
    let mut tally = Tally::default();
    for part in counts.split(between) {
        let (number, word) = part.trim().split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        let place = match word {
            "passed" => &mut tally.passed,
            "skipped" | "ignored" => &mut tally.skipped,
            _ => &mut tally.failed,
        };
        *place = place.saturating_add(number);
    }
    Some(tally)
}

fn without_brackets(text: &str) -> String {
    let outside = |part: &str| {
        part.split_once(')')
            .map_or_else(|| part.to_owned(), |(_, after)| after.to_owned())
    };
    text.split('(').map(outside).collect::<String>().replace(" ,", ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Option<Tally> {
        Some(Tally {
            passed,
            failed,
            skipped,
        })
    }

    #[test]
    fn the_summary_of_nextest_is_read() {
        assert_eq!(
            nextest("     Summary [   0.023s] 5 tests run: 5 passed, 0 skipped"),
            tally(5, 0, 0)
        );
        assert_eq!(
            nextest(
                "     Summary [   1.5s] 7/9 tests run: 4 passed (1 slow, 2 leaky), 2 failed, 1 timed out, 3 skipped"
            ),
            tally(4, 3, 3)
        );
        assert_eq!(nextest("        PASS [   0.023s] summary 5 tests run: 5 passed"), None);
    }

    #[test]
    fn the_results_of_cargo_test_are_added_up() {
        let mut total = Tally::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.10s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
        ] {
            add(&mut total, cargo_test(line));
        }
        assert_eq!(Some(total), tally(4, 2, 1));
    }

    #[test]
    fn our_own_closing_line_is_read_and_nothing_like_it() {
        assert_eq!(own("5 passed, 1 failed, 0 skipped"), tally(5, 1, 0));
        assert_eq!(own("5 passed, 1 failed"), tally(5, 1, 0));
        assert_eq!(own("5 passed"), None);
        assert_eq!(own("5 passed, 1 fai"), None);
        assert_eq!(own("of 9: 5 passed, 1 failed, 0 skipped"), None);
    }
}
