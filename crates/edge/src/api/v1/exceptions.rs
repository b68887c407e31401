//! The exception list: what nothing explains and a person has to look at.

use crate::api::findings::Findings;
use crate::api::id::Id;
use crate::api::page::{Listed, window};
use crate::api::reply::Reply;
use crate::api::{body, query};
use crate::authenticate::Signed;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use flow::refusal::Code;
use flow::resolve::{Action, Resolve};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vocab::id::ExceptionId;

/// Something a person has to look at.
#[derive(Serialize, ToSchema)]
pub(crate) struct Exception {
    /// `exc_…`
    id: String,
    /// Stable code.
    code: String,
    /// What is wrong and what to do.
    sentence: String,
    /// The account it concerns, `acct_…`.
    account: Option<String>,
    /// The statement it concerns, `stmt_…`.
    statement: Option<String>,
    /// The line it concerns, `line_…`.
    line: Option<String>,
    /// The payment it concerns, `pay_…`.
    payment: Option<String>,
    /// When it arose, RFC 3339.
    created_at: String,
    /// How it ended. Null while it is open.
    resolved: Option<Resolution>,
}

/// How an exception ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct Resolution {
    /// When, RFC 3339.
    at: String,
    /// By whom: `usr_…`, `app_…` or `system`.
    by: String,
    /// Their words.
    note: String,
}

impl Exception {
    fn of(row: &flow::view::Exception) -> Self {
        Self {
            id: row.id.to_string(),
            code: row.code.clone(),
            sentence: row.sentence.clone(),
            account: row.account.map(|id| id.to_string()),
            statement: row.statement.map(|id| id.to_string()),
            line: row.line.map(|id| id.to_string()),
            payment: row.payment.map(|id| id.to_string()),
            created_at: row.created_at.to_string(),
            resolved: row.resolved.as_ref().map(|resolution| Resolution {
                at: resolution.at.to_string(),
                by: resolution.by.to_string(),
                note: resolution.note.clone(),
            }),
        }
    }
}

/// Which exceptions to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// `open` (the default) or `all`.
    status: Option<String>,
    /// Rows on the page, 1 to 500; 50 unless you say so.
    limit: Option<String>,
    /// Cursor: `next` of the page before.
    after: Option<String>,
}

/// List exceptions, newest first
#[utoipa::path(get, path = "/v1/exceptions", tag = "exceptions", operation_id = "list_exceptions", params(Wanted),
    responses((status = 200, description = "A page of exceptions.", body = Listed<Exception>)))]
pub(crate) async fn list(State(edge): State<EdgeState>, request: Signed) -> Result<Reply<Listed<Exception>>, Problem> {
    let wanted: Wanted = query::read(&request.uri)?;
    let mut found = Findings::default();
    let only_open = found.parameter("status", wanted.status.as_deref(), |text| match text {
        "open" => Ok(true),
        "all" => Ok(false),
        _ => Err("`open` or `all` is expected"),
    });
    let window = window(
        &mut found,
        wanted.limit.as_deref(),
        wanted.after.as_deref(),
        ExceptionId::to_i64,
    );
    found.finish(Code::Malformed, "")?;
    let only_open = only_open.unwrap_or(true);
    let rows = flow::view::exceptions(edge.platform(), request.ctx, only_open, window.page).await?;
    Ok(Reply::page(
        &request.uri,
        Listed::cut(rows, window.limit, |row| row.id.to_string(), Exception::of),
    ))
}

/// Read an exception
#[utoipa::path(get, path = "/v1/exceptions/{id}", tag = "exceptions", operation_id = "read_exception",
    params(("id" = String, Path, description = "`exc_…`")),
    responses((status = 200, description = "The exception.", body = Exception)))]
pub(crate) async fn read(
    State(edge): State<EdgeState>,
    id: Id<ExceptionId>,
    request: Signed,
) -> Result<Reply<Exception>, Problem> {
    query::none(&request.uri)?;
    let exception = flow::view::exception(edge.platform(), request.ctx, id.get()?).await?;
    Ok(Reply::ok(Exception::of(&exception)))
}

/// What is decided about an exception.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExceptionDecision {
    /// `accept_difference`: the bank booked more than was ordered and that is all right, the difference is a charge; or
    /// `acknowledge`: taken note of, nothing moves.
    #[schema(value_type = String, required = true, example = "acknowledge")]
    action: Option<String>,
    /// Why, 1 to 500 characters. No names, no account numbers.
    #[schema(value_type = String, required = true)]
    note: Option<String>,
}

/// What followed from it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExceptionResolved {
    /// `exc_…`
    id: String,
    /// The payment that was settled by it, `pay_…`.
    payment: Option<String>,
}

/// Resolve an exception
///
/// Needs the key of a member. Money that waits in suspense moves only where the books say where to.
#[utoipa::path(post, path = "/v1/exceptions/{id}/resolve", tag = "exceptions", operation_id = "resolve_exception",
    params(("id" = String, Path, description = "`exc_…`")), request_body = ExceptionDecision,
    responses((status = 200, description = "The exception is resolved.", body = ExceptionResolved)))]
pub(crate) async fn resolve(
    State(edge): State<EdgeState>,
    id: Id<ExceptionId>,
    request: Signed,
) -> Result<Reply<ExceptionResolved>, Problem> {
    query::none(&request.uri)?;
    let id = id.get()?;
    let decision = decision(&request)?;
    let idempotency = request.idempotency(&edge, "resolve")?;
    let resolved = flow::resolve::resolve(edge.platform(), request.ctx, id, decision, idempotency).await?;
    let body = ExceptionResolved {
        id: id.to_string(),
        payment: resolved.payment.map(|payment| payment.to_string()),
    };
    Ok(Reply::ok(body).replayed(resolved.replayed))
}

fn decision(request: &Signed) -> Result<Resolve, Problem> {
    let (wire, mut found) = body::read::<ExceptionDecision>(request)?;
    let action = found.required("/action", wire.action.as_deref());
    let action = found.parsed("/action", "action_unknown", action, |name| {
        Action::from_name(name).ok_or("`accept_difference` or `acknowledge` is expected")
    });
    let note = found.required("/note", wire.note);
    found.finish(Code::Malformed, "the decision cannot be read; `errors` says why")?;
    match (action, note) {
        (Some(action), Some(note)) => Ok(Resolve { action, note }),
        (None, _) | (_, None) => Err(flow::Error::Bug("a decision that cannot be read, without a finding").into()),
    }
}
