//! What spreadsheets do to values: shortened numbers, local decimals and dates, cells that calculate.
//!
//! Each of these is recognized and refused with the form to write. None is repaired: `1.250` is one and a quarter to one
//! program and twelve hundred and fifty to another.

use crate::finding::{FindingCode, quoted};
use vocab::money::Currency;

/// A value that is not written as it should be: the code and the sentence.
pub(super) type Flaw = (FindingCode, String);

/// A cell that a spreadsheet would calculate when somebody opens the file again, or that begins like one.
pub(super) fn formula(text: &str) -> Option<Flaw> {
    let sign = text
        .chars()
        .next()
        .filter(|sign| matches!(sign, '=' | '+' | '-' | '@'))?;
    let message = format!(
        "the cell begins with {}, as a formula does; write the value itself",
        quoted(&sign.to_string())
    );
    Some((FindingCode::FormulaCell, message))
}

/// A long number that a spreadsheet shortened, such as `1.23457E+15`: its digits are gone.
pub(super) fn shortened(text: &str) -> Option<Flaw> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    let power = exponent.strip_prefix(['+', '-']);
    (digits(whole) && digits(fraction) && power.is_some_and(digits)).then(|| {
        // Not repeated: what is left of it may be part of an account number.
        let message = "a spreadsheet shortened this number; format the column as text and enter it anew".to_owned();
        (FindingCode::NumberFormat, message)
    })
}

/// An amount that is not a plain decimal with a point.
pub(super) fn amount(text: &str, currency: Option<Currency>) -> Option<Flaw> {
    if let Some(flaw) = shortened(text) {
        return Some(flaw);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        let message = format!(
            "{} is not a plain decimal; write digits with a point and nothing else, such as 1250.00",
            quoted(text)
        );
        return Some((FindingCode::NumberFormat, message));
    }
    // `1.250` looks like thousands wherever the currency has no thousandths.
    let thousandths = currency.is_some_and(|currency| currency.exponent() > 2);
    (fraction.len() == 3 && !thousandths).then(|| {
        let message = format!("{} can be read in two ways; write 1250.00 or 1.25", quoted(text));
        (FindingCode::NumberFormat, message)
    })
}

/// A date that is not written as ISO 8601 asks for.
pub(super) fn date(text: &str) -> Option<Flaw> {
    let iso = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| {
            if matches!(place, 4 | 7) {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    (!iso).then(|| {
        let message = format!(
            "{} is not of the form 2026-12-01; write year, month and day so",
            quoted(text)
        );
        (FindingCode::DateFormat, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_numbers_are_refused_and_plain_ones_are_not() {
        let eur = Currency::from_code("EUR");
        for text in [
            "1.250,00", "1,250.00", "1250,00", "1 250.00", "1'250.00", "1.250.00", "1.25E+03", "€5", "", ".5", "1.250",
        ] {
            assert!(amount(text, eur).is_some(), "{text}");
        }
        for text in ["1250.00", "1250", "1250.5", "0.05", "-5.00", "1.0000"] {
            assert!(amount(text, eur).is_none(), "{text}");
        }
        assert!(amount("1.250", Currency::from_code("KWD")).is_none());
    }

    #[test]
    fn only_numbers_count_as_shortened() {
        for text in ["1.23457E+15", "1,2E+10", "5E-3"] {
            assert!(shortened(text).is_some(), "{text}");
        }
        for text in ["INV-1E+5", "1E5", "E+5", "ORDER 2E", "1.E+5"] {
            assert!(shortened(text).is_none(), "{text}");
        }
    }
}
