//! Measures Countersign on this machine: how much it does per second, against yardsticks taken in the same run.
//!
//! Absolute figures depend on the machine and drift within the hour; ratios taken in interleaved rounds do not. `cargo xtask bench`
//! is the way to start it. What is measured and what the figures mean is in docs/performance.md.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool talks to its user through standard output"
)]

mod args;
mod clock;
mod conditions;
mod growth;
mod house;
mod load;
mod meter;
mod paper;
mod pgbench;
mod report;
mod server;
mod storage;
mod svg;
mod yardstick;

use args::Args;
use clap::Parser;
use growth::{Plan, Site};
use house::House;
use load::Asking;
use report::{Report, Round};
use server::Server;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::runtime::Runtime;

/// Why a measurement could not be made.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// As in the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    let _ = std::fs::remove_dir_all(&args.dir);
    std::fs::create_dir_all(&args.dir)?;
    let mut report = Report::default();
    if let Some((program, url)) = args.pgbench() {
        pgbench::prepare(program, url)?;
    }
    // First, while the memory of the process is that of the database that grows.
    grow(args, &mut report)?;
    if args.only_grows() {
        return tell(args, &report);
    }
    let bench = Bench::open(args)?;
    for number in 1..=args.rounds() {
        let round = bench.round(args)?;
        println!("round {number} of {}\n{round}", args.rounds());
        report.rounds.push(round);
    }
    report.bytes_per_payment = bench.close(args)?;
    tell(args, &report)
}

/// Fills one engine after the other; what one has filled is gone before the next begins.
fn grow(args: &Args, report: &mut Report) -> Result<(), Failure> {
    let sizes = args.sizes();
    if sizes.is_empty() {
        return Ok(());
    }
    let plan = Plan {
        sizes: &sizes,
        rounds: args.rounds(),
        span: args.span(),
        pgbench: args.pgbench(),
    };
    let sites = [
        Some(Site::Sqlite(&args.dir)),
        args.postgres.as_deref().map(Site::Postgres),
    ];
    for site in sites.into_iter().flatten() {
        report
            .growth
            .push(server::runtime()?.block_on(growth::run(&site, &plan))?);
    }
    Ok(())
}

/// Shows the report, and writes it where it is wanted.
fn tell(args: &Args, report: &Report) -> Result<(), Failure> {
    print!("{report}");
    if let Some(dir) = &args.report {
        paper::write(dir, report, &conditions::read(args)?)?;
        println!("written: {}", dir.join("report.md").display());
    }
    if args.json {
        println!("{}", report.json());
    }
    Ok(())
}

/// Everything that is measured, opened and furnished.
struct Bench {
    server_threads: Runtime,
    load_threads: Runtime,
    server: Server,
    storage: Arc<House>,
    postgres: Option<Arc<House>>,
    /// Keeps its place in the database until the end.
    _scratch: Option<store::Scratch>,
    /// The next payment, of whatever measurement.
    numbers: Arc<AtomicU32>,
    /// Payments that the server was asked for.
    asked: std::cell::Cell<u32>,
}

impl Bench {
    fn open(args: &Args) -> Result<Self, Failure> {
        let (server_threads, load_threads) = (server::runtime()?, load::runtime()?);
        let sqlite = |name: &str| format!("sqlite:{}", args.dir.join(name).display());
        let scratch = match &args.postgres {
            Some(url) => Some(store::Scratch::create(url, &format!("bench_{}", std::process::id()))?),
            None => None,
        };
        let (server, storage, postgres) = server_threads.block_on(async {
            let server = Server::start(House::open(sqlite("full.db")).await?).await?;
            let storage = Arc::new(House::open(sqlite("storage.db")).await?);
            let postgres = match &scratch {
                Some(scratch) => Some(Arc::new(House::open(scratch.url().to_owned()).await?)),
                None => None,
            };
            Ok::<_, Failure>((server, storage, postgres))
        })?;
        Ok(Self {
            server_threads,
            load_threads,
            server,
            storage,
            postgres,
            _scratch: scratch,
            numbers: Arc::new(AtomicU32::new(1)),
            asked: std::cell::Cell::new(0),
        })
    }

    fn round(&self, args: &Args) -> Result<Round, Failure> {
        let span = args.span();
        let mut round = Round {
            verify_nanos: yardstick::verify_nanos()?,
            ..Round::default()
        };
        let load = |asking| {
            self.load_threads
                .block_on(load::measure(&self.server, &self.numbers, asking, span))
        };
        let storage = |house, closing| {
            self.server_threads
                .block_on(storage::measure(house, &self.numbers, closing, span))
        };
        if args.wants("full") {
            let before = self.numbers.load(Ordering::Relaxed);
            round.full = Some(load(Asking::Payment)?);
            let asked = self.numbers.load(Ordering::Relaxed).saturating_sub(before);
            self.asked.set(self.asked.get().saturating_add(asked));
        }
        if args.wants("verify") {
            round.verify = Some(load(Asking::Ping)?);
        }
        if args.wants("storage") {
            round.storage = Some(storage(&self.storage, storage::CLOSERS)?);
        }
        if let Some(house) = &self.postgres
            && args.wants("postgres")
        {
            round.postgres = Some(storage(house, storage::CLOSERS_IN_BATCHES)?);
        }
        if let Some((program, url)) = args.pgbench() {
            round.pgbench = Some(pgbench::measure(program, url, span)?);
        }
        Ok(round)
    }

    /// Closes everything; bytes of the database for each payment that the server took in.
    fn close(self, args: &Args) -> Result<Option<u64>, Failure> {
        self.server_threads.block_on(async {
            self.server.stop().await?;
            for house in [Some(self.storage), self.postgres].into_iter().flatten() {
                if let Some(house) = Arc::into_inner(house) {
                    house.close().await?;
                }
            }
            Ok::<_, Failure>(())
        })?;
        let bytes = house::kept_bytes(&args.dir.join("full.db"))?;
        Ok(bytes.checked_div(u64::from(self.asked.get())))
    }
}
