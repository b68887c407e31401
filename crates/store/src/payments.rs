//! Payments and where they stand. Written in slices; the state is one small row beside the content.

use crate::StoreError;
use crate::digests;
use crate::scan::PLACE;
use crate::scope::{Page, Scope, all, date_from_i64, date_to_i64, exactly_one, one};
use crate::sealed::{self, SealedTable};
use crate::tx::{Batch, Column, Dialect, Row, Sql, Tx, Value};
use std::collections::BTreeSet;
use vocab::context::{Actor, World};
use vocab::id::{AccountId, BatchId, EventId, MemberId, OrganizationId, PaymentId};
use vocab::money::{Currency, Money};
use vocab::time::{Date, Timestamp};

/// `earlier_contents`
pub static EARLIER_CONTENTS: SealedTable = SealedTable {
    name: "earlier_contents",
    columns: 12,
    key: PLACE,
    id: |number| PaymentId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO earlier_contents (payment, version, organization, world, account, amount_minor, currency, execution_on,
           content_digest, sealed, changed_by, changed_at, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    ),
    scan: Sql::both(
        "SELECT payment, version, organization, world, account, amount_minor, currency, execution_on, content_digest, sealed,
           changed_by, changed_at, seal FROM earlier_contents
         WHERE (payment, version) >= ($1, $2) ORDER BY payment, version LIMIT $3",
    ),
};

/// What was ordered. `sealed` is the canonical content, bound to the plain columns.
#[derive(Clone, Debug)]
pub struct Payment {
    /// The payment.
    pub id: PaymentId,
    /// The tenant. In the row, because a slice may hold payments of several.
    pub organization: OrganizationId,
    /// Test or live.
    pub world: World,
    /// The file it came in, if any.
    pub batch: Option<BatchId>,
    /// The account that is debited.
    pub account: AccountId,
    /// How much.
    pub amount: Money,
    /// The requested execution date.
    pub execution_on: Date,
    /// Who submitted it.
    pub created_by: Actor,
    /// Counts from 1; a change makes the next one.
    pub version: i64,
    /// SHA-256 of the canonical content: what approvals name.
    pub content_digest: [u8; 32],
    /// The canonical content, sealed for `payments.sealed`.
    pub sealed: Vec<u8>,
}

/// Where a payment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentState {
    /// `payment::state::StateName::code`.
    pub state: i64,
    /// Since when.
    pub since: Timestamp,
    /// Reserved on the account, minor units.
    pub held_minor: i64,
    /// The event that led here.
    pub event: EventId,
    /// The data of the state, as `flow` writes it.
    pub detail: String,
}

/// A payment with its state.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What was ordered.
    pub payment: Payment,
    /// Where it stands.
    pub state: PaymentState,
}

/// Which payments a list shows. Unset fields do not restrict.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// State code.
    pub state: Option<i64>,
    /// The file they came in.
    pub batch: Option<BatchId>,
    /// The debited account.
    pub account: Option<AccountId>,
    /// Currency code.
    pub currency: Option<String>,
    /// Smallest amount in minor units.
    pub from_minor: Option<i64>,
    /// Largest amount in minor units.
    pub to_minor: Option<i64>,
    /// First execution date.
    pub from_date: Option<Date>,
    /// Last execution date.
    pub to_date: Option<Date>,
}

/// One payment with its state, locked until the end of the transaction where the engine needs it.
pub fn load(tx: &mut dyn Tx, scope: Scope<'_>, id: PaymentId) -> Result<Option<Standing>, StoreError> {
    static LOCK: Sql = Sql {
        sqlite: "SELECT payment FROM payment_states WHERE payment = $1",
        postgres: "SELECT payment FROM payment_states WHERE payment = $1 FOR UPDATE",
    };
    tx.query(&LOCK, &[Value::Int(id.to_i64())])?;
    view(tx, scope, id)
}

/// One payment with its state, for reading only.
pub fn view(tx: &mut dyn Tx, scope: Scope<'_>, id: PaymentId) -> Result<Option<Standing>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT p.id, p.organization, p.world, p.batch, p.account, p.amount_minor, p.currency, p.execution_on, p.created_by, p.version,
           p.content_digest, p.sealed, s.state, s.since, s.held_minor, s.event, s.detail
         FROM payments p JOIN payment_states s ON s.payment = p.id WHERE p.id = $1 AND p.organization = $2 AND p.world = $3",
    );
    one(tx.query(&ONE, &[Value::Int(id.to_i64()), scope.org(), scope.world()])?)
        .as_ref()
        .map(read)
        .transpose()
}

/// A page of payments, newest first.
pub fn list(tx: &mut dyn Tx, scope: Scope<'_>, filter: &Filter, page: Page) -> Result<Vec<Standing>, StoreError> {
    // Two texts, because each has its own index: by state, by batch, or simply the newest.
    // The newest are chosen before they are joined with their states, of which each has one: joined first, PostgreSQL may begin with all
    // states of the organization.
    static NEWEST: Sql = Sql::both(
        "SELECT p.id, p.organization, p.world, p.batch, p.account, p.amount_minor, p.currency, p.execution_on, p.created_by, p.version,
           p.content_digest, p.sealed, s.state, s.since, s.held_minor, s.event, s.detail
         FROM (SELECT * FROM payments
           WHERE organization = $1 AND world = $2 AND id < $3 AND (CAST($5 AS BIGINT) IS NULL OR account = $5)
             AND (CAST($6 AS TEXT) IS NULL OR currency = $6) AND amount_minor >= $7 AND amount_minor <= $8
             AND execution_on >= $9 AND execution_on <= $10
           ORDER BY id DESC LIMIT $4) p JOIN payment_states s ON s.payment = p.id
         ORDER BY p.id DESC",
    );
    static BY_STATE: Sql = Sql::both(
        "SELECT p.id, p.organization, p.world, p.batch, p.account, p.amount_minor, p.currency, p.execution_on, p.created_by, p.version,
           p.content_digest, p.sealed, s.state, s.since, s.held_minor, s.event, s.detail
         FROM payment_states s JOIN payments p ON p.id = s.payment
         WHERE s.organization = $1 AND s.world = $2 AND s.state = $11 AND s.payment < $3
           AND (CAST($12 AS BIGINT) IS NULL OR p.batch = $12) AND (CAST($5 AS BIGINT) IS NULL OR p.account = $5)
           AND (CAST($6 AS TEXT) IS NULL OR p.currency = $6) AND p.amount_minor >= $7 AND p.amount_minor <= $8
           AND p.execution_on >= $9 AND p.execution_on <= $10
         ORDER BY s.payment DESC LIMIT $4",
    );
    static BY_BATCH: Sql = Sql::both(
        "SELECT p.id, p.organization, p.world, p.batch, p.account, p.amount_minor, p.currency, p.execution_on, p.created_by, p.version,
           p.content_digest, p.sealed, s.state, s.since, s.held_minor, s.event, s.detail
         FROM payments p JOIN payment_states s ON s.payment = p.id
         WHERE p.organization = $1 AND p.world = $2 AND p.batch = $11 AND p.id < $3
           AND (CAST($5 AS BIGINT) IS NULL OR p.account = $5)
           AND (CAST($6 AS TEXT) IS NULL OR p.currency = $6) AND p.amount_minor >= $7 AND p.amount_minor <= $8
           AND p.execution_on >= $9 AND p.execution_on <= $10
         ORDER BY p.id DESC LIMIT $4",
    );
    let mut values = vec![
        scope.org(),
        scope.world(),
        page.before(),
        page.limit(),
        Value::OptInt(filter.account.map(AccountId::to_i64)),
        Value::OptText(filter.currency.as_deref()),
        Value::Int(filter.from_minor.unwrap_or(0)),
        Value::Int(filter.to_minor.unwrap_or(i64::MAX)),
        Value::Int(filter.from_date.map_or(0, date_to_i64)),
        Value::Int(filter.to_date.map_or(i64::MAX, date_to_i64)),
    ];
    let sql = match (filter.state, filter.batch) {
        (Some(state), batch) => {
            values.push(Value::Int(state));
            values.push(Value::OptInt(batch.map(BatchId::to_i64)));
            &BY_STATE
        }
        (None, Some(batch)) => {
            values.push(Value::Int(batch.to_i64()));
            &BY_BATCH
        }
        (None, None) => &NEWEST,
    };
    all(&tx.query(sql, &values)?, read)
}

/// Payments in one state that a member neither made nor changed, nor approved as they are now, newest first: those that may wait for them.
pub fn untouched_by(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    state: i64,
    member: MemberId,
    page: Page,
) -> Result<Vec<Standing>, StoreError> {
    static UNTOUCHED: Sql = Sql::both(
        "SELECT p.id, p.organization, p.world, p.batch, p.account, p.amount_minor, p.currency, p.execution_on, p.created_by, p.version,
           p.content_digest, p.sealed, s.state, s.since, s.held_minor, s.event, s.detail
         FROM payment_states s JOIN payments p ON p.id = s.payment
         WHERE s.organization = $1 AND s.world = $2 AND s.state = $5 AND s.payment < $3 AND p.created_by <> $6
           AND NOT EXISTS (SELECT 1 FROM earlier_contents e WHERE e.payment = s.payment AND e.changed_by = $6)
           AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.payment = s.payment AND a.member = $7 AND a.approved = 1
             AND a.content_digest = p.content_digest)
         ORDER BY s.payment DESC LIMIT $4",
    );
    let by = Actor::Member(member).to_string();
    let values = [
        scope.org(),
        scope.world(),
        page.before(),
        page.limit(),
        Value::Int(state),
        Value::Text(&by),
        Value::Int(member.to_i64()),
    ];
    all(&tx.query(&UNTOUCHED, &values)?, read)
}

/// Payments of a file in one state from one account with one execution date, in the order of the file: those that may travel together.
pub fn companions(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    like: &Payment,
    state: i64,
    after: PaymentId,
    limit: usize,
) -> Result<Vec<Standing>, StoreError> {
    static COMPANIONS: Sql = Sql::both(
        "SELECT p.id, p.organization, p.world, p.batch, p.account, p.amount_minor, p.currency, p.execution_on, p.created_by, p.version,
           p.content_digest, p.sealed, s.state, s.since, s.held_minor, s.event, s.detail
         FROM payments p JOIN payment_states s ON s.payment = p.id
         WHERE p.batch = $1 AND p.organization = $2 AND p.world = $3 AND p.account = $4 AND p.execution_on = $5 AND s.state = $6
           AND p.id > $7 ORDER BY p.id LIMIT $8",
    );
    let values = [
        Value::OptInt(like.batch.map(BatchId::to_i64)),
        scope.org(),
        scope.world(),
        Value::Int(like.account.to_i64()),
        Value::Int(date_to_i64(like.execution_on)),
        Value::Int(state),
        Value::Int(after.to_i64()),
        Value::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
    ];
    all(&tx.query(&COMPANIONS, &values)?, read)
}

/// Payments in one state whose execution date lies before a day, oldest first: what nobody decided about in time.
pub fn overdue(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    state: i64,
    before: Date,
    limit: usize,
) -> Result<Vec<PaymentId>, StoreError> {
    static OVERDUE: Sql = Sql::both(
        "SELECT s.payment FROM payment_states s JOIN payments p ON p.id = s.payment
         WHERE s.organization = $1 AND s.world = $2 AND s.state = $3 AND p.execution_on < $4 ORDER BY s.payment LIMIT $5",
    );
    let values = [
        scope.org(),
        scope.world(),
        Value::Int(state),
        Value::Int(date_to_i64(before)),
        Value::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
    ];
    all(&tx.query(&OVERDUE, &values)?, |row| {
        Ok(PaymentId::from_i64(row.int(0)?))
    })
}

/// Remembers keyed digests of the references that a statement may name these payments by.
pub fn add_references(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    references: &[([u8; 16], PaymentId)],
) -> Result<(), StoreError> {
    static ADD: Batch = Batch {
        each: "INSERT INTO payment_references (organization, world, reference, payment) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        arrays: "INSERT INTO payment_references (organization, world, reference, payment)
               SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), r, p FROM UNNEST($3::BYTEA[], $4::BIGINT[]) AS n (r, p)
               ON CONFLICT DO NOTHING",
    };
    let digests: Vec<&[u8]> = references.iter().map(|(digest, _)| digest.as_slice()).collect();
    let payments: Vec<i64> = references.iter().map(|(_, payment)| payment.to_i64()).collect();
    let columns = [
        Column::Same(scope.org()),
        Column::Same(scope.world()),
        Column::Blob(&digests),
        Column::Int(&payments),
    ];
    tx.execute_many(&ADD, &columns)?;
    Ok(())
}

/// The payments that have a reference with this keyed digest, two at most: more than one is as good as none.
pub fn by_reference(tx: &mut dyn Tx, scope: Scope<'_>, digest: &[u8; 16]) -> Result<Vec<PaymentId>, StoreError> {
    static BY_REFERENCE: Sql = Sql::both(
        "SELECT payment FROM payment_references WHERE organization = $1 AND world = $2 AND reference = $3 ORDER BY payment LIMIT 2",
    );
    let values = [scope.org(), scope.world(), Value::Blob(digest)];
    all(&tx.query(&BY_REFERENCE, &values)?, |row| {
        Ok(PaymentId::from_i64(row.int(0)?))
    })
}

/// How many payments stand in each state.
pub fn count_by_state(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<Vec<(i64, i64)>, StoreError> {
    static COUNT: Sql = Sql::both(
        "SELECT state, CAST(COUNT(*) AS BIGINT) FROM payment_states WHERE organization = $1 AND world = $2
         GROUP BY state ORDER BY state",
    );
    all(&tx.query(&COUNT, &[scope.org(), scope.world()])?, |row| {
        Ok((row.int(0)?, row.int(1)?))
    })
}

/// How many payments stand in one state: a range of the index.
pub fn count_in_state(tx: &mut dyn Tx, scope: Scope<'_>, state: i64) -> Result<i64, StoreError> {
    static COUNT: Sql = Sql::both(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM payment_states WHERE organization = $1 AND world = $2 AND state = $3",
    );
    let row = one(tx.query(&COUNT, &[scope.org(), scope.world(), Value::Int(state)])?);
    row.map_or(Ok(0), |row| row.int(0))
}

/// How many payments of all organizations stand in each state but the settled one, by world and code: ranges of the index, none of which
/// grows for ever by itself.
pub fn count_unsettled(tx: &mut dyn Tx, settled: i64) -> Result<Vec<(World, i64, i64)>, StoreError> {
    static COUNT: Sql = Sql::both(
        "SELECT s.world, s.state, CAST(COUNT(*) AS BIGINT) FROM organizations o JOIN payment_states s
         ON s.organization = o.id AND s.world = $1 AND s.state < $2 GROUP BY s.world, s.state
         UNION ALL SELECT s.world, s.state, CAST(COUNT(*) AS BIGINT) FROM organizations o JOIN payment_states s
         ON s.organization = o.id AND s.world = $1 AND s.state > $2 GROUP BY s.world, s.state",
    );
    let mut counted = Vec::new();
    for world in [World::Test, World::Live] {
        for row in tx.query(&COUNT, &[Value::Int(world.to_i64()), Value::Int(settled)])? {
            counted.push((world, row.int(1)?, row.int(2)?));
        }
    }
    Ok(counted)
}

/// Moves a payment on. `from` is the event its present state rests on: when another hand moved it meanwhile, nothing is written.
pub fn advance(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    id: PaymentId,
    from: EventId,
    to: &PaymentState,
) -> Result<(), StoreError> {
    static ADVANCE: Sql = Sql::both(
        "UPDATE payment_states SET state = $1, since = $2, held_minor = $3, event = $4, detail = $5
         WHERE payment = $6 AND organization = $7 AND world = $8 AND event = $9",
    );
    let values = [
        Value::Int(to.state),
        Value::Int(to.since.micros()),
        Value::Int(to.held_minor),
        Value::Int(to.event.to_i64()),
        Value::Text(&to.detail),
        Value::Int(id.to_i64()),
        scope.org(),
        scope.world(),
        Value::Int(from.to_i64()),
    ];
    exactly_one(tx, &ADVANCE, &values, "the state a payment was moved from")
}

/// Replaces the content of a payment, keeping the earlier one.
pub fn change(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    old: &Payment,
    new: &Payment,
    by: Actor,
    at: Timestamp,
) -> Result<(), StoreError> {
    static CHANGE: Sql = Sql::both(
        "UPDATE payments SET account = $1, amount_minor = $2, currency = $3, execution_on = $4, version = $5, content_digest = $6,
           sealed = $7 WHERE id = $8 AND organization = $9 AND world = $10 AND version = $11",
    );
    sealed::insert(
        tx,
        scope,
        &EARLIER_CONTENTS,
        &[
            Value::Int(old.id.to_i64()),
            Value::Int(old.version),
            scope.org(),
            scope.world(),
            Value::Int(old.account.to_i64()),
            Value::Int(old.amount.minor()),
            Value::Text(old.amount.currency().code()),
            Value::Int(date_to_i64(old.execution_on)),
            Value::Blob(&old.content_digest),
            Value::Blob(&old.sealed),
            Value::Text(&by.to_string()),
            Value::Int(at.micros()),
        ],
    )?;
    let values = [
        Value::Int(new.account.to_i64()),
        Value::Int(new.amount.minor()),
        Value::Text(new.amount.currency().code()),
        Value::Int(date_to_i64(new.execution_on)),
        Value::Int(new.version),
        Value::Blob(&new.content_digest),
        Value::Blob(&new.sealed),
        Value::Int(new.id.to_i64()),
        scope.org(),
        scope.world(),
        Value::Int(old.version),
    ];
    exactly_one(tx, &CHANGE, &values, "the version a payment was changed from")
}

/// Who changed a payment so far.
pub fn changed_by(tx: &mut dyn Tx, scope: Scope<'_>, id: PaymentId) -> Result<Vec<Actor>, StoreError> {
    static CHANGERS: Sql = Sql::both(
        "SELECT changed_by FROM earlier_contents WHERE payment = $1 AND organization = $2 AND world = $3 ORDER BY version",
    );
    all(
        &tx.query(&CHANGERS, &[Value::Int(id.to_i64()), scope.org(), scope.world()])?,
        |row| {
            row.text(0)?
                .parse()
                .map_err(|_| StoreError::corrupt("who changed a payment"))
        },
    )
}

/// A likeness of a new payment: whose, its keyed digest, its id and execution date.
#[derive(Clone, Copy, Debug)]
pub struct Likeness {
    /// The tenant.
    pub organization: OrganizationId,
    /// Test or live.
    pub world: World,
    /// Keyed digest of payee, amount and reference.
    pub likeness: [u8; 16],
    /// The payment.
    pub payment: PaymentId,
    /// Its requested execution date.
    pub execution_on: Date,
}

/// An earlier payment with the same likeness as the asked one at `position`.
#[derive(Clone, Copy, Debug)]
pub struct Alike {
    /// The likeness asked about.
    pub likeness: [u8; 16],
    /// The earlier payment.
    pub payment: PaymentId,
    /// Its execution date.
    pub execution_on: Date,
    /// Its state code.
    pub state: i64,
}

/// Earlier payments of the same organizations that look like the given ones.
pub fn alike(tx: &mut dyn Tx, wanted: &[Likeness]) -> Result<Vec<Alike>, StoreError> {
    static ALIKE: Batch = Batch {
        each: "SELECT l.likeness, l.payment, l.execution_on, s.state, l.organization, l.world
               FROM memory.likenesses m CROSS JOIN main.likenesses l ON l.rowid = m.line CROSS JOIN payment_states s ON s.payment = l.payment
               WHERE m.head = substr($1, 1, 8) AND l.likeness = $1",
        arrays: "SELECT l.likeness, l.payment, l.execution_on, s.state, l.organization, l.world
               FROM likenesses l JOIN payment_states s ON s.payment = l.payment WHERE l.likeness = ANY($1::BYTEA[])",
    };
    tx.follow(&digests::LIKENESSES)?;
    let homes: BTreeSet<(i64, i64, &[u8])> = wanted
        .iter()
        .map(|one| (one.organization.to_i64(), one.world.to_i64(), one.likeness.as_slice()))
        .collect();
    let digests: BTreeSet<&[u8]> = homes.iter().map(|(_, _, likeness)| *likeness).collect();
    let rows = tx.query_many(&ALIKE, &[Column::Blob(&digests.into_iter().collect::<Vec<_>>())])?;
    let mut alike = Vec::with_capacity(rows.len());
    for row in &rows {
        let likeness = row.blob(0)?;
        if homes.contains(&(row.int(4)?, row.int(5)?, likeness)) {
            alike.push(Alike {
                likeness: likeness.try_into().map_err(|_| StoreError::corrupt("a likeness"))?,
                payment: PaymentId::from_i64(row.int(1)?),
                execution_on: date_from_i64(row.int(2)?)?,
                state: row.int(3)?,
            });
        }
    }
    Ok(alike)
}

/// [`alike`] once more, after a lock: what other servers have written since the last look. Behind the one writer of SQLite there is nobody.
pub fn alike_by_others(tx: &mut dyn Tx, wanted: &[Likeness]) -> Result<Vec<Alike>, StoreError> {
    match tx.side() {
        Dialect::Sqlite => Ok(Vec::new()),
        Dialect::Postgres => alike(tx, wanted),
    }
}

/// Remembers likenesses of new payments.
pub fn add_likenesses(tx: &mut dyn Tx, likenesses: &[Likeness]) -> Result<(), StoreError> {
    static ADD: Batch = Batch {
        each: "INSERT INTO likenesses (organization, world, likeness, payment, execution_on) VALUES ($1, $2, $3, $4, $5)",
        arrays: "INSERT INTO likenesses (organization, world, likeness, payment, execution_on)
               SELECT * FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BYTEA[], $4::BIGINT[], $5::BIGINT[])",
    };
    tx.execute_many(
        &ADD,
        &[
            Column::Int(
                &likenesses
                    .iter()
                    .map(|one| one.organization.to_i64())
                    .collect::<Vec<_>>(),
            ),
            Column::Int(&likenesses.iter().map(|one| one.world.to_i64()).collect::<Vec<_>>()),
            Column::Blob(&likenesses.iter().map(|one| one.likeness.as_slice()).collect::<Vec<_>>()),
            Column::Int(&likenesses.iter().map(|one| one.payment.to_i64()).collect::<Vec<_>>()),
            Column::Int(
                &likenesses
                    .iter()
                    .map(|one| date_to_i64(one.execution_on))
                    .collect::<Vec<_>>(),
            ),
        ],
    )?;
    Ok(())
}

/// Remembers one more likeness of a payment, unless it had the same before.
pub fn add_likeness(tx: &mut dyn Tx, likeness: Likeness) -> Result<(), StoreError> {
    let before = alike(tx, &[likeness])?;
    if before.iter().any(|known| known.payment == likeness.payment) {
        return Ok(());
    }
    add_likenesses(tx, &[likeness])
}

/// Forgets likenesses of payments whose execution date lies before a day; returns how many.
pub fn forget_likenesses(tx: &mut dyn Tx, scope: Scope<'_>, before: Date) -> Result<u64, StoreError> {
    // The newest row stays, so that row ids go on.
    static FORGET: Sql = Sql {
        sqlite: "DELETE FROM likenesses WHERE organization = $1 AND world = $2 AND execution_on < $3
                 AND rowid < (SELECT max(rowid) FROM likenesses)",
        postgres: "DELETE FROM likenesses WHERE organization = $1 AND world = $2 AND execution_on < $3",
    };
    tx.execute(&FORGET, &[scope.org(), scope.world(), Value::Int(date_to_i64(before))])
}

fn read(row: &Row) -> Result<Standing, StoreError> {
    Ok(Standing {
        payment: read_payment(row)?,
        state: read_state(row)?,
    })
}

/// From columns 0 to 11.
pub(crate) fn read_payment(row: &Row) -> Result<Payment, StoreError> {
    let corrupt = |what: &'static str| StoreError::corrupt(what);
    let currency = Currency::from_code(row.text(6)?).ok_or(corrupt("the currency of a payment"))?;
    Ok(Payment {
        id: PaymentId::from_i64(row.int(0)?),
        organization: OrganizationId::from_i64(row.int(1)?),
        world: World::from_i64(row.int(2)?).ok_or(corrupt("the world of a payment"))?,
        batch: row.opt_int(3)?.map(BatchId::from_i64),
        account: AccountId::from_i64(row.int(4)?),
        amount: Money::new(row.int(5)?, currency),
        execution_on: date_from_i64(row.int(7)?)?,
        created_by: row
            .text(8)?
            .parse()
            .map_err(|_| corrupt("the submitter of a payment"))?,
        version: row.int(9)?,
        content_digest: row
            .blob(10)?
            .try_into()
            .map_err(|_| corrupt("the content digest of a payment"))?,
        sealed: row.blob(11)?.to_vec(),
    })
}

/// From columns 12 to 16.
pub(crate) fn read_state(row: &Row) -> Result<PaymentState, StoreError> {
    Ok(PaymentState {
        state: row.int(12)?,
        since: Timestamp::from_micros(row.int(13)?),
        held_minor: row.int(14)?,
        event: EventId::from_i64(row.int(15)?),
        detail: row.text(16)?.to_owned(),
    })
}
