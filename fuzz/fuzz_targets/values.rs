//! Single values in text form, as files, bodies and addresses carry them: nothing panics, and what is read is written in a form that
//! reads back the same.

#![no_main]

use std::fmt::Debug;
use std::str::FromStr;

use libfuzzer_sys::fuzz_target;
use vocab::account::{AccountNumber, Bic, Iban};
use vocab::id::{LineId, PaymentId};
use vocab::money::{Amount, Currency, Money};
use vocab::reference::{CreditorReference, Reference, Uetr};
use vocab::time::{Date, Timestamp};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    same::<Iban>(text, |iban| iban.as_str().to_owned());
    same::<Iban>(text, Iban::grouped);
    same::<Bic>(text, |bic| bic.as_str().to_owned());
    same::<Reference>(text, |reference| reference.as_str().to_owned());
    same::<CreditorReference>(text, |reference| reference.as_str().to_owned());
    same::<Uetr>(text, |uetr| uetr.as_str().to_owned());
    same::<Date>(text, Date::to_string);
    exactly::<PaymentId>(text, PaymentId::to_string);
    exactly::<LineId>(text, LineId::to_string);
    if let Ok(number) = AccountNumber::guess(text) {
        assert_eq!(AccountNumber::guess(number.as_str()).as_ref(), Ok(&number));
        assert!(!number.masked().contains(number.as_str()));
    }
    if let Some(at) = Timestamp::parse(text) {
        assert_eq!(Timestamp::parse(&at.to_string()), Some(at));
    }
    sums(text);
});

/// One currency without minor units, one with two digits, one with three.
fn sums(text: &str) {
    for currency in ["JPY", "EUR", "KWD"].into_iter().filter_map(Currency::from_code) {
        let Ok(sum) = Money::parse(text, currency) else {
            continue;
        };
        assert_eq!(Money::parse(&sum.decimal(), currency), Ok(sum));
        assert_eq!(Amount::parse(text, currency).is_ok(), Amount::new(sum).is_ok());
    }
    let code = Currency::from_code(text);
    assert!(code.is_none_or(|currency| currency.code() == text));
}

fn same<T: FromStr + Debug + PartialEq>(text: &str, write: impl Fn(&T) -> String) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(write(&value).parse().ok(), Some(value));
    }
}

/// Of these there is one spelling.
fn exactly<T: FromStr>(text: &str, write: impl Fn(&T) -> String) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(write(&value), text);
    }
}
