//! Sealed tables: a keyed code over each row. This is what finds an altered or added row.

use super::{Findings, Rows};
use crate::platform::Parts;
use crate::refusal::Error;
use store::Tx;
use store::sealed::TABLES;

/// Checks every row of every sealed table; returns how many there are in each.
pub(super) fn check(parts: &Parts, tx: &mut dyn Tx, findings: &mut Findings) -> Result<Rows, Error> {
    let sentence = "its seal does not hold: it was altered, or added by somebody else";
    let mut rows = Rows::new();
    for table in TABLES {
        let mut broken = |row: String| findings.add(table.name, row, sentence);
        let checked = store::sealed::check(tx, &parts.keyring, table, &mut broken)?;
        if !checked.complete {
            findings.add(
                table.name,
                "…",
                "rows with keys that this table cannot have hide what stands behind them",
            );
        }
        rows.insert(table.name, checked.rows);
    }
    let mut broken = |row: String| findings.add("idempotency", row, sentence);
    let answers = store::requests::check(tx, &parts.keyring, &mut broken)?;
    rows.insert("idempotency", answers);
    let all: u64 = rows.values().fold(0, |all, rows| all.saturating_add(*rows));
    findings.looked_at(usize::try_from(all).unwrap_or(usize::MAX));
    Ok(rows)
}
