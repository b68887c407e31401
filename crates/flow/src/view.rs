//! What callers and pages see: payments, batches, accounts, ledger, statements, exceptions, events. Reading only, each call one
//! snapshot.

// What views return and take is named here once more, so that callers need to know no crate below this one.
pub use evidence::tile::Tile;
pub use payment::reason::Reason;
pub use payment::state::{Recall, State, StateName};
pub use store::approvals::Approval;
pub use store::batches::{Batch, BatchPayment, Finding};
pub use store::exceptions::{Exception, Resolution};
pub use store::journal::{Balance, Entry, Posting};
pub use store::orders::Attempt;
pub use store::payments::Filter;
pub use store::requests::Nonce;
pub use store::scope::Page;
pub use store::statements::{Line, Match, Statement};

use crate::content;
use crate::event::hex;
use crate::intake::open_content;
use crate::platform::{Parts, Platform};
use crate::refusal::{Code, Error, Refusal};
use crate::standing;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Tx;
use store::payments::Standing;
use store::scope::Scope;
use vocab::account::AccountNumber;
use vocab::context::Ctx;
use vocab::id::{AccountId, BatchId, EventId, ExceptionId, LineId, OrderId, OrganizationId, PaymentId, StatementId};
use vocab::money::{Currency, Money};
use vocab::time::Timestamp;
use vocab::transfer::CreditTransfer;

/// A payment as its readers see it.
#[derive(Clone, Debug)]
pub struct PaymentView {
    /// The payment.
    pub id: PaymentId,
    /// The file it came in.
    pub batch: Option<BatchId>,
    /// The account that is debited.
    pub account: AccountId,
    /// What was ordered.
    pub transfer: CreditTransfer,
    /// SHA-256 of the canonical content, hexadecimal: what an approval names.
    pub content_hash: String,
    /// Counts changes, from 1.
    pub version: i64,
    /// Who submitted it.
    pub created_by: String,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// Still reserved on the account, minor units.
    pub held_minor: i64,
}

/// A payment with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct PaymentDetail {
    /// The payment.
    pub payment: PaymentView,
    /// Approvals given, voided ones among them (another content hash).
    pub approvals: Vec<ApprovalView>,
    /// What happened, oldest first.
    pub timeline: Vec<EventView>,
    /// The order it travelled in, and every contact with the bank.
    pub order: Option<OrderId>,
    /// Contacts with the bank, oldest first.
    pub attempts: Vec<Attempt>,
    /// Statement lines that it explains.
    pub matches: Vec<(Line, Match)>,
    /// Journal entries about it, about the order it travelled in and about the statement lines it explains, oldest first.
    pub entries: Vec<EntryView>,
    /// Open and resolved exceptions are found through the exception list; this is whether a receipt can be had yet.
    pub sealed: bool,
}

/// A journal entry as one of its payments sees it.
#[derive(Clone, Debug)]
pub struct EntryView {
    /// The entry. Where other payments share it, its postings are added up by ledger account.
    pub entry: Entry,
    /// How many payments it is about: one, or all that the bank booked together.
    pub payments: i64,
}

/// An approval with the approver's name.
#[derive(Clone, Debug)]
pub struct ApprovalView {
    /// The approval.
    pub approval: Approval,
    /// The approver's name.
    pub name: String,
    /// Whether it counts for the present content.
    pub counts: bool,
}

/// An event for people.
#[derive(Clone, Debug)]
pub struct EventView {
    /// The event.
    pub id: EventId,
    /// Its index in the log, once sealed.
    pub position: Option<u64>,
    /// Kind, such as `payment.received`.
    pub kind: String,
    /// What it is about, in text form.
    pub subject: String,
    /// Who did it, in text form.
    pub actor: String,
    /// When, RFC 3339.
    pub at: String,
    /// The canonical JSON.
    pub body: Value,
}

/// One of the organization's accounts.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// The account.
    pub id: AccountId,
    /// Its number.
    pub number: AccountNumber,
    /// The holder's name.
    pub holder: String,
    /// Its currency.
    pub currency: Currency,
    /// The channel its payments take.
    pub channel: String,
    /// What the ledger says it holds.
    pub balance: Money,
    /// What is reserved for payments.
    pub held: Money,
    /// Balance less what is reserved.
    pub available: Money,
}

/// A batch with what was found and what became of its payments.
#[derive(Clone, Debug)]
pub struct BatchDetail {
    /// The batch.
    pub batch: Batch,
    /// The first findings in the order of the file, [`vocab::limits::PAGE_MAX`] and one more at most.
    pub findings: Vec<Finding>,
    /// The payments of the file in its order, with the state of the accepted ones.
    pub payments: Vec<(BatchPayment, Option<StateName>)>,
}

/// A statement with the lines it brought first.
#[derive(Clone, Debug)]
pub struct StatementDetail {
    /// The statement.
    pub statement: Statement,
    /// Its lines with the payments that explain them.
    pub lines: Vec<(Line, Vec<Match>)>,
}

/// How things stand.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The organization's name.
    pub organization: String,
    /// How many payments stand in each state, all states named.
    pub states: Vec<(StateName, i64)>,
    /// Open exceptions.
    pub exceptions_open: i64,
    /// Statement lines, and how many of them a rule explained.
    pub lines: (i64, i64),
    /// Journal entries.
    pub entries: i64,
    /// Whether all postings of each currency add up to nothing.
    pub balanced: bool,
    /// Leaves of the log.
    pub log_size: u64,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// The time of the world.
    pub now: Timestamp,
}

/// A page of payments, newest first.
pub async fn payments(platform: &Platform, ctx: Ctx, filter: Filter, page: Page) -> Result<Vec<PaymentView>, Error> {
    read(platform, ctx, "payments", move |parts, tx, scope| {
        store::payments::list(tx, scope, &filter, page)?
            .iter()
            .map(|standing| view(parts, standing))
            .collect()
    })
    .await
}

/// One payment.
pub async fn payment(platform: &Platform, ctx: Ctx, id: PaymentId) -> Result<PaymentView, Error> {
    read(platform, ctx, "payment", move |parts, tx, scope| {
        view(parts, &standing_of(tx, scope, id)?)
    })
    .await
}

/// One payment with everything that belongs to it.
pub async fn payment_detail(platform: &Platform, ctx: Ctx, id: PaymentId) -> Result<PaymentDetail, Error> {
    read(platform, ctx, "payment detail", move |parts, tx, scope| {
        let standing = standing_of(tx, scope, id)?;
        let payment = view(parts, &standing)?;
        let mut approvals = Vec::new();
        for approval in store::approvals::of(tx, scope, id)? {
            let name = match store::organizations::member(tx, scope, approval.member)? {
                Some(member) => member_name(parts, scope.organization, &member)?,
                None => approval.member.to_string(),
            };
            let counts = approval.content_digest == standing.payment.content_digest;
            approvals.push(ApprovalView { approval, name, counts });
        }
        let timeline = store::events::of(tx, scope, id.to_i64())?
            .iter()
            .map(event_view)
            .collect::<Result<Vec<_>, Error>>()?;
        let order = timeline
            .iter()
            .rev()
            .find_map(|event| event.body.get("data")?.get("order")?.as_str()?.parse().ok());
        let attempts = match order {
            Some(order) => store::orders::attempts(tx, scope, order)?,
            None => Vec::new(),
        };
        let mut matches = Vec::new();
        for matched in store::statements::matches_of_payment(tx, scope, id)? {
            if let Some(line) = store::statements::line(tx, scope, matched.line)? {
                matches.push((line, matched));
            }
        }
        let entries = entries_of(tx, scope, id, order, &matches)?;
        let sealed = timeline.last().is_some_and(|event| event.position.is_some());
        Ok(PaymentDetail {
            payment,
            approvals,
            timeline,
            order,
            attempts,
            matches,
            entries,
            sealed,
        })
    })
    .await
}

/// Entries are booked about what the bank booked: one payment, several of an order, or a line that waited in suspense.
fn entries_of(
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    payment: PaymentId,
    order: Option<OrderId>,
    matches: &[(Line, Match)],
) -> Result<Vec<EntryView>, Error> {
    let page = Page {
        before: None,
        limit: vocab::limits::PAGE_MAX,
    };
    let mut entries: Vec<EntryView> = store::journal::list(tx, scope, Some(&payment.to_string()), page)?
        .into_iter()
        .map(|entry| EntryView { entry, payments: 1 })
        .collect();
    if let Some(order) = order {
        for (entry, postings) in store::journal::list_summed(tx, scope, &order.to_string(), page)? {
            // One posting goes to the bank account, the others are the payments'.
            let payments = postings.saturating_sub(1);
            entries.push(EntryView { entry, payments });
        }
    }
    let lines: BTreeSet<LineId> = matches.iter().map(|(line, _)| line.id).collect();
    for line in lines {
        let of_line = store::journal::list_summed(tx, scope, &line.to_string(), page)?;
        if !of_line.is_empty() {
            let payments = store::statements::count_matches(tx, scope, line)?;
            entries.extend(of_line.into_iter().map(|(entry, _)| EntryView { entry, payments }));
        }
    }
    entries.sort_by_key(|view| view.entry.id);
    Ok(entries)
}

/// A page of batches, newest first.
pub async fn batches(platform: &Platform, ctx: Ctx, page: Page) -> Result<Vec<Batch>, Error> {
    read(platform, ctx, "batches", move |_, tx, scope| {
        Ok(store::batches::list(tx, scope, page)?)
    })
    .await
}

/// One batch; of its payments those from position `from` on, `limit` at most.
pub async fn batch(platform: &Platform, ctx: Ctx, id: BatchId, from: i64, limit: usize) -> Result<BatchDetail, Error> {
    read(platform, ctx, "batch", move |_, tx, scope| {
        let batch = store::batches::load(tx, scope, id)?.ok_or_else(|| not_found("batch", id))?;
        let findings = store::batches::findings(tx, scope, id, 0, vocab::limits::PAGE_MAX.saturating_add(1))?;
        let mut payments = Vec::new();
        for payment in store::batches::payments(tx, scope, id, from, limit)? {
            let state = match payment.payment {
                Some(id) => StateName::from_code(standing_of(tx, scope, id)?.state.state),
                None => None,
            };
            payments.push((payment, state));
        }
        Ok(BatchDetail {
            batch,
            findings,
            payments,
        })
    })
    .await
}

/// Findings about a batch in the order of the file, from number `from` on, `limit` at most.
pub async fn findings(
    platform: &Platform,
    ctx: Ctx,
    id: BatchId,
    from: i64,
    limit: usize,
) -> Result<Vec<Finding>, Error> {
    read(platform, ctx, "findings", move |_, tx, scope| {
        store::batches::load(tx, scope, id)?.ok_or_else(|| not_found("batch", id))?;
        Ok(store::batches::findings(tx, scope, id, from, limit)?)
    })
    .await
}

/// Accounts of the organization after one, in the order in which they were added, `limit` at most.
pub async fn accounts_after(
    platform: &Platform,
    ctx: Ctx,
    after: Option<AccountId>,
    limit: usize,
) -> Result<Vec<AccountView>, Error> {
    read(platform, ctx, "accounts", move |parts, tx, scope| {
        store::accounts::page(tx, scope, after, limit)?
            .iter()
            .map(|account| account_view(parts, tx, scope, account))
            .collect()
    })
    .await
}

/// All accounts of the organization.
pub async fn accounts(platform: &Platform, ctx: Ctx) -> Result<Vec<AccountView>, Error> {
    read(platform, ctx, "accounts", move |parts, tx, scope| {
        store::accounts::list(tx, scope)?
            .iter()
            .map(|account| account_view(parts, tx, scope, account))
            .collect()
    })
    .await
}

/// One account.
pub async fn account(platform: &Platform, ctx: Ctx, id: AccountId) -> Result<AccountView, Error> {
    read(platform, ctx, "account", move |parts, tx, scope| {
        let account = store::accounts::load(tx, scope, id)?.ok_or_else(|| not_found("account", id))?;
        account_view(parts, tx, scope, &account)
    })
    .await
}

/// Balances of all ledger accounts, now or at a time.
pub async fn balances(platform: &Platform, ctx: Ctx, until: Option<Timestamp>) -> Result<Vec<Balance>, Error> {
    read(platform, ctx, "balances", move |_, tx, scope| {
        Ok(store::journal::balances(tx, scope, until)?)
    })
    .await
}

/// A page of journal entries, newest first, of one subject or of all.
pub async fn entries(platform: &Platform, ctx: Ctx, subject: Option<String>, page: Page) -> Result<Vec<Entry>, Error> {
    read(platform, ctx, "entries", move |_, tx, scope| {
        Ok(store::journal::list(tx, scope, subject.as_deref(), page)?)
    })
    .await
}

/// A page of statements, newest first.
pub async fn statements(
    platform: &Platform,
    ctx: Ctx,
    account: Option<AccountId>,
    page: Page,
) -> Result<Vec<Statement>, Error> {
    read(platform, ctx, "statements", move |_, tx, scope| {
        Ok(store::statements::list(tx, scope, account, page)?)
    })
    .await
}

/// One statement; of the lines it brought first those after a line, in the order in which they came, `limit` at most.
pub async fn statement(
    platform: &Platform,
    ctx: Ctx,
    id: StatementId,
    after: Option<LineId>,
    limit: usize,
) -> Result<StatementDetail, Error> {
    read(platform, ctx, "statement", move |_, tx, scope| {
        let statement = store::statements::load(tx, scope, id)?.ok_or_else(|| not_found("statement", id))?;
        let lines = store::statements::lines(tx, scope, id, after, limit)?;
        let ids: Vec<LineId> = lines.iter().map(|line| line.id).collect();
        let mut matches: BTreeMap<LineId, Vec<Match>> = BTreeMap::new();
        for matched in store::statements::matches_of_lines(tx, scope, &ids)? {
            matches.entry(matched.line).or_default().push(matched);
        }
        let lines = lines
            .into_iter()
            .map(|line| {
                let matches = matches.remove(&line.id).unwrap_or_default();
                (line, matches)
            })
            .collect();
        Ok(StatementDetail { statement, lines })
    })
    .await
}

/// A page of exceptions, newest first.
pub async fn exceptions(platform: &Platform, ctx: Ctx, only_open: bool, page: Page) -> Result<Vec<Exception>, Error> {
    read(platform, ctx, "exceptions", move |_, tx, scope| {
        Ok(store::exceptions::list(tx, scope, only_open, page)?)
    })
    .await
}

/// One exception.
pub async fn exception(platform: &Platform, ctx: Ctx, id: ExceptionId) -> Result<Exception, Error> {
    read(platform, ctx, "exception", move |_, tx, scope| {
        store::exceptions::load(tx, scope, id)?.ok_or_else(|| not_found("exception", id))
    })
    .await
}

/// Sealed events from an index of the log on, in the order of the log.
pub async fn events(platform: &Platform, ctx: Ctx, from: u64, limit: usize) -> Result<Vec<EventView>, Error> {
    read(platform, ctx, "events", move |_, tx, scope| {
        store::events::feed(tx, scope, from, limit)?
            .iter()
            .map(event_view)
            .collect()
    })
    .await
}

/// One event.
pub async fn event(platform: &Platform, ctx: Ctx, id: EventId) -> Result<EventView, Error> {
    read(platform, ctx, "event", move |_, tx, scope| {
        let event = store::events::load(tx, scope, id)?.ok_or_else(|| not_found("event", id))?;
        event_view(&event)
    })
    .await
}

/// Everybody of the organization: id, name, may approve.
pub async fn members(platform: &Platform, ctx: Ctx) -> Result<Vec<(vocab::id::MemberId, String)>, Error> {
    read(platform, ctx, "members", move |parts, tx, scope| {
        store::organizations::members(tx, scope)?
            .iter()
            .map(|member| Ok((member.id, member_name(parts, scope.organization, member)?)))
            .collect()
    })
    .await
}

/// How things stand.
pub async fn overview(platform: &Platform, ctx: Ctx) -> Result<Overview, Error> {
    read(platform, ctx, "overview", move |_, tx, scope| {
        let counted = store::payments::count_by_state(tx, scope)?;
        let count_of = |state: StateName| {
            counted
                .iter()
                .find(|(code, _)| *code == state.code())
                .map_or(0, |(_, count)| *count)
        };
        let states = StateName::ALL
            .into_iter()
            .map(|state| (state, count_of(state)))
            .collect();
        let organizations = store::organizations::list(tx)?;
        let organization = organizations.into_iter().find(|(id, _)| *id == scope.organization);
        let head = store::log::published(tx)?;
        Ok(Overview {
            organization: organization.map(|(_, name)| name).unwrap_or_default(),
            states,
            exceptions_open: store::exceptions::count_open(tx, scope)?,
            lines: store::statements::count_lines(tx, scope)?,
            entries: store::journal::count(tx, scope)?,
            balanced: balanced(&store::journal::balances(tx, scope, None)?),
            log_size: head.as_ref().map_or(0, |head| head.size),
            checkpoint: head.map(|head| head.checkpoint).unwrap_or_default(),
            now: ctx.now,
        })
    })
    .await
}

/// The time up to which the newest change of a payment is visible in the log, for callers that wait for a receipt.
pub(crate) fn standing_of(tx: &mut dyn Tx, scope: Scope<'_>, id: PaymentId) -> Result<Standing, Error> {
    store::payments::view(tx, scope, id)?.ok_or_else(|| not_found("payment", id))
}

/// Whether the balances of each currency add up to nothing.
pub(crate) fn balanced(balances: &[Balance]) -> bool {
    let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
    for balance in balances {
        *sums.entry(balance.amount.currency()).or_default() += i128::from(balance.amount.minor());
    }
    sums.values().all(|sum| *sum == 0)
}

/// Runs a reading transaction.
pub(crate) async fn read<T: Send + 'static>(
    platform: &Platform,
    ctx: Ctx,
    name: &'static str,
    mut work: impl FnMut(&Parts, &mut dyn Tx, Scope<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let parts = Arc::clone(platform.parts());
    platform
        .parts()
        .store
        .read(name, move |tx| work(&parts, tx, parts.scope(&ctx)))
        .await
}

fn not_found(what: &str, id: impl std::fmt::Display) -> Error {
    Refusal::new(Code::NotFound, format!("there is no {what} `{id}`")).into()
}

pub(crate) fn view(parts: &Parts, standing: &Standing) -> Result<PaymentView, Error> {
    let row = &standing.payment;
    Ok(PaymentView {
        id: row.id,
        batch: row.batch,
        account: row.account,
        transfer: content::parse(&open_content(parts, row)?)?,
        content_hash: hex(&row.content_digest),
        version: row.version,
        created_by: row.created_by.to_string(),
        state: standing::read(standing)?,
        since: standing.state.since,
        held_minor: standing.state.held_minor,
    })
}

fn account_view(
    parts: &Parts,
    tx: &mut dyn Tx,
    scope: Scope<'_>,
    account: &store::accounts::Account,
) -> Result<AccountView, Error> {
    let (number, holder) = crate::setup::open_account(parts, scope, account)?;
    let code = ledger::account::LedgerAccount::bank(account.id, account.currency).to_string();
    let balance = store::journal::balance(tx, scope, &code, account.currency)?;
    let held = Money::new(store::accounts::held(tx, scope, account.id)?, account.currency);
    let available = balance
        .checked_sub(held)
        .map_err(|_| Error::Bug("a balance that cannot be counted"))?;
    Ok(AccountView {
        id: account.id,
        number,
        holder,
        currency: account.currency,
        channel: account.channel.clone(),
        balance,
        held,
        available,
    })
}

pub(crate) fn member_name(
    parts: &Parts,
    organization: OrganizationId,
    member: &store::organizations::Member,
) -> Result<String, Error> {
    let place = crate::setup::member_place(organization, member.id);
    let name = parts.keyring.0.open(&place, &member.sealed)?;
    String::from_utf8(name).map_err(|_| Error::Bug("a stored name that is no text"))
}

pub(crate) fn event_view(placed: &store::events::Placed) -> Result<EventView, Error> {
    let unreadable = Error::Bug("a stored event that cannot be read");
    let Ok(body) = serde_json::from_str::<Value>(&placed.event.body) else {
        return Err(unreadable);
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(kind), Some(subject), Some(actor), Some(at)) = (text("kind"), text("subject"), text("actor"), text("at"))
    else {
        return Err(unreadable);
    };
    Ok(EventView {
        id: placed.event.id,
        position: placed.position,
        kind,
        subject,
        actor,
        at,
        body,
    })
}

/// A line by its id, for pages that lead to it.
pub async fn line(platform: &Platform, ctx: Ctx, id: LineId) -> Result<(Line, Vec<Match>), Error> {
    read(platform, ctx, "line", move |_, tx, scope| {
        let line = store::statements::line(tx, scope, id)?.ok_or_else(|| not_found("line", id))?;
        let matches = store::statements::matches_of_line(tx, scope, id)?;
        Ok((line, matches))
    })
    .await
}
