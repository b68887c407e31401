//! Where the log stands and which key signs it, for callers. The log itself is public, under `/log`.

use crate::api::query;
use crate::api::reply::Reply;
use crate::authenticate::Signed;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// The log.
#[derive(Serialize, ToSchema)]
pub(crate) struct Log {
    /// Its name, the first line of every checkpoint.
    origin: String,
    /// The key that checks checkpoints and receipts, as a verifier key (C2SP signed-note).
    verifier_key: String,
    /// Entries under the newest checkpoint.
    size: u64,
    /// The newest signed checkpoint.
    checkpoint: String,
}

/// Read where the log stands
#[utoipa::path(get, path = "/v1/log", tag = "log", operation_id = "read_log",
    responses((status = 200, description = "The log.", body = Log)))]
pub(crate) async fn read(State(edge): State<EdgeState>, request: Signed) -> Result<Reply<Log>, Problem> {
    query::none(&request.uri)?;
    let key = edge.platform().log_verifier();
    let (origin, verifier_key) = (key.name().to_owned(), key.to_string());
    let checkpoint = flow::seal::checkpoint(edge.platform()).await?;
    // Second line of a checkpoint (C2SP tlog-checkpoint).
    let size = checkpoint
        .lines()
        .nth(1)
        .and_then(|size| size.parse().ok())
        .unwrap_or(0);
    Ok(Reply::ok(Log {
        origin,
        verifier_key,
        size,
        checkpoint,
    }))
}
