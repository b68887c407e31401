//! The end of a site: nothing is broken any more. What was never answered is asked again, days pass, banks report; then everything has
//! come to an end or stands on a person's list, and the books agree with the bank.

use crate::Failure;
use crate::chance::Chance;
use crate::judge::{self, Shown};
use crate::load::Asker;
use crate::report::Violation;
use crate::site::Site;
use crate::witness::Payment;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Days until the last payment has been executed, returned and told, with two weekends between.
const DAYS_MAX: usize = 16;
/// How long one day's work may take: what a killed server had in its hands is free after a minute.
const DAY_MAX: Duration = Duration::from_secs(120);
/// How long the servers may take until they answer again.
const ANSWERS_MAX: Duration = Duration::from_secs(60);
/// Receipts that are verified.
const RECEIPTS: usize = 5;

/// Lets everything come to an end, and judges it. All servers that run take part.
pub(crate) async fn quiet_down(site: &Site, chance: &mut Chance) -> Result<(), Failure> {
    let mut asker = Asker::new(site, chance.split())?;
    everything_is_answered(&mut asker).await?;
    if site.ground.brief {
        return judge::judge(site, &mut asker).await;
    }
    idle(&mut asker).await?;
    for _ in 0..DAYS_MAX {
        if unfinished(&mut asker).await?.is_empty() {
            break;
        }
        let step = asker.witness.steps(1);
        until("the test clock can be moved", async || asker.step(step).await).await?;
        idle(&mut asker).await?;
    }
    if let Some(first) = unfinished(&mut asker).await?.first() {
        let found = format!("after {DAYS_MAX} quiet days {first}");
        return Violation::fail("everything comes to an end or to a person's list", found);
    }
    judge::judge(site, &mut asker).await?;
    agrees_with_bank(site, &mut asker).await?;
    for _ in 0..RECEIPTS {
        let number = chance.below(asker.witness.count());
        let payment = asker.witness.payment(number);
        if let Some(id) = payment.as_ref().and_then(Payment::id) {
            crate::log::proven(&mut asker, id).await?;
        }
    }
    asker.witness.verdict()
}

/// Asks again until there is an answer to everything.
pub(crate) async fn everything_is_answered(asker: &mut Asker) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        asker.witness.verdict()?;
        let good = if let Some(number) = asker.witness.unanswered() {
            asker.submit(number).await
        } else if let Some(number) = asker.witness.unanswered_approval() {
            asker.approve(number).await
        } else if let Some(number) = asker.witness.unanswered_step() {
            asker.step(number).await
        } else {
            return Ok(());
        };
        if !good {
            if began.elapsed() > ANSWERS_MAX {
                return Violation::fail("what was not answered is answered when it is asked again", "no answer");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn until(expected: &str, mut done: impl AsyncFnMut() -> bool) -> Result<(), Failure> {
    let began = Instant::now();
    while !done().await {
        if began.elapsed() > ANSWERS_MAX {
            return Violation::fail(expected, "it was refused for a minute");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

/// Waits until no job is due and every event is sealed, as the server itself says to its operator.
async fn idle(asker: &mut Asker) -> Result<(), Failure> {
    let began = Instant::now();
    let mut quiet = 0;
    let mut last = Value::Null;
    // A server takes over what another did to the test clock within a second.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    while quiet < 2 {
        if began.elapsed() > DAY_MAX {
            return Violation::fail(format!("a day's work is done within {DAY_MAX:?}"), last.to_string());
        }
        last = serde_json::from_slice(&asker.bytes("/readyz?verbose").await?)?;
        let due = figure(&last, "jobs of the test world", "due");
        let pending = figure(&last, "seal", "pending");
        quiet = if (due, pending) == (Some(0), Some(0)) {
            quiet + 1
        } else {
            0
        };
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    Ok(())
}

fn figure(readiness: &Value, check: &str, name: &str) -> Option<u64> {
    let checks = readiness["checks"].as_array()?;
    let found = checks.iter().find(|found| found["name"] == check)?;
    found["figures"][name].as_u64()
}

/// Approved payments that have not ended as their creditor's account says and are on nobody's list, in words.
async fn unfinished(asker: &mut Asker) -> Result<Vec<String>, Failure> {
    let listed = on_lists(asker).await?;
    let shown = judge::shown(asker).await?;
    let mut open = Vec::new();
    for payment in asker.witness.payments() {
        let Some((id, Shown { state, .. })) = payment.id().and_then(|id| Some((id, shown.get(id)?))) else {
            continue;
        };
        // A person's list is an end for what the bank has; a wrong amount has no other.
        let on_list = state == "accepted_by_bank" && listed.contains(id);
        let ended = state == payment.kind.ends() && state != "accepted_by_bank";
        if payment.is_approved() && !ended && !on_list {
            open.push(format!("{id} ({:?}) is `{state}`", payment.kind));
        }
    }
    Ok(open)
}

/// Payments that a person has to look at.
async fn on_lists(asker: &mut Asker) -> Result<BTreeSet<String>, Failure> {
    let mut listed = BTreeSet::new();
    let mut after = String::new();
    loop {
        let page = asker.read(&format!("/v1/exceptions?limit=500{after}")).await?;
        let rows = page["data"].as_array().into_iter().flatten();
        listed.extend(rows.filter_map(|row| row["payment"].as_str()).map(str::to_owned));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(listed),
        }
    }
}

/// What is settled was executed, what was executed is known, and the account holds the same on both sides.
async fn agrees_with_bank(site: &Site, asker: &mut Asker) -> Result<(), Failure> {
    let shown = judge::shown(asker).await?;
    let mut executed: BTreeMap<String, i64> = BTreeMap::new();
    for line in site.bank.book().await? {
        if line.kind == "payment" {
            let sum = executed.entry(line.end_to_end).or_default();
            *sum = sum.saturating_sub(line.minor);
        }
    }
    for (id, payment) in &shown {
        let at_bank = executed.get(&payment.end_to_end).copied().unwrap_or(0);
        let agrees = match payment.state.as_str() {
            "settled" | "returned" => at_bank == payment.minor,
            "accepted_by_bank" => at_bank >= payment.minor,
            _ => at_bank == 0,
        };
        if !agrees {
            let found = format!(
                "{id} over {} is `{}`, the bank executed {at_bank}",
                payment.minor, payment.state
            );
            return Violation::fail("states agree with the bank's book", found);
        }
    }
    let balances = asker.read("/v1/ledger/balances").await?;
    let rows = balances["data"].as_array().into_iter().flatten();
    let ours: Vec<i64> = rows
        .filter(|row| row["account"].as_str().is_some_and(|name| name.starts_with("bank:")))
        .filter_map(|row| row["balance"]["amount"].as_i64())
        .collect();
    let theirs = site.bank.balance().await?;
    if ours == [theirs] || executed.is_empty() {
        Ok(())
    } else {
        Violation::fail(
            "the ledger holds what the bank holds",
            format!("{ours:?} here, {theirs} there"),
        )
    }
}
