//! Payments: submit, find, read, change.

use super::money::{self, Money};
use super::transfer::{self, Transfer};
use crate::api::findings::Findings;
use crate::api::id::Id;
use crate::api::page::{Listed, Window, window};
use crate::api::query;
use crate::api::reply::Reply;
use crate::authenticate::{Signed, Unclaimed};
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract;
use flow::intake::Submitted;
use flow::refusal::Code;
use flow::view::PaymentView;
use flow::view::{Filter, State, StateName};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vocab::id::PaymentId;

/// A payment.
#[derive(Serialize, ToSchema)]
pub(crate) struct Payment {
    /// `pay_…`
    id: String,
    /// Where it stands: `received`, `waiting_for_approval`, `approved`, `queued`, `dispatching`, `unknown`, `accepted_by_bank`,
    /// `rejected`, `settled`, `returned`, `cancelled` or `expired`.
    #[schema(example = "waiting_for_approval")]
    state: &'static str,
    /// Since when, RFC 3339.
    since: String,
    /// What was ordered.
    transfer: Transfer,
    /// SHA-256 of the canonical content in hexadecimal: what an approval names.
    content_hash: String,
    /// Counts changes, from 1.
    version: i64,
    /// The account that is debited, `acct_…`.
    account: String,
    /// The file it came in, `bat_…`.
    batch: Option<String>,
    /// Who submitted it: `usr_…` or `app_…`.
    created_by: String,
    /// Still reserved on the account.
    held: Money,
    /// What only this state knows.
    #[serde(flatten)]
    particulars: Particulars,
}

/// What is known of a payment in some states only.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Particulars {
    /// While `received`: the earlier payment it looks like. Confirm that it is no duplicate, or cancel it.
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<String>,
    /// While `waiting_for_approval`: how many distinct people have to approve.
    #[serde(skip_serializing_if = "Option::is_none")]
    approvals_needed: Option<u32>,
    /// While `queued`: the day on which it goes to the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<String>,
    /// The order in which it travels or travelled, `ord_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    /// While `accepted_by_bank`: how much of it was seen on statements.
    #[serde(skip_serializing_if = "Option::is_none")]
    booked: Option<Money>,
    /// While `accepted_by_bank`: whether the bank was asked to cancel it: `none`, `requested` or `refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    recall: Option<&'static str>,
    /// When `settled` or `returned`: the booking date.
    #[serde(skip_serializing_if = "Option::is_none")]
    booked_on: Option<String>,
    /// When `rejected`, `returned` or `cancelled`: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

/// Why a payment ended as it did.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reason {
    /// ISO 20022 reason code, such as `AC04`, or a word of ours.
    code: String,
    /// A sentence. May be empty.
    text: String,
}

impl Payment {
    fn of(view: &PaymentView) -> Self {
        let currency = view.transfer.amount.currency();
        let mut particulars = Particulars {
            order: view.state.order().map(|order| order.to_string()),
            reason: view.state.reason().map(|reason| Reason {
                code: reason.code().to_owned(),
                text: reason.text().to_owned(),
            }),
            ..Particulars::default()
        };
        match &view.state {
            State::Received { duplicate_of } => particulars.duplicate_of = duplicate_of.map(|id| id.to_string()),
            State::WaitingForApproval { needed } => particulars.approvals_needed = Some(*needed),
            State::Queued { not_before, .. } => particulars.not_before = Some(not_before.to_string()),
            State::AcceptedByBank {
                booked_minor, recall, ..
            } => {
                particulars.booked = Some(Money::of(*booked_minor, currency));
                particulars.recall = Some(recall.name());
            }
            State::Settled { on, .. } | State::Returned { on, .. } => particulars.booked_on = Some(on.to_string()),
            State::Approved
            | State::Dispatching { .. }
            | State::Unknown { .. }
            | State::Rejected { .. }
            | State::Cancelled { .. }
            | State::Expired => {}
        }
        Self {
            id: view.id.to_string(),
            state: view.state.name().name(),
            since: view.since.to_string(),
            transfer: Transfer::of(&view.transfer),
            content_hash: view.content_hash.clone(),
            version: view.version,
            account: view.account.to_string(),
            batch: view.batch.map(|batch| batch.to_string()),
            created_by: view.created_by.clone(),
            held: Money::of(view.held_minor, currency),
            particulars,
        }
    }
}

/// A payment that was taken in.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaymentTakenIn {
    /// `pay_…`
    id: String,
    /// `waiting_for_approval`, or `received` when it looks like an earlier payment.
    state: &'static str,
    /// The earlier payment that it looks like. Confirm that it is no duplicate, or cancel it.
    duplicate_of: Option<String>,
    /// How many distinct people have to approve.
    approvals_needed: u32,
    /// SHA-256 of the canonical content in hexadecimal: what an approval names.
    content_hash: String,
}

impl From<&Submitted> for PaymentTakenIn {
    fn from(submitted: &Submitted) -> Self {
        Self {
            id: submitted.payment.to_string(),
            state: submitted.state.name(),
            duplicate_of: submitted.duplicate_of.map(|earlier| earlier.to_string()),
            approvals_needed: submitted.needed,
            content_hash: super::approvals::hex(&submitted.content_digest),
        }
    }
}

/// Submit a payment
///
/// It waits for approval, or asks first whether it is meant to be paid again when it looks like an earlier one.
#[utoipa::path(post, path = "/v1/payments", tag = "payments", operation_id = "submit_payment", request_body = Transfer,
    responses((status = 201, description = "The payment was taken in.", body = PaymentTakenIn)))]
pub(crate) async fn submit(
    extract::State(edge): extract::State<EdgeState>,
    request: Unclaimed,
) -> Result<Reply<PaymentTakenIn>, Problem> {
    query::none(&request.signed.uri)?;
    let transfer = transfer::read(&request.signed)?;
    let idempotency = request.signed.idempotency(&edge, "submit")?;
    let nonce = Some(request.nonce);
    let submitted = flow::intake::submit(edge.platform(), request.signed.ctx, transfer, idempotency, nonce).await?;
    let location = format!("/v1/payments/{}", submitted.payment);
    Ok(Reply::created(&location, PaymentTakenIn::from(&submitted)).replayed(submitted.replayed))
}

/// Which payments to list. Filters add up.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only payments in this state.
    state: Option<String>,
    /// Only payments of this file, `bat_…`.
    batch: Option<String>,
    /// Only payments from this account, `acct_…`.
    account: Option<String>,
    /// Only payments in this currency.
    currency: Option<String>,
    /// Smallest amount in minor units.
    amount_from: Option<String>,
    /// Largest amount in minor units.
    amount_to: Option<String>,
    /// First execution date.
    execution_from: Option<String>,
    /// Last execution date.
    execution_to: Option<String>,
    /// Rows on the page, 1 to 500; 50 unless you say so.
    limit: Option<String>,
    /// Cursor: `next` of the page before.
    after: Option<String>,
}

impl Wanted {
    fn read(&self) -> Result<(Filter, Window), Problem> {
        let found = &mut Findings::default();
        let minor = |text: &str| {
            text.parse::<i64>()
                .map_err(|_| "a whole number of minor units is expected")
        };
        let filter = Filter {
            state: found
                .parameter("state", self.state.as_deref(), str::parse::<StateName>)
                .map(StateName::code),
            batch: found.parameter("batch", self.batch.as_deref(), str::parse),
            account: found.parameter("account", self.account.as_deref(), str::parse),
            currency: found
                .parameter("currency", self.currency.as_deref(), money::currency)
                .map(|currency| currency.code().to_owned()),
            from_minor: found.parameter("amount_from", self.amount_from.as_deref(), minor),
            to_minor: found.parameter("amount_to", self.amount_to.as_deref(), minor),
            from_date: found.parameter("execution_from", self.execution_from.as_deref(), transfer::date),
            to_date: found.parameter("execution_to", self.execution_to.as_deref(), transfer::date),
        };
        let window = window(found, self.limit.as_deref(), self.after.as_deref(), PaymentId::to_i64);
        std::mem::take(found).finish(Code::Malformed, "")?;
        Ok((filter, window))
    }
}

/// List payments, newest first
#[utoipa::path(get, path = "/v1/payments", tag = "payments", operation_id = "list_payments", params(Wanted),
    responses((status = 200, description = "A page of payments.", body = Listed<Payment>)))]
pub(crate) async fn list(
    extract::State(edge): extract::State<EdgeState>,
    request: Signed,
) -> Result<Reply<Listed<Payment>>, Problem> {
    let (filter, window) = query::read::<Wanted>(&request.uri)?.read()?;
    let rows = flow::view::payments(edge.platform(), request.ctx, filter, window.page).await?;
    Ok(Reply::page(
        &request.uri,
        Listed::cut(rows, window.limit, |row| row.id.to_string(), Payment::of),
    ))
}

/// Read a payment
#[utoipa::path(get, path = "/v1/payments/{id}", tag = "payments", operation_id = "read_payment",
    params(("id" = String, Path, description = "`pay_…`")),
    responses((status = 200, description = "The payment.", body = Payment)))]
pub(crate) async fn read(
    extract::State(edge): extract::State<EdgeState>,
    id: Id<PaymentId>,
    request: Signed,
) -> Result<Reply<Payment>, Problem> {
    query::none(&request.uri)?;
    let view = flow::view::payment(edge.platform(), request.ctx, id.get()?).await?;
    Ok(Reply::ok(Payment::of(&view)))
}

/// Where a payment stands after an operation.
#[derive(Serialize, ToSchema)]
pub(crate) struct Moved {
    /// `pay_…`
    pub(crate) id: String,
    /// Its state now.
    pub(crate) state: &'static str,
}

/// Change a payment before it goes to the bank
///
/// The body is the whole new content. Who pays, from which account, and the end-to-end id stay as they are. Approvals given so far
/// are void, because they name the old content.
#[utoipa::path(put, path = "/v1/payments/{id}", tag = "payments", operation_id = "change_payment", request_body = Transfer,
    params(("id" = String, Path, description = "`pay_…`")),
    responses((status = 200, description = "The payment has the new content.", body = Moved)))]
pub(crate) async fn change(
    extract::State(edge): extract::State<EdgeState>,
    id: Id<PaymentId>,
    request: Signed,
) -> Result<Reply<Moved>, Problem> {
    query::none(&request.uri)?;
    let id = id.get()?;
    let transfer = transfer::read(&request)?;
    let idempotency = request.idempotency(&edge, "change")?;
    let moved = flow::change::change(edge.platform(), request.ctx, id, transfer, idempotency).await?;
    Ok(Reply::ok(Moved {
        id: id.to_string(),
        state: moved.state.name(),
    })
    .replayed(moved.replayed))
}
