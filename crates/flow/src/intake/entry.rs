//! What a payment writes when it is taken in, and the draft of it.
//!
//! Most of the work of taking a payment in is encryption and codes over rows, and none of it needs the database once three things are
//! known: the account, how many approvals are needed, and whether the payment looks like an earlier one. So a submitter, on a thread of its
//! own, drafts the entry under the assumption that these are as for the last payment of the same account. The transaction decides, as
//! if there were no draft; it takes the draft when it came to the same, and writes the entry anew when not.

use super::{Arrival, Submitted, seal_content};
use crate::event::{self, hex};
use crate::platform::Parts;
use crate::refusal::Error;
use crate::standing;
use payment::command::Command;
use payment::policy::Policy;
use payment::state::State;
use payment::step::{Facts, step};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::accounts::Account;
use store::payments::{Payment, PaymentState};
use store::requests::{Answered, SealedAnswer};
use vocab::context::World;
use vocab::id::{AccountId, EventId, OrganizationId, PaymentId};
use vocab::money::Currency;

/// Accounts that drafts are made for: more than an organization has; then the list begins anew.
const ACCOUNTS_MAX: usize = 1_024;

/// What the submitter's event says. Fields in the order of their names, as canonical form wants them.
#[derive(Serialize)]
struct Received<'a> {
    amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<String>,
    content: String,
    currency: &'a str,
    detail: serde_json::Value,
    state: &'a str,
}

/// What was decided about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) account: AccountId,
    pub(super) needed: u32,
    pub(super) duplicate_of: Option<PaymentId>,
}

/// What is written about a payment that is taken in, and what its submitter is told.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) rows: store::entries::Entry,
    pub(super) submitted: Submitted,
}

impl Entry {
    pub(super) fn new(parts: &Parts, arrival: &Arrival, decision: Decision) -> Result<Self, Error> {
        let Decision {
            account,
            needed,
            duplicate_of,
        } = decision;
        let ctx = &arrival.ctx;
        let amount = arrival.transfer.amount;
        let facts = Facts {
            now: ctx.now,
            ordered: amount,
        };
        let screened = step(
            State::Received { duplicate_of: None },
            &Command::Screen { duplicate_of, needed },
            &facts,
        )
        .map_err(|_| Error::Bug("a fresh payment that cannot be screened"))?;
        let state = screened.state.name();
        let detail = standing::write(&screened.state)?;
        let data = Received {
            amount: amount.money().decimal(),
            batch: arrival.batch.map(|batch| batch.to_string()),
            content: hex(&arrival.content_digest),
            currency: amount.currency().code(),
            detail: standing::as_value(&detail)?,
            state: state.name(),
        };
        let id = EventId::from_i64(parts.id());
        let event = event::event(parts, ctx, None, id, "payment.received", &arrival.id.into(), &data)?;
        let mut payment = Payment {
            id: arrival.id,
            organization: ctx.organization,
            world: ctx.world,
            batch: arrival.batch,
            account,
            amount: amount.money(),
            execution_on: arrival.transfer.execution_on,
            created_by: ctx.actor,
            version: 1,
            content_digest: arrival.content_digest,
            sealed: Vec::new(),
        };
        payment.sealed = seal_content(parts, &payment, &arrival.canonical)?;
        let submitted = Submitted {
            payment: arrival.id,
            state,
            duplicate_of,
            needed,
            content_digest: arrival.content_digest,
            replayed: false,
        };
        let answer = arrival.idempotency.map(|idempotency| {
            let answer = Answered {
                digest: idempotency.digest,
                organization: ctx.organization,
                world: ctx.world,
                request_digest: idempotency.request,
                answer: submitted.to_answer(),
                at: ctx.now,
            };
            SealedAnswer::new(answer, &parts.keyring)
        });
        let state = PaymentState {
            state: state.code(),
            since: ctx.now,
            held_minor: amount.minor(),
            event: id,
            detail,
        };
        let rows = store::entries::Entry {
            payment,
            state,
            likeness: arrival.as_likeness(),
            event,
            answer,
        };
        Ok(Self { rows, submitted })
    }
}

/// An entry under an assumption.
#[derive(Debug)]
pub(super) struct Draft {
    assumed: Decision,
    entry: Entry,
}

impl Draft {
    /// A draft for an arrival, unless its account is new here.
    pub(super) fn of(parts: &Parts, arrival: &Arrival) -> Result<Option<Self>, Error> {
        let Some(assumed) = parts.assumptions.about(arrival) else {
            return Ok(None);
        };
        let entry = Entry::new(parts, arrival, assumed)?;
        Ok(Some(Self { assumed, entry }))
    }

    /// The entry, if this is what was decided.
    pub(super) fn entry(&self, decided: Decision) -> Option<Entry> {
        (self.assumed == decided).then(|| self.entry.clone())
    }
}

/// Accounts and policies of the last payments. Nothing is decided by them.
#[derive(Debug, Default)]
pub(crate) struct Assumptions(Mutex<Assumed>);

#[derive(Debug, Default)]
struct Assumed {
    accounts: BTreeMap<AccountKey, (AccountId, String)>,
    policies: BTreeMap<(OrganizationId, World), Arc<Policy>>,
}

/// Whose account, in which world, the blind index of its number, and its currency.
pub(super) type AccountKey = (OrganizationId, World, [u8; 16], Currency);

impl Assumptions {
    /// Notes what a slice has found.
    pub(super) fn note(
        &self,
        accounts: &BTreeMap<AccountKey, Option<Account>>,
        policies: &BTreeMap<(OrganizationId, World), Option<Arc<Policy>>>,
    ) {
        let mut assumed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if assumed.accounts.len() >= ACCOUNTS_MAX {
            *assumed = Assumed::default();
        }
        for (key, account) in accounts {
            if let Some(account) = account {
                assumed.accounts.insert(*key, (account.id, account.channel.clone()));
            }
        }
        for (key, policy) in policies {
            if let Some(policy) = policy {
                assumed.policies.insert(*key, Arc::clone(policy));
            }
        }
    }

    fn about(&self, arrival: &Arrival) -> Option<Decision> {
        let key = arrival.account_key();
        let assumed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (account, channel) = assumed.accounts.get(&key)?;
        let policy = assumed.policies.get(&(key.0, key.1))?;
        Some(Decision {
            account: *account,
            needed: policy.needed(&arrival.transfer.amount, channel),
            duplicate_of: None,
        })
    }
}
