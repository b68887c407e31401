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

fn add_by_table(tx: &mut dyn Tx, entries: &[Entry]) -> Result<(), StoreError> {
    payments::add_all(tx, entries)?;
    let likenesses: Vec<Likeness> = entries.iter().map(|entry| entry.likeness).collect();
    payments::add_likenesses(tx, &likenesses)?;
    events::append(tx, entries.iter().map(|entry| &entry.event))?;
    requests::remember(tx, entries.iter().filter_map(|entry| entry.answer.as_ref()))
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
    let int = |read: fn(&Entry) -> i64| entries.iter().map(read).collect::<Vec<i64>>();
    let bytes = |read: fn(&Entry) -> &[u8]| entries.iter().map(read).collect::<Vec<&[u8]>>();
    let text = |read: fn(&Entry) -> &str| entries.iter().map(read).collect::<Vec<&str>>();
    let of_answer = |read: fn(&SealedAnswer) -> &[u8]| {
        let answers = entries.iter().map(|entry| entry.answer.as_ref());
        answers.map(|answer| answer.map(read)).collect::<Vec<_>>()
    };
    let answers = || {
        entries
            .iter()
            .map(|entry| entry.answer.as_ref().map(SealedAnswer::answered))
    };
    let batches: Vec<Option<i64>> = entries
        .iter()
        .map(|entry| entry.payment.batch.map(BatchId::to_i64))
        .collect();
    let makers: Vec<String> = entries
        .iter()
        .map(|entry| entry.payment.created_by.to_string())
        .collect();
    let texts: Vec<Option<&str>> = answers().map(|answer| answer.map(|one| one.answer.as_str())).collect();
    let times: Vec<Option<i64>> = answers().map(|answer| answer.map(|one| one.at.micros())).collect();
    let written = tx.execute_many(
        &ADD,
        &[
            Column::Int(&int(|entry| entry.payment.id.to_i64())),
            Column::Int(&int(|entry| entry.payment.organization.to_i64())),
            Column::Int(&int(|entry| entry.payment.world.to_i64())),
            Column::OptInt(&batches),
            Column::Int(&int(|entry| entry.payment.account.to_i64())),
            Column::Int(&int(|entry| entry.payment.amount.minor())),
            Column::Text(&text(|entry| entry.payment.amount.currency().code())),
            Column::Int(&int(|entry| date_to_i64(entry.payment.execution_on))),
            Column::Text(&makers.iter().map(String::as_str).collect::<Vec<_>>()),
            Column::Int(&int(|entry| entry.payment.version)),
            Column::Blob(&bytes(|entry| &entry.payment.content_digest)),
            Column::Blob(&bytes(|entry| &entry.payment.sealed)),
            Column::Int(&int(|entry| entry.state.state)),
            Column::Int(&int(|entry| entry.state.since.micros())),
            Column::Int(&int(|entry| entry.state.held_minor)),
            Column::Int(&int(|entry| entry.event.id.to_i64())),
            Column::Text(&text(|entry| &entry.state.detail)),
            Column::Blob(&bytes(|entry| &entry.likeness.likeness)),
            Column::Blob(&bytes(|entry| &entry.event.salt)),
            Column::Text(&text(|entry| &entry.event.body)),
            Column::OptBlob(&of_answer(|one| &one.answered().digest)),
            Column::OptBlob(&of_answer(|one| &one.answered().request_digest)),
            Column::OptText(&texts),
            Column::OptInt(&times),
            Column::OptBlob(&of_answer(SealedAnswer::seal)),
        ],
    )?;
    requests::all_were_claimed(answers().flatten().count(), written)
}
