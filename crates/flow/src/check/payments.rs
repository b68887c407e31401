//! Payments: content, state, hold, likenesses and references, each computed again from what the payment's events tell.

mod chain;
mod content;

use super::{Findings, Now, Rows, working};
use crate::event::hex;
use crate::intake::open_content;
use crate::platform::Parts;
use crate::refusal::Error;
use crate::standing;
use crate::work::{held, ordered};
use chain::Chain;
use content::{Contents, Lookups};
use payment::state::{State, StateName};
use std::collections::BTreeMap;
use store::Tx;
use store::audit::payments::{self as rows, Found, FoundState, Payments};
use store::payments::{Payment, PaymentState, Standing};

/// What is reserved by account.
pub(super) type Held = BTreeMap<i64, i128>;

/// Checks all payments; returns what they reserve on each account.
pub(super) fn check(
    parts: &Parts,
    tx: &mut dyn Tx,
    findings: &mut Findings,
    now: &Now,
    counted: &mut Rows,
) -> Result<Held, Error> {
    let mut reserved = Held::new();
    let mut lookups = Lookups::default();
    let mut count: u64 = 0;
    let mut pages = Payments::new();
    while let Some(page) = pages.next(tx)? {
        findings.looked_at(page.len().saturating_mul(2));
        count = count.saturating_add(u64::try_from(page.len()).unwrap_or(0));
        let ids: Vec<i64> = page.iter().map(|found| found.id.to_i64()).collect();
        let mut events = rows::events_about(tx, &ids)?;
        let mut earlier = rows::earlier(tx, &ids)?;
        let orders = rows::orders_of(tx, &ids)?;
        for found in &page {
            let id = found.id.to_i64();
            let chain = Chain::of(parts, &events.remove(&id).unwrap_or_default());
            let standing = one(findings, found, &chain)?;
            let earlier = earlier.remove(&id).unwrap_or_default();
            if let Some((payment, canonical)) = content_of(parts, findings, found, &chain) {
                let contents = Contents::read(parts, payment, &canonical, &earlier)?;
                lookups.want(parts, now, payment, &contents, orders.contains_key(&id));
            }
            let Some((payment, state, minor)) = standing else {
                continue;
            };
            let sum = reserved.entry(payment.account.to_i64()).or_default();
            *sum = sum.saturating_add(i128::from(minor));
            if let Some(state) = state {
                working::job_of(tx, findings, now, payment, &state)?;
            }
        }
        lookups.settle(tx, findings)?;
    }
    counted.insert("payments", count);
    for lost in rows::lost_states(tx)? {
        findings.add("payment_states", lost.to_string(), "there is no such payment");
    }
    lookups.name_others(parts, tx, findings)?;
    Ok(reserved)
}

/// A payment with its state, as far as it can be read, and what it must reserve.
type Whereabouts<'a> = (&'a Payment, Option<State>, i64);

/// Checks where a payment stands; returns it with its state and what it must reserve.
fn one<'a>(findings: &mut Findings, found: &'a Found, chain: &Chain) -> Result<Option<Whereabouts<'a>>, Error> {
    let row = found.id.to_string();
    let Some(payment) = &found.payment else { return Ok(None) };
    let expected = expected(payment, chain)?;
    let stored = match &found.state {
        FoundState::Missing => {
            findings.add("payment_states", row, "is missing");
            None
        }
        FoundState::Unreadable => {
            findings.add("payment_states", row, "a column holds what is never written there");
            None
        }
        FoundState::There { state, home } => {
            if *home != (payment.organization.to_i64(), payment.world.to_i64()) {
                findings.add(
                    "payment_states",
                    row.as_str(),
                    "organization or world is not that of the payment",
                );
            }
            match &expected {
                Some((expected, _)) => {
                    let differing = differing(state, expected);
                    if !differing.is_empty() {
                        let columns = differing.join(", ");
                        findings.add(
                            "payment_states",
                            row,
                            format!("{columns}: not what the payment's events come to"),
                        );
                    }
                }
                None => findings.add(
                    "payment_states",
                    row,
                    "the payment's events do not lead to any state: one is missing or altered",
                ),
            }
            Some(state)
        }
    };
    let minor = expected
        .as_ref()
        .map(|(expected, _)| expected.held_minor)
        .or(stored.map(|stored| stored.held_minor));
    Ok(Some((payment, expected.map(|(_, state)| state), minor.unwrap_or(0))))
}

/// The state that the events come to.
fn expected(payment: &Payment, chain: &Chain) -> Result<Option<(PaymentState, State)>, Error> {
    let Some(last) = &chain.last else { return Ok(None) };
    let Ok(name) = last.state.parse::<StateName>() else {
        return Ok(None);
    };
    let mut standing = Standing {
        payment: payment.clone(),
        state: PaymentState {
            state: name.code(),
            since: last.since,
            held_minor: 0,
            event: last.event,
            detail: last.detail.clone(),
        },
    };
    let (Ok(state), Ok(ordered)) = (standing::read(&standing), ordered(&standing)) else {
        return Ok(None);
    };
    standing.state.held_minor = held(&state, ordered);
    Ok(Some((standing.state, state)))
}

fn differing(stored: &PaymentState, expected: &PaymentState) -> Vec<&'static str> {
    let columns = [
        ("state", stored.state != expected.state),
        ("since", stored.since != expected.since),
        ("held_minor", stored.held_minor != expected.held_minor),
        ("event", stored.event != expected.event),
        ("detail", stored.detail != expected.detail),
    ];
    columns
        .into_iter()
        .filter_map(|(column, differs)| differs.then_some(column))
        .collect()
}

/// The content of a payment, if it opens; checked against the payment's events.
fn content_of<'a>(
    parts: &Parts,
    findings: &mut Findings,
    found: &'a Found,
    chain: &Chain,
) -> Option<(&'a Payment, Vec<u8>)> {
    let row = found.id.to_string();
    let Some(payment) = &found.payment else {
        findings.add("payments", row, "a column holds what is never written there");
        return None;
    };
    // No batch and batch 0 are one and the same to the seal.
    let altered = payment.batch.is_some_and(|batch| batch.to_i64() == 0);
    let Some(canonical) = open_content(parts, payment).ok().filter(|_| !altered) else {
        findings.add(
            "payments",
            row,
            "its sealed content does not open with the columns beside it: it was altered, moved or added",
        );
        return None;
    };
    if !chain.received {
        findings.add("payments", row.as_str(), "no event tells that it came in");
    }
    let named = chain.last.as_ref().map(|last| last.content.as_str());
    if crate::content::digest(&canonical) != payment.content_digest
        || named.is_some_and(|named| named != hex(&payment.content_digest))
    {
        let sentence = "its content is not the one that its last event names: an earlier content was put back";
        findings.add("payments", row, sentence);
    } else if payment.version != chain.changes.saturating_add(1) {
        findings.add(
            "payments",
            row,
            format!(
                "version {}, and events tell of {} changes",
                payment.version, chain.changes
            ),
        );
    }
    Some((payment, canonical))
}
