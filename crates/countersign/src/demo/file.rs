//! The payment file of the demo: a sample, or the one a treasurer brings.

use formats::batch::{Batch, FileFormat, read_payment_file};
use std::collections::BTreeMap;
use std::path::Path;
use vocab::account::AccountNumber;
use vocab::money::{Currency, Money};
use vocab::time::{Date, Timestamp};

type Failure = Box<dyn std::error::Error>;

static SAMPLE: &[u8] = include_bytes!("../../../../examples/payments.xml");
/// Money on each account beyond what the file needs, in major units.
const RESERVE_MAJOR: i64 = 1_000_000;

/// A file with what the demo has to know before it is submitted.
pub(crate) struct PaymentFile {
    name: String,
    bytes: Vec<u8>,
    batch: Batch,
    days: (Date, Date),
}

/// An account that the file is paid from.
#[derive(Clone, Debug)]
pub(crate) struct PaidFrom {
    pub(crate) number: AccountNumber,
    pub(crate) holder: String,
    pub(crate) money: Money,
}

impl PaymentFile {
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let (name, bytes) = match path {
            Some(path) => {
                let bytes = std::fs::read(path)
                    .map_err(|error| format!("the payment file `{}` cannot be read: {error}", path.display()))?;
                (path.display().to_string(), bytes)
            }
            None => ("examples/payments.xml".to_owned(), SAMPLE.to_vec()),
        };
        let mut dates = dates(&String::from_utf8_lossy(&bytes));
        dates.sort_unstable();
        // A file without a readable date is refused later, with its findings; the day does not matter then.
        let none = Date::constant(2026, 1, 1);
        let days = (
            dates.first().copied().unwrap_or(none),
            dates.last().copied().unwrap_or(none),
        );
        let batch = read_payment_file(&bytes, days.0);
        Ok(Self {
            name,
            bytes,
            batch,
            days,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn payments(&self) -> usize {
        self.batch.payments.len()
    }

    pub(crate) fn content_type(&self) -> &'static str {
        match self.batch.format {
            Some(FileFormat::Csv) => "text/csv",
            Some(FileFormat::Pain00103 | FileFormat::Pain00109) | None => "application/xml",
        }
    }

    /// Whose file it is.
    pub(crate) fn organization(&self) -> &str {
        let debtor = || {
            self.batch
                .debtor_accounts
                .iter()
                .find_map(|account| account.name.as_deref())
        };
        self.batch
            .header
            .initiating_party
            .as_deref()
            .or_else(debtor)
            .unwrap_or("Demo organization")
    }

    /// The time at which the first payments may be submitted: in the morning of the earliest execution date.
    pub(crate) fn opening_hours(&self) -> Timestamp {
        Timestamp::at_start_of(self.days.0).plus_seconds(8 * 3_600)
    }

    /// The latest requested execution date.
    pub(crate) fn last_day(&self) -> Date {
        self.days.1
    }

    /// The debtor accounts, one for each currency that is paid from them, with enough money.
    pub(crate) fn accounts(&self) -> Result<Vec<PaidFrom>, Failure> {
        let mut sums: BTreeMap<(AccountNumber, Currency), Money> = BTreeMap::new();
        for transfer in self
            .batch
            .payments
            .iter()
            .filter_map(|payment| payment.transfer.as_ref())
        {
            let currency = transfer.amount.currency();
            let sum = sums
                .entry((transfer.debtor_account.clone(), currency))
                .or_insert(Money::zero(currency));
            *sum = sum.checked_add(transfer.amount.money())?;
        }
        let mut accounts = Vec::new();
        for account in &self.batch.debtor_accounts {
            let holder = account.name.clone().unwrap_or_else(|| self.organization().to_owned());
            let mut currencies = account.payment_currencies.clone();
            currencies.extend(account.currency);
            currencies.sort_unstable();
            currencies.dedup();
            for currency in currencies {
                let needed = sums
                    .get(&(account.account.clone(), currency))
                    .copied()
                    .unwrap_or(Money::zero(currency));
                let reserve = Money::parse(&RESERVE_MAJOR.to_string(), currency)?;
                let money = needed.checked_add(reserve)?;
                accounts.push(PaidFrom {
                    number: account.account.clone(),
                    holder: holder.clone(),
                    money,
                });
            }
        }
        Ok(accounts)
    }
}

/// The execution dates of a file as far as a glance shows them: the demo has to set its clock before the file is read properly.
fn dates(text: &str) -> Vec<Date> {
    let of_xml = text
        .match_indices("<ReqdExctnDt")
        .filter_map(|(at, _)| date_within(text.get(at..)?.get(..80)?));
    let found: Vec<Date> = of_xml.collect();
    if !found.is_empty() || text.trim_start().starts_with('<') {
        return found;
    }
    text.split([',', ';', '\t', '\n', '\r'])
        .filter_map(|cell| cell.trim().trim_matches('"').parse().ok())
        .collect()
}

/// The first date in a short piece of text.
fn date_within(text: &str) -> Option<Date> {
    (0..text.len()).find_map(|at| text.get(at..)?.get(..10)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn execution_dates_are_found_in_both_xml_versions_and_in_csv() {
        let text = "<ReqdExctnDt>2026-12-01</ReqdExctnDt>..<ReqdExctnDt><Dt>2026-12-03</Dt></ReqdExctnDt> <CreDtTm>2020-01-01T..";
        let padded = format!("{text}{}", " ".repeat(100));
        assert_eq!(dates(&padded), [date(2026, 12, 1), date(2026, 12, 3)]);
        assert_eq!(
            dates("end_to_end_id;execution_date\nA;2026-12-02\n"),
            [date(2026, 12, 2)]
        );
        assert_eq!(dates("<nothing/>"), []);
    }

    #[test]
    fn the_sample_is_readable_and_has_a_fault() {
        let file = PaymentFile::read(None).unwrap();
        assert!(file.payments() >= 10);
        assert!(!file.batch.complete() && !file.batch.fatal);
        assert!(file.accounts().unwrap().len() >= 2);
    }
}
