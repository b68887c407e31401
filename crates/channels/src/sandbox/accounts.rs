//! The accounts that the bank keeps: one for each pair of number and currency.
//!
//! What is promised to accepted orders is held, so that an accepted payment never fails for want of money on its day.

use super::bank::BankError;
use super::book::{Moment, read};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, params};
use vocab::account::AccountNumber;
use vocab::money::{Currency, Money};

/// Most money an account is opened with: with a century of fees and returns it still fits the 18 digits of a message.
pub(super) const OPENING_MINOR_MAX: i64 = 100_000_000_000_000_000;

/// What an account is opened with.
pub(super) struct Opening {
    pub(super) number: AccountNumber,
    pub(super) currency: Currency,
    pub(super) name: String,
    pub(super) balance_minor: i64,
}

/// Row of an account. A type of its own, so that it is not taken for an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AccountId(pub(super) i64);

impl ToSql for AccountId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for AccountId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

/// One account as it stands.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) id: AccountId,
    pub(super) number: AccountNumber,
    pub(super) currency: Currency,
    pub(super) name: String,
    pub(super) opened_minor: i64,
    pub(super) balance_minor: i64,
    pub(super) held_minor: i64,
    /// Closing balance of the last statement.
    pub(super) stated_minor: i64,
    /// Statements made so far: the sequence number of the last one.
    pub(super) statements: i64,
}

impl Account {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            number: read(row, "number", |text| AccountNumber::guess(text).ok())?,
            currency: read(row, "currency", Currency::from_code)?,
            name: row.get("name")?,
            opened_minor: row.get("opened_minor")?,
            balance_minor: row.get("balance_minor")?,
            held_minor: row.get("held_minor")?,
            stated_minor: row.get("stated_minor")?,
            statements: row.get("statements")?,
        })
    }

    /// So many minor units in the account's currency.
    pub(super) fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
}

/// Opens an account. One that exists stays as it is, whatever the call says: opening again is no way to print money.
pub(super) fn open(moment: &Moment<'_>, opening: &Opening) -> Result<(), BankError> {
    moment.rows.execute(
        "INSERT INTO accounts (number, currency, name, opened_minor, balance_minor, held_minor, stated_minor, statements)
         VALUES (?1, ?2, ?3, ?4, ?4, 0, ?4, 0) ON CONFLICT (number, currency) DO NOTHING",
        params![opening.number.as_str(), opening.currency.code(), opening.name, opening.balance_minor],
    )?;
    Ok(())
}

/// The account of a number in a currency.
pub(super) fn find(
    moment: &Moment<'_>,
    number: &AccountNumber,
    currency: Currency,
) -> Result<Option<Account>, BankError> {
    let mut statement = moment
        .rows
        .prepare_cached("SELECT * FROM accounts WHERE number = ?1 AND currency = ?2")?;
    Ok(statement
        .query_row(params![number.as_str(), currency.code()], Account::of)
        .optional()?)
}

/// Whether the bank keeps an account of this number in any currency.
pub(super) fn known(moment: &Moment<'_>, number: &AccountNumber) -> Result<bool, BankError> {
    let mut statement = moment
        .rows
        .prepare_cached("SELECT 1 FROM accounts WHERE number = ?1 LIMIT 1")?;
    Ok(statement.exists([number.as_str()])?)
}

/// The account of an entry.
pub(super) fn load(moment: &Moment<'_>, id: AccountId) -> Result<Account, BankError> {
    let mut statement = moment.rows.prepare_cached("SELECT * FROM accounts WHERE id = ?1")?;
    statement.query_row([id], Account::of).optional()?.ok_or_else(missing)
}

/// All accounts with the number of their entries, in the order in which they were opened.
pub(super) fn list(moment: &Moment<'_>) -> Result<Vec<(Account, i64)>, BankError> {
    let mut statement = moment.rows.prepare_cached(
        "SELECT a.*, (SELECT COUNT(*) FROM entries e WHERE e.account_id = a.id) AS entry_count FROM accounts a ORDER BY a.id",
    )?;
    let accounts = statement.query_map([], |row| Ok((Account::of(row)?, row.get("entry_count")?)))?;
    Ok(accounts.collect::<Result<_, _>>()?)
}

/// Holds money for an accepted payment, or lets it go (negative).
pub(super) fn hold(moment: &Moment<'_>, id: AccountId, minor: i64) -> Result<(), BankError> {
    change(
        moment,
        "UPDATE accounts SET held_minor = held_minor + ?2 WHERE id = ?1",
        id,
        minor,
    )
}

/// Books money in (positive) or out (negative).
pub(super) fn book(moment: &Moment<'_>, id: AccountId, minor: i64) -> Result<(), BankError> {
    change(
        moment,
        "UPDATE accounts SET balance_minor = balance_minor + ?2 WHERE id = ?1",
        id,
        minor,
    )
}

/// Remembers that a statement was made which closes with this balance.
pub(super) fn stated(moment: &Moment<'_>, id: AccountId, closing_minor: i64) -> Result<(), BankError> {
    let sql = "UPDATE accounts SET stated_minor = ?2, statements = statements + 1 WHERE id = ?1";
    change(moment, sql, id, closing_minor)
}

fn change(moment: &Moment<'_>, sql: &'static str, id: AccountId, minor: i64) -> Result<(), BankError> {
    match moment.rows.prepare_cached(sql)?.execute(params![id, minor])? {
        1 => Ok(()),
        _ => Err(missing()),
    }
}

fn missing() -> BankError {
    BankError::Damaged("an account is missing".to_owned())
}
