//! The clock of the test world: moved on by people, never back.

use crate::authenticate::Idempotency;
use crate::once::{Answer, once};
use crate::platform::{Parts, Platform};
use crate::refusal::{Code, Error, refuse};
use crate::work::Work;
use serde_json::json;
use vocab::context::{Ctx, World};
use vocab::time::Timestamp;

/// Farthest step at once: ten years.
const ADVANCE_SECONDS_MAX: i64 = 10 * 366 * 86_400;

/// Sets the clock of the test world to a time, so that a file of the past can be walked through. Back only as long as no payment of the
/// organization exists: afterwards the clock moves on only.
pub async fn begin_at(platform: &Platform, ctx: Ctx, at: Timestamp) -> Result<(), Error> {
    if ctx.world != World::Test {
        return refuse(Code::TestWorldOnly, "the clock of the live world cannot be moved");
    }
    let micros = at.micros().saturating_sub(platform.now(World::Test).micros());
    let ahead = crate::setup::write(platform, ctx, "clock", move |work| {
        let begun = store::payments::count_by_state(work.tx, work.scope)?
            .iter()
            .any(|(_, count)| *count > 0);
        if micros < 0 && begun {
            return refuse(
                Code::StateForbids,
                "the clock cannot go back after payments were submitted",
            );
        }
        let ahead = store::facts::advance_test_clock(work.tx, micros)?;
        let organization = work.ctx.organization;
        work.event(
            "clock.set",
            organization,
            &json!({"at": at.to_string(), "micros": micros.to_string()}),
        )?;
        Ok(ahead)
    })
    .await?;
    platform.set_test_clock_ahead(ahead);
    Ok(())
}

/// Where the clock of the test world was moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advanced {
    /// The time of the test world right after.
    pub now: Timestamp,
    /// True when this answer was given before, under the same idempotency key.
    pub replayed: bool,
    /// How far it is ahead of the real clock since then, microseconds.
    ahead: i64,
}

/// Moves the clock of the test world on for every server, once for each idempotency key.
pub async fn advance(platform: &Platform, ctx: Ctx, seconds: i64, idempotency: Idempotency) -> Result<Advanced, Error> {
    may_advance(&ctx, seconds)?;
    let moved = once(platform, ctx, "clock", idempotency, move |work| step(work, seconds)).await?;
    if !moved.replayed {
        platform.set_test_clock_ahead(moved.ahead);
    }
    Ok(moved)
}

/// [`advance`] for whoever sits at the server and sees what a repetition does.
pub async fn advance_again(platform: &Platform, ctx: Ctx, seconds: i64) -> Result<Timestamp, Error> {
    may_advance(&ctx, seconds)?;
    let moved = crate::setup::write(platform, ctx, "clock", move |work| step(work, seconds)).await?;
    platform.set_test_clock_ahead(moved.ahead);
    Ok(moved.now)
}

fn may_advance(ctx: &Ctx, seconds: i64) -> Result<(), Error> {
    if ctx.world != World::Test {
        return refuse(Code::TestWorldOnly, "the clock of the live world cannot be moved");
    }
    if !(1..=ADVANCE_SECONDS_MAX).contains(&seconds) {
        return refuse(Code::Malformed, "the clock moves on by 1 second to ten years at once");
    }
    Ok(())
}

fn step(work: &mut Work<'_>, seconds: i64) -> Result<Advanced, Error> {
    let micros = seconds.saturating_mul(1_000_000);
    let ahead = store::facts::advance_test_clock(work.tx, micros)?;
    let organization = work.ctx.organization;
    work.event(
        "clock.advanced",
        organization,
        &json!({"micros": micros.to_string(), "seconds": seconds}),
    )?;
    Ok(Advanced {
        now: work.parts.clock.now().plus_micros(ahead),
        replayed: false,
        ahead,
    })
}

impl Answer for Advanced {
    fn write(&self) -> String {
        format!("{} {}", self.now.micros(), self.ahead)
    }

    fn read(_: &Parts, text: &str) -> Option<Self> {
        let (now, ahead) = text.split_once(' ')?;
        Some(Self {
            now: Timestamp::from_micros(now.parse().ok()?),
            replayed: true,
            ahead: ahead.parse().ok()?,
        })
    }
}
