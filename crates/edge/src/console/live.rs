//! Tells open pages that something changed; they fetch themselves again. It says nothing about what changed.
//!
//! Each feed looks at the log twice a second, so that it also hears of what another server did.

use super::failure::Failure;
use super::session::{self, Session};
use crate::limits::{FEED_EVENTS, FEED_MILLIS, HEARTBEAT_SECONDS};
use crate::state::EdgeState;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use futures_util::Stream;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::sleep;
use vocab::context::Ctx;

/// Looks at the session and at the log between two signs of life.
const LOOKS: u64 = HEARTBEAT_SECONDS * 1_000 / FEED_MILLIS;

/// `GET /console/events`
pub(super) async fn feed(
    session: Session,
    State(state): State<EdgeState>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let place = state
        .feeds()
        .clone()
        .try_acquire_owned()
        .map_err(|_| Failure::TooManyFeeds)?;
    let size = flow::view::overview(state.platform(), session.ctx).await?.log_size;
    let stopping = state.stopping();
    let feed = Feed {
        state,
        headers,
        ctx: session.ctx,
        size,
        stopping,
        _place: place,
    };
    Ok(Sse::new(futures_util::stream::unfold(feed, Feed::next)))
}

struct Feed {
    state: EdgeState,
    headers: HeaderMap,
    ctx: Ctx,
    /// Leaves of the log that the page has seen.
    size: u64,
    stopping: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Feed {
    /// Waits until there is something to say. Ends with the server, with the session, and when the database does not answer: the
    /// browser then comes again by itself.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        for _ in 0..LOOKS {
            tokio::select! {
                () = sleep(Duration::from_millis(FEED_MILLIS)) => {}
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
            }
            // SECURITY: before every word, or a feed that always has something to say would outlive the session.
            if !session::lasts(&self.state, &self.headers).await {
                return None;
            }
            let events = flow::view::events(self.state.platform(), self.ctx, self.size, FEED_EVENTS)
                .await
                .ok()?;
            if let Some(last) = events.iter().filter_map(|event| event.position).max() {
                self.size = last.saturating_add(1);
                let size = self.size.to_string();
                return Some((Ok(Event::default().event("changed").id(size.clone()).data(size)), self));
            }
        }
        Some((Ok(Event::default().comment("alive")), self))
    }
}
