//! Which server a request was meant for. A signature covers the authority that the client saw; here it is checked that this is
//! one of our names, or a request on its way to another server (the sandbox, say) would count here as well.

use crate::problem::Problem;
use crate::state::EdgeState;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use flow::refusal::Code;

/// The authority of a request, once it is known to be ours: `:authority` of HTTP/2 (or the absolute form of HTTP/1.1), else the
/// one `Host` header.
pub(super) fn of<'a>(edge: &EdgeState, parts: &'a Parts) -> Result<&'a str, Problem> {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let host = hosts.next().map(|host| host.to_str().unwrap_or_default());
    let named = parts.uri.authority().map(Authority::as_str);
    // Two names could be read as one by us and as the other by whoever passed the request on.
    let ambiguous =
        hosts.next().is_some() || matches!((named, host), (Some(one), Some(other)) if !one.eq_ignore_ascii_case(other));
    let authority = named.or(host).unwrap_or_default();
    if ambiguous || !edge.knows(authority) {
        let detail =
            "the request is not addressed to this server; sign it for the authority that the server is known under";
        return Err(Problem::new(Code::Unauthenticated, detail));
    }
    Ok(authority)
}
