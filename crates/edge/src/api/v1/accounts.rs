//! The organization's own accounts.

use super::money::Money;
use crate::api::id::Id;
use crate::api::page::Listed;
use crate::api::query;
use crate::api::reply::Reply;
use crate::authenticate::Signed;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use flow::view::AccountView;
use serde::Serialize;
use utoipa::ToSchema;
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

/// List all accounts
#[utoipa::path(get, path = "/v1/accounts", tag = "accounts", operation_id = "list_accounts",
    responses((status = 200, description = "All accounts.", body = Listed<Account>)))]
pub(crate) async fn list(State(edge): State<EdgeState>, request: Signed) -> Result<Reply<Listed<Account>>, Problem> {
    query::none(&request.uri)?;
    let accounts = flow::view::accounts(edge.platform(), request.ctx).await?;
    Ok(Reply::ok(Listed::whole(accounts.iter().map(Account::of).collect())))
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
