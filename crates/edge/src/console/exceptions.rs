//! The exception list: what nobody could explain or decide by rule, with the sentence that says what to do.

use super::failure::Failure;
use super::names::Names;
use super::query;
use super::session::Session;
use crate::state::EdgeState;
use crate::ui::empty::empty;
use crate::ui::pager::pager;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{Row, data_table, sentence, text};
use crate::ui::tag::{Tone, tag};
use crate::ui::values;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use flow::view::Exception;
use maud::{Markup, html};
use serde::Deserialize;
use vocab::id::ExceptionId;

/// The page.
pub(super) struct Exceptions {
    pub(super) exceptions: Vec<Exception>,
    pub(super) names: Names,
    pub(super) all: bool,
    pub(super) first: bool,
    pub(super) more: bool,
}

/// What its address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    show: String,
    before: String,
}

/// `GET /exceptions`
pub(super) async fn list(
    session: Session,
    State(state): State<EdgeState>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Markup, Failure> {
    let asked = query::read(query)?;
    let page = query::page(&asked.before, ExceptionId::to_i64)?;
    let all = asked.show == "all";
    let mut exceptions = flow::view::exceptions(state.platform(), session.ctx, !all, page).await?;
    let more = query::cut(&mut exceptions);
    let names = Names::of(&state, session.ctx).await?;
    Ok(Exceptions {
        exceptions,
        names,
        all,
        first: asked.before.is_empty(),
        more,
    }
    .render(&session.frame))
}

impl Exceptions {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let sentence = html! { "What no rule could explain or decide. Each says what is wrong and what to do." };
        let query = if self.all { "?show=all" } else { "" };
        let last = self.exceptions.last().filter(|_| self.more);
        let older = last.map(|last| query::with_before("/exceptions", query, Some(&last.id)));
        let newest = (!self.first).then(|| query::with_before("/exceptions", query, None));
        let content = html! {
            (shell::head("Exceptions", &sentence, &self.switch()))
            div.card id="exceptions-live" data-live {
                @if self.exceptions.is_empty() { (self.nothing()) } @else { (self.rows()) }
                (pager(newest.as_deref(), older.as_deref()))
            }
        };
        shell::page(frame, Section::Exceptions, "Exceptions", true, &content)
    }

    fn switch(&self) -> Markup {
        html! {
            nav.switch aria-label="Which exceptions" {
                a href="/exceptions" aria-current=[(!self.all).then_some("page")] { "Open" }
                a href="/exceptions?show=all" aria-current=[self.all.then_some("page")] { "All" }
            }
        }
    }

    fn nothing(&self) -> Markup {
        if self.all {
            empty(
                "No exceptions",
                &html! { p { "Everything that the bank said could be explained." } },
            )
        } else {
            empty(
                "No open exceptions",
                &html! {
                    p { "Everything is explained. " a href="/exceptions?show=all" { "Show resolved ones as well" } "." }
                },
            )
        }
    }

    fn rows(&self) -> Markup {
        let columns = [
            text("State"),
            sentence("What is wrong and what to do"),
            text("About"),
            text("Code"),
            text("Since"),
        ];
        let rows = self.exceptions.iter().map(|exception| {
            let cells = vec![
                match &exception.resolved {
                    Some(_) => tag(Tone::Good, "Resolved"),
                    None => tag(Tone::Bad, "Open"),
                },
                html! {
                    (values::linked(&exception.sentence))
                    @if let Some(resolved) = &exception.resolved {
                        span.under {
                            "Resolved by " (self.names.actor(&resolved.by.to_string())) " on " (values::time(resolved.at))
                            @if !resolved.note.is_empty() { ": " (resolved.note) }
                        }
                    }
                },
                about(exception),
                html! { code { (exception.code) } },
                values::time(exception.created_at),
            ];
            Row::anchored(&exception.id, cells)
        });
        data_table("Exceptions, newest first", &columns, rows)
    }
}

fn about(exception: &Exception) -> Markup {
    html! {
        @if let Some(payment) = exception.payment { div { a href={ "/payments/" (payment) } { "Payment" } } }
        @if let Some(statement) = exception.statement {
            @let line = exception.line.map(|line| format!("#{line}")).unwrap_or_default();
            div { a href={ "/statements/" (statement) (line) } { "Statement" } }
        }
        @if let (None, Some(account)) = (exception.payment, exception.account) {
            div { a href={ "/accounts#" (account) } { "Account" } }
        }
    }
}
