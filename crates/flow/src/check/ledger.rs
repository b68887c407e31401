//! The ledger: every entry with its postings against its seal and its event, and what is reserved on accounts.

use super::payments::Held;
use super::told::Told;
use super::{Findings, Rows};
use crate::event;
use crate::platform::Parts;
use crate::refusal::Error;
use serde_json::Value;
use store::Tx;
use store::audit::payments::events_about;
use store::audit::totals::{Totals, lost_totals};
use store::journal::{AuditPages, Audited, Entry};
use vocab::id::EntryId;

/// Checks every entry.
pub(super) fn check(parts: &Parts, tx: &mut dyn Tx, findings: &mut Findings, counted: &mut Rows) -> Result<(), Error> {
    let mut count: u64 = 0;
    let mut pages = AuditPages::new();
    while let Some(page) = pages.next(tx, &parts.keyring)? {
        count = count.saturating_add(u64::try_from(page.len()).unwrap_or(0));
        let ids: Vec<i64> = page.iter().map(|audited| audited.id.to_i64()).collect();
        let mut events = events_about(tx, &ids)?;
        for audited in &page {
            let postings = audited.entry.as_ref().map_or(0, |entry| entry.postings.len());
            findings.looked_at(postings.saturating_add(1));
            let events = events.remove(&audited.id.to_i64()).unwrap_or_default();
            let told = events
                .iter()
                .filter_map(|event| Told::read(parts, event).ok())
                .find(|told| told.kind == "entry.booked");
            one(findings, audited, told.as_ref());
        }
    }
    counted.insert("entries", count);
    for (entry, number) in store::journal::lost_postings(tx, store::audit::LOST_MAX)? {
        findings.add(
            "postings",
            format!("{} {number}", EntryId::from_i64(entry)),
            "there is no such entry",
        );
    }
    Ok(())
}

fn one(findings: &mut Findings, audited: &Audited, told: Option<&Told>) {
    let row = audited.id.to_string();
    for account in &audited.accounts_missing {
        findings.add(
            "ledger_accounts",
            account.to_string(),
            format!("is missing: {row} has postings on it"),
        );
    }
    if audited.sealed {
        if !audited.balanced {
            findings.add(
                "entries",
                row,
                "its postings do not add up to nothing in every currency",
            );
        }
        return;
    }
    let sentence = "the seal over it and its postings does not hold";
    let Some(told) = told else {
        findings.add(
            "entries",
            row,
            format!("{sentence}, and no event tells of it: it was added by somebody else"),
        );
        return;
    };
    let (head, postings) = agrees(audited.entry.as_ref(), told);
    if !postings {
        findings.add(
            "postings",
            row.as_str(),
            format!("{sentence}, and the postings are not those that {} tells of", told.id),
        );
    }
    if !head {
        findings.add(
            "entries",
            row,
            format!("{sentence}, and it is not as {} tells", told.id),
        );
    } else if postings {
        // Organization, world, numbering or the seal itself: that may be in either table.
        findings.add("entries", row.as_str(), sentence);
        findings.add("postings", row, sentence);
    }
}

/// Whether the entry itself, and whether its postings are as the event tells.
fn agrees(entry: Option<&Entry>, told: &Told) -> (bool, bool) {
    let Some(entry) = entry else { return (false, false) };
    let now = event::of_entry(entry);
    let same = |member: &str| {
        now.get(member) == told.data.get(member) && now.get(member).is_some_and(|value| *value != Value::Null)
    };
    (same("about") && same("kind") && entry.at == told.at, same("postings"))
}

/// Compares what is reserved on each account with what its payments reserve.
pub(super) fn totals(tx: &mut dyn Tx, findings: &mut Findings, held: &Held) -> Result<(), Error> {
    let mut pages = Totals::new();
    while let Some(page) = pages.next(tx)? {
        findings.looked_at(page.len());
        for total in page {
            let row = total.account.to_string();
            let reserved = held.get(&total.account.to_i64()).copied().unwrap_or(0);
            match total.held {
                None => findings.add("account_totals", row, "is missing or cannot be read"),
                Some((organization, world, _)) if (organization, world) != total.home => {
                    findings.add(
                        "account_totals",
                        row,
                        "organization or world is not that of the account",
                    );
                }
                Some((_, _, minor)) if i128::from(minor) != reserved => {
                    findings.add(
                        "account_totals",
                        row,
                        format!("{minor} minor units are reserved, and payments come to {reserved}"),
                    );
                }
                Some(_) => {}
            }
        }
    }
    for account in lost_totals(tx)? {
        findings.add("account_totals", account.to_string(), "there is no such account");
    }
    Ok(())
}
