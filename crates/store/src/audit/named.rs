//! Rows that events name: whether they are there, and how many stand under another.

use super::lost_max;
use crate::StoreError;
use crate::tx::{Batch, Column, Row, Sql, Tx};
use std::collections::{BTreeMap, BTreeSet};
use vocab::id::LineId;

/// Numbers in the key of a named row at most; shorter keys are filled up with zeros.
pub const KEY: usize = 3;

/// A table whose rows events name.
#[derive(Debug)]
pub struct Named {
    /// Table name.
    pub table: &'static str,
    width: usize,
    find: Batch,
}

macro_rules! by_id {
    ($($name:ident = $table:literal;)*) => {$(
        #[doc = concat!("`", $table, "`")]
        pub static $name: Named = Named {
            table: $table,
            width: 1,
            find: Batch {
                each: concat!("SELECT id FROM ", $table, " WHERE id = $1"),
                arrays: concat!("SELECT id FROM ", $table, " WHERE id = ANY($1::BIGINT[])"),
            },
        };
    )*};
}

by_id! {
    ORGANIZATIONS = "organizations";
    MEMBERS = "members";
    CLIENTS = "clients";
    SIGNING_KEYS = "signing_keys";
    ACCOUNTS = "accounts";
    BATCHES = "batches";
    PAYMENTS = "payments";
    APPROVALS = "approvals";
    ORDERS = "orders";
    DOCUMENTS = "documents";
    STATEMENTS = "statements";
    EXCEPTIONS = "exceptions";
    ENTRIES = "entries";
    MEMBER_STATES = "member_states";
    ROLE_CHANGES = "role_changes";
    STEP_UPS = "step_ups";
    BACKUPS = "backups";
}

/// `approval_policies`, by organization, world and version.
pub static APPROVAL_POLICIES: Named = Named {
    table: "approval_policies",
    width: 3,
    find: Batch {
        each: "SELECT organization, world, version FROM approval_policies WHERE organization = $1 AND world = $2 AND version = $3",
        arrays: "SELECT t.organization, t.world, t.version FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[]) AS k (a, b, c)
               JOIN approval_policies t ON t.organization = k.a AND t.world = k.b AND t.version = k.c",
    },
};
/// `earlier_contents`, by payment and version.
pub static EARLIER_CONTENTS: Named = Named {
    table: "earlier_contents",
    width: 2,
    find: Batch {
        each: "SELECT payment, version FROM earlier_contents WHERE payment = $1 AND version = $2",
        arrays: "SELECT t.payment, t.version FROM UNNEST($1::BIGINT[], $2::BIGINT[]) AS k (a, b)
               JOIN earlier_contents t ON t.payment = k.a AND t.version = k.b",
    },
};
/// `attempts`, by order and number.
pub static ATTEMPTS: Named = Named {
    table: "attempts",
    width: 2,
    find: Batch {
        each: "SELECT order_id, number FROM attempts WHERE order_id = $1 AND number = $2",
        arrays: "SELECT t.order_id, t.number FROM UNNEST($1::BIGINT[], $2::BIGINT[]) AS k (a, b)
               JOIN attempts t ON t.order_id = k.a AND t.number = k.b",
    },
};
/// `matches`, by line and payment.
pub static MATCHES: Named = Named {
    table: "matches",
    width: 2,
    find: Batch {
        each: "SELECT line, payment FROM matches WHERE line = $1 AND payment = $2",
        arrays: "SELECT t.line, t.payment FROM UNNEST($1::BIGINT[], $2::BIGINT[]) AS k (a, b)
               JOIN matches t ON t.line = k.a AND t.payment = k.b",
    },
};
/// `exceptions` that are resolved.
pub static RESOLVED_EXCEPTIONS: Named = Named {
    table: "exceptions",
    width: 1,
    find: Batch {
        each: "SELECT id FROM exceptions WHERE id = $1 AND resolved_at IS NOT NULL",
        arrays: "SELECT id FROM exceptions WHERE id = ANY($1::BIGINT[]) AND resolved_at IS NOT NULL",
    },
};

/// Which of these rows are there.
pub fn present(
    tx: &mut dyn Tx,
    named: &'static Named,
    keys: &[[i64; KEY]],
) -> Result<BTreeSet<[i64; KEY]>, StoreError> {
    let columns: Vec<Vec<i64>> = (0..named.width)
        .map(|place| keys.iter().filter_map(|key| key.get(place).copied()).collect())
        .collect();
    let columns: Vec<Column<'_>> = columns.iter().map(|column| Column::Int(column)).collect();
    let rows = tx.query_many(&named.find, &columns)?;
    let key = |row: &Row| {
        let mut key = [0; KEY];
        for (column, number) in key.iter_mut().enumerate().take(named.width) {
            *number = row.int(column).ok()?;
        }
        Some(key)
    };
    Ok(rows.iter().filter_map(key).collect())
}

/// Rows that stand under another row.
#[derive(Debug)]
pub struct Under {
    /// Table name.
    pub table: &'static str,
    count: Batch,
}

/// Findings of a batch.
pub static FINDINGS: Under = Under {
    table: "findings",
    count: Batch {
        each: "SELECT batch, CAST(COUNT(*) AS BIGINT) FROM findings WHERE batch = $1 GROUP BY batch",
        arrays: "SELECT batch, CAST(COUNT(*) AS BIGINT) FROM findings WHERE batch = ANY($1::BIGINT[]) GROUP BY batch",
    },
};
/// Payments of a batch, accepted or not.
pub static BATCH_PAYMENTS: Under = Under {
    table: "batch_payments",
    count: Batch {
        each: "SELECT batch, CAST(COUNT(*) AS BIGINT) FROM batch_payments WHERE batch = $1 GROUP BY batch",
        arrays: "SELECT batch, CAST(COUNT(*) AS BIGINT) FROM batch_payments WHERE batch = ANY($1::BIGINT[]) GROUP BY batch",
    },
};
/// Payments of an order.
pub static ORDER_PAYMENTS: Under = Under {
    table: "order_payments",
    count: Batch {
        each: "SELECT order_id, CAST(COUNT(*) AS BIGINT) FROM order_payments WHERE order_id = $1 GROUP BY order_id",
        arrays: "SELECT order_id, CAST(COUNT(*) AS BIGINT) FROM order_payments WHERE order_id = ANY($1::BIGINT[]) GROUP BY order_id",
    },
};
/// Lines that a statement brought first.
pub static STATEMENT_LINES: Under = Under {
    table: "statement_lines",
    count: Batch {
        each: "SELECT statement, CAST(COUNT(*) AS BIGINT) FROM statement_lines WHERE statement = $1 GROUP BY statement",
        arrays: "SELECT statement, CAST(COUNT(*) AS BIGINT) FROM statement_lines WHERE statement = ANY($1::BIGINT[])
               GROUP BY statement",
    },
};

/// How many rows stand under each of these; what has none is left out.
pub fn under(tx: &mut dyn Tx, under: &'static Under, parents: &[i64]) -> Result<BTreeMap<i64, i64>, StoreError> {
    let rows = tx.query_many(&under.count, &[Column::Int(parents)])?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

/// Lines that say they are explained by payments and have no match, or the other way round (charges are no payment's): an older version of the row was put back.
pub fn contradicting_lines(tx: &mut dyn Tx) -> Result<Vec<LineId>, StoreError> {
    static LINES: Sql = Sql::both(
        "SELECT l.id FROM statement_lines l LEFT JOIN matches m ON m.line = l.id AND m.number = 0
         WHERE (l.rule IN ('exception', 'fee') AND m.line IS NOT NULL) OR (l.rule NOT IN ('exception', 'fee') AND m.line IS NULL)
         ORDER BY l.id LIMIT $1",
    );
    let rows = tx.query(&LINES, &[lost_max()])?;
    rows.iter().map(|row| row.int(0).map(LineId::from_i64)).collect()
}
