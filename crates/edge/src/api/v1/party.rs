//! The two sides of a payment on the wire: who, which account, which bank.

use crate::api::findings::Findings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vocab::account::{AccountNumber, Bic};
use vocab::limits::HYBRID_ADDRESS_LINES;
use vocab::party::{AddressForm, PostalAddress};
use vocab::reference::is_bank_character;

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

/// A side of a payment, parsed.
pub(crate) struct Side {
    pub(crate) party: vocab::party::Party,
    pub(crate) account: AccountNumber,
    pub(crate) agent: Option<Bic>,
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

    pub(crate) fn parse(&self, pointer: &str, found: &mut Findings) -> Option<Side> {
        let place = |field: &str| format!("{pointer}/{field}");
        let name = found.required(&place("name"), self.name.as_deref());
        let name = found.parsed(&place("name"), "character_set", name, |text| bank_text(text, 140));
        let account = self.number(pointer, found);
        let agent = match self.bic.as_deref() {
            None => Some(None),
            bic => found.parsed(&place("bic"), "bic_invalid", bic, str::parse).map(Some),
        };
        let address = match &self.address {
            None => Some(None),
            Some(address) => address.parse(&place("address"), found).map(Some),
        };
        let party = vocab::party::Party {
            name: name?,
            address: address?,
        };
        Some(Side {
            party,
            account: account?,
            agent: agent?,
        })
    }

    fn number(&self, pointer: &str, found: &mut Findings) -> Option<AccountNumber> {
        let place = |field: &str| format!("{pointer}/{field}");
        match (self.iban.as_deref(), self.account.as_deref()) {
            (iban @ Some(_), None) => found
                .parsed(&place("iban"), "iban_invalid", iban, str::parse)
                .map(AccountNumber::Iban),
            (None, other @ Some(_)) => found.parsed(&place("account"), "account_invalid", other, AccountNumber::other),
            (Some(_), Some(_)) => {
                found.malformed(
                    &place("account"),
                    "stated_twice",
                    "name the account by `iban` or by `account`, not by both",
                );
                None
            }
            (None, None) => found.required(&place("iban"), None),
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

    fn parse(&self, pointer: &str, found: &mut Findings) -> Option<PostalAddress> {
        let mut whole = true;
        let mut part = |field: &str, text: Option<&str>, chars_max: usize| {
            let place = format!("{pointer}/{field}");
            let parsed = found.parsed(&place, "character_set", text, |text| bank_text(text, chars_max));
            whole &= parsed.is_some() == text.is_some();
            parsed
        };
        let mut lines = Vec::new();
        for (number, line) in self.lines.iter().flatten().enumerate() {
            lines.extend(part(&format!("lines/{number}"), Some(line), 70));
        }
        let address = PostalAddress {
            street: part("street", self.street.as_deref(), 70),
            building: part("building", self.building.as_deref(), 16),
            post_code: part("post_code", self.post_code.as_deref(), 16),
            town: part("town", self.town.as_deref(), 35),
            subdivision: part("subdivision", self.subdivision.as_deref(), 35),
            country: part("country", self.country.as_deref(), 2),
            lines,
        };
        if !whole {
            return None;
        }
        if address
            .country
            .as_deref()
            .is_some_and(|code| code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase()))
        {
            found.wrong(
                &format!("{pointer}/country"),
                "code_invalid",
                "a country is two capital letters (ISO 3166)",
            );
            return None;
        }
        match address.form() {
            AddressForm::Structured | AddressForm::Hybrid => Some(address),
            AddressForm::Incomplete => {
                found.wrong(pointer, "address_incomplete", "an address needs town and country");
                None
            }
            AddressForm::Unstructured => {
                let detail = format!("banks take town and country with at most {HYBRID_ADDRESS_LINES} free lines");
                found.wrong(pointer, "address_unstructured", detail);
                None
            }
        }
    }
}

/// A text of 1 to `chars_max` characters that banks pass on unchanged.
pub(crate) fn bank_text(text: &str, chars_max: usize) -> Result<String, String> {
    let length = text.chars().count();
    if length == 0 || length > chars_max {
        return Err(format!("1 to {chars_max} characters are expected"));
    }
    if text.trim() != text {
        return Err("no space may stand at the beginning or the end".to_owned());
    }
    match text.chars().find(|letter| !is_bank_character(*letter)) {
        None => Ok(text.to_owned()),
        Some(letter) => Err(format!(
            "banks do not pass on the character U+{:04X}; write it otherwise",
            u32::from(letter)
        )),
    }
}
