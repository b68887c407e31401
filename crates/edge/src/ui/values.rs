//! Single values in the text of a page: sums, times, dates, ids, account numbers.

use maud::{Markup, html};
use std::fmt::Display;
use vocab::account::AccountNumber;
use vocab::money::Money;
use vocab::time::{Date, Timestamp};

/// A sum with thousands apart and its currency: `1,250.00 EUR`.
pub(crate) fn money(sum: Money) -> Markup {
    html! { span.money { (grouped(sum)) " " span.code { (sum.currency()) } } }
}

/// The digits of a sum with thousands apart and the minus sign of typesetting: `−1,250.00`.
pub(crate) fn grouped(sum: Money) -> String {
    let decimal = sum.decimal();
    let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal.as_str()), |digits| ("\u{2212}", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A point in time, UTC, to the minute.
pub(crate) fn time(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (said(at, "%Y-%m-%d %H:%M UTC")) } }
}

/// A point in time, UTC, to the second, where the order of things matters.
pub(crate) fn exact_time(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (said(at, "%Y-%m-%d %H:%M:%S UTC")) } }
}

/// A day.
pub(crate) fn date(on: Date) -> Markup {
    html! { time datetime=(on) { (on) } }
}

/// An id or a reference: marked whole with one click, so that it can be copied.
pub(crate) fn id(id: impl Display) -> Markup {
    html! { code.id { (id) } }
}

/// An account number in groups of four where it is an IBAN.
pub(crate) fn account(number: &AccountNumber) -> Markup {
    html! { span.number { (account_text(number)) } }
}

/// The same as plain text.
pub(crate) fn account_text(number: &AccountNumber) -> String {
    match number {
        AccountNumber::Iban(iban) => iban.grouped(),
        AccountNumber::Other(_) => number.as_str().to_owned(),
    }
}

/// A count with its noun: `1 payment`, `3 payments`.
pub(crate) fn counted(count: i64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn said(at: Timestamp, form: &str) -> String {
    match jiff::Timestamp::from_microsecond(at.micros()) {
        Ok(at) => at.strftime(form).to_string(),
        Err(_) => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocab::money::Currency;

    fn sum(minor: i64, code: &str) -> String {
        grouped(Money::new(minor, Currency::from_code(code).unwrap()))
    }

    #[test]
    fn thousands_stand_apart_in_every_currency() {
        assert_eq!(sum(0, "EUR"), "0.00");
        assert_eq!(sum(-5, "EUR"), "\u{2212}0.05");
        assert_eq!(sum(99_999, "EUR"), "999.99");
        assert_eq!(sum(123_456_789, "EUR"), "1,234,567.89");
        assert_eq!(sum(-100_000, "JPY"), "\u{2212}100,000");
        assert_eq!(sum(1_234_567, "KWD"), "1,234.567");
    }

    #[test]
    fn a_time_says_its_zone() {
        let at = Timestamp::parse("2026-11-22T09:05:07.5Z").unwrap();
        assert_eq!(time(at).0, r#"<time datetime="2026-11-22T09:05:07.5Z">2026-11-22 09:05 UTC</time>"#);
        assert!(exact_time(at).0.ends_with(">2026-11-22 09:05:07 UTC</time>"));
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1, "payment"), "1 payment");
        assert_eq!(counted(0, "payment"), "0 payments");
    }
}
