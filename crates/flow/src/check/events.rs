//! Events one by one: each is genuine, has one place, and the rows it names are there.

use super::named::{self, Claims};
use super::told::Told;
use super::{Findings, Rows};
use crate::platform::Parts;
use crate::refusal::Error;
use evidence::entry::commit;
use std::collections::BTreeMap;
use store::Tx;
use store::audit::log::{Events, Recorded};
use vocab::id::EventId;

/// What all events together tell.
#[derive(Default)]
pub(super) struct AllTold {
    /// How many rows of each table they name.
    pub(super) named: Rows,
    /// How far the test clock is ahead.
    pub(super) ahead_micros: i64,
    /// Whether the test clock was ever moved.
    pub(super) clock_moved: bool,
    /// How far each mailbox was read, by organization, world and channel.
    pub(super) cursors: BTreeMap<(i64, i64, String), i64>,
    /// Genuine events that have no place at all.
    pub(super) strays: Strays,
}

/// Events by the hash of the leaf that they would be.
pub(super) type Strays = BTreeMap<[u8; 32], EventId>;

/// Checks every event, and the rows that they name.
pub(super) fn check(parts: &Parts, tx: &mut dyn Tx, findings: &mut Findings) -> Result<AllTold, Error> {
    let mut all = AllTold::default();
    let remembered_since = named::remembered_since(parts.clock.now());
    let mut pages = Events::new();
    while let Some(page) = pages.next(tx)? {
        findings.looked_at(page.len());
        let mut claims = Claims::default();
        for recorded in &page {
            findings.looked_at(recorded.pending.map_or(0, |_| 1));
            if let Some(told) = genuine(parts, findings, recorded) {
                gather(&told, &mut all);
                claims.gather(&told, remembered_since);
            }
            placed_once(parts, findings, recorded, &mut all.strays);
        }
        claims.settle(tx, findings, &mut all.named)?;
    }
    Ok(all)
}

fn name(recorded: &Recorded) -> String {
    EventId::from_i64(recorded.id).to_string()
}

fn genuine(parts: &Parts, findings: &mut Findings, recorded: &Recorded) -> Option<Told> {
    let told = match &recorded.event {
        Some(event) => Told::read(parts, event),
        None => Err("a column holds what is never written there".to_owned()),
    };
    told.map_err(|what| findings.add("events", name(recorded), what)).ok()
}

fn placed_once(parts: &Parts, findings: &mut Findings, recorded: &Recorded, strays: &mut Strays) {
    let row = name(recorded);
    let home = recorded
        .event
        .as_ref()
        .map(|event| (event.organization.to_i64(), event.world.to_i64()));
    for (table, place) in [("log_leaves", recorded.leaf), ("log_pending", recorded.pending)] {
        if let (Some(place), Some(home)) = (place, home)
            && place != home
        {
            findings.add(table, row.as_str(), "organization or world is not that of the event");
        }
    }
    match (recorded.leaf, recorded.pending) {
        (Some(_), None) | (None, Some(_)) => {}
        (Some(_), Some(_)) => findings.add(
            "log_pending",
            row,
            "the event waits for a place, and is in the log already",
        ),
        (None, None) => {
            // What is not genuine is named already, and has no place to come from.
            let event = recorded
                .event
                .as_ref()
                .filter(|event| event.salt == store::events::salt(&parts.keyring, event));
            if let Some(event) = event
                && strays.len() < Findings::LISTED_MAX
            {
                let leaf = commit(&event.salt, event.body.as_bytes()).leaf_hash();
                strays.insert(*leaf.as_bytes(), event.id);
            }
        }
    }
}

fn gather(told: &Told, all: &mut AllTold) {
    match told.kind.as_str() {
        "clock.set" | "clock.advanced" => {
            let micros: i64 = told.text("micros").and_then(|micros| micros.parse().ok()).unwrap_or(0);
            all.ahead_micros = all.ahead_micros.saturating_add(micros);
            all.clock_moved = true;
        }
        "mailbox.read" => {
            let cursor: i64 = told.text("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
            let channel = told.text("channel").unwrap_or_default().to_owned();
            let known = all
                .cursors
                .entry((told.organization, told.world, channel))
                .or_insert(cursor);
            *known = cursor.max(*known);
        }
        _ => {}
    }
}
