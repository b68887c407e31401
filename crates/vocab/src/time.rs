//! Points in time and civil dates. The clock itself is never here: time comes in as an argument.

use std::fmt;

/// A civil date, such as the day a payment is to be executed.
pub use jiff::civil::Date;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From seconds since 1970.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Later by so many microseconds (earlier, when negative).
    pub fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Later by so many seconds (earlier, when negative).
    pub fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(1_000_000))
    }

    /// Later by so many days of 24 hours.
    pub fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days.saturating_mul(86_400))
    }

    /// The civil date in UTC.
    pub fn date(self) -> Date {
        jiff::Timestamp::from_microsecond(self.0).map_or(Date::constant(1970, 1, 1), |at| {
            at.to_zoned(jiff::tz::TimeZone::UTC).date()
        })
    }

    /// Midnight UTC at the start of a civil date.
    pub fn at_start_of(date: Date) -> Self {
        date.to_zoned(jiff::tz::TimeZone::UTC)
            .map_or(Self(0), |at| Self(at.timestamp().as_microsecond()))
    }

    /// Reads RFC 3339, such as `2026-11-22T10:00:00Z`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|at| Self(at.as_microsecond()))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, to the microsecond when there is a fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(at) => fmt::Display::fmt(&at, f),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
