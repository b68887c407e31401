//! Home: the journey as a picture, what somebody has to look at, what is on the accounts, and whether books and log hold.

use super::accounts;
use super::failure::Failure;
use super::journey;
use super::session::Session;
use super::standing;
use crate::state::EdgeState;
use crate::ui::empty::empty;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::tag::{Tone, tag};
use crate::ui::values::{self, counted};
use axum::extract::State;
use flow::view::{AccountView, Exception, Filter, Overview, Page, PaymentView, StateName};
use maud::{Markup, html};
use vocab::time::Timestamp;

/// Exceptions that are shown one by one.
const EXCEPTIONS_SHOWN: usize = 6;
/// Payments of each kind that are shown one by one.
const PAYMENTS_SHOWN: usize = 4;

/// The page.
pub(super) struct Home {
    pub(super) overview: Overview,
    pub(super) attention: Vec<Matter>,
    pub(super) accounts: Vec<AccountView>,
}

/// Something that somebody has to look at.
pub(super) struct Matter {
    tone: Tone,
    what: &'static str,
    /// A payment in a few words; an exception has only its cause.
    title: Option<String>,
    cause: String,
    href: String,
    since: Timestamp,
}

/// `GET /`
pub(super) async fn show(session: Session, State(state): State<EdgeState>) -> Result<Markup, Failure> {
    let (platform, ctx) = (state.platform(), session.ctx);
    let overview = flow::view::overview(platform, ctx).await?;
    let mut attention = Vec::new();
    attention.extend(
        standing_in(&state, &session, StateName::Unknown)
            .await?
            .iter()
            .map(of_payment),
    );
    let page = Page {
        before: None,
        limit: EXCEPTIONS_SHOWN,
    };
    attention.extend(
        flow::view::exceptions(platform, ctx, true, page)
            .await?
            .iter()
            .map(of_exception),
    );
    for waiting in [StateName::Received, StateName::WaitingForApproval] {
        attention.extend(standing_in(&state, &session, waiting).await?.iter().map(of_payment));
    }
    let accounts = flow::view::accounts(platform, ctx).await?;
    Ok(Home {
        overview,
        attention,
        accounts,
    }
    .render(&session.frame))
}

async fn standing_in(state: &EdgeState, session: &Session, name: StateName) -> Result<Vec<PaymentView>, flow::Error> {
    let filter = Filter {
        state: Some(name.code()),
        ..Filter::default()
    };
    let page = Page {
        before: None,
        limit: PAYMENTS_SHOWN,
    };
    flow::view::payments(state.platform(), session.ctx, filter, page).await
}

/// A payment that waits for somebody.
pub(super) fn of_payment(payment: &PaymentView) -> Matter {
    let name = payment.state.name();
    let (tone, what) = if name == StateName::Unknown {
        (Tone::Doubt, "Unknown")
    } else if name == StateName::Received {
        (Tone::Waiting, "Duplicate?")
    } else {
        (Tone::Waiting, "To approve")
    };
    let sum = payment.transfer.amount.money();
    let title = format!(
        "{} {} to {}",
        values::grouped(sum),
        sum.currency(),
        payment.transfer.creditor.name
    );
    Matter {
        tone,
        what,
        title: Some(title),
        cause: standing::why(&payment.state, &payment.transfer),
        href: format!("/payments/{}", payment.id),
        since: payment.since,
    }
}

/// An open exception.
pub(super) fn of_exception(exception: &Exception) -> Matter {
    Matter {
        tone: Tone::Bad,
        what: "Exception",
        title: None,
        cause: exception.sentence.clone(),
        href: format!("/exceptions#{}", exception.id),
        since: exception.created_at,
    }
}

impl Home {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let sentence = html! { "Where every payment stands, and what needs a person." };
        let content = html! {
            (shell::head("Home", &sentence, &html! {}))
            div.stack id="home-live" data-live {
                section.card aria-labelledby="journey" {
                    header { h2 id="journey" { "The journey" } p { (self.total()) } }
                    div.body { (journey::journey(&self.overview)) }
                    details.fold id="journey-table" {
                        summary { "The same as a table" }
                        (journey::table(&self.overview))
                    }
                }
                div.pair {
                    (self.needs_attention())
                    div.stack { (self.reconciliation()) (self.log()) }
                }
                (self.balances())
            }
        };
        shell::page(frame, Section::Home, "Home", true, &content)
    }

    fn total(&self) -> String {
        let count: i64 = self.overview.states.iter().map(|(_, count)| count).sum();
        counted(count, "payment")
    }

    fn needs_attention(&self) -> Markup {
        let more = self.overview.exceptions_open > i64::try_from(EXCEPTIONS_SHOWN).unwrap_or(i64::MAX);
        let none = self.total() == "0 payments";
        html! {
            section.card aria-labelledby="attention" {
                header { h2 id="attention" { "Needs attention" } }
                @if self.attention.is_empty() && none {
                    (empty("No payments yet", &html! {
                        p { "Submit a file through the API, or watch a sample file go the whole way:" }
                        pre { code { "countersign demo" } }
                    }))
                } @else if self.attention.is_empty() {
                    (empty("Nothing needs a person", &html! { p { "Every payment is on its way or has arrived." } }))
                } @else {
                    ul.todo {
                        @for matter in &self.attention {
                            li {
                                (tag(matter.tone, matter.what))
                                a.what href=(matter.href) {
                                    @if let Some(title) = &matter.title { strong { (title) } " " }
                                    @if matter.title.is_some() { (matter.cause) } @else { span.full { (matter.cause) } }
                                }
                                span.when { (values::time(matter.since)) }
                            }
                        }
                    }
                }
                @if more || self.overview.exceptions_open > 0 {
                    footer { a href="/exceptions" { "All open exceptions (" (self.overview.exceptions_open) ")" } }
                }
            }
        }
    }

    fn reconciliation(&self) -> Markup {
        let (lines, explained) = self.overview.lines;
        html! {
            section.card aria-labelledby="reconciliation" {
                header { h2 id="reconciliation" { "Reconciliation" } }
                div.body.stack {
                    div {
                        p.big { (values::count(explained)) " " span.aside.small { "of " (counted(lines, "statement line")) " explained" } }
                        @if lines > 0 { progress max=(lines) value=(explained) aria-label="Statement lines explained" {} }
                    }
                    p {
                        @if self.overview.balanced { (tag(Tone::Good, "Books balance")) }
                        @else { (tag(Tone::Bad, "Books do not balance")) }
                        " " a href="/ledger" { (counted_entries(self.overview.entries)) }
                    }
                }
            }
        }
    }

    fn log(&self) -> Markup {
        html! {
            section.card aria-labelledby="log" {
                header { h2 id="log" { "Log" } }
                div.body {
                    p.big { (values::count(self.overview.log_size)) " " span.aside.small { "events, none alterable unnoticed" } }
                    p.small { a href="/log" { "Checkpoint, key, and how to verify" } }
                }
            }
        }
    }

    fn balances(&self) -> Markup {
        html! {
            section.card aria-labelledby="balances" {
                header { h2 id="balances" { "Balances" } p { "What the ledger says" } }
                (accounts::table(&self.accounts))
            }
        }
    }
}

fn counted_entries(entries: i64) -> String {
    if entries == 1 {
        "1 entry".to_owned()
    } else {
        format!("{entries} entries")
    }
}
