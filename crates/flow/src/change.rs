//! Change: a payment before dispatch gets other content. Approvals given so far are void, because they name the old content.

use crate::authenticate::Idempotency;
use crate::content;
use crate::event::hex;
use crate::intake::{self, open_content, seal_content};
use crate::once::{Moved, once};
use crate::platform::Platform;
use crate::refusal::{Code, Error, Refusal};
use crate::work::{Work, data, ordered};
use payment::command::Command;
use payment::duplicate::suspect;
use payment::state::State;
use payment::step::{Facts, step};
use store::payments::{Likeness, Standing};
use vocab::context::Ctx;
use vocab::id::PaymentId;
use vocab::limits;
use vocab::transfer::CreditTransfer;

/// Replaces the content of a payment. Who pays, from which account, and the end-to-end id stay as they are.
pub async fn change(
    platform: &Platform,
    ctx: Ctx,
    payment: PaymentId,
    to: CreditTransfer,
    idempotency: Idempotency,
) -> Result<Moved, Error> {
    once(platform, ctx, "change", idempotency, move |work| {
        let standing = work.payment(payment)?;
        may_be_changed(work, &standing)?;
        if let Some(objection) = crate::single::objection(&to, work.ctx.now.date()) {
            return Err(objection.into());
        }
        let from = content::parse(&open_content(work.parts, &standing.payment)?)?;
        let fields = payment::change::check(&from, &to)
            .map_err(|refused| Refusal::new(Code::ChangeForbidden, refused.to_string()))?;
        let canonical = content::canonical(&to)?;
        let mut new = standing.payment.clone();
        new.version = new.version.saturating_add(1);
        new.amount = to.amount.money();
        new.execution_on = to.execution_on;
        new.content_digest = content::digest(&canonical);
        if new.amount.currency() != standing.payment.amount.currency() {
            let index = intake::account_index(work.parts, &to.debtor_account);
            let account = store::accounts::by_number(work.tx, work.scope, &index, to.amount.currency())?;
            let detail = format!(
                "the organization has no account with the debtor's number in {}",
                to.amount.currency()
            );
            new.account = account.ok_or_else(|| Refusal::new(Code::AccountUnknown, detail))?.id;
        }
        new.sealed = seal_content(work.parts, &new, &canonical)?;
        let (actor, now) = (work.ctx.actor, work.ctx.now);
        // The hold moves with the amount: released for the old content, then taken again for the new.
        work.reserve(standing.payment.account, standing.state.held_minor.saturating_neg())?;
        store::payments::change(work.tx, work.scope, &standing.payment, &new, actor, now)?;
        let alike = payment::duplicate::likeness(&to);
        let likeness = Likeness {
            organization: work.ctx.organization,
            world: work.ctx.world,
            likeness: work
                .parts
                .keyring
                .0
                .blind_index("likenesses.likeness", &[alike.as_bytes()]),
            payment,
            execution_on: new.execution_on,
        };
        store::payments::add_likeness(work.tx, likeness)?;
        let mut state = standing.state.clone();
        state.held_minor = 0;
        let replaced = hex(&standing.payment.content_digest);
        let standing = Standing { payment: new, state };
        let needed = crate::cancel::needed(work, &standing)?;
        let command = Command::Change { needed };
        let changed = data([
            ("amount", standing.payment.amount.decimal().into()),
            ("currency", standing.payment.amount.currency().code().into()),
            ("fields", fields.into()),
            ("replaced", replaced.into()),
            ("version", standing.payment.version.into()),
        ]);
        let (standing, _) = work.advance(standing, &command, "payment.changed", changed)?;
        let standing = screened_again(work, standing, likeness, needed)?;
        Ok(Moved {
            state: crate::standing::read(&standing)?.name(),
            replayed: false,
        })
    })
    .await
}

/// The state machine is asked before anything else is: beside another amount the present state may make no sense.
fn may_be_changed(work: &Work<'_>, standing: &Standing) -> Result<(), Error> {
    let facts = Facts {
        now: work.ctx.now,
        ordered: ordered(standing)?,
    };
    let state = crate::standing::read(standing)?;
    match step(state, &Command::Change { needed: 1 }, &facts) {
        Ok(_) => Ok(()),
        Err(refusal) => Err(Refusal::new(Code::StateForbids, refusal.to_string()).into()),
    }
}

/// A payment that was asked about is asked about anew: with its new content it may look like no other, or like another one.
fn screened_again(work: &mut Work<'_>, standing: Standing, likeness: Likeness, needed: u32) -> Result<Standing, Error> {
    if crate::standing::read(&standing)? != (State::Received { duplicate_of: None }) {
        return Ok(standing);
    }
    let mut alike = Vec::new();
    for found in store::payments::alike(work.tx, &[likeness])? {
        if found.payment != standing.payment.id {
            alike.push(intake::earlier(found.payment, found.execution_on, found.state)?);
        }
    }
    let duplicate_of = suspect(standing.payment.execution_on, &alike, limits::DUPLICATE_WINDOW_DAYS);
    let command = Command::Screen { duplicate_of, needed };
    let told = data([("because", "its content was changed".into())]);
    Ok(work.advance(standing, &command, "payment.screened", told)?.0)
}
