//! What was measured, as a table for people and as one line of JSON. Ratios are taken within each round and their median is shown:
//! a machine that becomes slower slows both sides.

use crate::growth::{Growth, Step};
use crate::meter::{Measured, percentile};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// One round: everything measured once, in turn.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// The full path: signed payments over HTTPS, on SQLite.
    pub(crate) full: Option<Measured>,
    /// Signed requests to the same server that are only verified.
    pub(crate) verify: Option<Measured>,
    /// Payments handed straight to the intake, on SQLite.
    pub(crate) storage: Option<Measured>,
    /// The same on PostgreSQL.
    pub(crate) postgres: Option<Measured>,
    /// Transactions of pgbench per second.
    pub(crate) pgbench: Option<u64>,
    /// Nanoseconds for checking one signature.
    pub(crate) verify_nanos: u64,
}

/// A number with three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ratio(u64);

impl Ratio {
    fn of(one: u64, other: u64) -> Option<Self> {
        one.saturating_mul(1_000).checked_div(other).map(Self)
    }

    /// For drawing.
    pub(crate) fn thousandths(self) -> u64 {
        self.0
    }
}

/// The middle one, if there are any.
pub(crate) fn median<T: Ord + Copy>(of: impl Iterator<Item = T>) -> Option<T> {
    let mut all: Vec<T> = of.collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied()
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Bytes are whole ones.
        match (self.0 / 1_000, self.0 % 1_000) {
            (whole @ 1_000.., _) => write!(f, "{whole}"),
            (whole, parts) => write!(f, "{whole}.{parts:03}"),
        }
    }
}

/// A ratio with the bounds of the design.
struct Goal {
    name: &'static str,
    must: Ratio,
    aim: Ratio,
    /// Whether less is better.
    at_most: bool,
    of: fn(&Round) -> Option<Ratio>,
}

fn rate(measured: Option<&Measured>) -> Option<u64> {
    measured.map(Measured::rate)
}

static GOALS: [Goal; 6] = [
    Goal {
        name: "full_over_pgbench",
        must: Ratio(1_500),
        aim: Ratio(2_500),
        at_most: false,
        of: |round| Ratio::of(rate(round.full.as_ref())?, round.pgbench?),
    },
    Goal {
        name: "full_over_verify",
        must: Ratio(400),
        aim: Ratio(550),
        at_most: false,
        of: |round| Ratio::of(rate(round.full.as_ref())?, rate(round.verify.as_ref())?),
    },
    Goal {
        name: "storage_over_pgbench",
        must: Ratio(4_000),
        aim: Ratio(6_000),
        at_most: false,
        of: |round| Ratio::of(rate(round.storage.as_ref())?, round.pgbench?),
    },
    Goal {
        name: "postgres_batched_over_pgbench",
        must: Ratio(3_000),
        aim: Ratio(5_000),
        at_most: false,
        of: |round| Ratio::of(rate(round.postgres.as_ref())?, round.pgbench?),
    },
    Goal {
        name: "p99_over_p50",
        must: Ratio(5_000),
        aim: Ratio(3_000),
        at_most: true,
        of: |round| Ratio::of(round.full.as_ref()?.percentile(99), round.full.as_ref()?.percentile(50)),
    },
    Goal {
        name: "cpu_over_one_verify",
        must: Ratio(4_000),
        aim: Ratio(2_800),
        at_most: true,
        of: |round| Ratio::of(round.full.as_ref()?.server_nanos_each(), round.verify_nanos),
    },
];

/// All rounds.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) rounds: Vec<Round>,
    /// Size of the database of the full path divided by its payments.
    pub(crate) bytes_per_payment: Option<u64>,
    /// By engine.
    pub(crate) growth: Vec<Growth>,
}

/// One ratio as it is shown.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    /// Nothing if it was not measured.
    pub(crate) measured: Option<Ratio>,
    pub(crate) must: Ratio,
    pub(crate) aim: Ratio,
    /// Whether less is better.
    at_most: bool,
}

impl Line {
    /// Which side of the bounds is the good one.
    pub(crate) fn sign(&self) -> &'static str {
        if self.at_most { "<=" } else { ">=" }
    }

    /// Whether it is measured and on the wrong side of what must be.
    pub(crate) fn missed(&self) -> bool {
        self.measured
            .is_some_and(|ratio| (ratio < self.must) != self.at_most && ratio != self.must)
    }
}

impl Report {
    fn ratio(&self, goal: &Goal) -> Option<Ratio> {
        median(self.rounds.iter().filter_map(goal.of))
    }

    /// Everything that has bounds.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = GOALS
            .iter()
            .map(|goal| Line {
                name: goal.name.to_owned(),
                measured: self.ratio(goal),
                must: goal.must,
                aim: goal.aim,
                at_most: goal.at_most,
            })
            .collect();
        lines.push(Line {
            name: "bytes_per_payment".to_owned(),
            measured: self.bytes_per_payment.and_then(|bytes| Ratio::of(bytes, 1)),
            must: Ratio(1_400_000),
            aim: Ratio(1_100_000),
            at_most: true,
        });
        for growth in &self.growth {
            let (engine, last) = (growth.engine.to_lowercase(), growth.steps.last());
            lines.push(Line {
                name: format!("grown_over_fresh_{engine}"),
                measured: last.and_then(Step::over_fresh),
                must: Ratio(700),
                aim: Ratio(850),
                at_most: false,
            });
            lines.push(Line {
                name: format!("history_p99_ms_{engine}"),
                measured: last
                    .and_then(Step::slowest_history)
                    .and_then(|micros| Ratio::of(micros, 1_000)),
                must: Ratio(20_000),
                aim: Ratio(20_000),
                at_most: true,
            });
        }
        lines
    }

    /// One line of JSON; what was not measured is `null`.
    pub(crate) fn json(&self) -> String {
        let mut fields: Vec<String> = GOALS
            .iter()
            .map(|goal| {
                let ratio = self.ratio(goal).map_or("null".to_owned(), |ratio| ratio.to_string());
                format!("\"{}\":{ratio}", goal.name)
            })
            .collect();
        let bytes = self
            .bytes_per_payment
            .map_or("null".to_owned(), |bytes| bytes.to_string());
        fields.push(format!("\"bytes_per_payment\":{bytes}"));
        let growth: Vec<String> = self.growth.iter().flat_map(grown).collect();
        let growth = if growth.is_empty() {
            String::new()
        } else {
            format!(",\"growth\":[{}]", growth.join(","))
        };
        format!("{{\"ratios\":{{{}}}{growth}}}", fields.join(","))
    }
}

/// One object of JSON for each size.
fn grown(growth: &Growth) -> impl Iterator<Item = String> {
    let told = |ratio: Option<Ratio>| ratio.map_or("null".to_owned(), |ratio| ratio.to_string());
    growth.steps.iter().map(move |step| {
        format!(
            "{{\"engine\":\"{}\",\"payments\":{},\"over_fresh\":{},\"p99_over_fresh\":{},\"over_pgbench\":{},\"cpu_over_one_verify\":{},\
             \"start_over_fresh\":{},\"start_ms\":{},\"bytes_per_payment\":{},\"resident_bytes\":{},\"history_p99_ms\":{}}}",
            growth.engine,
            step.payments,
            told(step.over_fresh()),
            told(step.latency_over_fresh()),
            told(step.over_pgbench()),
            told(step.over_verify()),
            told(step.start_over_fresh()),
            step.start.as_millis(),
            step.bytes_each,
            step.resident.map_or("null".to_owned(), |bytes| bytes.to_string()),
            told(step.slowest_history().and_then(|micros| Ratio::of(micros, 1_000))),
        )
    })
}

impl Step {
    /// Payments per second.
    pub(crate) fn rate(&self) -> Option<u64> {
        median(self.rounds.iter().map(|round| round.grown.rate()))
    }

    /// Under full load, in microseconds.
    pub(crate) fn latency(&self, hundredths: usize) -> Option<u64> {
        median(self.rounds.iter().map(|round| round.grown.percentile(hundredths)))
    }

    /// Throughput against that of the young database of the same round.
    pub(crate) fn over_fresh(&self) -> Option<Ratio> {
        let of = |round: &crate::growth::Round| Ratio::of(round.grown.rate(), round.fresh.rate());
        median(self.rounds.iter().filter_map(of))
    }

    /// The same for the slowest of a hundred submissions.
    pub(crate) fn latency_over_fresh(&self) -> Option<Ratio> {
        let of = |round: &crate::growth::Round| Ratio::of(round.grown.percentile(99), round.fresh.percentile(99));
        median(self.rounds.iter().filter_map(of))
    }

    /// Throughput against pgbench in the same round.
    pub(crate) fn over_pgbench(&self) -> Option<Ratio> {
        let of = |round: &crate::growth::Round| Ratio::of(round.grown.rate(), round.pgbench?);
        median(self.rounds.iter().filter_map(of))
    }

    /// Processor time of this process for one payment against one check of a signature.
    pub(crate) fn over_verify(&self) -> Option<Ratio> {
        let of = |round: &crate::growth::Round| Ratio::of(round.grown.server_nanos_each(), round.verify_nanos);
        median(self.rounds.iter().filter_map(of))
    }

    /// Time to start against that of the young database.
    pub(crate) fn start_over_fresh(&self) -> Option<Ratio> {
        let micros = |took: Duration| u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let fresh = median(self.rounds.iter().map(|round| round.fresh_start))?;
        Ratio::of(micros(self.start), micros(fresh))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |ratio: Option<Ratio>| ratio.map_or("-".to_owned(), |ratio| ratio.to_string());
        let mebi = |bytes: Option<u64>| bytes.map_or("-".to_owned(), |bytes| (bytes >> 20).to_string());
        for round in &self.rounds {
            writeln!(f, "  {:28} {}", "fresh", round.fresh)?;
            writeln!(f, "  {:28} {}", "grown", round.grown)?;
            writeln!(f, "  {:28} {}", "grown, one caller", round.single)?;
        }
        writeln!(
            f,
            "  at {} payments: {} of fresh, p99 {} of fresh, {} of pgbench, {} verifies each",
            self.payments,
            shown(self.over_fresh()),
            shown(self.latency_over_fresh()),
            shown(self.over_pgbench()),
            shown(self.over_verify())
        )?;
        writeln!(
            f,
            "  start {} ms ({} of fresh), {} bytes each, memory {} MiB after filling and {} MiB after a start",
            self.start.as_millis(),
            shown(self.start_over_fresh()),
            self.bytes_each,
            mebi(self.resident),
            mebi(self.resident_started)
        )?;
        for query in &self.queries {
            let told = |hundredths| percentile(&query.micros, hundredths).unwrap_or_default();
            write!(f, "  {:28} {:>4} rows  ", query.name, query.rows)?;
            match &query.failed {
                Some(why) => writeln!(f, "failed: {why}")?,
                None => writeln!(f, "p50 {:>8} us  p99 {:>8} us", told(50), told(99))?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:32} {:>9} {:>9} {:>9}",
            "ratio (median of rounds)", "measured", "must", "aim"
        )?;
        for line in self.lines() {
            let sign = line.sign();
            let shown = line.measured.map_or("-".to_owned(), |ratio| ratio.to_string());
            writeln!(
                f,
                "{:32} {shown:>9} {:>9} {:>9}{}",
                line.name,
                format!("{sign}{}", line.must),
                format!("{sign}{}", line.aim),
                if line.missed() { "  missed" } else { "" }
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let measured = [
            ("full path, SQLite", &self.full),
            ("verify only", &self.verify),
            ("storage only, SQLite", &self.storage),
            ("storage only, PostgreSQL", &self.postgres),
        ];
        for (name, measured) in measured {
            if let Some(measured) = measured {
                writeln!(f, "  {name:26} {measured}")?;
            }
        }
        if let Some(rate) = self.pgbench {
            writeln!(f, "  {:26} {rate:>7}/s", "pgbench TPC-B -c 16")?;
        }
        writeln!(f, "  {:26} {:>7} ns", "one Ed25519 verify", self.verify_nanos)
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>7}/s  p50 {:>6} us  p99 {:>6} us  processor each:",
            self.rate(),
            self.percentile(50),
            self.percentile(99)
        )?;
        let mut threads: BTreeMap<&str, u64> = BTreeMap::new();
        for (name, nanos) in &self.processor {
            let total = threads.entry(name).or_default();
            *total = total.saturating_add(*nanos);
        }
        for (name, nanos) in threads {
            let tenths = nanos / 100 / self.count.max(1);
            write!(f, " {name} {}.{} us,", tenths / 10, tenths % 10)?;
        }
        Ok(())
    }
}
