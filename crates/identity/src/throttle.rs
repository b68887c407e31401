//! Throttling: how long somebody waits after wrong passwords and codes. Counted for an account and a source together, so that it cannot be
//! guessed; for an account wherever tries come from, so that many machines gain little; and for a source, so that nobody tries one
//! password on all accounts.
//!
//! Waits end by themselves, and those that strangers can bring upon somebody are short: a lock that others can set is a way to keep an
//! approver out.

use vocab::time::Timestamp;

/// What failures are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// One account, whether it exists or not, where only its owner is: with a session, or from one source.
    Account,
    /// One account, wherever the tries come from.
    AccountAnywhere,
    /// One network address.
    Source,
}

/// Seconds of the longest wait.
pub const WAIT_SECONDS_MAX: i64 = 15 * 60;
/// Seconds of the longest wait that others can bring upon somebody: far below the time that a half-open session lasts.
const WAIT_SECONDS_BY_OTHERS: i64 = 60;
/// Seconds in which one failure is forgiven where many people are counted together.
const FORGIVEN_SECONDS: i64 = 10 * 60;
/// Seconds without a failure after which earlier ones are forgotten.
pub const FORGOTTEN_SECONDS: i64 = 24 * 3_600;
/// Seconds of the first wait.
const WAIT_SECONDS_FIRST: i64 = 15;

impl Counted {
    /// Failures that cost nothing: people mistype, and many people may share an address.
    fn free(self) -> u32 {
        match self {
            Self::Account => 4,
            Self::AccountAnywhere | Self::Source => 24,
        }
    }

    fn longest(self) -> i64 {
        match self {
            Self::Account => WAIT_SECONDS_MAX,
            Self::AccountAnywhere | Self::Source => WAIT_SECONDS_BY_OTHERS,
        }
    }
}

/// Failures so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many in a row.
    pub count: u32,
    /// When the last one was.
    pub last_at: Timestamp,
}

impl Failures {
    /// Seconds to wait before the next try is looked at; 0 when it may come now.
    pub fn wait(&self, counted: Counted, now: Timestamp) -> i64 {
        let Some(beyond) = self.count.checked_sub(counted.free()).filter(|beyond| *beyond > 0) else {
            return 0;
        };
        let doubled = WAIT_SECONDS_FIRST.saturating_mul(1_i64.checked_shl(beyond.min(20) - 1).unwrap_or(i64::MAX));
        let until = self.last_at.plus_seconds(doubled.min(counted.longest()));
        let micros = until.micros().saturating_sub(now.micros());
        if micros > 0 {
            micros.div_euclid(1_000_000).saturating_add(1)
        } else {
            0
        }
    }

    /// With one more. After a quiet day counting begins anew, and where many people are counted together some are forgiven meanwhile.
    pub fn one_more(counted: Counted, earlier: Option<Self>, now: Timestamp) -> Self {
        let earlier = earlier.filter(|earlier| now < earlier.last_at.plus_seconds(FORGOTTEN_SECONDS));
        let left = earlier.map_or(0, |earlier| {
            let quiet = now.seconds().saturating_sub(earlier.last_at.seconds()).max(0);
            let forgiven = match counted {
                Counted::Account => 0,
                Counted::AccountAnywhere | Counted::Source => quiet / FORGIVEN_SECONDS,
            };
            earlier
                .count
                .saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX))
        });
        Self {
            count: left.saturating_add(1),
            last_at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_341_600 + seconds)
    }

    fn failures(count: u32) -> Failures {
        Failures { count, last_at: at(0) }
    }

    #[test]
    fn the_first_mistakes_cost_nothing_and_later_ones_more_and_more() {
        let waits: Vec<i64> = (1..=8)
            .map(|count| failures(count).wait(Counted::Account, at(0)))
            .collect();
        assert_eq!(waits, [0, 0, 0, 0, 16, 31, 61, 121]);
        assert_eq!(failures(1_000_000).wait(Counted::Account, at(0)), WAIT_SECONDS_MAX + 1);
        assert_eq!(failures(20).wait(Counted::Source, at(0)), 0);
        assert!(failures(25).wait(Counted::Source, at(0)) > 0);
    }

    #[test]
    fn a_wait_ends_by_itself_and_nobody_is_locked_out_for_good() {
        assert_eq!(failures(5).wait(Counted::Account, at(15)), 0);
        assert_eq!(failures(1_000_000).wait(Counted::Account, at(WAIT_SECONDS_MAX)), 0);
    }

    #[test]
    fn after_a_quiet_day_counting_begins_anew() {
        let earlier = Some(failures(7));
        let one_more = |earlier, now| Failures::one_more(Counted::Account, earlier, now).count;
        assert_eq!(one_more(earlier, at(10)), 8);
        assert_eq!(one_more(earlier, at(FORGOTTEN_SECONDS - 1)), 8);
        assert_eq!(one_more(earlier, at(FORGOTTEN_SECONDS)), 1);
        assert_eq!(one_more(None, at(0)), 1);
    }

    #[test]
    fn others_bring_a_short_wait_only_and_are_forgiven_one_by_one() {
        for counted in [Counted::Source, Counted::AccountAnywhere] {
            assert_eq!(failures(1_000_000).wait(counted, at(0)), WAIT_SECONDS_BY_OTHERS + 1);
            let later = at(3 * FORGIVEN_SECONDS);
            assert_eq!(Failures::one_more(counted, Some(failures(30)), later).count, 28);
            assert_eq!(Failures::one_more(counted, Some(failures(2)), later).count, 1);
        }
    }
}
