//! Counts what is done within a window of time: a short start that does not count, then the window, then the stop.

use crate::clock::{Processor, now};
use crate::load;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Time for caches and connections to become warm before anything counts.
const START: Duration = Duration::from_millis(700);

/// Counts.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    done: AtomicU64,
    stop: AtomicBool,
    counting: AtomicBool,
    micros: Mutex<Vec<u32>>,
}

/// What a window held.
#[derive(Debug)]
pub(crate) struct Measured {
    /// How many were done.
    pub(crate) count: u64,
    /// In how much time.
    pub(crate) took: Duration,
    /// How long each took, in microseconds, sorted.
    pub(crate) micros: Vec<u32>,
    /// Processor time by thread name, in nanoseconds.
    pub(crate) processor: BTreeMap<String, u64>,
}

impl Meter {
    /// Whether the window is over.
    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Ends the work, for whom it is only company.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Something begins.
    pub(crate) fn begin(&self) -> Instant {
        now()
    }

    /// Something that began then is done.
    pub(crate) fn done(&self, began: Instant) {
        self.done.fetch_add(1, Ordering::Relaxed);
        if self.counting.load(Ordering::Relaxed) {
            let took = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
            self.micros.lock().unwrap_or_else(PoisonError::into_inner).push(took);
        }
    }

    /// Lets the work run warm, counts over `span`, and stops it.
    pub(crate) async fn measure(&self, span: Duration) -> Measured {
        tokio::time::sleep(START).await;
        self.counting.store(true, Ordering::Relaxed);
        let (began, before, processor) = (now(), self.done.load(Ordering::Relaxed), Processor::read());
        tokio::time::sleep(span).await;
        let (took, after) = (began.elapsed(), self.done.load(Ordering::Relaxed));
        let processor = Processor::read().since(&processor);
        self.counting.store(false, Ordering::Relaxed);
        self.stop();
        let mut micros = std::mem::take(&mut *self.micros.lock().unwrap_or_else(PoisonError::into_inner));
        micros.sort_unstable();
        Measured {
            count: after.saturating_sub(before),
            took,
            micros,
            processor,
        }
    }
}

impl Measured {
    /// Done per second.
    pub(crate) fn rate(&self) -> u64 {
        let micros = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX).max(1);
        self.count.saturating_mul(1_000_000) / micros
    }

    /// Processor time of everything but the load for each, in nanoseconds.
    pub(crate) fn server_nanos_each(&self) -> u64 {
        let server = self.processor.iter().filter(|(name, _)| *name != load::THREADS);
        let total: u64 = server.map(|(_, nanos)| *nanos).sum();
        total / self.count.max(1)
    }

    /// The time within which so many of a hundred were done, in microseconds.
    pub(crate) fn percentile(&self, hundredths: usize) -> u64 {
        percentile(&self.micros, hundredths).unwrap_or(0)
    }
}

/// The time within which so many of a hundred of these were done, if there are any; sorted ones.
pub(crate) fn percentile(micros: &[u32], hundredths: usize) -> Option<u64> {
    let place = micros.len().saturating_mul(hundredths) / 100;
    micros.get(place).or(micros.last()).copied().map(u64::from)
}
