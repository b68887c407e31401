//! Behind a one-time link: who are you, and which password. Looking does not use the link up; sending the form does.

use super::doors;
use super::failure::Failure;
use super::sent::Open;
use super::session::is_secret;
use super::sign_in::{From, again, moved};
use crate::state::EdgeState;
use crate::ui::field::{Entry, entry, problem};
use crate::ui::shell;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use flow::join::{First, Joining};
use flow::links::{Kind, Offer};
use flow::refusal::Code;
use maud::{Markup, html};

/// What was typed, to be shown again when something was wrong with it. Never a password.
#[derive(Default)]
struct Typed {
    name: String,
    email: String,
    organization: String,
}

/// `GET /join/{link}`
pub(super) async fn show(State(state): State<EdgeState>, Path(link): Path<String>) -> Result<Response, Failure> {
    match looked(&state, &link).await? {
        Some(offer) => Ok(page(&link, &offer, &Typed::default(), None).into_response()),
        None => Ok(gone()),
    }
}

/// `POST /join/{link}`: uses the link up and goes on to the authenticator app.
pub(super) async fn join(
    State(state): State<EdgeState>,
    Path(link): Path<String>,
    From(visitor): From,
    Open(fields): Open,
) -> Result<Response, Failure> {
    let Some(offer) = looked(&state, &link).await? else {
        return Ok(gone());
    };
    let typed = Typed {
        name: fields.text("name").to_owned(),
        email: fields.text("email").to_owned(),
        organization: fields.text("organization").to_owned(),
    };
    if fields.secret("password") != fields.secret("again") {
        let page = page(
            &link,
            &offer,
            &typed,
            Some("The two passwords differ. Type the same one twice."),
        );
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let first = (offer.kind == Kind::Setup).then(|| First {
        name: typed.name.clone(),
        email: typed.email.clone(),
        organization: typed.organization.clone(),
    });
    let joining = Joining {
        password: fields.secret("password"),
        first,
        visitor,
    };
    match flow::join::join(state.platform(), &link, joining).await {
        Ok(secret) => Ok(moved(&secret, "/enrol")),
        Err(error) => again(error, |words| page(&link, &offer, &typed, Some(words))),
    }
}

async fn looked(state: &EdgeState, link: &str) -> Result<Option<Offer>, Failure> {
    if !is_secret(link) {
        return Ok(None);
    }
    match flow::links::look(state.platform(), link).await {
        Ok(offer) => Ok(Some(offer)),
        Err(error) if error.refusal().code == Code::LinkSpent => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn gone() -> Response {
    (StatusCode::GONE, doors::spent_join()).into_response()
}

fn page(link: &str, offer: &Offer, typed: &Typed, wrong: Option<&str>) -> Markup {
    let named = |name| Entry {
        name,
        label: "",
        kind: "text",
        autocomplete: "off",
        value: "",
        hint: None,
    };
    let (title, sentence) = match offer.kind {
        Kind::Setup => (
            "Who are you?",
            "You become the first administrator, and treasurer until you invite others. Next you connect an authenticator app.",
        ),
        Kind::Invitation => (
            "Welcome",
            "Choose a password. Next you connect an authenticator app; then you are in.",
        ),
        Kind::Recovery => (
            "Back in",
            "Choose a new password and connect an authenticator app. Your old password, app, recovery codes and sessions work no more.",
        ),
    };
    let content = html! {
        @match (&offer.name, &offer.organization) {
            (Some(name), Some(organization)) => p { strong { (name) } ", " (organization) },
            (None, Some(organization)) => p { (organization) },
            _ => {},
        }
        p { (sentence) }
        (problem(wrong))
        form.form method="post" action={ "/join/" (link) } {
            @if offer.kind == Kind::Setup {
                @if offer.organization.is_none() {
                    (entry(Entry { label: "Name of the organization", value: &typed.organization, autocomplete: "organization",
                        ..named("organization") }))
                }
                (entry(Entry { label: "Your name", value: &typed.name, autocomplete: "name", ..named("name") }))
                (entry(Entry { label: "E-mail address", kind: "email", value: &typed.email, autocomplete: "username",
                    hint: Some("You sign in with it."), ..named("email") }))
            }
            (entry(Entry { label: "Password", kind: "password", autocomplete: "new-password",
                hint: Some("12 characters or more; a sentence is easy to remember."), ..named("password") }))
            (entry(Entry { label: "The same password again", kind: "password", autocomplete: "new-password", ..named("again") }))
            button.button.first type="submit" { "Go on" }
        }
    };
    shell::door(title, &content)
}
