//! Why a page cannot be shown. A handler returns a failure; the guard in front of it makes the page, because it knows the id of the
//! request.

use super::doors;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use flow::refusal::{Code, Refusal};
use std::error::Error;
use std::sync::Arc;
use vocab::id::RequestId;

/// Why there is no page.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// There is no such thing: completes "There is no …".
    Missing(&'static str),
    /// The address cannot be read, in a sentence.
    Malformed(String),
    /// Nobody is signed in.
    NoSession,
    /// Somebody is in through a link from the command line, and this is for members.
    MembersOnly,
    /// The second factor is not proven yet.
    HalfOpen,
    /// The second factor is proven already.
    OpenAlready,
    /// Not from this machine, or not for this server.
    Elsewhere,
    /// A form that was not shown by us, or not to this session.
    ForeignForm,
    /// Too many pages are live at the same time.
    TooManyFeeds,
    /// The newest event is not in the log yet.
    NotSealed,
    /// The platform could not answer.
    Failed(Arc<flow::Error>),
}

impl Failure {
    /// The page. `asked` is what a person can report.
    pub(super) fn page(self, asked: Option<RequestId>) -> Response {
        let asked = asked.map(|id| id.to_string()).unwrap_or_default();
        match self {
            Self::Missing(what) => answer(StatusCode::NOT_FOUND, doors::missing(what)),
            Self::Malformed(sentence) => answer(StatusCode::BAD_REQUEST, doors::malformed(&sentence)),
            Self::NoSession => answer(StatusCode::UNAUTHORIZED, doors::no_session()),
            Self::MembersOnly => answer(StatusCode::FORBIDDEN, doors::members_only()),
            Self::HalfOpen => Redirect::to("/sign-in/factor").into_response(),
            Self::OpenAlready => Redirect::to("/me").into_response(),
            Self::Elsewhere => doors::elsewhere().into_response(),
            Self::ForeignForm => answer(StatusCode::FORBIDDEN, doors::foreign_form()),
            Self::TooManyFeeds => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Self::NotSealed => answer(StatusCode::CONFLICT, doors::not_sealed()),
            Self::Failed(error) => failed(&error, &asked),
        }
    }
}

fn failed(error: &flow::Error, asked: &str) -> Response {
    let Refusal { code, detail, .. } = error.refusal();
    if code == Code::NotFound {
        return answer(StatusCode::NOT_FOUND, doors::missing("such thing"));
    }
    if let Ok(status) = StatusCode::from_u16(code.status())
        && status.is_client_error()
    {
        return answer(status, doors::refused(&detail));
    }
    if matches!(code, Code::Busy | Code::Unavailable) {
        return answer(StatusCode::SERVICE_UNAVAILABLE, doors::busy(&detail));
    }
    let error: &dyn Error = error;
    tracing::error!(request.id = %asked, error, "page of request {asked} failed on our side");
    answer(StatusCode::INTERNAL_SERVER_ERROR, doors::broken(asked))
}

fn answer(status: StatusCode, page: maud::Markup) -> Response {
    (status, page).into_response()
}

impl From<flow::Error> for Failure {
    fn from(error: flow::Error) -> Self {
        Self::Failed(Arc::new(error))
    }
}

impl IntoResponse for Failure {
    /// An empty answer that carries the failure to the guard.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(self);
        response
    }
}
