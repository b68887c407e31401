//! Entries: what was booked on the accounts, with the payments behind each. Immutable once written.
//!
//! Notification and statement are made from the same rows, so that an entry has the same reference and content in both.

use super::accounts::{self, Account, AccountId};
use super::bank::BankError;
use super::book::{Moment, read};
use super::days;
use super::due::{self, Task};
use super::payments::Payment;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, params};
use vocab::exchange::{BatchInformation, LineDetail, StatementLine};
use vocab::time::Date;

/// Why money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One payment.
    Payment,
    /// The payments of a batch in one sum.
    Batch,
    /// A payment came back.
    Return,
    /// The bank's charge for a day.
    Charge,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Payment, Self::Batch, Self::Return, Self::Charge];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Batch => "batch",
            Self::Return => "return",
            Self::Charge => "charge",
        }
    }

    /// Bank transaction code (ISO 20022 external code list): issued credit transfer, its return, charges.
    fn transaction_code(self, currency: &str) -> &'static str {
        match self {
            Self::Payment | Self::Batch if currency == "EUR" => "PMNT.ICDT.ESCT",
            Self::Payment | Self::Batch => "PMNT.ICDT.XBCT",
            Self::Return => "PMNT.ICDT.RRTN",
            Self::Charge => "ACMT.MDOP.CHRG",
        }
    }

    fn information(self) -> &'static str {
        match self {
            Self::Payment => "credit transfer",
            Self::Batch => "collective credit transfer",
            Self::Return => "return of a credit transfer",
            Self::Charge => "charges of the day",
        }
    }
}

impl ToSql for Kind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// What a payment contributes to an entry: negative when money leaves.
pub(super) struct Part<'a> {
    pub(super) payment: &'a Payment,
    pub(super) minor: i64,
}

/// Books the sum of the parts as one entry.
pub(super) fn post(moment: &Moment<'_>, account: AccountId, kind: Kind, parts: &[Part<'_>]) -> Result<(), BankError> {
    let mut sum: i64 = 0;
    for part in parts {
        sum = sum.checked_add(part.minor).ok_or(BankError::TooMuch)?;
    }
    let (entry, reference) = insert(moment, account, kind, sum)?;
    for part in parts {
        // The parts of a batch have references of their own; a single payment has the one of its entry.
        let detail = if kind == Kind::Batch {
            moment.draw("TXD")?
        } else {
            reference.clone()
        };
        let mut statement = moment.rows.prepare_cached(
            "INSERT INTO entry_details (entry_id, payment_id, reference, amount_minor) VALUES (?1, ?2, ?3, ?4)",
        )?;
        statement.execute(params![entry, part.payment.id, detail, part.minor])?;
    }
    Ok(())
}

/// Books the bank's own charge, which has no payment behind it.
pub(super) fn charge(moment: &Moment<'_>, account: AccountId, fee_minor: i64) -> Result<(), BankError> {
    insert(moment, account, Kind::Charge, fee_minor.saturating_neg()).map(|_| ())
}

fn insert(moment: &Moment<'_>, account: AccountId, kind: Kind, minor: i64) -> Result<(i64, String), BankError> {
    let reference = moment.draw("ENT")?;
    let day = moment.at.date();
    let mut statement = moment.rows.prepare_cached(
        "INSERT INTO entries (account_id, reference, kind, day, amount_minor) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    statement.execute(params![account, reference, kind, day.to_string(), minor])?;
    let entry = moment.rows.last_insert_rowid();
    accounts::book(moment, account, minor)?;
    due::schedule(moment, days::closing(day), Task::CloseDay, account.0)?;
    Ok((entry, reference))
}

/// The number of the last entry of all accounts; entries after it are newer.
pub(super) fn last(moment: &Moment<'_>) -> Result<i64, BankError> {
    Ok(moment
        .rows
        .query_row("SELECT COALESCE(MAX(id), 0) FROM entries", [], |row| row.get(0))?)
}

/// The accounts with entries after this one.
pub(super) fn accounts_after(moment: &Moment<'_>, entry: i64) -> Result<Vec<AccountId>, BankError> {
    let mut statement = moment
        .rows
        .prepare_cached("SELECT DISTINCT account_id FROM entries WHERE id > ?1 ORDER BY account_id")?;
    Ok(statement
        .query_map([entry], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// The lines of an account's day after an entry (0 for the whole day), as messages show them.
pub(super) fn lines(
    moment: &Moment<'_>,
    account: &Account,
    day: Date,
    after: i64,
) -> Result<Vec<StatementLine>, BankError> {
    let mut statement = moment
        .rows
        .prepare_cached("SELECT * FROM entries WHERE account_id = ?1 AND day = ?2 AND id > ?3 ORDER BY id")?;
    let entries = statement.query_map(params![account.id, day.to_string(), after], |row| {
        Ok((
            row.get("id")?,
            row.get("kind")?,
            row.get("reference")?,
            row.get("amount_minor")?,
        ))
    })?;
    let mut lines = Vec::new();
    for entry in entries {
        let (id, kind, reference, minor): (i64, Kind, String, i64) = entry?;
        let details = details(moment, account, id, kind)?;
        let amount = account.money(minor);
        let batch = details
            .first()
            .filter(|_| kind == Kind::Batch)
            .map(|first| BatchInformation {
                message_id: first.message_id.clone(),
                payment_information_id: first.payment_information_id.clone(),
                count: u64::try_from(details.len()).ok(),
                total: Some(amount),
            });
        lines.push(StatementLine {
            amount,
            booked: true,
            reversal: false,
            booked_on: day,
            value_on: Some(day),
            servicer_reference: Some(reference),
            entry_reference: None,
            transaction_code: Some(kind.transaction_code(account.currency.code()).to_owned()),
            batch,
            details,
            information: Some(kind.information().to_owned()),
        });
    }
    Ok(lines)
}

fn details(moment: &Moment<'_>, account: &Account, entry: i64, kind: Kind) -> Result<Vec<LineDetail>, BankError> {
    let mut statement = moment.rows.prepare_cached(
        "SELECT d.amount_minor, d.reference, o.reference AS message_id, o.information_id, p.instruction_id,
             p.end_to_end_id, p.uetr, p.remittance
         FROM entry_details d JOIN payments p ON p.id = d.payment_id JOIN orders o ON o.id = p.order_id
         WHERE d.entry_id = ?1 ORDER BY d.id",
    )?;
    let details = statement.query_map([entry], |row| {
        Ok(LineDetail {
            amount: Some(account.money(row.get("amount_minor")?)),
            message_id: row.get("message_id")?,
            payment_information_id: row.get("information_id")?,
            instruction_id: row.get("instruction_id")?,
            end_to_end_id: row.get("end_to_end_id")?,
            uetr: row.get("uetr")?,
            servicer_reference: row.get("reference")?,
            return_reason: (kind == Kind::Return).then(|| due::RETURN_REASON.to_owned()),
            remittance: row.get("remittance")?,
        })
    })?;
    Ok(details.collect::<Result<_, _>>()?)
}

/// One line of the whole book: an entry, or one payment of it.
pub(super) struct BookLine {
    pub(super) account: String,
    pub(super) currency: String,
    pub(super) reference: String,
    pub(super) kind: Kind,
    pub(super) booked_on: Date,
    pub(super) message_id: Option<String>,
    pub(super) instruction_id: Option<String>,
    pub(super) end_to_end_id: Option<String>,
    pub(super) amount_minor: i64,
}

impl BookLine {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            account: row.get("number")?,
            currency: row.get("currency")?,
            reference: row.get("reference")?,
            kind: row.get("kind")?,
            booked_on: read(row, "day", |text| text.parse().ok())?,
            message_id: row.get("message_id")?,
            instruction_id: row.get("instruction_id")?,
            end_to_end_id: row.get("end_to_end_id")?,
            amount_minor: row.get("amount_minor")?,
        })
    }
}

/// Everything that was ever booked, in order: what a test compares with its own ideas.
pub(super) fn book(moment: &Moment<'_>) -> Result<Vec<BookLine>, BankError> {
    let mut statement = moment.rows.prepare_cached(
        "SELECT a.number, a.currency, e.reference, e.kind, e.day, o.reference AS message_id, p.instruction_id,
             p.end_to_end_id, COALESCE(d.amount_minor, e.amount_minor) AS amount_minor
         FROM entries e JOIN accounts a ON a.id = e.account_id
         LEFT JOIN entry_details d ON d.entry_id = e.id LEFT JOIN payments p ON p.id = d.payment_id
         LEFT JOIN orders o ON o.id = p.order_id ORDER BY e.id, d.id",
    )?;
    Ok(statement.query_map([], BookLine::of)?.collect::<Result<_, _>>()?)
}
