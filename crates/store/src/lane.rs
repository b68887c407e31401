//! Lanes: hot operations that are taken in slices.
//!
//! Requests of the same operation that wait at the same time are handed to one call, written with slice statements and committed
//! together. A refusal is an outcome, decided before any row is written; an error is a fault of the whole slice.

use crate::desk::{Desk, LaneQueue, LaneTake, Ran, Reply, Work};
use crate::engine::Store;
use crate::engine::session::Isolation;
use crate::error::StoreError;
use crate::tx::Tx;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, mpsc};
use tokio::sync::oneshot;
use vocab::limits;

/// A hot operation.
pub trait Lane: Send + Sync + 'static {
    /// Name in metrics, such as `intake`.
    const NAME: &'static str;
    /// What is asked.
    type Request: Send + Sync + 'static;
    /// What is answered, refusals included.
    type Outcome: Send + 'static;

    /// Decides and writes a slice of 1 to [`vocab::limits::SLICE_MAX`] requests: one outcome for each, in the same order. May be run
    /// again, also with a part of the slice, when a transaction was rolled back. On PostgreSQL it runs at READ COMMITTED: rows that
    /// are read and then changed must be locked, in the order of their ids. [`StoreError::Conflict`] has the slice run again.
    fn run(&self, tx: &mut dyn Tx, slice: &[Self::Request]) -> Result<Vec<Self::Outcome>, StoreError>;
}

/// Why a request in a lane has no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaneError {
    /// [`vocab::limits::QUEUE_MAX`] requests wait already; nothing was stored, the caller should come back shortly.
    #[error("too many requests wait for the database; try again shortly")]
    Full,
    /// The store failed.
    #[error("the request could not be stored")]
    Failed(#[source] StoreError),
}

impl From<StoreError> for LaneError {
    fn from(error: StoreError) -> Self {
        if error == StoreError::Full {
            Self::Full
        } else {
            Self::Failed(error)
        }
    }
}

/// The way into a lane. Cheap to clone; keeps the store open.
pub struct LaneHandle<L: Lane> {
    queue: Arc<Queue<L>>,
    desk: Arc<Desk>,
    store: Store,
}

impl<L: Lane> LaneHandle<L> {
    pub(crate) fn open(lane: L, desk: Arc<Desk>, store: Store) -> Self {
        let queue = Arc::new(Queue {
            lane,
            desk: Arc::downgrade(&desk),
            waiting: Mutex::default(),
        });
        desk.add_lane(queue.clone());
        Self { queue, desk, store }
    }

    /// Hands a request in and waits until it is stored durably. A request whose future is dropped is stored all the same.
    pub async fn submit(&self, request: L::Request) -> Result<L::Outcome, LaneError> {
        let (reply, answer) = oneshot::channel();
        self.put(request, Reply::Task(reply))?;
        Ok(answer.await.unwrap_or_else(|_| Err(no_answer()))?)
    }

    /// How many requests wait to be taken into a slice.
    pub fn waiting(&self) -> usize {
        self.queue.lock().requests.len()
    }

    /// [`submit`](Self::submit) for a plain thread.
    pub fn submit_blocking(&self, request: L::Request) -> Result<L::Outcome, LaneError> {
        let (reply, answer) = mpsc::sync_channel(1);
        self.put(request, Reply::Thread(reply))?;
        Ok(answer.recv().unwrap_or_else(|_| Err(no_answer()))?)
    }

    fn put(&self, request: L::Request, reply: Reply<Result<L::Outcome, StoreError>>) -> Result<(), StoreError> {
        let announce = {
            let mut waiting = self.queue.lock();
            if waiting.closed {
                return Err(StoreError::Closed);
            }
            if waiting.requests.len() >= limits::QUEUE_MAX {
                return Err(StoreError::Full);
            }
            waiting.requests.push_back((request, reply));
            waiting.is_to_be_announced()
        };
        if announce {
            self.desk.announce(self.queue.clone());
        }
        Ok(())
    }
}

impl<L: Lane> Clone for LaneHandle<L> {
    fn clone(&self) -> Self {
        Self {
            queue: Arc::clone(&self.queue),
            desk: Arc::clone(&self.desk),
            store: self.store.clone(),
        }
    }
}

impl<L: Lane> std::fmt::Debug for LaneHandle<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LaneHandle({} on {})", L::NAME, self.store.engine_name())
    }
}

/// A worker thread ended without answering, which only a bug in this crate can do.
pub(crate) fn no_answer() -> StoreError {
    StoreError::Unavailable {
        what: "a worker thread ended without an answer".into(),
        outcome_known: false,
    }
}

type Answer<L> = Reply<Result<<L as Lane>::Outcome, StoreError>>;

struct Queue<L: Lane> {
    lane: L,
    desk: Weak<Desk>,
    waiting: Mutex<Waiting<L>>,
}

struct Waiting<L: Lane> {
    requests: VecDeque<(L::Request, Answer<L>)>,
    /// The desk knows that something waits here.
    announced: bool,
    /// Slices that were taken and are not answered yet.
    under_way: usize,
    closed: bool,
}

impl<L: Lane> Waiting<L> {
    /// Whether another slice is worth its transaction: several writers with small slices are slower than one with large ones, so while
    /// a slice is under way the next starts only when half of a full one waits.
    fn is_worth_a_slice(&self) -> bool {
        let least = if self.under_way == 0 || self.closed {
            1
        } else {
            limits::SLICE_MAX / 2
        };
        self.requests.len() >= least
    }

    /// True once for each time that a slice becomes worth taking.
    fn is_to_be_announced(&mut self) -> bool {
        let announce = !self.announced && self.is_worth_a_slice();
        self.announced |= announce;
        announce
    }
}

impl<L: Lane> Default for Waiting<L> {
    fn default() -> Self {
        Self {
            requests: VecDeque::new(),
            announced: false,
            under_way: 0,
            closed: false,
        }
    }
}

impl<L: Lane> Queue<L> {
    fn lock(&self) -> MutexGuard<'_, Waiting<L>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: Lane> LaneQueue for Queue<L> {
    fn take(self: Arc<Self>, limit: usize) -> LaneTake {
        let (requests, replies, more) = {
            let mut waiting = self.lock();
            let count = if waiting.is_worth_a_slice() {
                waiting.requests.len().min(limit)
            } else {
                0
            };
            let (requests, replies): (Vec<_>, Vec<_>) = waiting.requests.drain(..count).unzip();
            waiting.under_way = waiting.under_way.saturating_add(usize::from(count > 0));
            waiting.announced = waiting.is_worth_a_slice();
            (requests, replies, waiting.announced)
        };
        if requests.is_empty() {
            return LaneTake { slice: None, more };
        }
        LaneTake {
            slice: Some(Box::new(Slice {
                place: Arc::new(UnderWay(self)),
                requests,
                replies,
                result: Ok(Vec::new()),
            })),
            more,
        }
    }

    fn len(&self) -> usize {
        self.lock().requests.len()
    }

    fn close(&self) {
        self.lock().closed = true;
    }
}

/// A slice between being taken and being answered; when it ends, the lane may have become worth another.
struct UnderWay<L: Lane>(Arc<Queue<L>>);

impl<L: Lane> Drop for UnderWay<L> {
    fn drop(&mut self) {
        let announce = {
            let mut waiting = self.0.lock();
            waiting.under_way = waiting.under_way.saturating_sub(1);
            waiting.is_to_be_announced()
        };
        if announce && let Some(desk) = self.0.desk.upgrade() {
            desk.announce(self.0.clone());
        }
    }
}

/// Requests taken together.
struct Slice<L: Lane> {
    place: Arc<UnderWay<L>>,
    requests: Vec<L::Request>,
    replies: Vec<Answer<L>>,
    result: Result<Vec<L::Outcome>, StoreError>,
}

impl<L: Lane> Slice<L> {
    fn run_lane(&self, tx: &mut dyn Tx) -> Result<Vec<L::Outcome>, StoreError> {
        let outcomes = catch_unwind(AssertUnwindSafe(|| self.place.0.lane.run(tx, &self.requests)))
            .unwrap_or_else(|_| Err(StoreError::bug(format!("lane `{}` panicked", L::NAME))))?;
        if outcomes.len() != self.requests.len() {
            return Err(StoreError::bug(format!(
                "lane `{}` did not give one outcome for each request",
                L::NAME
            )));
        }
        Ok(outcomes)
    }
}

impl<L: Lane> Work for Slice<L> {
    fn name(&self) -> &'static str {
        L::NAME
    }

    fn size(&self) -> usize {
        self.requests.len()
    }

    fn isolation(&self) -> Isolation {
        Isolation::Slice
    }

    fn run(&mut self, tx: &mut dyn Tx) -> Ran {
        self.result = self.run_lane(tx);
        match &self.result {
            Ok(_) => Ran::Keep,
            Err(StoreError::Conflict { .. }) => Ran::Again,
            Err(_) => Ran::Undo,
        }
    }

    fn split(self: Box<Self>) -> Result<Vec<Box<dyn Work>>, Box<dyn Work>> {
        if self.requests.len() <= 1 {
            return Err(self);
        }
        let Self {
            place,
            requests,
            replies,
            result: _,
        } = *self;
        let one = |(request, reply)| -> Box<dyn Work> {
            let place = Arc::clone(&place);
            Box::new(Self {
                place,
                requests: vec![request],
                replies: vec![reply],
                result: Ok(Vec::new()),
            })
        };
        Ok(requests.into_iter().zip(replies).map(one).collect())
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        match failure.map_or(self.result, Err) {
            Ok(outcomes) => {
                for (reply, outcome) in self.replies.into_iter().zip(outcomes) {
                    reply.send(Ok(outcome));
                }
            }
            Err(failure) => {
                for reply in self.replies {
                    reply.send(Err(failure.clone()));
                }
            }
        }
    }
}
