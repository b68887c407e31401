//! What a caller can still do about a payment: withdraw it, answer the question about a duplicate, ask the bank for it back.

use super::payments::Moved;
use crate::api::id::Id;
use crate::api::reply::Reply;
use crate::api::{body, query};
use crate::authenticate::Signed;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use flow::refusal::Code;
use serde::Deserialize;
use utoipa::ToSchema;
use vocab::id::PaymentId;

/// Words for the record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    /// Up to 500 characters. No names, no account numbers.
    note: Option<String>,
}

/// The note of a request; no body at all is no note.
pub(crate) fn note(request: &Signed) -> Result<String, Problem> {
    query::none(&request.uri)?;
    if request.body.is_empty() {
        return Ok(String::new());
    }
    let (Note { note }, found) = body::read(request)?;
    found.finish(Code::Malformed, "")?;
    Ok(note.unwrap_or_default())
}

/// Withdraw a payment that has not gone to the bank
#[utoipa::path(post, path = "/v1/payments/{id}/cancel", tag = "payments", operation_id = "cancel_payment", request_body = Option<Note>,
    params(("id" = String, Path, description = "`pay_…`")),
    responses((status = 200, description = "The payment is withdrawn.", body = Moved)))]
pub(crate) async fn cancel(
    State(edge): State<EdgeState>,
    id: Id<PaymentId>,
    request: Signed,
) -> Result<Reply<Moved>, Problem> {
    let (id, note) = (id.get()?, note(&request)?);
    let idempotency = request.idempotency(&edge, "cancel")?;
    let moved = flow::cancel::cancel(edge.platform(), request.ctx, id, &note, idempotency).await?;
    Ok(Reply::ok(Moved {
        id: id.to_string(),
        state: moved.state.name(),
    })
    .replayed(moved.replayed))
}

/// Say that a payment is meant although it looks like an earlier one
#[utoipa::path(post, path = "/v1/payments/{id}/confirm-not-duplicate", tag = "payments", operation_id = "confirm_payment",
    params(("id" = String, Path, description = "`pay_…`")),
    responses((status = 200, description = "The payment goes on to approval.", body = Moved)))]
pub(crate) async fn confirm_not_duplicate(
    State(edge): State<EdgeState>,
    id: Id<PaymentId>,
    request: Signed,
) -> Result<Reply<Moved>, Problem> {
    query::none(&request.uri)?;
    let id = id.get()?;
    let idempotency = request.idempotency(&edge, "confirm not duplicate")?;
    let moved = flow::cancel::confirm_not_duplicate(edge.platform(), request.ctx, id, idempotency).await?;
    Ok(Reply::ok(Moved {
        id: id.to_string(),
        state: moved.state.name(),
    })
    .replayed(moved.replayed))
}

/// Ask the bank to cancel a payment that it has accepted
///
/// The payment stays where it is until the bank answers. Asking again while it has not answered changes nothing.
#[utoipa::path(post, path = "/v1/payments/{id}/recall", tag = "payments", operation_id = "recall_payment",
    params(("id" = String, Path, description = "`pay_…`")),
    responses((status = 200, description = "The bank is being asked.", body = Moved)))]
pub(crate) async fn recall(
    State(edge): State<EdgeState>,
    id: Id<PaymentId>,
    request: Signed,
) -> Result<Reply<Moved>, Problem> {
    query::none(&request.uri)?;
    let id = id.get()?;
    let idempotency = request.idempotency(&edge, "recall")?;
    let moved = flow::recall::recall(edge.platform(), request.ctx, id, idempotency).await?;
    Ok(Reply::ok(Moved {
        id: id.to_string(),
        state: moved.state.name(),
    })
    .replayed(moved.replayed))
}
