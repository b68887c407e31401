//! The books: balances at any time, and the entries behind them.

use super::money::Money;
use crate::api::findings::Findings;
use crate::api::page::{Listed, window};
use crate::api::query;
use crate::api::reply::Reply;
use crate::authenticate::Signed;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use flow::refusal::Code;
use flow::view::{Balance, Entry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vocab::id::EntryId;
use vocab::time::Timestamp;

/// The balance of one ledger account.
#[derive(Serialize, ToSchema)]
pub(crate) struct LedgerBalance {
    /// Code of the ledger account.
    #[schema(example = "in_transit:EUR")]
    account: String,
    /// Signed sum of its postings; debits are positive.
    balance: Money,
}

/// A journal entry. Its postings add up to nothing in each currency.
#[derive(Serialize, ToSchema)]
pub(crate) struct JournalEntry {
    /// `ent_…`
    id: String,
    /// What kind of entry.
    kind: String,
    /// What it is about: a payment, an order, a line.
    subject: String,
    /// When it was booked, RFC 3339.
    at: String,
    /// Its postings.
    postings: Vec<Posting>,
}

/// One posting of an entry.
#[derive(Serialize, ToSchema)]
pub(crate) struct Posting {
    /// Code of the ledger account.
    account: String,
    /// Signed sum; debits are positive.
    amount: Money,
}

impl LedgerBalance {
    fn of(balance: &Balance) -> Self {
        Self {
            account: balance.account.clone(),
            balance: balance.amount.into(),
        }
    }
}

impl JournalEntry {
    pub(crate) fn of(entry: &Entry) -> Self {
        let posting = |posting: &flow::view::Posting| Posting {
            account: posting.account.clone(),
            amount: posting.amount.into(),
        };
        Self {
            id: entry.id.to_string(),
            kind: entry.kind.clone(),
            subject: entry.subject.clone(),
            at: entry.at.to_string(),
            postings: entry.postings.iter().map(posting).collect(),
        }
    }
}

/// At which time.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AtTime {
    /// RFC 3339, such as `2026-11-22T10:00:00Z`; entries booked at that moment count. Now unless you say so.
    at: Option<String>,
}

/// Read the balances of all ledger accounts
#[utoipa::path(get, path = "/v1/ledger/balances", tag = "ledger", operation_id = "list_balances", params(AtTime),
    responses((status = 200, description = "All balances, by code.", body = Listed<LedgerBalance>)))]
pub(crate) async fn balances(
    State(edge): State<EdgeState>,
    request: Signed,
) -> Result<Reply<Listed<LedgerBalance>>, Problem> {
    let wanted: AtTime = query::read(&request.uri)?;
    let mut found = Findings::default();
    let parse = |text: &str| Timestamp::parse(text).ok_or("a time such as `2026-11-22T10:00:00Z` is expected");
    let at = found.parameter("at", wanted.at.as_deref(), parse);
    found.finish(Code::Malformed, "")?;
    let balances = flow::view::balances(edge.platform(), request.ctx, at).await?;
    Ok(Reply::ok(Listed::whole(
        balances.iter().map(LedgerBalance::of).collect(),
    )))
}

/// Which entries to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WantedEntries {
    /// Only entries about this: `pay_…`, `ord_…` or `line_…`.
    subject: Option<String>,
    /// Rows on the page, 1 to 500; 50 unless you say so.
    limit: Option<String>,
    /// Cursor: `next` of the page before.
    after: Option<String>,
}

/// List journal entries, newest first
#[utoipa::path(get, path = "/v1/ledger/entries", tag = "ledger", operation_id = "list_entries", params(WantedEntries),
    responses((status = 200, description = "A page of entries.", body = Listed<JournalEntry>)))]
pub(crate) async fn entries(
    State(edge): State<EdgeState>,
    request: Signed,
) -> Result<Reply<Listed<JournalEntry>>, Problem> {
    let wanted: WantedEntries = query::read(&request.uri)?;
    let mut found = Findings::default();
    let window = window(
        &mut found,
        wanted.limit.as_deref(),
        wanted.after.as_deref(),
        EntryId::to_i64,
    );
    found.finish(Code::Malformed, "")?;
    let rows = flow::view::entries(edge.platform(), request.ctx, wanted.subject, window.page).await?;
    let page = Listed::cut(rows, window.limit, |row| row.id.to_string(), JournalEntry::of);
    Ok(Reply::page(&request.uri, page))
}
