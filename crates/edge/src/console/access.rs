//! Access: who may do what, through which role, and when they last did. For reviews.

use super::failure::Failure;
use super::members::standing;
use super::session::SignedIn;
use crate::state::EdgeState;
use crate::ui::shell::{self, Section};
use crate::ui::table::{Row, data_table, text};
use crate::ui::values;
use axum::extract::State;
use flow::access::Grant;
use flow::rights::Action;
use maud::{Markup, html};

/// `GET /access`
pub(super) async fn list(session: SignedIn, State(state): State<EdgeState>) -> Result<Markup, Failure> {
    let review = flow::access::review(state.platform(), session.member.ctx).await?;
    let sentence = html! {
        "Who may do what, and through which role. Nobody approves what they made or changed, and nobody changes their own roles, whatever "
        "stands here."
    };
    let columns = [text("May"), text("Through"), text("Last did")];
    let content = html! {
        (shell::head("Access", &sentence, &html! {}))
        @for (member, grants) in &review {
            section.card aria-labelledby={ "of-" (member.id) } {
                header {
                    h2 id={ "of-" (member.id) } { a href={ "/members/" (member.id) } { (member.name) } }
                    p { (standing(member.state)) }
                }
                @if grants.is_empty() {
                    div.body { p.aside { "May do nothing." } }
                } @else {
                    (data_table(&format!("What {} may do", member.name), &columns, grants.iter().map(row)))
                }
            }
        }
    };
    Ok(shell::page(&session.frame, Section::Access, "Access", false, &content))
}

fn row(grant: &Grant) -> Row {
    let through: Vec<String> = grant.through.iter().map(|role| role.title()).collect();
    Row::from(vec![
        html! { (grant.action.meaning()) span.under { code { (grant.action.name()) } } },
        html! { (through.join(", ")) },
        match grant.used_at {
            Some(at) => values::time(at),
            None if is_noted(grant.action) => html! { span.none { "never" } },
            None => html! { span.none { "is not noted" } },
        },
    ])
}

/// Acts of which the last time is written down; the log tells of all others.
fn is_noted(action: Action) -> bool {
    matches!(
        action,
        Action::ApprovePayment | Action::InviteMember | Action::DeactivateMember | Action::GrantRole
    )
}
