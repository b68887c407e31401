//! The frame around every request: its id, its deadline, the headers of every answer, the document of a problem, and counting.
//!
//! One layer around all routes and fallbacks. On the hot path it costs one box and a handful of headers.

use super::answer;
use super::trace_parent::TraceId;
use crate::limits;
use crate::metrics::{Meter, Meters};
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use flow::refusal::Code;
use signing::http_signature::MessageSignature;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tower::{Layer, Service};
use vocab::id::RequestId;

/// The header that names a request.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Routes that take files, which may take their time.
const UPLOADS: [&str; 2] = ["/v1/batches", "/v1/statements"];

/// What the frame knows of a request; handlers and extractors find it among its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Its id.
    pub(crate) id: RequestId,
    /// Where authentication leaves the signature for the answer to refer to; only when answers are signed.
    signature: Option<Arc<OnceLock<MessageSignature>>>,
}

impl Asked {
    /// Remembers the verified signature of the request.
    pub(crate) fn was_signed(&self, signature: &MessageSignature) {
        if let Some(place) = &self.signature {
            // A request is verified once; were it twice, the first signature stays.
            let _ = place.set(signature.clone());
        }
    }
}

/// Puts the frame around routes.
#[derive(Clone, Debug)]
pub(crate) struct FrameLayer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: EdgeState,
    meters: Meters,
}

impl FrameLayer {
    /// `routes` as the router spells them.
    pub(crate) fn new(state: EdgeState, routes: impl Iterator<Item = String>) -> Self {
        let meters = Meters::new(state.metrics(), routes);
        Self {
            shared: Arc::new(Shared { state, meters }),
        }
    }
}

impl<S> Layer<S> for FrameLayer {
    type Service = Frame<S>;

    fn layer(&self, inner: S) -> Frame<S> {
        Frame {
            inner,
            shared: Arc::clone(&self.shared),
        }
    }
}

/// A route in its frame.
#[derive(Clone, Debug)]
pub(crate) struct Frame<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> Service<Request> for Frame<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        let framed = Framed::begin(&shared, &mut request);
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = match tokio::time::timeout(framed.deadline, answer).await {
                Ok(Ok(response)) => response,
                Ok(Err(never)) => match never {},
                Err(_) => {
                    let detail = "the request took too long; whether it was done is unknown";
                    Problem::new(Code::Unavailable, detail).into_response()
                }
            };
            Ok(framed.finish(&shared.state, response).await)
        })
    }
}

/// One request between its arrival and its answer.
struct Framed {
    asked: Asked,
    method: Method,
    uri: Uri,
    /// What the log names: the path, or the route when the path is a secret.
    told: String,
    trace: Option<TraceId>,
    meter: Arc<Meter>,
    began: Instant,
    deadline: Duration,
}

impl Framed {
    fn begin(shared: &Shared, request: &mut Request) -> Self {
        let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let seconds = if route.is_some_and(|route| UPLOADS.contains(&route)) {
            limits::UPLOAD_SECONDS
        } else {
            limits::REQUEST_SECONDS
        };
        let asked = Asked {
            id: shared.state.request_id(),
            signature: shared.state.server_key().map(|_| Arc::new(OnceLock::new())),
        };
        let framed = Self {
            asked: asked.clone(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            told: told(route, request.uri()),
            trace: TraceId::of(request.headers()),
            meter: shared.meters.of(route),
            began: now(),
            deadline: Duration::from_secs(seconds),
        };
        request.extensions_mut().insert(asked);
        framed
    }

    async fn finish(self, state: &EdgeState, mut response: Response) -> Response {
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            state.metrics().refused(problem.code());
            response = problem.render(self.asked.id, self.uri.path());
        }
        if let (Some(key), Some(signature)) = (
            state.server_key(),
            self.asked.signature.as_ref().and_then(|place| place.get()),
        ) {
            response = answer::sign(key, state.platform().wall(), signature, response).await;
        }
        dress(response.headers_mut(), self.asked.id, state.public());
        let (status, took) = (response.status(), self.began.elapsed());
        self.meter.count(&self.method, status, took);
        tracing::debug!(
            request.id = %self.asked.id,
            trace.id = self.trace.map(tracing::field::display),
            http.method = %self.method,
            http.path = self.told,
            http.status = status.as_u16(),
            http.micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "request {}", self.asked.id
        );
        response
    }
}

// SECURITY: a link that works once is a way in as long as nobody has used it; logs are read by more people than links are for.
fn told(route: Option<&str>, uri: &Uri) -> String {
    let secret = route.filter(|route| route.contains("{link}"));
    secret.unwrap_or(uri.path()).to_owned()
}

/// The headers of every answer. A page with needs of its own (a style sheet, a script) has set its policy already.
fn dress(headers: &mut HeaderMap, id: RequestId, public: bool) {
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let nothing = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(nothing));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if public {
        // Not on this machine's own names: there it would bind every other server that is being tried out on them.
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place of the edge that measures how long an answer took"
)]
fn now() -> Instant {
    Instant::now()
}
