//! The organization's own accounts.

use super::money::Money;
use crate::api::findings::Findings;
use crate::api::id::Id;
use crate::api::page::{Listed, limit};
use crate::api::query;
use crate::api::reply::Reply;
use crate::authenticate::Signed;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use flow::refusal::Code;
use flow::view::AccountView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vocab::account::AccountNumber;
use vocab::id::AccountId;

/// One of your accounts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    /// `acct_…`
    id: String,
    /// IBAN, if it has one.
    iban: Option<String>,
    /// Its other number, if it has no IBAN.
    account: Option<String>,
    /// The holder's name.
    holder: String,
    /// Its currency.
    currency: &'static str,
    /// The way its payments take to the bank.
    channel: String,
    /// What the ledger says it holds.
    balance: Money,
    /// What is reserved for payments.
    held: Money,
    /// Balance less what is reserved.
    available: Money,
}

impl Account {
    fn of(view: &AccountView) -> Self {
        let (iban, account) = match &view.number {
            AccountNumber::Iban(iban) => (Some(iban.as_str().to_owned()), None),
            AccountNumber::Other(_) => (None, Some(view.number.as_str().to_owned())),
        };
        Self {
            id: view.id.to_string(),
            iban,
            account,
            holder: view.holder.clone(),
            currency: view.currency.code(),
            channel: view.channel.clone(),
            balance: view.balance.into(),
            held: view.held.into(),
            available: view.available.into(),
        }
    }
}

/// Which accounts to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Rows on the page, 1 to 500; 50 unless you say so.
    limit: Option<String>,
    /// Cursor: `next` of the page before.
    after: Option<String>,
}

/// List accounts in the order in which they were added
#[utoipa::path(get, path = "/v1/accounts", tag = "accounts", operation_id = "list_accounts", params(Wanted),
    responses((status = 200, description = "A page of accounts.", body = Listed<Account>)))]
pub(crate) async fn list(State(edge): State<EdgeState>, request: Signed) -> Result<Reply<Listed<Account>>, Problem> {
    let wanted: Wanted = query::read(&request.uri)?;
    let mut found = Findings::default();
    let limit = limit(&mut found, wanted.limit.as_deref());
    let after = found.parameter("after", wanted.after.as_deref(), str::parse);
    found.finish(Code::Malformed, "")?;
    let rows = flow::view::accounts_after(edge.platform(), request.ctx, after, limit + 1).await?;
    let page = Listed::cut(rows, limit, |row| row.id.to_string(), Account::of);
    Ok(Reply::page(&request.uri, page))
}

/// Read an account
#[utoipa::path(get, path = "/v1/accounts/{id}", tag = "accounts", operation_id = "read_account",
    params(("id" = String, Path, description = "`acct_…`")),
    responses((status = 200, description = "The account.", body = Account)))]
pub(crate) async fn read(
    State(edge): State<EdgeState>,
    id: Id<AccountId>,
    request: Signed,
) -> Result<Reply<Account>, Problem> {
    query::none(&request.uri)?;
    let account = flow::view::account(edge.platform(), request.ctx, id.get()?).await?;
    Ok(Reply::ok(Account::of(&account)))
}
