//! The entries of a payment's journey, one function each. Everything that is ever posted is in this file.
//!
//! | what happened | debit | credit |
//! | --- | --- | --- |
//! | opening balance | bank | opening |
//! | bank accepts a payment | payables | in transit |
//! | bank rejects it after all, or cancels it | in transit | payables |
//! | bank books it | in transit | bank |
//! | it comes back | bank | returns |
//! | charge | fees | bank |
//! | a line nobody can explain | bank and suspense, by its sign | |
//! | such a line is explained | suspense and the right account, by its sign | |

use crate::account::LedgerAccount;
use crate::posting::{Entry, EntryError, EntryKind, Posting};
use vocab::id::AccountId;
use vocab::money::{Amount, Money};

/// A bank account is taken into the books; a balance of zero makes no entry.
pub fn opening(account: AccountId, balance: Money) -> Result<Option<Entry>, EntryError> {
    if balance.minor() == 0 {
        return Ok(None);
    }
    let currency = balance.currency();
    pair(
        EntryKind::Opening,
        LedgerAccount::bank(account, currency),
        LedgerAccount::opening(currency),
        balance,
    )
    .map(Some)
}

/// A bank has accepted a payment.
pub fn accepted(amount: Amount) -> Result<Entry, EntryError> {
    let currency = amount.currency();
    let (debit, credit) = (LedgerAccount::payables(currency), LedgerAccount::in_transit(currency));
    pair(EntryKind::PaymentAccepted, debit, credit, amount.money())
}

/// A bank will not execute a payment that it had accepted: rejected or recalled.
pub fn rejected_after_acceptance(amount: Amount) -> Result<Entry, EntryError> {
    let currency = amount.currency();
    let (debit, credit) = (LedgerAccount::in_transit(currency), LedgerAccount::payables(currency));
    pair(EntryKind::PaymentReversed, debit, credit, amount.money())
}

/// A bank has booked a payment, or so much of it.
pub fn executed(account: AccountId, amount: Amount) -> Result<Entry, EntryError> {
    let currency = amount.currency();
    let (debit, credit) = (
        LedgerAccount::in_transit(currency),
        LedgerAccount::bank(account, currency),
    );
    pair(EntryKind::PaymentExecuted, debit, credit, amount.money())
}

/// A bank has booked several payments as one line: one posting on the bank account, as on the statement, and one in transit for
/// each payment, in the order given.
pub fn executed_total(account: AccountId, amounts: &[Amount]) -> Result<Entry, EntryError> {
    let first = amounts.first().ok_or(EntryError::TooFew)?;
    let currency = first.currency();
    let total: i128 = amounts.iter().map(|amount| i128::from(amount.minor())).sum();
    let total = i64::try_from(total).map_err(|_| EntryError::Overflow)?;
    let total = Money::new(total, currency)
        .checked_neg()
        .map_err(|_| EntryError::Overflow)?;
    let mut postings = Vec::with_capacity(amounts.len().saturating_add(1));
    for amount in amounts {
        // An amount in another currency does not fit the account and is refused by the check.
        postings.push(Posting {
            account: LedgerAccount::in_transit(currency),
            amount: amount.money(),
        });
    }
    postings.push(Posting {
        account: LedgerAccount::bank(account, currency),
        amount: total,
    });
    Entry::new(EntryKind::PaymentExecuted, postings)
}

/// A payment has come back to the account.
pub fn returned(account: AccountId, amount: Amount) -> Result<Entry, EntryError> {
    let currency = amount.currency();
    let (debit, credit) = (LedgerAccount::bank(account, currency), LedgerAccount::returns(currency));
    pair(EntryKind::PaymentReturned, debit, credit, amount.money())
}

/// A bank has taken a charge.
pub fn fee(account: AccountId, amount: Amount) -> Result<Entry, EntryError> {
    let currency = amount.currency();
    let (debit, credit) = (LedgerAccount::fees(currency), LedgerAccount::bank(account, currency));
    pair(EntryKind::Fee, debit, credit, amount.money())
}

/// A line that nobody can explain yet, signed as on the statement: the bank account follows the statement, the rest waits.
pub fn unexplained(account: AccountId, line: Money) -> Result<Entry, EntryError> {
    let currency = line.currency();
    pair(
        EntryKind::Unexplained,
        LedgerAccount::bank(account, currency),
        LedgerAccount::suspense(currency),
        line,
    )
}

/// Such a line, or so much of it, belongs to `against`: for example in transit for a payment, fees for a charge. `line` is signed
/// as on the statement.
pub fn suspense_resolved(line: Money, against: LedgerAccount) -> Result<Entry, EntryError> {
    pair(
        EntryKind::SuspenseResolved,
        LedgerAccount::suspense(line.currency()),
        against,
        line,
    )
}

fn pair(kind: EntryKind, debit: LedgerAccount, credit: LedgerAccount, amount: Money) -> Result<Entry, EntryError> {
    let opposite = amount.checked_neg().map_err(|_| EntryError::Overflow)?;
    Entry::new(
        kind,
        vec![
            Posting { account: debit, amount },
            Posting {
                account: credit,
                amount: opposite,
            },
        ],
    )
}
