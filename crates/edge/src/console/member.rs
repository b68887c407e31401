//! One member: roles, invitation, and shutting them out.

use super::failure::Failure;
use super::members::{address, again_code, link_page, roles, standing};
use super::query;
use super::sent::Sent;
use super::session::SignedIn;
use super::sign_in::again;
use crate::state::EdgeState;
use crate::ui::field::problem;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::values;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use flow::members::{MemberState, MemberView};
use flow::rights::{Action, Role};
use flow::sessions::Found;
use maud::{Markup, html};
use vocab::id::MemberId;

const MEMBER: &str = "member with this id";

/// `GET /members/{member}`
pub(super) async fn show(
    session: SignedIn,
    State(state): State<EdgeState>,
    Path(id): Path<String>,
) -> Result<Markup, Failure> {
    let member = one(&state, &session.member, query::id(&id, MEMBER)?).await?;
    let fresh = flow::step_up::is_fresh(&session.member, state.platform().wall());
    Ok(page(
        &session.frame,
        &session.member,
        &member,
        fresh,
        Entered::default(),
    ))
}

/// `POST /members/{member}/role`: grants or withdraws one.
pub(super) async fn role(
    State(state): State<EdgeState>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let id: MemberId = query::id(&id, MEMBER)?;
    let role = Role::from_name(sent.fields.text("role"));
    let role = role.ok_or_else(|| Failure::Malformed("There is no such role.".to_owned()))?;
    let granted = match sent.fields.text("change") {
        "grant" => true,
        "withdraw" => false,
        _ => {
            return Err(Failure::Malformed(
                "Say whether the role is granted or withdrawn.".to_owned(),
            ));
        }
    };
    let code = sent.fields.text("code");
    let done = flow::members::change_role(state.platform(), &sent.member, id, role, granted, code).await;
    shown(&state, &sent, id, done).await
}

/// `POST /members/{member}/deactivate`
pub(super) async fn deactivate(
    State(state): State<EdgeState>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let id: MemberId = query::id(&id, MEMBER)?;
    let code = sent.fields.text("code");
    let done = flow::members::deactivate(state.platform(), &sent.member, id, code).await;
    shown(&state, &sent, id, done).await
}

/// `POST /members/{member}/invite`: another link.
pub(super) async fn invite_again(
    State(state): State<EdgeState>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, Failure> {
    let id: MemberId = query::id(&id, MEMBER)?;
    let code = sent.fields.text("code");
    match flow::members::invite_again(state.platform(), &sent.member, id, code).await {
        Ok(secret) => {
            let member = one(&state, &sent.member, id).await?;
            Ok(link_page(&sent.frame, &member.name, &address(&uri, &headers, &secret)).into_response())
        }
        Err(error) => shown(&state, &sent, id, Err(error)).await,
    }
}

/// Back to the member, with what was refused.
async fn shown(
    state: &EdgeState,
    sent: &Sent,
    id: MemberId,
    done: Result<(), flow::Error>,
) -> Result<Response, Failure> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/members/{id}")).into_response()),
        Err(error) => {
            let member = one(state, &sent.member, id).await?;
            let fresh = flow::step_up::is_fresh(&sent.member, state.platform().wall());
            let role = Role::from_name(sent.fields.text("role"));
            again(error, |words| {
                let wrong = Some(words);
                page(&sent.frame, &sent.member, &member, fresh, Entered { role, wrong })
            })
        }
    }
}

async fn one(state: &EdgeState, viewer: &Found, id: MemberId) -> Result<MemberView, Failure> {
    let members = flow::members::list(state.platform(), viewer.ctx).await?;
    let found = members.into_iter().find(|member| member.id == id);
    found.ok_or(Failure::Missing(MEMBER))
}

/// What was entered into the form that is shown again, and what was wrong about it.
#[derive(Clone, Copy, Default)]
struct Entered<'a> {
    role: Option<Role>,
    wrong: Option<&'a str>,
}

fn page(frame: &Frame, viewer: &Found, member: &MemberView, fresh: bool, entered: Entered<'_>) -> Markup {
    let myself = viewer.member == member.id;
    let open = member.state != MemberState::Deactivated;
    let content = html! {
        (shell::head_of_one(("/members", "Members"), &html! { (member.name) }, &html! { (standing(member.state)) }, &html! {}))
        (problem(entered.wrong))
        section.card aria-labelledby="who" {
            header { h2 id="who" { "Who" } }
            div.body {
                dl.facts {
                    dt { "Signs in as" } dd { @match &member.email { Some(email) => (email), None => "nobody: requests signed with a key only" } }
                    dt { "Roles" } dd { (roles(&member.roles)) }
                    dt { "Second factor" } dd { @if member.enrolled { "authenticator app" } @else { "none" } }
                    dt { "Last seen" } dd { @match member.seen_at { Some(at) => (values::time(at)), None => "\u{2014}" } }
                    dt { "Member" } dd { (values::id(member.id)) }
                }
            }
        }
        @if myself { p.aside { "These are your own rights: somebody else changes them." } }
        @if open && !myself && viewer.may(Action::GrantRole) { (granting(frame, member, fresh, entered.role)) }
        @if member.state == MemberState::Invited && viewer.may(Action::InviteMember) { (inviting(frame, member, fresh)) }
        @if open && !myself && viewer.may(Action::DeactivateMember) { (ending(frame, member, fresh)) }
    };
    shell::page(frame, Section::Members, &member.name, false, &content)
}

fn granting(frame: &Frame, member: &MemberView, fresh: bool, chosen: Option<Role>) -> Markup {
    html! {
        section.card aria-labelledby="roles" {
            header { h2 id="roles" { "Roles" } p { "A change counts at once, in every session." } }
            div.body {
                form.form method="post" action={ "/members/" (member.id) "/role" } {
                    (frame.token())
                    div.field {
                        label for="role" { "Role" }
                        select id="role" name="role" required {
                            option value="" disabled selected[chosen.is_none()] { "Choose one" }
                            @for role in Role::ALL {
                                option value=(role.name()) selected[chosen == Some(*role)] {
                                    (role.title()) @if member.roles.contains(role) { " (has it)" } ": " (role.meaning())
                                }
                            }
                        }
                    }
                    (again_code(fresh, "role-code"))
                    div.actions {
                        button.button.first type="submit" name="change" value="grant" { "Grant" }
                        button.button type="submit" name="change" value="withdraw" { "Withdraw" }
                    }
                }
            }
        }
    }
}

fn inviting(frame: &Frame, member: &MemberView, fresh: bool) -> Markup {
    html! {
        section.card aria-labelledby="invitation" {
            header { h2 id="invitation" { "Invitation" } p { "Another link makes the earlier one useless." } }
            div.body {
                form.form method="post" action={ "/members/" (member.id) "/invite" } {
                    (frame.token())
                    (again_code(fresh, "invite-code"))
                    button.button type="submit" { "Make another link" }
                }
            }
        }
    }
}

fn ending(frame: &Frame, member: &MemberView, fresh: bool) -> Markup {
    html! {
        details.card.fold {
            summary { "Deactivate " (member.name) }
            div.body {
                form.form method="post" action={ "/members/" (member.id) "/deactivate" } {
                    (frame.token())
                    p {
                        "Their sessions end, their keys and codes open nothing any more, and approvals that are still needed have to come "
                        "from others. What they did stays on record. This cannot be undone; they can be invited again as somebody new."
                    }
                    (again_code(fresh, "end-code"))
                    button.button type="submit" { "Deactivate for good" }
                }
            }
        }
    }
}
