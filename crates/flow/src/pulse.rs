//! Pulse: how much work is waiting, and for how long, in figures that are cheap to ask for at any size of the database. For readiness,
//! for counters, and for the person who is on call.

use crate::platform::Platform;
use crate::refusal::Error;
use payment::state::StateName;
use std::sync::Arc;
use vocab::context::World;
use vocab::id::IdSource;
use vocab::limits;
use vocab::time::Timestamp;

/// What waits at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// Payments of all organizations by world and state, every state but settled: of settled ones there are ever more, and nobody waits
    /// for them.
    pub payments: Vec<(World, StateName, u64)>,
    /// Work for the outside, of each world.
    pub jobs: Vec<(World, Jobs)>,
    /// Events that are committed and not under a checkpoint yet.
    pub seal: Waiting,
    /// Leaves of the log.
    pub log_size: u64,
    /// Open exceptions, of each world.
    pub exceptions: Vec<(World, Waiting)>,
    /// How it stands about backups.
    pub backups: crate::backup::acts::Standing,
    /// Payments that wait for the writer of this server; beyond [`vocab::limits::QUEUE_MAX`] they are refused.
    pub intake_waiting: u64,
    /// Transactions of any kind that wait for the writer of this server, those payments included.
    pub writes_waiting: u64,
}

/// Things that wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub count: u64,
    /// Seconds that the oldest has waited; 0 when nothing waits.
    pub oldest_seconds: u64,
}

/// Jobs of a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Jobs {
    /// Waiting for their time or for a worker, and those in hands.
    pub all: u64,
    /// Due now, and since when the oldest has been.
    pub due: Waiting,
    /// Due for longer than [`vocab::limits::JOB_OVERDUE_SECONDS`]: nobody works, or not fast enough.
    pub overdue: u64,
}

/// Takes the pulse: a handful of queries in one snapshot, each over an index of what waits.
pub async fn pulse(platform: &Platform) -> Result<Pulse, Error> {
    let parts = Arc::clone(platform.parts());
    let intake_waiting = count(platform.intake.waiting());
    let writes_waiting = count(platform.store().writes_waiting());
    platform
        .store()
        .read("pulse", move |tx| -> Result<_, Error> {
            let wall = parts.clock.now();
            // An id tells when it was drawn, on the real clock.
            let since = |number: Option<i64>| number.map_or(0, |number| seconds(IdSource::drawn_at(number), wall));
            let counted = store::payments::count_unsettled(tx, StateName::Settled.code())?;
            let payments = counted
                .into_iter()
                .filter_map(|(world, code, payments)| Some((world, StateName::from_code(code)?, number(payments))))
                .collect();
            let mut jobs = Vec::new();
            for world in [World::Test, World::Live] {
                let now = parts.now(world);
                let late = now.plus_seconds(limits::JOB_OVERDUE_SECONDS.saturating_neg());
                let (due, oldest) = store::jobs::backlog(tx, world, now)?;
                let (overdue, _) = store::jobs::backlog(tx, world, late)?;
                let due = Waiting {
                    count: number(due),
                    oldest_seconds: oldest.map_or(0, |oldest| seconds(oldest, now)),
                };
                let jobs_of_world = Jobs {
                    all: number(store::jobs::count(tx, world)?),
                    due,
                    overdue: number(overdue),
                };
                jobs.push((world, jobs_of_world));
            }
            let (pending, oldest) = store::log::backlog(tx)?;
            let seal = Waiting {
                count: number(pending),
                oldest_seconds: since(oldest),
            };
            let mut exceptions = Vec::new();
            for world in [World::Test, World::Live] {
                let (open, oldest) = store::exceptions::backlog(tx, world)?;
                let waiting = Waiting {
                    count: number(open),
                    oldest_seconds: since(oldest),
                };
                exceptions.push((world, waiting));
            }
            Ok(Pulse {
                payments,
                jobs,
                seal,
                log_size: store::log::published(tx)?.map_or(0, |head| head.size),
                exceptions,
                backups: crate::backup::acts::standing(&parts, tx)?,
                intake_waiting,
                writes_waiting,
            })
        })
        .await
}

fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    number(to.seconds().saturating_sub(from.seconds()))
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn count(waiting: usize) -> u64 {
    u64::try_from(waiting).unwrap_or(u64::MAX)
}
