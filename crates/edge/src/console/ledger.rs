//! The ledger: balances of all its accounts, now or at the end of a day, and its entries with their postings.

use super::failure::Failure;
use super::query;
use super::session::Session;
use super::words;
use crate::state::EdgeState;
use crate::ui::empty::empty;
use crate::ui::field::{Field, field};
use crate::ui::pager::pager;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{data_table, number, text};
use crate::ui::tag::{Tone, tag};
use crate::ui::values;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use flow::view::{AccountView, Balance, Entry, EntryView};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use vocab::id::EntryId;
use vocab::money::{Currency, Money};
use vocab::time::{Date, Timestamp};

/// The page.
pub(super) struct Ledger {
    pub(super) on: Option<Date>,
    pub(super) wrong: Option<String>,
    pub(super) balances: Vec<Balance>,
    pub(super) entries: Vec<Entry>,
    pub(super) accounts: Vec<AccountView>,
    pub(super) first: bool,
    pub(super) more: bool,
}

/// What its address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    on: String,
    before: String,
}

/// `GET /ledger`
pub(super) async fn show(
    session: Session,
    State(state): State<EdgeState>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Markup, Failure> {
    let asked = query::read(query)?;
    let (platform, ctx) = (state.platform(), session.ctx);
    let page = query::page(&asked.before, EntryId::to_i64)?;
    let (on, wrong) = match asked.on.trim() {
        "" => (None, None),
        text => match text.parse::<Date>() {
            Ok(on) => (Some(on), None),
            Err(_) => (None, Some("Not a day; write it as 2026-11-30.".to_owned())),
        },
    };
    let balances = flow::view::balances(platform, ctx, on.map(end_of)).await?;
    let mut entries = flow::view::entries(platform, ctx, None, page).await?;
    let more = query::cut(&mut entries);
    let accounts = flow::view::accounts(platform, ctx).await?;
    let first = asked.before.is_empty();
    Ok(Ledger {
        on,
        wrong,
        balances,
        entries,
        accounts,
        first,
        more,
    }
    .render(&session.frame))
}

/// The last moment of a day.
fn end_of(on: Date) -> Timestamp {
    Timestamp::at_start_of(on).plus_days(1).plus_micros(-1)
}

impl Ledger {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let sentence = html! {
            "Double entry: what the organization owns stands positive, what it owes negative, and each currency adds up to nothing."
        };
        let last = self.entries.last().filter(|_| self.more);
        let query = self.on.map(|on| format!("?on={on}")).unwrap_or_default();
        let older = last.map(|last| query::with_before("/ledger", &query, Some(&last.id)));
        let newest = (!self.first).then(|| query::with_before("/ledger", &query, None));
        let content = html! {
            (shell::head("Ledger", &sentence, &html! {}))
            (self.day())
            div.stack id="ledger-live" data-live {
                section.card aria-labelledby="balances" {
                    header { h2 id="balances" { "Balances" } p { (self.when()) } }
                    @if self.balances.is_empty() {
                        (empty("Nothing booked", &html! { p { "The first entries are made when statements and payments come in." } }))
                    } @else { (self.balance_table()) }
                }
                section.card aria-labelledby="entries" {
                    header { h2 id="entries" { "Entries" } p { "Newest first" } }
                    @if self.entries.is_empty() {
                        (empty("No entries", &html! { p { "Each booking of a payment or a statement line makes an entry." } }))
                    } @else { (entries(&self.entries, &self.accounts)) }
                    (pager(newest.as_deref(), older.as_deref()))
                }
            }
        };
        shell::page(frame, Section::Ledger, "Ledger", true, &content)
    }

    fn day(&self) -> Markup {
        let value = self.on.map(|on| on.to_string()).unwrap_or_default();
        let on = Field {
            name: "on",
            label: "Balances at the end of",
            value: &value,
            wrong: self.wrong.as_deref(),
        };
        html! {
            form.filters action="/ledger" method="get" role="search" aria-label="Balances at the end of a day" {
                (field("date", &on))
                div.actions {
                    button.button type="submit" { "Show" }
                    @if self.on.is_some() { a.button href="/ledger" { "Now" } }
                }
            }
        }
    }

    fn when(&self) -> String {
        self.on
            .map_or_else(|| "Now".to_owned(), |on| format!("At the end of {on}, UTC"))
    }

    fn balance_table(&self) -> Markup {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for balance in &self.balances {
            let sum = sums.entry(balance.amount.currency()).or_default();
            *sum = sum.saturating_add(i128::from(balance.amount.minor()));
        }
        let rows = self.balances.iter().map(|balance| {
            vec![
                ledger_account(&balance.account, &self.accounts),
                values::money(balance.amount),
            ]
        });
        html! {
            (data_table("Balances of the ledger\u{2019}s accounts", &[text("Account"), number("Balance")], rows))
            footer {
                @for (currency, sum) in &sums {
                    @if *sum == 0 { (tag(Tone::Good, &format!("{currency} adds up to nothing"))) " " }
                    @else { (tag(Tone::Bad, &format!("{currency} is off by {sum} minor units"))) " " }
                }
            }
        }
    }
}

/// Entries with their postings; also on the page of a payment.
pub(super) fn entries(entries: &[Entry], accounts: &[AccountView]) -> Markup {
    html! { ol.entries { @for entry in entries { li id=(entry.id) { (one(entry, 1, accounts)) } } } }
}

/// The entries of one payment; those that it shares with others say so.
pub(super) fn entries_of_payment(entries: &[EntryView], accounts: &[AccountView]) -> Markup {
    html! {
        ol.entries {
            @for view in entries { li id=(view.entry.id) { (one(&view.entry, view.payments, accounts)) } }
        }
    }
}

fn one(entry: &Entry, payments: i64, accounts: &[AccountView]) -> Markup {
    let columns = [text("Account"), number("Debit"), number("Credit")];
    let rows = entry.postings.iter().map(|posting| {
        let (debit, credit) = match posting.amount.minor() {
            minor if minor < 0 => (nothing(), turned(posting.amount)),
            _ => (values::money(posting.amount), nothing()),
        };
        vec![ledger_account(&posting.account, accounts), debit, credit]
    });
    html! {
        p.entry {
            strong { (words::entry(&entry.kind)) }
            span { (subject(&entry.subject)) }
            @if payments > 1 { span.aside { "booked together: " (payments) " payments" } }
            span.aside { (values::time(entry.at)) }
            span.aside { (values::id(entry.id)) }
        }
        (data_table("Postings of the entry", &columns, rows))
    }
}

fn nothing() -> Markup {
    html! { span.none { "\u{2013}" } }
}

/// A credit, written without its sign: the column says it.
fn turned(amount: Money) -> Markup {
    values::money(amount.checked_neg().unwrap_or(amount))
}

fn subject(subject: &str) -> Markup {
    html! {
        @match values::page_of(subject) {
            Some(page) => a href={ "/" (page) "/" (subject) } { (subject) },
            None => (values::id(subject)),
        }
    }
}

/// An account of the books in words: `bank:acct_…:EUR` is one of ours.
fn ledger_account(code: &str, accounts: &[AccountView]) -> Markup {
    let mut parts = code.split(':');
    let (kind, rest): (&str, Vec<&str>) = (parts.next().unwrap_or_default(), parts.collect());
    let named = rest
        .first()
        .and_then(|id| accounts.iter().find(|account| account.id.to_string() == *id));
    let words = match kind {
        "bank" => "Bank account",
        "in_transit" => "In transit",
        "payables" => "Payables",
        "returns" => "Returns to be settled",
        "fees" => "Bank charges",
        "suspense" => "Not explained yet",
        "opening" => "Opening balances",
        _ => code,
    };
    html! {
        (words) " " (rest.last().copied().unwrap_or_default())
        @if let Some(account) = named { span.under { (values::account(&account.number)) } }
    }
}
