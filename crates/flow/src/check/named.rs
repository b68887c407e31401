//! Rows that events name: each is there. This is what finds a removed row, which no seal can.

use super::events::AllTold;
use super::told::Told;
use super::{Findings, Rows};
use crate::refusal::Error;
use std::collections::BTreeMap;
use store::Tx;
use store::audit::named::{self as rows, KEY, Named, Under};
use vocab::id::{ApprovalId, ChangeId, DocumentId, LineId, StepUpId};
use vocab::limits;
use vocab::time::Timestamp;

/// Servers' clocks differ a little: answers are missed only when they should be there by any of them.
const CLOCK_MARGIN_SECONDS: i64 = 3_600;

/// Tables whose rows are named by events, each by one.
static NAMED: [&Named; 21] = [
    &rows::ORGANIZATIONS,
    &rows::MEMBERS,
    &rows::CLIENTS,
    &rows::SIGNING_KEYS,
    &rows::APPROVAL_POLICIES,
    &rows::ACCOUNTS,
    &rows::BATCHES,
    &rows::PAYMENTS,
    &rows::EARLIER_CONTENTS,
    &rows::APPROVALS,
    &rows::ORDERS,
    &rows::ATTEMPTS,
    &rows::DOCUMENTS,
    &rows::STATEMENTS,
    &rows::MATCHES,
    &rows::EXCEPTIONS,
    &rows::ENTRIES,
    &rows::MEMBER_STATES,
    &rows::ROLE_CHANGES,
    &rows::STEP_UPS,
    &rows::BACKUPS,
];
/// Tables whose rows are named by events as so many under another.
static UNDER: [&Under; 4] = [
    &rows::FINDINGS,
    &rows::BATCH_PAYMENTS,
    &rows::ORDER_PAYMENTS,
    &rows::STATEMENT_LINES,
];

/// From when on every answer to a caller must still be remembered.
pub(super) fn remembered_since(wall: Timestamp) -> Timestamp {
    wall.plus_seconds(CLOCK_MARGIN_SECONDS.saturating_sub(limits::IDEMPOTENCY_HOURS.saturating_mul(3_600)))
}

/// A row that must be there.
struct Claim {
    key: [i64; KEY],
    row: String,
    event: String,
}

/// Rows that the events of one page name.
#[derive(Default)]
pub(super) struct Claims {
    rows: BTreeMap<&'static str, Vec<Claim>>,
    resolved: Vec<Claim>,
    /// How many rows must stand under another, by table.
    under: BTreeMap<&'static str, Vec<(Claim, i64)>>,
    /// Idempotency rows by their digests.
    once: BTreeMap<[u8; 16], String>,
    /// Payments that came by themselves, with the times at which they were answered.
    answered: Vec<(Timestamp, i64, String)>,
}

impl Claims {
    /// Notes what an event names.
    pub(super) fn gather(&mut self, told: &Told, remembered_since: Timestamp) {
        let subject = told.subject.0;
        match told.kind.as_str() {
            "organization.created" => self.subject(&rows::ORGANIZATIONS, told),
            "member.added" => {
                self.subject(&rows::MEMBERS, told);
                self.change(&rows::MEMBER_STATES, told);
            }
            "member.activated" | "member.deactivated" => self.change(&rows::MEMBER_STATES, told),
            "role.granted" | "role.withdrawn" => self.change(&rows::ROLE_CHANGES, told),
            "factor.proven" => {
                let id = told.text("step_up").and_then(|id| id.parse::<StepUpId>().ok());
                self.row_with_id(&rows::STEP_UPS, id.map(StepUpId::to_i64), "step_up", told);
            }
            "client.added" => self.subject(&rows::CLIENTS, told),
            "key.registered" => self.subject(&rows::SIGNING_KEYS, told),
            "account.added" => self.subject(&rows::ACCOUNTS, told),
            "policy.set" => {
                let version = told.number("version").unwrap_or(0);
                let row = format!("{} {} {version}", told.subject.1, told.world);
                self.row(&rows::APPROVAL_POLICIES, [subject, told.world, version], row, told);
            }
            "batch.received" => {
                self.subject(&rows::BATCHES, told);
                self.under(&rows::FINDINGS, "findings", told);
                self.under(&rows::BATCH_PAYMENTS, "payments", told);
            }
            "payment.received" => self.subject(&rows::PAYMENTS, told),
            "payment.changed" => {
                // It tells of the new version; the one before is kept.
                let version = told.number("version").unwrap_or(0).saturating_sub(1);
                let row = format!("{} {version}", told.subject.1);
                self.row(&rows::EARLIER_CONTENTS, [subject, version, 0], row, told);
            }
            "approval.given" => {
                let id = told.text("approval").and_then(|id| id.parse::<ApprovalId>().ok());
                self.row_with_id(&rows::APPROVALS, id.map(ApprovalId::to_i64), "approval", told);
            }
            "order.written" => {
                self.subject(&rows::ORDERS, told);
                self.under(&rows::ORDER_PAYMENTS, "payments", told);
            }
            "order.attempted" => {
                let number = told.number("attempt").unwrap_or(-1);
                self.row(
                    &rows::ATTEMPTS,
                    [subject, number, 0],
                    format!("{} {number}", told.subject.1),
                    told,
                );
            }
            "document.received" => {
                let id = told.text("document").and_then(|id| id.parse::<DocumentId>().ok());
                self.row_with_id(&rows::DOCUMENTS, id.map(DocumentId::to_i64), "document", told);
            }
            "statement.imported" => {
                self.subject(&rows::STATEMENTS, told);
                self.under(&rows::STATEMENT_LINES, "new_lines", told);
            }
            "payment.settled" | "payment.booked_partly" | "payment.returned" => {
                let line = told.text("line").and_then(|line| line.parse::<LineId>().ok());
                if let Some(line) = line {
                    let row = format!("{line} {}", told.subject.1);
                    self.row(&rows::MATCHES, [line.to_i64(), subject, 0], row, told);
                }
            }
            "exception.opened" => self.subject(&rows::EXCEPTIONS, told),
            "exception.resolved" => self.resolved.push(claim([subject, 0, 0], told.subject.1.clone(), told)),
            "entry.booked" => self.subject(&rows::ENTRIES, told),
            "backup.created" | "backup.verified" | "backup.failed" | "backup.deleted" | "backup.restored"
            | "backup.released" => {
                self.subject(&rows::BACKUPS, told);
            }
            _ => {}
        }
        self.answer(told, remembered_since);
    }

    /// Every answer that a caller may ask for again has its row: named by the event, or found by its time, so that intake need not write
    /// the name of the row a second time.
    fn answer(&mut self, told: &Told, remembered_since: Timestamp) {
        if told.at < remembered_since {
            return;
        }
        let event = told.id.to_string();
        if let Some(digest) = told.once {
            self.once.entry(digest).or_insert(event);
        } else if told.kind == "payment.received" && told.text("batch").is_none() {
            self.answered.push((told.at, told.subject.0, event));
        }
    }

    fn change(&mut self, named: &'static Named, told: &Told) {
        let id = told.text("change").and_then(|id| id.parse::<ChangeId>().ok());
        self.row_with_id(named, id.map(ChangeId::to_i64), "change", told);
    }

    fn subject(&mut self, named: &'static Named, told: &Told) {
        self.row(named, [told.subject.0, 0, 0], told.subject.1.clone(), told);
    }

    fn row_with_id(&mut self, named: &'static Named, id: Option<i64>, member: &str, told: &Told) {
        let row = told.text(member).unwrap_or("?").to_owned();
        self.row(named, [id.unwrap_or(0), 0, 0], row, told);
    }

    fn row(&mut self, named: &'static Named, key: [i64; KEY], row: String, told: &Told) {
        self.rows.entry(named.table).or_default().push(claim(key, row, told));
    }

    fn under(&mut self, under: &'static Under, member: &str, told: &Told) {
        let count = told.number(member).unwrap_or(0);
        let claim = claim([told.subject.0, 0, 0], told.subject.1.clone(), told);
        self.under.entry(under.table).or_default().push((claim, count));
    }

    /// Looks the rows up, and counts them by table.
    pub(super) fn settle(mut self, tx: &mut dyn Tx, findings: &mut Findings, named: &mut Rows) -> Result<(), Error> {
        for table in NAMED {
            let claims = self.rows.remove(table.table).unwrap_or_default();
            let count = named.entry(table.table).or_default();
            *count = count.saturating_add(u64::try_from(claims.len()).unwrap_or(u64::MAX));
            for claim in missing(tx, table, &claims)? {
                let sentence = format!("is missing: {} names it", claim.event);
                findings.add(table.table, claim.row.as_str(), sentence);
            }
        }
        for claim in missing(tx, &rows::RESOLVED_EXCEPTIONS, &self.resolved)? {
            let sentence = format!(
                "is not resolved, although {} says so: an older version of the row was put back",
                claim.event
            );
            findings.add("exceptions", claim.row.as_str(), sentence);
        }
        for table in UNDER {
            let claims = self.under.remove(table.table).unwrap_or_default();
            let parents: Vec<i64> = claims.iter().map(|(claim, _)| first(claim)).collect();
            let counted = rows::under(tx, table, &parents)?;
            for (claim, wanted) in &claims {
                let found = counted.get(&first(claim)).copied().unwrap_or(0);
                if found != *wanted {
                    let sentence = format!("{found} rows stand under it, and {} tells of {wanted}", claim.event);
                    findings.add(table.table, claim.row.as_str(), sentence);
                }
            }
        }
        self.settle_answers(tx, findings)
    }

    fn settle_answers(self, tx: &mut dyn Tx, findings: &mut Findings) -> Result<(), Error> {
        let digests: Vec<[u8; 16]> = self.once.keys().copied().collect();
        let known = store::requests::known(tx, &digests)?;
        for (digest, event) in self.once.iter().filter(|(digest, _)| !known.contains(*digest)) {
            let row: String = crate::event::hex(digest).chars().take(16).collect();
            findings.add("idempotency", row, format!("is missing: {event} names it"));
        }
        let times: std::collections::BTreeSet<Timestamp> = self.answered.iter().map(|(at, _, _)| *at).collect();
        let times: Vec<Timestamp> = times.into_iter().collect();
        let given = store::requests::given_at(tx, &times)?;
        let given: std::collections::BTreeSet<(Timestamp, i64)> = given
            .iter()
            .filter_map(|(at, answer)| Some((*at, answer.split(' ').next()?.parse().ok()?)))
            .collect();
        for (at, payment, event) in self
            .answered
            .iter()
            .filter(|(at, payment, _)| !given.contains(&(*at, *payment)))
        {
            let sentence = format!("the answer to the request behind {event} is missing; it was given at {at}");
            findings.add(
                "idempotency",
                vocab::id::PaymentId::from_i64(*payment).to_string(),
                sentence,
            );
        }
        Ok(())
    }
}

fn claim(key: [i64; KEY], row: String, told: &Told) -> Claim {
    Claim {
        key,
        row,
        event: told.id.to_string(),
    }
}

fn first(claim: &Claim) -> i64 {
    let [first, ..] = claim.key;
    first
}

fn missing<'a>(tx: &mut dyn Tx, named: &'static Named, claims: &'a [Claim]) -> Result<Vec<&'a Claim>, Error> {
    if claims.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<[i64; KEY]> = claims.iter().map(|claim| claim.key).collect();
    let present = rows::present(tx, named, &keys)?;
    Ok(claims.iter().filter(|claim| !present.contains(&claim.key)).collect())
}

/// Rows that were put back in an older version, which carries a seal that was good once.
pub(super) fn contradictions(tx: &mut dyn Tx, findings: &mut Findings) -> Result<(), Error> {
    for line in rows::contradicting_lines(tx)? {
        let sentence = "what it says about its explanation is not what its matches say: an older version of the row was put back, or a \
                        match is missing";
        findings.add("statement_lines", line.to_string(), sentence);
    }
    Ok(())
}

/// Rows that no event names. They carry seals, so they are ours: it is events that were removed before they were in the log. Said only
/// of tables and events in which nothing else was found, because one removed row would be told twice.
pub(super) fn unnamed(findings: &mut Findings, told: &AllTold, rows: &Rows) {
    if findings.any_in(&["events", "log_leaves", "log_pending", "log_head", "log_tiles"]) {
        return;
    }
    for table in NAMED {
        let (found, named) = (count(rows, table.table), count(&told.named, table.table));
        if found > named && !findings.any_in(&[table.table]) {
            let sentence = format!(
                "{} has {found} rows, and events tell of {named}: events were removed before they were in the log, or log and events \
                 were set back to an earlier time",
                table.table
            );
            findings.add("events", "-", sentence);
        }
    }
}

fn count(rows: &Rows, table: &str) -> u64 {
    rows.get(table).copied().unwrap_or(0)
}
