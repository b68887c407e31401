//! Events: everything that happened, in the order of the log. The pull twin of the live feed; both have the same events.

use crate::api::findings::Findings;
use crate::api::page::{Listed, limit};
use crate::api::query;
use crate::api::reply::Reply;
use crate::authenticate::Signed;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use flow::refusal::Code;
use flow::view::EventView;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub(crate) struct Event {
    /// `evt_…`
    id: String,
    /// Its index in the log. Null until it is sealed.
    index: Option<u64>,
    /// What happened.
    #[schema(example = "payment.received")]
    kind: String,
    /// What it is about.
    subject: String,
    /// Who did it: `usr_…`, `app_…`, `system` or `bank`.
    actor: String,
    /// When, RFC 3339, in the time of the world.
    at: String,
    /// The request that did it, `req_…`.
    request: Option<String>,
    /// What else is known; its fields depend on the kind.
    #[schema(value_type = Object)]
    data: Value,
}

impl Event {
    pub(crate) fn of(view: &EventView) -> Self {
        let request = view.body.get("request").and_then(Value::as_str);
        Self {
            id: view.id.to_string(),
            index: view.position,
            kind: view.kind.clone(),
            subject: view.subject.clone(),
            actor: view.actor.clone(),
            at: view.at.clone(),
            request: request.map(str::to_owned),
            data: view.body.get("data").cloned().unwrap_or_default(),
        }
    }
}

/// From where on.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Index of the last event that you have seen; from the beginning unless you say so.
    after: Option<String>,
    /// Rows on the page, 1 to 500; 50 unless you say so.
    limit: Option<String>,
}

/// List sealed events in the order of the log
///
/// Keep `next` even when `has_more` is false: events that come later continue there.
#[utoipa::path(get, path = "/v1/events", tag = "events", operation_id = "list_events", params(Wanted),
    responses((status = 200, description = "A page of events, oldest first.", body = Listed<Event>)))]
pub(crate) async fn list(State(edge): State<EdgeState>, request: Signed) -> Result<Reply<Listed<Event>>, Problem> {
    let wanted: Wanted = query::read(&request.uri)?;
    let mut found = Findings::default();
    let limit = limit(&mut found, wanted.limit.as_deref());
    let after = found.parameter("after", wanted.after.as_deref(), index);
    found.finish(Code::Malformed, "")?;
    let rows = flow::view::events(edge.platform(), request.ctx, from(after), limit + 1).await?;
    let newest = rows
        .iter()
        .take(limit)
        .next_back()
        .and_then(|row| row.position)
        .or(after);
    let mut page = Listed::cut(rows, limit, |_| String::new(), Event::of);
    // The feed goes on: unlike in other lists the last page has a cursor too.
    page.next = newest.map(|index| index.to_string());
    Ok(Reply::page(&request.uri, page))
}

/// An index of the log.
pub(crate) fn index(text: &str) -> Result<u64, &'static str> {
    let index = text.parse::<u64>().ok().filter(|index| i64::try_from(*index).is_ok());
    index.ok_or("the index of an event is expected, a whole number from 0")
}

/// Where to go on after an index.
pub(crate) fn from(after: Option<u64>) -> u64 {
    after.map_or(0, |after| after.saturating_add(1))
}
