//! Sweep: what nobody decided about in time expires, and what protects only for a while is forgotten after it.

use crate::platform::Platform;
use crate::refusal::Error;
use crate::setup::write;
use crate::work::{Work, data};
use crate::worker;
use identity::throttle::FORGOTTEN_SECONDS;
use payment::command::Command;
use payment::state::StateName;
use store::jobs::Job;
use vocab::context::Ctx;
use vocab::limits;
use vocab::time::Timestamp;

/// The job: one for each organization and world, with the subject 0.
pub(crate) const JOB: &str = "sweep";
/// Seconds between two sweeps.
const EVERY_SECONDS: i64 = 3_600;
/// Payments that expire in one transaction.
const EXPIRE_MAX: usize = 100;

/// Sweeps for the organization and world of the job.
pub(crate) async fn run(platform: &Platform, ctx: Ctx, job: &Job) -> Result<(), Error> {
    for state in [StateName::Received, StateName::WaitingForApproval] {
        loop {
            let job = job.clone();
            let expired = write(platform, ctx, "expire", move |work| expire(work, &job, state)).await?;
            if expired < EXPIRE_MAX {
                break;
            }
        }
    }
    let (job, wall) = (job.clone(), platform.wall());
    write(platform, ctx, "sweep", move |work| {
        forget(work, wall)?;
        worker::again(work, &job, JOB, work.ctx.now.plus_seconds(EVERY_SECONDS))
    })
    .await
}

/// Lets payments expire that nobody has decided about; returns how many.
fn expire(work: &mut Work<'_>, job: &Job, state: StateName) -> Result<usize, Error> {
    if worker::lease(work, job)?.is_none() {
        return Ok(0);
    }
    let before = work.ctx.now.plus_days(-limits::APPROVAL_DAYS_MAX).date();
    let overdue = store::payments::overdue(work.tx, work.scope, state.code(), before, EXPIRE_MAX)?;
    for payment in &overdue {
        let standing = work.payment(*payment)?;
        let told = data([("because", "nobody decided about it in time".into())]);
        work.advance(standing, &Command::Expire, "payment.expired", told)?;
    }
    Ok(overdue.len())
}

/// Nonces and answers are kept by the real clock: that of the test world may be ahead of it, and must not take protection away from
/// the live one.
fn forget(work: &mut Work<'_>, wall: Timestamp) -> Result<(), Error> {
    store::throttles::forget(work.tx, wall.plus_seconds(-FORGOTTEN_SECONDS))?;
    store::requests::forget_nonces(work.tx, wall.plus_seconds(-limits::SIGNATURE_SECONDS_MAX).seconds())?;
    store::requests::forget_answers(
        work.tx,
        wall.plus_seconds(-limits::IDEMPOTENCY_HOURS.saturating_mul(3_600)),
    )?;
    let oldest = work.ctx.now.plus_days(-limits::DUPLICATE_WINDOW_DAYS).date();
    store::payments::forget_likenesses(work.tx, work.scope, oldest)?;
    Ok(())
}
