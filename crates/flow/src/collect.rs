//! Collect: what waits for us at the banks is taken in, each document once.
//!
//! The mailbox is read outside of any transaction; each document is then kept and applied in one of its own, and with the last one of a
//! page the mailbox's cursor moves. A crash in between brings documents again that are known by their bytes. A document that cannot be
//! read is put before a person and blocks nothing.

use crate::event::{hex, sha256};
use crate::platform::Platform;
use crate::record;
use crate::refusal::Error;
use crate::send;
use crate::setup::write;
use crate::work::{Work, data};
use crate::{recall, reconcile, worker};
use formats::finding::Finding;
use formats::{camt029, camt053, camt054, pain002};
use keys::Place;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::jobs::Job;
use vocab::context::{Actor, Ctx};
use vocab::exchange::{Channel, Collected, Document, DocumentKind, RecallAnswer, Statement, StatusReport};
use vocab::id::{DocumentId, OrganizationId};
use vocab::time::Timestamp;

/// The job: one for each organization and world, with the subject 0.
pub(crate) const JOB: &str = "collect";
/// Seconds between two looks into an empty mailbox.
const EVERY_SECONDS: i64 = 2;
/// Documents on one page of a mailbox.
const PAGE: usize = 100;
/// Exception: an order that is not ours.
const ORDER_UNKNOWN: &str = "order_unknown";

/// A mailbox that may be read now.
struct Mailbox {
    name: String,
    cursor: i64,
}

/// A document, read.
enum Reading {
    Report(StatusReport),
    Statements(Vec<Statement>),
    Answers(Vec<RecallAnswer>),
    Unreadable(Option<Finding>),
}

/// Empties the mailboxes of all channels that the organization's accounts use.
pub(crate) async fn run(platform: &Platform, ctx: Ctx, job: &Job) -> Result<(), Error> {
    let ctx = Ctx {
        actor: Actor::Bank,
        ..ctx
    };
    let begun = {
        let job = job.clone();
        write(platform, ctx, "collect", move |work| begin(work, &job)).await?
    };
    let Some((mailboxes, leased_until)) = begun else {
        return Ok(());
    };
    let (mut found, mut unreachable) = (false, false);
    for Mailbox { name, cursor } in mailboxes {
        let Some(channel) = platform.parts().channels.get(name.as_str()).map(Arc::clone) else {
            tracing::error!(channel = name, "this server has no channel `{name}`");
            unreachable = true;
            continue;
        };
        let (now, asked) = (platform.now(ctx.world), Arc::clone(&channel));
        let Some(collected) = send::call(platform, leased_until, move || asked.collect(cursor, PAGE, now)).await?
        else {
            // Earlier mailboxes took long: the rest has its turn with the next lease.
            break;
        };
        match collected {
            Ok(collected) => {
                found |= !collected.documents.is_empty();
                take_page(platform, ctx, job, &channel, cursor, collected).await?;
            }
            Err(error) => {
                tracing::warn!(channel = name, %error, "the mailbox of channel `{name}` was not read");
                unreachable = true;
            }
        }
    }
    let (job, now) = (job.clone(), platform.now(ctx.world));
    write(platform, Ctx { now, ..ctx }, "collected", move |work| {
        if unreachable {
            let due_at = now.plus_seconds(worker::backoff(job.attempts));
            return worker::put_off(work, &job, due_at, Some("a mailbox could not be read"));
        }
        // Where documents were, more may be.
        let pause = if found { 0 } else { EVERY_SECONDS };
        worker::again(work, &job, JOB, now.plus_seconds(pause))
    })
    .await
}

fn begin(work: &mut Work<'_>, job: &Job) -> Result<Option<(Vec<Mailbox>, Timestamp)>, Error> {
    let Some(leased_until) = worker::lease(work, job)? else {
        return Ok(None);
    };
    let accounts = store::accounts::list(work.tx, work.scope)?;
    let names: BTreeSet<String> = accounts.into_iter().map(|account| account.channel).collect();
    let mut mailboxes = Vec::with_capacity(names.len());
    for name in names {
        let cursor = store::documents::cursor(work.tx, work.scope, &name)?;
        mailboxes.push(Mailbox { name, cursor });
    }
    Ok(Some((mailboxes, leased_until)))
}

async fn take_page(
    platform: &Platform,
    ctx: Ctx,
    job: &Job,
    channel: &Arc<dyn Channel>,
    cursor: i64,
    collected: Collected,
) -> Result<(), Error> {
    let Collected {
        documents,
        cursor: next,
    } = collected;
    let mut last = documents.len().saturating_sub(1);
    if platform.parts().planted("cursor first") {
        last = 0;
    }
    for (place, document) in documents.into_iter().enumerate() {
        let read = tokio::task::spawn_blocking(move || (read(&document), document)).await;
        let (reading, document) = read.map_err(|_| Error::Bug("a reader of bank messages that panicked"))?;
        let move_to = (place == last).then_some(next);
        let (job, channel) = (job.clone(), Arc::clone(channel));
        let ctx = Ctx {
            now: platform.now(ctx.world),
            ..ctx
        };
        let ours = write(platform, ctx, "document", move |work| {
            let name = channel.name();
            if worker::lease(work, &job)?.is_none() || store::documents::cursor(work.tx, work.scope, name)? != cursor {
                return Ok(false);
            }
            take(work, name, channel.simulated(), &document, &reading)?;
            if let Some(next) = move_to {
                store::documents::set_cursor(work.tx, work.scope, name, next)?;
                let organization = work.ctx.organization;
                work.event(
                    "mailbox.read",
                    organization,
                    &json!({"channel": name, "cursor": next.to_string()}),
                )?;
            }
            Ok(true)
        })
        .await?;
        if !ours {
            // Another server reads this mailbox by now.
            break;
        }
    }
    Ok(())
}

fn read(document: &Document) -> Reading {
    fn or_first<T>(read: Result<T, Vec<Finding>>, reading: impl FnOnce(T) -> Reading) -> Reading {
        read.map_or_else(|findings| Reading::Unreadable(findings.into_iter().next()), reading)
    }
    match document.kind {
        DocumentKind::Pain002 => or_first(pain002::read(&document.body), Reading::Report),
        DocumentKind::Camt053 => or_first(camt053::read(&document.body), Reading::Statements),
        DocumentKind::Camt054 => or_first(camt054::read(&document.body), Reading::Statements),
        DocumentKind::Camt029 => or_first(camt029::read(&document.body), Reading::Answers),
        // These go out, they do not come in.
        DocumentKind::Pain001 | DocumentKind::Camt055 => Reading::Unreadable(None),
    }
}

/// Keeps and applies a document. A simulated bank has one mailbox for everybody: what is not about us is left alone there, neither kept
/// nor spoken of. A real bank has no reason to send such a thing, and a person is told.
fn take(work: &mut Work<'_>, channel: &str, shared: bool, document: &Document, reading: &Reading) -> Result<(), Error> {
    if shared && !concerns_us(work, reading)? {
        return Ok(());
    }
    if !keep(work, channel, document)? {
        return Ok(());
    }
    match reading {
        Reading::Report(report) => match order_of(work, report)? {
            Some(order) => record::report(work, &order, report),
            None => order_unknown(work, document),
        },
        Reading::Statements(statements) => {
            for statement in statements {
                reconcile::take(work, statement, shared)?;
            }
            Ok(())
        }
        Reading::Answers(answers) => recall::answers(work, answers, shared).map(|_| ()),
        Reading::Unreadable(finding) => record::unreadable(work, None, document, finding.as_ref()),
    }
}

fn concerns_us(work: &mut Work<'_>, reading: &Reading) -> Result<bool, Error> {
    match reading {
        Reading::Report(report) => Ok(order_of(work, report)?.is_some()),
        Reading::Statements(statements) => {
            for statement in statements {
                if reconcile::account_of(work, statement)?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Reading::Answers(answers) => recall::concern_us(work, answers),
        Reading::Unreadable(_) => Ok(true),
    }
}

fn order_of(work: &mut Work<'_>, report: &StatusReport) -> Result<Option<store::orders::Order>, Error> {
    match send::order_of(&report.original_message_id) {
        Some(order) => Ok(store::orders::load(work.tx, work.scope, order)?),
        None => Ok(None),
    }
}

fn order_unknown(work: &mut Work<'_>, document: &Document) -> Result<(), Error> {
    let reference = record::shown(&document.reference);
    work.exception(crate::work::NewException {
        account: None,
        statement: None,
        line: None,
        payment: None,
        code: ORDER_UNKNOWN.to_owned(),
        sentence: format!("The bank's status report `{reference}` is about an order that is not ours. Ask the bank."),
    })?;
    Ok(())
}

/// Keeps a document as it came; false when the very same one is kept already, which is noted and otherwise changes nothing.
pub(crate) fn keep(work: &mut Work<'_>, channel: &str, document: &Document) -> Result<bool, Error> {
    let digest = sha256(&[&document.body]);
    let row = work.parts.id();
    let mut kept = store::documents::Document {
        id: row,
        channel: channel.to_owned(),
        kind: document.kind.name().to_owned(),
        reference: document.reference.clone(),
        digest,
        sealed: Vec::new(),
        received_at: work.ctx.now,
    };
    let mut told = data([
        ("channel", channel.into()),
        ("digest", hex(&digest).into()),
        ("kind", document.kind.name().into()),
        ("reference", record::shown(&document.reference).into()),
    ]);
    let organization: OrganizationId = work.ctx.organization;
    if store::documents::known(work.tx, work.scope, &kept)? {
        work.event("document.repeated", organization, &told.into())?;
        return Ok(false);
    }
    let bound: [&[u8]; 1] = [&digest];
    let place = Place {
        table: "documents",
        column: "sealed",
        organization,
        world: work.ctx.world,
        row,
        bound: &bound,
    };
    kept.sealed = work.parts.keyring.0.seal(&place, work.parts.random(), &document.body)?;
    store::documents::add(work.tx, work.scope, &kept)?;
    told.insert("document".to_owned(), DocumentId::from_i64(row).to_string().into());
    work.event("document.received", organization, &told.into())?;
    Ok(true)
}
