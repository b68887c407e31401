//! SQLite: one writer that commits what waits in groups, readers with snapshots of their own.
//!
//! A group shares one transaction and so one sync of the disk, which is what makes many small durable payments fast.

mod bind;
mod fault;
mod file;
mod session;
mod whole;

use crate::desk::{Desk, Ran, Work};
use crate::engine::clock;
use crate::engine::session::{Isolation, Session};
use crate::engine::wire::Wire;
use crate::engine::worker::{self, Calm};
use crate::error::StoreError;
pub(crate) use file::{Durability, open_reader, open_writer};
use rusqlite::Connection;
pub(crate) use session::SqliteSession;
use std::time::Duration;
pub(crate) use whole::{Bulk, open_bulk};

/// Pieces of work in one commit: enough to hide the sync, few enough that the first does not wait for the last.
const GROUP_MAX: usize = 24;

/// Commits that take longer than this are worth waiting for company.
const SLOW_COMMIT: Duration = Duration::from_micros(1_500);
/// The longest wait for company.
const RETURN_MAX: Duration = Duration::from_micros(500);

/// The writer's loop: drain, run, commit once, answer all. Ends when the desk is closed and empty.
pub(crate) fn write_in_groups(connection: &Connection, wire: Wire, desk: &Desk) {
    let mut session = SqliteSession::new(connection, wire);
    loop {
        let mut works = desk.take(GROUP_MAX);
        let (started, answered) = (clock::start(), works.iter().map(|work| work.size()).sum());
        match (works.pop(), works.is_empty()) {
            (None, _) => break,
            (Some(work), true) => worker::run_alone(&mut session, &desk.calm, work),
            (Some(work), false) => {
                works.push(work);
                session.run_group(&desk.calm, works);
            }
        }
        let_them_return(desk, answered, started.elapsed());
    }
    // Keeps the planner's statistics in step with the tables; what it costs is bounded by SQLite itself.
    drop(connection.execute_batch("PRAGMA optimize;"));
}

/// On a slow disk, whoever was just answered and asks again would miss the next commit and wait for two: callers would fall into two
/// halves that take turns, with half the throughput. A pause of a fraction of the commit lets them catch it.
fn let_them_return(desk: &Desk, answered: usize, took: Duration) {
    if took >= SLOW_COMMIT && desk.waiting() < answered {
        clock::pause((took / 8).min(RETURN_MAX));
    }
}

/// A reader's loop.
pub(crate) fn read_singly(connection: &Connection, wire: Wire, desk: &Desk) {
    let mut session = SqliteSession::reading(connection, wire);
    worker::run_singly(&mut session, desk);
}

impl SqliteSession<'_> {
    /// Runs several pieces of work in one transaction. Each closure has a savepoint; slices have none, because they decide before
    /// they write. When a slice fails or the whole transaction is gone, everything is undone and each piece is run alone.
    fn run_group(&mut self, calm: &Calm, mut works: Vec<Box<dyn Work>>) {
        let started = clock::start();
        let names: Vec<_> = works.iter().map(|work| work.name()).collect();
        let outcome = match self.begin(Isolation::Serializable) {
            Ok(()) => self.run_members(&mut works),
            Err(failure) => Group::Failed(failure),
        };
        let failure = match outcome {
            Group::Kept(spoilt) => match self.commit() {
                Ok(()) => {
                    names.into_iter().for_each(|name| worker::record(name, started));
                    works
                        .into_iter()
                        .zip(spoilt)
                        .for_each(|(work, spoilt)| work.answer(spoilt));
                    return;
                }
                Err(failure) => failure,
            },
            Group::Undone => {
                self.rollback();
                works.into_iter().for_each(|work| worker::run_alone(self, calm, work));
                return;
            }
            Group::Failed(failure) => failure,
        };
        self.rollback();
        works.into_iter().for_each(|work| work.answer(Some(failure.clone())));
    }

    fn run_members(&mut self, works: &mut [Box<dyn Work>]) -> Group {
        let mut spoilt = Vec::with_capacity(works.len());
        for work in works {
            let member = match work.isolation() {
                Isolation::Slice => self.run_slice(work.as_mut()),
                Isolation::Serializable | Isolation::Snapshot => self.run_closure(work.as_mut()),
            };
            match member {
                Member::Done(failure) => spoilt.push(failure),
                Member::Broken => return Group::Undone,
            }
        }
        Group::Kept(spoilt)
    }

    fn run_slice(&mut self, work: &mut dyn Work) -> Member {
        match (work.run(self), &self.failure) {
            (Ran::Keep, None) => Member::Done(None),
            (Ran::Keep | Ran::Undo | Ran::Again, _) => Member::Broken,
        }
    }

    fn run_closure(&mut self, work: &mut dyn Work) -> Member {
        if self.control("SAVEPOINT member").is_err() {
            return Member::Broken;
        }
        let ran = work.run(self);
        let failure = self.failure.take();
        // SQLite ends the whole transaction by itself when the disk is full or fails.
        if self.connection.is_autocommit() {
            return Member::Broken;
        }
        let undo = ran != Ran::Keep || failure.is_some();
        if undo && self.control("ROLLBACK TO member").is_err() {
            return Member::Broken;
        }
        if self.control("RELEASE member").is_err() {
            return Member::Broken;
        }
        // A closure that made its own answer of a failure keeps that answer.
        Member::Done(failure.filter(|_| ran == Ran::Keep))
    }
}

enum Group {
    /// All ran; for each the failure that its answer must be, if any.
    Kept(Vec<Option<StoreError>>),
    Undone,
    Failed(StoreError),
}

enum Member {
    Done(Option<StoreError>),
    Broken,
}
