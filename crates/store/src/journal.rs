//! The ledger's rows: accounts, entries and their postings. Entries are only ever added.

use crate::StoreError;
use crate::scope::{Page, RowSealer, Scope, all, one};
use crate::sealed::{self, BrokenSeal, SealedTable};
use crate::tx::{Batch, Column, Row, Sql, Tx, Value};
use std::collections::BTreeMap;
use vocab::id::EntryId;
use vocab::money::{Currency, Money};
use vocab::time::Timestamp;

/// `ledger_accounts`
pub static LEDGER_ACCOUNTS: SealedTable = SealedTable {
    name: "ledger_accounts",
    columns: 5,
    insert: Sql::both(
        "INSERT INTO ledger_accounts (id, organization, world, code, currency, seal) VALUES ($1, $2, $3, $4, $5, $6)",
    ),
    scan: Sql::both("SELECT id, organization, world, code, currency, seal FROM ledger_accounts ORDER BY id"),
};

/// One line of an entry: a ledger account by its code, and a signed sum (positive is debit).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Code of the account, such as `in_transit:EUR`.
    pub account: String,
    /// Signed sum.
    pub amount: Money,
}

/// A journal entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The entry.
    pub id: EntryId,
    /// Kind, such as `accepted` or `executed`.
    pub kind: String,
    /// What it is about, in text form: a payment, an order, a line.
    pub subject: String,
    /// When it was booked.
    pub at: Timestamp,
    /// Its postings, balanced per currency.
    pub postings: Vec<Posting>,
}

/// A ledger account with its balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Code of the account.
    pub account: String,
    /// Signed sum of its postings.
    pub amount: Money,
}

/// Adds an entry. `draw_id` gives ids for ledger accounts that are used for the first time.
pub fn add(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    entry: &Entry,
    draw_id: &mut dyn FnMut() -> i64,
) -> Result<(), StoreError> {
    static ENTRY: Sql = Sql::both(
        "INSERT INTO entries (id, organization, world, kind, subject, at, postings, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    static POSTINGS: Batch = Batch {
        each: "INSERT INTO postings (entry, number, organization, world, ledger_account, amount_minor, currency)
               VALUES ($1, $2, $3, $4, $5, $6, $7)",
        arrays: "INSERT INTO postings (entry, number, organization, world, ledger_account, amount_minor, currency)
               SELECT * FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::BIGINT[], $6::BIGINT[], $7::TEXT[])",
    };
    let mut accounts = Vec::with_capacity(entry.postings.len());
    for posting in &entry.postings {
        accounts.push(ledger_account(
            tx,
            scope,
            &posting.account,
            posting.amount.currency(),
            draw_id,
        )?);
    }
    let count = i64::try_from(entry.postings.len()).map_err(|_| StoreError::bug("an entry with too many postings"))?;
    let numbers: Vec<i64> = (0..count).collect();
    let minors: Vec<i64> = entry.postings.iter().map(|posting| posting.amount.minor()).collect();
    let currencies: Vec<&str> = entry
        .postings
        .iter()
        .map(|posting| posting.amount.currency().code())
        .collect();
    let head = [
        Value::Int(entry.id.to_i64()),
        scope.org(),
        scope.world(),
        Value::Text(&entry.kind),
        Value::Text(&entry.subject),
        Value::Int(entry.at.micros()),
        Value::Int(count),
    ];
    let mut vouched = head.to_vec();
    for ((account, minor), currency) in accounts.iter().zip(&minors).zip(&currencies) {
        vouched.extend_from_slice(&[Value::Int(*account), Value::Int(*minor), Value::Text(currency)]);
    }
    let seal = scope.sealer.row_seal("entries", &sealed::encode(&vouched));
    let mut values = head.to_vec();
    values.push(Value::Blob(&seal));
    tx.execute(&ENTRY, &values)?;
    let same = |value: i64| vec![value; numbers.len()];
    tx.execute_many(
        &POSTINGS,
        &[
            Column::Int(&same(entry.id.to_i64())),
            Column::Int(&numbers),
            Column::Int(&same(scope.organization.to_i64())),
            Column::Int(&same(scope.world.to_i64())),
            Column::Int(&accounts),
            Column::Int(&minors),
            Column::Text(&currencies),
        ],
    )?;
    Ok(())
}

fn ledger_account(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    code: &str,
    currency: Currency,
    draw_id: &mut dyn FnMut() -> i64,
) -> Result<i64, StoreError> {
    static BY_CODE: Sql =
        Sql::both("SELECT id FROM ledger_accounts WHERE organization = $1 AND world = $2 AND code = $3");
    let wanted = [scope.org(), scope.world(), Value::Text(code)];
    if let Some(row) = one(tx.query(&BY_CODE, &wanted)?) {
        return row.int(0);
    }
    let id = draw_id();
    let values = [
        Value::Int(id),
        scope.org(),
        scope.world(),
        Value::Text(code),
        Value::Text(currency.code()),
    ];
    sealed::insert(tx, scope, &LEDGER_ACCOUNTS, &values)?;
    Ok(id)
}

/// Balances of all ledger accounts, now or up to a time (entries booked at it included), by code.
pub fn balances(tx: &mut dyn Tx, scope: Scope<'_>, until: Option<Timestamp>) -> Result<Vec<Balance>, StoreError> {
    static NOW: Sql = Sql::both(
        "SELECT a.code, a.currency, CAST(COALESCE(SUM(p.amount_minor), 0) AS BIGINT)
         FROM ledger_accounts a LEFT JOIN postings p ON p.ledger_account = a.id
         WHERE a.organization = $1 AND a.world = $2 GROUP BY a.code, a.currency ORDER BY a.code",
    );
    static UNTIL: Sql = Sql::both(
        "SELECT a.code, a.currency, CAST(COALESCE(SUM(p.amount_minor), 0) AS BIGINT)
         FROM ledger_accounts a JOIN postings p ON p.ledger_account = a.id JOIN entries e ON e.id = p.entry
         WHERE a.organization = $1 AND a.world = $2 AND e.at <= $3 GROUP BY a.code, a.currency ORDER BY a.code",
    );
    let rows = match until {
        None => tx.query(&NOW, &[scope.org(), scope.world()])?,
        Some(until) => tx.query(&UNTIL, &[scope.org(), scope.world(), Value::Int(until.micros())])?,
    };
    all(&rows, |row| {
        Ok(Balance {
            account: row.text(0)?.to_owned(),
            amount: money(row.int(2)?, row.text(1)?)?,
        })
    })
}

/// The balance of one ledger account; zero when nothing was ever posted to it.
pub fn balance(tx: &mut dyn Tx, scope: Scope<'_>, code: &str, currency: Currency) -> Result<Money, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT CAST(COALESCE(SUM(p.amount_minor), 0) AS BIGINT) FROM ledger_accounts a JOIN postings p ON p.ledger_account = a.id
         WHERE a.organization = $1 AND a.world = $2 AND a.code = $3",
    );
    let row = one(tx.query(&ONE, &[scope.org(), scope.world(), Value::Text(code)])?);
    Ok(Money::new(row.map_or(Ok(0), |row| row.int(0))?, currency))
}

/// A page of entries, newest first, of one subject or of all.
pub fn list(tx: &mut dyn Tx, scope: Scope<'_>, subject: Option<&str>, page: Page) -> Result<Vec<Entry>, StoreError> {
    static LIST: Sql = Sql::both(
        "SELECT id, kind, subject, at FROM entries
         WHERE organization = $1 AND world = $2 AND id < $3 AND (CAST($4 AS TEXT) IS NULL OR subject = $4)
         ORDER BY id DESC LIMIT $5",
    );
    static POSTINGS: Batch = Batch {
        each: "SELECT p.entry, a.code, p.amount_minor, p.currency FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account
               WHERE p.entry = $1 ORDER BY p.entry, p.number",
        arrays: "SELECT p.entry, a.code, p.amount_minor, p.currency FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account
               WHERE p.entry = ANY($1::BIGINT[]) ORDER BY p.entry, p.number",
    };
    let values = [
        scope.org(),
        scope.world(),
        page.before(),
        Value::OptText(subject),
        page.limit(),
    ];
    let mut entries = all(&tx.query(&LIST, &values)?, |row| {
        Ok(Entry {
            id: EntryId::from_i64(row.int(0)?),
            kind: row.text(1)?.to_owned(),
            subject: row.text(2)?.to_owned(),
            at: Timestamp::from_micros(row.int(3)?),
            postings: Vec::new(),
        })
    })?;
    let ids: Vec<i64> = entries.iter().map(|entry| entry.id.to_i64()).collect();
    let mut postings: BTreeMap<i64, Vec<Posting>> = BTreeMap::new();
    for row in tx.query_many(&POSTINGS, &[Column::Int(&ids)])? {
        let amount = money(row.int(2)?, row.text(3)?)?;
        postings.entry(row.int(0)?).or_default().push(Posting {
            account: row.text(1)?.to_owned(),
            amount,
        });
    }
    for entry in &mut entries {
        entry.postings = postings.remove(&entry.id.to_i64()).unwrap_or_default();
    }
    Ok(entries)
}

/// How many entries there are.
pub fn count(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<i64, StoreError> {
    static COUNT: Sql =
        Sql::both("SELECT CAST(COUNT(*) AS BIGINT) FROM entries WHERE organization = $1 AND world = $2");
    one(tx.query(&COUNT, &[scope.org(), scope.world()])?).map_or(Ok(0), |row| row.int(0))
}

/// Checks every entry with its postings; returns how many entries there are, and those that are altered or do not balance.
pub fn check(tx: &mut dyn Tx, sealer: &dyn RowSealer) -> Result<(u64, Vec<BrokenSeal>), StoreError> {
    static ENTRIES: Sql =
        Sql::both("SELECT id, organization, world, kind, subject, at, postings, seal FROM entries ORDER BY id");
    static POSTINGS: Sql = Sql::both(
        "SELECT entry, organization, world, ledger_account, amount_minor, currency FROM postings ORDER BY entry, number",
    );
    let mut postings: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
    for row in tx.query(&POSTINGS, &[])? {
        postings.entry(row.int(0)?).or_default().push(row);
    }
    let mut broken = Vec::new();
    let mut entries: u64 = 0;
    for row in tx.query(&ENTRIES, &[])? {
        entries += 1;
        let id = row.int(0)?;
        let mine = postings.remove(&id).unwrap_or_default();
        let mut vouched = (0..7).map(|column| row.value(column)).collect::<Result<Vec<_>, _>>()?;
        let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
        let mut at_home = true;
        for posting in &mine {
            at_home &= posting.int(1)? == row.int(1)? && posting.int(2)? == row.int(2)?;
            vouched.extend_from_slice(&[posting.value(3)?, posting.value(4)?, posting.value(5)?]);
            *sums.entry(posting.text(5)?).or_default() += i128::from(posting.int(4)?);
        }
        let sealed = row.blob(7)? == sealer.row_seal("entries", &sealed::encode(&vouched));
        if !sealed || !at_home || sums.values().any(|sum| *sum != 0) {
            broken.push(BrokenSeal {
                table: "entries",
                row: EntryId::from_i64(id).to_string(),
            });
        }
    }
    for orphan in postings.into_keys() {
        broken.push(BrokenSeal {
            table: "postings",
            row: EntryId::from_i64(orphan).to_string(),
        });
    }
    Ok((entries, broken))
}

fn money(minor: i64, currency: &str) -> Result<Money, StoreError> {
    let currency = Currency::from_code(currency).ok_or_else(|| StoreError::corrupt("the currency of a posting"))?;
    Ok(Money::new(minor, currency))
}
