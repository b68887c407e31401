//! For whoever runs the server: is it alive, can it serve, what does it count.

use crate::api::query;
use crate::limits;
use crate::problem::Problem;
use crate::server::Peer;
use crate::state::EdgeState;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use flow::refusal::Code;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};
use vocab::context::World;

/// Ask whether the process runs
///
/// Touches nothing else. A supervisor restarts a server that does not answer.
#[utoipa::path(get, path = "/livez", tag = "operations", operation_id = "livez",
    responses((status = 200, description = "It runs.", body = String, content_type = "text/plain")))]
pub(crate) async fn livez() -> &'static str {
    "ok\n"
}

/// Whether the server can serve.
#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether requests should be sent here.
    ready: bool,
    /// What was looked at, when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Serialize, ToSchema)]
pub(crate) struct Check {
    /// What.
    name: &'static str,
    /// Whether it is as it should be.
    ok: bool,
    /// What was found.
    detail: String,
}

/// How much to say.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HowMuch {
    /// With any value, or none: what was looked at. Only for this machine, unless the server was started otherwise.
    verbose: Option<String>,
}

/// Ask whether the server can serve
///
/// 200 when requests should be sent here, 503 when not.
#[utoipa::path(get, path = "/readyz", tag = "operations", operation_id = "readyz", params(HowMuch),
    responses((status = 200, description = "It can.", body = Readiness),
        (status = 503, description = "It cannot.", body = Readiness)))]
pub(crate) async fn readyz(
    State(edge): State<EdgeState>,
    peer: Option<Extension<Peer>>,
    uri: Uri,
) -> Result<Response, Problem> {
    let verbose = query::read::<HowMuch>(&uri)?.verbose.is_some() && may_see(&edge, peer);
    let checks = vec![database(&edge).await, accepting(&edge), work(&edge).await];
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let checks = if verbose { checks } else { Vec::new() };
    Ok((status, Json(Readiness { ready, checks })).into_response())
}

/// Read the counters
///
/// In the text format of Prometheus. Only for this machine, unless the server was started otherwise.
#[utoipa::path(get, path = "/metrics", tag = "operations", operation_id = "metrics",
    responses((status = 200, description = "All counters.", body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(State(edge): State<EdgeState>, peer: Option<Extension<Peer>>) -> Result<Response, Problem> {
    if !may_see(&edge, peer) {
        return Err(Problem::new(
            Code::NotPermitted,
            "counters are shown to this machine only",
        ));
    }
    let text = edge.metrics().render();
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

fn may_see(edge: &EdgeState, peer: Option<Extension<Peer>>) -> bool {
    edge.open_metrics() || peer.is_some_and(|Extension(Peer(address))| address.ip().to_canonical().is_loopback())
}

/// The head of the log is read from the database, so this shows both.
async fn database(edge: &EdgeState) -> Check {
    let engine = edge.platform().store().engine_name();
    let head = timeout(
        Duration::from_secs(limits::HEALTH_SECONDS),
        flow::seal::checkpoint(edge.platform()),
    );
    let (ok, detail) = match head.await {
        Ok(Ok(head)) => (
            true,
            format!(
                "{engine} answers, the log has {} entries",
                head.lines().nth(1).unwrap_or("0")
            ),
        ),
        Ok(Err(error)) => (false, format!("{engine}: {}", error.refusal().detail)),
        Err(_) => (
            false,
            format!("{engine} did not answer within {} s", limits::HEALTH_SECONDS),
        ),
    };
    Check {
        name: "database",
        ok,
        detail,
    }
}

/// Whether work for the banks is due that nobody has done yet. Never a reason to take a server out of service: work waits for the
/// database, not for this server.
async fn work(edge: &EdgeState) -> Check {
    let mut due = Vec::new();
    for world in [World::Test, World::Live] {
        let idle = timeout(
            Duration::from_secs(limits::HEALTH_SECONDS),
            flow::worker::idle(edge.platform(), world),
        );
        match idle.await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => due.push(format!("work of the {} world is due", world.name())),
            Ok(Err(_)) | Err(_) => due.push(format!("work of the {} world is not known", world.name())),
        }
    }
    let detail = if due.is_empty() {
        "nothing is due".to_owned()
    } else {
        due.join(", ")
    };
    Check {
        name: "work",
        ok: true,
        detail,
    }
}

/// A server that stops is taken out of service before its connections are.
fn accepting(edge: &EdgeState) -> Check {
    let stopping = *edge.stopping().borrow();
    let detail = if stopping {
        "the server is stopping"
    } else {
        "requests are taken"
    };
    Check {
        name: "accepting",
        ok: !stopping,
        detail: detail.to_owned(),
    }
}
