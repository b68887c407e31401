//! One payment that comes as named values and not in a file: through the API. The checks are those of payment files, one rule set for
//! both doors; what is found is placed by a JSON pointer.
//!
//! What is missing is passed over in silence: whoever hands the values in knows which of them have to be there.

use crate::field::{Field, Place};
use crate::finding::{Finding, FindingCode, Findings, quoted};
use crate::inspect::{AddressFields, Inspector};
use crate::pain001::values::calendar_day;
use crate::sepa;
use vocab::account::{AccountNumber, Bic};
use vocab::money::{Amount, Money};
use vocab::party::PostalAddress;
use vocab::time::Date;
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

/// A payment as somebody wrote it. Texts as they came.
#[derive(Clone, Debug, Default)]
pub struct Single<'d> {
    /// `/end_to_end_id`
    pub end_to_end_id: Option<&'d str>,
    /// `/uetr`
    pub uetr: Option<&'d str>,
    /// `/debtor`
    pub debtor: Side<'d>,
    /// `/creditor`
    pub creditor: Side<'d>,
    /// `/amount/amount`: minor units.
    pub amount_minor: Option<i64>,
    /// `/amount/currency`
    pub currency: Option<&'d str>,
    /// `/execution_on`
    pub execution_on: Option<&'d str>,
    /// `/remittance`
    pub remittance: Told<'d>,
    /// `/charges`
    pub charges: Option<&'d str>,
    /// `/service_level`
    pub service_level: Option<&'d str>,
    /// `/category_purpose`
    pub category_purpose: Option<&'d str>,
    /// `/purpose`
    pub purpose: Option<&'d str>,
    /// Whether it may be booked together with others.
    pub batch_booking: bool,
}

/// Who pays or is paid.
#[derive(Clone, Default)]
pub struct Side<'d> {
    /// `name`
    pub name: Option<&'d str>,
    /// `iban` or `account`
    pub number: Option<Number<'d>>,
    /// `bic`
    pub bic: Option<&'d str>,
    /// `address`
    pub address: Option<Address<'d>>,
}

/// How an account is named.
#[derive(Clone, Copy)]
pub enum Number<'d> {
    /// `iban`
    Iban(&'d str),
    /// `account`: what looks like an IBAN must be one.
    Other(&'d str),
}

/// A postal address.
#[derive(Clone, Default)]
pub struct Address<'d> {
    /// `street`
    pub street: Option<&'d str>,
    /// `building`
    pub building: Option<&'d str>,
    /// `post_code`
    pub post_code: Option<&'d str>,
    /// `town`
    pub town: Option<&'d str>,
    /// `subdivision`
    pub subdivision: Option<&'d str>,
    /// `country`
    pub country: Option<&'d str>,
    /// `lines`
    pub lines: Vec<&'d str>,
}

/// What the creditor is told: one of the three.
#[derive(Clone, Copy, Default)]
pub enum Told<'d> {
    /// Nothing.
    #[default]
    Nothing,
    /// `/remittance/text`
    Text(&'d str),
    /// `/remittance/creditor_reference`
    Creditor(&'d str),
    /// `/remittance/reference`
    Other(&'d str),
    /// Something that cannot be read, of which enough has been said.
    Unsound,
}

// Personal data is not printed.
macro_rules! silent {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

silent!(Side, Number, Address, Told);

/// Reads the payment and says everything that is wrong with it, the day of execution only as far as the calendar goes: whether it is
/// past is [`check_execution_date`]'s to say, when it is known whether the request is new.
pub fn read(single: &Single<'_>) -> (Option<CreditTransfer>, Vec<Finding>) {
    let mut findings = Findings::default();
    let transfer = transfer(&mut Inspector::new(&mut findings, None), single);
    let findings = findings.finish();
    (transfer.filter(|_| findings.is_empty()), findings)
}

/// What is wrong with the day of execution, seen from today.
pub fn check_execution_date(execution_on: Date, today: Date) -> Vec<Finding> {
    let mut findings = Findings::default();
    let place = top("execution_on");
    Inspector::new(&mut findings, None).execution_date(place, execution_on, today);
    findings.finish()
}

fn top(name: &'static str) -> Place<'static> {
    Place::Member {
        of: "",
        name,
        index: None,
    }
}

fn value<'d>(of: &'static str, name: &'static str, text: &'d str) -> Field<'d> {
    let index = None;
    Field {
        text,
        place: Place::Member { of, name, index },
        sound: true,
    }
}

fn transfer(inspector: &mut Inspector<'_>, single: &Single<'_>) -> Option<CreditTransfer> {
    // Everything is looked at before anything is given up, so that all findings are found.
    let of = |name, text: Option<_>| text.map(|text| value("", name, text));
    let end_to_end_id = of("end_to_end_id", single.end_to_end_id).and_then(|field| inspector.reference(field));
    let uetr = of("uetr", single.uetr).map(|field| inspector.uetr(field));
    let service_level = of("service_level", single.service_level).map(|field| inspector.code(field, "service level"));
    let category =
        of("category_purpose", single.category_purpose).map(|field| inspector.code(field, "category purpose"));
    let purpose = of("purpose", single.purpose).map(|field| inspector.code(field, "purpose"));
    let sepa = matches!(&service_level, Some(Some(code)) if code == sepa::SERVICE_LEVEL);
    let charges = of("charges", single.charges).map(|field| inspector.charge_bearer(field));
    if let (true, Some(Some(bearer))) = (sepa, charges) {
        sepa::check_charges(inspector, top("charges"), bearer);
    }
    let amount = amount(inspector, single, sepa);
    let debtor = side(inspector, "/debtor", "/debtor/address", &single.debtor, sepa);
    let creditor = side(inspector, "/creditor", "/creditor/address", &single.creditor, sepa);
    if let (false, Some((_, Some(account), Some(agent)))) = (sepa, &creditor) {
        let (of, name, index) = ("/creditor", "bic", None);
        inspector.check_agent(Place::Member { of, name, index }, account, agent.as_ref());
    }
    let execution_on = of("execution_on", single.execution_on).and_then(|field| day(inspector, field));
    let remittance = remittance(inspector, single.remittance);
    let (debtor, debtor_account, debtor_agent) = debtor?;
    let (creditor, creditor_account, creditor_agent) = creditor?;
    let shared = if sepa {
        ChargeBearer::ServiceLevel
    } else {
        ChargeBearer::Shared
    };
    Some(CreditTransfer {
        end_to_end_id: end_to_end_id?,
        uetr: uetr.flatten(),
        debtor: debtor?,
        debtor_account: debtor_account?,
        debtor_agent: debtor_agent?,
        creditor: creditor?,
        creditor_account: creditor_account?,
        creditor_agent: creditor_agent?,
        amount: amount?,
        execution_on: execution_on?,
        remittance: remittance?,
        charges: charges.flatten().unwrap_or(shared),
        service_level: service_level.flatten(),
        category_purpose: category.flatten(),
        purpose: purpose.flatten(),
        batch_booking: single.batch_booking,
    })
}

fn amount(inspector: &mut Inspector<'_>, single: &Single<'_>, sepa: bool) -> Option<Amount> {
    let currency = single.currency.map(|code| value("/amount", "currency", code));
    let currency = currency.and_then(|field| inspector.currency(field))?;
    let minor = single.amount_minor?;
    let (of, name, index) = ("/amount", "amount", None);
    let place = Place::Member { of, name, index };
    match Amount::new(Money::new(minor, currency)) {
        Ok(amount) => {
            if sepa {
                sepa::check_amount(inspector, place, amount);
            }
            Some(amount)
        }
        Err(error) => {
            inspector.report(place, FindingCode::AmountInvalid, format!("{error}: `{minor}`"));
            None
        }
    }
}

type SideParts = (Option<vocab::party::Party>, Option<AccountNumber>, Option<Option<Bic>>);

fn side(
    inspector: &mut Inspector<'_>,
    here: &'static str,
    address_here: &'static str,
    side: &Side<'_>,
    sepa: bool,
) -> Option<SideParts> {
    let name = side
        .name
        .and_then(|name| inspector.text(value(here, "name", name), 140));
    let number = side.number.map(|number| match number {
        Number::Iban(text) => value(here, "iban", text),
        Number::Other(text) => value(here, "account", text),
    });
    let account = number.zip(side.number).and_then(|(field, number)| match number {
        Number::Iban(_) => inspector.iban(field),
        Number::Other(_) => inspector.account(field),
    });
    if let (true, Some(field), Some(account)) = (sepa, number, &account) {
        sepa::check_account(inspector, field.place, account);
    }
    let agent = match side.bic {
        None => Some(None),
        Some(bic) => inspector.bic(value(here, "bic", bic)).map(Some),
    };
    let address = match &side.address {
        None => Some(None),
        Some(address) => read_address(inspector, here, address_here, address).map(Some),
    };
    let party = name
        .zip(address)
        .map(|(name, address)| vocab::party::Party { name, address });
    Some((party, account, agent))
}

fn read_address(
    inspector: &mut Inspector<'_>,
    side: &'static str,
    here: &'static str,
    address: &Address<'_>,
) -> Option<PostalAddress> {
    let part = |name, text: Option<_>| text.map(|text| value(here, name, text));
    let fields = AddressFields {
        street: part("street", address.street),
        building: part("building", address.building),
        post_code: part("post_code", address.post_code),
        town: part("town", address.town),
        subdivision: part("subdivision", address.subdivision),
        country: part("country", address.country),
        lines: (0..)
            .zip(&address.lines)
            .map(|(number, text)| Field {
                text,
                place: Place::Member {
                    of: here,
                    name: "lines",
                    index: Some(number),
                },
                sound: true,
            })
            .collect(),
    };
    let (of, name, index) = (side, "address", None);
    inspector.address(Place::Member { of, name, index }, &fields)
}

fn day(inspector: &mut Inspector<'_>, field: Field<'_>) -> Option<Date> {
    let day = calendar_day(field.text);
    if day.is_none() {
        let message = format!(
            "{} is no day of the calendar; write it as `2026-12-01`",
            quoted(field.text)
        );
        inspector.report(field.place, FindingCode::DateInvalid, message);
    }
    day
}

fn remittance(inspector: &mut Inspector<'_>, told: Told<'_>) -> Option<Remittance> {
    let of = "/remittance";
    match told {
        Told::Nothing => Some(Remittance::None),
        Told::Text(text) => inspector.text(value(of, "text", text), 140).map(Remittance::Text),
        Told::Creditor(text) => inspector
            .creditor_reference(value(of, "creditor_reference", text))
            .map(Remittance::Creditor),
        Told::Other(text) => inspector.reference(value(of, "reference", text)).map(Remittance::Other),
        Told::Unsound => None,
    }
}
