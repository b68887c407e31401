//! Links that work once: the first administrator's, an invitation's, and the way back for somebody who has lost everything.

use crate::StoreError;
use crate::scan::Key;
use crate::scope::{RowSealer, one};
use crate::sealed::{self, SealedTable, vouched};
use crate::tx::{Row, Sql, Tx, Value};
use vocab::id::{MemberId, OrganizationId};
use vocab::time::Timestamp;

/// `one_time_links`
pub static ONE_TIME_LINKS: SealedTable = SealedTable {
    name: "one_time_links",
    columns: 5,
    key: &[Key::Bytes],
    id: |number| number.to_string(),
    insert: Sql::both(
        "INSERT INTO one_time_links (digest, organization, kind, member, expires_at, seal) VALUES ($1, $2, $3, $4, $5, $6)",
    ),
    scan: Sql::both(
        "SELECT digest, organization, kind, member, expires_at, seal FROM one_time_links WHERE digest >= $1 ORDER BY digest LIMIT $2",
    ),
};

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The tenant; number 0 when the link is to make the first one.
    pub organization: OrganizationId,
    /// Name of the kind.
    pub kind: String,
    /// For whom; number 0 when the member is still to be made.
    pub member: MemberId,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Adds a link.
pub fn add(tx: &mut dyn Tx, sealer: &dyn RowSealer, digest: &[u8; 32], link: &Link) -> Result<(), StoreError> {
    let values = [
        Value::Blob(digest),
        Value::Int(link.organization.to_i64()),
        Value::Text(&link.kind),
        Value::Int(link.member.to_i64()),
        Value::Int(link.expires_at.micros()),
    ];
    sealed::insert_with(tx, sealer, &ONE_TIME_LINKS, &values)
}

/// What a link is for, without using it up; nothing when it is unknown, used or too old.
pub fn look(
    tx: &mut dyn Tx,
    sealer: &dyn RowSealer,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Link>, StoreError> {
    static LOOK: Sql =
        Sql::both("SELECT digest, organization, kind, member, expires_at, seal FROM one_time_links WHERE digest = $1");
    let row = one(tx.query(&LOOK, &[Value::Blob(digest)])?);
    row.map_or(Ok(None), |row| read(row, sealer, now))
}

/// Uses a link up, and with it every other link for the same: a second use finds nothing.
pub fn take(
    tx: &mut dyn Tx,
    sealer: &dyn RowSealer,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Link>, StoreError> {
    static TAKE: Sql = Sql::both(
        "DELETE FROM one_time_links WHERE digest = $1 RETURNING digest, organization, kind, member, expires_at, seal",
    );
    let row = one(tx.query(&TAKE, &[Value::Blob(digest)])?);
    let Some(link) = row.map_or(Ok(None), |row| read(row, sealer, now))? else {
        return Ok(None);
    };
    drop_others(tx, &link)?;
    Ok(Some(link))
}

/// Makes earlier links for the same useless.
pub fn drop_others(tx: &mut dyn Tx, link: &Link) -> Result<(), StoreError> {
    static OTHERS: Sql = Sql::both("DELETE FROM one_time_links WHERE organization = $1 AND member = $2");
    let (organization, member) = (link.organization.to_i64(), link.member.to_i64());
    tx.execute(&OTHERS, &[Value::Int(organization), Value::Int(member)])?;
    Ok(())
}

fn read(row: Row, sealer: &dyn RowSealer, now: Timestamp) -> Result<Option<Link>, StoreError> {
    let row = vouched(row, sealer, &ONE_TIME_LINKS)?;
    let link = Link {
        organization: OrganizationId::from_i64(row.int(1)?),
        kind: row.text(2)?.to_owned(),
        member: MemberId::from_i64(row.int(3)?),
        expires_at: Timestamp::from_micros(row.int(4)?),
    };
    Ok(Some(link).filter(|link| now < link.expires_at))
}
