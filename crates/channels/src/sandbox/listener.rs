//! The bank's front: HTTP on loopback, a shared token, and connections that it can drop without an answer.
//!
//! Nothing is decided here; every call becomes one transaction of the book. What a person may not see is not in any answer: the
//! token and the causes of faults stay inside.

use super::accounts::{self, OPENING_MINOR_MAX};
use super::bank::{BankError, Faults};
use super::book::{Book, Moment};
use super::documents::{self, Refusal};
use super::entries;
use super::mailbox;
use super::orders::{Answer, kind_of};
use super::reception::{self, Reception};
use super::wire::{
    AccountBody, BookBody, DOCUMENT_KIND, DOCUMENT_REFERENCE, MailboxQuery, NEVER_RECEIVED, OpenAccount, RefusalBody,
    TEST_NOW, Waiting,
};
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use vocab::account::AccountNumber;
use vocab::exchange::Document;
use vocab::limits;
use vocab::money::Currency;
use vocab::secret::Secret;
use vocab::time::Timestamp;

/// Latest time that a caller may set the clock to, in the year 9987: calendar arithmetic beyond 9999 has no dates.
const CLOCK_SECONDS_MAX: i64 = 253_000_000_000;
/// Characters of the name of an account, as in messages.
const NAME_MAX: usize = 140;

const UNKNOWN_CALL: &str = "the bank has no such call";

/// What the handlers share.
#[derive(Clone)]
pub(super) struct Front {
    pub(super) book: Arc<Mutex<Book>>,
    pub(super) token: Arc<Secret>,
    pub(super) faults: Arc<Faults>,
    pub(super) deliveries: Arc<AtomicU64>,
}

/// Marks a response that never leaves: the connection is closed instead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost;

/// An answer that is no.
#[derive(Debug)]
struct No {
    status: StatusCode,
    body: RefusalBody,
}

/// Everything that can be asked of the bank.
pub(super) fn router(front: Front) -> Router {
    Router::new()
        .route("/documents", post(deliver))
        .route("/documents/{reference}/status", get(status))
        .route("/mailbox", get(collect))
        .route("/accounts", post(open_account).get(list_accounts))
        .route("/book", get(show_book))
        .fallback(|| async { No::new(StatusCode::NOT_FOUND, "unknown_call", UNKNOWN_CALL) })
        .method_not_allowed_fallback(|| async { No::new(StatusCode::METHOD_NOT_ALLOWED, "unknown_call", UNKNOWN_CALL) })
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(front.clone(), authorize))
        .with_state(front)
}

/// SECURITY: the secrets are compared in constant time, and nothing is read of a caller who does not know the token.
async fn authorize(State(front): State<Front>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if given.is_some_and(|token| Secret::new(token.to_vec()) == *front.token) {
        next.run(request).await
    } else {
        No::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "the bearer token is missing or wrong",
        )
        .into_response()
    }
}

async fn deliver(
    State(front): State<Front>,
    Now(now): Now,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, No> {
    let unread = |_| {
        No::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body",
            "the body is too large or broke off",
        )
    };
    let body = body.map_err(unread)?;
    let document = document_of(&headers, &body)?;
    let count = front.deliveries.fetch_add(1, Ordering::Relaxed).saturating_add(1);
    if front.faults.lost_requests.contains(&count) {
        return Ok(lost());
    }
    // Read before the book is locked, and off the async threads: a hostile body may take its time.
    let read = tokio::task::spawn_blocking(move || documents::read(&document).map(|delivered| (document, delivered)));
    let read = read.await.map_err(|panicked| No::fault(&panicked))?;
    let reception = front.call(now, move |moment| match read {
        Ok((document, delivered)) => reception::receive(moment, &document, &delivered),
        Err(refusal) => Ok(Reception::Answered(Answer::Refused(refusal))),
    });
    let reception = reception.await?;
    tokio::time::sleep(front.faults.answer_delay).await;
    match reception {
        _ if front.faults.lost_answers.contains(&count) => Ok(lost()),
        Reception::AnswerLost | Reception::RequestLost => Ok(lost()),
        Reception::Answered(Answer::Document(document)) => Ok(document_response(document)),
        Reception::Answered(Answer::Refused(Refusal { code, text })) => Err(No::refused(&code, &text)),
    }
}

async fn status(State(front): State<Front>, Now(now): Now, Path(reference): Path<String>) -> Result<Response, No> {
    let found = front
        .call(now, move |moment| reception::status(moment, &reference))
        .await?;
    let never = || {
        No::new(
            StatusCode::NOT_FOUND,
            NEVER_RECEIVED,
            "the bank never received a document of this reference",
        )
    };
    found.map(document_response).ok_or_else(never)
}

async fn collect(
    State(front): State<Front>,
    Now(now): Now,
    query: Result<Query<MailboxQuery>, QueryRejection>,
) -> Result<Json<Vec<Waiting>>, No> {
    let unread = |_| {
        No::new(
            StatusCode::BAD_REQUEST,
            "query",
            "after and limit must be given as numbers",
        )
    };
    let Query(wanted) = query.map_err(unread)?;
    let limit = wanted.limit.min(limits::PAGE_MAX);
    let documents = front.call(now, move |moment| {
        let documents = mailbox::after(moment, wanted.after, limit)?;
        documents.into_iter().map(waiting).collect::<Result<Vec<_>, _>>()
    });
    documents.await.map(Json)
}

fn waiting(numbered: mailbox::Numbered) -> Result<Waiting, BankError> {
    let Document { kind, reference, body } = numbered.document;
    let body = String::from_utf8(body).map_err(|_| BankError::Damaged("a document is not UTF-8".to_owned()))?;
    Ok(Waiting {
        number: numbered.number,
        kind: kind.name().to_owned(),
        reference,
        body,
    })
}

async fn open_account(
    State(front): State<Front>,
    Now(now): Now,
    body: Result<Json<OpenAccount>, JsonRejection>,
) -> Result<StatusCode, No> {
    let text = "account, currency, name and balance_minor must be given as JSON";
    let Json(wanted) = body.map_err(|_| No::new(StatusCode::BAD_REQUEST, "body", text))?;
    let opening = opening(wanted)?;
    front.call(now, move |moment| accounts::open(moment, &opening)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list_accounts(State(front): State<Front>, Now(now): Now) -> Result<Json<Vec<AccountBody>>, No> {
    let accounts = front.call(now, accounts::list).await?;
    Ok(Json(
        accounts
            .into_iter()
            .map(|(account, bookings)| AccountBody::of(account, bookings))
            .collect(),
    ))
}

async fn show_book(State(front): State<Front>, Now(now): Now) -> Result<Json<Vec<BookBody>>, No> {
    let lines = front.call(now, entries::book).await?;
    Ok(Json(lines.into_iter().map(BookBody::of).collect()))
}

impl Front {
    /// Runs one call on the book, on a thread that may wait for the disk.
    async fn call<T: Send + 'static>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&Moment<'_>) -> Result<T, BankError> + Send + 'static,
    ) -> Result<T, No> {
        let book = Arc::clone(&self.book);
        let served = tokio::task::spawn_blocking(move || {
            // A call that panicked has rolled its transaction back: the book behind the poisoned lock is sound.
            book.lock().unwrap_or_else(PoisonError::into_inner).at(now, work)
        });
        let served = served.await.map_err(|panicked| No::fault(&panicked))?;
        served.map_err(|error| No::fault(&error))
    }
}

/// The time of the caller's world, which every call carries.
struct Now(Timestamp);

impl<S: Sync> FromRequestParts<S> for Now {
    type Rejection = No;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, No> {
        let header = parts.headers.get(TEST_NOW).and_then(|value| value.to_str().ok());
        let now = header.and_then(|text| text.parse().ok()).map(Timestamp::from_micros);
        now.filter(|now| (0..=CLOCK_SECONDS_MAX).contains(&now.seconds()))
            .map(Self)
            .ok_or_else(|| {
                let text = "the header test-now must give the time in microseconds since 1970";
                No::new(StatusCode::BAD_REQUEST, "test_now", text)
            })
    }
}

fn document_of(headers: &HeaderMap, body: &Bytes) -> Result<Document, No> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let kind = text(&DOCUMENT_KIND).and_then(kind_of);
    let reference = text(&DOCUMENT_REFERENCE).filter(|reference| !reference.is_empty());
    if let (Some(kind), Some(reference)) = (kind, reference) {
        return Ok(Document {
            kind,
            reference: reference.to_owned(),
            body: body.to_vec(),
        });
    }
    let text = "the headers document-kind and document-reference must name the document";
    Err(No::new(StatusCode::BAD_REQUEST, "document_headers", text))
}

fn opening(wanted: OpenAccount) -> Result<accounts::Opening, No> {
    let number = AccountNumber::guess(&wanted.account);
    let number = number.map_err(|_| No::refused("account", "the account is no IBAN and no other account number"))?;
    let currency = Currency::from_code(&wanted.currency);
    let currency = currency.ok_or_else(|| No::refused("currency", "the currency is not known"))?;
    if wanted.name.chars().count() > NAME_MAX {
        return Err(No::refused("name", "the name has more than 140 characters"));
    }
    if !(0..=OPENING_MINOR_MAX).contains(&wanted.balance_minor) {
        let text = "the balance must be from 0 to 10 to the power of 17 minor units";
        return Err(No::refused("balance_minor", text));
    }
    Ok(accounts::Opening {
        number,
        currency,
        name: wanted.name,
        balance_minor: wanted.balance_minor,
    })
}

fn document_response(document: Document) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/xml".to_owned()),
        (DOCUMENT_KIND, document.kind.name().to_owned()),
        (DOCUMENT_REFERENCE, document.reference),
    ];
    (headers, document.body).into_response()
}

fn lost() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(Lost);
    response
}

impl No {
    fn new(status: StatusCode, code: &str, text: &str) -> Self {
        Self {
            status,
            body: RefusalBody {
                code: code.to_owned(),
                text: text.to_owned(),
            },
        }
    }

    /// Something of the bank itself failed; nothing of the call was done. The cause stays inside.
    fn fault(cause: &(dyn Error + 'static)) -> Self {
        tracing::error!(error = cause, "the simulated bank could not serve a call");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "bank_fault",
            "the bank could not serve the call",
        )
    }

    /// What was asked for could be read and is not done.
    fn refused(code: &str, text: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, text)
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}
