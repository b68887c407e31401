//! The two sides of a payment on the wire: who, which account, which bank.

use crate::api::findings::Findings;
use flow::single::{Number, Side};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vocab::account::{AccountNumber, Bic};
use vocab::party::PostalAddress;

/// A debtor or a creditor with its account. The account is named by `iban` or, outside the IBAN countries, by `account`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Party {
    /// 1 to 140 characters that banks pass on: letters A to Z, digits, space and / - ? : ( ) . , ' +
    #[schema(value_type = String, required = true, example = "Nordlicht Druck GmbH")]
    name: Option<String>,
    /// IBAN (ISO 13616), with or without spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "DE89370400440532013000")]
    iban: Option<String>,
    /// Another account number, 1 to 34 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// BIC of the bank (ISO 9362).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "COBADEFFXXX")]
    bic: Option<String>,
    /// Where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
}

/// A postal address: structured, or hybrid (town and country, and up to two free lines). Banks refuse free lines alone.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Address {
    /// Street, up to 70 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    street: Option<String>,
    /// Building number, up to 16 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    building: Option<String>,
    /// Post code, up to 16 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    post_code: Option<String>,
    /// Town, up to 35 characters.
    #[schema(value_type = String, required = true)]
    town: Option<String>,
    /// State or province, up to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    subdivision: Option<String>,
    /// Country (ISO 3166), two letters.
    #[schema(value_type = String, required = true, example = "DE")]
    country: Option<String>,
    /// Up to two free lines of up to 70 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<String>>,
}

impl Party {
    pub(crate) fn of(party: &vocab::party::Party, account: &AccountNumber, agent: Option<&Bic>) -> Self {
        let (iban, other) = match account {
            AccountNumber::Iban(iban) => (Some(iban.as_str().to_owned()), None),
            AccountNumber::Other(_) => (None, Some(account.as_str().to_owned())),
        };
        let bic = agent.map(|bic| bic.as_str().to_owned());
        Self {
            name: Some(party.name.clone()),
            iban,
            account: other,
            bic,
            address: party.address.as_ref().map(Address::of),
        }
    }

    /// What is named on this side of the payment. An account has to be named, in one way.
    pub(crate) fn named(&self, pointer: &str, found: &mut Findings) -> Side<'_> {
        let place = |field: &str| format!("{pointer}/{field}");
        let number = match (self.iban.as_deref(), self.account.as_deref()) {
            (Some(iban), None) => Some(Number::Iban(iban)),
            (None, Some(other)) => Some(Number::Other(other)),
            (Some(_), Some(_)) => {
                let detail = "name the account by `iban` or by `account`, not by both";
                found.malformed(&place("account"), "stated_twice", detail);
                None
            }
            (None, None) => found.required(&place("iban"), None),
        };
        Side {
            name: found.required(&place("name"), self.name.as_deref()),
            number,
            bic: self.bic.as_deref(),
            address: self.address.as_ref().map(Address::named),
        }
    }
}

impl Address {
    fn of(address: &PostalAddress) -> Self {
        let lines = (!address.lines.is_empty()).then(|| address.lines.clone());
        Self {
            street: address.street.clone(),
            building: address.building.clone(),
            post_code: address.post_code.clone(),
            town: address.town.clone(),
            subdivision: address.subdivision.clone(),
            country: address.country.clone(),
            lines,
        }
    }

    fn named(&self) -> flow::single::Address<'_> {
        flow::single::Address {
            street: self.street.as_deref(),
            building: self.building.as_deref(),
            post_code: self.post_code.as_deref(),
            town: self.town.as_deref(),
            subdivision: self.subdivision.as_deref(),
            country: self.country.as_deref(),
            lines: self.lines.iter().flatten().map(String::as_str).collect(),
        }
    }
}
