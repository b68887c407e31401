//! Enrolment: a picture for the authenticator app, its first code, and the recovery codes, shown this once.

use super::failure::Failure;
use super::qr;
use super::sent::Sent;
use super::session::{SignedIn, cookie};
use super::sign_in::again;
use crate::state::EdgeState;
use crate::ui::field::{code_entry, problem};
use crate::ui::shell::{self, Frame};
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use flow::enrol::Enrolment;
use maud::{Markup, html};

/// `GET /enrol`
pub(super) async fn show(enrolling: SignedIn, State(state): State<EdgeState>) -> Result<Markup, Failure> {
    let issuer = &enrolling.frame.organization;
    let enrolment = flow::enrol::begin(state.platform(), &enrolling.member, issuer).await?;
    Ok(page(&enrolling.frame, &enrolment, None))
}

/// `POST /enrol`: the first code of the app. The answer is the page with the recovery codes: going to another one would lose them.
pub(super) async fn confirm(State(state): State<EdgeState>, sent: Sent) -> Result<Response, Failure> {
    let platform = state.platform();
    match flow::enrol::confirm(platform, &sent.member, sent.fields.text("code")).await {
        Ok(enrolled) => {
            let page = shell::door("Keep your recovery codes", &codes(&enrolled.codes, "/me"));
            Ok(([(SET_COOKIE, cookie(&enrolled.secret))], page).into_response())
        }
        Err(error) => {
            let enrolment = flow::enrol::begin(platform, &sent.member, &sent.frame.organization).await?;
            again(error, |words| page(&sent.frame, &enrolment, Some(words)))
        }
    }
}

/// Recovery codes, and where to go from there.
pub(super) fn codes(codes: &[String], on: &str) -> Markup {
    html! {
        p {
            "Each of these lets you sign in once without your app. They are shown only now: print them or write them down, and keep them "
            "away from your telephone."
        }
        ul.codes { @for code in codes { li { code { (code) } } } }
        p { a.button.first href=(on) { "I have kept them" } }
    }
}

fn page(frame: &Frame, enrolment: &Enrolment, wrong: Option<&str>) -> Markup {
    let content = html! {
        ol.steps {
            li { "Open an authenticator app on your telephone, such as one of those that your organization allows." }
            li { "Let it read this picture, or type the key in." }
            li { "Enter the six digits that it shows." }
        }
        @if let Some(picture) = qr::picture(&enrolment.address, "Picture for the authenticator app to read") { (picture) }
        p.small { "The key: " code.id id="key" { (enrolment.readable) } }
        (problem(wrong))
        form.form method="post" action="/enrol" {
            (frame.token())
            (code_entry("code", "Code that the app shows", "A new one comes every 30 seconds."))
            button.button.first type="submit" { "Connect the app" }
        }
    };
    shell::door("Connect your authenticator app", &content)
}
