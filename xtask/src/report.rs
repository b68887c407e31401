//! The steps of a test run: says what runs and how long it took, counts, and closes with one line that a program can read.

use std::fmt;
use std::time::Instant;

/// How many tests there were, by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
        self.skipped = self.skipped.saturating_add(other.skipped);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

/// How one step ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Good; counts as one.
    Passed,
    /// Not good, with a sentence that says why; counts as one.
    Failed(String),
    /// It brought its own tests.
    Counted(Tally),
    /// A tool is not there, with a sentence that says what to install. Skipped at a desk, a failure in CI.
    Missing(String),
    /// Left out wherever it runs, with the reason.
    Skipped(String),
}

/// A run, step by step.
#[derive(Debug)]
pub(crate) struct Report {
    strict: bool,
    total: Tally,
    failures: Vec<String>,
}

impl Report {
    /// `strict`: a missing tool is a failure, as in CI.
    pub(crate) fn new(strict: bool) -> Self {
        Self {
            strict,
            total: Tally::default(),
            failures: Vec::new(),
        }
    }

    /// Runs one step and counts it. An `Err` is a step that failed.
    pub(crate) fn step(&mut self, name: &str, body: impl FnOnce() -> Result<Outcome, String>) {
        println!("== {name}");
        let start = Instant::now();
        let outcome = body().unwrap_or_else(Outcome::Failed);
        let seconds = start.elapsed().as_millis();
        let took = format!("{}.{} s", seconds / 1000, seconds % 1000 / 100);
        let (tally, word) = self.judge(name, outcome);
        self.total.add(tally);
        println!("== {name}: {word} ({took})\n");
    }

    fn judge(&mut self, name: &str, outcome: Outcome) -> (Tally, String) {
        let one = Tally::default();
        match outcome {
            Outcome::Passed => (Tally { passed: 1, ..one }, "passed".to_owned()),
            Outcome::Skipped(why) => (Tally { skipped: 1, ..one }, format!("skipped: {why}")),
            Outcome::Missing(why) if !self.strict => (Tally { skipped: 1, ..one }, format!("skipped: {why}")),
            Outcome::Failed(why) | Outcome::Missing(why) => {
                self.failures.push(format!("{name}: {why}"));
                (Tally { failed: 1, ..one }, format!("FAILED: {why}"))
            }
            Outcome::Counted(tally) if tally.failed > 0 => {
                self.failures.push(format!("{name}: {tally}"));
                (tally, format!("FAILED: {tally}"))
            }
            Outcome::Counted(tally) => (tally, tally.to_string()),
        }
    }

    /// Lists the failures, prints the totals as the last line, and says whether everything was good.
    pub(crate) fn close(&self) -> bool {
        for failure in &self.failures {
            println!("failed: {failure}");
        }
        println!("{}", self.total);
        self.total.failed == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(strict: bool, outcomes: Vec<Result<Outcome, String>>) -> Report {
        let mut report = Report::new(strict);
        for outcome in outcomes {
            report.step("step", || outcome);
        }
        report
    }

    #[test]
    fn steps_and_the_tests_they_bring_are_counted_together() {
        let tally = Tally {
            passed: 40,
            failed: 2,
            skipped: 1,
        };
        let report = run(
            false,
            vec![Ok(Outcome::Passed), Ok(Outcome::Counted(tally)), Err("no".to_owned())],
        );
        assert_eq!(report.total.to_string(), "41 passed, 3 failed, 1 skipped");
        assert!(!report.close());
        assert_eq!(report.failures, ["step: 40 passed, 2 failed, 1 skipped", "step: no"]);
    }

    #[test]
    fn a_missing_tool_is_skipped_at_a_desk_and_fails_in_ci() {
        let missing = || vec![Ok(Outcome::Missing("install it".to_owned()))];
        assert!(run(false, missing()).close());
        assert!(!run(true, missing()).close());
    }

    #[test]
    fn a_step_that_is_left_out_does_not_fail_in_ci() {
        let report = run(true, vec![Ok(Outcome::Skipped("not asked for".to_owned()))]);
        assert_eq!(
            report.total,
            Tally {
                skipped: 1,
                ..Tally::default()
            }
        );
        assert!(report.close());
    }
}
