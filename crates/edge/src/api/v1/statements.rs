//! Statements and notifications of the banks, and what explains each of their lines.

use super::money::Money;
use crate::api::findings::Findings;
use crate::api::id::Id;
use crate::api::page::{Listed, limit, window};
use crate::api::query;
use crate::api::reply::Reply;
use crate::authenticate::{Signed, Uploaded};
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use flow::reconcile::{Imported, Outcome};
use flow::refusal::Code;
use flow::view::StatementDetail;
use flow::view::{Line, Match};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vocab::id::StatementId;

/// A statement (camt.053) or a notification (camt.054).
#[derive(Serialize, ToSchema)]
pub(crate) struct Statement {
    /// `stmt_…`
    id: String,
    /// The account, `acct_…`.
    account: String,
    /// `camt.053` or `camt.054`.
    kind: String,
    /// The bank's identification.
    identification: String,
    /// The bank's sequence number.
    sequence: Option<i64>,
    /// The day that it covers.
    covers: String,
    /// Balance before the first line.
    opening: Option<Money>,
    /// Balance after the last line.
    closing: Option<Money>,
    /// Booked lines in it.
    lines: i64,
    /// Of these, lines that no earlier document had brought.
    new_lines: i64,
    /// When it was taken in, RFC 3339.
    imported_at: String,
}

/// A line of a statement.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatementLine {
    /// `line_…`
    id: String,
    /// The document that brought it first, `stmt_…`.
    statement: String,
    /// The account, `acct_…`.
    account: String,
    /// Signed: credits are positive.
    amount: Money,
    /// Booking date.
    booked_on: String,
    /// The rule that explained it, or `exception`.
    rule: String,
    /// A sentence about it.
    explanation: String,
}

/// A payment that explains a line, wholly or in part.
#[derive(Serialize, ToSchema)]
pub(crate) struct Explanation {
    /// `pay_…`
    payment: String,
    /// `booked` or `returned`.
    effect: String,
    /// How much of the payment.
    amount: Money,
}

/// A line with what explains it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExplainedLine {
    /// The line.
    line: StatementLine,
    /// The payments that explain it.
    payments: Vec<Explanation>,
}

/// A statement with the lines that it brought first.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatementRead {
    /// The statement.
    statement: Statement,
    /// Its lines in the order in which they came, a page of them.
    lines: Listed<ExplainedLine>,
}

impl Statement {
    fn of(row: &flow::view::Statement) -> Self {
        let money = |minor: Option<i64>| minor.map(|minor| Money::of(minor, row.currency));
        Self {
            id: row.id.to_string(),
            account: row.account.to_string(),
            kind: row.kind.clone(),
            identification: row.identification.clone(),
            sequence: row.sequence,
            covers: row.covers.to_string(),
            opening: money(row.opening_minor),
            closing: money(row.closing_minor),
            lines: row.lines,
            new_lines: row.new_lines,
            imported_at: row.imported_at.to_string(),
        }
    }
}

impl StatementLine {
    pub(crate) fn of(line: &Line) -> Self {
        Self {
            id: line.id.to_string(),
            statement: line.statement.to_string(),
            account: line.account.to_string(),
            amount: line.amount.into(),
            booked_on: line.booked_on.to_string(),
            rule: line.rule.clone(),
            explanation: line.explanation.clone(),
        }
    }
}

impl StatementRead {
    fn of(detail: StatementDetail, limit: usize) -> Self {
        let currency = detail.statement.currency;
        let explanation = |matched: &Match| Explanation {
            payment: matched.payment.to_string(),
            effect: matched.effect.clone(),
            amount: Money::of(matched.amount_minor, currency),
        };
        let line = |(line, matches): &(Line, Vec<Match>)| ExplainedLine {
            line: StatementLine::of(line),
            payments: matches.iter().map(explanation).collect(),
        };
        Self {
            statement: Statement::of(&detail.statement),
            lines: Listed::cut(detail.lines, limit, |(line, _)| line.id.to_string(), line),
        }
    }
}

/// Which statements to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only statements of this account, `acct_…`.
    account: Option<String>,
    /// Rows on the page, 1 to 500; 50 unless you say so.
    limit: Option<String>,
    /// Cursor: `next` of the page before.
    after: Option<String>,
}

/// List statements, newest first
#[utoipa::path(get, path = "/v1/statements", tag = "statements", operation_id = "list_statements", params(Wanted),
    responses((status = 200, description = "A page of statements.", body = Listed<Statement>)))]
pub(crate) async fn list(State(edge): State<EdgeState>, request: Signed) -> Result<Reply<Listed<Statement>>, Problem> {
    let wanted: Wanted = query::read(&request.uri)?;
    let mut found = Findings::default();
    let account = found.parameter("account", wanted.account.as_deref(), str::parse);
    let window = window(
        &mut found,
        wanted.limit.as_deref(),
        wanted.after.as_deref(),
        StatementId::to_i64,
    );
    found.finish(Code::Malformed, "")?;
    let rows = flow::view::statements(edge.platform(), request.ctx, account, window.page).await?;
    Ok(Reply::page(
        &request.uri,
        Listed::cut(rows, window.limit, |row| row.id.to_string(), Statement::of),
    ))
}

/// Which lines of a statement to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WantedLines {
    /// Lines on the page, 1 to 500; 50 unless you say so.
    limit: Option<String>,
    /// Cursor: `next` of the page before.
    after: Option<String>,
}

/// Read a statement
#[utoipa::path(get, path = "/v1/statements/{id}", tag = "statements", operation_id = "read_statement",
    params(("id" = String, Path, description = "`stmt_…`"), WantedLines),
    responses((status = 200, description = "The statement with the lines that it brought first.", body = StatementRead)))]
pub(crate) async fn read(
    State(edge): State<EdgeState>,
    id: Id<StatementId>,
    request: Signed,
) -> Result<Reply<StatementRead>, Problem> {
    let wanted: WantedLines = query::read(&request.uri)?;
    let mut found = Findings::default();
    let limit = limit(&mut found, wanted.limit.as_deref());
    let after = found.parameter("after", wanted.after.as_deref(), str::parse);
    found.finish(Code::Malformed, "")?;
    let detail = flow::view::statement(edge.platform(), request.ctx, id.get()?, after, limit + 1).await?;
    Ok(Reply::ok(StatementRead::of(detail, limit)))
}

/// What became of the statements in a document.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportRead {
    /// One for each statement in the document, in its order.
    data: Vec<ImportedStatement>,
}

/// What became of one statement.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportedStatement {
    /// The bank's identification.
    identification: String,
    /// The account it is about, `acct_…`, if it is one of yours.
    account: Option<String>,
    /// `new`; `known`, when it was in the books before and changed nothing; or `refused`, when the exception list says why.
    outcome: &'static str,
    /// `stmt_…` of a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<String>,
    /// Booked lines in a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<usize>,
    /// Of these, lines that no earlier document had brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_lines: Option<usize>,
    /// Of the new lines, those that a person has to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    unexplained: Option<usize>,
}

impl ImportedStatement {
    fn of(imported: &Imported) -> Self {
        let mut read = Self {
            identification: imported.identification.clone(),
            account: imported.account.map(|id| id.to_string()),
            outcome: "refused",
            statement: None,
            lines: None,
            new_lines: None,
            unexplained: None,
        };
        match &imported.outcome {
            Outcome::New {
                statement,
                lines,
                new_lines,
                unexplained,
            } => {
                read.outcome = "new";
                read.statement = Some(statement.to_string());
                read.lines = Some(*lines);
                read.new_lines = Some(*new_lines);
                read.unexplained = Some(*unexplained);
            }
            Outcome::Known => read.outcome = "known",
            Outcome::Refused => {}
        }
        read
    }
}

/// Take a statement or notification in
///
/// The body is the document: camt.053 or camt.054, .02 or .08. A document that was taken in before, under another key, changes
/// nothing and is answered with `known`.
#[utoipa::path(post, path = "/v1/statements", tag = "statements", operation_id = "import_statement",
    request_body(description = "The document.", content((String = "application/xml"))),
    responses((status = 200, description = "What became of its statements.", body = ImportRead)))]
pub(crate) async fn import(State(edge): State<EdgeState>, file: Uploaded) -> Result<Reply<ImportRead>, Problem> {
    let request = &file.signed;
    query::none(&request.uri)?;
    if !matches!(request.content_type(), Some("application/xml" | "text/xml")) {
        return Err(Problem::new(
            Code::ContentType,
            "a statement is `application/xml`; say so in `content-type`",
        ));
    }
    let idempotency = request.idempotency(&edge, "import")?;
    let bytes = request.body.to_vec();
    let taken = flow::reconcile::import(edge.platform(), request.ctx, bytes, idempotency).await?;
    let data = taken.statements.iter().map(ImportedStatement::of).collect();
    Ok(Reply::ok(ImportRead { data }).replayed(taken.replayed))
}
