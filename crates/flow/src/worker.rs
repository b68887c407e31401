//! The workers: jobs that are due are claimed, done, and finished or put off.
//!
//! Any number of servers work on one database. A claim is a lease on the real clock and counts as an attempt; whoever has lost the lease
//! can neither finish nor put off the job, and asks before it touches the outside world.

use crate::platform::Platform;
use crate::refusal::{Error, chain};
use crate::setup::write;
use crate::work::{NewException, Work};
use crate::{collect, dispatch, inquire, recall, sweep};
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use store::jobs::Job;
use vocab::context::{Actor, Ctx, World};
use vocab::id::PaymentId;
use vocab::limits;
use vocab::time::Timestamp;

/// Jobs that one server does at the same time: each may hold a thread for the length of a call to a bank.
const TOGETHER: usize = 16;
/// Milliseconds between two looks for work, a little more or less so that servers do not look in step.
const IDLE_MILLIS: u64 = 100;
/// Milliseconds until the next look after the database could not be asked.
const FAILED_MILLIS: u64 = 1_000;
/// Seconds after which what other servers did to the test clock is taken over.
const CLOCK_SECONDS: i64 = 1;
/// Longest pause between two tries in seconds.
const BACKOFF_SECONDS_MAX: i64 = 600;
/// Seconds by which work is put off at most, except what waits for a day of its own: from one sweep to the next, and something to spare.
const PUT_OFF_SECONDS_MAX: i64 = 3_600 + 60;
/// Seconds by which a clock goes back without being set back: time servers correct it in smaller steps.
const SET_BACK_SECONDS: i64 = 10;
/// Exception: a job fails again and again.
const WORK_FAILING: &str = "work_failing";

/// Works until `shutdown` completes; what has been begun then is finished first.
pub async fn run(platform: Platform, shutdown: impl Future<Output = ()>) {
    let mut shutdown = pin!(shutdown);
    let mut doing = FuturesUnordered::new();
    let mut clock_read = platform.wall();
    hasten(&platform).await;
    loop {
        let mut pause = jittered(&platform);
        for world in [World::Live, World::Test] {
            let free = TOGETHER.saturating_sub(doing.len());
            match claim(&platform, world, free).await {
                Ok(jobs) => doing.extend(jobs.into_iter().map(|job| perform(platform.clone(), job))),
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "jobs could not be claimed");
                    pause = Duration::from_millis(FAILED_MILLIS);
                }
            }
        }
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(()) = doing.next(), if !doing.is_empty() => {}
            () = tokio::time::sleep(pause) => {}
        }
        let wall = platform.wall();
        let set_back = wall < clock_read.plus_seconds(-SET_BACK_SECONDS);
        if set_back {
            hasten(&platform).await;
        }
        if set_back || wall >= clock_read.plus_seconds(CLOCK_SECONDS) {
            clock_read = wall;
            if let Err(error) = platform.refresh_test_clock().await {
                tracing::warn!(error = %chain(&error), "the test clock could not be read");
            }
        }
    }
    while doing.next().await.is_some() {}
}

/// Work that was put off by a clock which was ahead would wait until that time has come: it is due at once. Looked for at a start and
/// when the clock was seen to be set back. A payment's own day stands in its state, and its dispatch waits for that.
async fn hasten(platform: &Platform) {
    for world in [World::Live, World::Test] {
        if let Err(error) = hasten_world(platform, world).await {
            tracing::warn!(error = %chain(&error), "work that a clock has put off too far could not be hastened");
        }
    }
}

async fn hasten_world(platform: &Platform, world: World) -> Result<(), Error> {
    let parts = Arc::clone(platform.parts());
    let hasten = move |tx: &mut dyn store::Tx| -> Result<u64, Error> {
        let now = parts.now(world);
        let latest = now.plus_seconds(PUT_OFF_SECONDS_MAX);
        let mut hastened = 0_u64;
        for kind in [collect::JOB, dispatch::RESEND, inquire::JOB, recall::JOB, sweep::JOB] {
            hastened = hastened.saturating_add(store::jobs::hasten_all(tx, world, kind, latest, now)?);
        }
        Ok(hastened)
    };
    let hastened = platform.parts().store.write("hasten", hasten).await?;
    if hastened > 0 {
        tracing::warn!(
            jobs = hastened,
            "the clock was ahead and put {hastened} jobs off too far; they are due now"
        );
    }
    Ok(())
}

/// Claims and does what is due in a world, once; returns how many jobs that were.
pub async fn run_once(platform: &Platform, world: World) -> Result<usize, Error> {
    run_some(platform, world, TOGETHER).await
}

/// [`run_once`] with so many jobs at most.
pub async fn run_some(platform: &Platform, world: World, limit: usize) -> Result<usize, Error> {
    let jobs = claim(platform, world, limit).await?;
    let count = jobs.len();
    join_all(jobs.into_iter().map(|job| perform(platform.clone(), job))).await;
    Ok(count)
}

/// Empties the mailboxes and works until nothing is due in a world, or `limit` jobs have been done; returns how many that were.
pub async fn run_until_idle(platform: &Platform, world: World, limit: usize) -> Result<usize, Error> {
    platform.refresh_test_clock().await?;
    let now = platform.now(world);
    let hasten = move |tx: &mut dyn store::Tx| -> Result<(), Error> {
        store::jobs::hasten_all(tx, world, collect::JOB, now, now)?;
        Ok(())
    };
    platform.parts().store.write("hasten", hasten).await?;
    let mut done: usize = 0;
    while done < limit {
        match run_once(platform, world).await? {
            0 => break,
            count => done = done.saturating_add(count),
        }
    }
    Ok(done)
}

/// Whether nothing is due in a world, neither waiting nor in somebody's hands.
pub async fn idle(platform: &Platform, world: World) -> Result<bool, Error> {
    let now = platform.now(world);
    let backlog = platform.parts().store.read("backlog", move |tx| -> Result<_, Error> {
        Ok(store::jobs::backlog(tx, world, now)?)
    });
    Ok(backlog.await?.0 == 0)
}

async fn claim(platform: &Platform, world: World, limit: usize) -> Result<Vec<Job>, Error> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let parts = Arc::clone(platform.parts());
    // Looked up first: reading disturbs no writer, and most of the time nothing is due.
    let now = parts.now(world);
    let next = parts.store.read("next job", move |tx| -> Result<_, Error> {
        Ok(store::jobs::next_due(tx, world)?)
    });
    if next.await?.is_none_or(|due_at| due_at > now) {
        return Ok(Vec::new());
    }
    let clock = Arc::clone(&parts);
    parts
        .store
        .write("claim jobs", move |tx| -> Result<_, Error> {
            let (now, wall) = (clock.now(world), clock.clock.now());
            Ok(store::jobs::claim(tx, world, now, wall, limits::LEASE_SECONDS, limit)?)
        })
        .await
}

async fn perform(platform: Platform, job: Job) {
    let ctx = platform.ctx(job.organization, job.world, Actor::System);
    let done = match job.kind.as_str() {
        collect::JOB => collect::run(&platform, ctx, &job).await,
        dispatch::JOB | dispatch::RESEND => dispatch::run(&platform, ctx, &job).await,
        inquire::JOB => inquire::run(&platform, ctx, &job).await,
        recall::JOB => recall::run(&platform, ctx, &job).await,
        sweep::JOB => sweep::run(&platform, ctx, &job).await,
        // Written by a newer version that shares the database: its server will do it.
        _ => Err(Error::Bug("a job of a kind that this version does not know")),
    };
    metrics::counter!("countersign_jobs_total", "kind" => job.kind.clone(), "done" => if done.is_ok() { "yes" } else { "no" })
        .increment(1);
    if let Err(error) = done {
        failed(&platform, ctx, &job, &error).await;
    }
}

/// Puts a job off that could not be done. After many times a person is told.
async fn failed(platform: &Platform, ctx: Ctx, job: &Job, error: &Error) {
    let (id, kind, attempts) = (job.id, job.kind.as_str(), job.attempts);
    let text = chain(error);
    match error {
        Error::Keys(_) | Error::Bug(_) => {
            tracing::error!(job.id = %id, job.kind = kind, attempts, request.id = %ctx.request, error = text, "job {id} failed");
        }
        Error::Refused(_) | Error::Store(_) => {
            tracing::warn!(job.id = %id, job.kind = kind, attempts, request.id = %ctx.request, error = text, "job {id} failed");
        }
    }
    let job = job.clone();
    let ctx = Ctx {
        now: platform.now(ctx.world),
        ..ctx
    };
    let put_off = write(platform, ctx, "job failed", move |work| {
        if job.attempts == limits::ATTEMPTS_MAX {
            failing(work, &job)?;
        }
        put_off(
            work,
            &job,
            work.ctx.now.plus_seconds(backoff(job.attempts)),
            Some(&text),
        )
    });
    if let Err(error) = put_off.await {
        // The lease ends by itself.
        tracing::warn!(job.id = %id, error = %chain(&error), "job {id} could not be put off");
    }
}

fn failing(work: &mut Work<'_>, job: &Job) -> Result<(), Error> {
    let of_payment = job.kind == dispatch::JOB || job.kind == recall::JOB;
    let (kind, request) = (&job.kind, work.ctx.request);
    work.exception(NewException {
        account: None,
        statement: None,
        line: None,
        payment: of_payment.then(|| PaymentId::from_i64(job.subject)),
        code: WORK_FAILING.to_owned(),
        sentence: format!(
            "The platform has tried {} times to do a piece of work (`{kind}`) and failed; it tries on. Ask the operator to look for \
             `{request}` in the server's log.",
            job.attempts
        ),
    })?;
    Ok(())
}

fn jittered(platform: &Platform) -> Duration {
    let [byte] = platform.parts().random();
    Duration::from_millis(IDLE_MILLIS.saturating_sub(25).saturating_add(u64::from(byte) % 50))
}

/// Seconds until a thing is tried again: 5, doubled with each attempt, 10 minutes at most.
pub(crate) fn backoff(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 7)).unwrap_or(0);
    5_i64
        .saturating_mul(2_i64.saturating_pow(doublings))
        .min(BACKOFF_SECONDS_MAX)
}

/// Extends the lease of a job for what comes next; `None` when another server holds it by now.
pub(crate) fn lease(work: &mut Work<'_>, job: &Job) -> Result<Option<Timestamp>, Error> {
    let until = work.parts.clock.now().plus_seconds(limits::LEASE_SECONDS);
    Ok(store::jobs::renew(work.tx, job, until)?.then_some(until))
}

/// The job is done. Somebody else's by now? Then they will find that there is nothing left to do.
pub(crate) fn finish(work: &mut Work<'_>, job: &Job) -> Result<(), Error> {
    store::jobs::finish(work.tx, job)?;
    Ok(())
}

/// The job is done this time and has to be done again at a time; its attempts are counted anew.
pub(crate) fn again(work: &mut Work<'_>, job: &Job, kind: &'static str, due_at: Timestamp) -> Result<(), Error> {
    if store::jobs::finish(work.tx, job)? {
        work.enqueue(kind, job.subject, due_at)?;
    }
    Ok(())
}

/// The job is tried again at a time.
pub(crate) fn put_off(work: &mut Work<'_>, job: &Job, due_at: Timestamp, why: Option<&str>) -> Result<(), Error> {
    store::jobs::put_off(work.tx, job, due_at, why)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_five_seconds_to_ten_minutes() {
        let pauses: Vec<i64> = (1..=10).map(backoff).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]);
        assert_eq!(backoff(i64::MAX), 600);
        assert_eq!(backoff(0), 5);
    }
}
