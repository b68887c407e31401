//! Statements, their lines, and what each line was explained by.

use crate::StoreError;
use crate::scan::{ID, PLACE};
use crate::scope::{Page, Scope, all, date_from_i64, date_to_i64, one};
use crate::sealed::{self, SealedTable};
use crate::tx::{Batch, Column, Row, Sql, Tx, Value};
use std::collections::BTreeSet;
use vocab::id::{AccountId, LineId, PaymentId, StatementId};
use vocab::money::{Currency, Money};
use vocab::time::{Date, Timestamp};

/// `statements`
pub static STATEMENTS: SealedTable = SealedTable {
    name: "statements",
    columns: 15,
    key: ID,
    id: |number| StatementId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO statements (id, organization, world, account, kind, identification, sequence, covers, currency, opening_minor,
           closing_minor, lines, new_lines, digest, imported_at, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, account, kind, identification, sequence, covers, currency, opening_minor, closing_minor,
           lines, new_lines, digest, imported_at, seal FROM statements WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};
/// `statement_lines`
pub static STATEMENT_LINES: SealedTable = SealedTable {
    name: "statement_lines",
    columns: 12,
    key: ID,
    id: |number| LineId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO statement_lines (id, organization, world, statement, account, identity, amount_minor, currency, booked_on, rule,
           explanation, sealed, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, explanation = excluded.explanation, seal = excluded.seal",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, statement, account, identity, amount_minor, currency, booked_on, rule, explanation, sealed,
           seal FROM statement_lines WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};
/// `matches`
pub static MATCHES: SealedTable = SealedTable {
    name: "matches",
    columns: 7,
    key: PLACE,
    id: |number| LineId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO matches (line, number, organization, world, payment, amount_minor, effect, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    ),
    scan: Sql::both(
        "SELECT line, number, organization, world, payment, amount_minor, effect, seal FROM matches
         WHERE (line, number) >= ($1, $2) ORDER BY line, number LIMIT $3",
    ),
};

/// A statement or notification.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The statement.
    pub id: StatementId,
    /// Whose.
    pub account: AccountId,
    /// `camt.053` or `camt.054`.
    pub kind: String,
    /// The bank's identification.
    pub identification: String,
    /// The bank's sequence number.
    pub sequence: Option<i64>,
    /// The day it covers.
    pub covers: Date,
    /// Its currency.
    pub currency: Currency,
    /// Balance before, minor units.
    pub opening_minor: Option<i64>,
    /// Balance after, minor units.
    pub closing_minor: Option<i64>,
    /// Booked lines in it.
    pub lines: i64,
    /// Of these, lines not seen in an earlier document.
    pub new_lines: i64,
    /// SHA-256 of its content.
    pub digest: Vec<u8>,
    /// When it was taken in.
    pub imported_at: Timestamp,
}

/// A line that moved an account.
#[derive(Clone, Debug)]
pub struct Line {
    /// The line.
    pub id: LineId,
    /// The document that brought it first.
    pub statement: StatementId,
    /// The account it moved.
    pub account: AccountId,
    /// What makes it the same line in another document.
    pub identity: String,
    /// Signed.
    pub amount: Money,
    /// Booking date.
    pub booked_on: Date,
    /// Rule that explained it, or `exception`.
    pub rule: String,
    /// A sentence.
    pub explanation: String,
    /// References and remittance, sealed for `statement_lines.sealed`.
    pub sealed: Vec<u8>,
}

/// A payment that a line explains.
#[derive(Clone, Debug)]
pub struct Match {
    /// The line.
    pub line: LineId,
    /// Position within the line.
    pub number: i64,
    /// The payment.
    pub payment: PaymentId,
    /// How much of it, minor units, positive.
    pub amount_minor: i64,
    /// `booked` or `returned`.
    pub effect: String,
}

/// Adds a statement.
pub fn add(tx: &mut dyn Tx, scope: Scope<'_>, statement: &Statement) -> Result<(), StoreError> {
    sealed::insert(
        tx,
        scope,
        &STATEMENTS,
        &[
            Value::Int(statement.id.to_i64()),
            scope.org(),
            scope.world(),
            Value::Int(statement.account.to_i64()),
            Value::Text(&statement.kind),
            Value::Text(&statement.identification),
            Value::OptInt(statement.sequence),
            Value::Int(date_to_i64(statement.covers)),
            Value::Text(statement.currency.code()),
            Value::OptInt(statement.opening_minor),
            Value::OptInt(statement.closing_minor),
            Value::Int(statement.lines),
            Value::Int(statement.new_lines),
            Value::Blob(&statement.digest),
            Value::Int(statement.imported_at.micros()),
        ],
    )
}

/// Adds a line, or writes a later explanation over the one it had.
pub fn put_line(tx: &mut dyn Tx, scope: Scope<'_>, line: &Line) -> Result<(), StoreError> {
    sealed::insert(
        tx,
        scope,
        &STATEMENT_LINES,
        &[
            Value::Int(line.id.to_i64()),
            scope.org(),
            scope.world(),
            Value::Int(line.statement.to_i64()),
            Value::Int(line.account.to_i64()),
            Value::Text(&line.identity),
            Value::Int(line.amount.minor()),
            Value::Text(line.amount.currency().code()),
            Value::Int(date_to_i64(line.booked_on)),
            Value::Text(&line.rule),
            Value::Text(&line.explanation),
            Value::Blob(&line.sealed),
        ],
    )
}

/// Adds a match.
pub fn add_match(tx: &mut dyn Tx, scope: Scope<'_>, matched: &Match) -> Result<(), StoreError> {
    sealed::insert(
        tx,
        scope,
        &MATCHES,
        &[
            Value::Int(matched.line.to_i64()),
            Value::Int(matched.number),
            scope.org(),
            scope.world(),
            Value::Int(matched.payment.to_i64()),
            Value::Int(matched.amount_minor),
            Value::Text(&matched.effect),
        ],
    )
}

/// Which of these identities earlier documents brought already.
pub fn known_identities(
    tx: &mut dyn Tx,
    account: AccountId,
    identities: &[&str],
) -> Result<BTreeSet<String>, StoreError> {
    static KNOWN: Batch = Batch {
        each: "SELECT identity FROM statement_lines WHERE account = $1 AND identity = $2",
        arrays: "SELECT identity FROM statement_lines WHERE account = $1 AND identity = ANY($2::TEXT[])",
    };
    let account = Column::Same(Value::Int(account.to_i64()));
    let rows = tx.query_many(&KNOWN, &[account, Column::Text(identities)])?;
    rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

/// The sum of an account's lines that were booked after a day, in minor units.
pub fn sum_after(tx: &mut dyn Tx, scope: Scope<'_>, account: AccountId, day: Date) -> Result<i64, StoreError> {
    static SUM: Sql = Sql::both(
        "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM statement_lines
         WHERE account = $1 AND booked_on > $2 AND organization = $3 AND world = $4",
    );
    let values = [
        Value::Int(account.to_i64()),
        Value::Int(date_to_i64(day)),
        scope.org(),
        scope.world(),
    ];
    one(tx.query(&SUM, &values)?).map_or(Ok(0), |row| row.int(0))
}

/// Statements of an account with the same kind and identification.
pub fn by_identification(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    account: AccountId,
    kind: &str,
    identification: &str,
) -> Result<Vec<Statement>, StoreError> {
    static SAME: Sql = Sql::both(
        "SELECT id, account, kind, identification, sequence, covers, currency, opening_minor, closing_minor, lines, new_lines, digest,
           imported_at FROM statements
         WHERE account = $1 AND kind = $2 AND identification = $3 AND organization = $4 AND world = $5 ORDER BY id",
    );
    let values = [
        Value::Int(account.to_i64()),
        Value::Text(kind),
        Value::Text(identification),
        scope.org(),
        scope.world(),
    ];
    all(&tx.query(&SAME, &values)?, read)
}

/// The end-of-day statements of an account nearest to a day: up to `each` that cover it or days before, and up to `each` that cover
/// days after it.
pub fn around(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    account: AccountId,
    day: Date,
    each: usize,
) -> Result<Vec<Statement>, StoreError> {
    static UNTIL: Sql = Sql::both(
        "SELECT id, account, kind, identification, sequence, covers, currency, opening_minor, closing_minor, lines, new_lines, digest,
           imported_at FROM statements
         WHERE account = $1 AND kind = 'camt.053' AND organization = $2 AND world = $3 AND covers <= $4
         ORDER BY covers DESC, id DESC LIMIT $5",
    );
    static AFTER: Sql = Sql::both(
        "SELECT id, account, kind, identification, sequence, covers, currency, opening_minor, closing_minor, lines, new_lines, digest,
           imported_at FROM statements
         WHERE account = $1 AND kind = 'camt.053' AND organization = $2 AND world = $3 AND covers > $4
         ORDER BY covers, id LIMIT $5",
    );
    let values = [
        Value::Int(account.to_i64()),
        scope.org(),
        scope.world(),
        Value::Int(date_to_i64(day)),
        Value::Int(i64::try_from(each).unwrap_or(i64::MAX)),
    ];
    let mut statements = all(&tx.query(&UNTIL, &values)?, read)?;
    statements.extend(all(&tx.query(&AFTER, &values)?, read)?);
    Ok(statements)
}

/// The end-of-day statement with a closing balance that came first for an account.
pub fn first(tx: &mut dyn Tx, scope: Scope<'_>, account: AccountId) -> Result<Option<Statement>, StoreError> {
    static FIRST: Sql = Sql::both(
        "SELECT id, account, kind, identification, sequence, covers, currency, opening_minor, closing_minor, lines, new_lines, digest,
           imported_at FROM statements
         WHERE account = $1 AND kind = 'camt.053' AND closing_minor IS NOT NULL AND organization = $2 AND world = $3
         ORDER BY id LIMIT 1",
    );
    let values = [Value::Int(account.to_i64()), scope.org(), scope.world()];
    one(tx.query(&FIRST, &values)?).as_ref().map(read).transpose()
}

/// One statement.
pub fn load(tx: &mut dyn Tx, scope: Scope<'_>, id: StatementId) -> Result<Option<Statement>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT id, account, kind, identification, sequence, covers, currency, opening_minor, closing_minor, lines, new_lines, digest,
           imported_at FROM statements WHERE id = $1 AND organization = $2 AND world = $3",
    );
    one(tx.query(&ONE, &[Value::Int(id.to_i64()), scope.org(), scope.world()])?)
        .as_ref()
        .map(read)
        .transpose()
}

/// A page of statements, newest first, of one account or of all.
pub fn list(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    account: Option<AccountId>,
    page: Page,
) -> Result<Vec<Statement>, StoreError> {
    static LIST: Sql = Sql::both(
        "SELECT id, account, kind, identification, sequence, covers, currency, opening_minor, closing_minor, lines, new_lines, digest,
           imported_at FROM statements
         WHERE organization = $1 AND world = $2 AND id < $3 AND (CAST($4 AS BIGINT) IS NULL OR account = $4)
         ORDER BY id DESC LIMIT $5",
    );
    let account = Value::OptInt(account.map(AccountId::to_i64));
    all(
        &tx.query(
            &LIST,
            &[scope.org(), scope.world(), page.before(), account, page.limit()],
        )?,
        read,
    )
}

/// The lines that a statement brought first.
pub fn lines(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    statement: StatementId,
    after: Option<LineId>,
    limit: usize,
) -> Result<Vec<Line>, StoreError> {
    static LINES: Sql = Sql::both(
        "SELECT id, statement, account, identity, amount_minor, currency, booked_on, rule, explanation, sealed FROM statement_lines
         WHERE statement = $1 AND organization = $2 AND world = $3 AND id > $4 ORDER BY id LIMIT $5",
    );
    let values = [
        Value::Int(statement.to_i64()),
        scope.org(),
        scope.world(),
        Value::Int(after.map_or(0, LineId::to_i64)),
        Value::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
    ];
    all(&tx.query(&LINES, &values)?, read_line)
}

/// One line.
pub fn line(tx: &mut dyn Tx, scope: Scope<'_>, id: LineId) -> Result<Option<Line>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT id, statement, account, identity, amount_minor, currency, booked_on, rule, explanation, sealed FROM statement_lines
         WHERE id = $1 AND organization = $2 AND world = $3",
    );
    one(tx.query(&ONE, &[Value::Int(id.to_i64()), scope.org(), scope.world()])?)
        .as_ref()
        .map(read_line)
        .transpose()
}

/// The matches of a line.
pub fn matches_of_line(tx: &mut dyn Tx, scope: Scope<'_>, line: LineId) -> Result<Vec<Match>, StoreError> {
    static OF_LINE: Sql = Sql::both(
        "SELECT line, number, payment, amount_minor, effect FROM matches WHERE line = $1 AND organization = $2 AND world = $3
         ORDER BY number",
    );
    all(
        &tx.query(&OF_LINE, &[Value::Int(line.to_i64()), scope.org(), scope.world()])?,
        read_match,
    )
}

/// The matches of several lines.
pub fn matches_of_lines(tx: &mut dyn Tx, scope: Scope<'_>, lines: &[LineId]) -> Result<Vec<Match>, StoreError> {
    static OF_LINES: Batch = Batch {
        each: "SELECT line, number, payment, amount_minor, effect FROM matches WHERE line = $1 AND organization = $2 AND world = $3
               ORDER BY line, number",
        arrays: "SELECT m.line, m.number, m.payment, m.amount_minor, m.effect FROM matches m
               JOIN UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[]) AS w (line, organization, world)
               ON m.line = w.line AND m.organization = w.organization AND m.world = w.world ORDER BY m.line, m.number",
    };
    let same = |value: i64| vec![value; lines.len()];
    let columns = [
        Column::Int(&lines.iter().map(|line| line.to_i64()).collect::<Vec<_>>()),
        Column::Int(&same(scope.organization.to_i64())),
        Column::Int(&same(scope.world.to_i64())),
    ];
    all(&tx.query_many(&OF_LINES, &columns)?, read_match)
}

/// How many payments a line explains.
pub fn count_matches(tx: &mut dyn Tx, scope: Scope<'_>, line: LineId) -> Result<i64, StoreError> {
    static COUNT: Sql =
        Sql::both("SELECT CAST(COUNT(*) AS BIGINT) FROM matches WHERE line = $1 AND organization = $2 AND world = $3");
    one(tx.query(&COUNT, &[Value::Int(line.to_i64()), scope.org(), scope.world()])?).map_or(Ok(0), |row| row.int(0))
}

/// The matches of a payment, oldest line first.
pub fn matches_of_payment(tx: &mut dyn Tx, scope: Scope<'_>, payment: PaymentId) -> Result<Vec<Match>, StoreError> {
    static OF_PAYMENT: Sql = Sql::both(
        "SELECT line, number, payment, amount_minor, effect FROM matches WHERE payment = $1 AND organization = $2 AND world = $3
         ORDER BY line, number",
    );
    all(
        &tx.query(&OF_PAYMENT, &[Value::Int(payment.to_i64()), scope.org(), scope.world()])?,
        read_match,
    )
}

/// How many lines there are, and how many of them a rule explained.
pub fn count_lines(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<(i64, i64), StoreError> {
    static COUNT: Sql = Sql::both(
        "SELECT CAST(COUNT(*) AS BIGINT), CAST(COUNT(CASE WHEN rule = 'exception' THEN NULL ELSE 1 END) AS BIGINT)
         FROM statement_lines WHERE organization = $1 AND world = $2",
    );
    one(tx.query(&COUNT, &[scope.org(), scope.world()])?).map_or(Ok((0, 0)), |row| Ok((row.int(0)?, row.int(1)?)))
}

fn read(row: &Row) -> Result<Statement, StoreError> {
    Ok(Statement {
        id: StatementId::from_i64(row.int(0)?),
        account: AccountId::from_i64(row.int(1)?),
        kind: row.text(2)?.to_owned(),
        identification: row.text(3)?.to_owned(),
        sequence: row.opt_int(4)?,
        covers: date_from_i64(row.int(5)?)?,
        currency: Currency::from_code(row.text(6)?).ok_or(StoreError::corrupt("the currency of a statement"))?,
        opening_minor: row.opt_int(7)?,
        closing_minor: row.opt_int(8)?,
        lines: row.int(9)?,
        new_lines: row.int(10)?,
        digest: row.blob(11)?.to_vec(),
        imported_at: Timestamp::from_micros(row.int(12)?),
    })
}

fn read_line(row: &Row) -> Result<Line, StoreError> {
    let currency = Currency::from_code(row.text(5)?).ok_or(StoreError::corrupt("the currency of a line"))?;
    Ok(Line {
        id: LineId::from_i64(row.int(0)?),
        statement: StatementId::from_i64(row.int(1)?),
        account: AccountId::from_i64(row.int(2)?),
        identity: row.text(3)?.to_owned(),
        amount: Money::new(row.int(4)?, currency),
        booked_on: date_from_i64(row.int(6)?)?,
        rule: row.text(7)?.to_owned(),
        explanation: row.text(8)?.to_owned(),
        sealed: row.blob(9)?.to_vec(),
    })
}

fn read_match(row: &Row) -> Result<Match, StoreError> {
    Ok(Match {
        line: LineId::from_i64(row.int(0)?),
        number: row.int(1)?,
        payment: PaymentId::from_i64(row.int(2)?),
        amount_minor: row.int(3)?,
        effect: row.text(4)?.to_owned(),
    })
}
