//! The organization's own bank accounts, and what is reserved on them.

use crate::StoreError;
use crate::scan::ID;
use crate::scope::{Scope, all, one};
use crate::sealed::{self, SealedTable};
use crate::tx::{Batch, Column, Dialect, Row, Sql, Tx, Value};
use std::collections::BTreeSet;
use vocab::id::AccountId;
use vocab::money::Currency;
use vocab::time::Timestamp;

/// `accounts`
pub static ACCOUNTS: SealedTable = SealedTable {
    name: "accounts",
    columns: 8,
    key: ID,
    id: |number| AccountId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO accounts (id, organization, world, number_index, currency, channel, sealed, created_at, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, number_index, currency, channel, sealed, created_at, seal FROM accounts
         WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};

/// One of the organization's accounts: a number in one currency.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account.
    pub id: AccountId,
    /// Blind index of its number.
    pub number_index: [u8; 16],
    /// Its currency.
    pub currency: Currency,
    /// The channel its payments take.
    pub channel: String,
    /// Number, holder and bank, sealed for `accounts.sealed`.
    pub sealed: Vec<u8>,
}

/// Adds an account.
pub fn add(tx: &mut dyn Tx, scope: Scope<'_>, account: &Account, at: Timestamp) -> Result<(), StoreError> {
    static TOTALS: Sql =
        Sql::both("INSERT INTO account_totals (account, organization, world, held_minor) VALUES ($1, $2, $3, 0)");
    let id = Value::Int(account.id.to_i64());
    sealed::insert(
        tx,
        scope,
        &ACCOUNTS,
        &[
            id,
            scope.org(),
            scope.world(),
            Value::Blob(&account.number_index),
            Value::Text(account.currency.code()),
            Value::Text(&account.channel),
            Value::Blob(&account.sealed),
            Value::Int(at.micros()),
        ],
    )?;
    tx.execute(&TOTALS, &[id, scope.org(), scope.world()])?;
    Ok(())
}

/// One account.
pub fn load(tx: &mut dyn Tx, scope: Scope<'_>, id: AccountId) -> Result<Option<Account>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT id, number_index, currency, channel, sealed FROM accounts WHERE id = $1 AND organization = $2 AND world = $3",
    );
    one(tx.query(&ONE, &[Value::Int(id.to_i64()), scope.org(), scope.world()])?)
        .as_ref()
        .map(read)
        .transpose()
}

/// The account with this number and currency.
pub fn by_number(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    number_index: &[u8; 16],
    currency: Currency,
) -> Result<Option<Account>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT id, number_index, currency, channel, sealed FROM accounts
         WHERE organization = $1 AND world = $2 AND number_index = $3 AND currency = $4",
    );
    let values = [
        scope.org(),
        scope.world(),
        Value::Blob(number_index),
        Value::Text(currency.code()),
    ];
    one(tx.query(&ONE, &values)?).as_ref().map(read).transpose()
}

/// All accounts of an organization, oldest first.
pub fn list(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<Vec<Account>, StoreError> {
    static ALL: Sql = Sql::both(
        "SELECT id, number_index, currency, channel, sealed FROM accounts WHERE organization = $1 AND world = $2 ORDER BY id",
    );
    all(&tx.query(&ALL, &[scope.org(), scope.world()])?, read)
}

/// Accounts of the organization after one, in the order in which they were added.
pub fn page(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    after: Option<AccountId>,
    limit: usize,
) -> Result<Vec<Account>, StoreError> {
    static PAGE: Sql = Sql::both(
        "SELECT id, number_index, currency, channel, sealed FROM accounts
         WHERE organization = $1 AND world = $2 AND id > $3 ORDER BY id LIMIT $4",
    );
    let values = [
        scope.org(),
        scope.world(),
        Value::Int(after.map_or(0, AccountId::to_i64)),
        Value::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
    ];
    all(&tx.query(&PAGE, &values)?, read)
}

/// What is reserved on an account, in minor units.
pub fn held(tx: &mut dyn Tx, scope: Scope<'_>, id: AccountId) -> Result<i64, StoreError> {
    static HELD: Sql =
        Sql::both("SELECT held_minor FROM account_totals WHERE account = $1 AND organization = $2 AND world = $3");
    let row = one(tx.query(&HELD, &[Value::Int(id.to_i64()), scope.org(), scope.world()])?);
    row.map_or(Ok(0), |row| row.int(0))
}

/// Adds to (or, negative, takes from) what is reserved on accounts. Accounts in ascending order, so that two servers never wait for each
/// other in a ring.
pub fn reserve(tx: &mut dyn Tx, changes: &[(AccountId, i64)]) -> Result<(), StoreError> {
    static RESERVE: Batch = Batch {
        each: "UPDATE account_totals SET held_minor = held_minor + $2 WHERE account = $1",
        arrays: "UPDATE account_totals SET held_minor = held_minor + change.minor
                 FROM UNNEST($1::BIGINT[], $2::BIGINT[]) AS change (account, minor) WHERE account_totals.account = change.account",
    };
    let accounts: Vec<i64> = changes.iter().map(|(account, _)| account.to_i64()).collect();
    let minors: Vec<i64> = changes.iter().map(|(_, minor)| *minor).collect();
    tx.execute_many(&RESERVE, &[Column::Int(&accounts), Column::Int(&minors)])?;
    Ok(())
}

/// Locks the totals of accounts in ascending order until the end of the transaction, so that slices which look for duplicates on the
/// same account see each other. SQLite has one writer and needs no lock.
pub fn lock(tx: &mut dyn Tx, accounts: &BTreeSet<AccountId>) -> Result<(), StoreError> {
    static LOCK: Batch = Batch::postgres(
        "SELECT account FROM account_totals WHERE account = ANY($1::BIGINT[]) ORDER BY account FOR UPDATE",
    );
    let accounts: Vec<i64> = accounts.iter().map(|account| account.to_i64()).collect();
    match tx.side() {
        Dialect::Sqlite => {}
        Dialect::Postgres => drop(tx.query_many(&LOCK, &[Column::Int(&accounts)])?),
    }
    Ok(())
}

fn read(row: &Row) -> Result<Account, StoreError> {
    let corrupt = |what: &'static str| StoreError::corrupt(what);
    Ok(Account {
        id: AccountId::from_i64(row.int(0)?),
        number_index: row
            .blob(1)?
            .try_into()
            .map_err(|_| corrupt("the index of an account"))?,
        currency: Currency::from_code(row.text(2)?).ok_or(corrupt("the currency of an account"))?,
        channel: row.text(3)?.to_owned(),
        sealed: row.blob(4)?.to_vec(),
    })
}
