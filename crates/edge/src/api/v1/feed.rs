//! The live feed: sealed events as they come (server-sent events). The id of each is its index in the log, so that a reader who
//! comes back with `Last-Event-ID` misses nothing and gets nothing twice, on whichever server it arrives.
//!
//! The database is asked twice a second: several servers share it, and none tells the others.

use super::events::{Event, from, index};
use crate::api::findings::Findings;
use crate::api::query;
use crate::authenticate::Signed;
use crate::limits;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{self, KeepAlive, Sse};
use flow::refusal::Code;
use flow::rights::Action;
use flow::view::EventView;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use utoipa::IntoParams;
use vocab::context::Ctx;
use vocab::id::KeyId;

/// From where on.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Index of the last event that you have seen; from the beginning unless you say so.
    after: Option<String>,
}

/// Follow events as they are sealed
///
/// A stream of `text/event-stream`: `id` is the index in the log, `event` the kind, `data` the event as in the list. The header
/// `Last-Event-ID` continues where an earlier stream ended; without it and without `after` the stream begins with the first event. A
/// comment comes every 15 s. The stream ends when the key is revoked, when its member may not read the log any more, or when the server
/// stops; come back with a new signature.
#[utoipa::path(get, path = "/v1/events/stream", tag = "events", operation_id = "follow_events",
    params(Wanted, ("Last-Event-ID" = Option<String>, Header, description = "The same, as browsers send it when they come back.")),
    responses((status = 200, description = "The stream.", body = String, content_type = "text/event-stream")))]
pub(crate) async fn follow(State(edge): State<EdgeState>, request: Signed) -> Result<impl IntoResponse, Problem> {
    let wanted: Wanted = query::read(&request.uri)?;
    let mut found = Findings::default();
    let last = request.headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let after = found.parameter("after", last.or(wanted.after.as_deref()), index);
    found.finish(Code::Malformed, "")?;
    let Ok(place) = edge.feeds().clone().try_acquire_owned() else {
        return Err(Problem::new(Code::Busy, "too many feeds are open at the moment"));
    };
    let feed = Feed {
        stopping: edge.stopping(),
        edge,
        ctx: request.ctx,
        key: request.key,
        need: request.need,
        next: from(after),
        waiting: VecDeque::new(),
        _place: place,
    };
    let alive = KeepAlive::new()
        .interval(Duration::from_secs(limits::HEARTBEAT_SECONDS))
        .text("alive");
    Ok(Sse::new(feed.stream()).keep_alive(alive))
}

/// One reader of the feed.
struct Feed {
    edge: EdgeState,
    ctx: Ctx,
    key: KeyId,
    /// What opening the feed asked of a member.
    need: Option<Action>,
    /// Index from which to go on.
    next: u64,
    waiting: VecDeque<EventView>,
    stopping: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Feed {
    fn stream(self) -> impl Stream<Item = Result<sse::Event, Infallible>> {
        stream::unfold(self, |mut feed| async move {
            feed.event().await.map(|event| (Ok(event), feed))
        })
    }

    /// The next event, whenever it comes. Nothing when the feed ends.
    async fn event(&mut self) -> Option<sse::Event> {
        loop {
            while let Some(view) = self.waiting.pop_front() {
                if let Some(event) = self.present(&view) {
                    return Some(event);
                }
            }
            if *self.stopping.borrow() || !self.still_permitted().await {
                return None;
            }
            let platform = self.edge.platform();
            match flow::view::events(platform, self.ctx, self.next, limits::FEED_EVENTS).await {
                Ok(events) if events.is_empty() => self.rest().await,
                Ok(events) => self.waiting = events.into(),
                Err(error) => {
                    // The reader comes back and goes on where it was.
                    tracing::warn!(request.id = %self.ctx.request, error = %error, "a live feed was ended");
                    return None;
                }
            }
        }
    }

    fn present(&mut self, view: &EventView) -> Option<sse::Event> {
        let index = view.position?;
        self.next = index.saturating_add(1);
        sse::Event::default()
            .id(index.to_string())
            .event(&view.kind)
            .json_data(Event::of(view))
            .ok()
    }

    /// A signature opens the feed once. SECURITY: a revoked key closes it, and so does a withdrawn role: the feed asks as often as somebody
    /// would who came anew for every page of the list.
    async fn still_permitted(&self) -> bool {
        let platform = self.edge.platform();
        let key = flow::authenticate::key(platform, self.key).await;
        if !key.is_ok_and(|key| key.is_some()) {
            return false;
        }
        match self.need {
            Some(action) => flow::rights::still_permits(platform, self.ctx, action)
                .await
                .unwrap_or(false),
            None => true,
        }
    }

    async fn rest(&mut self) {
        let pause = tokio::time::sleep(Duration::from_millis(limits::FEED_MILLIS));
        tokio::select! {
            () = pause => {}
            _ = self.stopping.changed() => {}
        }
    }
}
