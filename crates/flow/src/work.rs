//! One transaction of the journey: what every operation does the same way. Rows are written through here, so that no step forgets its
//! event, its hold or its entry.

use crate::count::Count;
use crate::event::{self, Subject};
use crate::platform::Parts;
use crate::refusal::{Code, Error, Refusal};
use crate::standing;
use ledger::posting::Entry;
use payment::command::Command;
use payment::state::State;
use payment::step::{Facts, step};
use serde_json::{Map, Value, json};
use store::Tx;
use store::payments::{PaymentState, Standing};
use store::scope::Scope;
use vocab::context::Ctx;
use vocab::id::{AccountId, EntryId, EventId, ExceptionId, JobId, LineId, PaymentId, StatementId};
use vocab::money::Amount;
use vocab::time::Timestamp;

/// A running transaction with everything it needs.
pub(crate) struct Work<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) ctx: Ctx,
    pub(crate) scope: Scope<'a>,
    pub(crate) tx: &'a mut dyn Tx,
    /// The idempotency row that is written in this transaction, if one is: events name it, so that its removal is noticed.
    pub(crate) once: Option<[u8; 16]>,
    /// What is counted when the transaction is committed.
    pub(crate) counts: Vec<Count>,
}

/// What a person has to look at.
pub(crate) struct NewException {
    pub(crate) account: Option<AccountId>,
    pub(crate) statement: Option<StatementId>,
    pub(crate) line: Option<LineId>,
    pub(crate) payment: Option<PaymentId>,
    pub(crate) code: String,
    pub(crate) sentence: String,
}

impl<'a> Work<'a> {
    pub(crate) fn new(parts: &'a Parts, ctx: Ctx, tx: &'a mut dyn Tx) -> Self {
        Self {
            parts,
            ctx,
            scope: parts.scope(&ctx),
            tx,
            once: None,
            counts: Vec::new(),
        }
    }

    /// Records an event.
    pub(crate) fn event(
        &mut self,
        kind: &'static str,
        subject: impl Into<Subject>,
        data: &Value,
    ) -> Result<EventId, Error> {
        let id = EventId::from_i64(self.parts.id());
        let event = event::event(
            self.parts,
            &self.ctx,
            self.once.as_ref(),
            id,
            kind,
            &subject.into(),
            data,
        )?;
        store::events::append(self.tx, &[event])?;
        Ok(id)
    }

    /// A payment for a decision about it. Whatever follows from it has greater numbers, also when the server that moved it last has a
    /// clock that is ahead of ours: the log keeps the order of a payment's events.
    pub(crate) fn payment(&mut self, id: PaymentId) -> Result<Standing, Error> {
        let standing = store::payments::load(self.tx, self.scope, id)?
            .ok_or_else(|| Refusal::new(Code::NotFound, format!("there is no payment `{id}`")))?;
        self.parts.ids.see(standing.state.event.to_i64());
        Ok(standing)
    }

    /// Lets the state machine decide and writes what follows: state, hold, event. A command that changes nothing (a late duplicate of a
    /// report) writes nothing and returns the payment as it was.
    pub(crate) fn advance(
        &mut self,
        standing: Standing,
        command: &Command,
        kind: &'static str,
        data: Map<String, Value>,
    ) -> Result<(Standing, bool), Error> {
        // Not every payment comes from `payment`: those that travel together are loaded together.
        self.parts.ids.see(standing.state.event.to_i64());
        let from = standing::read(&standing)?;
        let ordered = ordered(&standing)?;
        let facts = Facts {
            now: self.ctx.now,
            ordered,
        };
        let outcome = step(from.clone(), command, &facts)
            .map_err(|refusal| Refusal::new(Code::StateForbids, refusal.to_string()))?;
        // Another content is a change also when the payment goes on waiting for as many people as before.
        let changes = matches!(command, Command::Change { .. });
        if outcome.transitions.is_empty() && outcome.state == from && !changes {
            return Ok((standing, false));
        }
        let mut standing = standing;
        let held_minor = held(&outcome.state, ordered);
        self.reserve(
            standing.payment.account,
            held_minor.saturating_sub(standing.state.held_minor),
        )?;
        let mut data = data;
        data.insert("after".into(), standing.state.event.to_string().into());
        data.insert("content".into(), event::hex(&standing.payment.content_digest).into());
        data.insert("state".into(), outcome.state.name().name().into());
        let passed: Vec<&str> = outcome
            .transitions
            .iter()
            .map(|transition| transition.to.name())
            .collect();
        data.insert("transitions".into(), json!(passed));
        if let Some(reason) = outcome.state.reason() {
            data.insert("reason".into(), json!({"code": reason.code(), "text": reason.text()}));
        }
        let detail = standing::write(&outcome.state)?;
        data.insert("detail".into(), standing::as_value(&detail)?);
        let event = self.event(kind, standing.payment.id, &Value::Object(data))?;
        let since = if outcome.transitions.is_empty() {
            standing.state.since
        } else {
            self.ctx.now
        };
        let to = PaymentState {
            state: outcome.state.name().code(),
            since,
            held_minor,
            event,
            detail,
        };
        store::payments::advance(self.tx, self.scope, standing.payment.id, standing.state.event, &to)?;
        let world = self.ctx.world;
        self.counts
            .extend(outcome.transitions.iter().map(|transition| Count::Transition {
                world,
                to: transition.to.name(),
            }));
        standing.state = to;
        Ok((standing, true))
    }

    /// Changes what is reserved on an account.
    pub(crate) fn reserve(&mut self, account: AccountId, minor: i64) -> Result<(), Error> {
        if minor != 0 {
            store::accounts::reserve(self.tx, &[(account, minor)])?;
        }
        Ok(())
    }

    /// Books a balanced entry.
    pub(crate) fn book(&mut self, entry: &Entry, subject: &str) -> Result<EntryId, Error> {
        let id = EntryId::from_i64(self.parts.id());
        let row = store::journal::Entry {
            id,
            kind: entry.kind().name().to_owned(),
            subject: subject.to_owned(),
            at: self.ctx.now,
            postings: entry
                .postings()
                .iter()
                .map(|posting| store::journal::Posting {
                    account: posting.account.to_string(),
                    amount: posting.amount,
                })
                .collect(),
        };
        let parts = self.parts;
        store::journal::add(self.tx, self.scope, &row, &mut || parts.id())?;
        self.event("entry.booked", id, &event::of_entry(&row))?;
        Ok(id)
    }

    /// Asks for work on the outside.
    pub(crate) fn enqueue(&mut self, kind: &'static str, subject: i64, due_at: Timestamp) -> Result<(), Error> {
        let id = JobId::from_i64(self.parts.id());
        store::jobs::enqueue(self.tx, self.scope, id, kind, subject, due_at)?;
        Ok(())
    }

    /// Puts something on the exception list.
    pub(crate) fn exception(&mut self, new: NewException) -> Result<ExceptionId, Error> {
        let id = ExceptionId::from_i64(self.parts.id());
        let data = json!({
            "code": new.code,
            "line": new.line.map(|line| line.to_string()),
            "payment": new.payment.map(|payment| payment.to_string()),
            "sentence": new.sentence,
        });
        self.event("exception.opened", id, &data)?;
        self.counts.push(Count::Exception {
            world: self.ctx.world,
            code: new.code.clone(),
        });
        store::exceptions::put(
            self.tx,
            self.scope,
            &store::exceptions::Exception {
                id,
                account: new.account,
                statement: new.statement,
                line: new.line,
                payment: new.payment,
                code: new.code,
                sentence: new.sentence,
                created_at: self.ctx.now,
                resolved: None,
            },
        )?;
        Ok(id)
    }
}

/// What was ordered, as the rules want it.
pub(crate) fn ordered(standing: &Standing) -> Result<Amount, Error> {
    Amount::new(standing.payment.amount).map_err(|_| Error::Bug("a stored payment without an amount"))
}

/// What stays reserved on the account in a state.
pub(crate) fn held(state: &State, ordered: Amount) -> i64 {
    match state {
        State::Received { .. }
        | State::WaitingForApproval { .. }
        | State::Approved
        | State::Queued { .. }
        | State::Dispatching { .. }
        | State::Unknown { .. } => ordered.minor(),
        State::AcceptedByBank { booked_minor, .. } => ordered.minor().saturating_sub(*booked_minor),
        State::Rejected { .. }
        | State::Settled { .. }
        | State::Returned { .. }
        | State::Cancelled { .. }
        | State::Expired => 0,
    }
}

/// A JSON object from pairs.
pub(crate) fn data<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
