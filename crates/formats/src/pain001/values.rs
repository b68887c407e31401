//! The value space of XML Schema's simple types, as far as pain.001 uses them.

use super::schema::{Form, Simple};
use crate::finding::FindingCode;
use vocab::time::Date;

/// Why a text is not of a simple type.
pub(super) enum Unfit {
    /// Empty or longer than so many characters.
    Length(usize),
    /// Not one of the codes.
    Code(&'static [&'static str]),
    /// Not what is described; the code says which kind of value it should have been.
    Form(FindingCode, &'static str),
}

/// Whether a text is of a simple type. White space around numbers and dates does not count, around texts it does.
pub(super) fn check(simple: Simple, text: &str) -> Result<(), Unfit> {
    let trimmed = text.trim_matches([' ', '\t', '\n', '\r']);
    let (fits, code, expected) = match simple {
        Simple::Text(max) => {
            let length = text.chars().take(max.saturating_add(1)).count();
            return if (1..=max).contains(&length) {
                Ok(())
            } else {
                Err(Unfit::Length(max))
            };
        }
        Simple::Codes(codes) => {
            return if codes.contains(&text) {
                Ok(())
            } else {
                Err(Unfit::Code(codes))
            };
        }
        Simple::Form(form) => (form.fits(text), code_of(form), form.expected()),
        Simple::Decimal { digits, fraction: 0 } => (
            is_decimal(trimmed, digits, 0, true),
            FindingCode::ValueForm,
            "a whole number",
        ),
        Simple::Decimal { digits, fraction } => (
            is_decimal(trimmed, digits, fraction, true),
            FindingCode::ValueForm,
            "a decimal number with a point, without separators of thousands",
        ),
        Simple::Date => (
            date(trimmed).is_some(),
            FindingCode::DateInvalid,
            "a date such as 2026-12-01",
        ),
        Simple::DateTime => (
            date_time(trimmed).is_some(),
            FindingCode::DateInvalid,
            "a date and time such as 2026-12-01T10:00:00",
        ),
        Simple::Boolean => (boolean(text).is_some(), FindingCode::ValueForm, "`true` or `false`"),
    };
    if fits { Ok(()) } else { Err(Unfit::Form(code, expected)) }
}

/// Forms that other formats know too are called by the same code everywhere.
fn code_of(form: Form) -> FindingCode {
    match form {
        Form::Currency => FindingCode::CurrencyUnknown,
        Form::Bic | Form::Bic2009 => FindingCode::BicInvalid,
        Form::Iban => FindingCode::IbanInvalid,
        Form::Uuid => FindingCode::UetrInvalid,
        Form::Country => FindingCode::CodeInvalid,
        Form::Lei | Form::Count | Form::Alphanumeric4 | Form::Phone => FindingCode::ValueForm,
    }
}

/// Whether a text has the form of a currency code.
pub(super) fn is_currency(text: &str) -> bool {
    Form::Currency.fits(text)
}

/// Whether a text is a non-negative amount of up to 18 digits, five of them behind the point.
pub(super) fn is_amount(text: &str) -> bool {
    is_decimal(text.trim_matches([' ', '\t', '\n', '\r']), 18, 5, false)
}

/// `xs:decimal`; leading zeros and zeros at the end of the fraction do not count as digits.
fn is_decimal(text: &str, digits: usize, fraction_max: usize, negative: bool) -> bool {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let zero = unsigned
        .strip_prefix('-')
        .is_some_and(|rest| rest.bytes().all(|byte| matches!(byte, b'0' | b'.')));
    let unsigned = if negative || zero {
        unsigned.strip_prefix('-').unwrap_or(unsigned)
    } else {
        unsigned
    };
    if text.starts_with("+-") {
        return false;
    }
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return false;
    }
    let (whole, fraction) = (
        whole.trim_start_matches('0').len(),
        fraction.trim_end_matches('0').len(),
    );
    fraction <= fraction_max && whole.saturating_add(fraction) <= digits
}

/// `xs:boolean`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.trim_matches([' ', '\t', '\n', '\r']) {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// `xs:date` with a year of four digits; the time zone, if there is one, is checked and left out.
pub(super) fn date(text: &str) -> Option<Date> {
    let (day, zone) = text.split_at_checked(10)?;
    is_zone(zone).then_some(())?;
    calendar_day(day)
}

/// `xs:dateTime`: the date, and whether the time is midnight without a zone or in UTC.
pub(super) fn date_time(text: &str) -> Option<(Date, bool)> {
    let (day, rest) = text.split_at_checked(10)?;
    let (time, rest) = rest.strip_prefix('T')?.split_at_checked(8)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            let (fraction, zone) = rest.split_at_checked(end)?;
            (!fraction.is_empty()).then_some((fraction, zone))?
        }
        None => ("", rest),
    };
    let whole = fraction.bytes().all(|byte| byte == b'0');
    let sound = clock(time) || time == "24:00:00" && whole;
    (sound && is_zone(zone)).then_some(())?;
    Some((
        calendar_day(day)?,
        time == "00:00:00" && whole && matches!(zone, "" | "Z"),
    ))
}

/// A day of the calendar, written `2026-12-01`.
pub(crate) fn calendar_day(text: &str) -> Option<Date> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    form.then_some(())?;
    let year: i16 = text.get(..4)?.parse().ok()?;
    let month: i8 = text.get(5..7)?.parse().ok()?;
    let day: i8 = text.get(8..)?.parse().ok()?;
    // Year 0 exists in no calendar of a bank nor in XML Schema 1.0.
    (year > 0).then_some(())?;
    Date::new(year, month, day).ok()
}

/// `hh:mm:ss`
fn clock(text: &str) -> bool {
    let mut parts = text.split(':');
    let mut below = |limit: u8| {
        let part = parts
            .next()
            .filter(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()));
        part.and_then(|part| part.parse::<u8>().ok())
            .is_some_and(|value| value < limit)
    };
    below(24) && below(60) && below(60) && parts.next().is_none()
}

/// Nothing, `Z`, or an offset of up to 14 hours.
fn is_zone(text: &str) -> bool {
    if matches!(text, "" | "Z") {
        return true;
    }
    let Some(offset) = text.strip_prefix(['+', '-']) else {
        return false;
    };
    offset == "14:00" || offset.len() == 5 && clock(&format!("{offset}:00")) && offset < "14:00"
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for text in [
            "2026-12-01",
            "2028-02-29",
            "2026-12-01Z",
            "2026-12-01+01:00",
            "2026-12-01-14:00",
        ] {
            assert!(date(text).is_some(), "{text}");
        }
        for text in [
            "2026-2-1",
            "2026-02-30",
            "0000-01-01",
            "01.12.2026",
            "2026-12-01+15:00",
            "2026-12-01 ",
            "2026-12-01T",
            "２026-12-01",
        ] {
            assert!(date(text).is_none(), "{text}");
        }
    }

    #[test]
    fn times_are_those_of_the_day() {
        for text in [
            "2026-12-01T10:00:00",
            "2026-12-01T10:00:00.123+01:00",
            "2026-12-01T24:00:00",
            "2026-12-01T23:59:59Z",
        ] {
            assert!(date_time(text).is_some(), "{text}");
        }
        for text in [
            "2026-12-01",
            "2026-12-01T10:00",
            "2026-12-01T25:00:00",
            "2026-12-01T10:00:60",
            "2026-12-01T10:00:00.",
            "2026-12-01 10:00:00",
        ] {
            assert!(date_time(text).is_none(), "{text}");
        }
        assert_eq!(
            date_time("2026-12-01T00:00:00.00Z").map(|(_, midnight)| midnight),
            Some(true)
        );
        assert_eq!(
            date_time("2026-12-01T00:00:01").map(|(_, midnight)| midnight),
            Some(false)
        );
    }

    #[test]
    fn amounts_have_eighteen_digits_and_five_places() {
        for text in [
            "0",
            "1",
            "1.",
            ".5",
            "+1.50",
            "0001.10000000",
            "999999999999999999",
            "1.23456",
            " 1.00 ",
            "-0.00",
        ] {
            assert!(is_amount(text), "{text}");
        }
        for text in [
            "",
            ".",
            "-1",
            "1,50",
            "1e3",
            "1.234567",
            "1234567890123456789",
            "1 000",
            "+-1",
            "-+1",
            "1.0.0",
            "٣",
        ] {
            assert!(!is_amount(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_fits_or_not(text in ".*") {
            let _ = (date(&text), date_time(&text), is_amount(&text), boolean(&text));
            for simple in [Simple::Text(5), Simple::Date, Simple::DateTime, Simple::Boolean, Simple::Decimal { digits: 18, fraction: 17 }] {
                let _ = check(simple, &text);
            }
        }
    }
}
