//! Events: what happened, in canonical JSON, with the salt of its commitment.

use crate::StoreError;
use crate::scope::{RowSealer, Scope, all, one};
use crate::sealed;
use crate::tx::{Batch, Column, Row, Sql, Tx, Value};
use vocab::context::World;
use vocab::id::{EventId, OrganizationId};

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// The event.
    pub id: EventId,
    /// The tenant. In the row, because a slice may hold events of several.
    pub organization: OrganizationId,
    /// Test or live.
    pub world: World,
    /// Number of the thing it is about.
    pub subject: i64,
    /// Keeps the commitment from being guessed; see [`salt`].
    pub salt: [u8; 16],
    /// Canonical JSON.
    pub body: String,
}

/// An event with its place in the log.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The event.
    pub event: Event,
    /// Its index in the log; `None` until it is sealed.
    pub position: Option<u64>,
}

/// The salt that belongs to an event: a keyed code over its other columns. Nobody without the keys can guess it, which is what a salt is
/// for; nor make one, so that an altered or added event is known by itself, in the log or not yet.
pub fn salt(sealer: &dyn RowSealer, event: &Event) -> [u8; 16] {
    sealer.row_seal(
        "events",
        &sealed::encode(&[
            Value::Int(event.id.to_i64()),
            Value::Int(event.organization.to_i64()),
            Value::Int(event.world.to_i64()),
            Value::Int(event.subject),
            Value::Text(&event.body),
        ]),
    )
}

/// Adds events and queues them for sealing.
pub fn append<'a>(tx: &mut dyn Tx, events: impl IntoIterator<Item = &'a Event>) -> Result<(), StoreError> {
    let events: Vec<&Event> = events.into_iter().collect();
    static EVENTS: Batch = Batch {
        each: "INSERT INTO events (id, organization, world, subject, salt, body) VALUES ($1, $2, $3, $4, $5, $6)",
        arrays: "INSERT INTO events (id, organization, world, subject, salt, body)
               SELECT * FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::BYTEA[], $6::TEXT[])",
    };
    static PENDING: Batch = Batch {
        each: "INSERT INTO log_pending (event, organization, world) VALUES ($1, $2, $3)",
        arrays: "INSERT INTO log_pending (event, organization, world) SELECT * FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[])",
    };
    let ids: Vec<i64> = events.iter().map(|event| event.id.to_i64()).collect();
    let organizations: Vec<i64> = events.iter().map(|event| event.organization.to_i64()).collect();
    let worlds: Vec<i64> = events.iter().map(|event| event.world.to_i64()).collect();
    tx.execute_many(
        &EVENTS,
        &[
            Column::Int(&ids),
            Column::Int(&organizations),
            Column::Int(&worlds),
            Column::Int(&events.iter().map(|event| event.subject).collect::<Vec<_>>()),
            Column::Blob(&events.iter().map(|event| event.salt.as_slice()).collect::<Vec<_>>()),
            Column::Text(&events.iter().map(|event| event.body.as_str()).collect::<Vec<_>>()),
        ],
    )?;
    tx.execute_many(
        &PENDING,
        &[Column::Int(&ids), Column::Int(&organizations), Column::Int(&worlds)],
    )?;
    Ok(())
}

/// Everything that happened to a thing, oldest first.
pub fn of(tx: &mut dyn Tx, scope: Scope<'_>, subject: i64) -> Result<Vec<Placed>, StoreError> {
    static OF: Sql = Sql::both(
        "SELECT e.id, e.organization, e.world, e.subject, e.salt, e.body, l.position FROM events e
         LEFT JOIN log_leaves l ON l.event = e.id WHERE e.subject = $1 AND e.organization = $2 AND e.world = $3 ORDER BY e.id",
    );
    all(
        &tx.query(&OF, &[Value::Int(subject), scope.org(), scope.world()])?,
        read,
    )
}

/// One event.
pub fn load(tx: &mut dyn Tx, scope: Scope<'_>, id: EventId) -> Result<Option<Placed>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT e.id, e.organization, e.world, e.subject, e.salt, e.body, l.position FROM events e
         LEFT JOIN log_leaves l ON l.event = e.id WHERE e.id = $1 AND e.organization = $2 AND e.world = $3",
    );
    one(tx.query(&ONE, &[Value::Int(id.to_i64()), scope.org(), scope.world()])?)
        .as_ref()
        .map(read)
        .transpose()
}

/// Sealed events of an organization from an index of the log on, in the order of the log.
pub fn feed(tx: &mut dyn Tx, scope: Scope<'_>, from: u64, limit: usize) -> Result<Vec<Placed>, StoreError> {
    static FEED: Sql = Sql::both(
        "SELECT e.id, e.organization, e.world, e.subject, e.salt, e.body, l.position FROM log_leaves l JOIN events e ON e.id = l.event
         WHERE l.position >= $1 AND l.organization = $2 AND l.world = $3 ORDER BY l.position LIMIT $4",
    );
    let values = [
        Value::Int(i64::try_from(from).unwrap_or(i64::MAX)),
        scope.org(),
        scope.world(),
        Value::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
    ];
    all(&tx.query(&FEED, &values)?, read)
}

pub(crate) fn read(row: &Row) -> Result<Placed, StoreError> {
    let corrupt = |what: &'static str| StoreError::corrupt(what);
    let position = row
        .opt_int(6)?
        .map(u64::try_from)
        .transpose()
        .map_err(|_| corrupt("a position in the log"))?;
    Ok(Placed {
        event: read_event(row)?,
        position,
    })
}

pub(crate) fn read_event(row: &Row) -> Result<Event, StoreError> {
    let corrupt = |what: &'static str| StoreError::corrupt(what);
    Ok(Event {
        id: EventId::from_i64(row.int(0)?),
        organization: OrganizationId::from_i64(row.int(1)?),
        world: World::from_i64(row.int(2)?).ok_or_else(|| corrupt("the world of an event"))?,
        subject: row.int(3)?,
        salt: row.blob(4)?.try_into().map_err(|_| corrupt("the salt of an event"))?,
        body: row.text(5)?.to_owned(),
    })
}
