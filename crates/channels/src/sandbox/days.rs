//! The bank's calendar: business days are Monday to Friday, it opens at 06:00 and closes its books at 22:00 UTC.
//!
//! Pure. Holidays are left out on purpose: a test that passes in one week shall pass in every week.

use vocab::time::{Date, Timestamp};

use jiff::civil::Weekday;
use jiff::{Span, ToSpan};

const OPENS_SECONDS: i64 = 6 * 3600;
const CLOSES_SECONDS: i64 = 22 * 3600;

/// When payments of this day are booked.
pub(super) fn opening(day: Date) -> Timestamp {
    Timestamp::at_start_of(day).plus_seconds(OPENS_SECONDS)
}

/// When the day's books are closed and its statements are made.
pub(super) fn closing(day: Date) -> Timestamp {
    Timestamp::at_start_of(day).plus_seconds(CLOSES_SECONDS)
}

/// The day itself when it is a business day, else the next one.
pub(super) fn business_day(day: Date) -> Date {
    match day.weekday() {
        Weekday::Saturday => later(day, 2.days()),
        Weekday::Sunday => later(day, 1.day()),
        Weekday::Monday | Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday | Weekday::Friday => day,
    }
}

/// The first business day after this day.
pub(super) fn business_day_after(day: Date) -> Date {
    business_day(later(day, 1.day()))
}

/// The business day on which money comes back: two days later, or the next business day after them.
pub(super) fn return_day(executed_on: Date) -> Date {
    business_day(later(executed_on, 2.days()))
}

/// When a payment is booked that is wanted on `requested` and arrives now: at the opening of that business day; at once when it
/// arrives later than that during business hours; else at the next opening.
pub(super) fn execution(requested: Date, arrival: Timestamp) -> Timestamp {
    let wanted = opening(business_day(requested));
    if arrival <= wanted {
        return wanted;
    }
    let today = arrival.date();
    if business_day(today) == today && arrival < closing(today) {
        arrival.max(opening(today))
    } else {
        opening(business_day_after(today))
    }
}

fn later(day: Date, span: Span) -> Date {
    day.saturating_add(span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn payments_are_booked_in_business_hours_and_never_early(requested in -4_000_i64..4_000, arrival in 0_i64..345_600_000) {
            let noon = at("2026-11-18T12:00:00Z");
            let (requested, arrival) = (noon.plus_days(requested).date(), noon.plus_seconds(arrival));
            let booked = execution(requested, arrival);
            let day = booked.date();
            prop_assert_eq!(business_day(day), day);
            prop_assert!(opening(day) <= booked && booked < closing(day));
            prop_assert!(booked >= arrival && booked >= opening(requested));
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn an_order_for_a_weekend_is_executed_on_monday() {
        // 21 November 2026 is a Saturday.
        let monday = at("2026-11-23T06:00:00Z");
        for requested in ["2026-11-21", "2026-11-22", "2026-11-23"] {
            assert_eq!(
                execution(day(requested), at("2026-11-18T12:00:00Z")),
                monday,
                "{requested}"
            );
        }
    }

    #[test]
    fn a_late_order_is_executed_at_once_during_business_hours_only() {
        let past = day("2026-11-01");
        for (arrival, executed) in [
            ("2026-11-18T05:00:00Z", "2026-11-18T06:00:00Z"),
            ("2026-11-18T12:34:56Z", "2026-11-18T12:34:56Z"),
            ("2026-11-18T22:00:00Z", "2026-11-19T06:00:00Z"),
            ("2026-11-20T23:00:00Z", "2026-11-23T06:00:00Z"),
            ("2026-11-21T12:00:00Z", "2026-11-23T06:00:00Z"),
        ] {
            assert_eq!(execution(past, at(arrival)), at(executed), "{arrival}");
        }
    }

    #[test]
    fn money_comes_back_on_a_business_day() {
        assert_eq!(return_day(day("2026-11-18")), day("2026-11-20"));
        assert_eq!(return_day(day("2026-11-19")), day("2026-11-23"));
        assert_eq!(return_day(day("2026-11-20")), day("2026-11-23"));
    }
}
