//! The bank's book: one SQLite file, one transaction for each call, a clock that only goes forward.
//!
//! Every call names the time of its world. Before the call is served, everything that fell due up to then happens in order; after
//! it, what the call itself made due. A call that fails leaves no trace.

use super::bank::BankError;
use super::due;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params, types::Type};
use std::path::Path;
use vocab::time::Timestamp;

/// Version of the schema, kept in `user_version`.
const SCHEMA_VERSION: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE bank (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seed INTEGER NOT NULL,
    clock INTEGER NOT NULL,
    drawn INTEGER NOT NULL
) STRICT;
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    currency TEXT NOT NULL,
    name TEXT NOT NULL,
    opened_minor INTEGER NOT NULL,
    balance_minor INTEGER NOT NULL,
    held_minor INTEGER NOT NULL,
    stated_minor INTEGER NOT NULL,
    statements INTEGER NOT NULL,
    UNIQUE (number, currency)
) STRICT;
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    information_id TEXT,
    answer_kind TEXT,
    answer_reference TEXT,
    answer_body BLOB,
    refusal_code TEXT,
    refusal_text TEXT,
    status_reference TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    instruction_id TEXT NOT NULL,
    end_to_end_id TEXT NOT NULL,
    uetr TEXT,
    remittance TEXT,
    batch INTEGER NOT NULL,
    account_id INTEGER REFERENCES accounts (id),
    amount_minor INTEGER NOT NULL,
    behaviour TEXT,
    state TEXT NOT NULL,
    reason_code TEXT,
    reason_text TEXT,
    due INTEGER NOT NULL,
    booked_minor INTEGER NOT NULL
) STRICT;
CREATE INDEX payments_by_order ON payments (order_id);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    reference TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    amount_minor INTEGER NOT NULL
) STRICT;
CREATE INDEX entries_by_day ON entries (account_id, day);
CREATE TABLE entry_details (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES entries (id),
    payment_id INTEGER NOT NULL REFERENCES payments (id),
    reference TEXT NOT NULL UNIQUE,
    amount_minor INTEGER NOT NULL
) STRICT;
CREATE INDEX details_by_entry ON entry_details (entry_id);
CREATE TABLE agenda (
    id INTEGER PRIMARY KEY,
    due INTEGER NOT NULL,
    task TEXT NOT NULL,
    subject INTEGER NOT NULL,
    UNIQUE (due, task, subject)
) STRICT;
CREATE TABLE mailbox (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE lost_requests (reference TEXT PRIMARY KEY) STRICT;
";

/// The open book.
#[derive(Debug)]
pub(super) struct Book {
    rows: Connection,
    seed: u64,
    fee_minor: i64,
}

/// One moment of the bank's day inside of a transaction: the rows, and the time at which things happen.
#[derive(Clone, Copy)]
pub(super) struct Moment<'a> {
    /// The rows, in a transaction.
    pub(super) rows: &'a Connection,
    /// The bank's time.
    pub(super) at: Timestamp,
    /// Charge for each account and day with payments, 0 for none.
    pub(super) fee_minor: i64,
    seed: u64,
}

impl Book {
    /// Opens the book, or begins one. What an earlier run left is checked before it is trusted.
    pub(super) fn open(file: &Path, seed: u64, fee_minor: i64) -> Result<Self, BankError> {
        let mut rows = Connection::open(file)?;
        rows.pragma_update(None, "journal_mode", "WAL")?;
        // What the bank has acknowledged it must not forget, even when the power goes.
        rows.pragma_update(None, "synchronous", "FULL")?;
        rows.pragma_update(None, "foreign_keys", true)?;
        let transaction = rows.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match transaction.query_row("PRAGMA user_version", [], |row| row.get(0))? {
            0_i64 => {
                transaction.execute_batch(SCHEMA)?;
                transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
                transaction.execute(
                    "INSERT INTO bank (id, seed, clock, drawn) VALUES (1, ?1, 0, 0)",
                    [seed.cast_signed()],
                )?;
            }
            SCHEMA_VERSION => {}
            _ => return Err(BankError::OtherVersion),
        }
        let begun_with: i64 = transaction.query_row("SELECT seed FROM bank", [], |row| row.get(0))?;
        if begun_with.cast_unsigned() != seed {
            return Err(BankError::OtherSeed);
        }
        check(&transaction)?;
        transaction.commit()?;
        Ok(Self { rows, seed, fee_minor })
    }

    /// Serves one call at the time that the caller names, in one transaction. The clock never goes back.
    pub(super) fn at<T>(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&Moment<'_>) -> Result<T, BankError>,
    ) -> Result<T, BankError> {
        let transaction = self.rows.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let clock = transaction
            .query_row("SELECT clock FROM bank", [], |row| row.get(0))
            .map(Timestamp::from_micros)?;
        let at = clock.max(now);
        if at > clock {
            transaction.execute("UPDATE bank SET clock = ?1", [at.micros()])?;
        }
        let moment = Moment {
            rows: &transaction,
            at,
            fee_minor: self.fee_minor,
            seed: self.seed,
        };
        due::carry_out(&moment)?;
        let served = work(&moment)?;
        due::carry_out(&moment)?;
        transaction.commit()?;
        Ok(served)
    }
}

impl Moment<'_> {
    /// The same transaction at another time, for what fell due earlier.
    pub(super) fn then(&self, at: Timestamp) -> Self {
        Self { at, ..*self }
    }

    /// The next reference of the bank: unique in its book, and for another seed another sequence.
    pub(super) fn draw(&self, prefix: &str) -> Result<String, BankError> {
        let count: i64 = self
            .rows
            .query_row("UPDATE bank SET drawn = drawn + 1 RETURNING drawn", [], |row| {
                row.get(0)
            })?;
        Ok(format!("{prefix}-{:016X}", scatter(self.seed, count.cast_unsigned())))
    }
}

/// The n-th number of the sequence that a seed begins (`SplitMix64`; Steele, Lea and Flood 2014). One to one in `n`: no number comes
/// twice for the same seed.
fn scatter(seed: u64, n: u64) -> u64 {
    let step = seed.wrapping_add(n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let once = (step ^ (step >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let twice = (once ^ (once >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    twice ^ (twice >> 31)
}

/// INVARIANT: an account's balance is what it was opened with and its entries; an entry is the sum of its details.
fn check(rows: &Connection) -> Result<(), BankError> {
    let wrong = rows
        .query_row(
            "SELECT 'a balance differs from the sum of its entries' FROM accounts a
             WHERE a.balance_minor <> a.opened_minor + (SELECT COALESCE(SUM(e.amount_minor), 0) FROM entries e WHERE e.account_id = a.id)
             UNION ALL
             SELECT 'an entry differs from the sum of its details' FROM entries e
             JOIN entry_details d ON d.entry_id = e.id GROUP BY e.id HAVING e.amount_minor <> SUM(d.amount_minor)
             LIMIT 1",
            params![],
            |row| row.get::<_, String>(0),
        )
        .optional()?;
    wrong.map_or(Ok(()), |what| Err(BankError::Damaged(what)))
}

/// A text column, read as what it stands for.
pub(super) fn read<T>(row: &Row<'_>, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| rusqlite::Error::InvalidColumnType(0, column.to_owned(), Type::Text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn references_do_not_repeat_and_depend_on_the_seed() {
        let of = |seed| (0..1_000).map(|n| scatter(seed, n)).collect::<BTreeSet<_>>();
        assert_eq!(of(7).len(), 1_000);
        assert!(of(7).is_disjoint(&of(8)));
    }

    #[test]
    fn a_book_is_opened_only_with_the_seed_it_was_begun_with() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("bank.db");
        Book::open(&file, 1, 0).unwrap();
        Book::open(&file, 1, 0).unwrap();
        assert!(matches!(Book::open(&file, 2, 0), Err(BankError::OtherSeed)));
    }

    #[test]
    fn a_book_whose_balance_was_changed_by_hand_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("bank.db");
        let book = Book::open(&file, 1, 0).unwrap();
        book.rows
            .execute(
                "INSERT INTO accounts VALUES (1, 'DE89370400440532013000', 'EUR', 'n', 100, 101, 0, 100, 0)",
                [],
            )
            .unwrap();
        drop(book);
        assert!(matches!(Book::open(&file, 1, 0), Err(BankError::Damaged(_))));
    }

    #[test]
    fn the_clock_never_goes_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut book = Book::open(&dir.path().join("bank.db"), 1, 0).unwrap();
        let (early, late) = (Timestamp::from_seconds(100), Timestamp::from_seconds(200));
        assert_eq!(book.at(late, |moment| Ok(moment.at)).unwrap(), late);
        assert_eq!(book.at(early, |moment| Ok(moment.at)).unwrap(), late);
    }

    #[test]
    fn a_call_that_fails_leaves_no_trace() {
        let dir = tempfile::tempdir().unwrap();
        let mut book = Book::open(&dir.path().join("bank.db"), 1, 0).unwrap();
        let first = book.at(Timestamp::from_seconds(1), |moment| {
            moment.draw("X").and(Err::<(), _>(BankError::OtherSeed))
        });
        assert!(first.is_err());
        let (clock, drawn): (i64, i64) = book
            .rows
            .query_row("SELECT clock, drawn FROM bank", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!((clock, drawn), (0, 0));
    }
}
