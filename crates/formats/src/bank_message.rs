//! What the readers of messages from and to banks share: opening a message by its namespace, and fields with findings.
//!
//! Unknown elements are passed over, because banks add some; but nothing that is read is guessed. An element that may stand once
//! and stands twice, an unknown code or a missing part refuses the message as a whole, with every finding at once.

pub(crate) mod date;

use crate::finding::{Finding, FindingCode, Findings, quoted};
use crate::xml::{self, Element};
use date::Moment;
use std::str::FromStr;
use vocab::account::{AccountNumber, Iban};
use vocab::money::{Currency, Money, MoneyError};
use vocab::time::Date;

/// Characters of the ids and references of ISO 20022.
pub(crate) const ID_MAX: usize = 35;

/// One version of a message that is read.
#[derive(Debug)]
pub(crate) struct Known<V> {
    /// Its namespace.
    pub(crate) namespace: String,
    /// What the reader calls it.
    pub(crate) version: V,
}

/// A message being read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    findings: Findings,
}

/// Reads the message below `Document/root`. `body` returns `None` only after it has reported why.
pub(crate) fn read<T, V: Copy>(
    bytes: &[u8],
    known: &[Known<V>],
    root: &str,
    body: impl FnOnce(&mut Reading, V, Element<'_>) -> Option<T>,
) -> Result<T, Vec<Finding>> {
    let document = xml::read(bytes).map_err(|finding| vec![finding])?;
    let mut reading = Reading::default();
    let outermost = document.root();
    let version = known
        .iter()
        .find(|known| known.namespace == document.namespace())
        .map(|known| known.version);
    let value = match version {
        Some(version) if outermost.name() == "Document" => reading
            .needed(outermost, root)
            .and_then(|message| body(&mut reading, version, message)),
        Some(_) | None => {
            let names: Vec<&str> = known.iter().map(|known| tail(&known.namespace)).collect();
            let found = quoted(tail(document.namespace()));
            let message = format!(
                "the message {found} is not read here; {} is expected",
                names.join(" or ")
            );
            reading.wrong(outermost, FindingCode::MessageUnsupported, message);
            None
        }
    };
    let findings = reading.findings.finish();
    match value {
        Some(value) if findings.is_empty() => Ok(value),
        Some(_) | None => Err(findings),
    }
}

/// The message name at the end of a namespace.
fn tail(namespace: &str) -> &str {
    namespace.rsplit(':').next().unwrap_or_default()
}

impl Reading {
    /// Reports what is wrong with an element.
    pub(crate) fn wrong(&mut self, element: Element<'_>, code: FindingCode, message: impl Into<String>) {
        self.findings
            .add(|| Finding::about_file(code, element.path(), element.line(), message));
    }

    /// Whether so much is wrong that reading on is useless.
    pub(crate) fn hopeless(&self) -> bool {
        self.findings.full()
    }

    /// The only child of this name.
    pub(crate) fn only<'d>(&mut self, parent: Element<'d>, name: &str) -> Option<Element<'d>> {
        let mut all = parent.children_named(name);
        let first = all.next()?;
        if let Some(second) = all.next() {
            let message = format!("{} stands here twice; it may stand once", quoted(name));
            self.wrong(second, FindingCode::RepeatedElement, message);
        }
        Some(first)
    }

    /// The only child of this name, which must be there.
    pub(crate) fn needed<'d>(&mut self, parent: Element<'d>, name: &str) -> Option<Element<'d>> {
        self.at_least_one(parent, name)?;
        self.only(parent, name)
    }

    /// The first of one or more children of this name.
    pub(crate) fn at_least_one<'d>(&mut self, parent: Element<'d>, name: &str) -> Option<Element<'d>> {
        let child = parent.child(name);
        if child.is_none() {
            let message = format!("{} is missing in {}", quoted(name), quoted(parent.name()));
            self.wrong(parent, FindingCode::MissingElement, message);
        }
        child
    }

    /// The element at the end of the path, each step the only child of its name.
    pub(crate) fn at<'d>(&mut self, parent: Element<'d>, path: &[&str]) -> Option<Element<'d>> {
        path.iter().try_fold(parent, |element, name| self.only(element, name))
    }

    /// The text of the only child of this name, without the white space around it. Empty is as good as absent: banks send
    /// `<EndToEndId/>`.
    pub(crate) fn text<'d>(&mut self, parent: Element<'d>, name: &str) -> Option<&'d str> {
        let text = self.only(parent, name)?.text().trim();
        (!text.is_empty()).then_some(text)
    }

    /// An id or a reference of at most 35 characters. Empty is as good as absent.
    pub(crate) fn id(&mut self, parent: Element<'_>, name: &str) -> Option<String> {
        let child = self.only(parent, name)?;
        self.short(child).filter(|text| !text.is_empty())
    }

    /// An id or a reference that must be there.
    pub(crate) fn needed_id(&mut self, parent: Element<'_>, name: &str) -> Option<String> {
        let child = self.needed(parent, name)?;
        if child.text().trim().is_empty() {
            self.wrong(
                child,
                FindingCode::ValueLength,
                "it is empty; an id of 1 to 35 characters is expected",
            );
            return None;
        }
        self.short(child)
    }

    fn short(&mut self, element: Element<'_>) -> Option<String> {
        let text = element.text().trim();
        if text.chars().count() > ID_MAX {
            self.wrong(
                element,
                FindingCode::ValueLength,
                format!("it has more than {ID_MAX} characters"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// A value of ours that must be there and be valid. The text itself is not repeated: it may be personal data.
    pub(crate) fn parsed<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        parent: Element<'_>,
        name: &str,
        code: FindingCode,
    ) -> Option<T> {
        let child = self.needed(parent, name)?;
        match child.text().trim().parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(child, code, error.to_string());
                None
            }
        }
    }

    /// A reason: `Cd` or `Prtry`.
    pub(crate) fn code_or_proprietary(&mut self, reason: Element<'_>) -> Option<String> {
        let code = self.text(reason, "Cd");
        code.or_else(|| self.text(reason, "Prtry")).map(str::to_owned)
    }

    /// All texts of this name in one line: paragraphs and the lines of each are joined by spaces.
    pub(crate) fn prose(&self, parent: Element<'_>, name: &str) -> Option<String> {
        let paragraphs = parent
            .children_named(name)
            .flat_map(|paragraph| paragraph.text().lines());
        let lines: Vec<&str> = paragraphs.map(str::trim).filter(|line| !line.is_empty()).collect();
        (!lines.is_empty()).then(|| lines.join(" "))
    }

    /// An amount with its currency, without sign.
    pub(crate) fn unsigned_money(&mut self, element: Element<'_>) -> Option<Money> {
        let Some(code) = element.attribute("Ccy") else {
            self.wrong(
                element,
                FindingCode::MissingAttribute,
                "the amount has no currency (`Ccy`)",
            );
            return None;
        };
        let Some(currency) = Currency::from_code(code) else {
            let message = format!("{} is no currency that one can pay in", quoted(code));
            self.wrong(element, FindingCode::CurrencyUnknown, message);
            return None;
        };
        let text = element.text().trim();
        let digits = text.strip_prefix('+').unwrap_or(text);
        let parsed = if digits.starts_with(['-', '+']) {
            Err("a negative amount; the direction stands in `CdtDbtInd`".to_owned())
        } else {
            Money::parse(digits, currency).map_err(|error| error.to_string())
        };
        match parsed {
            Ok(money) => Some(money),
            Err(message) => {
                let too_precise = Money::parse(digits, currency).is_err_and(|error| is_too_precise(&error));
                let code = if too_precise {
                    FindingCode::AmountPrecision
                } else {
                    FindingCode::AmountInvalid
                };
                self.wrong(element, code, format!("{}: {message}", quoted(text)));
                None
            }
        }
    }

    /// `CdtDbtInd`: whether money leaves the account.
    pub(crate) fn is_debit(&mut self, indicator: Element<'_>) -> Option<bool> {
        match indicator.text().trim() {
            "CRDT" => Some(false),
            "DBIT" => Some(true),
            other => {
                let message = format!("{} is neither `CRDT` nor `DBIT`", quoted(other));
                self.wrong(indicator, FindingCode::ValueCode, message);
                None
            }
        }
    }

    /// An amount beside its `CdtDbtInd`, both needed: credits positive, debits negative.
    pub(crate) fn signed_money(&mut self, parent: Element<'_>, name: &str) -> Option<Money> {
        let amount = self
            .needed(parent, name)
            .and_then(|element| self.unsigned_money(element));
        let debit = self
            .needed(parent, "CdtDbtInd")
            .and_then(|element| self.is_debit(element));
        signed(amount?, debit?)
    }

    /// `true` and `false` as XML Schema writes them.
    pub(crate) fn flag(&mut self, element: Element<'_>) -> Option<bool> {
        match element.text().trim() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            other => {
                let message = format!("{} is neither `true` nor `false`", quoted(other));
                self.wrong(element, FindingCode::ValueForm, message);
                None
            }
        }
    }

    /// A count: digits only, as many as 64 bits hold.
    pub(crate) fn count(&mut self, element: Element<'_>) -> Option<u64> {
        let text = element.text().trim();
        let count = if text.bytes().all(|byte| byte.is_ascii_digit()) {
            text.parse().ok()
        } else {
            None
        };
        if count.is_none() {
            self.wrong(
                element,
                FindingCode::ValueForm,
                format!("{} is not a number", quoted(text)),
            );
        }
        count
    }

    /// A civil date: `Dt`, or the date of `DtTm`, in an element of the choice.
    pub(crate) fn date_choice(&mut self, choice: Element<'_>) -> Option<Date> {
        if let Some(date) = self.only(choice, "Dt") {
            return self.date(date);
        }
        let date_time = self.needed(choice, "DtTm")?;
        self.moment(date_time).map(|moment| moment.date)
    }

    /// A civil date.
    pub(crate) fn date(&mut self, element: Element<'_>) -> Option<Date> {
        let date = date::read_date(element.text().trim());
        if date.is_none() {
            let message = format!("{} is not a date; `2026-11-22` is expected", quoted(element.text()));
            self.wrong(element, FindingCode::DateInvalid, message);
        }
        date
    }

    /// A date with a time.
    pub(crate) fn moment(&mut self, element: Element<'_>) -> Option<Moment> {
        let moment = date::read_date_time(element.text().trim());
        if moment.is_none() {
            let found = quoted(element.text());
            let message = format!("{found} is not a date with a time; `2026-11-22T10:00:00` is expected");
            self.wrong(element, FindingCode::DateInvalid, message);
        }
        moment
    }

    /// An account: `Id/IBAN` or `Id/Othr/Id`.
    pub(crate) fn account(&mut self, account: Element<'_>) -> Option<AccountNumber> {
        let id = self.needed(account, "Id")?;
        if id.child("IBAN").is_some() {
            return self
                .parsed::<Iban>(id, "IBAN", FindingCode::IbanInvalid)
                .map(AccountNumber::Iban);
        }
        let other = self.needed(id, "Othr")?;
        let number = self.needed(other, "Id")?;
        match AccountNumber::other(number.text().trim()) {
            Ok(account) => Some(account),
            Err(error) => {
                self.wrong(number, FindingCode::AccountInvalid, error.to_string());
                None
            }
        }
    }
}

/// Credits positive, debits negative. An amount that was read without sign can always be negated.
pub(crate) fn signed(amount: Money, debit: bool) -> Option<Money> {
    if debit { amount.checked_neg().ok() } else { Some(amount) }
}

fn is_too_precise(error: &MoneyError) -> bool {
    matches!(error, MoneyError::TooPrecise { .. })
}
