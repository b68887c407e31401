//! What the bench program is told: how long, how often, where, and which PostgreSQL.
//!
//! `cargo xtask bench` starts a PostgreSQL of its own and fills in the words about it.

use clap::Parser;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Seconds for one measurement, unless told otherwise, with and without `--quick`.
const SECONDS: (u64, u64) = (2, 6);
/// Rounds in which everything is measured once, unless told otherwise, with and without `--quick`.
const ROUNDS: (usize, usize) = (3, 5);
/// However long one is ready to wait: a run stays below half an hour.
const SECONDS_MAX: u64 = 60;
const ROUNDS_MAX: usize = 15;
/// However large the disk: numbers of payments stay far from the end of their type.
const GROW_MAX: i64 = 100_000_000;

/// Measures Countersign against yardsticks taken in the same run.
#[derive(Debug, Parser)]
#[command(name = "bench", disable_help_subcommand = true)]
pub(crate) struct Args {
    /// Ends with one line of JSON that holds the ratios.
    #[arg(long)]
    pub(crate) json: bool,
    /// Fewer and shorter measurements: enough to see a change of a third.
    #[arg(long)]
    quick: bool,
    /// Seconds for one measurement.
    #[arg(long)]
    seconds: Option<u64>,
    /// Rounds; every round measures everything once.
    #[arg(long)]
    rounds: Option<usize>,
    /// Measures only these: full, verify, storage, postgres, pgbench, grow.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Fills a database of each engine up to these numbers of payments and measures at each, such as `10000,1000000,5000000`.
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=GROW_MAX))]
    grow: Vec<u32>,
    /// Folder for a report in Markdown with its plots.
    #[arg(long)]
    pub(crate) report: Option<PathBuf>,
    /// Folder for the databases; on the disk that is to be measured.
    #[arg(long, default_value = "target/bench")]
    pub(crate) dir: PathBuf,
    /// An empty PostgreSQL database, such as `postgres://postgres@127.0.0.1:5432/postgres`.
    #[arg(long)]
    pub(crate) postgres: Option<String>,
    /// The program `pgbench` that belongs to it.
    #[arg(long)]
    pgbench: Option<PathBuf>,
}

impl Args {
    /// How long one measurement takes.
    pub(crate) fn span(&self) -> Duration {
        let seconds = self.seconds.unwrap_or(if self.quick { SECONDS.0 } else { SECONDS.1 });
        Duration::from_secs(seconds.clamp(1, SECONDS_MAX))
    }

    /// How often everything is measured.
    pub(crate) fn rounds(&self) -> usize {
        let rounds = self.rounds.unwrap_or(if self.quick { ROUNDS.0 } else { ROUNDS.1 });
        rounds.clamp(1, ROUNDS_MAX)
    }

    /// The program and the database of pgbench, if it is to be measured.
    pub(crate) fn pgbench(&self) -> Option<(&Path, &str)> {
        let given = self.pgbench.as_deref().zip(self.postgres.as_deref());
        given.filter(|_| self.wants("pgbench"))
    }

    /// Payments at which growth is measured, ascending.
    pub(crate) fn sizes(&self) -> Vec<u32> {
        let mut sizes = if self.wants("grow") {
            self.grow.clone()
        } else {
            Vec::new()
        };
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    /// Whether there is nothing to measure but growth, and the yardstick beside it.
    pub(crate) fn only_grows(&self) -> bool {
        let beside = |only: &String| only == "grow" || only == "pgbench";
        self.only.iter().any(|only| only == "grow") && self.only.iter().all(beside)
    }

    /// Whether something is to be measured.
    pub(crate) fn wants(&self, what: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == what)
    }
}
