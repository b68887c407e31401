//! The timeline of one payment: what happened, who approved, every contact with the bank, the statement lines, the books.

use super::events::Event;
use super::ledger::JournalEntry;
use super::money::Money;
use super::statements::StatementLine;
use crate::api::id::Id;
use crate::api::query;
use crate::api::reply::Reply;
use crate::authenticate::Signed;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use flow::view::Attempt;
use flow::view::{ApprovalView, EntryView, PaymentDetail};
use serde::Serialize;
use utoipa::ToSchema;
use vocab::id::PaymentId;

/// Everything that belongs to a payment.
#[derive(Serialize, ToSchema)]
pub(crate) struct Timeline {
    /// `pay_…`
    payment: String,
    /// What happened, oldest first.
    events: Vec<Event>,
    /// Who said yes or no, oldest first; those for earlier content among them.
    approvals: Vec<ApprovalRead>,
    /// The order it travelled in, `ord_…`.
    order: Option<String>,
    /// Every contact with the bank about the order, oldest first.
    contacts: Vec<Contact>,
    /// Statement lines that it explains.
    bookings: Vec<Booking>,
    /// Journal entries about it, about its order and about its statement lines, oldest first.
    entries: Vec<TimelineEntry>,
    /// Whether a receipt for the present state can be had already.
    sealed: bool,
}

/// A journal entry as one of its payments sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct TimelineEntry {
    /// The entry. Where `payments` is more than 1 its subject is the order or the statement line, and its postings are added up by
    /// ledger account; `GET /v1/ledger/entries` has them one by one.
    #[serde(flatten)]
    entry: JournalEntry,
    /// How many payments it is about: 1, or all that the bank booked together.
    payments: i64,
}

/// A yes or a no that was given.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApprovalRead {
    /// `apr_…`
    id: String,
    /// Who, `usr_…`.
    member: String,
    /// Their name.
    name: String,
    /// The key that signed it, `key_…`; absent when it was given in the console with a fresh second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// True for yes.
    approved: bool,
    /// The content that it is about.
    content_hash: String,
    /// Whether it counts for the present content.
    counts: bool,
    /// The member's words. May be empty.
    note: String,
    /// When, RFC 3339.
    given_at: String,
}

/// One contact with the bank.
#[derive(Serialize, ToSchema)]
pub(crate) struct Contact {
    /// `send`, `inquire` or `recall`.
    kind: String,
    /// `begun`, `accepted`, `rejected`, `unknown`, `found` or `not_received`.
    outcome: String,
    /// The bank's code, or what went wrong on the way.
    detail: String,
    /// When, RFC 3339.
    at: String,
}

/// A statement line, and how much of the payment it booked.
#[derive(Serialize, ToSchema)]
pub(crate) struct Booking {
    /// The line.
    line: StatementLine,
    /// `booked` or `returned`.
    effect: String,
    /// How much of the payment.
    amount: Money,
}

/// Read the timeline of a payment
#[utoipa::path(get, path = "/v1/payments/{id}/timeline", tag = "payments", operation_id = "read_timeline",
    params(("id" = String, Path, description = "`pay_…`")),
    responses((status = 200, description = "Everything that belongs to the payment.", body = Timeline)))]
pub(crate) async fn read(
    State(edge): State<EdgeState>,
    id: Id<PaymentId>,
    request: Signed,
) -> Result<Reply<Timeline>, Problem> {
    query::none(&request.uri)?;
    let detail = flow::view::payment_detail(edge.platform(), request.ctx, id.get()?).await?;
    Ok(Reply::ok(Timeline::of(&detail)))
}

impl Timeline {
    fn of(detail: &PaymentDetail) -> Self {
        let currency = detail.payment.transfer.amount.currency();
        Self {
            payment: detail.payment.id.to_string(),
            events: detail.timeline.iter().map(Event::of).collect(),
            approvals: detail.approvals.iter().map(ApprovalRead::of).collect(),
            order: detail.order.map(|order| order.to_string()),
            contacts: detail.attempts.iter().map(Contact::of).collect(),
            bookings: detail
                .matches
                .iter()
                .map(|(line, matched)| Booking {
                    line: StatementLine::of(line),
                    effect: matched.effect.clone(),
                    amount: Money::of(matched.amount_minor, currency),
                })
                .collect(),
            entries: detail.entries.iter().map(TimelineEntry::of).collect(),
            sealed: detail.sealed,
        }
    }
}

impl TimelineEntry {
    fn of(view: &EntryView) -> Self {
        Self {
            entry: JournalEntry::of(&view.entry),
            payments: view.payments,
        }
    }
}

impl ApprovalRead {
    fn of(view: &ApprovalView) -> Self {
        let approval = &view.approval;
        Self {
            id: approval.id.to_string(),
            member: approval.member.to_string(),
            name: view.name.clone(),
            key: approval.signing_key.map(|key| key.to_string()),
            approved: approval.approved,
            content_hash: super::approvals::hex(&approval.content_digest),
            counts: view.counts,
            note: approval.note.clone(),
            given_at: approval.given_at.to_string(),
        }
    }
}

impl Contact {
    fn of(attempt: &Attempt) -> Self {
        Self {
            kind: attempt.kind.clone(),
            outcome: attempt.outcome.clone(),
            detail: attempt.detail.clone(),
            at: attempt.at.to_string(),
        }
    }
}
