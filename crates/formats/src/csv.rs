//! Reader of payment lists as comma-separated values, with the columns of the guide, one payment in each row.
//!
//! The same checks as for pain.001, and more care about what spreadsheets do to values on their way: a date or an amount that could be
//! read in two ways is refused with the form to write instead, never guessed.

mod columns;
mod row;
mod spreadsheet;
mod table;

pub use columns::{COLUMNS, Column};

use crate::batch::{Batch, DebtorAccounts, FileFormat, Header, Parsed};
use crate::encoding;
use crate::field::Place;
use crate::finding::{Finding, FindingCode, Findings};
use crate::seen::Seen;
use columns::Positions;
use table::{Row, Table};
use vocab::limits;
use vocab::time::Date;

/// Reads a list. `today` is the date by which execution dates are judged.
pub fn read(bytes: &[u8], today: Date) -> Batch {
    let text = match encoding::decode(bytes) {
        Ok(text) => text,
        Err(finding) => return Batch::unreadable(None, finding),
    };
    let table = match table::read(text) {
        Ok(table) => table,
        Err(finding) => return Batch::unreadable(Some(FileFormat::Csv), finding),
    };
    let Some(header) = table.header.as_ref().filter(|header| columns::any_known(header)) else {
        let message = "this is neither a pain.001 message nor a list with known columns; accepted are pain.001.001.03, \
                       pain.001.001.09 and CSV whose first line names the columns";
        return Batch::unreadable(None, Finding::about_file(FindingCode::FormatUnknown, "", 1, message));
    };
    let mut findings = Findings::default();
    let positions = columns::read(&mut findings, header);
    read_rows(&table, &positions, findings, today)
}

fn read_rows(table: &Table<'_>, positions: &Positions, mut findings: Findings, today: Date) -> Batch {
    let mut debtor_accounts = DebtorAccounts::default();
    let mut seen = Seen::default();
    let mut payments = Vec::new();
    for (index, row) in table.rows.iter().enumerate() {
        if index >= limits::BATCH_PAYMENTS_MAX {
            let message = format!(
                "the file holds more than {} payments; split it",
                limits::BATCH_PAYMENTS_MAX
            );
            findings.add(|| Finding::about_file(FindingCode::TooManyPayments, "", row.line, message));
            break;
        }
        payments.push(read_row(
            &mut findings,
            row,
            index,
            positions,
            &mut seen,
            &mut debtor_accounts,
            today,
        ));
    }
    Batch::assemble(
        Some(FileFormat::Csv),
        Header::default(),
        payments,
        debtor_accounts,
        findings,
    )
}

fn read_row<'d>(
    findings: &mut Findings,
    row: &'d Row<'_>,
    index: usize,
    positions: &'d Positions,
    seen: &mut Seen<'d>,
    debtor_accounts: &mut DebtorAccounts,
    today: Date,
) -> Parsed {
    let cells = row::Cells::new(row, index, positions);
    let transfer = if !positions.complete || findings.full() {
        // Every row would miss the same, which has been said about the header; or nothing of the file can be accepted.
        None
    } else if positions.fit(row) {
        row::read(findings, &cells, seen, debtor_accounts, today)
    } else {
        let (found, expected) = (row.width, positions.count);
        let message =
            format!("the row has {found} cells, the header {expected}; check separators and quotes in this row");
        let place = Place::Row { index, line: row.line };
        let payments = Some(index..index.saturating_add(1));
        findings.add(|| Finding {
            path: place.path(),
            line: place.line(),
            code: FindingCode::RowLength,
            message,
            payments,
        });
        None
    };
    Parsed {
        line: row.line,
        path: Place::Row { index, line: row.line }.path(),
        group: index,
        end_to_end_id: cells.raw("end_to_end_id").map(str::to_owned),
        transfer,
    }
}
