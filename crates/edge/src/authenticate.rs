//! Authenticate: who is asking. A handler that takes [`Signed`] runs only for a request that a registered key signed, for this
//! server, in time, over this body, and for the first time.
//!
//! The order is the one of `signing`: profile, key, body, freshness and signature, and the nonce last, so that nobody without a
//! key can fill the store. An unknown key and a wrong signature get the same answer.

mod authority;
mod body;
mod needs;

use crate::admission::Place;
use crate::limits;
use crate::middleware::frame::Asked;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::body::Body;
use axum::extract::{FromRequest, MatchedPath, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use bytes::Bytes;
use flow::authenticate::{Idempotency, Registered};
use flow::refusal::{Code, FieldError, Refusal};
use flow::rights::Action;
use flow::view::Nonce;
use signing::content_digest::content_digest;
use signing::http_signature::{self, Candidate, RequestParts};
use std::sync::Arc;
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
    /// What the route asks of a member.
    pub(crate) need: Option<Action>,
    /// The body, whose digest was signed.
    pub(crate) body: Bytes,
    /// As sent.
    pub(crate) headers: HeaderMap,
    /// As sent.
    pub(crate) uri: Uri,
    method: Method,
    /// Held until the request is answered.
    _place: Place,
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
        let (head, body) = Head::read(edge, request).await?;
        let body = body::read(body, limits::JSON_BYTES_MAX).await?;
        let signed = claim(edge, head.verify(edge, body)?).await?;
        permit(edge, &signed).await?;
        Ok(signed)
    }
}

impl FromRequest<EdgeState> for Unclaimed {
    type Rejection = Problem;

    async fn from_request(request: Request, edge: &EdgeState) -> Result<Self, Problem> {
        let (head, body) = Head::read(edge, request).await?;
        let body = body::read(body, limits::JSON_BYTES_MAX).await?;
        let unclaimed = head.verify(edge, body)?;
        // Who may not is told so once for each signature, like everybody else.
        if let Err(refused) = permit(edge, &unclaimed.signed).await {
            claim(edge, unclaimed).await?;
            return Err(refused);
        }
        Ok(unclaimed)
    }
}

impl FromRequest<EdgeState> for Uploaded {
    type Rejection = Problem;

    async fn from_request(request: Request, edge: &EdgeState) -> Result<Self, Problem> {
        let (head, body) = Head::read(edge, request).await?;
        // SECURITY: a stranger must not make us hold a file, nor keep others from sending theirs.
        head.believe_without_body(edge)?;
        let Ok(place) = edge.uploads().clone().try_acquire_owned() else {
            return Err(Problem::new(
                Code::Busy,
                "too many files are being taken in at the moment",
            ));
        };
        let body = body::read(body, BODY_BYTES_MAX).await?;
        let signed = claim(edge, head.verify(edge, body)?).await?;
        permit(edge, &signed).await?;
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

/// Refuses what none of the roles of the member who signed permits.
async fn permit(edge: &EdgeState, signed: &Signed) -> Result<(), Problem> {
    match signed.need {
        Some(action) => Ok(flow::rights::permit(edge.platform(), signed.ctx, action).await?),
        None => Ok(()),
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

/// A request whose body has not been read yet, with the key that it claims to be signed with, if there is such a key.
struct Head {
    parts: Parts,
    asked: Asked,
    candidate: Candidate,
    registered: Option<Arc<Registered>>,
}

impl Head {
    /// Holds the head against the profile and looks the key up. Nothing is believed yet.
    async fn read(edge: &EdgeState, request: Request) -> Result<(Self, Body), Problem> {
        if edge.admission().is_full() {
            return Err(busy());
        }
        let (parts, body) = request.into_parts();
        let Some(asked) = parts.extensions.get::<Asked>().cloned() else {
            return Err(flow::Error::Bug("a request outside of its frame").into());
        };
        let candidate = inspect(edge, &parts)?;
        let registered = match candidate.key_id().parse::<KeyId>() {
            Ok(id) => flow::authenticate::key(edge.platform(), id).await?,
            Err(_) => None,
        };
        Ok((
            Self {
                parts,
                asked,
                candidate,
                registered,
            },
            body,
        ))
    }

    /// What the route asks of a member.
    fn need(&self) -> Result<Option<Action>, Problem> {
        let route = self.parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        let need = route.and_then(|route| needs::of(self.parts.method.as_str(), route));
        need.ok_or_else(|| flow::Error::Bug("a route of the API that asks for nothing").into())
    }

    /// Checks freshness and signature before the body is there. An unknown key and a wrong signature get the same answer.
    fn believe_without_body(&self, edge: &EdgeState) -> Result<(), Problem> {
        let candidate = inspect(edge, &self.parts)?;
        let now = edge.platform().wall().seconds();
        let Some(registered) = &self.registered else {
            return Err(not_believed(edge, candidate.refuse_unknown_key(now, b"")));
        };
        match candidate.verify(&registered.key, now, b"") {
            // The body is looked at last: this refusal says that all the rest holds.
            Ok(_) | Err(http_signature::Refusal::ContentDigestMismatch) => Ok(()),
            Err(refusal) => Err(not_believed(edge, refusal)),
        }
    }

    /// Checks everything but the nonce.
    fn verify(self, edge: &EdgeState, body: Bytes) -> Result<Unclaimed, Problem> {
        let need = self.need()?;
        // SECURITY: only now that the body is there, or strangers who send theirs slowly would take all places.
        let place = edge.admission().enter().ok_or_else(busy)?;
        let platform = edge.platform();
        let now = platform.wall().seconds();
        let Some(registered) = self.registered else {
            return Err(not_believed(edge, self.candidate.refuse_unknown_key(now, &body)));
        };
        let verified = self
            .candidate
            .verify(&registered.key, now, &body)
            .map_err(|refusal| not_believed(edge, refusal))?;
        self.asked.was_signed(verified.signature());
        let nonce = flow::authenticate::nonce(registered.id, verified.expires(), verified.nonce_digest());
        let ctx = Ctx {
            organization: registered.organization,
            world: registered.world,
            actor: registered.holder,
            request: self.asked.id,
            now: platform.now(registered.world),
        };
        let Parts {
            method, uri, headers, ..
        } = self.parts;
        Ok(Unclaimed {
            signed: Signed {
                ctx,
                key: registered.id,
                need,
                body,
                headers,
                uri,
                method,
                _place: place,
            },
            nonce,
        })
    }
}

fn busy() -> Problem {
    Problem::new(Code::Busy, "too many requests are under way at the moment")
}

/// The signature of a request for this server, in the form of the profile.
fn inspect(edge: &EdgeState, parts: &Parts) -> Result<Candidate, Problem> {
    let seen = RequestParts {
        method: parts.method.as_str(),
        authority: authority::of(edge, parts)?,
        path: parts.uri.path(),
        query: parts.uri.query(),
        headers: &parts.headers,
    };
    http_signature::inspect(&seen).map_err(|refusal| not_believed(edge, refusal))
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
