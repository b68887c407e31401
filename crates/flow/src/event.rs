//! Events in their canonical form, and the salted commitment of each.

use crate::platform::Parts;
use crate::refusal::Error;
use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;
use serde_json::{Value, json};
use vocab::context::Ctx;
use vocab::id::EventId;

// Fields in the order of their names: compact serialisation is the canonical form, as in `content`.
#[derive(Serialize)]
struct Body<'a, D> {
    actor: String,
    at: String,
    data: &'a D,
    event: String,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    once: Option<String>,
    organization: String,
    request: String,
    subject: &'a str,
    world: &'a str,
}

/// What an event is about: the number that rows use and the text that people see.
pub(crate) struct Subject {
    pub(crate) number: i64,
    pub(crate) text: String,
}

macro_rules! subjects {
    ($($id:ident),*) => {$(
        impl From<vocab::id::$id> for Subject {
            fn from(id: vocab::id::$id) -> Self {
                Self { number: id.to_i64(), text: id.to_string() }
            }
        }
    )*};
}

subjects!(
    OrganizationId,
    MemberId,
    ClientId,
    KeyId,
    PaymentId,
    BatchId,
    OrderId,
    AccountId,
    StatementId,
    ExceptionId,
    EntryId,
    BackupId
);

/// An event ready for its rows. `data` must be canonical when it is serialised compactly (fields in the order of their names), and hold
/// text, whole numbers, lists and objects only, and no personal data: events are shown to auditors and leave the house in receipts. `once` is the digest of the idempotency row that is written with it, where the event is to
/// name it.
pub(crate) fn event(
    parts: &Parts,
    ctx: &Ctx,
    once: Option<&[u8; 16]>,
    id: EventId,
    kind: &'static str,
    subject: &Subject,
    data: &impl Serialize,
) -> Result<store::events::Event, Error> {
    let body = Body {
        actor: ctx.actor.to_string(),
        at: ctx.now.to_string(),
        data,
        event: id.to_string(),
        kind,
        once: once.map(|digest| hex(digest)),
        organization: ctx.organization.to_string(),
        request: ctx.request.to_string(),
        subject: &subject.text,
        world: ctx.world.name(),
    };
    let body = serde_json::to_string(&body).map_err(|_| Error::Bug("an event that cannot be written as JSON"))?;
    let (organization, world) = (ctx.organization, ctx.world);
    let mut event = store::events::Event {
        id,
        organization,
        world,
        subject: subject.number,
        salt: [0; 16],
        body,
    };
    event.salt = store::events::salt(&parts.keyring, &event);
    Ok(event)
}

/// What an event says about a journal entry; the check compares its rows with it.
pub(crate) fn of_entry(entry: &store::journal::Entry) -> Value {
    let postings: Vec<Value> = entry
        .postings
        .iter()
        .map(|posting| {
            let (amount, currency) = (posting.amount.decimal(), posting.amount.currency().code());
            json!({"account": posting.account, "amount": amount, "currency": currency})
        })
        .collect();
    json!({"about": entry.subject, "kind": entry.kind, "postings": postings})
}

/// SHA-256 over parts in sequence.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut digest = [0; 32];
    for (to, from) in digest.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    digest
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Reads lower-case hexadecimal of a fixed length.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != N * 2
        || !text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}
