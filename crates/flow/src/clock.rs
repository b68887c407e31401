//! The clock of the test world: moved on by people, never back.

use crate::platform::Platform;
use crate::refusal::{Code, Error, refuse};
use serde_json::json;
use std::sync::Arc;
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

/// Moves the clock of the test world on for every server; returns the new time.
pub async fn advance(platform: &Platform, ctx: Ctx, seconds: i64) -> Result<Timestamp, Error> {
    if ctx.world != World::Test {
        return refuse(Code::TestWorldOnly, "the clock of the live world cannot be moved");
    }
    if !(1..=ADVANCE_SECONDS_MAX).contains(&seconds) {
        return refuse(Code::Malformed, "the clock moves on by 1 second to ten years at once");
    }
    let parts = Arc::clone(platform.parts());
    let ahead = crate::setup::write(platform, ctx, "clock", move |work| {
        let micros = seconds.saturating_mul(1_000_000);
        let ahead = store::facts::advance_test_clock(work.tx, micros)?;
        let organization = work.ctx.organization;
        work.event(
            "clock.advanced",
            organization,
            &json!({"micros": micros.to_string(), "seconds": seconds}),
        )?;
        Ok(ahead)
    })
    .await?;
    platform.set_test_clock_ahead(ahead);
    Ok(parts.now(World::Test))
}
