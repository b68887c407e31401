//! Single values in the text of a page: sums, times, dates, ids, account numbers.

use maud::{Markup, html};
use std::fmt::Display;
use vocab::account::AccountNumber;
use vocab::id::{BatchId, PaymentId, StatementId};
use vocab::money::Money;
use vocab::time::{Date, Timestamp};

/// A sum with thousands apart and its currency: `1,250.00 EUR`.
pub(crate) fn money(sum: Money) -> Markup {
    html! { span.money { (grouped(sum)) " " span.code { (sum.currency()) } } }
}

/// The digits of a sum with thousands apart and the minus sign of typesetting: `−1,250.00`.
pub(crate) fn grouped(sum: Money) -> String {
    let decimal = sum.decimal();
    let (sign, digits) = decimal
        .strip_prefix('-')
        .map_or(("", decimal.as_str()), |digits| ("\u{2212}", digits));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
    format!("{sign}{}{fraction}", thousands(whole))
}

/// A number of things, with thousands apart: `1,205`.
pub(crate) fn count(number: impl Display) -> String {
    thousands(&number.to_string())
}

fn thousands(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
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
pub(crate) fn counted(number: i64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{} {noun}s", count(number)),
    }
}

/// A sentence in which the ids of payments, batches and statements lead to their pages, and days are not torn apart.
pub(crate) fn linked(sentence: &str) -> Markup {
    html! {
        @for (place, word) in sentence.split(' ').enumerate() {
            @if place > 0 { " " }
            @let (before, core, after) = framed(word);
            (before)
            @match (page_of(core), core.parse::<Date>()) {
                (Some(page), _) => a href={ "/" (page) "/" (core) } { (core) },
                (None, Ok(day)) => (date(day)),
                (None, Err(_)) => (core),
            }
            (after)
        }
    }
}

/// The page of the thing that an id names, where there is one.
pub(crate) fn page_of(id: &str) -> Option<&'static str> {
    match id.split_once('_')?.0 {
        "pay" if id.parse::<PaymentId>().is_ok() => Some("payments"),
        "bat" if id.parse::<BatchId>().is_ok() => Some("batches"),
        "stmt" if id.parse::<StatementId>().is_ok() => Some("statements"),
        _ => None,
    }
}

/// A word and the marks before and after it.
fn framed(word: &str) -> (&str, &str, &str) {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let from = word.find(inside).unwrap_or(0);
    let to = word.rfind(inside).map_or(0, |last| last + 1);
    match (word.get(..from), word.get(from..to), word.get(to..)) {
        (Some(before), Some(core), Some(after)) => (before, core, after),
        _ => ("", word, ""),
    }
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
        assert_eq!(
            time(at).0,
            r#"<time datetime="2026-11-22T09:05:07.5Z">2026-11-22 09:05 UTC</time>"#
        );
        assert!(exact_time(at).0.ends_with(">2026-11-22 09:05:07 UTC</time>"));
    }

    #[test]
    fn ids_in_a_sentence_lead_to_their_pages_and_days_stay_whole() {
        let text = linked("It came back on 2026-12-03. Why?").0;
        assert_eq!(
            text,
            "It came back on <time datetime=\"2026-12-03\">2026-12-03</time>. Why?"
        );
        let id = PaymentId::from_i64(801);
        let text = linked(&format!("Ask about `{id}`, not <b> or pay_me.")).0;
        assert_eq!(
            text,
            format!("Ask about `<a href=\"/payments/{id}\">{id}</a>`, not &lt;b&gt; or pay_me.")
        );
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1, "payment"), "1 payment");
        assert_eq!(counted(0, "payment"), "0 payments");
        assert_eq!(counted(1_205, "payment"), "1,205 payments");
    }
}
