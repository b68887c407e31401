//! What is reserved on accounts, as the check reads it.

use super::lost_max;
use crate::StoreError;
use crate::scan::{ID, Pages};
use crate::tx::{Row, Sql, Tx};
use vocab::id::AccountId;

/// An account with its total.
#[derive(Clone, Debug)]
pub struct Total {
    /// The account.
    pub account: AccountId,
    /// Its organization and world.
    pub home: (i64, i64),
    /// What the row of totals says: organization, world, held; `None` when there is no such row or it cannot be read.
    pub held: Option<(i64, i64, i64)>,
}

/// All accounts, page by page.
pub struct Totals(Pages);

impl Totals {
    /// From the first account on.
    pub fn new() -> Self {
        static TOTALS: Sql = Sql::both(
            "SELECT a.id, a.organization, a.world, t.organization, t.world, t.held_minor
             FROM accounts a LEFT JOIN account_totals t ON t.account = a.id WHERE a.id >= $1 ORDER BY a.id LIMIT $2",
        );
        Self(Pages::new(&TOTALS, ID))
    }

    /// The next page; `None` after the last one.
    pub fn next(&mut self, tx: &mut dyn Tx) -> Result<Option<Vec<Total>>, StoreError> {
        let Some(rows) = self.0.next(tx)? else { return Ok(None) };
        let total = |row: &Row| {
            let held = || Ok::<_, StoreError>((row.int(3)?, row.int(4)?, row.int(5)?));
            Ok(Total {
                account: AccountId::from_i64(row.int(0)?),
                home: (row.int(1).unwrap_or(-1), row.int(2).unwrap_or(-1)),
                held: held().ok(),
            })
        };
        rows.iter().map(total).collect::<Result<_, StoreError>>().map(Some)
    }
}

impl Default for Totals {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Totals")
    }
}

/// Totals of accounts that are not there.
pub fn lost_totals(tx: &mut dyn Tx) -> Result<Vec<AccountId>, StoreError> {
    static LOST: Sql = Sql::both(
        "SELECT t.account FROM account_totals t LEFT JOIN accounts a ON a.id = t.account WHERE a.id IS NULL
         ORDER BY t.account LIMIT $1",
    );
    let rows = tx.query(&LOST, &[lost_max()])?;
    rows.iter().map(|row| row.int(0).map(AccountId::from_i64)).collect()
}

/// The organizations and worlds that have accounts.
pub fn homes(tx: &mut dyn Tx) -> Result<Vec<(i64, i64)>, StoreError> {
    static HOMES: Sql = Sql::both("SELECT DISTINCT organization, world FROM accounts ORDER BY organization, world");
    let rows = tx.query(&HOMES, &[])?;
    Ok(rows
        .iter()
        .filter_map(|row| Some((row.int(0).ok()?, row.int(1).ok()?)))
        .collect())
}
