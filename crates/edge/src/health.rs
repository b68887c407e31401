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
use flow::backup::acts::Standing;
use flow::pulse::Pulse;
use flow::refusal::Code;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};
use vocab::context::World;
use vocab::time::Timestamp;

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
    /// The same in figures, by name: counts and whole seconds.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    figures: BTreeMap<&'static str, u64>,
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
    let mut checks = vec![database(&edge).await, accepting(&edge)];
    let ready = checks.iter().all(|check| check.ok);
    if verbose {
        checks.extend(waiting(&edge).await);
    }
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
    edge.metrics().waiting(pulse(&edge).await.as_ref());
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
        figures: BTreeMap::new(),
    }
}

/// What waits, if the database says so in time.
async fn pulse(edge: &EdgeState) -> Option<Pulse> {
    let asked = timeout(
        Duration::from_secs(limits::HEALTH_SECONDS),
        flow::pulse::pulse(edge.platform()),
    );
    asked.await.ok()?.ok()
}

/// What waits. Never a reason to take a server out of service: work waits for the database and the banks, not for this server.
async fn waiting(edge: &EdgeState) -> Vec<Check> {
    let Some(pulse) = pulse(edge).await else {
        return Vec::new();
    };
    let mut checks = Vec::new();
    for (world, jobs) in &pulse.jobs {
        let name = match world {
            World::Test => "jobs of the test world",
            World::Live => "jobs of the live world",
        };
        let detail = match jobs.due.count {
            0 => "nothing is due".to_owned(),
            due => format!(
                "{due} due, the oldest for {} s; {} overdue",
                jobs.due.oldest_seconds, jobs.overdue
            ),
        };
        let figures = [
            ("all", jobs.all),
            ("due", jobs.due.count),
            ("due_oldest_seconds", jobs.due.oldest_seconds),
            ("overdue", jobs.overdue),
        ];
        checks.push(told(name, detail, figures.into()));
    }
    let seal = pulse.seal;
    let detail = match seal.count {
        0 => "every event is under the signed checkpoint".to_owned(),
        count => format!(
            "{count} events are not under a checkpoint yet, the oldest for {} s",
            seal.oldest_seconds
        ),
    };
    let figures = [
        ("pending", seal.count),
        ("oldest_seconds", seal.oldest_seconds),
        ("log_size", pulse.log_size),
    ];
    checks.push(told("seal", detail, figures.into()));
    let detail = format!(
        "{} payments wait at this server, {} requests of any kind for its writer",
        pulse.intake_waiting, pulse.writes_waiting
    );
    let figures = [
        ("intake_waiting", pulse.intake_waiting),
        ("writes_waiting", pulse.writes_waiting),
    ];
    checks.push(told("queues", detail, figures.into()));
    checks.push(backups(&pulse.backups, edge.platform().wall()));
    checks
}

/// An alarm and never a reason to take a server out of service.
fn backups(standing: &Standing, now: Timestamp) -> Check {
    let age = |at: Timestamp| u64::try_from(now.seconds().saturating_sub(at.seconds())).unwrap_or(0);
    let ages = [
        ("created_seconds_ago", standing.created_at),
        ("verified_seconds_ago", standing.verified_at),
    ];
    let figures = ages.into_iter().filter_map(|(name, at)| Some((name, age(at?))));
    let detail = match (standing.verified_at, standing.too_old) {
        (None, _) => "there is no verified backup; see docs/operating/backups.md".to_owned(),
        (Some(at), true) => format!("the last verified backup is too old: it was verified on {at}"),
        (Some(at), false) => format!("the last backup that is known to be good was verified on {at}"),
    };
    let held = match standing.held_since {
        Some(_) => "; no payment travels: this database was restored, see `countersign backup release`",
        None => "",
    };
    Check {
        name: "backups",
        ok: !standing.too_old && standing.held_since.is_none(),
        detail: format!("{detail}{held}"),
        figures: figures.collect(),
    }
}

fn told(name: &'static str, detail: String, figures: BTreeMap<&'static str, u64>) -> Check {
    Check {
        name,
        ok: true,
        detail,
        figures,
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
        figures: BTreeMap::new(),
    }
}
