//! Stands before every page: lets in who asks for this server by its name, dresses answers in the console's headers, and turns failures
//! into pages.

use super::doors;
use super::failure::Failure;
use crate::middleware::frame::Asked;
use crate::server::Peer;
use crate::state::EdgeState;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderName, HeaderValue};
use axum::http::uri::Authority;
use axum::http::{Extensions, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;

/// What a page may load and where its forms may go. No inline script, no inline style, no other server.
pub(super) const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Headers by which a proxy says that the request is somebody else's.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// The layer around all routes of the console.
pub(super) async fn keep(State(state): State<EdgeState>, mut request: Request, next: Next) -> Response {
    let asked = request.extensions().get::<Asked>().map(|asked| asked.id);
    let local = is_of_this_machine(&request);
    request.extensions_mut().insert(FromHere(local));
    let mut response = if local || is_for(&state, &request) {
        next.run(request).await
    } else {
        doors::elsewhere().into_response()
    };
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = failure.page(asked);
    }
    dress(response.headers_mut());
    response
}

/// Whether a request came from this machine; put among its extensions by the layer.
#[derive(Clone, Copy, Debug)]
struct FromHere(bool);

/// Whether a request came from this machine.
pub(super) fn is_local(extensions: &Extensions) -> bool {
    extensions.get::<FromHere>().is_some_and(|FromHere(local)| *local)
}

/// Whether a request comes from this machine and was meant for it.
// SECURITY: the peer alone does not say it. A proxy on this machine forwards for others, and a page elsewhere can point a name
// of its own to 127.0.0.1; so forwarded requests and names that are not this machine's are refused as well.
fn is_of_this_machine(request: &Request) -> bool {
    let peer = request.extensions().get::<Peer>();
    peer.is_some_and(|Peer(address)| address.ip().to_canonical().is_loopback())
        && !is_forwarded(request)
        && authority(request.uri(), request.headers()).is_some_and(|authority| is_loopback(&authority))
}

/// Whether a request was meant for this server, and came to it directly: waits after wrong passwords are counted by the address that a
/// request comes from, and behind a proxy that would be everybody's.
fn is_for(state: &EdgeState, request: &Request) -> bool {
    let known = |authority: &Authority| state.knows(authority.as_str()) && !is_loopback(authority);
    !is_forwarded(request) && authority(request.uri(), request.headers()).is_some_and(|authority| known(&authority))
}

fn is_forwarded(request: &Request) -> bool {
    FORWARDED.iter().any(|name| request.headers().contains_key(*name))
}

/// What a request was addressed to: `:authority` of HTTP/2, else `Host`.
pub(super) fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    match uri.authority() {
        Some(authority) => Some(authority.clone()),
        None => headers.get(HOST)?.to_str().ok()?.parse().ok(),
    }
}

fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn dress(headers: &mut HeaderMap) {
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    let own = HeaderValue::from_static("same-origin");
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), own.clone());
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), own);
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn request(peer: Option<&str>, host: &str, header: Option<&str>) -> Request {
        let mut request = Request::builder().uri("/").header(HOST, host);
        if let Some(name) = header {
            request = request.header(name, "203.0.113.9");
        }
        let mut request = request.body(Body::empty()).unwrap();
        if let Some(peer) = peer {
            request.extensions_mut().insert(Peer(peer.parse().unwrap()));
        }
        request
    }

    #[test]
    fn this_machine_is_let_in_under_its_own_names() {
        for host in ["127.0.0.1:8420", "localhost:9000", "[::1]:8420", "LOCALHOST"] {
            assert!(
                is_of_this_machine(&request(Some("127.0.0.1:50000"), host, None)),
                "{host}"
            );
        }
        assert!(is_of_this_machine(&request(Some("[::1]:50000"), "localhost", None)));
        assert!(is_of_this_machine(&request(
            Some("[::ffff:127.0.0.1]:50000"),
            "localhost",
            None
        )));
    }

    #[test]
    fn others_are_not_let_in_whatever_they_say() {
        assert!(!is_of_this_machine(&request(None, "localhost", None)), "no peer");
        assert!(
            !is_of_this_machine(&request(Some("192.0.2.7:50000"), "localhost", None)),
            "another machine"
        );
        assert!(
            !is_of_this_machine(&request(Some("127.0.0.1:50000"), "pay.example", None)),
            "another name"
        );
        for header in FORWARDED {
            let forwarded = request(Some("127.0.0.1:50000"), "localhost", Some(header));
            assert!(!is_of_this_machine(&forwarded), "{header}");
        }
    }
}
