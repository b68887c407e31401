//! Workers: threads that own a session, take work from the desk, run it, commit and answer.
//!
//! Retries happen here and only here, only while nothing can have been stored: after a conflict, or after a connection was lost
//! before the commit was sent. An unknown outcome is never tried again.

use crate::desk::{Desk, Ran, Work};
use crate::engine::clock;
use crate::engine::session::{Isolation, Session};
use crate::error::StoreError;
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};
use vocab::limits;

/// How the attempts at a transaction ended.
pub(crate) enum End {
    Committed,
    /// Rolled back because the work wanted it; its own result stands.
    Undone,
    Failed(StoreError),
}

/// After so many attempts beside others a transaction runs while the other writers of this process wait. Backing off alone does not
/// help one that always loses against a crowd which keeps coming.
const CROWDED_ATTEMPTS: u32 = 3;

/// Lets a transaction that keeps losing run without company.
#[derive(Debug, Default)]
pub(crate) struct Calm(RwLock<()>);

impl Calm {
    fn run<T>(&self, without_company: bool, work: impl FnOnce() -> T) -> T {
        if without_company {
            let _alone = self.0.write().unwrap_or_else(PoisonError::into_inner);
            work()
        } else {
            let _beside_others = self.0.read().unwrap_or_else(PoisonError::into_inner);
            work()
        }
    }
}

/// Takes one piece after another until the desk is closed and empty.
pub(crate) fn run_singly(session: &mut dyn Session, desk: &Desk) {
    loop {
        let works = desk.take(1);
        if works.is_empty() {
            return;
        }
        for work in works {
            run_alone(session, &desk.calm, work);
        }
    }
}

/// Runs one piece of work in a transaction of its own and answers it.
///
/// A slice that fails because of one of its requests is taken apart, so that the request harms only itself.
pub(crate) fn run_alone(session: &mut dyn Session, calm: &Calm, mut work: Box<dyn Work>) {
    let started = clock::start();
    let (name, isolation) = (work.name(), work.isolation());
    let end = attempts(session, calm, isolation, name, &mut |session| work.run(session));
    record(name, started);
    match end {
        End::Committed => work.answer(None),
        End::Undone => run_parts(session, calm, work, None),
        End::Failed(failure) if is_of_the_work(&failure) => run_parts(session, calm, work, Some(failure)),
        End::Failed(failure) => work.answer(Some(failure)),
    }
}

fn run_parts(session: &mut dyn Session, calm: &Calm, work: Box<dyn Work>, failure: Option<StoreError>) {
    match work.split() {
        Ok(parts) => parts.into_iter().for_each(|part| run_alone(session, calm, part)),
        Err(whole) => whole.answer(failure),
    }
}

/// Whether the failure comes from what the work did, not from the database or its connection.
fn is_of_the_work(failure: &StoreError) -> bool {
    match failure {
        StoreError::Unique { .. } | StoreError::Corrupt { .. } | StoreError::Bug { .. } => true,
        StoreError::Unavailable { .. } | StoreError::Conflict { .. } | StoreError::Full | StoreError::Closed => false,
    }
}

/// Runs a closure in a transaction until it is committed, undone, or has failed for good.
pub(crate) fn attempts(
    session: &mut dyn Session,
    calm: &Calm,
    isolation: Isolation,
    name: &'static str,
    work: &mut dyn FnMut(&mut dyn Session) -> Ran,
) -> End {
    let mut backoff = Backoff::default();
    loop {
        if let Err(unready) = session.ready() {
            return End::Failed(unready);
        }
        let end = calm.run(backoff.attempts > CROWDED_ATTEMPTS, || {
            attempt(session, isolation, name, work)
        });
        let failure = match end {
            End::Failed(failure) => failure,
            done @ (End::Committed | End::Undone) => return done,
        };
        let again = match &failure {
            StoreError::Conflict { .. } => true,
            StoreError::Unavailable { outcome_known, .. } => *outcome_known && session.lost(),
            StoreError::Unique { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Bug { .. }
            | StoreError::Full
            | StoreError::Closed => false,
        };
        if !again || backoff.attempts >= limits::TRANSACTION_ATTEMPTS_MAX {
            return End::Failed(failure);
        }
        metrics::counter!("countersign_db_tx_retries_total", "name" => name).increment(1);
        backoff.sleep();
    }
}

fn attempt(
    session: &mut dyn Session,
    isolation: Isolation,
    name: &'static str,
    work: &mut dyn FnMut(&mut dyn Session) -> Ran,
) -> End {
    let wire = session.wire();
    if let Err(failure) = wire.begin(name, isolation).and_then(|()| session.begin(isolation)) {
        session.rollback();
        return End::Failed(failure);
    }
    let ran = work(session);
    let end = match (ran, session.failure().cloned()) {
        (Ran::Keep, None) => match wire.commit(name, isolation, session) {
            Ok(()) => return End::Committed,
            Err(failure) => End::Failed(failure),
        },
        (Ran::Undo, None) => End::Undone,
        // The work knows the failure and has made its own answer of it.
        (Ran::Undo, Some(failure)) if is_of_the_work(&failure) => End::Undone,
        (Ran::Keep | Ran::Undo | Ran::Again, Some(failure)) => End::Failed(failure),
        (Ran::Again, None) => End::Failed(StoreError::conflict("somebody else was faster each time")),
    };
    session.rollback();
    end
}

/// [`attempts`] for the store's own bookkeeping.
pub(crate) fn transact<T>(
    session: &mut dyn Session,
    isolation: Isolation,
    name: &'static str,
    mut work: impl FnMut(&mut dyn Session) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut result = None;
    let end = attempts(session, &Calm::default(), isolation, name, &mut |session| {
        let outcome = work(session);
        let ran = if outcome.is_ok() { Ran::Keep } else { Ran::Undo };
        result = Some(outcome);
        ran
    });
    match (end, result) {
        (End::Failed(failure), _) => Err(failure),
        (End::Committed | End::Undone, Some(outcome)) => outcome,
        (End::Committed | End::Undone, None) => Err(StoreError::bug(format!("transaction `{name}` was never run"))),
    }
}

/// Tells the metrics how long a transaction took, retries included, waiting at the desk not.
pub(crate) fn record(name: &'static str, started: Instant) {
    metrics::histogram!("countersign_db_tx_duration_seconds", "name" => name).record(started.elapsed());
}

/// Waits between attempts: doubling from 1 ms to 100 ms, each shortened by chance so that two that collided do not meet again.
pub(crate) struct Backoff {
    attempts: u32,
    chance: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { attempts: 1, chance: 0 }
    }
}

impl Backoff {
    pub(crate) fn sleep(&mut self) {
        if self.chance == 0 {
            // The standard library seeds this from the operating system: good enough for waiting times.
            self.chance = RandomState::new().hash_one(self.attempts) | 1;
        }
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        let full = 1_000_u64.saturating_mul(1 << self.attempts.min(7)).min(100_000);
        let half = full / 2;
        clock::pause(Duration::from_micros(half.saturating_add(self.chance % half.max(1))));
        self.attempts = self.attempts.saturating_add(1);
    }
}
