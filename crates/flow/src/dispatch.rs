//! Dispatch: queued payments travel to their bank, each once.
//!
//! Durable steps, and what a crash leaves after each: (1) order, attempt and `dispatching` are written: whoever takes the job over knows
//! only that the bank may have been contacted, says `unknown` and inquires; (2) the bank is called outside of any transaction; (3) its
//! answer is written. Nothing is ever sent again before the bank has said that it never received it.

use crate::content;
use crate::event::{hex, sha256};
use crate::intake::{self, open_content};
use crate::platform::Platform;
use crate::record;
use crate::refusal::Error;
use crate::send::{self, Part};
use crate::setup::write;
use crate::standing;
use crate::work::{NewException, Work, data, ordered};
use crate::{collect, inquire, worker};
use payment::command::Command;
use payment::policy::Policy;
use payment::reason::Reason;
use payment::state::{State, StateName};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::accounts::Account;
use store::jobs::Job;
use store::orders::{Attempt, Order};
use store::payments::Standing;
use vocab::context::{Actor, Ctx, World};
use vocab::exchange::{Channel, Document, Receipt};
use vocab::id::{OrderId, PaymentId};
use vocab::limits;
use vocab::money::Money;
use vocab::time::Timestamp;
use vocab::transfer::CreditTransfer;

/// The job: its subject is the payment.
pub(crate) const JOB: &str = "dispatch";
/// The job of an informed resend: its subject is the order.
pub(crate) const RESEND: &str = "resend";
/// Exception: a queued payment lacks approvals.
const APPROVALS_MISSING: &str = "approvals_missing";
/// Largest sum of an order in minor units: 18 digits of the control sum.
const ORDER_MINOR_MAX: i64 = 999_999_999_999_999_999;
/// Seconds until a payment is looked at again that cannot travel for a reason only people can change.
const LATER_SECONDS: i64 = 86_400;
/// Seconds until it is looked again whether a restored database may send.
const HELD_BACK_SECONDS: i64 = 30;
/// Seconds until another server may have the channel that this one lacks.
const NO_CHANNEL_SECONDS: i64 = 60;

/// An attempt that is written down and may now be made.
struct Attempted {
    order: Order,
    /// Number of the attempt's row.
    number: i64,
    channel: Arc<dyn Channel>,
    document: Document,
    leased_until: Timestamp,
}

/// Sends the payment of the job with its companions, or an order again that the bank never received.
pub(crate) async fn run(platform: &Platform, ctx: Ctx, job: &Job) -> Result<(), Error> {
    let begun = {
        let job = job.clone();
        write(platform, ctx, "dispatch", move |work| begin(work, &job)).await?
    };
    let Some(Attempted {
        order,
        number,
        channel,
        document,
        leased_until,
    }) = begun
    else {
        return Ok(());
    };
    let now = platform.now(ctx.world);
    let Some(receipt) = send::call(platform, leased_until, move || channel.send(&document, now)).await? else {
        tracing::warn!(order.id = %order.id, "order {} was not sent: the lease on it was about to end", order.id);
        return Ok(());
    };
    let (job, ctx) = (
        job.clone(),
        Ctx {
            now: platform.now(ctx.world),
            ..ctx
        },
    );
    write(platform, ctx, "receipt", move |work| {
        finish(work, &job, &order, number, &receipt)
    })
    .await
}

fn begin(work: &mut Work<'_>, job: &Job) -> Result<Option<Attempted>, Error> {
    let Some(leased_until) = worker::lease(work, job)? else {
        return Ok(None);
    };
    // What a restored database believes to be unsent may have been sent after the backup was made, under a reference that it never knew.
    if crate::backup::acts::held_back(work.parts, work.tx)? {
        let due_at = work.ctx.now.plus_seconds(HELD_BACK_SECONDS);
        worker::put_off(
            work,
            job,
            due_at,
            Some("held back after a restore: `countersign backup release`"),
        )?;
        return Ok(None);
    }
    if job.kind == RESEND {
        return again(work, job, leased_until);
    }
    let standing = work.payment(PaymentId::from_i64(job.subject))?;
    match standing::read(&standing)? {
        State::Queued {
            not_before,
            resend: None,
        } if work.ctx.now.date() < not_before => {
            worker::put_off(work, job, Timestamp::at_start_of(not_before), None)?;
            Ok(None)
        }
        State::Queued { resend: None, .. } => first(work, job, standing, leased_until),
        State::Dispatching { order } => {
            interrupted(work, job, order)?;
            Ok(None)
        }
        // Another payment's job has taken it along, or it was cancelled or changed; what is to be sent again has its own job.
        State::Queued { resend: Some(_), .. }
        | State::Received { .. }
        | State::WaitingForApproval { .. }
        | State::Approved
        | State::Unknown { .. }
        | State::AcceptedByBank { .. }
        | State::Rejected { .. }
        | State::Settled { .. }
        | State::Returned { .. }
        | State::Cancelled { .. }
        | State::Expired => {
            worker::finish(work, job)?;
            Ok(None)
        }
    }
}

/// Writes the order of a payment that is sent for the first time.
fn first(
    work: &mut Work<'_>,
    job: &Job,
    standing: Standing,
    leased_until: Timestamp,
) -> Result<Option<Attempted>, Error> {
    let account = store::accounts::load(work.tx, work.scope, standing.payment.account)?
        .ok_or(Error::Bug("a payment without its account"))?;
    let Some(channel) = way(work, job, &account)? else {
        return Ok(None);
    };
    let policy =
        intake::policy(work.tx, work.scope)?.ok_or(Error::Bug("a queued payment without an approval policy"))?;
    if !enough_approvals(work, &policy, &standing, &account.channel)? {
        approvals_missing(work, job, &standing)?;
        return Ok(None);
    }
    let (standings, parts): (Vec<Standing>, Vec<Part>) =
        travelling_together(work, &policy, standing, &account.channel)?
            .into_iter()
            .unzip();
    let id = OrderId::from_i64(work.parts.id());
    let bytes = send::compose(id, &parts, work.ctx.now)?;
    let minor = parts
        .iter()
        .try_fold(0_i64, |sum, part| sum.checked_add(part.transfer.amount.minor()));
    let order = Order {
        id,
        account: account.id,
        channel: account.channel,
        payments: i64::try_from(parts.len()).map_err(|_| Error::Bug("an order with too many payments"))?,
        total: Money::new(
            minor.ok_or(Error::Bug("an order with too large a sum"))?,
            account.currency,
        ),
        document_digest: sha256(&[&bytes]).to_vec(),
        sealed: send::seal(work.parts, work.scope, id, &bytes)?,
        created_at: work.ctx.now,
    };
    let payments: Vec<PaymentId> = parts.iter().map(|part| part.payment).collect();
    store::orders::add(work.tx, work.scope, &order, &payments)?;
    let references: Vec<_> = parts
        .iter()
        .flat_map(|part| send::foreign_references(work.parts, part))
        .collect();
    store::payments::add_references(work.tx, work.scope, &references)?;
    let told = json!({
        "account": order.account.to_string(),
        "channel": order.channel,
        "currency": order.total.currency().code(),
        "document": hex(&order.document_digest),
        "payments": order.payments,
        "total": order.total.decimal(),
    });
    work.event("order.written", id, &told)?;
    for standing in standings {
        depart(work, standing, id, "its day has come")?;
    }
    attempt(work, job, order, channel, leased_until).map(Some)
}

/// Writes the attempt down. Its detail names the job: only whoever holds that job knows that an attempt without an outcome is over.
fn attempt(
    work: &mut Work<'_>,
    job: &Job,
    order: Order,
    channel: Arc<dyn Channel>,
    leased_until: Timestamp,
) -> Result<Attempted, Error> {
    let number = inquire::note(work, order.id, "send", "begun", &job.id.to_string())?;
    let document = send::document(work.parts, work.scope, &order)?;
    Ok(Attempted {
        order,
        number,
        channel,
        document,
        leased_until,
    })
}

fn depart(work: &mut Work<'_>, standing: Standing, order: OrderId, why: &str) -> Result<(), Error> {
    let told = data([("because", why.into()), ("order", order.to_string().into())]);
    work.advance(standing, &Command::BeginDispatch { order }, "payment.dispatching", told)?;
    Ok(())
}

/// The channel of an account, if this server has it.
fn way(work: &mut Work<'_>, job: &Job, account: &Account) -> Result<Option<Arc<dyn Channel>>, Error> {
    let found = work.parts.channels.get(account.channel.as_str()).map(Arc::clone);
    let found = found.filter(|channel| work.ctx.world == World::Test || !channel.simulated());
    if found.is_none() {
        tracing::error!(
            channel = account.channel,
            "this server has no channel `{}` for this world",
            account.channel
        );
        let due_at = work.ctx.now.plus_seconds(NO_CHANNEL_SECONDS);
        worker::put_off(
            work,
            job,
            due_at,
            Some("this server does not have the channel of the account"),
        )?;
    }
    Ok(found)
}

/// Whether the people whom the policy asks for have approved exactly this content. The state says so already; this is looked up again
/// in the sealed approvals, so that a changed state alone moves no money.
fn enough_approvals(work: &mut Work<'_>, policy: &Policy, standing: &Standing, channel: &str) -> Result<bool, Error> {
    let payment = &standing.payment;
    let made = store::payments::changed_by(work.tx, work.scope, payment.id)?;
    let approvers: BTreeSet<_> =
        store::approvals::of_content(work.tx, work.scope, payment.id, &payment.content_digest)?
            .into_iter()
            .map(Actor::Member)
            .filter(|member| *member != payment.created_by && !made.contains(member))
            .collect();
    let needed = policy.needed(&ordered(standing)?, channel);
    Ok(u32::try_from(approvers.len()).unwrap_or(u32::MAX) >= needed)
}

fn approvals_missing(work: &mut Work<'_>, job: &Job, standing: &Standing) -> Result<(), Error> {
    let payment = standing.payment.id;
    tracing::error!(payment.id = %payment, "payment {payment} is queued without the approvals that it needs");
    if !store::exceptions::is_open(work.tx, work.scope, APPROVALS_MISSING, payment)? {
        work.exception(NewException {
            account: Some(standing.payment.account),
            statement: None,
            line: None,
            payment: Some(payment),
            code: APPROVALS_MISSING.to_owned(),
            sentence: format!(
                "Payment {payment} was about to go to the bank, but it lacks approvals that the policy in force asks for. Nothing was \
                 sent. Cancel it, or change it and have it approved again."
            ),
        })?;
    }
    worker::put_off(
        work,
        job,
        work.ctx.now.plus_seconds(LATER_SECONDS),
        Some("approvals are missing"),
    )
}

/// The payment and, if it wants to be booked with its neighbours, those of the same file that may travel now under the same
/// conditions; in the order of the file.
fn travelling_together(
    work: &mut Work<'_>,
    policy: &Policy,
    standing: Standing,
    channel: &str,
) -> Result<Vec<(Standing, Part)>, Error> {
    let first = part(work, &standing)?;
    let (like, wanted) = (standing.payment.clone(), first.transfer.clone());
    let mut minor = first.transfer.amount.minor();
    let mut together = vec![(standing, first)];
    if !wanted.batch_booking || like.batch.is_none() {
        return Ok(together);
    }
    let (queued, mut after) = (StateName::Queued.code(), PaymentId::from_i64(0));
    'pages: loop {
        let page = limits::ORDER_PAYMENTS_MAX;
        let companions = store::payments::companions(work.tx, work.scope, &like, queued, after, page)?;
        let Some(last) = companions.last() else { break };
        after = last.payment.id;
        for companion in companions {
            if together.len() >= limits::ORDER_PAYMENTS_MAX {
                break 'pages;
            }
            if companion.payment.id == like.id || !may_travel_now(&companion, work.ctx.now)? {
                continue;
            }
            let part = part(work, &companion)?;
            let sum = minor
                .checked_add(part.transfer.amount.minor())
                .filter(|sum| *sum <= ORDER_MINOR_MAX);
            let (Some(sum), true) = (sum, same_conditions(&wanted, &part.transfer)) else {
                continue;
            };
            if enough_approvals(work, policy, &companion, channel)? {
                minor = sum;
                together.push((companion, part));
            }
        }
    }
    together.sort_by_key(|(_, part)| part.payment);
    Ok(together)
}

fn part(work: &Work<'_>, standing: &Standing) -> Result<Part, Error> {
    let payment = &standing.payment;
    let transfer = content::parse(&open_content(work.parts, payment)?)?;
    Ok(Part {
        payment: payment.id,
        content_digest: payment.content_digest,
        transfer,
    })
}

fn may_travel_now(standing: &Standing, now: Timestamp) -> Result<bool, Error> {
    let state = standing::read(standing)?;
    Ok(matches!(state, State::Queued { not_before, resend: None } if not_before <= now.date()))
}

/// Whether two payments of one account and day fit into one block of an order.
fn same_conditions(one: &CreditTransfer, other: &CreditTransfer) -> bool {
    other.batch_booking
        && one.debtor == other.debtor
        && one.debtor_agent == other.debtor_agent
        && one.charges == other.charges
        && one.service_level == other.service_level
        && one.category_purpose == other.category_purpose
}

/// Sends an order again, with its exact bytes, if it is still true that the bank has nothing of it.
fn again(work: &mut Work<'_>, job: &Job, leased_until: Timestamp) -> Result<Option<Attempted>, Error> {
    let id = OrderId::from_i64(job.subject);
    let order = store::orders::load(work.tx, work.scope, id)?.ok_or(Error::Bug("a resend of no order"))?;
    let standings = inquire::standings(work, id)?;
    let mut states = Vec::with_capacity(standings.len());
    for standing in &standings {
        states.push(standing::read(standing)?);
    }
    if states.iter().any(|state| matches!(state, State::Dispatching { .. })) {
        interrupted(work, job, id)?;
        return Ok(None);
    }
    if !states
        .iter()
        .all(|state| matches!(state, State::Queued { resend: Some(_), .. }))
    {
        // The bank has spoken of some of them since: it has the order after all.
        if states.iter().any(record::is_open) {
            inquire::enqueue(work, id, work.ctx.now)?;
        }
        worker::finish(work, job)?;
        return Ok(None);
    }
    let account =
        store::accounts::load(work.tx, work.scope, order.account)?.ok_or(Error::Bug("an order without its account"))?;
    let account = Account {
        channel: order.channel.clone(),
        ..account
    };
    let Some(channel) = way(work, job, &account)? else {
        return Ok(None);
    };
    for standing in standings {
        depart(
            work,
            standing,
            id,
            "the bank is certain that it never received the order",
        )?;
    }
    attempt(work, job, order, channel, leased_until).map(Some)
}

/// An attempt without an outcome. If it was made under this very job, whoever made it is gone: nobody knows what the bank has.
fn interrupted(work: &mut Work<'_>, job: &Job, order: OrderId) -> Result<(), Error> {
    let attempts = store::orders::attempts(work.tx, work.scope, order)?;
    let mine = latest_send(&attempts).is_some_and(|attempt| attempt.detail == job.id.to_string());
    if mine {
        let why = "the server stopped before the bank's answer was written down";
        let channel = store::orders::load(work.tx, work.scope, order)?.map(|order| order.channel);
        let channel = channel.ok_or(Error::Bug("an attempt for no order"))?;
        inquire::ended(work, (&channel, order), "send", "unknown", why)?;
        silent(work, order, why)?;
    }
    worker::finish(work, job)
}

/// The newest attempt to send the order.
pub(crate) fn latest_send(attempts: &[Attempt]) -> Option<&Attempt> {
    attempts
        .iter()
        .rev()
        .find(|attempt| attempt.kind == "send" && attempt.outcome == "begun")
}

/// Writes down what the bank said to the attempt with this number. Also when the job is somebody else's by now: what a bank says is
/// worth knowing, and the state machine takes it or not.
fn finish(work: &mut Work<'_>, job: &Job, order: &Order, number: i64, receipt: &Receipt) -> Result<(), Error> {
    let attempts = store::orders::attempts(work.tx, work.scope, order.id)?;
    let newest = latest_send(&attempts).is_some_and(|attempt| attempt.number == number);
    match receipt {
        Receipt::Accepted(document) => {
            inquire::ended(
                work,
                (&order.channel, order.id),
                "send",
                "accepted",
                &record::shown(&document.reference),
            )?;
            collect::keep(work, &order.channel, document)?;
            if !record::answer(work, order, document)? && newest {
                silent(work, order.id, "the bank's answer could not be used")?;
            }
        }
        Receipt::Rejected { code, text } => {
            let reason = Reason::of_bank(Some(code), Some(text));
            inquire::ended(
                work,
                (&order.channel, order.id),
                "send",
                "rejected",
                &reason.to_string(),
            )?;
            // To a message that it has already, a bank says no as well: then only an inquiry tells what became of the first copy.
            if newest && !matches!(code.as_str(), "AM05" | "DU01" | "DUPL") {
                refused(work, order.id, &reason)?;
            } else if newest {
                silent(work, order.id, "the bank says that it has the order already")?;
            }
        }
        Receipt::Unknown(text) => {
            let text = Reason::new("unknown", text).text().to_owned();
            inquire::ended(work, (&order.channel, order.id), "send", "unknown", &text)?;
            if newest {
                silent(work, order.id, "the bank did not answer")?;
            }
        }
    }
    // What the bank has to say about it may be waiting already.
    store::jobs::hasten(work.tx, work.scope, collect::JOB, 0, work.ctx.now)?;
    worker::finish(work, job)
}

/// The bank has refused the order as a whole.
fn refused(work: &mut Work<'_>, order: OrderId, reason: &Reason) -> Result<(), Error> {
    for standing in inquire::standings(work, order)? {
        if record::is_open(&standing::read(&standing)?) {
            let told = data([
                ("because", "the bank refused the order".into()),
                ("order", order.to_string().into()),
            ]);
            record::hear(
                work,
                standing,
                &Command::BankRejected(reason.clone()),
                "payment.rejected",
                told,
            )?;
        }
    }
    Ok(())
}

/// Nobody knows what became of the payments that were on their way: the bank is asked.
fn silent(work: &mut Work<'_>, order: OrderId, why: &str) -> Result<(), Error> {
    for standing in inquire::standings(work, order)? {
        let told = data([("because", why.into()), ("order", order.to_string().into())]);
        work.advance(standing, &Command::BankSilent, "payment.unknown", told)?;
    }
    inquire::enqueue(work, order, work.ctx.now.plus_seconds(inquire::FIRST_SECONDS))
}
