//! One statement: its balances, and each of its lines with what explains it.

use super::failure::Failure;
use super::query;
use super::session::Session;
use super::statements;
use super::words;
use crate::state::EdgeState;
use crate::ui::empty::empty;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{Row, data_table, number, sentence, text};
use crate::ui::tag::tag;
use crate::ui::values::{self, counted};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use flow::view::{AccountView, StatementDetail};
use maud::{Markup, html};
use serde::Deserialize;
use vocab::id::{LineId, StatementId};
use vocab::money::Money;

/// The page.
pub(super) struct Statement {
    pub(super) detail: StatementDetail,
    pub(super) accounts: Vec<AccountView>,
    /// Whether the page begins with the first line.
    pub(super) first: bool,
    /// Whether lines come after it.
    pub(super) more: bool,
}

/// Lines on one page.
const LINES: usize = 200;

/// What its address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
}

/// `GET /statements/{statement}`
pub(super) async fn show(
    session: Session,
    State(state): State<EdgeState>,
    Path(id): Path<String>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Markup, Failure> {
    let id: StatementId = query::id(&id, "statement with this id")?;
    let after: Option<LineId> = match query::read(query)?.after.as_str() {
        "" => None,
        line => Some(query::id(line, "line with this id")?),
    };
    let mut detail = flow::view::statement(state.platform(), session.ctx, id, after, LINES + 1).await?;
    let accounts = flow::view::accounts(state.platform(), session.ctx).await?;
    let more = detail.lines.len() > LINES;
    detail.lines.truncate(LINES);
    let page = Statement {
        detail,
        accounts,
        first: after.is_none(),
        more,
    };
    Ok(page.render(&session.frame))
}

impl Statement {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let statement = &self.detail.statement;
        let title = html! { "Statement " (statement.identification) };
        let sentence = html! {
            (statements::kind(&statement.kind)) ", covers " (values::date(statement.covers)) ", taken in "
            (values::time(statement.imported_at)) "."
        };
        let content = html! {
            div.stack id="statement-live" data-live {
                (shell::head_of_one(("/statements", "Statements"), &title, &sentence, &html! {}))
                (self.facts())
                section.card aria-labelledby="lines" {
                    header {
                        h2 id="lines" { "Lines" }
                        p { (counted(statement.lines, "line")) ", " (statement.new_lines) " of them first seen here" }
                    }
                    @if self.detail.lines.is_empty() {
                        (empty("Its lines came earlier", &html! {
                            p {
                                "Each line counts once. These came with notifications during the day and are shown with "
                                a href={ "/statements?account=" (statement.account) } { "the document that brought them first" } "."
                            }
                        }))
                    } @else { (self.lines()) }
                    (self.pages())
                }
            }
        };
        shell::page(
            frame,
            Section::Statements,
            &format!("Statement {}", statement.identification),
            true,
            &content,
        )
    }

    fn facts(&self) -> Markup {
        let statement = &self.detail.statement;
        let money = |minor: i64| values::money(Money::new(minor, statement.currency));
        html! {
            section.card aria-label="About this statement" {
                div.body {
                    dl.facts {
                        dt { "Account" } dd { (statements::account(&self.accounts, statement.account)) }
                        @if let Some(opening) = statement.opening_minor { dt { "Opening balance" } dd { (money(opening)) } }
                        @if let Some(closing) = statement.closing_minor { dt { "Closing balance" } dd { (money(closing)) } }
                        @if let Some(sequence) = statement.sequence { dt { "Number" } dd { (sequence) } }
                        dt { "Statement" } dd { (values::id(statement.id)) }
                    }
                }
            }
        }
    }

    fn pages(&self) -> Markup {
        let here = format!("/statements/{}", self.detail.statement.id);
        let last = self.detail.lines.last().filter(|_| self.more);
        html! {
            @if !self.first || last.is_some() {
                nav.pager aria-label="Pages of the lines" {
                    @if !self.first { a.button href=(here) { "First lines" } }
                    @if let Some((line, _)) = last { a.button href={ (here) "?after=" (line.id) } rel="next" { "More lines" } }
                }
            }
        }
    }

    fn lines(&self) -> Markup {
        let columns = [
            text("Explained by"),
            number("Amount"),
            text("Booked"),
            sentence("Explanation"),
            text("Payments"),
        ];
        let rows = self.detail.lines.iter().map(|(line, matches)| {
            let (tone, rule) = words::rule(&line.rule);
            let cells = vec![
                html! { (tag(tone, &rule)) span.under { (values::id(line.id)) } },
                values::money(line.amount),
                values::date(line.booked_on),
                values::linked(&line.explanation),
                html! {
                    @for matched in matches {
                        div {
                            a href={ "/payments/" (matched.payment) } { (matched.payment) }
                            span.under {
                                (matched.effect) " " (values::money(Money::new(matched.amount_minor, line.amount.currency())))
                            }
                        }
                    }
                    @if matches.is_empty() { span.aside { "none" } }
                },
            ];
            Row::anchored(&line.id, cells)
        });
        data_table("Lines of the statement", &columns, rows)
    }
}
