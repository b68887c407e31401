//! My profile: what I may do, where I am signed in, my password and my recovery codes.

use super::enrol;
use super::failure::Failure;
use super::members::{again_code, roles};
use super::query;
use super::sent::Sent;
use super::session::{SignedIn, no_cookie};
use super::sign_in::again;
use crate::state::EdgeState;
use crate::ui::field::{Entry, entry, problem};
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{Row, data_table, text};
use crate::ui::values;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use flow::rights::{Action, Role};
use flow::sessions::{Found, SessionView};
use maud::{Markup, html};

/// `GET /me`
pub(super) async fn show(session: SignedIn, State(state): State<EdgeState>) -> Result<Markup, Failure> {
    page(&state, &session.frame, &session.member, None).await
}

/// `POST /me/password`
pub(super) async fn password(State(state): State<EdgeState>, sent: Sent) -> Result<Response, Failure> {
    let fields = &sent.fields;
    if fields.secret("new") != fields.secret("again") {
        let page = page(
            &state,
            &sent.frame,
            &sent.member,
            Some("The two new passwords differ. Type the same one twice."),
        );
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response());
    }
    let (old, new) = (fields.secret("old"), fields.secret("new"));
    let changed = flow::members::change_password(state.platform(), &sent.member, old, new, fields.text("code"));
    done(&state, &sent, changed.await).await
}

/// `POST /me/codes`: a new set of recovery codes, shown this once.
pub(super) async fn codes(State(state): State<EdgeState>, sent: Sent) -> Result<Response, Failure> {
    match flow::enrol::renew_codes(state.platform(), &sent.member, sent.fields.text("code")).await {
        Ok(codes) => {
            let content = html! {
                (shell::head("Your recovery codes", &html! { "The earlier ones work no more." }, &html! {}))
                div.card { div.body.prose { (enrol::codes(&codes, "/me")) } }
            };
            Ok(shell::page(&sent.frame, Section::Profile, "Your recovery codes", false, &content).into_response())
        }
        Err(error) => done(&state, &sent, Err(error)).await,
    }
}

/// `POST /me/sessions/{session}/end`
pub(super) async fn end_session(
    State(state): State<EdgeState>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let id = query::id(&id, "session with this id")?;
    let ended = flow::sessions::end_one(state.platform(), &sent.member, id).await;
    done(&state, &sent, ended).await
}

/// `POST /me/sign-out-everywhere`
pub(super) async fn end_everywhere(State(state): State<EdgeState>, sent: Sent) -> Result<Response, Failure> {
    flow::sessions::end_everywhere(state.platform(), &sent.member).await?;
    Ok(([(SET_COOKIE, no_cookie())], Redirect::to("/console/signed-out")).into_response())
}

async fn done(state: &EdgeState, sent: &Sent, done: Result<(), flow::Error>) -> Result<Response, Failure> {
    match done {
        Ok(()) => Ok(Redirect::to("/me").into_response()),
        Err(error) => {
            let words = super::words::sentence(&error.refusal().detail);
            let page = page(state, &sent.frame, &sent.member, Some(&words)).await?;
            again(error, |_| page)
        }
    }
}

async fn page(state: &EdgeState, frame: &Frame, me: &Found, wrong: Option<&str>) -> Result<Markup, Failure> {
    let sessions = flow::sessions::list(state.platform(), me).await?;
    let left = flow::enrol::codes_left(state.platform(), me).await?;
    let fresh = flow::step_up::is_fresh(me, state.platform().wall());
    Ok(Profile {
        me,
        sessions: &sessions,
        left,
        fresh,
    }
    .render(frame, wrong))
}

struct Profile<'a> {
    me: &'a Found,
    sessions: &'a [SessionView],
    left: usize,
    fresh: bool,
}

impl Profile<'_> {
    fn render(&self, frame: &Frame, wrong: Option<&str>) -> Markup {
        let content = html! {
            (shell::head("My profile", &html! { (self.me.name) }, &html! {}))
            (problem(wrong))
            (self.rights())
            (self.signed_in(frame))
            div.pair { (self.recovery(frame)) (self.password(frame)) }
        };
        shell::page(frame, Section::Profile, "My profile", false, &content)
    }

    fn rights(&self) -> Markup {
        let may: Vec<&Action> = Action::ALL.iter().filter(|action| self.me.may(**action)).collect();
        html! {
            section.card aria-labelledby="rights" {
                header { h2 id="rights" { "What you may do" } p { "Roles: " (roles(&self.me.roles)) } }
                div.body {
                    @if may.is_empty() {
                        p { "Nothing yet. An administrator can give you a role, such as " (Role::Approver.title()) "." }
                    } @else {
                        ul.bullets { @for action in may { li { (action.meaning()) } } }
                    }
                }
            }
        }
    }

    fn signed_in(&self, frame: &Frame) -> Markup {
        let columns = [
            text("Browser"),
            text("From"),
            text("Began"),
            text("Last used"),
            text("End"),
        ];
        let rows = self.sessions.iter().map(|session| {
            let here = session.id == self.me.id;
            Row::anchored(
                &session.id,
                vec![
                    html! { (session.agent) @if here { span.under { "This one" } } },
                    html! { (session.source) },
                    values::time(session.started_at),
                    values::time(session.seen_at),
                    html! {
                        @if here { span.none { "\u{2014}" } } @else {
                            form method="post" action={ "/me/sessions/" (session.id) "/end" } {
                                (frame.token())
                                button.button type="submit" { "End" }
                            }
                        }
                    },
                ],
            )
        });
        html! {
            section.card aria-labelledby="sessions" {
                header { h2 id="sessions" { "Where you are signed in" } p { "A session ends after 15 minutes without use, and after 12 hours." } }
                (data_table("Your sessions", &columns, rows))
                div.body {
                    form method="post" action="/me/sign-out-everywhere" {
                        (frame.token())
                        button.button type="submit" { "Sign out everywhere" }
                    }
                }
            }
        }
    }

    fn recovery(&self, frame: &Frame) -> Markup {
        html! {
            section.card aria-labelledby="recovery" {
                header { h2 id="recovery" { "Recovery codes" } p { (self.left) " left" } }
                div.body {
                    form.form method="post" action="/me/codes" {
                        (frame.token())
                        p { "Each lets you sign in once without your app. A new set makes the old one useless." }
                        (again_code(self.fresh, "codes-code"))
                        button.button type="submit" { "Make new ones" }
                    }
                }
            }
        }
    }

    fn password(&self, frame: &Frame) -> Markup {
        let line = |name, label, autocomplete| Entry {
            name,
            label,
            kind: "password",
            autocomplete,
            value: "",
            hint: None,
        };
        html! {
            section.card aria-labelledby="password" {
                header { h2 id="password" { "Password" } p { "A new one signs you out everywhere else." } }
                div.body {
                    form.form method="post" action="/me/password" {
                        (frame.token())
                        (entry(line("old", "Present password", "current-password")))
                        (entry(Entry { hint: Some("12 characters or more."), ..line("new", "New password", "new-password") }))
                        (entry(line("again", "The new one again", "new-password")))
                        (again_code(self.fresh, "password-code"))
                        button.button type="submit" { "Change password" }
                    }
                }
            }
        }
    }
}
