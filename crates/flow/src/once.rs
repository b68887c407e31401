//! Once: an operation that a caller may repeat. The claim on the idempotency key and the effect are one transaction.

use crate::authenticate::Idempotency;
use crate::platform::{Parts, Platform};
use crate::refusal::{Code, Error, Refusal};
use crate::setup::write;
use crate::work::Work;
use payment::state::StateName;
use store::requests::{Answered, SealedAnswer};
use vocab::context::Ctx;

/// An outcome that can be kept with the key and given again.
pub(crate) trait Answer: Sized + Send + 'static {
    /// As the row keeps it.
    fn write(&self) -> String;
    /// Back from the row, marked as given again where the type says so.
    fn read(parts: &Parts, text: &str) -> Option<Self>;
}

/// Runs `effect` unless the same request was answered before; then the same answer is given again. The same key with other content is
/// refused. A refusal of the effect is not remembered: nothing happened.
pub(crate) async fn once<T: Answer>(
    platform: &Platform,
    ctx: Ctx,
    name: &'static str,
    asked: Idempotency,
    mut effect: impl FnMut(&mut Work<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    write(platform, ctx, name, move |work| {
        let seals = &work.parts.keyring;
        if let Some(answered) = store::requests::answered(work.tx, seals, &[asked.digest])?
            .into_iter()
            .next()
        {
            if answered.request_digest != asked.request && !work.parts.planted("ignores content") {
                let detail = "this idempotency key was used with other content";
                return Err(Refusal::new(Code::IdempotencyKeyReused, detail).into());
            }
            return T::read(work.parts, &answered.answer).ok_or(Error::Bug("a stored answer that cannot be read"));
        }
        work.once = Some(asked.digest);
        let outcome = effect(work)?;
        let answer = Answered {
            digest: asked.digest,
            organization: work.ctx.organization,
            world: work.ctx.world,
            request_digest: asked.request,
            answer: outcome.write(),
            at: work.ctx.now,
        };
        store::requests::remember(work.tx, &[SealedAnswer::new(answer, seals)])?;
        Ok(outcome)
    })
    .await
}

/// Where a payment stands after the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its state.
    pub state: StateName,
    /// True when this answer was given before, under the same idempotency key.
    pub replayed: bool,
}

impl Answer for Moved {
    fn write(&self) -> String {
        self.state.code().to_string()
    }

    fn read(_: &Parts, text: &str) -> Option<Self> {
        Some(Self {
            state: StateName::from_code(text.parse().ok()?)?,
            replayed: true,
        })
    }
}
