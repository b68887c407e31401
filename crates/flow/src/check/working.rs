//! Working tables: what can be compared with something is.

use super::events::AllTold;
use super::{Findings, Now};
use crate::platform::Parts;
use crate::refusal::Error;
use crate::{collect, dispatch, inquire, recall, send, sweep};
use payment::state::{Recall, State};
use store::Tx;
use store::audit::payments::{last_recall, sending_job};
use store::audit::totals::homes;
use store::audit::working::{self as rows, Jobs};
use store::payments::Payment;
use vocab::context::World;
use vocab::id::{JobId, OrderId, OrganizationId};
use vocab::limits;
use vocab::time::Timestamp;

/// Seconds that a job is put off at most: a day when only people can help, and some for clocks that differ.
const PUT_OFF_SECONDS_MAX: i64 = 86_400 + 3_600;
/// Seconds that a lease may still last at most, beyond its own length: clocks that differ.
const LEASE_SECONDS_MAX: i64 = limits::LEASE_SECONDS + 3_600;
/// Claims of a job at most: a year of one try every 30 seconds. More would soon be no number any more, and the job never be claimed.
const CLAIMS_MAX: i64 = 1_000_000;

/// Compares the facts about the database with the keys in use.
pub(super) fn facts(parts: &Parts, tx: &mut dyn Tx, findings: &mut Findings) -> Result<(), Error> {
    let log = parts.log_verifier.to_string();
    let wanted = [("keys", parts.keyring.0.fingerprint()), ("log", log.as_str())];
    let facts = rows::facts(tx)?;
    findings.looked_at(facts.len());
    for (name, value) in wanted {
        match facts.iter().find(|fact| fact.name.as_deref() == Some(name)) {
            None => findings.add("facts", name, "is missing"),
            Some(fact) if fact.value.as_deref() != Some(value) => {
                let sentence = "names other keys than those in use: the row was altered, or these are not the keys of this database, and \
                                then everything else listed here only says so again";
                findings.add("facts", name, sentence);
            }
            Some(_) => {}
        }
    }
    for fact in &facts {
        let name = fact.name.as_deref().unwrap_or("?");
        if !wanted.iter().any(|(known, _)| *known == name) {
            findings.add("facts", name, "no such fact is ever noted");
        }
    }
    Ok(())
}

/// Compares the test clock, mailboxes and jobs with what events tell and with what has to be done.
pub(super) fn check(
    parts: &Parts,
    tx: &mut dyn Tx,
    findings: &mut Findings,
    told: &AllTold,
    now: &Now,
) -> Result<(), Error> {
    test_clock(tx, findings, told)?;
    mailboxes(tx, findings, told)?;
    jobs(parts, tx, findings, now)
}

fn test_clock(tx: &mut dyn Tx, findings: &mut Findings, told: &AllTold) -> Result<(), Error> {
    let clocks = rows::test_clocks(tx)?;
    findings.looked_at(clocks.len());
    let mut found = false;
    for (id, ahead) in clocks {
        if id != 1 {
            findings.add(
                "test_clock",
                id.to_string(),
                "there is one test clock, and this is another",
            );
            continue;
        }
        found = true;
        if ahead != Some(told.ahead_micros) {
            let seconds = told.ahead_micros.div_euclid(1_000_000);
            findings.add(
                "test_clock",
                "1",
                format!("events come to {seconds} seconds, and it is another time ahead"),
            );
        }
    }
    if told.clock_moved && !found {
        findings.add("test_clock", "1", "is missing, although the clock was moved");
    }
    Ok(())
}

fn mailboxes(tx: &mut dyn Tx, findings: &mut Findings, told: &AllTold) -> Result<(), Error> {
    let mailboxes = rows::mailboxes(tx)?;
    findings.looked_at(mailboxes.len());
    let mut expected = told.cursors.clone();
    for mailbox in mailboxes {
        let row = format!(
            "{} {} {}",
            OrganizationId::from_i64(mailbox.organization),
            mailbox.world,
            mailbox.channel
        );
        match expected.remove(&(mailbox.organization, mailbox.world, mailbox.channel)) {
            None => findings.add("mailboxes", row, "no event tells that this mailbox was ever read"),
            Some(cursor) if mailbox.cursor != Some(cursor) => {
                findings.add(
                    "mailboxes",
                    row,
                    format!("the last event about it says that it was read up to {cursor}"),
                );
            }
            Some(_) => {}
        }
    }
    for (organization, world, channel) in expected.into_keys() {
        let row = format!("{} {world} {channel}", OrganizationId::from_i64(organization));
        findings.add("mailboxes", row, "is missing, although the mailbox was read");
    }
    Ok(())
}

fn jobs(parts: &Parts, tx: &mut dyn Tx, findings: &mut Findings, now: &Now) -> Result<(), Error> {
    let longest = now.wall.plus_seconds(LEASE_SECONDS_MAX);
    let mut pages = Jobs::new();
    while let Some(page) = pages.next(tx, &parts.keyring)? {
        findings.looked_at(page.len());
        for job in page {
            let row = job.id.to_string();
            if !job.sealed {
                findings.add(
                    "jobs",
                    row,
                    "its seal does not hold: it was altered, or added by somebody else",
                );
            } else if !job
                .attempts
                .is_some_and(|attempts| (0..=CLAIMS_MAX).contains(&attempts))
            {
                findings.add(
                    "jobs",
                    row,
                    "it cannot have been claimed so often: it would never be claimed again",
                );
            } else if job.leased_until.is_none_or(|until| until > longest) {
                findings.add("jobs", row, "nobody holds a job for so long: it would never be done");
            } else if !job.due {
                findings.add("jobs", row, "its due time cannot be read");
            }
        }
    }
    for home in homes(tx)? {
        for kind in [collect::JOB, sweep::JOB] {
            // The test clock may have been set back, so that these are due later than they would be now.
            let latest = (home.1 == World::Live.to_i64()).then(|| now.wall.plus_seconds(PUT_OFF_SECONDS_MAX));
            needed(
                tx,
                findings,
                home,
                (kind, 0),
                latest,
                "and nothing would set it off again",
            )?;
        }
    }
    Ok(())
}

/// What a payment waits for must have its job.
pub(super) fn job_of(
    tx: &mut dyn Tx,
    findings: &mut Findings,
    now: &Now,
    payment: &Payment,
    state: &State,
) -> Result<(), Error> {
    let home = (payment.organization.to_i64(), payment.world.to_i64());
    let mut latest = now.of(payment.world).plus_seconds(PUT_OFF_SECONDS_MAX);
    let (job, otherwise) = match state {
        State::Queued {
            not_before,
            resend: None,
        } => {
            latest = latest.max(Timestamp::at_start_of(*not_before).plus_seconds(PUT_OFF_SECONDS_MAX));
            (
                (dispatch::JOB, payment.id.to_i64()),
                "and the payment would never travel to the bank",
            )
        }
        State::Queued {
            resend: Some(order), ..
        } => {
            // Until the bank has said for certain that it has nothing, it is asked once more.
            let resend = rows::due(tx, home, dispatch::RESEND, order.to_i64())?.is_some();
            let kind = if resend { dispatch::RESEND } else { inquire::JOB };
            ((kind, order.to_i64()), "and the order would never be sent again")
        }
        State::Unknown { order } => (
            (inquire::JOB, order.to_i64()),
            "and the bank would never be asked what became of the order",
        ),
        State::Dispatching { order } => return dispatching(tx, findings, *order),
        State::AcceptedByBank {
            order,
            recall: Recall::Requested,
            ..
        } => {
            let case = format!("{}-r", send::reference(payment.id)?);
            if matches!(
                last_recall(tx, *order, &case)?.as_deref(),
                Some("accepted" | "rejected" | "found")
            ) {
                return Ok(()); // The bank has the request and will decide.
            }
            (
                (recall::JOB, payment.id.to_i64()),
                "and the bank would never be asked to cancel the payment",
            )
        }
        State::AcceptedByBank { .. }
        | State::Received { .. }
        | State::WaitingForApproval { .. }
        | State::Approved
        | State::Rejected { .. }
        | State::Settled { .. }
        | State::Returned { .. }
        | State::Cancelled { .. }
        | State::Expired => return Ok(()),
    };
    needed(tx, findings, home, job, Some(latest), otherwise)
}

/// The job under which an order is being sent: its attempt names it.
fn dispatching(tx: &mut dyn Tx, findings: &mut Findings, order: OrderId) -> Result<(), Error> {
    let named = sending_job(tx, order)?;
    let job: Option<JobId> = named.as_deref().and_then(|job| job.parse().ok());
    let there = match job {
        Some(job) => rows::job_is_there(tx, job)?,
        None => false,
    };
    if !there {
        let row = named.unwrap_or_else(|| "?".to_owned());
        findings.add(
            "jobs",
            row,
            format!("is missing: {order} is being sent, and its outcome would never be looked for"),
        );
    }
    Ok(())
}

fn needed(
    tx: &mut dyn Tx,
    findings: &mut Findings,
    home: (i64, i64),
    (kind, subject): (&str, i64),
    latest: Option<Timestamp>,
    otherwise: &str,
) -> Result<(), Error> {
    let due = rows::due(tx, home, kind, subject)?;
    let row = format!("{kind} {subject}");
    match (due, latest) {
        (None, _) => findings.add("jobs", row, format!("is missing, {otherwise}")),
        (Some(due), Some(latest)) if due > latest => {
            findings.add("jobs", row, format!("is due on {due} only, {otherwise} in time"))
        }
        (Some(_), _) => {}
    }
    Ok(())
}
