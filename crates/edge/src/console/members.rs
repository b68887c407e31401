//! The members: who they are, what they may do, how they prove themselves; and inviting somebody.

use super::failure::Failure;
use super::sent::Sent;
use super::session::SignedIn;
use super::sign_in::again;
use crate::state::EdgeState;
use crate::ui::field::{Entry, code_entry, entry, problem};
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{Row, data_table, text};
use crate::ui::tag::{Tone, tag};
use crate::ui::values;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use flow::members::{Invite, MemberState, MemberView};
use flow::rights::{Action, Role};
use flow::sessions::Found;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// `GET /members`
pub(super) async fn list(session: SignedIn, State(state): State<EdgeState>) -> Result<Markup, Failure> {
    let members = flow::members::list(state.platform(), session.member.ctx).await?;
    let fresh = flow::step_up::is_fresh(&session.member, state.platform().wall());
    Ok(page(&session.frame, &session.member, &members, fresh, None))
}

/// `POST /members`: invites somebody. The answer shows the link, this once.
pub(super) async fn invite(
    State(state): State<EdgeState>,
    uri: Uri,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, Failure> {
    let platform = state.platform();
    let roles: BTreeSet<Role> = sent.fields.all("role").filter_map(Role::from_name).collect();
    let invite = Invite {
        name: sent.fields.text("name").to_owned(),
        email: sent.fields.text("email").to_owned(),
        roles,
    };
    let name = invite.name.clone();
    match flow::members::invite(platform, &sent.member, invite, sent.fields.text("code")).await {
        Ok(secret) => Ok(link_page(&sent.frame, &name, &address(&uri, &headers, &secret)).into_response()),
        Err(error) => {
            let members = flow::members::list(platform, sent.member.ctx).await?;
            again(error, |words| {
                page(&sent.frame, &sent.member, &members, false, Some(words))
            })
        }
    }
}

/// The address of an invitation under the name that the inviter uses for this server.
pub(super) fn address(uri: &Uri, headers: &HeaderMap, secret: &str) -> String {
    let authority = super::guard::authority(uri, headers).map(|authority| authority.to_string());
    format!("https://{}/join/{secret}", authority.unwrap_or_default())
}

/// The link of an invitation, shown once.
pub(super) fn link_page(frame: &Frame, name: &str, address: &str) -> Markup {
    let content = html! {
        (shell::head("Invitation", &html! { "For " (name) "." }, &html! {}))
        div.card {
            div.body.prose {
                p {
                    "Give this link to " strong { (name) } " in a way that nobody else can read. It works once, for three days, and is shown "
                    "only now."
                }
                p { code.id id="link" { (address) } }
                p { a.button href="/members" { "Back to the members" } }
            }
        }
    };
    shell::page(frame, Section::Members, "Invitation", false, &content)
}

fn page(frame: &Frame, viewer: &Found, members: &[MemberView], fresh: bool, wrong: Option<&str>) -> Markup {
    let columns = [
        text("Member"),
        text("State"),
        text("Roles"),
        text("Second factor"),
        text("Last seen"),
    ];
    let rows = members.iter().map(|member| {
        Row::anchored(
            &member.id,
            vec![
                html! {
                    a href={ "/members/" (member.id) } { (member.name) }
                    @if let Some(email) = &member.email { span.under { (email) } }
                },
                standing(member.state),
                roles(&member.roles),
                factor(member),
                html! { @if let Some(at) = member.seen_at { (values::time(at)) } @else { span.none { "\u{2014}" } } },
            ],
        )
    });
    let content = html! {
        (shell::head("Members", &html! { "Everybody who works for this organization here, and how they prove who they are." }, &html! {}))
        (problem(wrong))
        div.card { (data_table("Members", &columns, rows)) }
        @if viewer.may(Action::InviteMember) { (invitation(frame, fresh)) }
    };
    shell::page(frame, Section::Members, "Members", false, &content)
}

fn invitation(frame: &Frame, fresh: bool) -> Markup {
    let line = |name, label, kind| Entry {
        name,
        label,
        kind,
        autocomplete: "off",
        value: "",
        hint: None,
    };
    html! {
        section.card aria-labelledby="invite" {
            header { h2 id="invite" { "Invite somebody" } p { "You get a link to give to them." } }
            div.body {
                form.form method="post" action="/members" {
                    (frame.token())
                    (entry(line("name", "Name", "text")))
                    (entry(line("email", "E-mail address", "email")))
                    fieldset.checks {
                        legend { "Roles" }
                        @for role in Role::ALL {
                            div {
                                input type="checkbox" id={ "role-" (role.name()) } name="role" value=(role.name());
                                label for={ "role-" (role.name()) } { (role.title()) span.hint { (role.meaning()) } }
                            }
                        }
                    }
                    (again_code(fresh, "invite-code"))
                    button.button.first type="submit" { "Invite" }
                }
            }
        }
    }
}

/// Asks for a code when the last one was some minutes ago.
pub(super) fn again_code(fresh: bool, id: &str) -> Markup {
    html! {
        @if !fresh {
            (code_entry(id, "Code of your authenticator app", "Asked for again because the last one was some minutes ago."))
        }
    }
}

/// Where somebody stands, as a tag.
pub(super) fn standing(state: MemberState) -> Markup {
    match state {
        MemberState::Invited => tag(Tone::Waiting, "Invited"),
        MemberState::Active => tag(Tone::Good, "Active"),
        MemberState::Deactivated => tag(Tone::Quiet, "Deactivated"),
    }
}

/// Roles in words.
pub(super) fn roles(roles: &BTreeSet<Role>) -> Markup {
    let titles: Vec<String> = roles.iter().map(|role| role.title()).collect();
    html! { @if titles.is_empty() { span.none { "none" } } @else { (titles.join(", ")) } }
}

fn factor(member: &MemberView) -> Markup {
    match (member.enrolled, &member.email) {
        (true, _) => html! { "authenticator app" },
        (false, Some(_)) => html! { span.none { "not yet" } },
        (false, None) => html! { span.none { "signs with a key only" } },
    }
}
