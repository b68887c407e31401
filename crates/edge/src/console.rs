//! The console: pages for people, rendered here and complete without a script. It reads through `flow::view` and changes nothing
//! but its own session.
//!
//! Until members can sign in it opens only on this machine, through a link that works once. This file is the table of contents.

mod accounts;
mod assets;
mod backups;
mod batch;
mod batches;
mod doors;
mod exceptions;
mod failure;
mod guard;
mod home;
mod journey;
mod ledger;
mod live;
mod log;
mod names;
mod payment;
mod payments;
mod query;
mod session;
mod standing;
mod statement;
mod statements;
mod words;

#[cfg(test)]
mod tests;

use crate::state::EdgeState;
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};

/// All pages of the console, to be merged at the root of the server, inside of its frame.
pub fn router<S: Clone + Send + Sync + 'static>(state: EdgeState) -> Router<S> {
    Router::new()
        .route("/", get(home::show))
        .route("/payments", get(payments::list))
        .route("/payments/{payment}", get(payment::show))
        .route("/payments/{payment}/receipt", get(payment::receipt))
        .route("/batches", get(batches::list))
        .route("/batches/{batch}", get(batch::show))
        .route("/ledger", get(ledger::show))
        .route("/statements", get(statements::list))
        .route("/statements/{statement}", get(statement::show))
        .route("/exceptions", get(exceptions::list))
        .route("/log", get(log::show))
        .route("/accounts", get(accounts::list))
        .route("/backups", get(backups::list))
        .route("/s/{link}", get(session::offer).post(session::open))
        .route("/console/sign-out", post(session::sign_out))
        .route("/console/signed-out", get(session::signed_out))
        .route("/console/events", get(live::feed))
        .route("/console/assets/{name}", get(assets::serve))
        .route_layer(from_fn(guard::keep))
        .with_state(state)
}

/// An event in one line of plain language; `body` is its canonical JSON. Also for those who tell the journey elsewhere.
pub fn told(kind: &str, body: &serde_json::Value) -> String {
    let told = words::event(kind, body.get("data"));
    match told.more {
        Some(more) => format!("{} {more}", told.said),
        None => told.said,
    }
}
