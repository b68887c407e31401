//! A run: one site after the other, each with its fault, until everything that was asked for has been broken.

use crate::args::{Args, Engines, Fault};
use crate::chance::Chance;
use crate::disk::Small;
use crate::faults::failover::Pair;
use crate::faults::{self, Broken, full};
use crate::planted::Bug;
use crate::program::Program;
use crate::proxy::Proxy;
use crate::report::{Found, Report, Violation, in_millis};
use crate::site::{Engine, Ground, Rows, Site};
use crate::{Failure, judge, overload};
use cluster::Cluster;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Kills of one site: enough for its history to be long, few enough for its checks to be fast.
const KILLS_EACH: usize = 50;

/// Breaks what was asked for; `say` gets a line of progress now and then.
///
/// # Errors
/// When there is no binary, or no place for data.
pub async fn run(args: &Args, say: &mut dyn FnMut(&str)) -> Result<Report, Failure> {
    let program = args.program.canonicalize().map_err(|error| {
        let path = args.program.display();
        format!("the binary `{path}` is not there ({error}); build it, or name it with --program")
    })?;
    std::fs::create_dir_all(&args.dir)?;
    let ground = Ground {
        program: Program(program),
        dir: args.dir.canonicalize()?,
        postgres: args.postgres_bin.clone(),
        bug: args.plant,
        brief: args.brief,
    };
    let began = Instant::now();
    let over = || {
        args.minutes
            .is_some_and(|minutes| began.elapsed() > Duration::from_secs(minutes.saturating_mul(60)))
    };
    let mut report = Report::default();
    for (engine, fault) in plan(args) {
        if engine == Engine::Postgres && ground.postgres.is_none() {
            report.skip(say, fault, engine, "PostgreSQL's server programs are not installed");
            continue;
        }
        let mut kills = args.kills;
        let mut number = 0;
        while (fault != Fault::Kill && number == 0 || fault == Fault::Kill && kills > 0) && !over() {
            let task = Task {
                ground: &ground,
                fault,
                engine,
                seed: args.seed.wrapping_add(number),
                kills: kills.min(KILLS_EACH),
            };
            let done = task.perform(say).await;
            kills = kills.saturating_sub(task.kills);
            number = number.saturating_add(1);
            report.add(done);
        }
    }
    Ok(report)
}

/// What is broken on which engine, in this order.
fn plan(args: &Args) -> Vec<(Engine, Fault)> {
    const SQLITE: &[Fault] = &[Fault::Kill, Fault::Disk, Fault::Clock, Fault::Overload];
    const POSTGRES: &[Fault] = &[
        Fault::Kill,
        Fault::Database,
        Fault::Cut,
        Fault::Disk,
        Fault::Clock,
        Fault::Servers,
        Fault::Failover,
        Fault::Overload,
    ];
    let mut plan = Vec::new();
    for (engine, faults, unwanted) in [
        (Engine::Sqlite, SQLITE, Engines::Postgres),
        (Engine::Postgres, POSTGRES, Engines::Sqlite),
    ] {
        if args.engine != unwanted {
            let wanted = faults
                .iter()
                .filter(|fault| args.only.is_empty() || args.only.contains(fault));
            plan.extend(wanted.map(|fault| (engine, *fault)));
        }
    }
    plan
}

/// One site and its fault.
struct Task<'a> {
    ground: &'a Ground,
    fault: Fault,
    engine: Engine,
    seed: u64,
    kills: usize,
}

/// What a task has built; it goes away in this order.
#[derive(Default)]
struct Stage {
    site: Option<Site>,
    line: Option<Proxy>,
    cluster: Option<Cluster>,
    pair: Option<Pair>,
    small: Option<Small>,
    overload: Option<Value>,
}

impl Task<'_> {
    async fn perform(&self, say: &mut dyn FnMut(&str)) -> Report {
        let began = Instant::now();
        let (mut stage, mut broken, mut report) = (Stage::default(), Broken::default(), Report::default());
        let outcome = self.broken(&mut stage, &mut broken).await;
        (report.kills, report.faults) = (broken.kills, broken.faults);
        report.overloads.extend(stage.overload.take());
        let mut kept = self.ground.dir.clone();
        if let Some(site) = &stage.site {
            report.requests = site.witness.requests.load(Ordering::Relaxed);
            report.payments = judge::acknowledged(&site.witness);
            report.startups.clone_from(&site.startups);
            kept.clone_from(&site.dir);
        }
        match outcome {
            Ok(None) => {}
            Ok(Some(why)) => report.skip(say, self.fault, self.engine, &why),
            Err(error) => {
                let violation = match error.downcast::<Violation>() {
                    Ok(violation) => *violation,
                    Err(error) => Violation::new("the run goes through to its end", error.to_string()),
                };
                let found = Found {
                    violation,
                    seed: self.seed,
                    fault: self.fault.name(),
                    engine: self.engine.name(),
                    kept,
                };
                say(&found.to_string());
                report.found.push(found);
                stage.keep();
            }
        }
        let worst = report.startups.iter().max().copied().unwrap_or_default();
        say(&format!(
            "{:8} {:8} seed {:<6} {} kills, {} faults, {} payments, slowest start {} ms: {} ({} s)",
            self.engine.name(),
            self.fault.name(),
            self.seed,
            report.kills,
            report.faults,
            report.payments,
            in_millis(worst),
            if report.good() { "good" } else { "VIOLATION" },
            began.elapsed().as_secs(),
        ));
        report
    }

    /// Builds the site and breaks it. `Some`: it cannot be done here, with the reason.
    async fn broken(&self, stage: &mut Stage, broken: &mut Broken) -> Result<Option<String>, Failure> {
        let chance = &mut Chance::new(self.seed);
        let ground = self.ground;
        match self.fault {
            Fault::Kill => {
                self.build(stage, 1, &[]).await?;
                faults::kill::run(stage.site()?, self.engine, chance, self.kills, broken).await?;
            }
            Fault::Database => {
                let settings: &[&str] = match ground.bug {
                    // The longest that PostgreSQL may wait until it writes what it has answered.
                    Some(Bug::AsynchronousCommit) => &["synchronous_commit=off", "wal_writer_delay=10s"],
                    _ => &[],
                };
                self.build(stage, 1, settings).await?;
                let (site, cluster) = stage.site_and_cluster()?;
                faults::database::run(site, cluster, chance, broken).await?;
            }
            Fault::Cut => {
                let cluster = ground.cluster(&[])?;
                let line = Proxy::start(SocketAddr::from((Ipv4Addr::LOCALHOST, cluster.port()))).await?;
                let url = format!("postgres://postgres@{}/postgres", line.address());
                stage.cluster = Some(cluster);
                let line = stage.line.insert(line);
                let site = Site::build(ground, &self.name(), Rows::Database(url), 1).await?;
                faults::cut::run(stage.site.insert(site), line, chance, broken).await?;
            }
            Fault::Disk => return self.full_disk(stage, chance, broken).await,
            Fault::Clock => {
                self.build(stage, 1, &[]).await?;
                let site = stage.site()?;
                match faults::clock::mover(site) {
                    Ok(mover) => faults::clock::prepare(site, &mover)?,
                    Err(why) => return Ok(Some(why)),
                }
                faults::clock::run(site, chance, broken).await?;
            }
            Fault::Servers => {
                self.build(stage, faults::servers::SERVERS, &[]).await?;
                faults::servers::run(stage.site()?, chance, broken).await?;
            }
            Fault::Failover => {
                let pair = stage.pair.insert(Pair::start(ground).await?);
                let site = Site::build(ground, &self.name(), Rows::Database(pair.url()), 1).await?;
                faults::failover::run(stage.site.insert(site), pair, chance, broken).await?;
            }
            Fault::Overload => {
                self.build(stage, 1, &[]).await?;
                stage.overload = Some(overload::run(stage.site()?, self.engine).await?);
                broken.faults = broken.faults.saturating_add(1);
            }
        }
        Ok(None)
    }

    async fn full_disk(
        &self,
        stage: &mut Stage,
        chance: &mut Chance,
        broken: &mut Broken,
    ) -> Result<Option<String>, Failure> {
        let path = self.ground.dir.join(format!("{}-disk", self.name()));
        let megabytes = match self.engine {
            Engine::Sqlite => full::SQLITE_MEGABYTES,
            Engine::Postgres => full::POSTGRES_MEGABYTES,
        };
        let small = match Small::mount(&path, megabytes) {
            Ok(small) => small,
            Err(error) => return Ok(Some(error.to_string())),
        };
        match self.engine {
            Engine::Sqlite => {
                let site = Site::build(self.ground, &self.name(), Rows::SmallDisk(small), 1).await?;
                full::sqlite(stage.site.insert(site), chance, broken).await?;
            }
            Engine::Postgres => {
                let small = stage.small.insert(small);
                let cluster = stage.cluster.insert(self.ground.cluster_in(&small.path, &[])?);
                let rows = Rows::Database(cluster.url());
                let site = stage
                    .site
                    .insert(Site::build(self.ground, &self.name(), rows, 1).await?);
                full::postgres(site, cluster, small, chance, broken).await?;
            }
        }
        Ok(None)
    }

    fn name(&self) -> String {
        format!("{}-{}-{}", self.engine.name(), self.fault.name(), self.seed)
    }

    /// A site on a database of its own.
    async fn build(&self, stage: &mut Stage, servers: usize, settings: &[&str]) -> Result<(), Failure> {
        let rows = match self.engine {
            Engine::Sqlite => Rows::File,
            Engine::Postgres => Rows::Database(stage.cluster.insert(self.ground.cluster(settings)?).url()),
        };
        stage.site = Some(Site::build(self.ground, &self.name(), rows, servers).await?);
        Ok(())
    }
}

impl Stage {
    fn site(&mut self) -> Result<&mut Site, Failure> {
        self.site.as_mut().ok_or_else(|| "there is no site".into())
    }

    fn site_and_cluster(&mut self) -> Result<(&mut Site, &mut Cluster), Failure> {
        let both = self.site.as_mut().zip(self.cluster.as_mut());
        both.ok_or_else(|| "there is no site with a database".into())
    }

    /// Something was found: what is on the disks stays there.
    fn keep(&mut self) {
        if let Some(site) = &mut self.site {
            site.keep = true;
        }
        if let Some(cluster) = &mut self.cluster {
            cluster.keep();
        }
        if let Some(pair) = &mut self.pair {
            pair.keep();
        }
        if let Some(small) = &mut self.small {
            small.keep();
        }
    }
}

impl Report {
    fn skip(&mut self, say: &mut dyn FnMut(&str), fault: Fault, engine: Engine, why: &str) {
        let line = format!("{} on {}: {why}", fault.name(), engine.name());
        say(&format!("skipped: {line}"));
        self.skipped.push(line);
    }
}

/// A run with a planted bug in a directory of its own: what was found.
///
/// # Errors
/// As [`run`].
pub async fn planted(
    bug: Bug,
    seed: u64,
    program: PathBuf,
    dir: PathBuf,
    postgres: Option<PathBuf>,
) -> Result<Report, Failure> {
    let (fault, engine) = bug.shown_by();
    let args = Args {
        kills: 3,
        engine,
        seed,
        minutes: None,
        only: vec![fault],
        json: false,
        plant: Some(bug),
        brief: bug != Bug::DoubleDelivery,
        dir,
        program,
        postgres_bin: postgres,
    };
    run(&args, &mut |_| {}).await
}
