//! The one place where refusals and failures become HTTP answers: problem documents (RFC 9457) with a code from a closed list.
//!
//! A handler returns a [`Problem`]; the frame around the request renders it, because only the frame knows the request id. What
//! broke on our side is logged here with its whole chain and the request id, and the caller is shown the id only.

use crate::limits;
use axum::body::Body;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use flow::refusal::{Code, FieldError, Refusal};
use serde::Serialize;
use std::error::Error;
use std::sync::Arc;
use utoipa::ToSchema;
use vocab::id::RequestId;

/// The media type of problem documents.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";
/// Where the codes are explained.
pub(crate) const ERRORS_PAGE: &str = "/docs/errors";

/// What a signature has to cover and to say (RFC 9421 section 5.1); sent with every 401.
const ACCEPT_SIGNATURE: &str =
    r#"sig=("@method" "@authority" "@path" "@query");created;expires;nonce;keyid;tag="countersign-v1""#;

/// Why a request was not done. Boxed, because results carry it everywhere.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    refusal: Refusal,
    status: StatusCode,
    param: Option<String>,
    cause: Option<Arc<flow::Error>>,
}

impl Problem {
    /// The answer is no, in a sentence.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Refusal::new(code, detail).into()
    }

    /// Names the parameter of the path or the query that was wrong.
    pub(crate) fn param(mut self, name: impl Into<String>) -> Self {
        self.0.param = Some(name.into());
        self
    }

    /// Another status than the usual one of the code.
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.0.status = status;
        self
    }

    /// What kind of problem.
    pub(crate) fn code(&self) -> Code {
        self.0.refusal.code
    }

    #[cfg(test)]
    pub(crate) fn refusal(&self) -> &Refusal {
        &self.0.refusal
    }

    /// The document for the caller. `path` is where the request went, without its query.
    pub(crate) fn render(self, request: RequestId, path: &str) -> Response<Body> {
        self.log(request);
        let Inner {
            refusal, status, param, ..
        } = *self.0;
        let code = refusal.code;
        let doc_url = format!("{ERRORS_PAGE}#{code}");
        let document = ProblemDocument {
            kind: doc_url.clone(),
            title: code.title(),
            status: status.as_u16(),
            detail: refusal.detail,
            instance: path.to_owned(),
            code: code.as_str(),
            param,
            request_id: request.to_string(),
            doc_url,
            errors: refusal.errors.into_iter().map(FieldProblem::from).collect(),
        };
        // Text and numbers only: this cannot fail, and an empty body under the right status is still an answer.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(limits::RETRY_SECONDS));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(r#"Signature realm="countersign""#),
            );
            let name = HeaderName::from_static("accept-signature");
            headers.insert(name, HeaderValue::from_static(ACCEPT_SIGNATURE));
        }
        response
    }

    fn log(&self, request: RequestId) {
        let code = self.0.refusal.code;
        let chain = self
            .0
            .cause
            .as_ref()
            .map_or_else(|| self.0.refusal.detail.clone(), |error| chain(error.as_ref()));
        if code == Code::Internal {
            tracing::error!(request.id = %request, error = %chain, "request {request} failed on our side");
        } else if code == Code::Unavailable {
            tracing::warn!(request.id = %request, error = %chain, "request {request} could not be served");
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self(Box::new(Inner {
            refusal,
            status,
            param: None,
            cause: None,
        }))
    }
}

impl From<flow::Error> for Problem {
    fn from(error: flow::Error) -> Self {
        match error {
            flow::Error::Refused(refusal) => refusal.into(),
            flow::Error::Store(_) | flow::Error::Keys(_) | flow::Error::Bug(_) => {
                let mut problem = Self::from(error.refusal());
                problem.0.cause = Some(Arc::new(error));
                problem
            }
        }
    }
}

impl IntoResponse for Problem {
    /// An empty answer that carries the problem to the frame, which renders it.
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.0.status;
        response.extensions_mut().insert(self);
        response
    }
}

/// What happened, down to its first cause. The texts of our errors hold no values of rows and no personal data.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// A problem document (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// URI reference that names the kind of problem; the same as `doc_url`.
    #[serde(rename = "type")]
    kind: String,
    /// What the code means, in a few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What was wrong with this request, in a sentence.
    detail: String,
    /// The path of the request.
    instance: String,
    /// Stable code from the closed list at `/docs/errors`.
    code: &'static str,
    /// The parameter of the path or the query that was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    param: Option<String>,
    /// The id of the request, as in the header `Request-Id`: name it when you report the problem.
    request_id: String,
    /// What the code means and what to do about it.
    doc_url: String,
    /// Everything that is wrong with single fields of the body or the file. May be empty.
    errors: Vec<FieldProblem>,
}

/// One thing that is wrong with one field.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// JSON pointer (RFC 6901) into the body, path of an element or a cell in a file, or `?name` for a query parameter.
    pointer: String,
    /// Line in an uploaded file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    line: Option<i64>,
    /// Stable code of the finding.
    code: String,
    /// What is wrong and what to do, in a sentence.
    detail: String,
}

impl From<FieldError> for FieldProblem {
    fn from(error: FieldError) -> Self {
        let FieldError {
            pointer,
            line,
            code,
            detail,
        } = error;
        Self {
            pointer,
            line,
            code,
            detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    async fn document(response: Response<Body>) -> serde_json::Value {
        serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
    }

    #[tokio::test]
    async fn a_refusal_becomes_a_document_with_its_code_and_the_request_id() {
        let request = RequestId::from_i64(77);
        let response = Problem::new(Code::NotFound, "there is nothing").render(request, "/v1/payments/x");
        assert_eq!(response.status(), 404);
        assert_eq!(response.headers()[header::CONTENT_TYPE], MEDIA_TYPE);
        let document = document(response).await;
        assert_eq!(document["type"], "/docs/errors#not_found");
        assert_eq!(document["code"], "not_found");
        assert_eq!(document["status"], 404);
        assert_eq!(document["instance"], "/v1/payments/x");
        assert_eq!(document["request_id"], request.to_string());
        assert_eq!(document["errors"], serde_json::json!([]));
        assert!(document.get("param").is_none());
    }

    #[tokio::test]
    async fn what_broke_on_our_side_is_not_shown() {
        let response = Problem::from(flow::Error::Bug("a secret invariant")).render(RequestId::from_i64(1), "/");
        assert_eq!(response.status(), 500);
        let text = document(response).await.to_string();
        assert!(!text.contains("invariant"), "{text}");
    }

    #[test]
    fn a_caller_is_told_when_to_come_again_and_how_to_sign() {
        let busy = Problem::new(Code::Busy, "too much").render(RequestId::from_i64(1), "/");
        assert_eq!(busy.headers()[header::RETRY_AFTER], "1");
        let unsigned = Problem::new(Code::Unauthenticated, "not signed").render(RequestId::from_i64(1), "/");
        assert!(unsigned.headers().contains_key(header::WWW_AUTHENTICATE));
        let accepted = unsigned.headers()["accept-signature"].to_str().unwrap();
        assert!(accepted.contains(signing::http_signature::TAG));
    }
}
