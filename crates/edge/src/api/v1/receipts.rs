//! Receipts: the proof that a payment's newest event stands in the log, as one file that anybody verifies offline.

use crate::api::id::Id;
use crate::api::query;
use crate::authenticate::Signed;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use vocab::id::PaymentId;

/// Read the receipt of a payment in its present state
///
/// A tlog-proof file with the event, the salt of its commitment, the path to the root and the signed checkpoint. While the newest event
/// is not sealed yet (normally under a second) the answer is 202 without content.
#[utoipa::path(get, path = "/v1/payments/{id}/receipt", tag = "payments", operation_id = "read_receipt",
    params(("id" = String, Path, description = "`pay_…`")),
    responses((status = 200, description = "The receipt.", body = String, content_type = "text/plain"),
        (status = 202, description = "Not sealed yet; ask again after the seconds that `Retry-After` names.")))]
pub(crate) async fn read(
    State(edge): State<EdgeState>,
    id: Id<PaymentId>,
    request: Signed,
) -> Result<Response, Problem> {
    query::none(&request.uri)?;
    let id = id.get()?;
    Ok(match flow::receipt::receipt(edge.platform(), request.ctx, id).await? {
        Some(receipt) => {
            let name = format!("attachment; filename=\"{id}.tlog-proof\"");
            (
                [
                    (CONTENT_TYPE, "text/plain; charset=utf-8"),
                    (CONTENT_DISPOSITION, name.as_str()),
                ],
                receipt,
            )
                .into_response()
        }
        None => (StatusCode::ACCEPTED, [(RETRY_AFTER, "1")]).into_response(),
    })
}
