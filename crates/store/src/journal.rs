//! The ledger's rows: accounts, entries and their postings. Entries are only ever added.

use crate::StoreError;
use crate::scan::{ID, Pages};
use crate::scope::{Page, RowSealer, Scope, all, one};
use crate::sealed::{self, SealedTable};
use crate::tx::{Batch, Column, Row, Sql, Tx, Value};
use std::collections::BTreeMap;
use vocab::id::EntryId;
use vocab::money::{Currency, Money};
use vocab::time::Timestamp;

/// `ledger_accounts`
pub static LEDGER_ACCOUNTS: SealedTable = SealedTable {
    name: "ledger_accounts",
    columns: 5,
    key: ID,
    id: |number| number.to_string(),
    insert: Sql::both(
        "INSERT INTO ledger_accounts (id, organization, world, code, currency, seal) VALUES ($1, $2, $3, $4, $5, $6)",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, code, currency, seal FROM ledger_accounts WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
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
    static POSTINGS: Batch = Batch {
        each: "SELECT p.entry, a.code, p.amount_minor, p.currency FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account
               WHERE p.entry = $1 ORDER BY p.entry, p.number",
        arrays: "SELECT p.entry, a.code, p.amount_minor, p.currency FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account
               WHERE p.entry = ANY($1::BIGINT[]) ORDER BY p.entry, p.number",
    };
    let heads = heads(tx, scope, subject, page)?;
    let mut entries: Vec<Entry> = heads.into_iter().map(|(entry, _)| entry).collect();
    attach(tx, &POSTINGS, &mut entries)?;
    Ok(entries)
}

/// A page of the entries of one subject, newest first, for readers who care for one of many: the postings are added up by ledger
/// account. With each, how many postings there are in truth.
pub fn list_summed(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    subject: &str,
    page: Page,
) -> Result<Vec<(Entry, i64)>, StoreError> {
    static SUMS: Batch = Batch {
        each: "SELECT p.entry, a.code, CAST(SUM(p.amount_minor) AS BIGINT), p.currency
               FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account
               WHERE p.entry = $1 GROUP BY p.entry, a.code, p.currency ORDER BY p.entry, a.code, p.currency",
        arrays: "SELECT p.entry, a.code, CAST(SUM(p.amount_minor) AS BIGINT), p.currency
               FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account
               WHERE p.entry = ANY($1::BIGINT[]) GROUP BY p.entry, a.code, p.currency ORDER BY p.entry, a.code, p.currency",
    };
    let (mut entries, counts): (Vec<Entry>, Vec<i64>) = heads(tx, scope, Some(subject), page)?.into_iter().unzip();
    attach(tx, &SUMS, &mut entries)?;
    Ok(entries.into_iter().zip(counts).collect())
}

/// Entries without their postings, and how many postings each has.
fn heads(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    subject: Option<&str>,
    page: Page,
) -> Result<Vec<(Entry, i64)>, StoreError> {
    static ALL: Sql = Sql::both(
        "SELECT id, kind, subject, at, postings FROM entries WHERE organization = $1 AND world = $2 AND id < $3
         ORDER BY id DESC LIMIT $4",
    );
    static OF: Sql = Sql::both(
        "SELECT id, kind, subject, at, postings FROM entries WHERE organization = $1 AND world = $2 AND subject = $5 AND id < $3
         ORDER BY id DESC LIMIT $4",
    );
    let mut values = vec![scope.org(), scope.world(), page.before(), page.limit()];
    values.extend(subject.map(Value::Text));
    let sql = if subject.is_some() { &OF } else { &ALL };
    all(&tx.query(sql, &values)?, |row| {
        let entry = Entry {
            id: EntryId::from_i64(row.int(0)?),
            kind: row.text(1)?.to_owned(),
            subject: row.text(2)?.to_owned(),
            at: Timestamp::from_micros(row.int(3)?),
            postings: Vec::new(),
        };
        Ok((entry, row.int(4)?))
    })
}

fn attach(tx: &mut dyn Tx, sql: &'static Batch, entries: &mut [Entry]) -> Result<(), StoreError> {
    let ids: Vec<i64> = entries.iter().map(|entry| entry.id.to_i64()).collect();
    let mut postings: BTreeMap<i64, Vec<Posting>> = BTreeMap::new();
    for row in tx.query_many(sql, &[Column::Int(&ids)])? {
        let amount = money(row.int(2)?, row.text(3)?)?;
        postings.entry(row.int(0)?).or_default().push(Posting {
            account: row.text(1)?.to_owned(),
            amount,
        });
    }
    for entry in entries {
        entry.postings = postings.remove(&entry.id.to_i64()).unwrap_or_default();
    }
    Ok(())
}

/// How many entries there are.
pub fn count(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<i64, StoreError> {
    static COUNT: Sql =
        Sql::both("SELECT CAST(COUNT(*) AS BIGINT) FROM entries WHERE organization = $1 AND world = $2");
    one(tx.query(&COUNT, &[scope.org(), scope.world()])?).map_or(Ok(0), |row| row.int(0))
}

/// An entry as the check finds it.
#[derive(Clone, Debug)]
pub struct Audited {
    /// The entry.
    pub id: EntryId,
    /// What its rows say; `None` when a row or the ledger account of a posting cannot be read.
    pub entry: Option<Entry>,
    /// Whether the seal over the entry and its postings holds, and the postings stand in one sequence in the entry's world.
    pub sealed: bool,
    /// Whether the postings of each currency add up to nothing.
    pub balanced: bool,
    /// Ledger accounts that postings name and that are not there.
    pub accounts_missing: Vec<i64>,
}

/// All entries, page by page.
pub struct AuditPages(Pages);

/// Entries on one page of the check: one entry may have thousands of postings.
const AUDIT_PAGE: usize = 50;

impl AuditPages {
    /// From the first entry on.
    pub fn new() -> Self {
        static ENTRIES: Sql = Sql::both(
            "SELECT id, organization, world, kind, subject, at, postings, seal FROM entries WHERE id >= $1 ORDER BY id LIMIT $2",
        );
        Self(Pages::new(&ENTRIES, ID).of_length(AUDIT_PAGE))
    }

    /// The next entries; `None` after the last ones.
    pub fn next(&mut self, tx: &mut dyn Tx, sealer: &dyn RowSealer) -> Result<Option<Vec<Audited>>, StoreError> {
        static POSTINGS: Batch = Batch {
            each: "SELECT p.entry, p.number, p.organization, p.world, p.ledger_account, p.amount_minor, p.currency, a.code
                   FROM postings p LEFT JOIN ledger_accounts a ON a.id = p.ledger_account WHERE p.entry = $1 ORDER BY p.number",
            arrays: "SELECT p.entry, p.number, p.organization, p.world, p.ledger_account, p.amount_minor, p.currency, a.code
                   FROM postings p LEFT JOIN ledger_accounts a ON a.id = p.ledger_account WHERE p.entry = ANY($1::BIGINT[])
                   ORDER BY p.entry, p.number",
        };
        let Some(rows) = self.0.next(tx)? else { return Ok(None) };
        let ids = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<i64>, _>>()?;
        let mut postings: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
        for row in tx.query_many(&POSTINGS, &[Column::Int(&ids)])? {
            postings.entry(row.int(0)?).or_default().push(row);
        }
        let audited = rows.iter().zip(ids).map(|(row, id)| {
            let mine = postings.remove(&id).unwrap_or_default();
            Audited {
                id: EntryId::from_i64(id),
                entry: stored(row, &mine).ok(),
                sealed: carries_seal(row, &mine, sealer).unwrap_or(false),
                balanced: balances_out(&mine).unwrap_or(false),
                accounts_missing: mine.iter().filter_map(missing_account).collect(),
            }
        });
        Ok(Some(audited.collect()))
    }
}

impl Default for AuditPages {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for AuditPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditPages")
    }
}

/// Postings whose entry is not there, as entry and number.
pub fn lost_postings(tx: &mut dyn Tx, limit: usize) -> Result<Vec<(i64, i64)>, StoreError> {
    static LOST: Sql = Sql::both(
        "SELECT p.entry, p.number FROM postings p LEFT JOIN entries e ON e.id = p.entry WHERE e.id IS NULL
         ORDER BY p.entry, p.number LIMIT $1",
    );
    let limit = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
    all(&tx.query(&LOST, &[limit])?, |row| {
        Ok((row.int(0).unwrap_or(0), row.int(1).unwrap_or(0)))
    })
}

fn stored(row: &Row, postings: &[Row]) -> Result<Entry, StoreError> {
    let posting = |posting: &Row| {
        Ok(Posting {
            account: posting.text(7)?.to_owned(),
            amount: money(posting.int(5)?, posting.text(6)?)?,
        })
    };
    Ok(Entry {
        id: EntryId::from_i64(row.int(0)?),
        kind: row.text(3)?.to_owned(),
        subject: row.text(4)?.to_owned(),
        at: Timestamp::from_micros(row.int(5)?),
        postings: all(postings, posting)?,
    })
}

fn carries_seal(row: &Row, postings: &[Row], sealer: &dyn RowSealer) -> Result<bool, StoreError> {
    let mut vouched = (0..7).map(|column| row.value(column)).collect::<Result<Vec<_>, _>>()?;
    let mut in_place = true;
    for (number, posting) in (0_i64..).zip(postings) {
        in_place &= posting.int(1)? == number;
        in_place &= posting.int(2)? == row.int(1)? && posting.int(3)? == row.int(2)?;
        vouched.extend_from_slice(&[posting.value(4)?, posting.value(5)?, posting.value(6)?]);
    }
    Ok(in_place && row.blob(7)? == sealer.row_seal("entries", &sealed::encode(&vouched)))
}

fn balances_out(postings: &[Row]) -> Result<bool, StoreError> {
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for posting in postings {
        let sum = sums.entry(posting.text(6)?).or_default();
        *sum = sum.saturating_add(i128::from(posting.int(5)?));
    }
    Ok(sums.values().all(|sum| *sum == 0))
}

fn missing_account(posting: &Row) -> Option<i64> {
    matches!(posting.opt_text(7), Ok(None)).then(|| posting.int(4).unwrap_or(0))
}

fn money(minor: i64, currency: &str) -> Result<Money, StoreError> {
    let currency = Currency::from_code(currency).ok_or_else(|| StoreError::corrupt("the currency of a posting"))?;
    Ok(Money::new(minor, currency))
}
