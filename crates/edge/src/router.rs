//! All routes: a table of contents. A handler and its documentation are registered together, so neither can be forgotten.

use crate::api::v1::{
    accounts, approvals, batches, callers, events, exceptions, feed, ledger, log, payment_moves, payments, receipts,
    statements, test_clock, timelines,
};
use crate::middleware::frame::FrameLayer;
use crate::problem::Problem;
use crate::state::EdgeState;
use crate::{console, docs, health, openapi};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use flow::refusal::Code;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes that the API reference does not list, because they are the reference.
const UNLISTED: [&str; 4] = ["/openapi.json", "/docs/api", "/docs/errors", "/docs/style.css"];

/// Everything that one server answers to.
pub fn router(state: EdgeState) -> Router {
    let (routes, document) = documented().split_for_parts();
    let listed: Vec<String> = document
        .paths
        .paths
        .into_keys()
        .chain(UNLISTED.map(str::to_owned))
        .collect();
    let frame = FrameLayer::new(state.clone(), listed.into_iter());
    routes
        .route("/openapi.json", get(docs::document))
        .route("/docs/api", get(docs::reference::page))
        .route("/docs/errors", get(docs::errors::page))
        .route("/docs/style.css", get(docs::style))
        .merge(console::router(state.clone()))
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(frame)
        .with_state(state)
}

/// The routes of the API reference. Paths are whole, never nested: a signature covers the path as it was sent.
pub(crate) fn documented() -> OpenApiRouter<EdgeState> {
    OpenApiRouter::with_openapi(openapi::preface())
        .routes(routes!(payments::submit, payments::list))
        .routes(routes!(payments::read, payments::change))
        .routes(routes!(payment_moves::cancel))
        .routes(routes!(payment_moves::confirm_not_duplicate))
        .routes(routes!(payment_moves::recall))
        .routes(routes!(timelines::read))
        .routes(routes!(receipts::read))
        .routes(routes!(batches::submit, batches::list))
        .routes(routes!(batches::read))
        .routes(routes!(batches::list_findings))
        .routes(routes!(approvals::give))
        .routes(routes!(accounts::list))
        .routes(routes!(accounts::read))
        .routes(routes!(ledger::balances))
        .routes(routes!(ledger::entries))
        .routes(routes!(statements::import, statements::list))
        .routes(routes!(statements::read))
        .routes(routes!(exceptions::list))
        .routes(routes!(exceptions::read))
        .routes(routes!(exceptions::resolve))
        .routes(routes!(events::list))
        .routes(routes!(feed::follow))
        .routes(routes!(log::read))
        .routes(routes!(callers::whoami))
        .routes(routes!(callers::ping))
        .routes(routes!(test_clock::advance))
        .routes(routes!(crate::log::checkpoint))
        .routes(routes!(crate::log::tile))
        .routes(routes!(health::livez))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
}

async fn no_such_route() -> Problem {
    Problem::new(
        Code::NoSuchRoute,
        "there is no such route; the API reference is at `/docs/api`",
    )
}

async fn no_such_method() -> Problem {
    Problem::new(
        Code::NoSuchRoute,
        "this route has no such method; `Allow` names those it has",
    )
    .status(StatusCode::METHOD_NOT_ALLOWED)
}
