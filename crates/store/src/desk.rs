//! The desk: where closures and slices wait for a thread that owns a connection.
//!
//! Whoever asks puts work down and waits for the reply; a worker takes what is waiting without lingering for more. While a worker
//! commits, new work piles up, and that pile is the next group. Nothing waits unbounded: a full desk refuses.

use crate::engine::session::Isolation;
use crate::engine::worker::Calm;
use crate::error::StoreError;
use crate::tx::Tx;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use vocab::limits;

/// Whether a run of some work wants its changes kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ran {
    Keep,
    Undo,
    /// Undo, and run again: the work itself met somebody who was faster.
    Again,
}

/// Something to be run in a transaction and answered afterwards.
pub(crate) trait Work: Send {
    /// Name in metrics.
    fn name(&self) -> &'static str;

    /// How many requests it answers.
    fn size(&self) -> usize;

    /// What it needs of the transaction.
    fn isolation(&self) -> Isolation;

    /// Runs it and keeps the result for later. May be called again after a rollback. Panics do not get out.
    fn run(&mut self, tx: &mut dyn Tx) -> Ran;

    /// Takes a slice apart into slices of one; anything that cannot be taken apart comes back.
    fn split(self: Box<Self>) -> Result<Vec<Box<dyn Work>>, Box<dyn Work>>;

    /// Answers whoever asked: with the result of the last run, or with the failure of the transaction.
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

/// Requests of one lane that wait; the desk only knows that there are some.
pub(crate) trait LaneQueue: Send + Sync {
    /// Takes up to `limit` requests as one slice.
    fn take(self: Arc<Self>, limit: usize) -> LaneTake;

    /// How many requests wait.
    fn len(&self) -> usize;

    /// Refuses requests from now on.
    fn close(&self);
}

/// What a lane handed out.
pub(crate) struct LaneTake {
    pub(crate) slice: Option<Box<dyn Work>>,
    /// More requests wait: the lane must be asked again.
    pub(crate) more: bool,
}

/// Where an answer goes.
pub(crate) enum Reply<T> {
    Task(oneshot::Sender<T>),
    Thread(SyncSender<T>),
}

impl<T> Reply<T> {
    /// Sends the answer. Whoever asked may have gone away; the work is done all the same.
    pub(crate) fn send(self, answer: T) {
        match self {
            Self::Task(sender) => drop(sender.send(answer)),
            Self::Thread(sender) => drop(sender.send(answer)),
        }
    }
}

/// An ordinary closure with the place for its result.
pub(crate) struct Closure<T, E, F> {
    name: &'static str,
    isolation: Isolation,
    work: F,
    result: Option<Result<T, E>>,
    reply: Reply<Result<T, E>>,
}

impl<T, E, F> Closure<T, E, F> {
    pub(crate) fn new(name: &'static str, isolation: Isolation, work: F, reply: Reply<Result<T, E>>) -> Self {
        Self {
            name,
            isolation,
            work,
            result: None,
            reply,
        }
    }
}

impl<T, E, F> Work for Closure<T, E, F>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn size(&self) -> usize {
        1
    }

    fn isolation(&self) -> Isolation {
        self.isolation
    }

    fn run(&mut self, tx: &mut dyn Tx) -> Ran {
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(tx)))
            .unwrap_or_else(|_| Err(StoreError::bug(format!("transaction `{}` panicked", self.name)).into()));
        let ran = if result.is_ok() { Ran::Keep } else { Ran::Undo };
        self.result = Some(result);
        ran
    }

    fn split(self: Box<Self>) -> Result<Vec<Box<dyn Work>>, Box<dyn Work>> {
        Err(self)
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let result = match (failure, self.result) {
            (Some(failure), _) => Err(failure.into()),
            (None, Some(result)) => result,
            (None, None) => Err(StoreError::bug(format!("transaction `{}` was never run", self.name)).into()),
        };
        self.reply.send(result);
    }
}

enum Waiting {
    Closure(Box<dyn Work>),
    /// Stands for all requests of the lane.
    Lane(Arc<dyn LaneQueue>),
}

#[derive(Default)]
struct State {
    queue: VecDeque<Waiting>,
    closures: usize,
    lanes: Vec<Arc<dyn LaneQueue>>,
    idle: usize,
    /// Set once; every later request is refused with it.
    refusal: Option<StoreError>,
    closed: bool,
}

/// The queue in front of some workers.
#[derive(Default)]
pub(crate) struct Desk {
    /// For the workers of this desk.
    pub(crate) calm: Calm,
    state: Mutex<State>,
    wake: Condvar,
}

impl Desk {
    /// Puts a closure down.
    pub(crate) fn put(&self, work: Box<dyn Work>) {
        let refused = {
            let mut state = self.lock();
            match &state.refusal {
                Some(refusal) => Some((work, refusal.clone())),
                None if state.closures >= limits::QUEUE_MAX => Some((work, StoreError::Full)),
                None => {
                    state.closures = state.closures.saturating_add(1);
                    self.push(&mut state, Waiting::Closure(work));
                    None
                }
            }
        };
        if let Some((work, refusal)) = refused {
            work.answer(Some(refusal));
        }
    }

    /// Makes a lane known, so that closing the desk closes and empties it.
    pub(crate) fn add_lane(&self, lane: Arc<dyn LaneQueue>) {
        let mut state = self.lock();
        if state.refusal.is_some() {
            lane.close();
        }
        state.lanes.push(lane);
    }

    /// Says that a lane which had nothing waiting now has.
    pub(crate) fn announce(&self, lane: Arc<dyn LaneQueue>) {
        self.push(&mut self.lock(), Waiting::Lane(lane));
    }

    /// Waits for work and takes up to `limit` pieces, oldest first; a lane gives one slice at a time. Nothing means that the desk is
    /// closed and empty.
    pub(crate) fn take(&self, limit: usize) -> Vec<Box<dyn Work>> {
        let mut state = self.lock();
        loop {
            let works = self.take_waiting(&mut state, limit);
            if !works.is_empty() || state.closed {
                return works;
            }
            state.idle = state.idle.saturating_add(1);
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle = state.idle.saturating_sub(1);
        }
    }

    /// How many requests wait.
    pub(crate) fn waiting(&self) -> usize {
        let state = self.lock();
        let in_lanes: usize = state.lanes.iter().map(|lane| lane.len()).sum();
        state.closures.saturating_add(in_lanes)
    }

    /// Refuses requests from now on; workers finish what waits and then find nothing.
    pub(crate) fn close(&self) {
        self.refuse(StoreError::Closed);
        self.lock().closed = true;
        self.wake.notify_all();
    }

    /// Refuses requests from now on with this reason, unless there is one already.
    pub(crate) fn refuse(&self, reason: StoreError) {
        let mut state = self.lock();
        state.refusal.get_or_insert(reason);
        for lane in &state.lanes {
            lane.close();
        }
    }

    fn take_waiting(&self, state: &mut State, limit: usize) -> Vec<Box<dyn Work>> {
        let mut works = Vec::new();
        let mut unfinished = Vec::new();
        while works.len() < limit {
            match state.queue.pop_front() {
                Some(Waiting::Closure(work)) => {
                    state.closures = state.closures.saturating_sub(1);
                    works.push(work);
                }
                Some(Waiting::Lane(lane)) => {
                    let LaneTake { slice, more } = Arc::clone(&lane).take(limits::SLICE_MAX);
                    works.extend(slice);
                    if more {
                        unfinished.push(lane);
                    }
                }
                None => break,
            }
        }
        for lane in unfinished {
            self.push(state, Waiting::Lane(lane));
        }
        if works.is_empty() && state.closed {
            // A request may be in its lane while its announcement comes too late: look into the lanes themselves. They are closed,
            // so what is empty now stays empty.
            works.extend(
                state
                    .lanes
                    .iter()
                    .find_map(|lane| Arc::clone(lane).take(limits::SLICE_MAX).slice),
            );
        }
        works
    }

    fn push(&self, state: &mut State, waiting: Waiting) {
        state.queue.push_back(waiting);
        // Waking costs a system call; a busy worker comes back by itself.
        if state.idle > 0 {
            self.wake.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
