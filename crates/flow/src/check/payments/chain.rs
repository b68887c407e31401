//! The events of a payment that moved it, in the order in which they did.
//!
//! Each names the one before it. Ids alone would not do: they come from the clocks of several servers.

use super::super::told::Told;
use crate::platform::Parts;
use std::collections::{BTreeMap, BTreeSet};
use store::events::Event;
use vocab::id::EventId;
use vocab::time::Timestamp;

/// What the last event says about the payment.
pub(super) struct Last {
    pub(super) event: EventId,
    /// Name of the state.
    pub(super) state: String,
    /// Since when it is in it.
    pub(super) since: Timestamp,
    /// The data of the state, as its row holds it.
    pub(super) detail: String,
    /// Digest of the content, hexadecimal.
    pub(super) content: String,
}

/// The events that moved a payment.
pub(super) struct Chain {
    /// Whether one and only one tells that the payment came in.
    pub(super) received: bool,
    /// How many changed its content.
    pub(super) changes: i64,
    /// The last one, if they form one chain.
    pub(super) last: Option<Last>,
}

impl Chain {
    /// The chain of a payment's events; those that are not genuine are left out, and were named elsewhere.
    pub(super) fn of(parts: &Parts, events: &[Event]) -> Self {
        let moves: BTreeMap<String, Told> = events
            .iter()
            .filter_map(|event| Told::read(parts, event).ok())
            .filter(|told| told.data.get("state").is_some())
            .map(|told| (told.id.to_string(), told))
            .collect();
        let count = |kind: &str| moves.values().filter(|told| told.kind == kind).count();
        Self {
            received: count("payment.received") == 1,
            changes: i64::try_from(count("payment.changed")).unwrap_or(i64::MAX),
            last: last(&moves),
        }
    }
}

fn last(moves: &BTreeMap<String, Told>) -> Option<Last> {
    let followed: BTreeSet<&str> = moves.values().filter_map(|told| told.text("after")).collect();
    let mut ends = moves
        .values()
        .filter(|told| !followed.contains(told.id.to_string().as_str()));
    let (Some(end), None) = (ends.next(), ends.next()) else {
        return None;
    };
    let mut since = None;
    let mut at = Some(end);
    // Every event is passed once at most, also if somebody has made a ring of them.
    for _ in 0..moves.len() {
        let told = at?;
        let moved = told
            .data
            .get("transitions")
            .and_then(|passed| passed.as_array())
            .is_none_or(|passed| !passed.is_empty());
        if moved && since.is_none() {
            since = Some(told.at);
        }
        match told.text("after") {
            Some(before) => at = moves.get(before),
            None => {
                at = None;
                if told.kind != "payment.received" {
                    return None;
                }
            }
        }
    }
    if at.is_some() {
        return None;
    }
    Some(Last {
        event: end.id,
        state: end.text("state")?.to_owned(),
        since: since?,
        detail: serde_json::to_string(end.data.get("detail")?).ok()?,
        content: end.text("content")?.to_owned(),
    })
}
