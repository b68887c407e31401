//! Intake: a payment arrives. The hottest operation: written over slices, with one decision per payment and one write per table.

pub(crate) mod entry;

use crate::authenticate::Idempotency;
use crate::count::Count;
use crate::platform::{Parts, Platform};
use crate::refusal::{Code, Error, Refusal};
use crate::{compact, content, single};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entry::{AccountKey, Decision, Draft, Entry};
use payment::duplicate::{Earlier, likeness, suspect};
use payment::policy::Policy;
use payment::state::StateName;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use store::accounts::Account;
use store::payments::{Likeness, Payment};
use store::requests::{Answered, Nonce};
use store::scope::Scope;
use store::{Lane, StoreError, Tx};
use vocab::account::AccountNumber;
use vocab::context::{Ctx, World};
use vocab::id::{AccountId, BatchId, OrganizationId, PaymentId};
use vocab::limits;
use vocab::time::Date;
use vocab::transfer::CreditTransfer;

/// What became of a submitted payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The payment.
    pub payment: PaymentId,
    /// Where it stood right after: waiting for approval, or received with a question.
    pub state: StateName,
    /// The earlier payment that it looks like, if any: then the submitter is asked.
    pub duplicate_of: Option<PaymentId>,
    /// Approvals it needs.
    pub needed: u32,
    /// SHA-256 of the canonical content.
    pub content_digest: [u8; 32],
    /// True when this answer was given before, under the same idempotency key.
    pub replayed: bool,
}

/// One payment on its way into the slice: everything that can be computed outside of the transaction has been.
pub(crate) struct Arrival {
    ctx: Ctx,
    id: PaymentId,
    batch: Option<BatchId>,
    transfer: CreditTransfer,
    canonical: Vec<u8>,
    content_digest: [u8; 32],
    likeness: [u8; 16],
    account_index: [u8; 16],
    /// What is wrong with it. Said only when the request is new: a payment that was taken in yesterday gets yesterday's answer, although
    /// its date is past today.
    objection: Option<Refusal>,
    idempotency: Option<Idempotency>,
    nonce: Option<Nonce>,
    draft: Option<Draft>,
    /// Keeps the platform until the payment is stored, whoever has gone away.
    _platform: Option<Arc<Parts>>,
}

/// Submits one payment. The nonce of the request's signature is claimed in the same transaction.
pub async fn submit(
    platform: &Platform,
    ctx: Ctx,
    transfer: CreditTransfer,
    idempotency: Idempotency,
    nonce: Option<Nonce>,
) -> Result<Submitted, Error> {
    let objection = single::objection(&transfer, ctx.now.date());
    let mut arrival = Arrival::new(platform.parts(), ctx, None, transfer)?;
    arrival.objection = objection;
    arrival.idempotency = Some(idempotency);
    arrival.nonce = nonce;
    let arrival = Arrival {
        draft: Draft::of(platform.parts(), &arrival)?,
        _platform: Some(Arc::clone(platform.parts())),
        ..arrival
    };
    let submitted = platform.intake.submit(arrival).await?.map_err(Error::Refused)?;
    if !submitted.replayed {
        submitted.counted(ctx.world).tell();
    }
    Ok(submitted)
}

impl Arrival {
    pub(crate) fn new(
        parts: &Parts,
        ctx: Ctx,
        batch: Option<BatchId>,
        transfer: CreditTransfer,
    ) -> Result<Self, Error> {
        let canonical = content::canonical(&transfer)?;
        let content_digest = content::digest(&canonical);
        let alike = likeness(&transfer);
        Ok(Self {
            ctx,
            id: PaymentId::from_i64(parts.id()),
            batch,
            canonical,
            content_digest,
            likeness: parts.keyring.0.blind_index("likenesses.likeness", &[alike.as_bytes()]),
            account_index: account_index(parts, &transfer.debtor_account),
            transfer,
            objection: None,
            idempotency: None,
            nonce: None,
            draft: None,
            _platform: None,
        })
    }

    pub(crate) fn id(&self) -> PaymentId {
        self.id
    }
}

/// The blind index of an account number.
pub(crate) fn account_index(parts: &Parts, number: &AccountNumber) -> [u8; 16] {
    parts
        .keyring
        .0
        .blind_index("accounts.number", &[number.as_str().as_bytes()])
}

/// The place of a payment's sealed content, bound to the columns that stand beside it in plain form.
pub(crate) fn seal_content(parts: &Parts, payment: &Payment, canonical: &[u8]) -> Result<Vec<u8>, Error> {
    let bound = bound(payment);
    let bound: Vec<&[u8]> = bound.iter().map(Vec::as_slice).collect();
    Ok(parts
        .keyring
        .0
        .seal(&place(payment, &bound), parts.random(), &compact::pack(canonical))?)
}

/// Opens a payment's content; fails when any plain column beside it was altered.
pub(crate) fn open_content(parts: &Parts, payment: &Payment) -> Result<Vec<u8>, Error> {
    let bound = bound(payment);
    let bound: Vec<&[u8]> = bound.iter().map(Vec::as_slice).collect();
    compact::unpack(parts.keyring.0.open(&place(payment, &bound), &payment.sealed)?)
}

fn place<'a>(payment: &Payment, bound: &'a [&'a [u8]]) -> keys::Place<'a> {
    let (organization, world, row) = (payment.organization, payment.world, payment.id.to_i64());
    keys::Place {
        table: "payments",
        column: "sealed",
        organization,
        world,
        row,
        bound,
    }
}

fn bound(payment: &Payment) -> [Vec<u8>; 8] {
    [
        payment.batch.map_or(0, BatchId::to_i64).to_be_bytes().to_vec(),
        payment.account.to_i64().to_be_bytes().to_vec(),
        payment.amount.minor().to_be_bytes().to_vec(),
        payment.amount.currency().code().as_bytes().to_vec(),
        payment.execution_on.to_string().into_bytes(),
        payment.created_by.to_string().into_bytes(),
        payment.version.to_be_bytes().to_vec(),
        payment.content_digest.to_vec(),
    ]
}

/// Takes arrivals in slices.
pub(crate) struct IntakeLane {
    pub(crate) parts: Weak<Parts>,
}

impl std::fmt::Debug for IntakeLane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IntakeLane")
    }
}

impl Lane for IntakeLane {
    const NAME: &'static str = "intake";
    type Request = Arrival;
    type Outcome = Result<Submitted, Refusal>;

    fn run(&self, tx: &mut dyn Tx, slice: &[Arrival]) -> Result<Vec<Self::Outcome>, StoreError> {
        // Every request that waits holds the parts.
        let parts = self.parts.upgrade().ok_or(StoreError::Closed)?;
        take(&parts, tx, slice, Locking::Last).map_err(|error| match error {
            Error::Store(error) => error,
            Error::Refused(_) | Error::Keys(_) | Error::Bug(_) => StoreError::bug(error.to_string()),
        })
    }
}

/// When the accounts of a slice are locked. Two servers that take in payments which look the same see each other by that lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locking {
    /// Before anything is decided: for a file, which takes long and would lose its work each time to the payments that come meanwhile.
    First,
    /// After everything is written, and then it is looked once more what has come meanwhile: slices of one account go on side by side
    /// nearly to their end.
    Last,
}

/// Decides about a slice of arrivals in order (later ones see earlier ones), then writes everything.
pub(crate) fn take(
    parts: &Parts,
    tx: &mut dyn Tx,
    slice: &[Arrival],
    locking: Locking,
) -> Result<Vec<Result<Submitted, Refusal>>, Error> {
    let mut slate = Slate::read(parts, tx, slice, locking)?;
    let outcomes = slice
        .iter()
        .zip(slate.fresh.clone())
        .map(|(arrival, fresh)| slate.decide(parts, arrival, fresh))
        .collect::<Result<Vec<_>, Error>>()?;
    slate.write(tx)?;
    Ok(outcomes)
}

/// What the slice needs to know, and what it is going to write.
struct Slate {
    fresh: Vec<bool>,
    answered: BTreeMap<[u8; 16], Answered>,
    accounts: BTreeMap<AccountKey, Option<Account>>,
    policies: BTreeMap<(OrganizationId, World), Option<Arc<Policy>>>,
    alike: BTreeMap<(OrganizationId, World, [u8; 16]), Vec<Earlier>>,
    locking: Locking,
    /// Earlier payments that were looked at.
    seen: BTreeSet<PaymentId>,
    entries: Vec<store::entries::Entry>,
    reserved: BTreeMap<AccountId, i64>,
}

impl Slate {
    fn read(parts: &Parts, tx: &mut dyn Tx, slice: &[Arrival], locking: Locking) -> Result<Self, Error> {
        let nonces: Vec<Nonce> = slice.iter().filter_map(|arrival| arrival.nonce).collect();
        let mut claimed = store::requests::claim_nonces(tx, &nonces)?.into_iter();
        let fresh = slice
            .iter()
            .map(|arrival| arrival.nonce.is_none() || claimed.next() == Some(true))
            .collect();

        let digests: Vec<[u8; 16]> = slice
            .iter()
            .filter_map(|arrival| arrival.idempotency.map(|known| known.digest))
            .collect();
        let answered = store::requests::answered(tx, &parts.keyring, &digests)?;
        let answered = answered.into_iter().map(|answer| (answer.digest, answer)).collect();

        let mut accounts = BTreeMap::new();
        let mut policies = BTreeMap::new();
        for arrival in slice {
            let (organization, world) = (arrival.ctx.organization, arrival.ctx.world);
            let scope = Scope::of(&arrival.ctx, &parts.keyring);
            let key = arrival.account_key();
            if let std::collections::btree_map::Entry::Vacant(entry) = accounts.entry(key) {
                entry.insert(store::accounts::by_number(tx, scope, &key.2, key.3)?);
            }
            if let std::collections::btree_map::Entry::Vacant(entry) = policies.entry((organization, world)) {
                entry.insert(policy(tx, scope)?.map(Arc::new));
            }
        }
        parts.assumptions.note(&accounts, &policies);
        if locking == Locking::First {
            let known = accounts.values().flatten();
            let ids: BTreeSet<AccountId> = known.map(|account: &Account| account.id).collect();
            store::accounts::lock(tx, &ids)?;
        }
        let wanted: Vec<Likeness> = slice.iter().map(Arrival::as_likeness).collect();
        let mut seen = BTreeSet::new();
        let mut alike: BTreeMap<_, Vec<Earlier>> = BTreeMap::new();
        for found in store::payments::alike(tx, &wanted)? {
            let earlier = earlier(found.payment, found.execution_on, found.state)?;
            seen.insert(found.payment);
            for asked in wanted.iter().filter(|asked| asked.likeness == found.likeness) {
                let list = alike
                    .entry((asked.organization, asked.world, asked.likeness))
                    .or_default();
                if !list.iter().any(|known| known.payment == earlier.payment) {
                    list.push(earlier);
                }
            }
        }
        Ok(Self {
            fresh,
            answered,
            accounts,
            policies,
            alike,
            locking,
            seen,
            entries: Vec::with_capacity(slice.len()),
            reserved: BTreeMap::new(),
        })
    }

    fn decide(&mut self, parts: &Parts, arrival: &Arrival, fresh: bool) -> Result<Result<Submitted, Refusal>, Error> {
        if !fresh {
            return Ok(Err(Refusal::new(Code::Replayed, "this signature was used before")));
        }
        if let Some(idempotency) = &arrival.idempotency
            && let Some(answer) = self.answered.get(&idempotency.digest)
        {
            return Ok(replay(answer, idempotency));
        }
        if let Some(objection) = &arrival.objection {
            return Ok(Err(objection.clone()));
        }
        let ctx = &arrival.ctx;
        let (organization, world) = (ctx.organization, ctx.world);
        let amount = arrival.transfer.amount;
        let account = self.accounts.get(&arrival.account_key());
        let Some(Some(account)) = account else {
            let detail = format!(
                "the organization has no account with the debtor's number in {}",
                amount.currency()
            );
            return Ok(Err(Refusal::new(Code::AccountUnknown, detail)));
        };
        let Some(Some(policy)) = self.policies.get(&(organization, world)) else {
            return Ok(Err(Refusal::new(
                Code::PolicyMissing,
                "the organization has no approval policy yet",
            )));
        };
        let alike = self.alike.entry((organization, world, arrival.likeness)).or_default();
        let decision = Decision {
            account: account.id,
            needed: policy.needed(&amount, &account.channel),
            duplicate_of: suspect(arrival.transfer.execution_on, alike, limits::DUPLICATE_WINDOW_DAYS),
        };
        let drafted = arrival.draft.as_ref().and_then(|draft| draft.entry(decision));
        let entry = match drafted {
            Some(entry) => entry,
            None => Entry::new(parts, arrival, decision)?,
        };
        let submitted = entry.submitted.clone();
        alike.push(Earlier {
            payment: arrival.id,
            execution_on: arrival.transfer.execution_on,
            state: submitted.state,
        });
        let reserved = self.reserved.entry(decision.account).or_default();
        *reserved = reserved
            .checked_add(entry.rows.state.held_minor)
            .ok_or(Error::Bug("more reserved than can be counted"))?;
        if let Some(answer) = &entry.rows.answer {
            let known = answer.answered().clone();
            self.answered.insert(known.digest, known);
        }
        self.entries.push(entry.rows);
        Ok(Ok(submitted))
    }

    fn write(&self, tx: &mut dyn Tx) -> Result<(), Error> {
        if self.entries.is_empty() {
            return Ok(());
        }
        store::entries::add(tx, &self.entries)?;
        if self.locking == Locking::Last {
            store::accounts::lock(tx, &self.reserved.keys().copied().collect())?;
            self.nobody_was_faster(tx)?;
        }
        let reserved: Vec<(AccountId, i64)> = self
            .reserved
            .iter()
            .map(|(account, minor)| (*account, *minor))
            .collect();
        store::accounts::reserve(tx, &reserved)?;
        Ok(())
    }

    /// With the accounts locked: whatever was decided without having seen a payment that looks the same is decided again.
    fn nobody_was_faster(&self, tx: &mut dyn Tx) -> Result<(), Error> {
        let own: BTreeSet<PaymentId> = self.entries.iter().map(|entry| entry.payment.id).collect();
        let seen = |payment| own.contains(&payment) || self.seen.contains(&payment);
        let likenesses: Vec<Likeness> = self.entries.iter().map(|entry| entry.likeness).collect();
        let found = store::payments::alike_by_others(tx, &likenesses)?;
        if found.iter().all(|found| seen(found.payment)) {
            Ok(())
        } else {
            let what = "a payment that looks the same came through another server".into();
            Err(StoreError::Conflict { what }.into())
        }
    }
}

impl Arrival {
    fn account_key(&self) -> AccountKey {
        let (organization, world) = (self.ctx.organization, self.ctx.world);
        (organization, world, self.account_index, self.transfer.amount.currency())
    }

    fn as_likeness(&self) -> Likeness {
        Likeness {
            organization: self.ctx.organization,
            world: self.ctx.world,
            likeness: self.likeness,
            payment: self.id,
            execution_on: self.transfer.execution_on,
        }
    }
}

impl Submitted {
    pub(crate) fn counted(&self, world: World) -> Count {
        let to = self.state.name();
        Count::Transition { world, to }
    }

    /// As the idempotency row keeps it: payment, state, duplicate, needed, content.
    fn to_answer(&self) -> String {
        let duplicate_of = self.duplicate_of.map_or(0, PaymentId::to_i64);
        let content = URL_SAFE_NO_PAD.encode(self.content_digest);
        format!(
            "{} {} {duplicate_of} {} {content}",
            self.payment.to_i64(),
            self.state.code(),
            self.needed
        )
    }

    fn from_answer(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mut number = || words.next()?.parse::<i64>().ok();
        let (payment, state, duplicate_of, needed) = (number()?, number()?, number()?, number()?);
        Some(Self {
            payment: PaymentId::from_i64(payment),
            state: StateName::from_code(state)?,
            duplicate_of: (duplicate_of != 0).then(|| PaymentId::from_i64(duplicate_of)),
            needed: u32::try_from(needed).ok()?,
            content_digest: URL_SAFE_NO_PAD.decode(words.next()?).ok()?.try_into().ok()?,
            replayed: true,
        })
    }
}

/// The answer to a repeated request: the same again, or a refusal when the content is another.
fn replay(answer: &Answered, asked: &Idempotency) -> Result<Submitted, Refusal> {
    if answer.request_digest != asked.request {
        return Err(Refusal::new(
            Code::IdempotencyKeyReused,
            "this idempotency key was used with other content",
        ));
    }
    Submitted::from_answer(&answer.answer)
        .ok_or_else(|| Refusal::new(Code::Internal, "an answer that was given cannot be read any more"))
}

/// The approval policy in force.
pub(crate) fn policy(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<Option<Policy>, Error> {
    store::policies::current(tx, scope)?
        .map(|policy| {
            policy
                .text
                .parse()
                .map_err(|_| Error::Bug("a stored policy that cannot be read"))
        })
        .transpose()
}

pub(crate) fn earlier(payment: PaymentId, execution_on: Date, state: i64) -> Result<Earlier, Error> {
    let state = StateName::from_code(state).ok_or(Error::Bug("a stored state that does not exist"))?;
    Ok(Earlier {
        payment,
        execution_on,
        state,
    })
}
