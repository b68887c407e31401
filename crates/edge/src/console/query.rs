//! What the address of a page asks for: filters and the place in a list. Everything is read once, here; what cannot be read is said
//! next to its field, and an address built from what was read needs no escaping.

use super::failure::Failure;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use flow::view::{Filter, Page, StateName};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::str::FromStr;
use vocab::limits::PAGE_DEFAULT;
use vocab::money::{Currency, Money};
use vocab::time::Date;

/// The query of a page, or a page that says that it cannot be read.
pub(super) fn read<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Failure> {
    match query {
        Ok(Query(asked)) => Ok(asked),
        Err(rejected) => Err(Failure::Malformed(super::words::sentence(&rejected.body_text()))),
    }
}

/// An id from the path. What is no id of this kind names nothing.
pub(super) fn id<T: FromStr>(text: &str, what: &'static str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::Missing(what))
}

/// The page of a list that begins after a row. One row more than is shown is asked for: it tells whether there are more.
pub(super) fn page<T: FromStr>(before: &str, number: fn(T) -> i64) -> Result<Page, Failure>
where
    T::Err: Display,
{
    let limit = PAGE_DEFAULT.saturating_add(1);
    if before.is_empty() {
        return Ok(Page { before: None, limit });
    }
    match before.parse() {
        Ok(id) => Ok(Page {
            before: Some(number(id)),
            limit,
        }),
        Err(error) => Err(Failure::Malformed(format!(
            "`before` names the row that the page begins after: {error}."
        ))),
    }
}

/// Takes the extra row off; tells whether there was one.
pub(super) fn cut<T>(rows: &mut Vec<T>) -> bool {
    let more = rows.len() > PAGE_DEFAULT;
    rows.truncate(PAGE_DEFAULT);
    more
}

/// Filters of the list of payments, as they stand in its form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// A state.
    pub(super) state: String,
    /// One of our accounts.
    pub(super) account: String,
    /// A currency.
    pub(super) currency: String,
    /// Smallest amount.
    pub(super) min: String,
    /// Largest amount.
    pub(super) max: String,
    /// First execution date.
    pub(super) from: String,
    /// Last execution date.
    pub(super) to: String,
    /// A file.
    pub(super) batch: String,
    /// The payment that the page begins after.
    pub(super) before: String,
}

/// What was read of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// For the list.
    pub(super) filter: Filter,
    /// What is wrong, by field.
    pub(super) wrong: BTreeMap<&'static str, String>,
    /// The readable filters as a query, without the place in the list.
    pub(super) query: String,
}

impl Asked {
    /// Reads all fields; what is empty does not restrict.
    pub(super) fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        let state = wanted.read("state", &self.state, |text| {
            text.parse::<StateName>().map_err(|error| error.to_string())
        });
        wanted.filter.state = state.map(StateName::code);
        wanted.filter.account = wanted.read("account", &self.account, parsed);
        wanted.filter.batch = wanted.read("batch", &self.batch, parsed);
        let currency = wanted.read("currency", &self.currency, |code| {
            Currency::from_code(code).ok_or_else(|| "not a currency; write its three letters, such as EUR".to_owned())
        });
        wanted.filter.currency = currency.map(|currency| currency.code().to_owned());
        let sum = |text: &str| match currency {
            Some(currency) => Money::parse(text, currency)
                .map(|sum| Sum(sum.minor(), sum.decimal()))
                .map_err(|error| error.to_string()),
            None => Err("choose a currency as well; amounts of different currencies do not compare".to_owned()),
        };
        wanted.filter.from_minor = wanted.read("min", &self.min, sum).map(|sum| sum.0);
        wanted.filter.to_minor = wanted.read("max", &self.max, sum).map(|sum| sum.0);
        let day = |text: &str| {
            text.parse::<Date>()
                .map_err(|_| "not a day; write it as 2026-11-30".to_owned())
        };
        wanted.filter.from_date = wanted.read("from", &self.from, day);
        wanted.filter.to_date = wanted.read("to", &self.to, day);
        wanted
    }
}

/// An amount that is written into an address as it is read.
struct Sum(i64, String);

impl Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.1)
    }
}

impl Wanted {
    fn read<T: Display>(
        &mut self,
        name: &'static str,
        text: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        match read(text) {
            Ok(value) => {
                let mark = if self.query.is_empty() { "?" } else { "&" };
                // Writing into a text cannot fail.
                let _ = write!(self.query, "{mark}{name}={value}");
                Some(value)
            }
            Err(sentence) => {
                self.wrong.insert(name, super::words::sentence(&sentence));
                None
            }
        }
    }

    /// The address of `path` with these filters, from `before` on.
    pub(super) fn address(&self, path: &str, before: Option<&dyn Display>) -> String {
        with_before(path, &self.query, before)
    }

    /// Whether anything restricts the list.
    pub(super) fn restricts(&self) -> bool {
        !self.query.is_empty()
    }
}

/// An address with a query (which may be empty), from `before` on.
pub(super) fn with_before(path: &str, query: &str, before: Option<&dyn Display>) -> String {
    match before {
        Some(before) if query.is_empty() => format!("{path}?before={before}"),
        Some(before) => format!("{path}{query}&before={before}"),
        None => format!("{path}{query}"),
    }
}

fn parsed<T: FromStr>(text: &str) -> Result<T, String>
where
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_and_written_back_into_the_address() {
        let asked = Asked {
            state: "waiting_for_approval".to_owned(),
            currency: "EUR".to_owned(),
            min: "10".to_owned(),
            from: "2026-11-30".to_owned(),
            ..Asked::default()
        };
        let wanted = asked.wanted();
        assert_eq!(wanted.wrong, BTreeMap::new());
        assert_eq!(wanted.filter.from_minor, Some(1_000));
        let address = wanted.address("/payments", Some(&"pay_1"));
        assert_eq!(
            address,
            "/payments?state=waiting_for_approval&currency=EUR&min=10.00&from=2026-11-30&before=pay_1"
        );
    }

    #[test]
    fn what_cannot_be_read_is_said_next_to_its_field() {
        let asked = Asked {
            state: "gone".to_owned(),
            account: "pay_0000000000001".to_owned(),
            min: "10".to_owned(),
            to: "tomorrow\"><script>".to_owned(),
            ..Asked::default()
        };
        let wanted = asked.wanted();
        assert_eq!(
            wanted.wrong.keys().copied().collect::<Vec<_>>(),
            ["account", "min", "state", "to"]
        );
        assert_eq!(
            wanted.address("/payments", None),
            "/payments",
            "nothing unread gets into an address"
        );
        assert!(wanted.wrong["min"].starts_with("Choose a currency"));
    }
}
