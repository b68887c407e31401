//! Checks of single values that every bank makes, for all formats: what comes out is a type that is valid by construction, or nothing
//! and a finding.
//!
//! A value whose form was found wrong before is passed over in silence. No message repeats a name, an address or an account number.

use crate::charset;
use crate::field::{Field, Place};
use crate::finding::{Finding, FindingCode, Findings, quoted};
use crate::sepa;
use std::ops::Range;
use vocab::account::{AccountNumber, Bic, Iban};
use vocab::limits;
use vocab::money::{Amount, Currency, MoneyError};
use vocab::party::{AddressForm, PostalAddress};
use vocab::reference::{CreditorReference, Reference, ReferenceError, Uetr};
use vocab::time::Date;
use vocab::transfer::ChargeBearer;

/// Looks at the values of one payment, or of what several payments share, and reports what is wrong with them.
#[derive(Debug)]
pub(crate) struct Inspector<'f> {
    findings: &'f mut Findings,
    /// Whom the findings concern.
    payments: Option<Range<usize>>,
}

/// The parts of an address as they stand in a file.
#[derive(Debug, Default)]
pub(crate) struct AddressFields<'d> {
    pub(crate) street: Option<Field<'d>>,
    pub(crate) building: Option<Field<'d>>,
    pub(crate) post_code: Option<Field<'d>>,
    pub(crate) town: Option<Field<'d>>,
    pub(crate) subdivision: Option<Field<'d>>,
    pub(crate) country: Option<Field<'d>>,
    pub(crate) lines: Vec<Field<'d>>,
}

impl<'f> Inspector<'f> {
    pub(crate) fn new(findings: &'f mut Findings, payments: Option<Range<usize>>) -> Self {
        Self { findings, payments }
    }

    pub(crate) fn report(&mut self, place: Place<'_>, code: FindingCode, message: impl Into<String>) {
        let payments = self.payments.clone();
        self.findings.add(|| Finding {
            path: place.path(),
            line: place.line(),
            code,
            message: message.into(),
            payments,
        });
    }

    /// Reports a value that is needed and not there, `what` with its article.
    pub(crate) fn missing<T>(&mut self, place: Place<'_>, what: &str) -> Option<T> {
        self.report(place, FindingCode::ValueMissing, format!("{what} is missing; add it"));
        None
    }

    /// A name or free text of up to `max` characters, in the bank set.
    pub(crate) fn text(&mut self, field: Field<'_>, max: usize) -> Option<String> {
        if !field.sound {
            return None;
        }
        if field.text.trim().is_empty() {
            return self.missing(field.place, "the text");
        }
        if field.text.chars().count() > max {
            self.report(
                field.place,
                FindingCode::ValueLength,
                format!("the text has more than {max} characters; shorten it"),
            );
            return None;
        }
        self.in_bank_set(field).then(|| field.text.to_owned())
    }

    fn in_bank_set(&mut self, field: Field<'_>) -> bool {
        let Some(character) = charset::first_outside(field.text) else {
            return true;
        };
        let shown = if character.is_control() {
            format!("U+{:04X}", u32::from(character))
        } else {
            quoted(&character.to_string())
        };
        let advice = match charset::replacement(character) {
            Some(" ") => "write a space".to_owned(),
            Some(text) => format!("write {}", quoted(text)),
            None => "write it in Latin letters, digits, space and / - ? : ( ) . , ' +".to_owned(),
        };
        self.report(
            field.place,
            FindingCode::CharacterSet,
            format!("banks do not pass on the character {shown}; {advice}"),
        );
        false
    }

    /// A reference of up to 35 characters.
    pub(crate) fn reference(&mut self, field: Field<'_>) -> Option<Reference> {
        if !field.sound {
            return None;
        }
        match field.text.parse() {
            Ok(reference) => Some(reference),
            Err(ReferenceError::Character) => {
                self.in_bank_set(field);
                None
            }
            Err(ReferenceError::Length) => {
                self.report(
                    field.place,
                    FindingCode::ValueLength,
                    "a reference has 1 to 35 characters; shorten or add it",
                );
                None
            }
            Err(error) => {
                self.report(
                    field.place,
                    FindingCode::ReferenceInvalid,
                    format!("{error}; change it"),
                );
                None
            }
        }
    }

    pub(crate) fn uetr(&mut self, field: Field<'_>) -> Option<Uetr> {
        self.parsed(field, FindingCode::UetrInvalid)
    }

    pub(crate) fn creditor_reference(&mut self, field: Field<'_>) -> Option<CreditorReference> {
        self.parsed(field, FindingCode::CreditorReferenceInvalid)
    }

    pub(crate) fn bic(&mut self, field: Field<'_>) -> Option<Bic> {
        self.parsed(field, FindingCode::BicInvalid)
    }

    fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        field: Field<'_>,
        code: FindingCode,
    ) -> Option<T> {
        if !field.sound {
            return None;
        }
        match field.text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.report(field.place, code, error.to_string());
                None
            }
        }
    }

    pub(crate) fn iban(&mut self, field: Field<'_>) -> Option<AccountNumber> {
        self.parsed::<Iban>(field, FindingCode::IbanInvalid)
            .map(AccountNumber::Iban)
    }

    /// An account number of whatever kind. What looks like an IBAN must be one: a mistyped IBAN must not pass as a number of
    /// another kind.
    pub(crate) fn account(&mut self, field: Field<'_>) -> Option<AccountNumber> {
        if !field.sound {
            return None;
        }
        if looks_like_iban(field.text) {
            return self.iban(field);
        }
        match AccountNumber::other(field.text) {
            Ok(number) => Some(number),
            Err(error) => {
                self.report(field.place, FindingCode::AccountInvalid, error.to_string());
                None
            }
        }
    }

    /// Outside SEPA the number of an account does not tell its bank.
    pub(crate) fn check_agent(&mut self, place: Place<'_>, account: &AccountNumber, agent: Option<&Bic>) {
        if agent.is_none() && !sepa::reaches(account) {
            let message = "the creditor's bank is needed, since the account is not in a SEPA country; add its BIC";
            self.report(place, FindingCode::AgentMissing, message);
        }
    }

    pub(crate) fn currency(&mut self, field: Field<'_>) -> Option<Currency> {
        if !field.sound {
            return None;
        }
        let currency = Currency::from_code(field.text);
        if currency.is_none() {
            let message = format!(
                "{} is no currency that one can pay in; write its ISO 4217 code, such as EUR",
                quoted(field.text)
            );
            self.report(field.place, FindingCode::CurrencyUnknown, message);
        }
        currency
    }

    pub(crate) fn amount(&mut self, field: Field<'_>, currency: Currency) -> Option<Amount> {
        if !field.sound {
            return None;
        }
        let text = field.trimmed().text;
        match Amount::parse(text.strip_prefix('+').unwrap_or(text), currency) {
            Ok(amount) => Some(amount),
            Err(error @ MoneyError::TooPrecise { .. }) => {
                self.report(field.place, FindingCode::AmountPrecision, format!("{error}; round it"));
                None
            }
            Err(error) => {
                self.report(
                    field.place,
                    FindingCode::AmountInvalid,
                    format!("{error}: {}", quoted(text)),
                );
                None
            }
        }
    }

    /// The day of execution: from today to the day up to which banks keep orders.
    pub(crate) fn execution_date(&mut self, place: Place<'_>, date: Date, today: Date) -> Option<Date> {
        let days = today.until(date).map_or(i64::MAX, |span| i64::from(span.get_days()));
        if date < today {
            let message = format!("the execution date `{date}` is past, today is {today}; choose today or a later day");
            self.report(place, FindingCode::ExecutionDatePast, message);
            return None;
        }
        if days > limits::EXECUTION_DAYS_AHEAD_MAX {
            let max = limits::EXECUTION_DAYS_AHEAD_MAX;
            let message = format!(
                "the execution date `{date}` is more than {max} days ahead; banks do not keep it, send it later"
            );
            self.report(place, FindingCode::ExecutionDateTooFar, message);
            return None;
        }
        Some(date)
    }

    /// A code of one to four capital letters and digits: purpose, service level.
    pub(crate) fn code(&mut self, field: Field<'_>, what: &str) -> Option<String> {
        if !field.sound {
            return None;
        }
        let capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if (1..=4).contains(&field.text.len()) && field.text.bytes().all(capital) {
            return Some(field.text.to_owned());
        }
        let message = format!(
            "{} is no {what}; write its ISO 20022 code of up to four capital letters",
            quoted(field.text)
        );
        self.report(field.place, FindingCode::CodeInvalid, message);
        None
    }

    pub(crate) fn charge_bearer(&mut self, field: Field<'_>) -> Option<ChargeBearer> {
        if !field.sound {
            return None;
        }
        let bearer = ChargeBearer::from_code(field.text);
        if bearer.is_none() {
            let message = format!("{} is not one of SLEV, SHAR, DEBT, CRED", quoted(field.text));
            self.report(field.place, FindingCode::ChargeBearerInvalid, message);
        }
        bearer
    }

    /// An address in a form that banks accept; `place` is where it stands as a whole.
    pub(crate) fn address(&mut self, place: Place<'_>, fields: &AddressFields<'_>) -> Option<PostalAddress> {
        let lines: Vec<Option<String>> = fields.lines.iter().map(|line| self.text(*line, 70)).collect();
        let address = PostalAddress {
            street: self.part(fields.street, 70)?,
            building: self.part(fields.building, 16)?,
            post_code: self.part(fields.post_code, 16)?,
            town: self.part(fields.town, 35)?,
            subdivision: self.part(fields.subdivision, 35)?,
            country: self.country(fields.country)?,
            lines: lines.into_iter().collect::<Option<_>>()?,
        };
        match address.form() {
            AddressForm::Structured | AddressForm::Hybrid => Some(address),
            AddressForm::Unstructured => {
                let max = limits::HYBRID_ADDRESS_LINES;
                let message = format!(
                    "banks refuse addresses in free lines only; give town and country in their own elements and at most {max} lines"
                );
                self.report(place, FindingCode::AddressUnstructured, message);
                None
            }
            AddressForm::Incomplete => {
                self.report(
                    place,
                    FindingCode::AddressIncomplete,
                    "an address needs at least town and country; add them or leave it out",
                );
                None
            }
        }
    }

    /// `None` if the part is wrong, `Some(None)` if there is none.
    #[expect(clippy::option_option, reason = "outside: sound or not; inside: there or not")]
    fn part(&mut self, field: Option<Field<'_>>, max: usize) -> Option<Option<String>> {
        field.map_or(Some(None), |field| self.text(field, max).map(Some))
    }

    #[expect(clippy::option_option, reason = "outside: sound or not; inside: there or not")]
    fn country(&mut self, field: Option<Field<'_>>) -> Option<Option<String>> {
        let Some(field) = field else {
            return Some(None);
        };
        if !field.sound {
            return None;
        }
        if field.text.len() == 2 && field.text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Some(Some(field.text.to_owned()));
        }
        self.report(
            field.place,
            FindingCode::CodeInvalid,
            "a country is written as its ISO 3166 code of two capital letters, such as DE",
        );
        None
    }
}

/// Whether somebody meant an IBAN: two letters, two digits, and about as long as the shortest one (Norway, 15).
fn looks_like_iban(text: &str) -> bool {
    let compact: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
    compact.len() >= 14
        && compact.iter().enumerate().all(|(place, byte)| match place {
            0 | 1 => byte.is_ascii_alphabetic(),
            2 | 3 => byte.is_ascii_digit(),
            _ => byte.is_ascii_alphanumeric(),
        })
}
