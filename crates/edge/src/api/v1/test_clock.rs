//! The clock of the test world, so that due dates, statements and expiry can be seen today.

use crate::api::reply::Reply;
use crate::api::{body, query};
use crate::authenticate::Signed;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use flow::refusal::Code;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far to move the clock.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClockStep {
    /// Seconds, 1 to ten years. Never back.
    #[schema(value_type = i64, required = true, example = 259_200)]
    advance_seconds: Option<i64>,
}

/// What time it was in the test world right after.
#[derive(Serialize, ToSchema)]
pub(crate) struct TestTime {
    /// RFC 3339.
    now: String,
}

/// Move the clock of the test world on
///
/// For all organizations and servers of this installation.
#[utoipa::path(post, path = "/v1/test/clock", tag = "test world", operation_id = "advance_test_clock", request_body = ClockStep,
    responses((status = 200, description = "The clock was moved.", body = TestTime)))]
pub(crate) async fn advance(State(edge): State<EdgeState>, request: Signed) -> Result<Reply<TestTime>, Problem> {
    query::none(&request.uri)?;
    let (step, mut found) = body::read::<ClockStep>(&request)?;
    let seconds = found.required("/advance_seconds", step.advance_seconds);
    found.finish(Code::Malformed, "")?;
    let idempotency = request.idempotency(&edge, "test clock")?;
    let moved = flow::clock::advance(edge.platform(), request.ctx, seconds.unwrap_or(0), idempotency).await?;
    let now = moved.now.to_string();
    Ok(Reply::ok(TestTime { now }).replayed(moved.replayed))
}
