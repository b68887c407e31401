//! Recall: the bank is asked to cancel a payment that it has and has not booked.
//!
//! Each request has a case of its own, `pay-…-r…`, written down before the bank is contacted; a request whose answer was lost is
//! inquired about under it. What the bank decides comes as the answer, or later through the mailbox.

use crate::authenticate::Idempotency;
use crate::content;
use crate::inquire::{ended, note};
use crate::intake::open_content;
use crate::once::{Moved, once};
use crate::platform::Platform;
use crate::record;
use crate::refusal::Error;
use crate::send;
use crate::setup::write;
use crate::standing;
use crate::work::{NewException, Work, data, ordered};
use crate::{collect, worker};
use formats::camt055::{self, CancellationReason, CancellationRequest};
use formats::{camt029, pain002};
use payment::command::Command;
use payment::reason::Reason;
use payment::state::{Recall, State};
use std::sync::Arc;
use store::jobs::Job;
use store::payments::Standing;
use vocab::context::Ctx;
use vocab::exchange::{Channel, Document, DocumentKind, Inquiry, RecallAnswer, Receipt};
use vocab::id::{OrderId, PaymentId};
use vocab::limits;
use vocab::reference::Reference;
use vocab::time::Timestamp;

/// The job: its subject is the payment.
pub(crate) const JOB: &str = "recall";
/// Exception: the bank does not say whether it takes a request to cancel.
const RECALL_SILENT: &str = "recall_silent";
/// Exception: an answer about a payment that is not ours.
const RECALL_UNKNOWN: &str = "recall_unknown_payment";

/// Asks the bank to cancel a payment that it has accepted. Asking again while it has not answered changes nothing.
pub async fn recall(
    platform: &Platform,
    ctx: Ctx,
    payment: PaymentId,
    idempotency: Idempotency,
) -> Result<Moved, Error> {
    once(platform, ctx, "recall", idempotency, move |work| {
        let standing = work.payment(payment)?;
        let told = data([("because", "somebody asked for it".into())]);
        let (standing, moved) = work.advance(standing, &Command::RequestRecall, "payment.recall_requested", told)?;
        let state = standing::read(&standing)?;
        if let (true, State::AcceptedByBank { order, .. }) = (moved, &state) {
            let before = store::orders::attempts(work.tx, work.scope, *order)?.len();
            let case = format!("{}-r{before}", send::reference(payment)?);
            note(work, *order, "recall", "requested", &case)?;
            work.enqueue(JOB, payment.to_i64(), work.ctx.now)?;
        }
        Ok(Moved {
            state: state.name(),
            replayed: false,
        })
    })
    .await
}

/// What is to be said to the bank, and about what.
struct Errand {
    order: OrderId,
    channel_name: String,
    channel: Arc<dyn Channel>,
    case: String,
    say: Say,
    leased_until: Timestamp,
}

enum Say {
    /// The request itself.
    Request(Document),
    /// Whether it arrived.
    Inquiry,
}

enum Heard {
    Receipt(Receipt),
    Inquiry(Inquiry),
}

/// Carries the request of the job to the bank.
pub(crate) async fn run(platform: &Platform, ctx: Ctx, job: &Job) -> Result<(), Error> {
    let errand = {
        let job = job.clone();
        write(platform, ctx, "recall", move |work| begin(work, &job)).await?
    };
    let Some(Errand {
        order,
        channel_name,
        channel,
        case,
        say,
        leased_until,
    }) = errand
    else {
        return Ok(());
    };
    let (now, reference) = (platform.now(ctx.world), case.clone());
    let contact = move || match say {
        Say::Request(document) => Heard::Receipt(channel.send(&document, now)),
        Say::Inquiry => Heard::Inquiry(channel.inquire(&reference, now)),
    };
    let Some(heard) = send::call(platform, leased_until, contact).await? else {
        return Ok(());
    };
    let (job, ctx) = (
        job.clone(),
        Ctx {
            now: platform.now(ctx.world),
            ..ctx
        },
    );
    write(platform, ctx, "recall answer", move |work| {
        let about = About {
            job: &job,
            order,
            case: &case,
            channel: &channel_name,
        };
        match &heard {
            Heard::Receipt(receipt) => sent(work, &about, receipt),
            Heard::Inquiry(inquiry) => inquired(work, &about, inquiry),
        }
    })
    .await
}

fn begin(work: &mut Work<'_>, job: &Job) -> Result<Option<Errand>, Error> {
    let Some(leased_until) = worker::lease(work, job)? else {
        return Ok(None);
    };
    let standing = work.payment(PaymentId::from_i64(job.subject))?;
    let State::AcceptedByBank {
        order,
        recall: Recall::Requested,
        ..
    } = standing::read(&standing)?
    else {
        // Booked, rejected or cancelled in the meantime.
        worker::finish(work, job)?;
        return Ok(None);
    };
    let channel_name = store::orders::load(work.tx, work.scope, order)?
        .ok_or(Error::Bug("a payment at a bank without its order"))?
        .channel;
    let Some(channel) = work.parts.channels.get(channel_name.as_str()).map(Arc::clone) else {
        let due_at = work.ctx.now.plus_seconds(worker::backoff(job.attempts));
        worker::put_off(
            work,
            job,
            due_at,
            Some("this server does not have the channel of the order"),
        )?;
        return Ok(None);
    };
    let of_payment = format!("{}-r", send::reference(standing.payment.id)?);
    let attempts = store::orders::attempts(work.tx, work.scope, order)?;
    let mut newest_first = attempts.iter().rev().filter(|attempt| attempt.kind == "recall");
    let last = newest_first.find(|attempt| attempt.detail.starts_with(&of_payment));
    let last = last.ok_or(Error::Bug("a recall that nobody asked for"))?;
    let case = last.detail.clone();
    let say = match last.outcome.as_str() {
        "requested" | "not_received" => {
            // Dated by the request and not by now, so that the same case has the same bytes each time.
            let asked = attempts
                .iter()
                .find(|attempt| attempt.detail == case && attempt.outcome == "requested");
            let asked_at = asked.ok_or(Error::Bug("a recall that nobody asked for"))?.at;
            let document = request(work, &standing, order, &case, asked_at)?;
            note(work, order, "recall", "begun", &case)?;
            Say::Request(document)
        }
        "accepted" | "rejected" | "found" => {
            // The bank has the request; its decision comes through the mailbox.
            worker::finish(work, job)?;
            return Ok(None);
        }
        _ => Say::Inquiry,
    };
    Ok(Some(Errand {
        order,
        channel_name,
        channel,
        case,
        say,
        leased_until,
    }))
}

fn request(
    work: &Work<'_>,
    standing: &Standing,
    order: OrderId,
    case: &str,
    asked_at: Timestamp,
) -> Result<Document, Error> {
    let transfer = content::parse(&open_content(work.parts, &standing.payment)?)?;
    let own = send::reference(order)?;
    let case_id: Reference = case.parse().map_err(|_| Error::Bug("a case that is no reference"))?;
    let request = CancellationRequest {
        case_id,
        created_at: asked_at,
        requester: transfer.debtor.name,
        bank: transfer.debtor_agent,
        original_message_id: own.clone(),
        original_payment_information_id: own,
        instruction_id: send::reference(standing.payment.id)?,
        end_to_end_id: transfer.end_to_end_id,
        uetr: transfer.uetr,
        amount: ordered(standing)?,
        execution_on: transfer.execution_on,
        reason: CancellationReason::Customer,
    };
    let body = camt055::write(&request).map_err(|_| Error::Bug("a request to cancel that cannot be written"))?;
    Ok(Document {
        kind: DocumentKind::Camt055,
        reference: case.to_owned(),
        body,
    })
}

/// What a contact was about.
struct About<'a> {
    job: &'a Job,
    order: OrderId,
    case: &'a str,
    channel: &'a str,
}

fn sent(work: &mut Work<'_>, about: &About<'_>, receipt: &Receipt) -> Result<(), Error> {
    match receipt {
        Receipt::Accepted(document) => decided(work, about, document, "accepted"),
        Receipt::Rejected { code, text } => {
            ended(work, (about.channel, about.order), "recall", "rejected", about.case)?;
            let reason = Reason::of_bank(Some(code), Some(text));
            let standing = work.payment(PaymentId::from_i64(about.job.subject))?;
            refused(work, standing, reason.code())?;
            worker::finish(work, about.job)
        }
        Receipt::Unknown(_) => ask_later(work, about),
    }
}

fn inquired(work: &mut Work<'_>, about: &About<'_>, inquiry: &Inquiry) -> Result<(), Error> {
    match inquiry {
        Inquiry::Found(document) => decided(work, about, document, "found"),
        Inquiry::NotReceived => {
            ended(work, (about.channel, about.order), "recall", "not_received", about.case)?;
            worker::put_off(work, about.job, work.ctx.now, None)
        }
        Inquiry::Unknown(_) => ask_later(work, about),
    }
}

/// The bank has the request. Its answer may be the decision, or a mere receipt: a status report. What is neither says nothing, and the
/// bank is asked again.
fn decided(work: &mut Work<'_>, about: &About<'_>, document: &Document, outcome: &'static str) -> Result<(), Error> {
    collect::keep(work, about.channel, document)?;
    let read = match document.kind {
        DocumentKind::Camt029 => camt029::read(&document.body),
        DocumentKind::Pain002 => pain002::read(&document.body).map(|_| Vec::new()),
        DocumentKind::Pain001 | DocumentKind::Camt053 | DocumentKind::Camt054 | DocumentKind::Camt055 => {
            Err(Vec::new())
        }
    };
    match read {
        Ok(given) => {
            ended(work, (about.channel, about.order), "recall", outcome, about.case)?;
            answers(work, &given, false)?;
            worker::finish(work, about.job)
        }
        Err(findings) => {
            record::unreadable(work, None, document, findings.first())?;
            ask_later(work, about)
        }
    }
}

fn ask_later(work: &mut Work<'_>, about: &About<'_>) -> Result<(), Error> {
    ended(work, (about.channel, about.order), "recall", "unknown", about.case)?;
    let (attempts, payment) = (about.job.attempts, PaymentId::from_i64(about.job.subject));
    let told = store::exceptions::is_open(work.tx, work.scope, RECALL_SILENT, payment)?;
    if attempts >= limits::ATTEMPTS_MAX && !told {
        work.exception(NewException {
            account: None,
            statement: None,
            line: None,
            payment: Some(payment),
            code: RECALL_SILENT.to_owned(),
            sentence: format!(
                "The bank was asked {attempts} times to cancel payment {payment} and has not answered. Telephone the bank."
            ),
        })?;
    }
    let due_at = work.ctx.now.plus_seconds(worker::backoff(attempts));
    worker::put_off(work, about.job, due_at, Some("the bank did not answer"))
}

/// Takes in the bank's decisions. False when none of them is about a payment of ours; `foreign` says whether that is to be expected.
pub(crate) fn answers(work: &mut Work<'_>, given: &[RecallAnswer], foreign: bool) -> Result<bool, Error> {
    let mut ours = false;
    for answer in given {
        match payment_of(work, answer)? {
            Some(standing) => {
                ours = true;
                apply(work, standing, answer)?;
            }
            None if foreign => {}
            None => unknown(work, answer)?,
        }
    }
    Ok(ours)
}

/// Whether any of the answers is about a payment of ours.
pub(crate) fn concern_us(work: &mut Work<'_>, given: &[RecallAnswer]) -> Result<bool, Error> {
    for answer in given {
        if payment_of(work, answer)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn payment_of(work: &mut Work<'_>, answer: &RecallAnswer) -> Result<Option<Standing>, Error> {
    let payment = match (&answer.instruction_id, &answer.end_to_end_id) {
        (Some(instruction), _) => send::payment_of(instruction),
        (None, Some(end_to_end_id)) => {
            let digest = send::end_to_end_digest(work.parts, end_to_end_id);
            match store::payments::by_reference(work.tx, work.scope, &digest)?.as_slice() {
                [single] => Some(*single),
                _ => None,
            }
        }
        (None, None) => None,
    };
    payment.map_or(Ok(None), |payment| {
        Ok(store::payments::load(work.tx, work.scope, payment)?)
    })
}

fn apply(work: &mut Work<'_>, standing: Standing, answer: &RecallAnswer) -> Result<(), Error> {
    let account = standing.payment.account;
    match answer.cancelled {
        Some(true) => {
            let reason = Reason::of_bank(Some(answer.reason.as_deref().unwrap_or("CUST")), None);
            let told = told(answer);
            let command = Command::RecallAccepted { reason };
            let (_, moved) = record::hear(work, standing, &command, "payment.cancelled", told)?;
            if moved {
                crate::reconcile::explain_again(work, account)
            } else {
                Ok(())
            }
        }
        Some(false) => refused(work, standing, answer.reason.as_deref().unwrap_or("NARR")),
        // The bank has not decided yet.
        None => Ok(()),
    }
}

fn refused(work: &mut Work<'_>, standing: Standing, code: &str) -> Result<(), Error> {
    let code = Reason::new(code, "").code().to_owned();
    let told = data([
        ("because", "the bank says no to the request to cancel".into()),
        ("code", code.into()),
    ]);
    record::hear(work, standing, &Command::RecallRefused, "payment.recall_refused", told)?;
    Ok(())
}

fn told(answer: &RecallAnswer) -> serde_json::Map<String, serde_json::Value> {
    data([
        ("because", "the bank has cancelled it at our request".into()),
        ("report", record::shown(&answer.message_id).into()),
    ])
}

fn unknown(work: &mut Work<'_>, answer: &RecallAnswer) -> Result<(), Error> {
    let reference = record::shown(&answer.message_id);
    work.exception(NewException {
        account: None,
        statement: None,
        line: None,
        payment: None,
        code: RECALL_UNKNOWN.to_owned(),
        sentence: format!(
            "The bank's answer `{reference}` to a request to cancel names no payment of ours. Ask the bank."
        ),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_of_a_payment_is_a_reference_that_banks_take() {
        let payment = PaymentId::from_i64(i64::MAX);
        let case = format!("{}-r{}", send::reference(payment).unwrap(), 9_999_999);
        assert!(case.parse::<Reference>().is_ok(), "{case}");
    }
}
