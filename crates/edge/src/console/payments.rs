//! The list of payments: filters in the address, newest first, each with the reason why it is where it is.

use super::failure::Failure;
use super::query::{self, Asked, Wanted};
use super::session::Session;
use super::standing;
use crate::state::EdgeState;
use crate::ui::empty::empty;
use crate::ui::field::{Field, choice, field};
use crate::ui::pager::pager;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{data_table, number, sentence, text};
use crate::ui::tag::{Tone, state_title, status_tag, tag};
use crate::ui::values;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use flow::view::{AccountView, PaymentView, StateName};
use maud::{Markup, html};
use std::collections::BTreeSet;
use vocab::id::PaymentId;

/// The page.
pub(super) struct Payments {
    pub(super) asked: Asked,
    pub(super) wanted: Wanted,
    pub(super) accounts: Vec<AccountView>,
    pub(super) payments: Vec<PaymentView>,
    pub(super) more: bool,
}

/// `GET /payments`
pub(super) async fn list(
    session: Session,
    State(state): State<EdgeState>,
    RawQuery(raw): RawQuery,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Failure> {
    let asked = query::read(query)?;
    let (platform, ctx) = (state.platform(), session.ctx);
    let page = query::page(&asked.before, PaymentId::to_i64)?;
    let wanted = asked.wanted();
    let readable = wanted.wrong.is_empty();
    // A form sends its empty fields as well; the address that people keep does without.
    if readable && raw.is_some_and(|raw| raw.split('&').any(|pair| pair.ends_with('='))) {
        return Ok(Redirect::to(&wanted.address("/payments", None)).into_response());
    }
    let mut payments = Vec::new();
    if readable {
        payments = flow::view::payments(platform, ctx, wanted.filter.clone(), page).await?;
    }
    let more = query::cut(&mut payments);
    let accounts = flow::view::accounts(platform, ctx).await?;
    let status = if readable {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = Payments {
        asked,
        wanted,
        accounts,
        payments,
        more,
    };
    Ok((status, page.render(&session.frame)).into_response())
}

impl Payments {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let sentence =
            html! { "Newest first. The address of this page holds the filters, so it can be kept or passed on." };
        let content = html! {
            (shell::head("Payments", &sentence, &html! {}))
            (self.filters())
            div.card id="payments-live" data-live {
                @if self.payments.is_empty() { (self.nothing()) } @else { (rows(&self.payments)) }
                (self.steps())
            }
        };
        shell::page(frame, Section::Payments, "Payments", true, &content)
    }

    fn filters(&self) -> Markup {
        let open = self.wanted.restricts() || !self.wanted.wrong.is_empty();
        html! {
            details.card.fold id="filters" open[open] {
                summary { "Filter" @if self.wanted.restricts() { span.chosen { (tag(Tone::Moving, "in use")) } } }
                div.body {
                    form.filters action="/payments" method="get" role="search" aria-label="Payments" {
                        (self.choices())
                        (self.inputs())
                        div.actions {
                            button.button.first type="submit" { "Show" }
                            @if open { a.button href="/payments" { "Clear" } }
                        }
                    }
                }
            }
        }
    }

    fn choices(&self) -> Markup {
        let states: Vec<_> = StateName::ALL
            .iter()
            .map(|state| (state.name().to_owned(), state_title(*state).to_owned()))
            .collect();
        let accounts: Vec<_> = self
            .accounts
            .iter()
            .map(|account| {
                (
                    account.id.to_string(),
                    format!("{} {}", values::account_text(&account.number), account.currency),
                )
            })
            .collect();
        let currencies: BTreeSet<&str> = self
            .accounts
            .iter()
            .map(|account| account.currency.code())
            .chain(self.wanted.filter.currency.as_deref())
            .collect();
        let currencies: Vec<_> = currencies
            .into_iter()
            .map(|code| (code.to_owned(), code.to_owned()))
            .collect();
        html! {
            (choice(&self.field("state", "State", &self.asked.state), "Any state", &states))
            (choice(&self.field("account", "Account", &self.asked.account), "Any account", &accounts))
            (choice(&self.field("currency", "Currency", &self.asked.currency), "Any currency", &currencies))
        }
    }

    fn inputs(&self) -> Markup {
        html! {
            (field("text", &self.field("min", "Smallest amount", &self.asked.min)))
            (field("text", &self.field("max", "Largest amount", &self.asked.max)))
            (field("date", &self.field("from", "Executed from", &self.asked.from)))
            (field("date", &self.field("to", "Executed until", &self.asked.to)))
            (field("text", &self.field("batch", "Batch", &self.asked.batch)))
        }
    }

    fn field<'a>(&'a self, name: &'static str, label: &'static str, value: &'a str) -> Field<'a> {
        Field {
            name,
            label,
            value: value.trim(),
            wrong: self.wanted.wrong.get(name).map(String::as_str),
        }
    }

    fn nothing(&self) -> Markup {
        if !self.wanted.wrong.is_empty() {
            return empty(
                "A filter cannot be read",
                &html! { p { "Correct what is said next to it above, then show again." } },
            );
        }
        if self.wanted.restricts() || !self.asked.before.is_empty() {
            return empty(
                "No payment fits",
                &html! { p { "Loosen a filter, or " a href="/payments" { "show all payments" } "." } },
            );
        }
        empty(
            "No payments yet",
            &html! {
                p { "Submit one through the API, upload a pain.001 or CSV file, or watch a sample file go the whole way:" }
                pre { code { "countersign demo" } }
            },
        )
    }

    fn steps(&self) -> Markup {
        let newest = (!self.asked.before.is_empty()).then(|| self.wanted.address("/payments", None));
        let last = self.payments.last().filter(|_| self.more);
        let older = last.map(|last| self.wanted.address("/payments", Some(&last.id)));
        pager(newest.as_deref(), older.as_deref())
    }
}

fn rows(payments: &[PaymentView]) -> Markup {
    let columns = [
        text("Payee"),
        number("Amount"),
        text("Execution"),
        text("State"),
        sentence("Why it is in this state"),
        text("Since"),
    ];
    let rows = payments.iter().map(|payment| {
        vec![
            html! {
                a href={ "/payments/" (payment.id) } { (payment.transfer.creditor.name) }
                span.under { (payment.transfer.end_to_end_id) }
            },
            values::money(payment.transfer.amount.money()),
            values::date(payment.transfer.execution_on),
            status_tag(payment.state.name()),
            values::linked(&standing::why(&payment.state, &payment.transfer)),
            values::time(payment.since),
        ]
    });
    data_table("Payments", &columns, rows)
}
