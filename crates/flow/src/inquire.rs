//! Inquire: the bank is asked what became of an order whose fate nobody knows, again and again until it says.
//!
//! Only the answer that it never received the order, given after the newest attempt to send it, lets the order be sent again: the same
//! bytes under the same reference.

use crate::count::Count;
use crate::dispatch::{self, latest_send};
use crate::platform::Platform;
use crate::record;
use crate::refusal::Error;
use crate::send;
use crate::setup::write;
use crate::standing;
use crate::work::{NewException, Work, data};
use crate::{collect, worker};
use ledger::exception::ExceptionCode;
use payment::command::Command;
use payment::reason::Reason;
use payment::state::State;
use serde_json::json;
use std::sync::Arc;
use store::jobs::Job;
use store::orders::{Attempt, Order};
use store::payments::Standing;
use vocab::context::Ctx;
use vocab::exchange::{Channel, Inquiry};
use vocab::id::{OrderId, PaymentId};
use vocab::limits;
use vocab::time::Timestamp;

/// The job: its subject is the order.
pub(crate) const JOB: &str = "inquire";
/// Seconds until a bank that was silent is asked for the first time.
pub(crate) const FIRST_SECONDS: i64 = 5;
/// Exception: the bank does not answer inquiries.
const BANK_SILENT: &str = "bank_silent";
/// Exception: an order is sent again and again and never arrives.
const NEVER_ARRIVES: &str = "order_never_arrives";

/// A question that may be asked.
struct Question {
    order: Order,
    /// The attempt whose fate is asked for.
    about: Option<i64>,
    channel: Arc<dyn Channel>,
    leased_until: Timestamp,
}

/// Asks the bank about the order of the job.
pub(crate) async fn run(platform: &Platform, ctx: Ctx, job: &Job) -> Result<(), Error> {
    let question = {
        let job = job.clone();
        write(platform, ctx, "inquire", move |work| begin(work, &job)).await?
    };
    let Some(Question {
        order,
        about,
        channel,
        leased_until,
    }) = question
    else {
        return Ok(());
    };
    let (reference, now) = (send::reference(order.id)?, platform.now(ctx.world));
    let asked = send::call(platform, leased_until, move || channel.inquire(reference.as_str(), now)).await?;
    let Some(inquiry) = asked else { return Ok(()) };
    let (job, ctx) = (
        job.clone(),
        Ctx {
            now: platform.now(ctx.world),
            ..ctx
        },
    );
    write(platform, ctx, "inquiry", move |work| {
        finish(work, &job, &order, about, &inquiry)
    })
    .await
}

/// Asks about an order from a time on, unless that is planned already.
pub(crate) fn enqueue(work: &mut Work<'_>, order: OrderId, due_at: Timestamp) -> Result<(), Error> {
    if store::jobs::exists(work.tx, work.scope, JOB, order.to_i64())? {
        return Ok(());
    }
    work.enqueue(JOB, order.to_i64(), due_at)
}

/// The payments of an order as they stand.
pub(crate) fn standings(work: &mut Work<'_>, order: OrderId) -> Result<Vec<Standing>, Error> {
    let payments = store::orders::payments(work.tx, work.scope, order)?;
    payments.into_iter().map(|payment| work.payment(payment)).collect()
}

/// Writes a contact with the bank down; returns its number.
pub(crate) fn note(work: &mut Work<'_>, order: OrderId, kind: &str, outcome: &str, detail: &str) -> Result<i64, Error> {
    let before = store::orders::attempts(work.tx, work.scope, order)?;
    let number = before.last().map_or(0, |attempt| attempt.number.saturating_add(1));
    let attempt = Attempt {
        number,
        kind: kind.to_owned(),
        outcome: outcome.to_owned(),
        detail: detail.to_owned(),
        at: work.ctx.now,
    };
    store::orders::add_attempt(work.tx, work.scope, order, &attempt)?;
    work.event(
        "order.attempted",
        order,
        &json!({"attempt": number, "contact": kind, "outcome": outcome}),
    )?;
    Ok(number)
}

/// How a contact on a channel ended, written down and counted.
pub(crate) fn ended(
    work: &mut Work<'_>,
    (channel, order): (&str, OrderId),
    kind: &'static str,
    outcome: &'static str,
    detail: &str,
) -> Result<(), Error> {
    note(work, order, kind, outcome, detail)?;
    work.counts.push(Count::Contact {
        channel: channel.to_owned(),
        kind,
        outcome,
    });
    Ok(())
}

fn begin(work: &mut Work<'_>, job: &Job) -> Result<Option<Question>, Error> {
    let Some(leased_until) = worker::lease(work, job)? else {
        return Ok(None);
    };
    let id = OrderId::from_i64(job.subject);
    let order = store::orders::load(work.tx, work.scope, id)?.ok_or(Error::Bug("an inquiry about no order"))?;
    let mut open = false;
    for standing in standings(work, id)? {
        let state = standing::read(&standing)?;
        if matches!(state, State::Dispatching { .. }) {
            // An attempt is under way; asking now would answer about the one before it.
            worker::put_off(work, job, work.ctx.now.plus_seconds(FIRST_SECONDS), None)?;
            return Ok(None);
        }
        open |= record::is_open(&state);
    }
    let channel = work.parts.channels.get(order.channel.as_str()).map(Arc::clone);
    match (open, channel) {
        (false, _) => {
            worker::finish(work, job)?;
            Ok(None)
        }
        (true, None) => {
            tracing::error!(
                channel = order.channel,
                "this server has no channel `{}`",
                order.channel
            );
            let due_at = work.ctx.now.plus_seconds(worker::backoff(job.attempts));
            worker::put_off(
                work,
                job,
                due_at,
                Some("this server does not have the channel of the order"),
            )?;
            Ok(None)
        }
        (true, Some(channel)) => {
            let about = latest_send(&store::orders::attempts(work.tx, work.scope, id)?).map(|attempt| attempt.number);
            Ok(Some(Question {
                order,
                about,
                channel,
                leased_until,
            }))
        }
    }
}

fn finish(work: &mut Work<'_>, job: &Job, order: &Order, about: Option<i64>, inquiry: &Inquiry) -> Result<(), Error> {
    match inquiry {
        Inquiry::Found(document) => {
            ended(
                work,
                (&order.channel, order.id),
                "inquire",
                "found",
                &record::shown(&document.reference),
            )?;
            collect::keep(work, &order.channel, document)?;
            if record::answer(work, order, document)? {
                worker::finish(work, job)
            } else {
                ask_again(work, job, order, "the bank's answer could not be used")
            }
        }
        Inquiry::NotReceived => {
            ended(work, (&order.channel, order.id), "inquire", "not_received", "")?;
            let attempts = store::orders::attempts(work.tx, work.scope, order.id)?;
            let latest = latest_send(&attempts).map(|attempt| attempt.number);
            if latest != about {
                // Sent again since it was asked: the answer is about the earlier attempt.
                return ask_again(work, job, order, "the answer was older than the last attempt");
            }
            not_received(work, job, order, sends(&attempts))
        }
        Inquiry::Unknown(text) => {
            let text = Reason::new("unknown", text).text().to_owned();
            ended(work, (&order.channel, order.id), "inquire", "unknown", &text)?;
            ask_again(work, job, order, "the bank did not answer")
        }
    }
}

/// Only an order of which the bank has nothing at all is sent again: at once the first time, then after longer and longer pauses.
fn not_received(work: &mut Work<'_>, job: &Job, order: &Order, sends: i64) -> Result<(), Error> {
    let standings = standings(work, order.id)?;
    for standing in &standings {
        if !matches!(
            standing::read(standing)?,
            State::Unknown { .. } | State::Queued { resend: Some(_), .. }
        ) {
            contradicts(work, order, standing.payment.id)?;
            return ask_again(work, job, order, "the bank contradicts itself");
        }
    }
    let why = "the bank is certain that it never received the order";
    for standing in standings {
        let told = data([("because", why.into()), ("order", order.id.to_string().into())]);
        record::hear(work, standing, &Command::FoundNotReceived, "payment.not_received", told)?;
    }
    let pause = if sends > 1 { worker::backoff(sends) } else { 0 };
    if !store::jobs::exists(work.tx, work.scope, dispatch::RESEND, order.id.to_i64())? {
        work.enqueue(dispatch::RESEND, order.id.to_i64(), work.ctx.now.plus_seconds(pause))?;
    }
    if sends >= limits::ATTEMPTS_MAX {
        let id = order.id;
        let sentence = format!(
            "Order {id} was sent {sends} times, and each time the bank says that it never received it. It is sent on; telephone the \
             bank."
        );
        once(work, order, NEVER_ARRIVES, sentence)?;
    }
    worker::finish(work, job)
}

/// How often the order was sent.
fn sends(attempts: &[Attempt]) -> i64 {
    let sends = attempts
        .iter()
        .filter(|attempt| attempt.kind == "send" && attempt.outcome == "begun");
    i64::try_from(sends.count()).unwrap_or(i64::MAX)
}

fn contradicts(work: &mut Work<'_>, order: &Order, payment: PaymentId) -> Result<(), Error> {
    let (code, id) = (ExceptionCode::ReportContradicts.code(), order.id);
    let sentence = format!(
        "The bank says that it never received order {id}, although it has spoken of payment {payment}, which is part of it. Nothing is \
         sent again. Ask the bank."
    );
    once_about(work, order, payment, code, sentence)
}

/// Puts the question off, at first for seconds, in the end for minutes; after many times a person is told as well.
fn ask_again(work: &mut Work<'_>, job: &Job, order: &Order, why: &str) -> Result<(), Error> {
    if job.attempts >= limits::ATTEMPTS_MAX {
        let id = order.id;
        let sentence = format!(
            "The bank was asked {} times what became of order {id} and has not said. It is asked on; telephone the bank. Do not pay \
             its payments in another way before you know.",
            job.attempts
        );
        once(work, order, BANK_SILENT, sentence)?;
    }
    let due_at = work.ctx.now.plus_seconds(worker::backoff(job.attempts));
    worker::put_off(work, job, due_at, Some(why))
}

/// Tells a person about an order, with the first of its payments, unless it was told already.
fn once(work: &mut Work<'_>, order: &Order, code: &str, sentence: String) -> Result<(), Error> {
    let first = store::orders::payments(work.tx, work.scope, order.id)?
        .into_iter()
        .next();
    once_about(
        work,
        order,
        first.ok_or(Error::Bug("an order without payments"))?,
        code,
        sentence,
    )
}

fn once_about(
    work: &mut Work<'_>,
    order: &Order,
    payment: PaymentId,
    code: &str,
    sentence: String,
) -> Result<(), Error> {
    if !store::exceptions::is_open(work.tx, work.scope, code, payment)? {
        work.exception(NewException {
            account: Some(order.account),
            statement: None,
            line: None,
            payment: Some(payment),
            code: code.to_owned(),
            sentence,
        })?;
    }
    Ok(())
}
