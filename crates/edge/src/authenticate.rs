//! Authenticate: who is asking. A handler that takes [`Signed`] runs only for a request that a registered key signed, for this
//! server, in time, over this body, and for the first time.
//!
//! The order is the one of `signing`: profile, key, body, freshness and signature, and the nonce last, so that nobody without a
//! key can fill the store. An unknown key and a wrong signature get the same answer.

mod authority;
mod body;

use crate::limits;
use crate::middleware::frame::Asked;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, Uri};
use bytes::Bytes;
use flow::authenticate::Idempotency;
use flow::refusal::{Code, FieldError, Refusal};
use flow::view::Nonce;
use signing::content_digest::content_digest;
use signing::http_signature::{self, RequestParts, inspect};
use tokio::sync::OwnedSemaphorePermit;
use vocab::context::Ctx;
use vocab::id::KeyId;
use vocab::limits::{BODY_BYTES_MAX, IDEMPOTENCY_KEY_MAX};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A request that its sender signed. Does not print: its body and headers are nobody else's business.
pub(crate) struct Signed {
    /// Whose, who and when.
    pub(crate) ctx: Ctx,
    /// The key that signed.
    pub(crate) key: KeyId,
    /// The body, whose digest was signed.
    pub(crate) body: Bytes,
    /// As sent.
    pub(crate) headers: HeaderMap,
    /// As sent.
    pub(crate) uri: Uri,
    method: Method,
}

/// A signed request whose nonce is not claimed yet: the handler hands it on, or explains why it does not.
pub(crate) struct Unclaimed {
    /// The request.
    pub(crate) signed: Signed,
    /// To be claimed in the transaction of the effect.
    pub(crate) nonce: Nonce,
}

/// A signed request that brings a file.
pub(crate) struct Uploaded {
    /// The request.
    pub(crate) signed: Signed,
    /// Held until the file has been dealt with: bounds the memory of all uploads.
    _place: OwnedSemaphorePermit,
}

impl FromRequest<EdgeState> for Signed {
    type Rejection = Problem;

    async fn from_request(request: Request, edge: &EdgeState) -> Result<Self, Problem> {
        claim(edge, verify(edge, request, limits::JSON_BYTES_MAX).await?).await
    }
}

impl FromRequest<EdgeState> for Unclaimed {
    type Rejection = Problem;

    async fn from_request(request: Request, edge: &EdgeState) -> Result<Self, Problem> {
        verify(edge, request, limits::JSON_BYTES_MAX).await
    }
}

impl FromRequest<EdgeState> for Uploaded {
    type Rejection = Problem;

    async fn from_request(request: Request, edge: &EdgeState) -> Result<Self, Problem> {
        let Ok(place) = edge.uploads().clone().try_acquire_owned() else {
            return Err(Problem::new(
                Code::Busy,
                "too many files are being taken in at the moment",
            ));
        };
        let signed = claim(edge, verify(edge, request, BODY_BYTES_MAX).await?).await?;
        Ok(Self { signed, _place: place })
    }
}

impl Signed {
    /// What makes a repetition of this request recognisable: the caller, the operation, their key, and everything that was asked
    /// (method, path, query, content type, body), byte for byte.
    pub(crate) fn idempotency(&self, edge: &EdgeState, operation: &str) -> Result<Idempotency, Problem> {
        let key = self
            .headers
            .get(IDEMPOTENCY_KEY)
            .and_then(|key| key.to_str().ok())
            .unwrap_or_default();
        if !(1..=IDEMPOTENCY_KEY_MAX).contains(&key.len()) {
            let detail = format!("the idempotency key has 1 to {IDEMPOTENCY_KEY_MAX} characters of visible ASCII");
            return Err(Problem::new(Code::IdempotencyKeyMissing, detail));
        }
        let kind = self.content_type().unwrap_or_default();
        let asked = format!("{} {}\n{kind}\n{}", self.method, self.uri, content_digest(&self.body));
        let Ctx {
            organization,
            world,
            actor,
            ..
        } = self.ctx;
        let platform = edge.platform();
        Ok(flow::authenticate::idempotency(
            platform,
            organization,
            world,
            actor,
            operation,
            key,
            asked.as_bytes(),
        ))
    }

    /// The media type of the body without its parameters.
    pub(crate) fn content_type(&self) -> Option<&str> {
        let kind = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        Some(kind.split(';').next().unwrap_or(kind).trim())
    }
}

async fn claim(edge: &EdgeState, unclaimed: Unclaimed) -> Result<Signed, Problem> {
    if flow::authenticate::claim_nonce(edge.platform(), unclaimed.nonce).await? {
        Ok(unclaimed.signed)
    } else {
        edge.metrics().not_believed("replayed");
        Err(Problem::new(Code::Replayed, "this signature was used before"))
    }
}

async fn verify(edge: &EdgeState, request: Request, body_bytes_max: usize) -> Result<Unclaimed, Problem> {
    let (parts, body) = request.into_parts();
    let Some(asked) = parts.extensions.get::<Asked>().cloned() else {
        return Err(flow::Error::Bug("a request outside of its frame").into());
    };
    let authority = authority::of(edge, &parts)?;
    let seen = RequestParts {
        method: parts.method.as_str(),
        authority,
        path: parts.uri.path(),
        query: parts.uri.query(),
        headers: &parts.headers,
    };
    let candidate = inspect(&seen).map_err(|refusal| not_believed(edge, refusal))?;
    let platform = edge.platform();
    let registered = match candidate.key_id().parse::<KeyId>() {
        Ok(id) => flow::authenticate::key(platform, id).await?,
        Err(_) => None,
    };
    let body = body::read(body, body_bytes_max).await?;
    let now = platform.wall().seconds();
    let Some(registered) = registered else {
        return Err(not_believed(edge, candidate.refuse_unknown_key(now, &body)));
    };
    let verified = candidate
        .verify(&registered.key, now, &body)
        .map_err(|refusal| not_believed(edge, refusal))?;
    asked.was_signed(verified.signature());
    let nonce = flow::authenticate::nonce(registered.id, verified.expires(), verified.nonce_digest());
    let ctx = Ctx {
        organization: registered.organization,
        world: registered.world,
        actor: registered.holder,
        request: asked.id,
        now: platform.now(registered.world),
    };
    let (key, method, headers, uri) = (registered.id, parts.method, parts.headers, parts.uri);
    Ok(Unclaimed {
        signed: Signed {
            ctx,
            key,
            body,
            headers,
            uri,
            method,
        },
        nonce,
    })
}

/// What the sender may know of a refused signature. The operator's counters see more of it.
fn not_believed(edge: &EdgeState, refusal: http_signature::Refusal) -> Problem {
    edge.metrics().not_believed(refusal.code());
    if refusal == http_signature::Refusal::MissingHeader(IDEMPOTENCY_KEY) {
        return Problem::new(
            Code::IdempotencyKeyMissing,
            "the request changes something and has no `Idempotency-Key`",
        );
    }
    let mut refused = Refusal::new(Code::Unauthenticated, refusal.public_detail());
    let (code, detail) = (refusal.public_code().to_owned(), refusal.public_detail());
    refused.errors.push(FieldError {
        pointer: "signature".to_owned(),
        line: None,
        code,
        detail,
    });
    refused.into()
}
