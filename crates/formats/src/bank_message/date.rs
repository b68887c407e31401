//! The dates of ISO 20022 messages (XML Schema `date` and `dateTime`), taken as the bank's own civil dates.
//!
//! A time zone is checked for its form and otherwise left alone: 23:30+01:00 on the 22nd is the bank's 22nd, whatever the date in
//! UTC was.

use crate::pain001::values::calendar_day;
use vocab::time::Date;

/// A civil date with the time of day it came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The date as written. `24:00:00` belongs to the day it ends.
    pub(crate) date: Date,
    /// Whether the time is 00:00:00, which as the end of a period belongs to the day before.
    pub(crate) at_midnight: bool,
}

/// `2026-11-22`, with or without a time zone.
pub(crate) fn read_date(text: &str) -> Option<Date> {
    let (date, zone) = text.split_at_checked(10)?;
    if is_zone(zone) { calendar_day(date) } else { None }
}

/// `2026-11-22T10:00:00`, with or without fraction and time zone.
pub(crate) fn read_date_time(text: &str) -> Option<Moment> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, rest) = rest.strip_prefix('T')?.split_at_checked(8)?;
    let (hour, minute, second) = clock(time)?;
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|character: char| character.is_ascii_digit());
            if zone.len() == fraction.len() {
                return None;
            }
            zone
        }
        None => rest,
    };
    let in_day = hour < 24 || (minute, second) == (0, 0);
    if hour > 24 || minute > 59 || second > 59 || !in_day || !is_zone(zone) {
        return None;
    }
    Some(Moment {
        date: calendar_day(date)?,
        at_midnight: (hour, minute, second) == (0, 0, 0),
    })
}

fn clock(time: &str) -> Option<(u8, u8, u8)> {
    let mut parts = time.split(':');
    let mut two = || {
        let part = parts.next()?;
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse::<u8>().ok() } else { None }
    };
    Some((two()?, two()?, two()?))
}

fn is_zone(text: &str) -> bool {
    if text.is_empty() || text == "Z" {
        return true;
    }
    let Some(offset) = text.strip_prefix(['+', '-']) else {
        return false;
    };
    clock(&format!("{offset}:00")).is_some_and(|(hour, minute, _)| hour <= 14 && minute <= 59) && offset.len() == 5
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_date_is_the_bank_s_own_whatever_the_zone() {
        let day = Date::constant(2026, 11, 22);
        for text in ["2026-11-22", "2026-11-22Z", "2026-11-22+01:00"] {
            assert_eq!(read_date(text), Some(day), "{text}");
        }
        for text in [
            "2026-11-22T23:30:00+01:00",
            "2026-11-22T23:59:59.999Z",
            "2026-11-22T24:00:00",
        ] {
            assert_eq!(
                read_date_time(text),
                Some(Moment {
                    date: day,
                    at_midnight: false
                }),
                "{text}"
            );
        }
        assert_eq!(
            read_date_time("2026-11-22T00:00:00"),
            Some(Moment {
                date: day,
                at_midnight: true
            })
        );
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "20261122",
            "2026-02-30",
            "2026-11-22x",
            "2026-11-22+1:00",
            "2026-11-2２",
            "0000-01-01",
        ] {
            assert_eq!(read_date(text), None, "{text}");
        }
        for text in [
            "2026-11-22",
            "2026-11-22T24:00:01",
            "2026-11-22T10:61:00",
            "2026-11-22T10:00",
            "2026-11-22T10:00:00.",
        ] {
            assert_eq!(read_date_time(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = (read_date(&text), read_date_time(&text));
        }
    }
}
