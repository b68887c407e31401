//! Payments with everything that is kept beside them, as the check reads them.

use super::{count, lost_max};
use crate::StoreError;
use crate::digests;
use crate::events::{Event, read_event};
use crate::payments::{Payment, PaymentState, read_payment, read_state};
use crate::scan::{ID, Key, Pages};
use crate::scope::date_from_i64;
use crate::tx::{Batch, Column, Dialect, Row, Sql, Tx, Value};
use std::collections::BTreeMap;
use vocab::id::{AccountId, OrderId, PaymentId};
use vocab::money::{Currency, Money};
use vocab::time::Date;

/// A payment with its state.
#[derive(Clone, Debug)]
pub struct Found {
    /// Number of the row.
    pub id: PaymentId,
    /// What was ordered; `None` when a column cannot be read.
    pub payment: Option<Payment>,
    /// Where it stands.
    pub state: FoundState,
}

/// The row of a payment's state.
#[derive(Clone, Debug)]
pub enum FoundState {
    /// It is not there.
    Missing,
    /// A column cannot be read.
    Unreadable,
    /// It is there.
    There {
        /// What it says.
        state: PaymentState,
        /// The organization and the world that it names.
        home: (i64, i64),
    },
}

static PAGE: Sql = Sql::both(
    "SELECT p.id, p.organization, p.world, p.batch, p.account, p.amount_minor, p.currency, p.execution_on, p.created_by, p.version,
       p.content_digest, p.sealed, s.state, s.since, s.held_minor, s.event, s.detail, s.payment, s.organization, s.world
     FROM payments p LEFT JOIN payment_states s ON s.payment = p.id WHERE p.id >= $1 ORDER BY p.id LIMIT $2",
);
static AMONG: Batch = Batch {
    each: "SELECT p.id, p.organization, p.world, p.batch, p.account, p.amount_minor, p.currency, p.execution_on, p.created_by,
             p.version, p.content_digest, p.sealed, s.state, s.since, s.held_minor, s.event, s.detail, s.payment, s.organization, s.world
           FROM payments p LEFT JOIN payment_states s ON s.payment = p.id WHERE p.id = $1",
    arrays: "SELECT p.id, p.organization, p.world, p.batch, p.account, p.amount_minor, p.currency, p.execution_on, p.created_by,
             p.version, p.content_digest, p.sealed, s.state, s.since, s.held_minor, s.event, s.detail, s.payment, s.organization, s.world
           FROM payments p LEFT JOIN payment_states s ON s.payment = p.id WHERE p.id = ANY($1::BIGINT[])",
};

/// Payments on one page of the check: each comes with its events.
const LENGTH: usize = 200;

/// All payments, page by page.
pub struct Payments(Pages);

impl Payments {
    /// From the first payment on.
    pub fn new() -> Self {
        Self(Pages::new(&PAGE, ID).of_length(LENGTH))
    }

    /// The next page; `None` after the last one.
    pub fn next(&mut self, tx: &mut dyn Tx) -> Result<Option<Vec<Found>>, StoreError> {
        let Some(rows) = self.0.next(tx)? else { return Ok(None) };
        rows.iter().map(found).collect::<Result<_, StoreError>>().map(Some)
    }
}

impl Default for Payments {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Payments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Payments")
    }
}

/// Those of these payments that are there.
pub fn among(tx: &mut dyn Tx, payments: &[i64]) -> Result<Vec<Found>, StoreError> {
    tx.query_many(&AMONG, &[Column::Int(payments)])?
        .iter()
        .map(found)
        .collect()
}

fn found(row: &Row) -> Result<Found, StoreError> {
    let state = if matches!(row.opt_int(17), Ok(None)) {
        FoundState::Missing
    } else {
        match (read_state(row), row.int(18), row.int(19)) {
            (Ok(state), Ok(organization), Ok(world)) => FoundState::There {
                state,
                home: (organization, world),
            },
            _ => FoundState::Unreadable,
        }
    };
    Ok(Found {
        id: PaymentId::from_i64(row.int(0)?),
        payment: read_payment(row).ok(),
        state,
    })
}

/// States of payments that are not there.
pub fn lost_states(tx: &mut dyn Tx) -> Result<Vec<PaymentId>, StoreError> {
    static LOST: Sql = Sql::both(
        "SELECT s.payment FROM payment_states s LEFT JOIN payments p ON p.id = s.payment WHERE p.id IS NULL
         ORDER BY s.payment LIMIT $1",
    );
    let rows = tx.query(&LOST, &[lost_max()])?;
    rows.iter().map(|row| row.int(0).map(PaymentId::from_i64)).collect()
}

/// Everything that is recorded about things with these numbers, by thing, as far as it can be read.
pub fn events_about(tx: &mut dyn Tx, subjects: &[i64]) -> Result<BTreeMap<i64, Vec<Event>>, StoreError> {
    static ABOUT: Batch = Batch {
        each: "SELECT id, organization, world, subject, salt, body FROM events WHERE subject = $1 ORDER BY id",
        arrays: "SELECT id, organization, world, subject, salt, body FROM events WHERE subject = ANY($1::BIGINT[]) ORDER BY id",
    };
    let mut about: BTreeMap<i64, Vec<Event>> = BTreeMap::new();
    for row in tx.query_many(&ABOUT, &[Column::Int(subjects)])? {
        if let Ok(event) = read_event(&row) {
            about.entry(event.subject).or_default().push(event);
        }
    }
    Ok(about)
}

/// A content that a change replaced, with the columns that it opens with.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Whose it was.
    pub payment: PaymentId,
    /// Its version.
    pub version: i64,
    /// The account that was to be debited.
    pub account: AccountId,
    /// How much.
    pub amount: Money,
    /// The requested execution date.
    pub execution_on: Date,
    /// SHA-256 of the content.
    pub content_digest: [u8; 32],
    /// The content, sealed for `payments.sealed`.
    pub sealed: Vec<u8>,
}

/// Earlier contents of these payments, oldest version first; `None` in place of one that cannot be read.
pub fn earlier(tx: &mut dyn Tx, payments: &[i64]) -> Result<BTreeMap<i64, Vec<Option<Earlier>>>, StoreError> {
    static EARLIER: Batch = Batch {
        each: "SELECT payment, version, account, amount_minor, currency, execution_on, content_digest, sealed FROM earlier_contents
               WHERE payment = $1 ORDER BY version",
        arrays: "SELECT payment, version, account, amount_minor, currency, execution_on, content_digest, sealed FROM earlier_contents
               WHERE payment = ANY($1::BIGINT[]) ORDER BY payment, version",
    };
    let mut earlier: BTreeMap<i64, Vec<Option<Earlier>>> = BTreeMap::new();
    for row in tx.query_many(&EARLIER, &[Column::Int(payments)])? {
        earlier.entry(row.int(0)?).or_default().push(read_earlier(&row).ok());
    }
    Ok(earlier)
}

fn read_earlier(row: &Row) -> Result<Earlier, StoreError> {
    let corrupt = |what: &'static str| StoreError::corrupt(what);
    let currency = Currency::from_code(row.text(4)?).ok_or(corrupt("the currency of an earlier content"))?;
    Ok(Earlier {
        payment: PaymentId::from_i64(row.int(0)?),
        version: row.int(1)?,
        account: AccountId::from_i64(row.int(2)?),
        amount: Money::new(row.int(3)?, currency),
        execution_on: date_from_i64(row.int(5)?)?,
        content_digest: row
            .blob(6)?
            .try_into()
            .map_err(|_| corrupt("the digest of an earlier content"))?,
        sealed: row.blob(7)?.to_vec(),
    })
}

/// The orders in which these payments travel or travelled.
pub fn orders_of(tx: &mut dyn Tx, payments: &[i64]) -> Result<BTreeMap<i64, OrderId>, StoreError> {
    static ORDERS_OF: Batch = Batch {
        each: "SELECT payment, order_id FROM order_payments WHERE payment = $1",
        arrays: "SELECT payment, order_id FROM order_payments WHERE payment = ANY($1::BIGINT[])",
    };
    let rows = tx.query_many(&ORDERS_OF, &[Column::Int(payments)])?;
    let pair = |row: &Row| Some((row.int(0).ok()?, OrderId::from_i64(row.int(1).ok()?)));
    Ok(rows.iter().filter_map(pair).collect())
}

/// A keyed digest that leads to a payment: a likeness or a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trace {
    /// The organization that the row names.
    pub organization: i64,
    /// The world that it names.
    pub world: i64,
    /// The digest.
    pub digest: [u8; 16],
    /// The payment.
    pub payment: i64,
}

/// Which of these likenesses are there, with the execution dates that stand beside them (`None` when they cannot be read).
pub fn likenesses(tx: &mut dyn Tx, wanted: &[Trace]) -> Result<BTreeMap<Trace, Option<Date>>, StoreError> {
    static LIKENESSES: Batch = Batch {
        each: "SELECT l.organization, l.world, l.likeness, l.payment, l.execution_on
               FROM memory.likenesses m CROSS JOIN main.likenesses l ON l.rowid = m.line
               WHERE m.head = substr($3, 1, 8) AND l.organization = $1 AND l.world = $2 AND l.likeness = $3 AND l.payment = $4",
        arrays: "SELECT l.organization, l.world, l.likeness, l.payment, l.execution_on
               FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BYTEA[], $4::BIGINT[]) AS w (organization, world, likeness, payment)
               JOIN likenesses l ON l.organization = w.organization AND l.world = w.world AND l.likeness = w.likeness
                 AND l.payment = w.payment",
    };
    tx.follow(&digests::LIKENESSES)?;
    let rows = look_up(tx, &LIKENESSES, wanted)?;
    Ok(rows
        .iter()
        .filter_map(|row| Some((trace(row)?, execution_on(row))))
        .collect())
}

/// Which of these references are there.
pub fn references(tx: &mut dyn Tx, wanted: &[Trace]) -> Result<Vec<Trace>, StoreError> {
    static REFERENCES: Batch = Batch {
        each: "SELECT organization, world, reference, payment FROM payment_references
               WHERE organization = $1 AND world = $2 AND reference = $3 AND payment = $4",
        arrays: "SELECT r.organization, r.world, r.reference, r.payment
               FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BYTEA[], $4::BIGINT[]) AS w (organization, world, reference, payment)
               JOIN payment_references r ON r.organization = w.organization AND r.world = w.world AND r.reference = w.reference
                 AND r.payment = w.payment",
    };
    Ok(look_up(tx, &REFERENCES, wanted)?.iter().filter_map(trace).collect())
}

fn look_up(tx: &mut dyn Tx, batch: &'static Batch, wanted: &[Trace]) -> Result<Vec<Row>, StoreError> {
    let column = |read: fn(&Trace) -> i64| wanted.iter().map(read).collect::<Vec<i64>>();
    let digests: Vec<&[u8]> = wanted.iter().map(|trace| trace.digest.as_slice()).collect();
    tx.query_many(
        batch,
        &[
            Column::Int(&column(|trace| trace.organization)),
            Column::Int(&column(|trace| trace.world)),
            Column::Blob(&digests),
            Column::Int(&column(|trace| trace.payment)),
        ],
    )
}

fn trace(row: &Row) -> Option<Trace> {
    trace_at(row, [0, 1, 2, 3])
}

fn trace_at(row: &Row, [organization, world, digest, payment]: [usize; 4]) -> Option<Trace> {
    Some(Trace {
        organization: row.int(organization).ok()?,
        world: row.int(world).ok()?,
        digest: row.blob(digest).ok()?.try_into().ok()?,
        payment: row.int(payment).ok()?,
    })
}

fn execution_on(row: &Row) -> Option<Date> {
    row.int(4).and_then(date_from_i64).ok()
}

/// How many likenesses there are.
pub fn count_likenesses(tx: &mut dyn Tx) -> Result<u64, StoreError> {
    static COUNT: Sql = Sql::both("SELECT CAST(COUNT(*) AS BIGINT) FROM likenesses");
    count(tx, &COUNT)
}

/// How many references there are.
pub fn count_references(tx: &mut dyn Tx) -> Result<u64, StoreError> {
    static COUNT: Sql = Sql::both("SELECT CAST(COUNT(*) AS BIGINT) FROM payment_references");
    count(tx, &COUNT)
}

/// All rows of a table of keyed digests, page by page; `None` in place of a row that cannot be read.
pub struct Traces {
    pages: Pages,
    columns: [usize; 4],
}

const DIGEST: &[Key] = &[Key::Bytes, Key::Number];
const TRACE: &[Key] = &[Key::Number, Key::Number, Key::Bytes, Key::Number];

impl Traces {
    /// All likenesses.
    pub fn likenesses(tx: &dyn Tx) -> Self {
        static LIKENESSES: Sql = Sql {
            sqlite: "SELECT rowid, organization, world, likeness, payment FROM likenesses WHERE rowid >= $1 ORDER BY rowid LIMIT $2",
            postgres:
                "SELECT likeness, payment, organization, world FROM likenesses WHERE (likeness, payment) >= ($1, $2)
             ORDER BY likeness, payment LIMIT $3",
        };
        let (key, columns) = match tx.side() {
            Dialect::Sqlite => (ID, [1, 2, 3, 4]),
            Dialect::Postgres => (DIGEST, [2, 3, 0, 1]),
        };
        let pages = Pages::new(&LIKENESSES, key);
        Self { pages, columns }
    }

    /// All references.
    pub fn references() -> Self {
        static REFERENCES: Sql = Sql::both(
            "SELECT organization, world, reference, payment FROM payment_references
             WHERE (organization, world, reference, payment) >= ($1, $2, $3, $4)
             ORDER BY organization, world, reference, payment LIMIT $5",
        );
        Self {
            pages: Pages::new(&REFERENCES, TRACE),
            columns: [0, 1, 2, 3],
        }
    }

    /// The next page; `None` after the last one.
    pub fn next(&mut self, tx: &mut dyn Tx) -> Result<Option<Vec<Option<Trace>>>, StoreError> {
        let Some(rows) = self.pages.next(tx)? else {
            return Ok(None);
        };
        Ok(Some(rows.iter().map(|row| trace_at(row, self.columns)).collect()))
    }
}

impl std::fmt::Debug for Traces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Traces")
    }
}

/// The newest kind and outcome of what was noted about recalling a payment in its order, if anything was.
pub fn last_recall(tx: &mut dyn Tx, order: OrderId, case: &str) -> Result<Option<String>, StoreError> {
    static RECALLS: Sql = Sql::both(
        "SELECT outcome, detail FROM attempts WHERE order_id = $1 AND kind = 'recall' ORDER BY number DESC LIMIT $2",
    );
    let rows = tx.query(&RECALLS, &[Value::Int(order.to_i64()), lost_max()])?;
    let mut of_payment = rows
        .iter()
        .filter(|row| row.text(1).is_ok_and(|detail| detail.starts_with(case)));
    Ok(of_payment.next().and_then(|row| row.text(0).ok()).map(str::to_owned))
}

/// The job under which an order was sent last, as its attempt names it.
pub fn sending_job(tx: &mut dyn Tx, order: OrderId) -> Result<Option<String>, StoreError> {
    static SENT: Sql = Sql::both(
        "SELECT detail FROM attempts WHERE order_id = $1 AND kind = 'send' AND outcome = 'begun' ORDER BY number DESC LIMIT 1",
    );
    let rows = tx.query(&SENT, &[Value::Int(order.to_i64())])?;
    Ok(rows.first().and_then(|row| row.text(0).ok()).map(str::to_owned))
}
