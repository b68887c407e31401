//! Entries: everything that the intake writes about payments, in as few statements as the engine allows.
//!
//! On SQLite a statement is a call, and each table has its own. On PostgreSQL it is a journey to the server and back, which for a slice
//! costs as much as writing the rows: there one statement writes all tables.

use crate::StoreError;
use crate::events::{self, Event};
use crate::payments::{self, Likeness, Payment, PaymentState};
use crate::requests::{self, SealedAnswer};
use crate::scope::date_to_i64;
use crate::tx::{Batch, Column, Dialect, Tx};
use vocab::id::BatchId;

/// What is written about one payment that is taken in.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What was ordered.
    pub payment: Payment,
    /// Its first state.
    pub state: PaymentState,
    /// What it looks like.
    pub likeness: Likeness,
    /// The event that tells of it.
    pub event: Event,
    /// The answer that a repeated request gets, if it came in a request of its own.
    pub answer: Option<SealedAnswer>,
}

/// Adds entries. An idempotency key that another server claimed at the same moment makes the whole slice run again.
pub fn add(tx: &mut dyn Tx, entries: &[Entry]) -> Result<(), StoreError> {
    match tx.side() {
        Dialect::Sqlite => add_by_table(tx, entries),
        Dialect::Postgres => add_at_once(tx, entries),
    }
}

/// Payments with their first state, column by column.
struct Columns<'e> {
    ids: Vec<i64>,
    organizations: Vec<i64>,
    worlds: Vec<i64>,
    batches: Vec<Option<i64>>,
    accounts: Vec<i64>,
    minors: Vec<i64>,
    currencies: Vec<&'e str>,
    days: Vec<i64>,
    makers: Vec<&'e str>,
    versions: Vec<i64>,
    digests: Vec<&'e [u8]>,
    sealed: Vec<&'e [u8]>,
    states: Vec<i64>,
    since: Vec<i64>,
    held: Vec<i64>,
    events: Vec<i64>,
    details: Vec<&'e str>,
}

impl<'e> Columns<'e> {
    /// Columns of entries; `makers` are the texts of who made them.
    fn of(entries: &'e [Entry], makers: &'e [String]) -> Self {
        let int = |read: fn(&Entry) -> i64| entries.iter().map(read).collect();
        let text = |read: fn(&Entry) -> &str| entries.iter().map(read).collect();
        let bytes = |read: fn(&Entry) -> &[u8]| entries.iter().map(read).collect();
        let batches = entries.iter().map(|entry| entry.payment.batch.map(BatchId::to_i64));
        Self {
            ids: int(|entry| entry.payment.id.to_i64()),
            organizations: int(|entry| entry.payment.organization.to_i64()),
            worlds: int(|entry| entry.payment.world.to_i64()),
            batches: batches.collect(),
            accounts: int(|entry| entry.payment.account.to_i64()),
            minors: int(|entry| entry.payment.amount.minor()),
            currencies: text(|entry| entry.payment.amount.currency().code()),
            days: int(|entry| date_to_i64(entry.payment.execution_on)),
            makers: makers.iter().map(String::as_str).collect(),
            versions: int(|entry| entry.payment.version),
            digests: bytes(|entry| &entry.payment.content_digest),
            sealed: bytes(|entry| &entry.payment.sealed),
            states: int(|entry| entry.state.state),
            since: int(|entry| entry.state.since.micros()),
            held: int(|entry| entry.state.held_minor),
            events: int(|entry| entry.state.event.to_i64()),
            details: text(|entry| &entry.state.detail),
        }
    }

    /// In the order of `payments`.
    fn payments(&self) -> [Column<'_>; 12] {
        [
            Column::Int(&self.ids),
            Column::Int(&self.organizations),
            Column::Int(&self.worlds),
            Column::OptInt(&self.batches),
            Column::Int(&self.accounts),
            Column::Int(&self.minors),
            Column::Text(&self.currencies),
            Column::Int(&self.days),
            Column::Text(&self.makers),
            Column::Int(&self.versions),
            Column::Blob(&self.digests),
            Column::Blob(&self.sealed),
        ]
    }

    /// In the order of `payment_states`, behind its first three, which are those of the payments.
    fn states(&self) -> [Column<'_>; 5] {
        [
            Column::Int(&self.states),
            Column::Int(&self.since),
            Column::Int(&self.held),
            Column::Int(&self.events),
            Column::Text(&self.details),
        ]
    }
}

fn add_by_table(tx: &mut dyn Tx, entries: &[Entry]) -> Result<(), StoreError> {
    static PAYMENTS: Batch = Batch::sqlite(
        "INSERT INTO payments (id, organization, world, batch, account, amount_minor, currency, execution_on, created_by, version,
           content_digest, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    );
    static STATES: Batch = Batch::sqlite(
        "INSERT INTO payment_states (payment, organization, world, state, since, held_minor, event, detail)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    let makers = makers(entries);
    let columns = Columns::of(entries, &makers);
    tx.execute_many(&PAYMENTS, &columns.payments())?;
    let mut states = vec![
        Column::Int(&columns.ids),
        Column::Int(&columns.organizations),
        Column::Int(&columns.worlds),
    ];
    states.extend(columns.states());
    tx.execute_many(&STATES, &states)?;
    let likenesses: Vec<Likeness> = entries.iter().map(|entry| entry.likeness).collect();
    payments::add_likenesses(tx, &likenesses)?;
    events::append(tx, entries.iter().map(|entry| &entry.event))?;
    requests::remember(tx, entries.iter().filter_map(|entry| entry.answer.as_ref()))
}

fn makers(entries: &[Entry]) -> Vec<String> {
    entries
        .iter()
        .map(|entry| entry.payment.created_by.to_string())
        .collect()
}

fn add_at_once(tx: &mut dyn Tx, entries: &[Entry]) -> Result<(), StoreError> {
    static ADD: Batch = Batch::postgres("WITH
             payment AS (INSERT INTO payments (id, organization, world, batch, account, amount_minor, currency, execution_on, created_by,
               version, content_digest, sealed) SELECT * FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[],
               $5::BIGINT[], $6::BIGINT[], $7::TEXT[], $8::BIGINT[], $9::TEXT[], $10::BIGINT[], $11::BYTEA[], $12::BYTEA[])),
             state AS (INSERT INTO payment_states (payment, organization, world, state, since, held_minor, event, detail)
               SELECT * FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $13::BIGINT[], $14::BIGINT[], $15::BIGINT[],
               $16::BIGINT[], $17::TEXT[])),
             likeness AS (INSERT INTO likenesses (organization, world, likeness, payment, execution_on)
               SELECT * FROM UNNEST($2::BIGINT[], $3::BIGINT[], $18::BYTEA[], $1::BIGINT[], $8::BIGINT[])),
             event AS (INSERT INTO events (id, organization, world, subject, salt, body)
               SELECT * FROM UNNEST($16::BIGINT[], $2::BIGINT[], $3::BIGINT[], $1::BIGINT[], $19::BYTEA[], $20::TEXT[])),
             pending AS (INSERT INTO log_pending (event, organization, world)
               SELECT * FROM UNNEST($16::BIGINT[], $2::BIGINT[], $3::BIGINT[]))
           INSERT INTO idempotency (digest, organization, world, request_digest, answer, at, seal)
             SELECT * FROM UNNEST($21::BYTEA[], $2::BIGINT[], $3::BIGINT[], $22::BYTEA[], $23::TEXT[], $24::BIGINT[], $25::BYTEA[])
             AS r (a, b, c, d, e, f, g) WHERE a IS NOT NULL ORDER BY a ON CONFLICT DO NOTHING");
    let makers = makers(entries);
    let columns = Columns::of(entries, &makers);
    let bytes = |read: fn(&Entry) -> &[u8]| entries.iter().map(read).collect::<Vec<_>>();
    let bodies: Vec<&str> = entries.iter().map(|entry| entry.event.body.as_str()).collect();
    let of_answer = |read: fn(&SealedAnswer) -> &[u8]| {
        let answers = entries.iter().map(|entry| entry.answer.as_ref());
        answers.map(|answer| answer.map(read)).collect::<Vec<_>>()
    };
    let answers = || {
        entries
            .iter()
            .map(|entry| entry.answer.as_ref().map(SealedAnswer::answered))
    };
    let texts: Vec<Option<&str>> = answers().map(|answer| answer.map(|one| one.answer.as_str())).collect();
    let times: Vec<Option<i64>> = answers().map(|answer| answer.map(|one| one.at.micros())).collect();
    let (likenesses, salts) = (
        bytes(|entry| &entry.likeness.likeness),
        bytes(|entry| &entry.event.salt),
    );
    let answer_digests = of_answer(|one| &one.answered().digest);
    let request_digests = of_answer(|one| &one.answered().request_digest);
    let seals = of_answer(SealedAnswer::seal);
    let mut all = columns.payments().to_vec();
    all.extend(columns.states());
    all.extend([
        Column::Blob(&likenesses),
        Column::Blob(&salts),
        Column::Text(&bodies),
        Column::OptBlob(&answer_digests),
        Column::OptBlob(&request_digests),
        Column::OptText(&texts),
        Column::OptInt(&times),
        Column::OptBlob(&seals),
    ]);
    let written = tx.execute_many(&ADD, &all)?;
    requests::all_were_claimed(answers().flatten().count(), written)
}
