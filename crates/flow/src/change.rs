//! Change: a payment before dispatch gets other content. Approvals given so far are void, because they name the old content.

use crate::authenticate::Idempotency;
use crate::content;
use crate::event::hex;
use crate::intake::{self, open_content, seal_content};
use crate::once::{Moved, once};
use crate::platform::Platform;
use crate::refusal::{Code, Error, Refusal};
use crate::work::data;
use payment::command::Command;
use store::payments::{Likeness, Standing};
use vocab::context::Ctx;
use vocab::id::PaymentId;
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
        store::payments::add_likenesses(
            work.tx,
            &[Likeness {
                organization: work.ctx.organization,
                world: work.ctx.world,
                likeness: work
                    .parts
                    .keyring
                    .0
                    .blind_index("likenesses.likeness", &[alike.as_bytes()]),
                payment,
                execution_on: new.execution_on,
            }],
        )?;
        let mut state = standing.state.clone();
        state.held_minor = 0;
        let replaced = hex(&standing.payment.content_digest);
        let standing = Standing { payment: new, state };
        let command = Command::Change {
            needed: crate::cancel::needed(work, &standing)?,
        };
        let changed = data([
            ("amount", standing.payment.amount.decimal().into()),
            ("currency", standing.payment.amount.currency().code().into()),
            ("fields", fields.into()),
            ("replaced", replaced.into()),
            ("version", standing.payment.version.into()),
        ]);
        let (standing, _) = work.advance(standing, &command, "payment.changed", changed)?;
        Ok(Moved {
            state: crate::standing::read(&standing)?.name(),
            replayed: false,
        })
    })
    .await
}
