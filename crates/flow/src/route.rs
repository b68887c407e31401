//! Route: an approved payment is given its way to the bank and its day.
//!
//! The channel is the one of the account it is debited from. Nothing leaves the house here: the job that does is written in the
//! transaction of the last approval.

use crate::refusal::Error;
use crate::work::{Work, data};
use payment::command::Command;
use store::payments::Standing;
use vocab::context::Actor;
use vocab::limits;
use vocab::time::{Date, Timestamp};

/// Puts a payment that enough people have approved into the queue for its bank.
pub(crate) fn queue(work: &mut Work<'_>, standing: Standing) -> Result<Standing, Error> {
    let account = store::accounts::load(work.tx, work.scope, standing.payment.account)?
        .ok_or(Error::Bug("a payment without its account"))?;
    let not_before = not_before(standing.payment.execution_on, work.ctx.now);
    let payment = standing.payment.id;
    let told = data([
        ("because", "enough people have approved it".into()),
        ("channel", account.channel.into()),
        ("not_before", not_before.to_string().into()),
    ]);
    // The approver has approved; that the payment is queued now is the platform's own conclusion.
    let approver = std::mem::replace(&mut work.ctx.actor, Actor::System);
    let queued = work.advance(standing, &Command::Queue { not_before }, "payment.queued", told);
    work.ctx.actor = approver;
    let (standing, _) = queued?;
    let due_at = Timestamp::at_start_of(not_before).max(work.ctx.now);
    work.enqueue(crate::dispatch::JOB, payment.to_i64(), due_at)?;
    Ok(standing)
}

/// The first day on which it may travel: a few days ahead of its execution, and never in the past.
fn not_before(execution_on: Date, now: Timestamp) -> Date {
    let ahead = Timestamp::at_start_of(execution_on)
        .plus_days(-limits::DISPATCH_LEAD_DAYS)
        .date();
    ahead.max(now.date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_payment_travels_a_few_days_ahead_and_at_once_when_its_day_is_near() {
        let now = Timestamp::at_start_of(date(2026, 11, 20)).plus_seconds(3_600);
        assert_eq!(not_before(date(2026, 12, 1), now), date(2026, 11, 28));
        assert_eq!(not_before(date(2026, 11, 21), now), date(2026, 11, 20));
        assert_eq!(not_before(date(2026, 11, 10), now), date(2026, 11, 20));
    }
}
