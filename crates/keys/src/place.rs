//! Where a sealed value lives. The place is authenticated with the value, so values cannot be swapped.

use vocab::context::World;
use vocab::id::OrganizationId;

/// The place of a sealed value: table, column, row, and the columns of the row that must not change without it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Table name.
    pub table: &'static str,
    /// Column name.
    pub column: &'static str,
    /// The tenant.
    pub organization: OrganizationId,
    /// Test or live.
    pub world: World,
    /// Number of the row.
    pub row: i64,
    /// Further columns of the row in plain form that the value vouches for.
    pub bound: &'a [&'a [u8]],
}

impl Place<'_> {
    /// The additional authenticated data: every part with its length, so that no two places give the same bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(160);
        put(&mut bytes, self.table.as_bytes());
        put(&mut bytes, self.column.as_bytes());
        put(&mut bytes, &self.organization.to_i64().to_be_bytes());
        put(&mut bytes, &self.world.to_i64().to_be_bytes());
        put(&mut bytes, &self.row.to_be_bytes());
        for part in self.bound {
            put(&mut bytes, part);
        }
        bytes
    }
}

/// Appends a part with its length.
pub(crate) fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(part);
}
