//! Admission: how many signed requests are worked on at the same time. Whoever comes beyond that is told at once to come again, before
//! their signature costs anything: a server that takes everything in answers everybody too late.
//!
//! The limit follows what the server does: as many as it answers in [`limits::WAIT_MILLIS`]. So nobody who is taken in waits much longer
//! than that, on a fast machine and on a slow one, and as soon as less is asked nobody is refused.

use crate::limits;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Counts what is under way.
#[derive(Debug)]
pub(crate) struct Admission {
    under_way: AtomicUsize,
    limit: AtomicUsize,
    /// Answered in the present window.
    answered: AtomicUsize,
    window: Mutex<Window>,
}

#[derive(Debug)]
struct Window {
    began: Instant,
    /// Answered in each second, of late.
    rate: usize,
}

impl Admission {
    /// Nothing under way.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            under_way: AtomicUsize::new(0),
            limit: AtomicUsize::new(limits::REQUESTS_MIN),
            answered: AtomicUsize::new(0),
            window: Mutex::new(Window { began: now(), rate: 0 }),
        })
    }

    /// Whether the next request would have to wait too long.
    pub(crate) fn is_full(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) >= self.limit.load(Ordering::Relaxed)
    }

    /// A place for a request; nothing if it would have to wait too long.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Place> {
        let before = self.under_way.fetch_add(1, Ordering::Relaxed);
        if before >= self.limit.load(Ordering::Relaxed) {
            // Not by way of a place: who is refused is not answered, or refusing would look like speed.
            self.under_way.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Place(Arc::clone(self)))
    }

    fn leave(&self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        let answered = self.answered.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        // A look at the clock now and then is enough; whoever finds somebody else looking goes on.
        if answered.is_multiple_of(16)
            && let Ok(mut window) = self.window.try_lock()
        {
            self.measure(&mut window, now());
        }
    }

    fn measure(&self, window: &mut Window, now: Instant) {
        let took = now.saturating_duration_since(window.began);
        if took < Duration::from_millis(limits::WINDOW_MILLIS) {
            return;
        }
        let answered = self.answered.swap(0, Ordering::Relaxed);
        window.rate = rate(window.rate, answered, took);
        window.began = now;
        self.limit.store(limit(window.rate), Ordering::Relaxed);
    }
}

/// Answers in each second: half of what it was, half of what it is.
fn rate(before: usize, answered: usize, took: Duration) -> usize {
    let millis = usize::try_from(took.as_millis()).unwrap_or(usize::MAX).max(1);
    let present = answered.saturating_mul(1_000) / millis;
    match before {
        0 => present,
        before => before.saturating_add(present) / 2,
    }
}

/// As many as are answered while somebody may be kept waiting.
fn limit(rate: usize) -> usize {
    let fits = rate.saturating_mul(limits::WAIT_MILLIS) / 1_000;
    fits.clamp(limits::REQUESTS_MIN, limits::REQUESTS_MAX)
}

/// A request that is worked on, until it goes.
#[derive(Debug)]
pub(crate) struct Place(Arc<Admission>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.leave();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "admission measures how fast the server answers"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_beyond_the_limit_is_refused_until_somebody_goes() {
        let admission = Admission::new();
        let mut places: Vec<Place> = (0..limits::REQUESTS_MIN).filter_map(|_| admission.enter()).collect();
        assert_eq!(places.len(), limits::REQUESTS_MIN);
        assert!(admission.is_full() && admission.enter().is_none());
        assert_eq!(
            admission.under_way.load(Ordering::Relaxed),
            places.len(),
            "who is refused takes no place"
        );
        assert_eq!(admission.answered.load(Ordering::Relaxed), 0, "nor counts as answered");
        places.pop();
        assert!(!admission.is_full() && admission.enter().is_some());
    }

    #[test]
    fn the_limit_follows_what_is_answered() {
        let second = Duration::from_secs(1);
        assert_eq!(limit(rate(0, 10, second)), limits::REQUESTS_MIN);
        assert_eq!(limit(rate(0, 2_000, second)), 2_000 * limits::WAIT_MILLIS / 1_000);
        assert_eq!(limit(rate(0, 1_000_000, second)), limits::REQUESTS_MAX);
        let admission = Admission::new();
        admission.answered.store(2_000, Ordering::Relaxed);
        let mut window = Window { began: now(), rate: 0 };
        let later = window.began + second;
        admission.measure(&mut window, later);
        assert_eq!(admission.limit.load(Ordering::Relaxed), limit(2_000));
    }
}
