//! The edge: what the world sees. HTTP API, public log, documentation, health, and the server that carries them over TLS.
//!
//! A handler extracts, parses, calls `flow` and presents; it decides nothing and never sees SQL. Who asks is settled by
//! [`authenticate`] before a handler runs, errors become documents in one place ([`problem`]), and the frame around every
//! answer (request id, headers, deadline, metrics) is one layer in [`middleware`].
#![warn(missing_docs)]

mod admission;
#[expect(
    unused_qualifications,
    reason = "written by `utoipa::path` wherever a route has query parameters"
)]
mod api;
mod authenticate;
pub mod console;
mod docs;
#[expect(
    unused_qualifications,
    reason = "written by `utoipa::path` wherever a route has query parameters"
)]
mod health;
mod limits;
mod log;
pub mod metrics;
mod middleware;
mod openapi;
mod problem;
mod router;
pub mod server;
mod state;
mod ui;

pub use openapi::openapi;
pub use router::router;
pub use state::{EdgeConfig, EdgeState, ServerKey};
