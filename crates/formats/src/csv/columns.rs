//! The columns of a payment list, and where they stand in a file.

use super::table::Row;
use crate::finding::{Finding, FindingCode, Findings, quoted};
use crate::spelling::nearest;
use std::collections::BTreeMap;

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// As in the header.
    pub name: &'static str,
    /// Whether every list must have it, with a value in each row.
    pub required: bool,
}

const fn required(name: &'static str) -> Column {
    Column { name, required: true }
}

const fn optional(name: &'static str) -> Column {
    Column { name, required: false }
}

/// Every column that is read, in the order of the guide.
pub const COLUMNS: &[Column] = &[
    required("end_to_end_id"),
    required("debtor_name"),
    required("debtor_account"),
    optional("debtor_bic"),
    required("creditor_name"),
    required("creditor_account"),
    optional("creditor_bic"),
    optional("creditor_country"),
    optional("creditor_town"),
    optional("creditor_street"),
    optional("creditor_building"),
    optional("creditor_post_code"),
    required("amount"),
    required("currency"),
    required("execution_date"),
    optional("remittance"),
    optional("creditor_reference"),
    optional("purpose"),
    optional("service_level"),
    optional("charge_bearer"),
];

/// Where the columns stand.
#[derive(Debug)]
pub(super) struct Positions {
    places: BTreeMap<&'static str, usize>,
    /// Cells of the header, without empty ones at its end.
    pub(super) count: usize,
    /// Whether no required column is missing.
    pub(super) complete: bool,
}

impl Positions {
    pub(super) fn of(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// Whether a row has as many cells as the header; empty ones beyond are what spreadsheets leave behind.
    pub(super) fn fit(&self, row: &Row<'_>) -> bool {
        let beyond = row.cells.get(self.count..);
        beyond.is_some_and(|cells| cells.iter().all(|cell| cell.text.is_empty())) && row.width == row.cells.len()
    }
}

/// Whether the row names a column that is known.
pub(super) fn any_known(header: &Row<'_>) -> bool {
    header.cells.iter().any(|cell| find(&cell.text).is_some())
}

fn find(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.name.eq_ignore_ascii_case(name))
}

/// Reads the header, and reports columns that are missing, unknown or there twice: all of them concern the file.
pub(super) fn read(findings: &mut Findings, header: &Row<'_>) -> Positions {
    let mut places = BTreeMap::new();
    let count = header
        .cells
        .iter()
        .rposition(|cell| !cell.text.is_empty())
        .map_or(0, |last| last.saturating_add(1));
    let mut report = |code, name: &str, message: String| {
        let path = format!("header/{name}");
        findings.add(|| Finding::about_file(code, path, header.line, message));
    };
    for (place, cell) in header.cells.iter().take(count).enumerate() {
        let name = quoted(&cell.text);
        let Some(column) = find(&cell.text) else {
            let meant = nearest(&cell.text, COLUMNS.iter().map(|column| column.name));
            let advice = meant.map_or("remove it, nothing would be done with it".to_owned(), |meant| {
                format!("did you mean `{meant}`?")
            });
            report(
                FindingCode::ColumnUnknown,
                name.trim_matches('`'),
                format!("the column {name} is not known; {advice}"),
            );
            continue;
        };
        if places.insert(column.name, place).is_some() {
            report(
                FindingCode::ColumnRepeated,
                column.name,
                format!("the column {name} is there twice; remove one"),
            );
        }
    }
    let missing: Vec<_> = COLUMNS
        .iter()
        .filter(|column| column.required && !places.contains_key(column.name))
        .collect();
    for column in &missing {
        report(
            FindingCode::ColumnMissing,
            column.name,
            format!("the column `{}` is missing; add it", column.name),
        );
    }
    Positions {
        places,
        count,
        complete: missing.is_empty(),
    }
}
