//! Plain words for every kind of event, for contacts with the bank and for bookings. One place, so that a new kind is easy to give
//! words to; a kind without words is shown as it is.

use crate::ui::tag::Tone;
use crate::ui::values::{count, counted, grouped};
use serde_json::Value;
use vocab::money::{Currency, Money};

/// What to say about a kind of event.
struct Words {
    kind: &'static str,
    tone: Tone,
    said: &'static str,
}

const fn words(kind: &'static str, tone: Tone, said: &'static str) -> Words {
    Words { kind, tone, said }
}

/// Every kind that `flow` emits, in the order of the journey.
const KINDS: &[Words] = &[
    words("organization.created", Tone::Quiet, "The organization was set up."),
    words("member.added", Tone::Quiet, "A person was added."),
    words("client.added", Tone::Quiet, "An application was added."),
    words("key.registered", Tone::Quiet, "A signing key was registered."),
    words("account.added", Tone::Quiet, "An account was added."),
    words("policy.set", Tone::Quiet, "The approval policy was set."),
    words(
        "clock.advanced",
        Tone::Quiet,
        "The clock of the test world was moved on.",
    ),
    words("clock.set", Tone::Quiet, "The clock of the test world was set."),
    words("batch.received", Tone::Moving, "A file of payments was taken in."),
    words(
        "payment.received",
        Tone::Moving,
        "The payment was received and checked.",
    ),
    words(
        "payment.confirmed",
        Tone::Moving,
        "Somebody confirmed that it is no duplicate.",
    ),
    words(
        "payment.changed",
        Tone::Waiting,
        "The payment was changed. Earlier approvals no longer count.",
    ),
    words(
        "payment.screened",
        Tone::Moving,
        "Its new content was compared with earlier payments.",
    ),
    words("approval.given", Tone::Moving, "An approver decided."),
    words("payment.approved", Tone::Moving, "The payment was approved."),
    words("payment.declined", Tone::Bad, "An approver declined the payment."),
    words("payment.queued", Tone::Moving, "The payment was queued for the bank."),
    words("order.written", Tone::Moving, "An order to the bank was written."),
    words(
        "order.attempted",
        Tone::Moving,
        "The bank was contacted about an order.",
    ),
    words(
        "payment.dispatching",
        Tone::Moving,
        "The payment went on its way to the bank.",
    ),
    words(
        "payment.accepted_by_bank",
        Tone::Moving,
        "The bank accepted the payment.",
    ),
    words(
        "payment.unknown",
        Tone::Doubt,
        "Nobody knows yet whether the bank has the payment.",
    ),
    words(
        "payment.not_received",
        Tone::Moving,
        "The bank never received the payment.",
    ),
    words("payment.rejected", Tone::Bad, "The bank refused the payment."),
    words(
        "payment.recall_requested",
        Tone::Waiting,
        "The bank was asked to cancel the payment.",
    ),
    words(
        "payment.recall_refused",
        Tone::Bad,
        "The bank refused to cancel the payment.",
    ),
    words("payment.cancelled", Tone::Quiet, "The payment was cancelled."),
    words(
        "payment.expired",
        Tone::Quiet,
        "The payment expired: nobody decided in time.",
    ),
    words(
        "payment.booked_partly",
        Tone::Moving,
        "The bank booked a part of the payment.",
    ),
    words("payment.settled", Tone::Good, "The bank executed the payment."),
    words("payment.returned", Tone::Bad, "The money came back."),
    words("member.invited", Tone::Waiting, "A member was invited."),
    words("member.activated", Tone::Good, "A member finished their enrolment."),
    words(
        "member.deactivated",
        Tone::Bad,
        "A member was deactivated: nothing of theirs opens anything any more.",
    ),
    words(
        "member.invitation_withdrawn",
        Tone::Bad,
        "An invitation was withdrawn, because who had invited was deactivated: somebody else may invite again.",
    ),
    words(
        "member.recovery_begun",
        Tone::Waiting,
        "A link was made on the server with which a member chooses password and app anew.",
    ),
    words("role.granted", Tone::Moving, "A role was granted."),
    words("role.withdrawn", Tone::Moving, "A role was withdrawn."),
    words("session.begun", Tone::Quiet, "A member proved their password."),
    words(
        "session.opened",
        Tone::Good,
        "A member signed in with their second factor.",
    ),
    words("session.ended", Tone::Quiet, "A session was ended."),
    words("session.all_ended", Tone::Quiet, "All sessions of a member were ended."),
    words("sign_in.refused", Tone::Bad, "A sign-in was refused."),
    words(
        "factor.enrolled",
        Tone::Good,
        "A member connected an authenticator app.",
    ),
    words(
        "factor.proven",
        Tone::Good,
        "A member proved their second factor for exactly one act.",
    ),
    words("factor.refused", Tone::Bad, "A code did not count."),
    words(
        "recovery_code.used",
        Tone::Waiting,
        "A member used a recovery code in place of their app.",
    ),
    words("recovery_code.renewed", Tone::Quiet, "A member got new recovery codes."),
    words("password.set", Tone::Quiet, "A member set their password."),
    words(
        "permission.refused",
        Tone::Bad,
        "A member asked for what they may not do.",
    ),
    words("entry.booked", Tone::Quiet, "An entry was made in the ledger."),
    words("mailbox.read", Tone::Quiet, "The bank\u{2019}s mailbox was read."),
    words("document.received", Tone::Quiet, "A document came from the bank."),
    words(
        "document.repeated",
        Tone::Quiet,
        "A document came from the bank again. It changes nothing.",
    ),
    words("statement.imported", Tone::Quiet, "A statement was taken in."),
    words(
        "exception.opened",
        Tone::Waiting,
        "Something was found that a person has to look at.",
    ),
    words("exception.resolved", Tone::Good, "An exception was resolved."),
    words("backup.created", Tone::Good, "A backup was made."),
    words(
        "backup.verified",
        Tone::Good,
        "A backup was restored for a check, and everything in it is good.",
    ),
    words(
        "backup.failed",
        Tone::Bad,
        "A backup could not be made, or is not good.",
    ),
    words(
        "backup.deleted",
        Tone::Quiet,
        "A backup was deleted: its time was over.",
    ),
    words(
        "backup.restored",
        Tone::Waiting,
        "This database was restored from a backup. No payment travels until that is released.",
    ),
    words(
        "backup.released",
        Tone::Good,
        "After a restore, payments travel to the bank again.",
    ),
];

/// An event in plain language.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// What kind of news it is.
    pub(super) tone: Tone,
    /// What happened.
    pub(super) said: String,
    /// More about it, where there is more.
    pub(super) more: Option<String>,
}

/// Tells an event of this kind; `data` is what it carries.
pub(super) fn event(kind: &str, data: Option<&Value>) -> Told {
    let known = KINDS.iter().find(|words| words.kind == kind);
    let (tone, said) = known.map_or((Tone::Quiet, kind), |words| (words.tone, words.said));
    let (tone, said) = match (
        kind,
        data.and_then(|data| data.get("approved")).and_then(Value::as_bool),
    ) {
        ("approval.given", Some(true)) => (tone, "An approver said yes."),
        ("approval.given", Some(false)) => (Tone::Bad, "An approver said no."),
        _ => (tone, said),
    };
    Told {
        tone,
        said: said.to_owned(),
        more: data.and_then(|data| more(kind, data)),
    }
}

/// What the data of an event adds to its sentence.
fn more(kind: &str, data: &Value) -> Option<String> {
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let number = |name: &str| data.get(name).and_then(Value::as_i64);
    let parts = match kind {
        "batch.received" => vec![format!(
            "{} of {} accepted, {}, format {}.",
            count(number("accepted")?),
            counted(number("payments")?, "payment"),
            counted(number("findings")?, "finding"),
            text("format")?
        )],
        "clock.advanced" => vec![format!("By {}.", span(number("seconds")?))],
        "organization.created" | "client.added" => vec![format!("Name: {}.", text("name")?)],
        "account.added" => vec![format!(
            "In {}, through channel {}.",
            text("currency")?,
            text("channel")?
        )],
        "member.added" => vec![format!("They are {}.", text("state")?)],
        "role.granted" | "role.withdrawn" => vec![format!("Role: {}.", text("role")?.replace('_', " "))],
        "permission.refused" => vec![format!("Asked for {}, refused by {}.", text("action")?, text("rule")?)],
        "sign_in.refused" => vec![match text("because")? {
            "password" => "The password was wrong.".to_owned(),
            _ => "The member cannot sign in.".to_owned(),
        }],
        "session.opened" | "factor.enrolled" | "factor.proven" => {
            vec![format!(
                "With {}.",
                text("factor")?
                    .replace("totp", "an authenticator app")
                    .replace('_', " ")
            )]
        }
        "recovery_code.used" => vec![format!("{} left.", count(number("left")?))],
        "payment.received" => vec![format!("{}.", sum(text("amount")?, text("currency")?))],
        "payment.changed" => {
            let fields = data.get("fields").and_then(Value::as_array)?;
            let fields: Vec<&str> = fields.iter().filter_map(Value::as_str).collect();
            vec![format!("Changed: {}.", fields.join(", "))]
        }
        "order.written" => {
            vec![format!(
                "{}, {} in total.",
                counted(number("payments")?, "payment"),
                sum(text("total")?, text("currency")?)
            )]
        }
        "clock.set" => vec![format!("To {}.", text("at")?)],
        "entry.booked" => vec![format!("{}, about {}.", entry(text("kind")?), text("about")?)],
        "mailbox.read" => vec![format!("Channel {}.", text("channel")?)],
        "document.received" | "document.repeated" => {
            vec![format!("{} through channel {}.", text("kind")?, text("channel")?)]
        }
        "statement.imported" => vec![format!(
            "{} for {}: {}, {} of them new.",
            text("kind")?,
            text("covers")?,
            counted(number("lines")?, "line"),
            count(number("new_lines")?)
        )],
        "exception.opened" => vec![text("sentence")?.to_owned()],
        "backup.failed" => vec![sentence(text("detail")?)],
        "backup.created" | "backup.verified" | "backup.deleted" | "backup.restored" => {
            vec![format!("Backup {}.", text("name")?)]
        }
        _ => vec![
            reason(data),
            text("because").map(sentence),
            text("not_before").map(|day| format!("Not before {day}.")),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    let told = parts.join(" ");
    (!told.is_empty()).then_some(told)
}

/// A sum as an event carries it, with thousands apart; what is no sum is shown as it is.
fn sum(decimal: &str, code: &str) -> String {
    let money = Currency::from_code(code).and_then(|currency| Money::parse(decimal, currency).ok());
    let decimal = money.map_or_else(|| decimal.to_owned(), grouped);
    format!("{decimal} {code}")
}

fn reason(data: &Value) -> Option<String> {
    let reason = data.get("reason")?;
    let (code, text) = (reason.get("code")?.as_str()?, reason.get("text")?.as_str()?);
    Some(if text.is_empty() {
        sentence(code)
    } else {
        sentence(&format!("{code}: {text}"))
    })
}

/// A phrase as a sentence: capital first letter, full stop.
pub(super) fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first: String = letters
        .next()
        .map(|first| first.to_uppercase().collect())
        .unwrap_or_default();
    let stop = if phrase.ends_with(['.', '!', '?', '\u{2026}']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{stop}", letters.as_str())
}

/// A time span in the units that it has: `3 days`, `23 hours 59 minutes`.
fn span(seconds: i64) -> String {
    let units = [
        (seconds / 86_400, "day"),
        (seconds / 3_600 % 24, "hour"),
        (seconds / 60 % 60, "minute"),
        (seconds % 60, "second"),
    ];
    let parts: Vec<String> = units
        .into_iter()
        .filter(|(count, _)| *count != 0)
        .map(|(count, unit)| counted(count, unit))
        .collect();
    parts.join(" ")
}

/// A contact with the bank: what we did and what came of it.
pub(super) fn attempt(kind: &str, outcome: &str) -> (Tone, String) {
    let (tone, words) = match (kind, outcome) {
        ("send", "begun") => (Tone::Moving, "Sending the order"),
        ("send", "accepted") => (Tone::Good, "The bank took the order"),
        ("send", "rejected") => (Tone::Bad, "The bank refused the order"),
        ("send", "unknown") => (Tone::Doubt, "No answer to the order"),
        ("inquire", "begun") => (Tone::Moving, "Asking what became of it"),
        ("inquire", "found") => (Tone::Good, "The bank has it"),
        ("inquire", "not_received") => (Tone::Moving, "The bank never received it"),
        ("inquire", "unknown") => (Tone::Doubt, "The bank could not say"),
        ("recall", "begun") => (Tone::Moving, "Asking to cancel"),
        ("recall", "accepted") => (Tone::Moving, "The bank took the request to cancel"),
        ("recall", "rejected") => (Tone::Bad, "The bank refused the request to cancel"),
        ("recall", "unknown") => (Tone::Doubt, "No answer to the request to cancel"),
        _ => return (Tone::Quiet, format!("{kind}: {outcome}")),
    };
    (tone, words.to_owned())
}

/// A kind of journal entry.
pub(super) fn entry(kind: &str) -> String {
    let words = match kind {
        "opening" => "Opening balance",
        "payment_accepted" => "Accepted by the bank",
        "payment_reversed" => "Acceptance taken back",
        "payment_executed" => "Executed by the bank",
        "payment_returned" => "Returned",
        "fee" => "Bank charge",
        "unexplained" => "Not explained yet",
        "suspense_resolved" => "Explained later",
        other => other,
    };
    words.to_owned()
}

/// The rule that explained a statement line.
pub(super) fn rule(rule: &str) -> (Tone, String) {
    let (tone, words) = match rule {
        "own-reference" | "R1" => (Tone::Good, "Our reference"),
        "batch-total" | "R3" => (Tone::Good, "Total of an order"),
        "return" | "R7" => (Tone::Good, "Return"),
        "fee" => (Tone::Good, "Charge of the bank"),
        "by-hand" => (Tone::Good, "By hand"),
        "exception" => (Tone::Waiting, "Not explained"),
        other => (Tone::Good, other),
    };
    (tone, words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// String literals of `flow` that have the form of a kind, such as `payment.received`. Names of columns have a plural before
    /// the dot.
    fn emitted() -> BTreeSet<String> {
        let mut kinds = BTreeSet::new();
        for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../flow/src")) {
            let text = std::fs::read_to_string(file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for literal in code.split('"').skip(1).step_by(2) {
                let letters =
                    |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                if let Some((subject, what)) = literal.split_once('.')
                    && letters(subject)
                    && letters(what)
                    && !subject.ends_with('s')
                {
                    kinds.insert(literal.to_owned());
                }
            }
        }
        kinds
    }

    fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
        let inside = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        inside
            .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
            .collect()
    }

    #[test]
    fn every_kind_that_flow_emits_has_words() {
        let emitted = emitted();
        assert!(emitted.contains("payment.received"), "{emitted:?}");
        let known: BTreeSet<String> = KINDS.iter().map(|words| words.kind.to_owned()).collect();
        let without: Vec<_> = emitted.difference(&known).collect();
        assert!(without.is_empty(), "no words for {without:?}");
        let stale: Vec<_> = known.difference(&emitted).collect();
        assert!(stale.is_empty(), "words for what nobody emits: {stale:?}");
    }

    #[test]
    fn words_are_sentences_and_no_kind_has_them_twice() {
        let mut seen = BTreeSet::new();
        for words in KINDS {
            assert!(seen.insert(words.kind), "{}", words.kind);
            assert!(
                words.said.ends_with('.') && words.said.starts_with(char::is_uppercase),
                "{}",
                words.said
            );
        }
    }

    #[test]
    fn an_unknown_kind_is_shown_as_it_is() {
        let told = event("moon.landed", Some(&json!({"because": "it was there"})));
        assert_eq!(
            (told.said.as_str(), told.more.as_deref()),
            ("moon.landed", Some("It was there."))
        );
    }

    #[test]
    fn what_an_event_carries_is_told() {
        let rejected = json!({"because": "the bank refused the order", "reason": {"code": "AC04", "text": "the account is closed"}});
        let told = event("payment.rejected", Some(&rejected));
        assert_eq!(
            told.more.as_deref(),
            Some("AC04: the account is closed. The bank refused the order.")
        );
        let no = event("approval.given", Some(&json!({"approved": false})));
        assert_eq!((no.tone, no.said.as_str()), (Tone::Bad, "An approver said no."));
        let large = json!({"amount": "480000", "currency": "JPY"});
        assert_eq!(
            event("payment.received", Some(&large)).more.as_deref(),
            Some("480,000 JPY.")
        );
        assert_eq!(
            event("clock.advanced", Some(&json!({"seconds": 259_200})))
                .more
                .as_deref(),
            Some("By 3 days.")
        );
    }
}
