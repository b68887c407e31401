//! One `PmtInf`: what its payments share. What is wrong here refuses all payments of the group, and no others.

use super::report::{GroupPlace, Report};
use super::{carried, header, party, values};
use crate::batch::{DebtorAccount, DebtorAccounts};
use crate::field::Field;
use crate::finding::{FindingCode, quoted};
use crate::seen::Seen;
use crate::sepa;
use crate::xml::Element;
use std::ops::Range;
use vocab::account::{AccountNumber, Bic};
use vocab::money::Currency;
use vocab::party::Party;
use vocab::time::Date;
use vocab::transfer::ChargeBearer;

/// What the payments of a group share. A part that is `None` was missing or wrong and has been reported.
pub(super) struct Group {
    pub(super) debtor: Option<Party>,
    pub(super) account: Option<AccountNumber>,
    /// Outside: sound or not; inside: named or not.
    #[expect(
        clippy::option_option,
        reason = "a bank that is named wrongly is something else than one that is not named"
    )]
    pub(super) agent: Option<Option<Bic>>,
    pub(super) execution_on: Option<Date>,
    pub(super) batch_booking: bool,
    pub(super) terms: Terms,
}

/// What may be stated for a group or for each payment.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    /// Whether there is a `PmtTpInf`.
    pub(super) typed: bool,
    pub(super) service_level: Option<String>,
    pub(super) category_purpose: Option<String>,
    pub(super) charges: Option<ChargeBearer>,
}

impl Terms {
    pub(super) fn is_sepa(&self) -> bool {
        self.service_level.as_deref() == Some(sepa::SERVICE_LEVEL)
    }
}

pub(super) fn read<'d>(report: &mut Report<'d>, place: &GroupPlace<'d>, seen: &mut Seen<'d>, today: Date) -> Group {
    let (element, payments) = (place.element, place.payments.clone());
    header::check_group(report, place);
    carried::check_group(report, place);
    check_method(report, element);
    if let Some(id) = report.field_at(element, &["PmtInfId"]) {
        let mut inspector = report.inspector(payments.clone());
        inspector.reference(id);
        seen.check_group_id(&mut inspector, id);
    }
    let debtor = element
        .child("Dbtr")
        .and_then(|debtor| party::read(report, debtor, payments.clone(), "debtor"));
    let account = element
        .child("DbtrAcct")
        .and_then(|account| party::account(report, account, payments.clone()));
    let agent = element
        .child("DbtrAgt")
        .map_or(Some(None), |agent| party::agent(report, agent, payments.clone()));
    let terms = terms(report, element, payments.clone());
    if let (true, Some((number, at))) = (terms.is_sepa(), &account) {
        sepa::check_account(&mut report.inspector(payments.clone()), *at, number);
    }
    Group {
        debtor,
        account: account.map(|(number, _)| number),
        agent,
        execution_on: execution_date(report, element, payments, today),
        batch_booking: element.text_of("BtchBookg").and_then(values::boolean).unwrap_or(false),
        terms,
    }
}

fn check_method<'d>(report: &mut Report<'d>, group: Element<'d>) {
    if let Some(method) = group
        .child("PmtMtd")
        .filter(|method| method.text() != "TRF" && report.is_sound(*method))
    {
        let message = format!(
            "only credit transfers (`TRF`) are paid here, not {}; remove this group",
            quoted(method.text())
        );
        report.at(method, FindingCode::PaymentMethodUnsupported, message);
    }
}

/// Type information and charge bearer of a group or a payment.
pub(super) fn terms<'d>(report: &mut Report<'d>, element: Element<'d>, payments: Range<usize>) -> Terms {
    let mut terms = Terms::default();
    let charges = report.field_at(element, &["ChrgBr"]);
    if let Some(information) = element.child("PmtTpInf") {
        terms.typed = true;
        if let Some(priority) = information
            .child("InstrPrty")
            .filter(|priority| priority.text() == "HIGH")
        {
            carried::refuse_because(
                report,
                priority,
                "for an urgent payment ask for the service level `URGP` instead",
            );
        }
        for further in information.children_named("SvcLvl").skip(1) {
            carried::refuse_because(report, further, "one service level can be asked for");
        }
        let service_level = report.field_at(information, &["SvcLvl", "Cd"]);
        let category = report.field_at(information, &["CtgyPurp", "Cd"]);
        let mut inspector = report.inspector(payments.clone());
        terms.service_level = service_level.and_then(|code| inspector.code(code, "service level"));
        terms.category_purpose = category.and_then(|code| inspector.code(code, "category purpose"));
    }
    terms.charges = charges.and_then(|code| report.inspector(payments.clone()).charge_bearer(code));
    if let (true, Some(bearer), Some(at)) = (terms.is_sepa(), terms.charges, charges) {
        sepa::check_charges(&mut report.inspector(payments), at.place, bearer);
    }
    terms
}

/// A plain date in .03, a date or a date with time in .09. Of a time only midnight can be carried.
fn execution_date<'d>(
    report: &mut Report<'d>,
    group: Element<'d>,
    payments: Range<usize>,
    today: Date,
) -> Option<Date> {
    let requested = group.child("ReqdExctnDt")?;
    let written = requested
        .child("Dt")
        .or_else(|| requested.child("DtTm"))
        .unwrap_or(requested);
    let field: Field<'d> = report.field(written).trimmed();
    if !field.sound || !report.is_sound(requested) {
        return None;
    }
    let date = if written.name() == "DtTm" {
        let (date, midnight) = values::date_time(field.text)?;
        if !midnight {
            carried::refuse_because(report, written, "banks execute by the day; give the day in `Dt`");
        }
        date
    } else {
        values::date(field.text)?
    };
    report.inspector(payments).execution_date(field.place, date, today)
}

impl DebtorAccounts {
    /// Takes note of the account of a group and the currencies that leave it, whatever becomes of the payments.
    pub(super) fn note_group(&mut self, place: &GroupPlace<'_>, group: Group) {
        let Some(account) = group.account else {
            return;
        };
        let amounts = place
            .element
            .children_named("CdtTrfTxInf")
            .filter_map(|payment| payment.at(&["Amt", "InstdAmt"]));
        let payment_currencies = amounts
            .filter_map(|amount| amount.attribute("Ccy").and_then(Currency::from_code))
            .collect();
        let currency = place
            .element
            .at(&["DbtrAcct", "Ccy"])
            .and_then(|currency| Currency::from_code(currency.text()));
        let name = group.debtor.map(|debtor| debtor.name);
        self.note(DebtorAccount {
            account,
            currency,
            name,
            agent: group.agent.flatten(),
            payment_currencies,
        });
    }
}
