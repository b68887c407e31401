//! One `CdtTrfTxInf`: a payment. What is wrong here refuses this payment and no other.

use super::group::{self, Group, Terms};
use super::report::Report;
use super::{carried, party};
use crate::field::{Field, Place};
use crate::finding::{FindingCode, quoted};
use crate::seen::Seen;
use crate::sepa;
use crate::xml::Element;
use std::ops::Range;
use vocab::account::{AccountNumber, Bic};
use vocab::money::Amount;
use vocab::party::Party;
use vocab::reference::{Reference, Uetr};
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

pub(super) fn read<'d>(
    report: &mut Report<'d>,
    element: Element<'d>,
    index: usize,
    group: &Group,
    seen: &mut Seen<'d>,
) -> Option<CreditTransfer> {
    let payments = index..index.saturating_add(1);
    carried::check_payment(report, element);
    // Everything is looked at before anything is given up, so that all findings are found.
    let terms = terms(report, element, payments.clone(), group);
    let (end_to_end_id, uetr) = ids(report, element, payments.clone(), seen);
    let amount = amount(report, element, payments.clone(), &terms);
    let creditor = creditor(report, element, payments.clone(), &terms);
    let purpose = report.field_at(element, &["Purp", "Cd"]);
    let purpose = purpose.map(|code| report.inspector(payments.clone()).code(code, "purpose"));
    let remittance = remittance(report, element, payments);
    let creditor = creditor?;
    Some(CreditTransfer {
        end_to_end_id: end_to_end_id?,
        uetr,
        debtor: group.debtor.clone()?,
        debtor_account: group.account.clone()?,
        debtor_agent: group.agent.clone()?,
        creditor: creditor.party,
        creditor_account: creditor.account,
        creditor_agent: creditor.agent,
        amount: amount?,
        execution_on: group.execution_on?,
        remittance: remittance?,
        charges: terms.charges.unwrap_or(if terms.is_sepa() {
            ChargeBearer::ServiceLevel
        } else {
            ChargeBearer::Shared
        }),
        service_level: terms.service_level,
        category_purpose: terms.category_purpose,
        purpose: purpose.flatten(),
        batch_booking: group.batch_booking,
    })
}

/// Terms of the payment itself, and those of its group where it states none.
fn terms<'d>(report: &mut Report<'d>, element: Element<'d>, payments: Range<usize>, group: &Group) -> Terms {
    let own = group::terms(report, element, payments.clone());
    let shared = &group.terms;
    let stated_twice = "is stated for the group and again for this payment; state it in one place only";
    if let (true, true, Some(at)) = (own.typed, shared.typed, element.child("PmtTpInf")) {
        report.at(at, FindingCode::StatedTwice, format!("the payment type {stated_twice}"));
    }
    if let (Some(_), Some(_), Some(at)) = (own.charges, shared.charges, element.child("ChrgBr")) {
        report.at(
            at,
            FindingCode::StatedTwice,
            format!("the bearer of charges {stated_twice}"),
        );
    }
    let typed = if own.typed { &own } else { shared };
    let terms = Terms {
        typed: typed.typed,
        service_level: typed.service_level.clone(),
        category_purpose: typed.category_purpose.clone(),
        charges: own.charges.or(shared.charges),
    };
    // Where both stand in one place, they have been compared there.
    let from_two_places = own.typed != own.charges.is_some();
    if let (true, true, Some(bearer)) = (terms.is_sepa(), from_two_places, terms.charges) {
        let at = element
            .child("ChrgBr")
            .or_else(|| element.child("PmtTpInf"))
            .unwrap_or(element);
        sepa::check_charges(&mut report.inspector(payments.clone()), Place::Element(at), bearer);
    }
    if let (true, Some(account)) = (own.is_sepa(), &group.account) {
        let at = element.child("PmtTpInf").unwrap_or(element);
        sepa::check_account(&mut report.inspector(payments), Place::Element(at), account);
    }
    terms
}

fn ids<'d>(
    report: &mut Report<'d>,
    element: Element<'d>,
    payments: Range<usize>,
    seen: &mut Seen<'d>,
) -> (Option<Reference>, Option<Uetr>) {
    let id = |name: &str| report.field_at(element, &["PmtId", name]);
    let (end_to_end, instruction, uetr) = (id("EndToEndId"), id("InstrId"), id("UETR"));
    let mut inspector = report.inspector(payments);
    let end_to_end_id = end_to_end.and_then(|field| {
        seen.check_end_to_end_id(&mut inspector, field);
        inspector.reference(field)
    });
    if let Some(field) = instruction {
        seen.check_instruction_id(&mut inspector, field);
        inspector.reference(field);
    }
    let uetr = uetr.and_then(|field| {
        seen.check_uetr(&mut inspector, field);
        inspector.uetr(field)
    });
    (end_to_end_id, uetr)
}

fn amount<'d>(report: &mut Report<'d>, element: Element<'d>, payments: Range<usize>, terms: &Terms) -> Option<Amount> {
    let amount = element.at(&["Amt", "InstdAmt"])?;
    let field = report.field(amount);
    let currency = Field {
        text: amount.attribute("Ccy")?,
        place: Place::Attribute(amount, "Ccy"),
        ..field
    };
    let mut inspector = report.inspector(payments);
    let currency = inspector.currency(currency)?;
    let amount = inspector.amount(field, currency)?;
    if terms.is_sepa() {
        sepa::check_amount(&mut inspector, field.place, amount);
    }
    Some(amount)
}

struct Creditor {
    party: Party,
    account: AccountNumber,
    agent: Option<Bic>,
}

fn creditor<'d>(
    report: &mut Report<'d>,
    element: Element<'d>,
    payments: Range<usize>,
    terms: &Terms,
) -> Option<Creditor> {
    let here = Place::Element(element);
    let party = match element.child("Cdtr") {
        Some(creditor) => party::read(report, creditor, payments.clone(), "creditor"),
        None => report
            .inspector(payments.clone())
            .missing(here, "the creditor (`Cdtr`)"),
    };
    let account = match element.child("CdtrAcct") {
        Some(account) => party::account(report, account, payments.clone()),
        None => report
            .inspector(payments.clone())
            .missing(here, "the creditor's account (`CdtrAcct`)"),
    };
    let agent = element
        .child("CdtrAgt")
        .map_or(Some(None), |agent| party::agent(report, agent, payments.clone()));
    let (account, at) = account?;
    let agent = agent?;
    let mut inspector = report.inspector(payments);
    if terms.is_sepa() {
        sepa::check_account(&mut inspector, at, &account);
    } else {
        inspector.check_agent(here, &account, agent.as_ref());
    }
    Some(Creditor {
        party: party?,
        account,
        agent,
    })
}

fn remittance<'d>(report: &mut Report<'d>, element: Element<'d>, payments: Range<usize>) -> Option<Remittance> {
    let Some(information) = element.child("RmtInf") else {
        return Some(Remittance::None);
    };
    let mut texts = information.children_named("Ustrd");
    let mut references = information.children_named("Strd");
    match (texts.next(), references.next(), texts.next(), references.next()) {
        (None, None, ..) => Some(Remittance::None),
        (Some(text), None, None, _) => {
            let field = report.field(text);
            report.inspector(payments).text(field, 140).map(Remittance::Text)
        }
        (None, Some(structured), _, None) => structured_reference(report, structured, payments),
        _ => {
            let message = "give one text (`Ustrd`) or one structured reference (`Strd`), not both and not several; banks drop the rest";
            report.at(information, FindingCode::RemittanceAmbiguous, message);
            None
        }
    }
}

fn structured_reference<'d>(
    report: &mut Report<'d>,
    structured: Element<'d>,
    payments: Range<usize>,
) -> Option<Remittance> {
    let Some(information) = structured.child("CdtrRefInf") else {
        // Anything else in it has been reported as lost.
        return Some(Remittance::None);
    };
    let issuer = information.at(&["Tp", "Issr"]);
    if let Some(issuer) = issuer.filter(|issuer| issuer.text() != "ISO" && report.is_sound(*issuer)) {
        carried::refuse_because(
            report,
            issuer,
            "references of the issuer `ISO` and of no issuer are passed on",
        );
    }
    let code = information.at(&["Tp", "CdOrPrtry", "Cd"]);
    if let Some(code) = code.filter(|code| code.text() != "SCOR" && report.is_sound(*code)) {
        let message = format!(
            "only creditor references (`SCOR`) are passed on, not {}; put it in the text",
            quoted(code.text())
        );
        report.at(code, FindingCode::UnsupportedElement, message);
    }
    let reference = report.field_at(information, &["Ref"]);
    let mut inspector = report.inspector(payments);
    let Some(reference) = reference else {
        return inspector.missing(Place::Element(information), "the reference (`Ref`)");
    };
    if issuer.is_some() || reference.text.starts_with("RF") {
        inspector.creditor_reference(reference).map(Remittance::Creditor)
    } else {
        inspector.reference(reference).map(Remittance::Other)
    }
}
