//! Whether the ledger's bank account says what the bank says.
//!
//! The books of an account are anchored on the first statement that came: its closing balance always holds, and whatever turns up from
//! before it belongs to the opening balance. Every other statement is compared.

use super::booking::close_by_itself;
use crate::record::book;
use crate::refusal::Error;
use crate::work::{NewException, Work};
use ledger::account::LedgerAccount;
use ledger::journal;
use store::accounts::Account;
use store::statements::Statement;
use vocab::money::Money;
use vocab::time::Date;

/// Exception: ledger and statement differ.
const BALANCE_DIFFERS: &str = "balance_differs";

/// Books what belongs to the opening balance, compares a new statement with the ledger, and looks again at those that differed before.
/// `oldest` is the earliest booking date of the lines that the statement brought.
pub(super) fn compare(
    work: &mut Work<'_>,
    account: &Account,
    new: &Statement,
    previous: Option<&Statement>,
    oldest: Option<Date>,
) -> Result<(), Error> {
    let Some(anchor) = store::statements::first(work.tx, work.scope, account.id)? else {
        return Ok(());
    };
    let from_before = oldest.is_some_and(|oldest| oldest <= anchor.covers);
    if (anchor.id == new.id || from_before)
        && let Some(difference) = difference(work, account, &anchor)?
    {
        let money = Money::new(difference, account.currency);
        if let Some(entry) = journal::opening(account.id, money).transpose() {
            book(work, entry, &account.id.to_string())?;
        }
    }
    if anchor.id != new.id {
        examine(work, account, new, previous)?;
    }
    for exception in store::exceptions::open_of_account(work.tx, work.scope, account.id, BALANCE_DIFFERS)? {
        let Some(statement) = exception.statement else { continue };
        let Some(statement) = store::statements::load(work.tx, work.scope, statement)? else {
            continue;
        };
        if difference(work, account, &statement)?.is_none_or(|difference| difference == 0) {
            close_by_itself(work, exception, "With what came later, ledger and statement agree.")?;
        }
    }
    Ok(())
}

/// A difference that was there at the statement before is known already.
fn examine(work: &mut Work<'_>, account: &Account, new: &Statement, previous: Option<&Statement>) -> Result<(), Error> {
    let (Some(own), Some(closing)) = (difference(work, account, new)?, new.closing_minor) else {
        return Ok(());
    };
    let before = match previous {
        Some(previous) => difference(work, account, previous)?.unwrap_or(0),
        None => 0,
    };
    if own == 0 || own == before {
        return Ok(());
    }
    let (closing, own) = (Money::new(closing, account.currency), Money::new(own, account.currency));
    work.exception(NewException {
        account: Some(account.id),
        statement: Some(new.id),
        line: None,
        payment: None,
        code: BALANCE_DIFFERS.to_owned(),
        sentence: format!(
            "The statement of {} closes with {closing}, which is {own} more than the ledger's account of this bank account on that day. A \
             statement may be missing; collect it from the bank.",
            new.covers
        ),
    })?;
    Ok(())
}

/// How much more the statement closes with than the ledger had on its day, in minor units; `None` for one without a closing balance.
fn difference(work: &mut Work<'_>, account: &Account, statement: &Statement) -> Result<Option<i64>, Error> {
    let Some(closing) = statement.closing_minor else {
        return Ok(None);
    };
    let code = LedgerAccount::bank(account.id, account.currency).to_string();
    let now = store::journal::balance(work.tx, work.scope, &code, account.currency)?.minor();
    let later = store::statements::sum_after(work.tx, work.scope, account.id, statement.covers)?;
    let then = now.checked_sub(later).and_then(|then| closing.checked_sub(then));
    then.map(Some).ok_or(Error::Bug("a balance that cannot be counted"))
}
