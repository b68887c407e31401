//! What was done and what was found: progress for people, one line of JSON for programs.

use serde_json::{Value, json};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// A promise of the product that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What ought to be so.
    pub expected: String,
    /// What is so instead.
    pub found: String,
}

impl Violation {
    pub(crate) fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// As an error.
    pub(crate) fn fail<T>(expected: impl Into<String>, found: impl Into<String>) -> Result<T, crate::Failure> {
        Err(Box::new(Self::new(expected, found)))
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected: {}; found: {}", self.expected, self.found)
    }
}

impl std::error::Error for Violation {}

/// A violation with what is needed to look into it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) violation: Violation,
    pub(crate) seed: u64,
    pub(crate) fault: &'static str,
    pub(crate) engine: &'static str,
    /// The data directory, which is kept.
    pub(crate) kept: PathBuf,
}

/// A run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Servers killed.
    pub kills: usize,
    /// Other things broken.
    pub faults: usize,
    /// Signed requests that were sent.
    pub requests: u64,
    /// Payments whose intake was acknowledged.
    pub payments: u64,
    /// How long each start took until the server said that it was ready.
    pub(crate) startups: Vec<Duration>,
    pub(crate) found: Vec<Found>,
    /// What could not be done here, and why.
    pub(crate) skipped: Vec<String>,
    pub(crate) overloads: Vec<Value>,
}

impl Report {
    /// Whether everything that was promised held.
    pub fn good(&self) -> bool {
        self.found.is_empty()
    }

    /// What was found, without where.
    pub fn violations(&self) -> Vec<&Violation> {
        self.found.iter().map(|found| &found.violation).collect()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.kills = self.kills.saturating_add(other.kills);
        self.faults = self.faults.saturating_add(other.faults);
        self.requests = self.requests.saturating_add(other.requests);
        self.payments = self.payments.saturating_add(other.payments);
        self.startups.extend(other.startups);
        self.found.extend(other.found);
        self.skipped.extend(other.skipped);
        self.overloads.extend(other.overloads);
    }

    /// Half of the starts were faster than the first, and none slower than the second, in milliseconds.
    fn startup(&self) -> (u64, u64) {
        let mut millis: Vec<u64> = self.startups.iter().map(|took| in_millis(*took)).collect();
        millis.sort_unstable();
        let median = millis.get(millis.len() / 2).copied().unwrap_or(0);
        (median, millis.last().copied().unwrap_or(0))
    }

    /// The last line of a run with `--json`.
    pub fn json(&self) -> String {
        let violations: Vec<Value> = self
            .found
            .iter()
            .map(|found| {
                json!({
                    "fault": found.fault,
                    "engine": found.engine,
                    "seed": found.seed,
                    "expected": found.violation.expected,
                    "found": found.violation.found,
                    "kept": found.kept.display().to_string(),
                })
            })
            .collect();
        let (p50, max) = self.startup();
        json!({
            "kills": self.kills,
            "faults": self.faults,
            "violations": violations,
            "startup_ms": {"p50": p50, "max": max},
            "requests": self.requests,
            "payments": self.payments,
            "skipped": self.skipped,
            "overload": self.overloads,
        })
        .to_string()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (p50, max) = self.startup();
        writeln!(
            f,
            "{} servers killed, {} other faults, {} requests, {} payments taken in",
            self.kills, self.faults, self.requests, self.payments
        )?;
        writeln!(
            f,
            "ready after a start: median {p50} ms, at most {max} ms ({} starts)",
            self.startups.len()
        )?;
        for skipped in &self.skipped {
            writeln!(f, "skipped: {skipped}")?;
        }
        match self.found.len() {
            0 => writeln!(f, "no violations"),
            count => writeln!(f, "{count} violations"),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "VIOLATION in `{}` on {}", self.fault, self.engine)?;
        writeln!(f, "  expected  {}", self.violation.expected)?;
        writeln!(f, "  found     {}", self.violation.found)?;
        writeln!(f, "  seed      {}", self.seed)?;
        write!(f, "  kept in   {}", self.kept.display())
    }
}

/// Whole milliseconds.
pub(crate) fn in_millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_json_holds_what_is_promised() {
        let mut report = Report {
            kills: 2,
            startups: vec![
                Duration::from_millis(30),
                Duration::from_millis(10),
                Duration::from_millis(20),
            ],
            ..Report::default()
        };
        report.found.push(Found {
            violation: Violation::new("one", "two"),
            seed: 7,
            fault: "kill",
            engine: "sqlite",
            kept: PathBuf::from("somewhere"),
        });
        let line: Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(line["kills"], 2);
        assert_eq!(line["startup_ms"], json!({"p50": 20, "max": 30}));
        assert_eq!(line["violations"][0]["seed"], 7);
        assert!(!report.good());
    }
}
