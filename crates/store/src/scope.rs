//! Whose rows: every store function is given a scope, so no query can forget the organization and the world.

use crate::tx::{Row, Value};
use crate::{StoreError, tx::Tx};
use vocab::context::{Ctx, World};
use vocab::id::OrganizationId;
use vocab::time::Date;

/// Computes the seals of rows; the keys stay outside this crate.
pub trait RowSealer: Send + Sync {
    /// A keyed code over the columns of a row of `table`.
    fn row_seal(&self, table: &'static str, columns: &[u8]) -> [u8; 16];
}

/// The tenant and the world that a statement is confined to, and the sealer for its rows.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The tenant.
    pub organization: OrganizationId,
    /// Test or live.
    pub world: World,
    /// Seals rows.
    pub sealer: &'a dyn RowSealer,
}

impl<'a> Scope<'a> {
    /// The scope of an operation.
    pub fn of(ctx: &Ctx, sealer: &'a dyn RowSealer) -> Self {
        Self {
            organization: ctx.organization,
            world: ctx.world,
            sealer,
        }
    }

    pub(crate) fn org(&self) -> Value<'static> {
        Value::Int(self.organization.to_i64())
    }

    pub(crate) fn world(&self) -> Value<'static> {
        Value::Int(self.world.to_i64())
    }
}

impl std::fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.organization, self.world.name())
    }
}

/// One page of a list, newest first.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Rows older than this number, or from the newest on.
    pub before: Option<i64>,
    /// Rows at most.
    pub limit: usize,
}

impl Page {
    pub(crate) fn before(&self) -> Value<'static> {
        Value::Int(self.before.unwrap_or(i64::MAX))
    }

    pub(crate) fn limit(&self) -> Value<'static> {
        Value::Int(i64::try_from(self.limit).unwrap_or(i64::MAX))
    }
}

/// A civil date as rows hold it: yyyymmdd.
pub(crate) fn date_to_i64(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

/// Back from a row.
pub(crate) fn date_from_i64(number: i64) -> Result<Date, StoreError> {
    let part = |value: i64| i8::try_from(value).ok();
    let year = i16::try_from(number.div_euclid(10_000)).ok();
    let (month, day) = (
        part(number.div_euclid(100).rem_euclid(100)),
        part(number.rem_euclid(100)),
    );
    match (year, month, day) {
        (Some(year), Some(month), Some(day)) => Date::new(year, month, day).ok(),
        _ => None,
    }
    .ok_or(StoreError::corrupt("a date column"))
}

/// The only row of a query that can have one at most.
pub(crate) fn one(rows: Vec<Row>) -> Option<Row> {
    rows.into_iter().next()
}

/// Reads rows with a function of the noun.
pub(crate) fn all<T>(rows: &[Row], read: impl Fn(&Row) -> Result<T, StoreError>) -> Result<Vec<T>, StoreError> {
    rows.iter().map(read).collect()
}

/// Runs a statement that must touch exactly one row; anything else means that the row changed under a decision.
pub(crate) fn exactly_one(
    tx: &mut dyn Tx,
    sql: &'static crate::tx::Sql,
    values: &[Value<'_>],
    what: &'static str,
) -> Result<(), StoreError> {
    match tx.execute(sql, values)? {
        1 => Ok(()),
        _ => Err(StoreError::corrupt(what)),
    }
}
