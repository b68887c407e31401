//! Parties, their accounts and their banks, as groups and payments state them alike.

use super::carried;
use super::report::Report;
use crate::field::{Field, Place};
use crate::inspect::AddressFields;
use crate::xml::Element;
use std::ops::Range;
use vocab::account::{AccountNumber, Bic};
use vocab::party::Party;

/// What stands for an agent that nobody named.
const NOT_PROVIDED: &str = "NOTPROVIDED";

/// The party in `element`, which must have a name.
pub(super) fn read<'d>(
    report: &mut Report<'d>,
    element: Element<'d>,
    payments: Range<usize>,
    what: &str,
) -> Option<Party> {
    let name = report.field_at(element, &["Nm"]);
    let address = element.child("PstlAdr");
    let fields = address.map(|address| address_fields(report, address));
    let mut inspector = report.inspector(payments);
    let name = match name {
        Some(name) => inspector.text(name, 140),
        None => inspector.missing(Place::Element(element), &format!("the name of the {what} (`Nm`)")),
    };
    let address = match address.zip(fields) {
        Some((address, fields)) => Some(inspector.address(Place::Element(address), &fields)?),
        None => None,
    };
    Some(Party { name: name?, address })
}

fn address_fields<'d>(report: &Report<'d>, address: Element<'d>) -> AddressFields<'d> {
    let part = |name: &str| report.field_at(address, &[name]);
    AddressFields {
        street: part("StrtNm"),
        building: part("BldgNb"),
        post_code: part("PstCd"),
        town: part("TwnNm"),
        subdivision: part("CtrySubDvsn"),
        country: part("Ctry"),
        lines: address
            .children_named("AdrLine")
            .map(|line| report.field(line))
            .collect(),
    }
}

/// The number of an account, and where it stands.
pub(super) fn account<'d>(
    report: &mut Report<'d>,
    account: Element<'d>,
    payments: Range<usize>,
) -> Option<(AccountNumber, Place<'d>)> {
    // The schema has reported if there is neither.
    if let Some(iban) = report.field_at(account, &["Id", "IBAN"]) {
        return report.inspector(payments).iban(iban).zip(Some(iban.place));
    }
    if let Some(scheme) = account.at(&["Id", "Othr", "SchmeNm", "Cd"]) {
        match scheme.text() {
            "BBAN" => report.note(scheme, "the kind of an account number"),
            _ => carried::refuse(report, scheme),
        }
    }
    let number = report.field_at(account, &["Id", "Othr", "Id"])?;
    report.inspector(payments).account(number).zip(Some(number.place))
}

/// A bank. Outside: sound or not; inside: named or not.
#[expect(
    clippy::option_option,
    reason = "a bank that is named wrongly is something else than one that is not named"
)]
pub(super) fn agent<'d>(report: &mut Report<'d>, agent: Element<'d>, payments: Range<usize>) -> Option<Option<Bic>> {
    let Some(institution) = agent.child("FinInstnId") else {
        return Some(None);
    };
    let bic = institution.child("BICFI").or_else(|| institution.child("BIC"));
    let bic: Option<Field<'d>> = bic.map(|bic| report.field(bic)).filter(|bic| bic.text != NOT_PROVIDED);
    let others: Vec<_> = institution
        .children()
        .filter(|child| is_other_name(*child) && report.is_sound(*child))
        .collect();
    for other in others {
        match bic {
            // The BIC says it all.
            Some(_) => report.note(other, "what names a bank beside its BIC"),
            None => carried::refuse_because(report, other, "name the bank by its BIC, or leave it out within SEPA"),
        }
    }
    match bic {
        Some(bic) => report.inspector(payments).bic(bic).map(Some),
        None => Some(None),
    }
}

/// Whether it names the bank by something else than a BIC.
fn is_other_name(child: Element<'_>) -> bool {
    let not_provided = child.name() == "Othr" && child.text_of("Id") == Some(NOT_PROVIDED);
    !matches!(child.name(), "BIC" | "BICFI") && !not_provided
}
