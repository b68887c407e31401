//! The greatest id that any row has: where a server that starts goes on, whatever its clock says.

use crate::StoreError;
use crate::tx::{Sql, Tx};

/// The greatest id of all tables whose ids are drawn; 0 in an empty database. Each table is asked for the end of its primary key.
pub fn greatest(tx: &mut dyn Tx) -> Result<i64, StoreError> {
    let rows = tx.query(&GREATEST, &[])?;
    rows.iter().try_fold(0, |greatest, row| Ok(row.int(0)?.max(greatest)))
}

static GREATEST: Sql = Sql::both(
    "SELECT COALESCE(MAX(id), 0) FROM organizations
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM members
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM clients
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM signing_keys
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM accounts
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM batches
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM payments
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM approvals
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM orders
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM documents
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM statements
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM statement_lines
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM exceptions
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM ledger_accounts
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM entries
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM events
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM jobs
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM member_states
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM role_changes
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM sessions
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM step_ups
     UNION ALL SELECT COALESCE(MAX(id), 0) FROM backups",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Store, StoreConfig};

    /// Tables of one row, whose id is not drawn.
    const NOT_DRAWN: [&str; 3] = ["test_clock", "log_head", "backup_turn"];

    #[test]
    fn no_table_with_drawn_ids_is_forgotten() {
        for migration in crate::MIGRATIONS {
            for table in migration.text.split("CREATE TABLE ").skip(1) {
                let (name, columns) = table.split_once('(').unwrap();
                let drawn =
                    columns.trim_start().starts_with("id BIGINT PRIMARY KEY") && !NOT_DRAWN.contains(&name.trim());
                let asked = GREATEST.sqlite.contains(&format!("FROM {}", name.trim()));
                assert!(
                    !drawn || asked,
                    "{} has ids and is not asked for its greatest",
                    name.trim()
                );
            }
        }
    }

    #[test]
    fn every_table_is_asked_for_the_end_of_its_key_only() {
        let store = Store::open(StoreConfig::new("sqlite::memory:", crate::MIGRATIONS)).unwrap();
        assert_eq!(store.read_blocking("test", greatest), Ok(0));
        let explained: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {}", GREATEST.sqlite).into_boxed_str());
        let explain: &'static Sql = Box::leak(Box::new(Sql::both(explained)));
        let plan = store.read_blocking("test", move |tx| {
            let rows = tx.query(explain, &[])?;
            rows.iter()
                .map(|row| row.text(3).map(str::to_owned))
                .collect::<Result<Vec<_>, StoreError>>()
        });
        let scans: Vec<String> = plan
            .unwrap()
            .into_iter()
            .filter(|step| step.starts_with("SCAN"))
            .collect();
        assert_eq!(scans, Vec::<String>::new());
    }
}
