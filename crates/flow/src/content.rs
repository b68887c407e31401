//! Canonical content: exactly what is approved, and exactly what is sent.
//!
//! A transfer becomes RFC 8785 canonical JSON; approvals name its SHA-256. The same bytes, sealed, are what the payment's row holds, so
//! there is one representation from submission to dispatch.

use crate::refusal::Error;
use serde::{Deserialize, Serialize};
use vocab::account::{AccountNumber, Bic};
use vocab::money::{Amount, Currency};
use vocab::party::{Party, PostalAddress};
use vocab::reference::{Reference, Uetr};
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

// Fields are declared in the order of their names and absent ones are left out: compact serialisation of such a struct is its
// canonical form. A test compares with the canonicaliser of `evidence`.

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content<'a> {
    amount: String,
    batch_booking: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category_purpose: Option<&'a str>,
    charges: &'a str,
    creditor: Side<'a>,
    currency: &'a str,
    debtor: Side<'a>,
    end_to_end_id: &'a str,
    execution_on: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remittance: Option<RemittanceContent<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_level: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uetr: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Side<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iban: Option<&'a str>,
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    building: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    street: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subdivision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    town: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RemittanceContent<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    creditor_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    text: Option<std::borrow::Cow<'a, str>>,
}

/// The canonical bytes of a transfer.
pub fn canonical(transfer: &CreditTransfer) -> Result<Vec<u8>, Error> {
    let remittance = match &transfer.remittance {
        Remittance::None => None,
        Remittance::Text(text) => Some(RemittanceContent {
            creditor_reference: None,
            reference: None,
            text: Some(text.as_str().into()),
        }),
        Remittance::Creditor(reference) => Some(RemittanceContent {
            creditor_reference: Some(reference.as_str()),
            reference: None,
            text: None,
        }),
        Remittance::Other(reference) => Some(RemittanceContent {
            creditor_reference: None,
            reference: Some(reference.as_str()),
            text: None,
        }),
    };
    let content = Content {
        amount: transfer.amount.money().decimal(),
        batch_booking: transfer.batch_booking,
        category_purpose: transfer.category_purpose.as_deref(),
        charges: transfer.charges.code(),
        creditor: side(
            &transfer.creditor,
            &transfer.creditor_account,
            transfer.creditor_agent.as_ref(),
        ),
        currency: transfer.amount.currency().code(),
        debtor: side(
            &transfer.debtor,
            &transfer.debtor_account,
            transfer.debtor_agent.as_ref(),
        ),
        end_to_end_id: transfer.end_to_end_id.as_str(),
        execution_on: transfer.execution_on.to_string(),
        purpose: transfer.purpose.as_deref(),
        remittance,
        service_level: transfer.service_level.as_deref(),
        uetr: transfer.uetr.as_ref().map(Uetr::as_str),
    };
    serde_json::to_vec(&content).map_err(|_| Error::Bug("a transfer that cannot be written as JSON"))
}

/// Reads canonical bytes back.
pub fn parse(bytes: &[u8]) -> Result<CreditTransfer, Error> {
    read(bytes).ok_or(Error::Bug("stored content that cannot be read"))
}

/// SHA-256 of canonical bytes: what approvals name.
pub fn digest(canonical: &[u8]) -> [u8; 32] {
    crate::event::sha256(&[canonical])
}

fn side<'a>(party: &'a Party, account: &'a AccountNumber, agent: Option<&'a Bic>) -> Side<'a> {
    let (iban, other) = match account {
        AccountNumber::Iban(iban) => (Some(iban.as_str()), None),
        AccountNumber::Other(_) => (None, Some(account.as_str())),
    };
    let address = party.address.as_ref().map(|address| Address {
        building: address.building.clone(),
        country: address.country.clone(),
        lines: address.lines.clone(),
        post_code: address.post_code.clone(),
        street: address.street.clone(),
        subdivision: address.subdivision.clone(),
        town: address.town.clone(),
    });
    Side {
        account: other,
        address,
        agent: agent.map(Bic::as_str),
        iban,
        name: party.name.as_str().into(),
    }
}

fn read(bytes: &[u8]) -> Option<CreditTransfer> {
    let content: Content<'_> = serde_json::from_slice(bytes).ok()?;
    let currency = Currency::from_code(content.currency)?;
    let (debtor, debtor_account, debtor_agent) = read_side(content.debtor)?;
    let (creditor, creditor_account, creditor_agent) = read_side(content.creditor)?;
    let remittance = match content.remittance {
        None => Remittance::None,
        Some(RemittanceContent { text: Some(text), .. }) => Remittance::Text(text.into_owned()),
        Some(RemittanceContent {
            creditor_reference: Some(reference),
            ..
        }) => Remittance::Creditor(reference.parse().ok()?),
        Some(RemittanceContent { reference, .. }) => Remittance::Other(reference?.parse().ok()?),
    };
    Some(CreditTransfer {
        end_to_end_id: content.end_to_end_id.parse::<Reference>().ok()?,
        uetr: content.uetr.map(str::parse).transpose().ok()?,
        debtor,
        debtor_account,
        debtor_agent,
        creditor,
        creditor_account,
        creditor_agent,
        amount: Amount::parse(&content.amount, currency).ok()?,
        execution_on: content.execution_on.parse().ok()?,
        remittance,
        charges: ChargeBearer::from_code(content.charges)?,
        service_level: content.service_level.map(str::to_owned),
        category_purpose: content.category_purpose.map(str::to_owned),
        purpose: content.purpose.map(str::to_owned),
        batch_booking: content.batch_booking,
    })
}

fn read_side(side: Side<'_>) -> Option<(Party, AccountNumber, Option<Bic>)> {
    let account = match (side.iban, side.account) {
        (Some(iban), None) => AccountNumber::Iban(iban.parse().ok()?),
        (None, Some(other)) => AccountNumber::other(other).ok()?,
        _ => return None,
    };
    let address = side.address.map(|address| PostalAddress {
        street: address.street,
        building: address.building,
        post_code: address.post_code,
        town: address.town,
        subdivision: address.subdivision,
        country: address.country,
        lines: address.lines,
    });
    let agent = side.agent.map(str::parse).transpose().ok()?;
    Some((
        Party {
            name: side.name.into_owned(),
            address,
        },
        account,
        agent,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn transfer(name: String, minor: i64, text: String, address: bool) -> CreditTransfer {
        let mut creditor = Party { name, address: None };
        if address {
            creditor.address = Some(PostalAddress {
                town: Some("Genève".to_owned()),
                country: Some("CH".to_owned()),
                lines: vec!["c/o \"Test\"".to_owned()],
                ..PostalAddress::default()
            });
        }
        CreditTransfer {
            end_to_end_id: "INV-1".parse().unwrap(),
            uetr: None,
            debtor: Party::named("Aurora"),
            debtor_account: AccountNumber::guess("DE89370400440532013000").unwrap(),
            debtor_agent: Some("DEUTDEFF".parse().unwrap()),
            creditor,
            creditor_account: AccountNumber::other("12-345/6").unwrap(),
            creditor_agent: None,
            amount: Amount::new(vocab::money::Money::new(minor, Currency::from_code("EUR").unwrap())).unwrap(),
            execution_on: jiff::civil::date(2026, 12, 1),
            remittance: if text.is_empty() {
                Remittance::None
            } else {
                Remittance::Text(text)
            },
            charges: ChargeBearer::Shared,
            service_level: Some("SEPA".to_owned()),
            category_purpose: None,
            purpose: Some("SUPP".to_owned()),
            batch_booking: false,
        }
    }

    proptest! {
        #[test]
        fn content_is_canonical_and_reads_back(name in ".{0,40}", minor in 1..i64::MAX, text in ".{0,40}", address: bool) {
            let transfer = transfer(name, minor, text, address);
            let bytes = canonical(&transfer).unwrap();
            let value = evidence::canonical::from_canonical(&bytes).unwrap();
            prop_assert_eq!(evidence::canonical::to_canonical(&value).unwrap(), bytes.clone());
            prop_assert_eq!(parse(&bytes).unwrap(), transfer);
        }
    }
}
