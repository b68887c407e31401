//! Cancel, before the bank has the payment; and the answer to the question whether it is a duplicate.

use crate::authenticate::Idempotency;
use crate::intake;
use crate::once::{Moved, once};
use crate::platform::Platform;
use crate::refusal::{Code, Error, Refusal};
use crate::work::{data, ordered};
use payment::command::Command;
use payment::reason::Reason;
use vocab::context::Ctx;
use vocab::id::PaymentId;

/// Withdraws a payment that has not gone to the bank. Afterwards only a recall is possible.
pub async fn cancel(
    platform: &Platform,
    ctx: Ctx,
    payment: PaymentId,
    note: &str,
    idempotency: Idempotency,
) -> Result<Moved, Error> {
    if note.chars().count() > 500 || note.chars().any(char::is_control) {
        return Err(Refusal::new(
            Code::Malformed,
            "a note has at most 500 characters and no control characters",
        )
        .into());
    }
    let text = if note.is_empty() {
        "withdrawn before it went to the bank"
    } else {
        note
    };
    let reason = Reason::new("cancelled", text);
    once(platform, ctx, "cancel", idempotency, move |work| {
        let standing = work.payment(payment)?;
        let command = Command::Cancel { reason: reason.clone() };
        let (standing, _) = work.advance(standing, &command, "payment.cancelled", data([]))?;
        Ok(Moved {
            state: crate::standing::read(&standing)?.name(),
            replayed: false,
        })
    })
    .await
}

/// Answers that a payment which looks like an earlier one is meant to be paid all the same.
pub async fn confirm_not_duplicate(
    platform: &Platform,
    ctx: Ctx,
    payment: PaymentId,
    idempotency: Idempotency,
) -> Result<Moved, Error> {
    once(platform, ctx, "confirm not duplicate", idempotency, move |work| {
        let standing = work.payment(payment)?;
        let needed = needed(work, &standing)?;
        let command = Command::ConfirmNotDuplicate { needed };
        let (standing, _) = work.advance(standing, &command, "payment.confirmed", data([]))?;
        Ok(Moved {
            state: crate::standing::read(&standing)?.name(),
            replayed: false,
        })
    })
    .await
}

/// Approvals that the policy in force asks of a payment.
pub(crate) fn needed(work: &mut crate::work::Work<'_>, standing: &store::payments::Standing) -> Result<u32, Error> {
    let Some(policy) = intake::policy(work.tx, work.scope)? else {
        return Err(Refusal::new(Code::PolicyMissing, "the organization has no approval policy yet").into());
    };
    let account = store::accounts::load(work.tx, work.scope, standing.payment.account)?
        .ok_or(Error::Bug("a payment without its account"))?;
    Ok(policy.needed(&ordered(standing)?, &account.channel))
}
