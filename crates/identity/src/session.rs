//! Sessions: how long they last, what they have proven, and what is kept of their secret.
//!
//! The browser holds 256 random bits; the database holds their SHA-256 only. A session that has proven more than before gets a new secret.

use crate::credential::Factor;
use aws_lc_rs::digest::{SHA256, digest};
use vocab::time::Timestamp;

/// Seconds without a request after which a session has ended (PCI DSS 8.2.8).
pub const IDLE_SECONDS: i64 = 15 * 60;
/// Seconds after which a session has ended whatever happens in it: a working day.
pub const LASTS_SECONDS: i64 = 12 * 3_600;
/// Seconds that a session may last before its second factor is proven: enough to enrol one.
pub const HALF_OPEN_SECONDS: i64 = 15 * 60;
/// Seconds after which the time of the last request is written again: not every page needs a row.
pub const SEEN_SECONDS: i64 = 60;

/// What a session has proven, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// When it began.
    pub started_at: Timestamp,
    /// When it was last used, to [`SEEN_SECONDS`].
    pub seen_at: Timestamp,
    /// The second factor, once it is proven, and when it was.
    pub factor: Option<(Factor, Timestamp)>,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Idle or old for too long.
    Ended,
    /// The password is proven and nothing else: it opens only the page that asks for the second factor, or sets one up.
    HalfOpen,
    /// Both factors are proven.
    Open,
}

impl Proven {
    /// Where the session stands now (real time).
    pub fn standing(&self, now: Timestamp) -> Standing {
        let older = |since: Timestamp, seconds: i64| now >= since.plus_seconds(seconds);
        if older(self.started_at, LASTS_SECONDS) || older(self.seen_at, IDLE_SECONDS) {
            return Standing::Ended;
        }
        match self.factor {
            Some(_) => Standing::Open,
            None if older(self.started_at, HALF_OPEN_SECONDS) => Standing::Ended,
            None => Standing::HalfOpen,
        }
    }

    /// Whether the time of the last request has to be written again.
    pub fn needs_seeing(&self, now: Timestamp) -> bool {
        now >= self.seen_at.plus_seconds(SEEN_SECONDS)
    }
}

/// What is kept of a session's secret, or of a one-time link's.
pub fn kept(secret: &str) -> [u8; 32] {
    let digest = digest(&SHA256, secret.as_bytes());
    let mut kept = [0; 32];
    for (to, from) in kept.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: i64 = 1_795_341_600;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(BEGIN + seconds)
    }

    fn session(factor: Option<Factor>, seen: i64) -> Proven {
        Proven {
            started_at: at(0),
            seen_at: at(seen),
            factor: factor.map(|factor| (factor, at(0))),
        }
    }

    #[test]
    fn a_session_ends_when_nobody_uses_it() {
        let session = session(Some(Factor::Totp), 0);
        assert_eq!(session.standing(at(IDLE_SECONDS - 1)), Standing::Open);
        assert_eq!(session.standing(at(IDLE_SECONDS)), Standing::Ended);
    }

    #[test]
    fn a_session_ends_after_a_working_day_however_busy() {
        let session = session(Some(Factor::Totp), LASTS_SECONDS - 1);
        assert_eq!(session.standing(at(LASTS_SECONDS - 1)), Standing::Open);
        assert_eq!(session.standing(at(LASTS_SECONDS)), Standing::Ended);
    }

    #[test]
    fn a_password_alone_opens_nothing_and_not_for_long() {
        let session = session(None, HALF_OPEN_SECONDS - 1);
        assert_eq!(session.standing(at(HALF_OPEN_SECONDS - 1)), Standing::HalfOpen);
        assert_eq!(session.standing(at(HALF_OPEN_SECONDS)), Standing::Ended);
    }

    #[test]
    fn what_is_kept_is_not_the_secret() {
        // FIPS 180-4, "abc".
        assert_eq!(kept("abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_ne!(kept("a"), kept("b"));
    }
}
