//! One row of a payment list: a payment.

use super::columns::{COLUMNS, Positions};
use super::spreadsheet;
use super::table::Row;
use crate::batch::{DebtorAccount, DebtorAccounts};
use crate::field::{Field, Place};
use crate::finding::{FindingCode, Findings, quoted};
use crate::inspect::{AddressFields, Inspector};
use crate::pain001::values::calendar_day;
use crate::seen::Seen;
use crate::sepa;
use std::collections::BTreeSet;
use vocab::account::{AccountNumber, Bic};
use vocab::money::{Amount, Currency};
use vocab::party::{Party, PostalAddress};
use vocab::time::Date;
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

/// The cells of one row by the names of their columns.
pub(super) struct Cells<'d> {
    row: &'d Row<'d>,
    index: usize,
    positions: &'d Positions,
    /// Columns whose cell was mangled by a spreadsheet.
    mangled: BTreeSet<&'static str>,
}

impl<'d> Cells<'d> {
    pub(super) fn new(row: &'d Row<'d>, index: usize, positions: &'d Positions) -> Self {
        Self {
            row,
            index,
            positions,
            mangled: BTreeSet::new(),
        }
    }

    /// The text of a cell, if there is any.
    pub(super) fn raw(&self, column: &str) -> Option<&'d str> {
        let cell = self.row.cells.get(self.positions.of(column)?)?;
        Some(cell.text.as_ref()).filter(|text| !text.is_empty())
    }

    fn field(&self, column: &'static str) -> Option<Field<'d>> {
        let text = self.raw(column)?;
        Some(Field {
            text,
            place: self.place(column),
            sound: !self.mangled.contains(column),
        })
    }

    fn place(&self, column: &'static str) -> Place<'d> {
        let cell = self
            .positions
            .of(column)
            .and_then(|position| self.row.cells.get(position));
        Place::Cell {
            index: self.index,
            line: cell.map_or(self.row.line, |cell| cell.line),
            column,
        }
    }

    fn here(&self) -> Place<'d> {
        Place::Row {
            index: self.index,
            line: self.row.line,
        }
    }
}

/// Reads a row whose cells stand under their columns.
pub(super) fn read<'d>(
    findings: &mut Findings,
    cells: &Cells<'d>,
    seen: &mut Seen<'d>,
    debtor_accounts: &mut DebtorAccounts,
    today: Date,
) -> Option<CreditTransfer> {
    let mut inspector = Inspector::new(findings, Some(cells.index..cells.index.saturating_add(1)));
    let mangled = mangled(&mut inspector, cells);
    let cells = &Cells { mangled, ..*cells };
    let inspector = &mut inspector;
    require(inspector, cells);
    // Everything is looked at before anything is given up, so that all findings are found.
    let end_to_end_id = cells.field("end_to_end_id").and_then(|field| {
        seen.check_end_to_end_id(inspector, field);
        inspector.reference(field)
    });
    let terms = terms(inspector, cells);
    let amount = amount(inspector, cells, &terms);
    let debtor = debtor(inspector, cells, &terms);
    let creditor = creditor(inspector, cells, &terms);
    let execution_on = execution_date(inspector, cells, today);
    let remittance = remittance(inspector, cells);
    let (debtor, debtor_account, debtor_agent) = debtor?;
    debtor_accounts.note(DebtorAccount {
        account: debtor_account.clone(),
        currency: None,
        name: debtor.as_ref().map(|debtor| debtor.name.clone()),
        agent: debtor_agent.clone(),
        payment_currencies: cells
            .raw("currency")
            .and_then(Currency::from_code)
            .into_iter()
            .collect(),
    });
    let (creditor, creditor_account, creditor_agent) = creditor?;
    let sepa = terms.is_sepa();
    Some(CreditTransfer {
        end_to_end_id: end_to_end_id?,
        uetr: None,
        debtor: debtor?,
        debtor_account,
        debtor_agent,
        creditor,
        creditor_account,
        creditor_agent,
        amount: amount?,
        execution_on: execution_on?,
        remittance: remittance?,
        charges: terms.charges.unwrap_or(if sepa {
            ChargeBearer::ServiceLevel
        } else {
            ChargeBearer::Shared
        }),
        service_level: terms.service_level,
        category_purpose: None,
        purpose: terms.purpose,
        batch_booking: false,
    })
}

/// Reports cells that a spreadsheet mangled, whatever the column. Amounts have signs of their own.
fn mangled(inspector: &mut Inspector<'_>, cells: &Cells<'_>) -> BTreeSet<&'static str> {
    let mut mangled = BTreeSet::new();
    for column in COLUMNS {
        let Some(field) = cells.field(column.name) else {
            continue;
        };
        let flaw = match column.name {
            "amount" => spreadsheet::amount(field.text, cells.raw("currency").and_then(Currency::from_code)),
            "execution_date" => spreadsheet::date(field.text),
            _ => spreadsheet::formula(field.text).or_else(|| spreadsheet::shortened(field.text)),
        };
        if let Some((code, message)) = flaw {
            inspector.report(field.place, code, message);
            mangled.insert(column.name);
        }
    }
    mangled
}

fn require(inspector: &mut Inspector<'_>, cells: &Cells<'_>) {
    for column in COLUMNS
        .iter()
        .filter(|column| column.required && cells.raw(column.name).is_none())
    {
        inspector.missing::<()>(cells.place(column.name), &format!("the value of `{}`", column.name));
    }
}

struct Terms {
    service_level: Option<String>,
    purpose: Option<String>,
    charges: Option<ChargeBearer>,
}

impl Terms {
    fn is_sepa(&self) -> bool {
        self.service_level.as_deref() == Some(sepa::SERVICE_LEVEL)
    }
}

fn terms(inspector: &mut Inspector<'_>, cells: &Cells<'_>) -> Terms {
    let service_level = cells
        .field("service_level")
        .and_then(|field| inspector.code(field, "service level"));
    let purpose = cells
        .field("purpose")
        .and_then(|field| inspector.code(field, "purpose"));
    let charges = cells
        .field("charge_bearer")
        .and_then(|field| inspector.charge_bearer(field));
    let terms = Terms {
        service_level,
        purpose,
        charges,
    };
    if let (true, Some(bearer)) = (terms.is_sepa(), charges) {
        sepa::check_charges(inspector, cells.place("charge_bearer"), bearer);
    }
    terms
}

fn amount(inspector: &mut Inspector<'_>, cells: &Cells<'_>, terms: &Terms) -> Option<Amount> {
    let currency = cells.field("currency").and_then(|field| inspector.currency(field))?;
    let field = cells.field("amount")?;
    let amount = inspector.amount(field, currency)?;
    if terms.is_sepa() {
        sepa::check_amount(inspector, field.place, amount);
    }
    Some(amount)
}

fn agent(inspector: &mut Inspector<'_>, field: Option<Field<'_>>) -> Option<Option<Bic>> {
    field.map_or(Some(None), |field| inspector.bic(field).map(Some))
}

type PartyParts<P> = (P, AccountNumber, Option<Bic>);

/// The account, and the name if it is sound too.
fn debtor(inspector: &mut Inspector<'_>, cells: &Cells<'_>, terms: &Terms) -> Option<PartyParts<Option<Party>>> {
    let name = cells.field("debtor_name").and_then(|field| inspector.text(field, 140));
    let agent = agent(inspector, cells.field("debtor_bic"));
    let field = cells.field("debtor_account")?;
    let account = inspector.account(field)?;
    if terms.is_sepa() {
        sepa::check_account(inspector, field.place, &account);
    }
    Some((name.map(|name| Party { name, address: None }), account, agent?))
}

fn creditor(inspector: &mut Inspector<'_>, cells: &Cells<'_>, terms: &Terms) -> Option<PartyParts<Party>> {
    let name = cells
        .field("creditor_name")
        .and_then(|field| inspector.text(field, 140));
    let address = address(inspector, cells);
    let agent = agent(inspector, cells.field("creditor_bic"));
    let field = cells.field("creditor_account")?;
    let account = inspector.account(field)?;
    let agent = agent?;
    if terms.is_sepa() {
        sepa::check_account(inspector, field.place, &account);
    } else {
        inspector.check_agent(cells.here(), &account, agent.as_ref());
    }
    Some((
        Party {
            name: name?,
            address: address?,
        },
        account,
        agent,
    ))
}

#[expect(clippy::option_option, reason = "outside: sound or not; inside: there or not")]
fn address(inspector: &mut Inspector<'_>, cells: &Cells<'_>) -> Option<Option<PostalAddress>> {
    let fields = AddressFields {
        street: cells.field("creditor_street"),
        building: cells.field("creditor_building"),
        post_code: cells.field("creditor_post_code"),
        town: cells.field("creditor_town"),
        subdivision: None,
        country: cells.field("creditor_country"),
        lines: Vec::new(),
    };
    let parts = [
        fields.street,
        fields.building,
        fields.post_code,
        fields.town,
        fields.country,
    ];
    if parts.iter().all(Option::is_none) {
        return Some(None);
    }
    inspector.address(cells.here(), &fields).map(Some)
}

fn execution_date(inspector: &mut Inspector<'_>, cells: &Cells<'_>, today: Date) -> Option<Date> {
    let field = cells.field("execution_date").filter(|field| field.sound)?;
    let Some(date) = calendar_day(field.text) else {
        inspector.report(
            field.place,
            FindingCode::DateInvalid,
            format!("{} is no day of the calendar", quoted(field.text)),
        );
        return None;
    };
    inspector.execution_date(field.place, date, today)
}

fn remittance(inspector: &mut Inspector<'_>, cells: &Cells<'_>) -> Option<Remittance> {
    match (cells.field("remittance"), cells.field("creditor_reference")) {
        (None, None) => Some(Remittance::None),
        (Some(text), None) => inspector.text(text, 140).map(Remittance::Text),
        (None, Some(reference)) => inspector.creditor_reference(reference).map(Remittance::Creditor),
        (Some(text), Some(_)) => {
            let message = "give a text or a structured reference, not both; banks drop the text";
            inspector.report(text.place, FindingCode::RemittanceAmbiguous, message);
            None
        }
    }
}
