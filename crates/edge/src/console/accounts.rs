//! Accounts: the organization's own accounts, what is on them and what is reserved.

use super::failure::Failure;
use super::session::Session;
use crate::state::EdgeState;
use crate::ui::empty::empty;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{Row, data_table, number, text};
use crate::ui::values;
use axum::extract::State;
use flow::view::AccountView;
use maud::{Markup, html};

/// The page.
pub(super) struct Accounts {
    pub(super) accounts: Vec<AccountView>,
}

/// `GET /accounts`
pub(super) async fn list(session: Session, State(state): State<EdgeState>) -> Result<Markup, Failure> {
    let accounts = flow::view::accounts(state.platform(), session.ctx).await?;
    Ok(Accounts { accounts }.render(&session.frame))
}

impl Accounts {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let sentence = html! {
            "The organization\u{2019}s accounts at its banks. The balance is what the ledger says; what is reserved belongs to "
            "payments that are not booked yet."
        };
        let content = html! {
            (shell::head("Accounts", &sentence, &html! {}))
            div.card id="accounts-live" data-live { (table(&self.accounts)) }
        };
        shell::page(frame, Section::Accounts, "Accounts", true, &content)
    }
}

/// Accounts with their balances; also on the home page.
pub(super) fn table(accounts: &[AccountView]) -> Markup {
    if accounts.is_empty() {
        return empty(
            "No accounts yet",
            &html! { p { "Payments can be taken in once the organization has an account. " code { "countersign demo" } " opens some at a simulated bank." } },
        );
    }
    let columns = [
        text("Account"),
        text("Channel"),
        number("Balance"),
        number("Reserved"),
        number("Available"),
        text("See"),
    ];
    let rows = accounts.iter().map(|account| {
        let cells = vec![
            html! { (values::account(&account.number)) span.under { (account.holder) } },
            html! { (account.channel) },
            values::money(account.balance),
            values::money(account.held),
            values::money(account.available),
            html! {
                a href={ "/payments?account=" (account.id) } { "Payments" } " \u{b7} "
                a href={ "/statements?account=" (account.id) } { "Statements" }
            },
        ];
        Row::anchored(&account.id, cells)
    });
    data_table("Accounts and their balances", &columns, rows)
}
