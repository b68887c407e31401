//! Writes an order to a bank: one pain.001.001.09 with one payment information block.
//!
//! The bytes depend on the order alone: they are what approvers sign and what is sent. What banks need to be the same for all
//! payments of a block is checked here, not chosen from the first payment.

use crate::xml_writer::{WriteError, XmlWriter};
use std::collections::BTreeSet;
use vocab::account::{AccountNumber, Bic};
use vocab::limits;
use vocab::money::Money;
use vocab::party::{AddressForm, Party, PostalAddress};
use vocab::reference::Reference;
use vocab::time::Timestamp;
use vocab::transfer::{CreditTransfer, Remittance};

/// The namespace of the messages written.
pub const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
/// The message name that status reports and requests to cancel refer to.
pub const MESSAGE_NAME: &str = "pain.001.001.09";

/// One message to one bank: payments that share debtor, account, day and conditions.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// `MsgId`: our reference of the order, unique towards the bank.
    pub message_id: Reference,
    /// `CreDtTm`
    pub created_at: Timestamp,
    /// `InitgPty/Nm`: who sends the order.
    pub initiating_party: &'a str,
    /// `PmtInfId`: our reference of the block, which a collective booking names.
    pub payment_information_id: Reference,
    /// 1 to [`limits::ORDER_PAYMENTS_MAX`] payments.
    pub payments: &'a [OrderedPayment<'a>],
}

/// One payment of an order.
#[derive(Clone, Debug)]
pub struct OrderedPayment<'a> {
    /// `InstrId`: our own reference of the payment, unique in the order.
    pub instruction_id: Reference,
    /// What is ordered.
    pub transfer: &'a CreditTransfer,
}

/// Why an order could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// None, or too many.
    #[error("an order holds 1 to {max} payments; split it", max = limits::ORDER_PAYMENTS_MAX)]
    Count,
    /// The payments do not belong into one block.
    #[error("the payments of one order differ in their {0}; put them into different orders")]
    Differs(&'static str),
    /// Two payments have the same instruction id, so that no report could tell them apart.
    #[error("two payments of one order have the same instruction id; give each its own")]
    InstructionTwice,
    /// Banks refuse the address.
    #[error("the address of the {0} lacks town or country, or has more than two free lines; complete it")]
    Address(&'static str),
    /// The sum of the amounts has more digits than the schema allows.
    #[error("the control sum has more than 18 digits; split the order")]
    ControlSum,
    /// A value does not fit the schema.
    #[error("the order could not be written")]
    Write(#[source] WriteError),
}

/// The order as a pain.001.001.09, UTF-8.
pub fn write(order: &Order<'_>) -> Result<Vec<u8>, OrderError> {
    let shared = check(order)?;
    let count = order.payments.len().to_string();
    let sum = control_sum(order.payments.iter().map(|payment| payment.transfer.amount.money()));
    let sum = sum.ok_or(OrderError::ControlSum)?;
    let document = XmlWriter::document(NAMESPACE, |xml| {
        xml.parent("CstmrCdtTrfInitn", |xml| {
            xml.parent("GrpHdr", |xml| {
                xml.text("MsgId", order.message_id.as_str(), 35);
                xml.timestamp("CreDtTm", order.created_at);
                xml.text("NbOfTxs", &count, 15);
                xml.text("CtrlSum", &sum, 19);
                xml.parent("InitgPty", |xml| xml.text("Nm", order.initiating_party, 140));
            });
            xml.parent("PmtInf", |xml| {
                xml.text("PmtInfId", order.payment_information_id.as_str(), 35);
                xml.text("PmtMtd", "TRF", 3);
                xml.text("BtchBookg", if shared.batch_booking { "true" } else { "false" }, 5);
                xml.text("NbOfTxs", &count, 15);
                xml.text("CtrlSum", &sum, 19);
                shared_conditions(xml, shared);
                for payment in order.payments {
                    transaction(xml, payment);
                }
            });
        });
    });
    document.map_err(OrderError::Write)
}

/// The transfer whose shared parts stand for all, once they are known to be the same.
fn check<'a>(order: &Order<'a>) -> Result<&'a CreditTransfer, OrderError> {
    let Some(first) = order.payments.first().map(|payment| payment.transfer) else {
        return Err(OrderError::Count);
    };
    if order.payments.len() > limits::ORDER_PAYMENTS_MAX {
        return Err(OrderError::Count);
    }
    let mut instructions = BTreeSet::new();
    for OrderedPayment {
        instruction_id,
        transfer,
    } in order.payments
    {
        if let Some(field) = difference(first, transfer) {
            return Err(OrderError::Differs(field));
        }
        if !instructions.insert(instruction_id) {
            return Err(OrderError::InstructionTwice);
        }
        check_address("creditor", &transfer.creditor)?;
    }
    check_address("debtor", &first.debtor)?;
    Ok(first)
}

/// The first of the block's fields in which two transfers differ.
fn difference(a: &CreditTransfer, b: &CreditTransfer) -> Option<&'static str> {
    let same = [
        ("debtor", a.debtor == b.debtor),
        ("debtor account", a.debtor_account == b.debtor_account),
        ("debtor agent", a.debtor_agent == b.debtor_agent),
        ("execution date", a.execution_on == b.execution_on),
        ("charge bearer", a.charges == b.charges),
        ("service level", a.service_level == b.service_level),
        ("category purpose", a.category_purpose == b.category_purpose),
        ("batch booking", a.batch_booking == b.batch_booking),
    ];
    same.into_iter().find(|(_, same)| !same).map(|(field, _)| field)
}

fn check_address(whose: &'static str, party: &Party) -> Result<(), OrderError> {
    match party.address.as_ref().map(PostalAddress::form) {
        None | Some(AddressForm::Structured | AddressForm::Hybrid) => Ok(()),
        Some(AddressForm::Unstructured | AddressForm::Incomplete) => Err(OrderError::Address(whose)),
    }
}

/// What stands once in the block: type, day, debtor, charges.
fn shared_conditions(xml: &mut XmlWriter, shared: &CreditTransfer) {
    if shared.service_level.is_some() || shared.category_purpose.is_some() {
        xml.parent("PmtTpInf", |xml| {
            if let Some(code) = &shared.service_level {
                xml.parent("SvcLvl", |xml| xml.text("Cd", code, 4));
            }
            if let Some(code) = &shared.category_purpose {
                xml.parent("CtgyPurp", |xml| xml.text("Cd", code, 4));
            }
        });
    }
    xml.parent("ReqdExctnDt", |xml| xml.date("Dt", shared.execution_on));
    party(xml, "Dbtr", &shared.debtor);
    account(xml, "DbtrAcct", &shared.debtor_account);
    agent(xml, "DbtrAgt", shared.debtor_agent.as_ref());
    xml.text("ChrgBr", shared.charges.code(), 4);
}

fn transaction(xml: &mut XmlWriter, payment: &OrderedPayment<'_>) {
    let transfer = payment.transfer;
    xml.parent("CdtTrfTxInf", |xml| {
        xml.parent("PmtId", |xml| {
            xml.text("InstrId", payment.instruction_id.as_str(), 35);
            xml.text("EndToEndId", transfer.end_to_end_id.as_str(), 35);
            xml.text_if("UETR", transfer.uetr.as_ref().map(|uetr| uetr.as_str()), 36);
        });
        xml.parent("Amt", |xml| xml.unsigned_money("InstdAmt", transfer.amount.money()));
        if transfer.creditor_agent.is_some() {
            agent(xml, "CdtrAgt", transfer.creditor_agent.as_ref());
        }
        party(xml, "Cdtr", &transfer.creditor);
        account(xml, "CdtrAcct", &transfer.creditor_account);
        if let Some(code) = &transfer.purpose {
            xml.parent("Purp", |xml| xml.text("Cd", code, 4));
        }
        remittance(xml, &transfer.remittance);
    });
}

fn remittance(xml: &mut XmlWriter, remittance: &Remittance) {
    match remittance {
        Remittance::None => {}
        Remittance::Text(text) => xml.parent("RmtInf", |xml| xml.text("Ustrd", text, 140)),
        Remittance::Creditor(reference) => creditor_reference(xml, reference.as_str()),
        // Whoever reads it would take it for a reference of ISO 11649.
        Remittance::Other(reference) if reference.as_str().starts_with("RF") => xml.fail(WriteError::Content {
            element: "Ref",
            reason: "it begins with `RF` but is given as a reference of another scheme; correct the one or the other",
        }),
        Remittance::Other(reference) => creditor_reference(xml, reference.as_str()),
    }
}

/// `RmtInf` with a structured reference. `SCOR` is the only kind that SEPA knows, whatever the scheme of the reference.
pub(crate) fn creditor_reference(xml: &mut XmlWriter, reference: &str) {
    xml.parent("RmtInf", |xml| {
        xml.parent("Strd", |xml| {
            xml.parent("CdtrRefInf", |xml| {
                xml.parent("Tp", |xml| xml.parent("CdOrPrtry", |xml| xml.text("Cd", "SCOR", 4)));
                xml.text("Ref", reference, 35);
            });
        });
    });
}

/// An account of any message: `Id/IBAN` or `Id/Othr/Id`.
pub(crate) fn account(xml: &mut XmlWriter, name: &'static str, account: &AccountNumber) {
    xml.parent(name, |xml| account_id(xml, account));
}

/// The `Id` inside of an account.
pub(crate) fn account_id(xml: &mut XmlWriter, account: &AccountNumber) {
    xml.parent("Id", |xml| match account {
        AccountNumber::Iban(iban) => xml.text("IBAN", iban.as_str(), 34),
        AccountNumber::Other(_) => xml.parent("Othr", |xml| xml.text("Id", account.as_str(), 34)),
    });
}

/// A bank of any message; `NOTPROVIDED` where one must stand and none is known.
pub(crate) fn agent(xml: &mut XmlWriter, name: &'static str, bic: Option<&Bic>) {
    xml.parent(name, |xml| {
        xml.parent("FinInstnId", |xml| match bic {
            Some(bic) => xml.text("BICFI", bic.as_str(), 11),
            None => xml.parent("Othr", |xml| xml.text("Id", "NOTPROVIDED", 35)),
        });
    });
}

fn party(xml: &mut XmlWriter, name: &'static str, party: &Party) {
    xml.parent(name, |xml| {
        xml.text("Nm", &party.name, 140);
        if let Some(address) = &party.address {
            xml.parent("PstlAdr", |xml| postal_address(xml, address));
        }
    });
}

fn postal_address(xml: &mut XmlWriter, address: &PostalAddress) {
    xml.text_if("StrtNm", address.street.as_deref(), 70);
    xml.text_if("BldgNb", address.building.as_deref(), 16);
    xml.text_if("PstCd", address.post_code.as_deref(), 16);
    xml.text_if("TwnNm", address.town.as_deref(), 35);
    xml.text_if("CtrySubDvsn", address.subdivision.as_deref(), 35);
    if let Some(country) = &address.country {
        if country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            xml.text("Ctry", country, 2);
        } else {
            xml.fail(WriteError::Content {
                element: "Ctry",
                reason: "two upper-case letters of ISO 3166 are expected",
            });
        }
    }
    for line in &address.lines {
        xml.text("AdrLine", line, 70);
    }
}

/// The sum of all amounts irrespective of their currencies, as ISO 20022 defines it, with the decimal places of the most precise
/// of them. `None` when it has more than 18 digits.
fn control_sum(amounts: impl Iterator<Item = Money> + Clone) -> Option<String> {
    let places = amounts
        .clone()
        .map(|amount| amount.currency().exponent())
        .max()
        .unwrap_or(0);
    let mut sum: i128 = 0;
    for amount in amounts {
        let shift = places.checked_sub(amount.currency().exponent())?;
        sum = sum.checked_add(i128::from(amount.minor()).checked_mul(10_i128.checked_pow(shift)?)?)?;
    }
    let places = usize::try_from(places).ok()?;
    let digits = format!("{sum:0>width$}", width = places.checked_add(1)?);
    if digits.len() > 18 {
        return None;
    }
    let (whole, fraction) = digits.split_at_checked(digits.len().checked_sub(places)?)?;
    Some(if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocab::money::Currency;

    fn money(text: &str, code: &str) -> Money {
        Money::parse(text, Currency::from_code(code).unwrap()).unwrap()
    }

    #[test]
    fn the_control_sum_adds_across_currencies() {
        let sum = |amounts: &[Money]| control_sum(amounts.iter().copied());
        assert_eq!(sum(&[money("10.00", "EUR"), money("300", "JPY")]).unwrap(), "310.00");
        assert_eq!(sum(&[money("0.001", "KWD"), money("0.05", "EUR")]).unwrap(), "0.051");
        assert_eq!(sum(&[money("300", "JPY")]).unwrap(), "300");
        let most = Money::new(999_999_999_999_999_999, Currency::from_code("EUR").unwrap());
        assert!(sum(&[most]).is_some());
        assert_eq!(sum(&[most, money("0.01", "EUR")]), None);
    }
}
