//! Keyed digests that are kept of contents: likenesses and references. They are computed again and looked up; only when there are more
//! rows than that accounts for are all of them read to name the others.

use super::super::{Findings, Now};
use crate::content;
use crate::intake::open_content;
use crate::platform::Parts;
use crate::refusal::Error;
use crate::send::{self, Part};
use payment::duplicate::likeness;
use std::collections::{BTreeMap, BTreeSet};
use store::Tx;
use store::audit::payments::{self as rows, Earlier, Trace, Traces};
use store::payments::Payment;
use vocab::limits;
use vocab::time::Date;
use vocab::transfer::CreditTransfer;

/// A day more or less, because servers' clocks differ around midnight.
const MARGIN_DAYS: i64 = 1;

/// Everything that was ever ordered under a payment's id.
pub(super) struct Contents {
    /// The present content.
    transfer: CreditTransfer,
    /// Likenesses and execution dates of all versions, oldest first; `None` when an earlier one does not open.
    versions: Option<Vec<([u8; 16], Date)>>,
}

impl Contents {
    pub(super) fn read(
        parts: &Parts,
        payment: &Payment,
        canonical: &[u8],
        earlier: &[Option<Earlier>],
    ) -> Result<Self, Error> {
        let transfer = content::parse(canonical)?;
        let mut versions: Option<Vec<_>> = earlier
            .iter()
            .map(|earlier| version(parts, payment, earlier.as_ref()?))
            .collect();
        if let Some(versions) = &mut versions {
            versions.push((digest(parts, &transfer), transfer.execution_on));
        }
        Ok(Self { transfer, versions })
    }
}

fn version(parts: &Parts, payment: &Payment, earlier: &Earlier) -> Option<([u8; 16], Date)> {
    let earlier = Payment {
        account: earlier.account,
        amount: earlier.amount,
        execution_on: earlier.execution_on,
        version: earlier.version,
        content_digest: earlier.content_digest,
        sealed: earlier.sealed.clone(),
        ..payment.clone()
    };
    let transfer = content::parse(&open_content(parts, &earlier).ok()?).ok()?;
    Some((digest(parts, &transfer), transfer.execution_on))
}

fn digest(parts: &Parts, transfer: &CreditTransfer) -> [u8; 16] {
    parts
        .keyring
        .0
        .blind_index("likenesses.likeness", &[likeness(transfer).as_bytes()])
}

/// The execution dates that a likeness may stand with.
struct Dates {
    dates: BTreeSet<Date>,
    /// Whether it is too early to forget it.
    needed: bool,
}

/// Rows that are looked up page by page, and how many of them were found.
#[derive(Default)]
pub(super) struct Lookups {
    likenesses: BTreeMap<Trace, Dates>,
    references: Vec<Trace>,
    likenesses_found: u64,
    references_found: u64,
}

impl Lookups {
    /// Notes what is kept of a payment's contents.
    pub(super) fn want(&mut self, parts: &Parts, now: &Now, payment: &Payment, contents: &Contents, sent: bool) {
        let oldest = now
            .of(payment.world)
            .plus_days(MARGIN_DAYS.saturating_sub(limits::DUPLICATE_WINDOW_DAYS))
            .date();
        for (digest, date) in contents.versions.iter().flatten() {
            let dates = self.likenesses.entry(trace(payment, *digest)).or_insert_with(|| Dates {
                dates: BTreeSet::new(),
                needed: *date >= oldest,
            });
            // The first one stays, unless it was forgotten before the next one came.
            if dates.dates.is_empty() || !dates.needed {
                dates.dates.insert(*date);
            }
        }
        if sent {
            self.references.extend(references(parts, payment, contents));
        }
    }

    /// Looks up what was noted.
    pub(super) fn settle(&mut self, tx: &mut dyn Tx, findings: &mut Findings) -> Result<(), Error> {
        let wanted: Vec<Trace> = self.likenesses.keys().copied().collect();
        let found = rows::likenesses(tx, &wanted)?;
        for (trace, dates) in std::mem::take(&mut self.likenesses) {
            match found.get(&trace) {
                None if dates.needed => findings.add("likenesses", name(&trace), "is missing"),
                None => {}
                Some(date) => {
                    findings.looked_at(1);
                    self.likenesses_found = self.likenesses_found.saturating_add(1);
                    if !date.is_some_and(|date| dates.dates.contains(&date)) {
                        findings.add(
                            "likenesses",
                            name(&trace),
                            "its execution date is not that of the payment",
                        );
                    }
                }
            }
        }
        let wanted: BTreeSet<Trace> = std::mem::take(&mut self.references).into_iter().collect();
        let found = rows::references(tx, &wanted.iter().copied().collect::<Vec<_>>())?;
        let found: BTreeSet<Trace> = found.into_iter().collect();
        findings.looked_at(found.len());
        self.references_found = self
            .references_found
            .saturating_add(u64::try_from(found.len()).unwrap_or(0));
        for missing in wanted.difference(&found) {
            findings.add("payment_references", name(missing), "is missing");
        }
        Ok(())
    }

    /// Names rows that belong to no content, if there are more rows than contents account for.
    pub(super) fn name_others(self, parts: &Parts, tx: &mut dyn Tx, findings: &mut Findings) -> Result<(), Error> {
        if rows::count_likenesses(tx)? > self.likenesses_found {
            let pages = Traces::likenesses(tx);
            name_strangers(parts, tx, findings, "likenesses", pages)?;
        }
        if rows::count_references(tx)? > self.references_found {
            name_strangers(parts, tx, findings, "payment_references", Traces::references())?;
        }
        Ok(())
    }
}

fn references(parts: &Parts, payment: &Payment, contents: &Contents) -> Vec<Trace> {
    let part = Part {
        payment: payment.id,
        content_digest: payment.content_digest,
        transfer: contents.transfer.clone(),
    };
    send::foreign_references(parts, &part)
        .into_iter()
        .map(|(digest, _)| trace(payment, digest))
        .collect()
}

fn trace(payment: &Payment, digest: [u8; 16]) -> Trace {
    Trace {
        organization: payment.organization.to_i64(),
        world: payment.world.to_i64(),
        digest,
        payment: payment.id.to_i64(),
    }
}

fn name(trace: &Trace) -> String {
    let digest: String = crate::event::hex(&trace.digest).chars().take(16).collect();
    format!("{digest} {}", vocab::id::PaymentId::from_i64(trace.payment))
}

fn name_strangers(
    parts: &Parts,
    tx: &mut dyn Tx,
    findings: &mut Findings,
    table: &'static str,
    mut pages: Traces,
) -> Result<(), Error> {
    while let Some(page) = pages.next(tx)? {
        let payments: BTreeSet<i64> = page.iter().flatten().map(|trace| trace.payment).collect();
        let known = traces_of(parts, tx, table, &payments.into_iter().collect::<Vec<_>>())?;
        for stored in page {
            let Some(stored) = stored else {
                findings.add(table, "?", "a column holds what is never written there");
                continue;
            };
            match known.get(&stored.payment) {
                Some(Some(traces)) if !traces.contains(&stored) => {
                    findings.add(
                        table,
                        name(&stored),
                        "no content of this payment gives this digest: it was altered or added",
                    );
                }
                None => findings.add(table, name(&stored), "there is no such payment"),
                // Nothing can be said when the content does not open; then the payment itself was named.
                Some(_) => {}
            }
        }
    }
    Ok(())
}

type Known = BTreeMap<i64, Option<BTreeSet<Trace>>>;

/// The digests that these payments have; `None` for one whose contents do not open.
fn traces_of(parts: &Parts, tx: &mut dyn Tx, table: &str, payments: &[i64]) -> Result<Known, Error> {
    let mut earlier = rows::earlier(tx, payments)?;
    let sent = rows::orders_of(tx, payments)?;
    let mut known = Known::new();
    for found in rows::among(tx, payments)? {
        let id = found.id.to_i64();
        let earlier = earlier.remove(&id).unwrap_or_default();
        let traces = match &found.payment {
            Some(payment) => match open_content(parts, payment) {
                Ok(canonical) => {
                    let contents = Contents::read(parts, payment, &canonical, &earlier)?;
                    if table == "likenesses" {
                        contents
                            .versions
                            .as_ref()
                            .map(|versions| versions.iter().map(|(digest, _)| trace(payment, *digest)).collect())
                    } else if sent.contains_key(&id) {
                        Some(references(parts, payment, &contents).into_iter().collect())
                    } else {
                        Some(BTreeSet::new())
                    }
                }
                Err(_) => None,
            },
            None => None,
        };
        known.insert(id, traces);
    }
    Ok(known)
}
