//! The list of statements and notifications that came from the banks, newest first.

use super::failure::Failure;
use super::query;
use super::session::Session;
use crate::state::EdgeState;
use crate::ui::empty::empty;
use crate::ui::pager::pager;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{data_table, number, text};
use crate::ui::values;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use flow::view::{AccountView, Statement};
use maud::{Markup, html};
use serde::Deserialize;
use vocab::id::{AccountId, StatementId};
use vocab::money::Money;

/// The page.
pub(super) struct Statements {
    pub(super) statements: Vec<Statement>,
    pub(super) accounts: Vec<AccountView>,
    pub(super) account: Option<AccountId>,
    pub(super) first: bool,
    pub(super) more: bool,
}

/// What its address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    account: String,
    before: String,
}

/// `GET /statements`
pub(super) async fn list(
    session: Session,
    State(state): State<EdgeState>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Markup, Failure> {
    let asked = query::read(query)?;
    let (platform, ctx) = (state.platform(), session.ctx);
    let page = query::page(&asked.before, StatementId::to_i64)?;
    let account = match asked.account.as_str() {
        "" => None,
        text => Some(query::id(text, "account with this id")?),
    };
    let mut statements = flow::view::statements(platform, ctx, account, page).await?;
    let more = query::cut(&mut statements);
    let accounts = flow::view::accounts(platform, ctx).await?;
    let first = asked.before.is_empty();
    Ok(Statements {
        statements,
        accounts,
        account,
        first,
        more,
    }
    .render(&session.frame))
}

impl Statements {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let sentence =
            html! { "What the banks say happened. Each line of them is explained once, or waits as an exception." };
        let query = self
            .account
            .map(|account| format!("?account={account}"))
            .unwrap_or_default();
        let last = self.statements.last().filter(|_| self.more);
        let older = last.map(|last| query::with_before("/statements", &query, Some(&last.id)));
        let newest = (!self.first).then(|| query::with_before("/statements", &query, None));
        let content = html! {
            (shell::head("Statements", &sentence, &html! {}))
            @if self.accounts.len() > 1 { (self.choice()) }
            div.card id="statements-live" data-live {
                @if self.statements.is_empty() {
                    (empty("No statements yet", &html! {
                        p { "They are fetched from the bank\u{2019}s mailbox as soon as it has some; a camt.053 or camt.054 file can also be sent to "
                            code { "POST /v1/statements" } "." }
                    }))
                } @else { (self.rows()) }
                (pager(newest.as_deref(), older.as_deref()))
            }
        };
        shell::page(frame, Section::Statements, "Statements", true, &content)
    }

    fn choice(&self) -> Markup {
        html! {
            nav.strip aria-label="Account" {
                a href="/statements" aria-current=[self.account.is_none().then_some("page")] { "All accounts" }
                @for account in &self.accounts {
                    a href={ "/statements?account=" (account.id) }
                        aria-current=[(self.account == Some(account.id)).then_some("page")] {
                        (account.number.masked()) " " (account.currency)
                    }
                }
            }
        }
    }

    fn rows(&self) -> Markup {
        let columns = [
            text("Statement"),
            text("Account"),
            text("Covers"),
            number("Opening"),
            number("Closing"),
            number("Lines"),
            text("Taken in"),
        ];
        let rows = self.statements.iter().map(|statement| {
            let balance = |minor: Option<i64>| match minor {
                Some(minor) => values::money(Money::new(minor, statement.currency)),
                None => html! { span.aside { "\u{2013}" } },
            };
            vec![
                html! {
                    a href={ "/statements/" (statement.id) } { (statement.identification) }
                    span.under { (kind(&statement.kind)) }
                },
                account(&self.accounts, statement.account),
                values::date(statement.covers),
                balance(statement.opening_minor),
                balance(statement.closing_minor),
                html! {
                    (statement.lines)
                    @if statement.new_lines < statement.lines { span.under { (statement.new_lines) " new" } }
                },
                values::time(statement.imported_at),
            ]
        });
        data_table("Statements", &columns, rows)
    }
}

/// What a kind of document is called.
pub(super) fn kind(kind: &str) -> String {
    match kind {
        "camt.053" => "Statement, camt.053".to_owned(),
        "camt.054" => "Notification, camt.054".to_owned(),
        other => other.to_owned(),
    }
}

/// One of our accounts by its number.
pub(super) fn account(accounts: &[AccountView], id: AccountId) -> Markup {
    match accounts.iter().find(|account| account.id == id) {
        Some(account) => html! { (values::account(&account.number)) " " span.aside.small { (account.currency) } },
        None => values::id(id),
    }
}
