//! Answers that went well: JSON with the headers of the conventions.

use super::page::Listed;
use crate::problem::Problem;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LINK, LOCATION};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Tells a repeated answer from a first one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A JSON answer.
#[derive(Debug)]
pub(crate) struct Reply<T> {
    status: StatusCode,
    headers: HeaderMap,
    body: T,
}

impl<T> Reply<T> {
    /// 200.
    pub(crate) fn ok(body: T) -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body,
        }
    }

    /// 201, and where the new thing is.
    pub(crate) fn created(location: &str, body: T) -> Self {
        let mut reply = Self {
            status: StatusCode::CREATED,
            ..Self::ok(body)
        };
        reply.set(LOCATION, location);
        reply
    }

    /// Marks an answer that was given before, under the same idempotency key.
    pub(crate) fn replayed(mut self, replayed: bool) -> Self {
        if replayed {
            self.set(REPLAYED, "true");
        }
        self
    }

    fn set(&mut self, name: HeaderName, value: &str) {
        // Ids, paths and queries as they were sent: all of it visible ASCII.
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
    }
}

impl<T> Reply<Listed<T>> {
    /// A page, with the link to the next one.
    pub(crate) fn page(uri: &Uri, page: Listed<T>) -> Self {
        let link = page.link(uri);
        let mut reply = Self::ok(page);
        if let Some(link) = link {
            reply.set(LINK, &link);
        }
        reply
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let Ok(body) = serde_json::to_vec(&self.body) else {
            return Problem::from(flow::Error::Bug("an answer that cannot be written as JSON")).into_response();
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
