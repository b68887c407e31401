//! The exception list: what reconciliation could not explain, until a person resolves it.

use crate::StoreError;
use crate::scan::ID;
use crate::scope::{Page, Scope, all, one};
use crate::sealed::{self, SealedTable};
use crate::tx::{Row, Sql, Tx, Value};
use vocab::context::{Actor, World};
use vocab::id::{AccountId, ExceptionId, LineId, PaymentId, StatementId};
use vocab::time::Timestamp;

/// `exceptions`
pub static EXCEPTIONS: SealedTable = SealedTable {
    name: "exceptions",
    columns: 13,
    key: ID,
    id: |number| ExceptionId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO exceptions (id, organization, world, account, statement, line, payment, code, sentence, created_at, resolved_at,
           resolved_by, note, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (id) DO UPDATE SET resolved_at = excluded.resolved_at, resolved_by = excluded.resolved_by, note = excluded.note,
           seal = excluded.seal",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, account, statement, line, payment, code, sentence, created_at, resolved_at, resolved_by, note,
           seal FROM exceptions WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};

/// Something a person has to look at.
#[derive(Clone, Debug)]
pub struct Exception {
    /// The exception.
    pub id: ExceptionId,
    /// The account it concerns.
    pub account: Option<AccountId>,
    /// The statement it concerns.
    pub statement: Option<StatementId>,
    /// The line it concerns.
    pub line: Option<LineId>,
    /// The payment it concerns.
    pub payment: Option<PaymentId>,
    /// Stable code.
    pub code: String,
    /// A sentence.
    pub sentence: String,
    /// When it arose.
    pub created_at: Timestamp,
    /// How it was resolved.
    pub resolved: Option<Resolution>,
}

/// How an exception ended.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// Their words.
    pub note: String,
}

/// Adds an exception, or writes its resolution over it.
pub fn put(tx: &mut dyn Tx, scope: Scope<'_>, exception: &Exception) -> Result<(), StoreError> {
    let resolved = exception.resolved.as_ref();
    let by = resolved.map(|resolution| resolution.by.to_string());
    sealed::insert(
        tx,
        scope,
        &EXCEPTIONS,
        &[
            Value::Int(exception.id.to_i64()),
            scope.org(),
            scope.world(),
            Value::OptInt(exception.account.map(AccountId::to_i64)),
            Value::OptInt(exception.statement.map(StatementId::to_i64)),
            Value::OptInt(exception.line.map(LineId::to_i64)),
            Value::OptInt(exception.payment.map(PaymentId::to_i64)),
            Value::Text(&exception.code),
            Value::Text(&exception.sentence),
            Value::Int(exception.created_at.micros()),
            Value::OptInt(resolved.map(|resolution| resolution.at.micros())),
            Value::OptText(by.as_deref()),
            Value::OptText(resolved.map(|resolution| resolution.note.as_str())),
        ],
    )
}

/// One exception.
pub fn load(tx: &mut dyn Tx, scope: Scope<'_>, id: ExceptionId) -> Result<Option<Exception>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT id, account, statement, line, payment, code, sentence, created_at, resolved_at, resolved_by, note FROM exceptions
         WHERE id = $1 AND organization = $2 AND world = $3",
    );
    one(tx.query(&ONE, &[Value::Int(id.to_i64()), scope.org(), scope.world()])?)
        .as_ref()
        .map(read)
        .transpose()
}

/// A page of exceptions, newest first.
pub fn list(tx: &mut dyn Tx, scope: Scope<'_>, only_open: bool, page: Page) -> Result<Vec<Exception>, StoreError> {
    static OPEN: Sql = Sql::both(
        "SELECT id, account, statement, line, payment, code, sentence, created_at, resolved_at, resolved_by, note FROM exceptions
         WHERE organization = $1 AND world = $2 AND id < $3 AND resolved_at IS NULL ORDER BY id DESC LIMIT $4",
    );
    static EVERY: Sql = Sql::both(
        "SELECT id, account, statement, line, payment, code, sentence, created_at, resolved_at, resolved_by, note FROM exceptions
         WHERE organization = $1 AND world = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
    );
    let sql = if only_open { &OPEN } else { &EVERY };
    all(
        &tx.query(sql, &[scope.org(), scope.world(), page.before(), page.limit()])?,
        read,
    )
}

/// Whether an exception with this code about a payment is open already.
pub fn is_open(tx: &mut dyn Tx, scope: Scope<'_>, code: &str, payment: PaymentId) -> Result<bool, StoreError> {
    static IS_OPEN: Sql = Sql::both(
        "SELECT id FROM exceptions
         WHERE organization = $1 AND world = $2 AND resolved_at IS NULL AND code = $3 AND payment = $4 LIMIT 1",
    );
    let values = [
        scope.org(),
        scope.world(),
        Value::Text(code),
        Value::Int(payment.to_i64()),
    ];
    Ok(!tx.query(&IS_OPEN, &values)?.is_empty())
}

/// The open exceptions with this code about an account, oldest first.
pub fn open_of_account(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    account: AccountId,
    code: &str,
) -> Result<Vec<Exception>, StoreError> {
    static OF_ACCOUNT: Sql = Sql::both(
        "SELECT id, account, statement, line, payment, code, sentence, created_at, resolved_at, resolved_by, note FROM exceptions
         WHERE organization = $1 AND world = $2 AND resolved_at IS NULL AND account = $3 AND code = $4 ORDER BY id",
    );
    let values = [
        scope.org(),
        scope.world(),
        Value::Int(account.to_i64()),
        Value::Text(code),
    ];
    all(&tx.query(&OF_ACCOUNT, &values)?, read)
}

/// How many exceptions are open.
pub fn count_open(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<i64, StoreError> {
    static COUNT: Sql = Sql::both(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM exceptions WHERE organization = $1 AND world = $2 AND resolved_at IS NULL",
    );
    one(tx.query(&COUNT, &[scope.org(), scope.world()])?).map_or(Ok(0), |row| row.int(0))
}

/// How many exceptions of a world are open, and the number of the oldest.
pub fn backlog(tx: &mut dyn Tx, world: World) -> Result<(i64, Option<i64>), StoreError> {
    static BACKLOG: Sql = Sql::both(
        "SELECT CAST(COUNT(*) AS BIGINT), CAST(MIN(id) AS BIGINT) FROM exceptions WHERE world = $1 AND resolved_at IS NULL",
    );
    one(tx.query(&BACKLOG, &[Value::Int(world.to_i64())])?)
        .map_or(Ok((0, None)), |row| Ok((row.int(0)?, row.opt_int(1)?)))
}

fn read(row: &Row) -> Result<Exception, StoreError> {
    let resolved = match (row.opt_int(8)?, row.opt_text(9)?, row.opt_text(10)?) {
        (Some(at), Some(by), Some(note)) => Some(Resolution {
            at: Timestamp::from_micros(at),
            by: by
                .parse()
                .map_err(|_| StoreError::corrupt("who resolved an exception"))?,
            note: note.to_owned(),
        }),
        _ => None,
    };
    Ok(Exception {
        id: ExceptionId::from_i64(row.int(0)?),
        account: row.opt_int(1)?.map(AccountId::from_i64),
        statement: row.opt_int(2)?.map(StatementId::from_i64),
        line: row.opt_int(3)?.map(LineId::from_i64),
        payment: row.opt_int(4)?.map(PaymentId::from_i64),
        code: row.text(5)?.to_owned(),
        sentence: row.text(6)?.to_owned(),
        created_at: Timestamp::from_micros(row.int(7)?),
        resolved,
    })
}
