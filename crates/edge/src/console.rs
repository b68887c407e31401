//! The console: pages for people, rendered here and complete without a script. What a page shows comes from `flow`; what a form asks for
//! is done there.
//!
//! Members sign in with two factors. On this machine a link that works once opens it for reading. This file is the table of contents.

mod access;
mod accounts;
mod approvals;
mod assets;
mod backups;
mod batch;
mod batches;
mod doors;
mod enrol;
mod exceptions;
mod failure;
mod guard;
mod home;
mod join;
mod journey;
mod ledger;
mod live;
mod log;
mod member;
mod members;
mod names;
mod needs;
mod payment;
mod payments;
mod profile;
mod qr;
mod query;
mod sent;
mod session;
mod sign_in;
mod standing;
mod statement;
mod statements;
mod words;

#[cfg(test)]
mod tests;

use crate::state::EdgeState;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

/// All pages of the console, to be merged at the root of the server, inside of its frame.
pub fn router<S: Clone + Send + Sync + 'static>(state: EdgeState) -> Router<S> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::password))
        .route("/sign-in/factor", get(sign_in::factor).post(sign_in::second_factor))
        .route("/join/{link}", get(join::show).post(join::join))
        .route("/enrol", get(enrol::show).post(enrol::confirm))
        .route("/approvals", get(approvals::list).post(approvals::decide))
        .route("/members", get(members::list).post(members::invite))
        .route("/members/{member}", get(member::show))
        .route("/members/{member}/invite", post(member::invite_again))
        .route("/members/{member}/role", post(member::role))
        .route("/members/{member}/deactivate", post(member::deactivate))
        .route("/access", get(access::list))
        .route("/me", get(profile::show))
        .route("/me/password", post(profile::password))
        .route("/me/codes", post(profile::codes))
        .route("/me/sessions/{session}/end", post(profile::end_session))
        .route("/me/sign-out-everywhere", post(profile::end_everywhere))
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
        .route_layer(from_fn_with_state(state.clone(), guard::keep))
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
