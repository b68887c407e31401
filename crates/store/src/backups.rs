//! Backups: what was done about them, and whose turn it is to make one.

use crate::StoreError;
use crate::scan::ID;
use crate::scope::{RowSealer, Scope, all};
use crate::sealed::{self, SealedTable};
use crate::tx::{Row, Sql, Tx, Value};
use vocab::id::BackupId;
use vocab::time::Timestamp;

/// `backups`
pub static BACKUPS: SealedTable = SealedTable {
    name: "backups",
    columns: 7,
    key: ID,
    id: |number| BackupId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO backups (id, organization, name, act, at, bytes, detail, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    ),
    scan: Sql::both(
        "SELECT id, organization, name, act, at, bytes, detail, seal FROM backups WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};

/// Something that was done about a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The act.
    pub id: BackupId,
    /// Name of the backup.
    pub name: String,
    /// `created`, `verified`, `failed`, `deleted`, `restored` or `released`.
    pub act: String,
    /// When, on the real clock.
    pub at: Timestamp,
    /// Size of its files; 0 where that says nothing.
    pub bytes: i64,
    /// More about it: why it failed, where it is. No personal data.
    pub detail: String,
}

/// Writes an act down.
pub fn add(tx: &mut dyn Tx, scope: Scope<'_>, act: &Act) -> Result<(), StoreError> {
    let values = [
        Value::Int(act.id.to_i64()),
        scope.org(),
        Value::Text(&act.name),
        Value::Text(&act.act),
        Value::Int(act.at.micros()),
        Value::Int(act.bytes),
        Value::Text(&act.detail),
    ];
    sealed::insert(tx, scope, &BACKUPS, &values)
}

/// The newest acts, newest first.
pub fn newest(tx: &mut dyn Tx, limit: usize) -> Result<Vec<Act>, StoreError> {
    static NEWEST: Sql =
        Sql::both("SELECT id, organization, name, act, at, bytes, detail, seal FROM backups ORDER BY id DESC LIMIT $1");
    let limit = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
    all(&tx.query(&NEWEST, &[limit])?, read)
}

/// The last act of a kind whose seal holds: nobody without keys can pretend one.
pub fn last(tx: &mut dyn Tx, sealer: &dyn RowSealer, act: &str) -> Result<Option<Act>, StoreError> {
    static LAST: Sql = Sql::both(
        "SELECT id, organization, name, act, at, bytes, detail, seal FROM backups WHERE act = $1 ORDER BY id DESC LIMIT 20",
    );
    for row in tx.query(&LAST, &[Value::Text(act)])? {
        if sealed::holds_with(&row, sealer, &BACKUPS).unwrap_or(false) {
            return read(&row).map(Some);
        }
    }
    Ok(None)
}

/// The restore after which nobody has yet said that payments may travel again.
pub fn holding(tx: &mut dyn Tx, sealer: &dyn RowSealer) -> Result<Option<Act>, StoreError> {
    let Some(restored) = last(tx, sealer, "restored")? else {
        return Ok(None);
    };
    let released = last(tx, sealer, "released")?;
    Ok(Some(restored).filter(|restored| released.is_none_or(|released| released.id < restored.id)))
}

/// Takes the turn to make a backup, or keeps it; false when another server has it. Leases run on the real clock.
pub fn take_turn(tx: &mut dyn Tx, token: i64, wall: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
    static TAKE: Sql = Sql::both(
        "INSERT INTO backup_turn (id, token, leased_until) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET token = excluded.token, leased_until = excluded.leased_until
         WHERE backup_turn.leased_until < $3 OR backup_turn.token = excluded.token",
    );
    let values = [Value::Int(token), Value::Int(until.micros()), Value::Int(wall.micros())];
    Ok(tx.execute(&TAKE, &values)? == 1)
}

/// Gives the turn back.
pub fn give_turn_back(tx: &mut dyn Tx, token: i64) -> Result<(), StoreError> {
    static GIVE_BACK: Sql = Sql::both("UPDATE backup_turn SET leased_until = 0 WHERE id = 1 AND token = $1");
    tx.execute(&GIVE_BACK, &[Value::Int(token)])?;
    Ok(())
}

fn read(row: &Row) -> Result<Act, StoreError> {
    Ok(Act {
        id: BackupId::from_i64(row.int(0)?),
        name: row.text(2)?.to_owned(),
        act: row.text(3)?.to_owned(),
        at: Timestamp::from_micros(row.int(4)?),
        bytes: row.int(5)?,
        detail: row.text(6)?.to_owned(),
    })
}
