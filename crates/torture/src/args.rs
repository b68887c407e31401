//! What the torture program is told. `cargo xtask torture` builds the binary and fills in where it and PostgreSQL are.

use crate::planted::Bug;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Servers killed on each engine unless told otherwise.
const KILLS: usize = 200;

/// Breaks the real binary under load and judges it by its answers and by the bank's book.
#[derive(Clone, Debug, Parser)]
#[command(name = "torture", disable_help_subcommand = true)]
pub struct Args {
    /// How often the server is killed, on each engine.
    #[arg(long, default_value_t = KILLS)]
    pub kills: usize,
    /// On which engine.
    #[arg(long, value_enum, default_value_t = Engines::Both)]
    pub engine: Engines,
    /// Where chance begins. What is broken follows from it; when exactly threads run does not.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Begin nothing new after so many minutes.
    #[arg(long)]
    pub minutes: Option<u64>,
    /// Only these faults: kill, database, cut, disk, clock, servers, failover, overload.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<Fault>,
    /// End with one line of JSON.
    #[arg(long)]
    pub json: bool,
    /// Plant a bug in the world around the binary and expect that it is found: answers-before-commit, asynchronous-commit,
    /// asynchronous-standby, double-delivery.
    #[arg(long, value_parser = bug)]
    pub plant: Option<Bug>,
    /// Leave out the quiet days at the end of each site, in which everything has to come to an end: they take a minute and more.
    #[arg(long)]
    pub brief: bool,
    /// Directory for data.
    #[arg(long, default_value = "target/torture")]
    pub dir: PathBuf,
    /// The binary `countersign`.
    #[arg(long)]
    pub program: PathBuf,
    /// The folder with PostgreSQL's server programs.
    #[arg(long)]
    pub postgres_bin: Option<PathBuf>,
}

/// Which engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engines {
    /// The embedded one.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// One after the other.
    Both,
}

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Fault {
    /// The server is killed.
    Kill,
    /// PostgreSQL is killed.
    Database,
    /// The line to PostgreSQL is cut.
    Cut,
    /// The disk becomes full.
    Disk,
    /// The clock is moved.
    Clock,
    /// One of three servers is killed.
    Servers,
    /// The standby takes over.
    Failover,
    /// More is asked than can be done.
    Overload,
}

impl Fault {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Database => "database",
            Self::Cut => "cut",
            Self::Disk => "disk",
            Self::Clock => "clock",
            Self::Servers => "servers",
            Self::Failover => "failover",
            Self::Overload => "overload",
        }
    }
}

fn bug(name: &str) -> Result<Bug, String> {
    Bug::of(name).ok_or_else(|| {
        let names: Vec<_> = Bug::ALL.iter().map(|bug| bug.name()).collect();
        format!("there is no such bug; there are {}", names.join(", "))
    })
}
