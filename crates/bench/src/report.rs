//! What was measured, as a table for people and as one line of JSON. Ratios are taken within each round and their median is shown:
//! a machine that becomes slower slows both sides.

use crate::meter::Measured;
use std::collections::BTreeMap;
use std::fmt;

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
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1_000, self.0 % 1_000)
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

fn rate(measured: Option<&Measured>) -> u64 {
    measured.map_or(0, Measured::rate)
}

static GOALS: [Goal; 6] = [
    Goal {
        name: "full_over_pgbench",
        must: Ratio(1_500),
        aim: Ratio(2_500),
        at_most: false,
        of: |round| Ratio::of(rate(round.full.as_ref()), round.pgbench?),
    },
    Goal {
        name: "full_over_verify",
        must: Ratio(400),
        aim: Ratio(550),
        at_most: false,
        of: |round| Ratio::of(rate(round.full.as_ref()), rate(round.verify.as_ref())),
    },
    Goal {
        name: "storage_over_pgbench",
        must: Ratio(4_000),
        aim: Ratio(6_000),
        at_most: false,
        of: |round| Ratio::of(rate(round.storage.as_ref()), round.pgbench?),
    },
    Goal {
        name: "postgres_batched_over_pgbench",
        must: Ratio(3_000),
        aim: Ratio(5_000),
        at_most: false,
        of: |round| Ratio::of(rate(round.postgres.as_ref()), round.pgbench?),
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
}

impl Report {
    fn ratio(&self, goal: &Goal) -> Option<Ratio> {
        let mut ratios: Vec<Ratio> = self.rounds.iter().filter_map(goal.of).collect();
        ratios.sort_unstable();
        ratios.get(ratios.len() / 2).copied()
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
        format!("{{\"ratios\":{{{}}}}}", fields.join(","))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:32} {:>9} {:>9} {:>9}",
            "ratio (median of rounds)", "measured", "must", "aim"
        )?;
        for goal in &GOALS {
            let sign = if goal.at_most { "<=" } else { ">=" };
            let ratio = self.ratio(goal);
            let missed = ratio.is_some_and(|ratio| (ratio < goal.must) != goal.at_most && ratio != goal.must);
            let shown = ratio.map_or("-".to_owned(), |ratio| ratio.to_string());
            writeln!(
                f,
                "{:32} {shown:>9} {:>9} {:>9}{}",
                goal.name,
                format!("{sign}{}", goal.must),
                format!("{sign}{}", goal.aim),
                if missed { "  missed" } else { "" }
            )?;
        }
        if let Some(bytes) = self.bytes_per_payment {
            let missed = if bytes > 1_400 { "  missed" } else { "" };
            writeln!(
                f,
                "{:32} {bytes:>9} {:>9} {:>9}{missed}",
                "bytes_per_payment", "<=1400", "<=1100"
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
