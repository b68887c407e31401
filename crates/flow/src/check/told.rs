//! An event as the check believes it: only when its salt shows that the platform wrote it.

use crate::event::unhex;
use crate::platform::Parts;
use serde::Deserialize;
use serde_json::Value;
use store::events::Event;
use vocab::id::EventId;
use vocab::time::Timestamp;

#[derive(Deserialize)]
struct Body {
    at: String,
    data: Value,
    kind: String,
    #[serde(default)]
    once: Option<String>,
    organization: String,
    subject: String,
    world: String,
}

/// What a genuine event tells.
pub(super) struct Told {
    pub(super) id: EventId,
    pub(super) organization: i64,
    pub(super) world: i64,
    /// Number of the thing it is about, and its text.
    pub(super) subject: (i64, String),
    pub(super) kind: String,
    pub(super) at: Timestamp,
    /// The idempotency row that was written with it.
    pub(super) once: Option<[u8; 16]>,
    pub(super) data: Value,
}

impl Told {
    /// The event, if it is genuine; else what is wrong with it.
    pub(super) fn read(parts: &Parts, event: &Event) -> Result<Self, String> {
        let body = serde_json::from_str::<Body>(&event.body).ok();
        if event.salt != store::events::salt(&parts.keyring, event) {
            return Err(altered(event, body.as_ref()));
        }
        let unreadable = || "its body cannot be read, although it is as it was written".to_owned();
        let body = body.ok_or_else(unreadable)?;
        let once = body
            .once
            .as_deref()
            .map(|digest| unhex(digest).ok_or_else(unreadable))
            .transpose()?;
        Ok(Self {
            id: event.id,
            organization: event.organization.to_i64(),
            world: event.world.to_i64(),
            subject: (event.subject, body.subject),
            kind: body.kind,
            at: Timestamp::parse(&body.at).ok_or_else(unreadable)?,
            once,
            data: body.data,
        })
    }

    /// A text of its data.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name)?.as_str()
    }

    /// A whole number of its data.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.data.get(name)?.as_i64()
    }
}

/// What an event that is not genuine contradicts, as far as it still tells.
fn altered(event: &Event, body: Option<&Body>) -> String {
    let column = body.and_then(|body| {
        let organization = body.organization != event.organization.to_string();
        let world = body.world != event.world.name();
        organization
            .then_some("organization")
            .or_else(|| world.then_some("world"))
    });
    match column {
        Some(column) => format!("its {column} is not the one in its body: a column was altered"),
        None => {
            "its salt is not the one that belongs to its columns: it was altered, or added by somebody else".to_owned()
        }
    }
}
