//! Signs the answer to a signed request (RFC 9421), so that a client can prove what it was told and to which question.
//!
//! Only when the server was given a key. A stream has no end to take a digest of and stays unsigned; so does an answer to a
//! request whose signature did not hold, because there is nobody it could be an answer to.

use crate::state::ServerKey;
use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use http_body_util::BodyExt;
use signing::content_digest::{CONTENT_DIGEST, content_digest};
use signing::http_signature::{MessageSignature, ResponseParts, sign_response};
use vocab::time::Timestamp;

/// The response with a digest of its body and a signature. `now` is the real time.
pub(crate) async fn sign(key: &ServerKey, now: Timestamp, request: &MessageSignature, response: Response) -> Response {
    if response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
    {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be read for its signature");
            return Response::from_parts(parts, Body::empty());
        }
    };
    if let Ok(digest) = HeaderValue::try_from(content_digest(&bytes)) {
        parts.headers.insert(CONTENT_DIGEST, digest);
    }
    let seen = ResponseParts {
        status: parts.status.as_u16(),
        headers: &parts.headers,
        request,
    };
    let signed = sign_response(&key.key, &key.id, now.seconds(), &seen);
    if let Err(error) = signed.and_then(|signature| signature.insert_into(&mut parts.headers)) {
        // The answer is still the answer; a client that insists on a signature will refuse it.
        tracing::error!(%error, "an answer could not be signed");
    }
    Response::from_parts(parts, Body::from(bytes))
}
