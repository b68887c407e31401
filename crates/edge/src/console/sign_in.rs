//! Signing in: address and password, then the second factor. Two pages that say the same to everybody.

use super::failure::Failure;
use super::sent::{Open, Sent};
use super::session::{SignedIn, cookie};
use crate::server::Peer;
use crate::state::EdgeState;
use crate::ui::field::{Entry, code_entry, entry, problem};
use crate::ui::shell;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use flow::refusal::Refusal;
use flow::rights::Action;
use flow::sign_in::Visitor;
use maud::{Markup, html};
use std::convert::Infallible;

/// From where a request comes.
pub(super) struct From(pub(super) Visitor);

impl<S: Sync> FromRequestParts<S> for From {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>();
        let source = peer.map_or_else(String::new, |Peer(address)| address.ip().to_canonical().to_string());
        let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self(Visitor {
            source,
            agent: agent.unwrap_or_default().to_owned(),
        }))
    }
}

/// `GET /sign-in`
pub(super) async fn show() -> Markup {
    page(None)
}

/// `POST /sign-in`: address and password. Whatever is wrong with them, the answer is the same.
pub(super) async fn password(
    State(state): State<EdgeState>,
    From(visitor): From,
    Open(fields): Open,
) -> Result<Response, Failure> {
    let (email, password) = (fields.text("email"), fields.secret("password"));
    match flow::sign_in::password(state.platform(), email, password, visitor).await {
        Ok(secret) => Ok(moved(&secret, "/sign-in/factor")),
        Err(error) => again(error, |words| page(Some(words))),
    }
}

/// `GET /sign-in/factor`; who has no app yet is on the way to one.
pub(super) async fn factor(signing: SignedIn, State(state): State<EdgeState>) -> Result<Response, Failure> {
    if flow::enrol::is_due(state.platform(), &signing.member).await? {
        return Ok(Redirect::to("/enrol").into_response());
    }
    Ok(factor_page(&signing.frame, None).into_response())
}

/// `POST /sign-in/factor`: a code of the app, or a recovery code.
pub(super) async fn second_factor(
    State(state): State<EdgeState>,
    headers: HeaderMap,
    From(visitor): From,
    sent: Sent,
) -> Result<Response, Failure> {
    let secret = super::session::presented(&headers).ok_or(Failure::NoSession)?;
    match flow::sign_in::second_factor(state.platform(), secret, sent.fields.text("code"), &visitor).await {
        Ok(fresh) => {
            let reads = sent
                .member
                .roles
                .iter()
                .any(|role| role.permits().contains(&Action::ReadPayments));
            Ok(moved(&fresh, if reads { "/" } else { "/me" }))
        }
        Err(error) => again(error, |words| factor_page(&sent.frame, Some(words))),
    }
}

/// Goes on with the secret of a session.
pub(super) fn moved(secret: &str, to: &str) -> Response {
    ([(SET_COOKIE, cookie(secret))], Redirect::to(to)).into_response()
}

/// The same page again with what was refused; what is no refusal fails.
pub(super) fn again(error: flow::Error, page: impl FnOnce(&str) -> Markup) -> Result<Response, Failure> {
    let flow::Error::Refused(Refusal { code, detail, .. }) = &error else {
        return Err(error.into());
    };
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::BAD_REQUEST);
    Ok((status, page(&super::words::sentence(detail))).into_response())
}

fn page(wrong: Option<&str>) -> Markup {
    let content = html! {
        (problem(wrong))
        form.form method="post" action="/sign-in" {
            (entry(Entry { name: "email", label: "E-mail address", kind: "email", autocomplete: "username", value: "", hint: None }))
            (entry(Entry {
                name: "password", label: "Password", kind: "password", autocomplete: "current-password", value: "", hint: None,
            }))
            button.button.first type="submit" { "Go on" }
        }
        p.aside.small {
            "You need your authenticator app next. If you have lost both app and recovery codes, whoever runs the server can let you in "
            "again."
        }
    };
    shell::door("Sign in", &content)
}

fn factor_page(frame: &shell::Frame, wrong: Option<&str>) -> Markup {
    let content = html! {
        (problem(wrong))
        form.form method="post" action="/sign-in/factor" {
            (frame.token())
            (code_entry("code", "Code of your authenticator app", "Six digits. Without the app, enter one of your recovery codes."))
            button.button.first type="submit" { "Sign in" }
        }
        form method="post" action="/console/sign-out" { (frame.token()) button.button type="submit" { "Not now" } }
    };
    shell::door("Your second factor", &content)
}
