//! Who the server takes you for, and the yardstick of a request that does nothing.

use crate::api::query;
use crate::api::reply::Reply;
use crate::authenticate::{Signed, Unclaimed};
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// Who you are to the server.
#[derive(Serialize, ToSchema)]
pub(crate) struct Caller {
    /// `org_…`
    organization: String,
    /// `test` or `live`.
    world: &'static str,
    /// `usr_…` for a person, `app_…` for an application.
    actor: String,
    /// The key that signed the request, `key_…`.
    key: String,
    /// The time of the world, RFC 3339; that of the test world can be moved.
    now: String,
}

/// Ask who the server takes you for
#[utoipa::path(get, path = "/v1/whoami", tag = "callers", operation_id = "whoami",
    responses((status = 200, description = "Who signed this request.", body = Caller)))]
pub(crate) async fn whoami(State(_): State<EdgeState>, request: Signed) -> Result<Reply<Caller>, Problem> {
    query::none(&request.uri)?;
    let ctx = request.ctx;
    Ok(Reply::ok(Caller {
        organization: ctx.organization.to_string(),
        world: ctx.world.name(),
        actor: ctx.actor.to_string(),
        key: request.key.to_string(),
        now: ctx.now.to_string(),
    }))
}

/// That the request arrived as it was signed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pong {
    /// True.
    verified: bool,
}

/// Check a signature and do nothing else
///
/// Signature, freshness and digest are checked as everywhere. The nonce is not remembered, since the request changes nothing and its
/// answer tells nothing: the same signature may come again until it expires. For clients that try their signing, and as a yardstick.
#[utoipa::path(get, path = "/v1/ping", tag = "callers", operation_id = "ping",
    responses((status = 200, description = "The signature holds.", body = Pong)))]
pub(crate) async fn ping(_: Unclaimed) -> Reply<Pong> {
    Reply::ok(Pong { verified: true })
}
