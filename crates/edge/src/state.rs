//! What every handler is given: the platform, the names the server is known under, and a few bounded resources.

use crate::admission::Admission;
use crate::limits;
use crate::metrics::Metrics;
use axum::http::uri::Authority;
use flow::Platform;
use signing::key::SigningKey;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};
use vocab::context::{Actor, World};
use vocab::id::{OrganizationId, RequestId};

/// What an edge is made of.
#[derive(Debug)]
pub struct EdgeConfig {
    /// The running platform.
    pub platform: Platform,
    /// The names that clients may sign for: `pay.example`, `pay.example:8443`, `127.0.0.1:8443`. The port 443 may be left out.
    // SECURITY: a request that was signed for another server must not count here, so this list is never "anything".
    pub authorities: Vec<String>,
    /// Counters, and what renders them.
    pub metrics: Metrics,
    /// Signs answers to signed requests, if there is one.
    pub server_key: Option<ServerKey>,
    /// Whether `/metrics` and the details of `/readyz` are shown to others than this machine.
    pub open_metrics: bool,
}

/// The key that the server signs its answers with.
#[derive(Debug)]
pub struct ServerKey {
    /// The `keyid` under which clients know it.
    pub id: String,
    /// The private half.
    pub key: SigningKey,
}

/// Shared by all requests. Cheap to clone.
#[derive(Clone, Debug)]
pub struct EdgeState {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    platform: Platform,
    authorities: BTreeSet<String>,
    public: bool,
    metrics: Metrics,
    server_key: Option<ServerKey>,
    open_metrics: bool,
    admission: Arc<Admission>,
    uploads: Arc<Semaphore>,
    feeds: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

impl EdgeState {
    /// Puts an edge together.
    pub fn new(config: EdgeConfig) -> Self {
        let authorities: BTreeSet<String> = config.authorities.iter().map(|name| normal(name)).collect();
        let public = authorities.iter().any(|name| !is_loopback(name));
        Self {
            parts: Arc::new(Parts {
                platform: config.platform,
                authorities,
                public,
                metrics: config.metrics,
                server_key: config.server_key,
                open_metrics: config.open_metrics,
                admission: Admission::new(),
                uploads: Arc::new(Semaphore::new(limits::UPLOADS_MAX)),
                feeds: Arc::new(Semaphore::new(limits::FEEDS_MAX)),
                stopping: watch::Sender::new(false),
            }),
        }
    }

    /// The platform.
    pub fn platform(&self) -> &Platform {
        &self.parts.platform
    }

    /// The counters.
    pub fn metrics(&self) -> &Metrics {
        &self.parts.metrics
    }

    /// Whether a `Host` or `:authority` names this server.
    pub fn knows(&self, authority: &str) -> bool {
        // The usual spelling is found without copying it.
        self.parts.authorities.contains(authority) || self.parts.authorities.contains(&normal(authority))
    }

    /// Whether the server is known under a name other than this machine's own.
    pub(crate) fn public(&self) -> bool {
        self.parts.public
    }

    pub(crate) fn server_key(&self) -> Option<&ServerKey> {
        self.parts.server_key.as_ref()
    }

    pub(crate) fn open_metrics(&self) -> bool {
        self.parts.open_metrics
    }

    pub(crate) fn admission(&self) -> &Arc<Admission> {
        &self.parts.admission
    }

    pub(crate) fn uploads(&self) -> &Arc<Semaphore> {
        &self.parts.uploads
    }

    pub(crate) fn feeds(&self) -> &Arc<Semaphore> {
        &self.parts.feeds
    }

    /// Ends what would never end by itself, such as live feeds, so that the server can stop.
    pub fn stop(&self) {
        self.parts.stopping.send_replace(true);
    }

    /// Turns true when the server stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.parts.stopping.subscribe()
    }

    /// An id for a request of which nothing is known yet.
    pub(crate) fn request_id(&self) -> RequestId {
        // No row belongs to organization 0: the rest of this context is never used.
        self.platform()
            .ctx(OrganizationId::from_i64(0), World::Live, Actor::System)
            .request
    }
}

/// Lower case and without the default port of HTTPS, as signatures see it.
fn normal(authority: &str) -> String {
    authority.strip_suffix(":443").unwrap_or(authority).to_ascii_lowercase()
}

fn is_loopback(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let host = authority.host().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_https_and_capitals_do_not_count() {
        assert_eq!(normal("Pay.Example:443"), "pay.example");
        assert_eq!(normal("pay.example:8443"), "pay.example:8443");
    }

    #[test]
    fn names_of_this_machine_are_told_from_public_ones() {
        for name in ["localhost:8443", "127.0.0.1:8443", "[::1]:8443", "127.3.2.1"] {
            assert!(is_loopback(name), "{name}");
        }
        for name in ["pay.example", "localhost.example", "10.0.0.1", "127.0.0.1.example"] {
            assert!(!is_loopback(name), "{name}");
        }
    }
}
