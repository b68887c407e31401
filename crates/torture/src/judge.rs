//! What has to be so after every restart, whatever was broken: seen through the API, in the bank's book, in the public log, and by
//! `countersign log check`.

use crate::Failure;
use crate::bank::Line;
use crate::kinds::may_follow;
use crate::load::Asker;
use crate::report::Violation;
use crate::site::Site;
use crate::witness::{Payment, Witness};
use serde_json::Value;
use std::collections::BTreeMap;

/// Rows on a page.
const PAGE: usize = 500;

/// A payment as the platform shows it.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) state: String,
    pub(crate) minor: i64,
    pub(crate) end_to_end: String,
    pub(crate) content_hash: String,
}

/// Everything that can be judged at any time.
pub(crate) async fn judge(site: &Site, asker: &mut Asker) -> Result<(), Failure> {
    // Before anything is read: whatever is asked and answered until then is known.
    let payments = asker.witness.payments();
    let shown = shown(asker).await?;
    present(&payments, &shown)?;
    executed_once(&asker.witness.payments(), &site.bank.book().await?)?;
    balanced(&asker.read("/v1/ledger/balances").await?)?;
    crate::log::continues(asker).await?;
    checked(site)?;
    asker.witness.verdict()
}

/// All payments, by id.
pub(crate) async fn shown(asker: &mut Asker) -> Result<BTreeMap<String, Shown>, Failure> {
    let mut all = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = asker.read(&format!("/v1/payments?limit={PAGE}{after}")).await?;
        for payment in page["data"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let shown = Shown {
                state: text(&payment["state"]),
                minor: payment["transfer"]["amount"]["amount"].as_i64().unwrap_or(0),
                end_to_end: text(&payment["transfer"]["end_to_end_id"]),
                content_hash: text(&payment["content_hash"]),
            };
            all.insert(text(&payment["id"]), shown);
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(all),
        }
    }
}

/// Every acknowledged payment is there, as it was acknowledged or farther on; what was asked once is there once; nothing else is.
fn present(payments: &[Payment], shown: &BTreeMap<String, Shown>) -> Result<(), Failure> {
    for payment in payments {
        let (Some(id), Some(hash)) = (payment.id(), payment.content_hash()) else {
            continue;
        };
        let Some(found) = shown.get(id) else {
            return Violation::fail("every acknowledged payment is there", format!("{id} is not"));
        };
        if (found.minor, found.end_to_end.as_str(), found.content_hash.as_str())
            != (payment.minor, payment.end_to_end.as_str(), hash)
        {
            return Violation::fail(
                "a payment is what was acknowledged",
                format!("{id} is another: {found:?}"),
            );
        }
        if let Some(known) = &payment.state
            && !may_follow(&found.state, known)
        {
            let what = format!("{id} is `{}` after it was `{known}`", found.state);
            return Violation::fail("a payment is in the state it was acknowledged in, or a later one", what);
        }
    }
    let mut places: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, found) in shown {
        if let Some(other) = places.insert(&found.end_to_end, id) {
            let what = format!("{} is there as {id} and as {other}", found.end_to_end);
            return Violation::fail("what was asked for once is there once", what);
        }
    }
    Ok(())
}

/// Nothing was executed twice, nor without a yes that somebody sent, nor with another amount.
fn executed_once(payments: &[Payment], book: &[Line]) -> Result<(), Failure> {
    let asked: BTreeMap<&str, &Payment> = payments
        .iter()
        .map(|payment| (payment.end_to_end.as_str(), payment))
        .collect();
    let mut executed: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    for line in book.iter().filter(|line| line.kind == "payment") {
        let sum = executed.entry(&line.end_to_end).or_default();
        *sum = (sum.0.saturating_add(1), sum.1.saturating_sub(line.minor));
    }
    for (end_to_end, (times, minor)) in executed {
        let Some(payment) = asked.get(end_to_end) else {
            return Violation::fail(
                "the bank executes what was asked for",
                format!("it executed {end_to_end}"),
            );
        };
        if payment.approval.is_none() {
            return Violation::fail("nothing is sent without approval", format!("{end_to_end} was executed"));
        }
        let (times_max, minor_max) = payment.kind.executed_once(payment.minor);
        if times > times_max || minor > minor_max {
            let what = format!(
                "{end_to_end} over {}: {times} bookings of {minor} in all",
                payment.minor
            );
            return Violation::fail("nothing is executed twice at the bank", what);
        }
    }
    Ok(())
}

/// The ledger's accounts sum up to nothing.
fn balanced(balances: &Value) -> Result<(), Failure> {
    let accounts = balances["data"].as_array().ok_or("the balances are no list")?;
    let sum: i128 = accounts
        .iter()
        .map(|account| i128::from(account["balance"]["amount"].as_i64().unwrap_or(i64::MAX)))
        .sum();
    if sum == 0 {
        Ok(())
    } else {
        Violation::fail(
            "the ledger balances",
            format!("the accounts sum up to {sum}: {balances}"),
        )
    }
}

/// `countersign log check` finds everything as it was recorded.
pub(crate) fn checked(site: &Site) -> Result<(), Failure> {
    let output = site.run(&["log", "check", "--json"])?;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    if output.status.success() && report["sound"] == true {
        return Ok(());
    }
    let found = if report.is_null() {
        String::from_utf8_lossy(&output.stderr).into_owned()
    } else {
        report.to_string()
    };
    Violation::fail("`countersign log check` finds everything as it was recorded", found)
}

/// The witness and the platform agree on how many payments there are, at least.
pub(crate) fn acknowledged(witness: &Witness) -> u64 {
    u64::try_from(witness.acknowledged()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Kind;
    use crate::witness::Asked;

    fn asked(answer: Option<Value>) -> Asked {
        Asked {
            key: "k".to_owned(),
            body: String::new(),
            answer,
            under_way: false,
        }
    }

    fn payment() -> Payment {
        Payment {
            kind: Kind::Plain,
            minor: 100,
            end_to_end: "INV-1".to_owned(),
            submission: asked(Some(serde_json::json!({"id": "pay_1", "content_hash": "h"}))),
            refused: false,
            approval: Some(asked(None)),
            state: Some("queued".to_owned()),
        }
    }

    fn there(state: &str) -> BTreeMap<String, Shown> {
        let shown = Shown {
            state: state.to_owned(),
            minor: 100,
            end_to_end: "INV-1".to_owned(),
            content_hash: "h".to_owned(),
        };
        [("pay_1".to_owned(), shown)].into()
    }

    fn line(minor: i64) -> Line {
        Line {
            kind: "payment".to_owned(),
            end_to_end: "INV-1".to_owned(),
            minor,
        }
    }

    #[test]
    fn what_is_missing_gone_back_or_there_twice_is_found() {
        let payments = [payment()];
        assert!(present(&payments, &there("settled")).is_ok());
        assert!(present(&payments, &BTreeMap::new()).is_err());
        assert!(present(&payments, &there("waiting_for_approval")).is_err());
        let mut twice = there("queued");
        twice.insert("pay_2".to_owned(), twice["pay_1"].clone());
        assert!(present(&payments, &twice).is_err());
    }

    #[test]
    fn a_second_execution_and_one_without_a_yes_are_found() {
        let mut payments = [payment()];
        assert!(executed_once(&payments, &[line(-100)]).is_ok());
        assert!(executed_once(&payments, &[line(-100), line(-100)]).is_err());
        assert!(executed_once(&payments, &[line(-101)]).is_err());
        payments[0].approval = None;
        assert!(executed_once(&payments, &[line(-100)]).is_err());
        assert!(executed_once(&[], &[line(-100)]).is_err());
    }

    #[test]
    fn a_ledger_that_does_not_balance_is_found() {
        let balances =
            |other: i64| serde_json::json!({"data": [{"balance": {"amount": 5}}, {"balance": {"amount": other}}]});
        assert!(balanced(&balances(-5)).is_ok());
        assert!(balanced(&balances(-4)).is_err());
    }
}
