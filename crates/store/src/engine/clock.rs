//! Clock, pauses and chance of the store itself: the one place that reads them.
//!
//! They serve leases, durations and tokens between servers. The time of business comes in `Ctx`, the ids of business are drawn by the
//! caller, so a transaction that is replayed does the same again.

use crate::error::StoreError;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Microseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "leases between servers need the time of day, not that of a request"
)]
pub(crate) fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A point to measure from.
#[expect(
    clippy::disallowed_methods,
    reason = "transactions are measured and reconnects are spaced from here"
)]
pub(crate) fn start() -> Instant {
    Instant::now()
}

/// Waits a little on a thread of the store.
#[expect(
    clippy::disallowed_methods,
    reason = "at most 200 ms between two bounded attempts; nothing could wake it earlier"
)]
pub(crate) fn pause(duration: Duration) {
    std::thread::sleep(duration);
}

/// A number that tells this server from every other.
#[expect(
    clippy::disallowed_methods,
    reason = "a token of the store itself, part of nothing that is replayed"
)]
pub(crate) fn draw_token() -> Result<i64, StoreError> {
    let mut bytes = [0_u8; 8];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => Ok(i64::from_le_bytes(bytes)),
        Err(_) => Err(StoreError::unavailable("the system gives no random numbers")),
    }
}
