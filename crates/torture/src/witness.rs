//! The witness: what was asked, and what was answered. It knows nothing else.
//!
//! A request without an answer may have been done or not, and is asked again with the same idempotency key until it is answered. An answer
//! is a promise: what it says is so from then on, whatever breaks.

use crate::kinds::{Kind, may_follow};
use crate::report::Violation;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Findings that are kept; more say the same.
const FOUND_MAX: usize = 20;

/// A request that changes something, and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) key: String,
    pub(crate) body: String,
    pub(crate) answer: Option<Value>,
    /// Somebody waits for an answer at the moment.
    pub(crate) under_way: bool,
}

/// A payment.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) kind: Kind,
    pub(crate) minor: i64,
    pub(crate) end_to_end: String,
    pub(crate) submission: Asked,
    /// The answer was no, for good.
    pub(crate) refused: bool,
    pub(crate) approval: Option<Asked>,
    /// The farthest state that any answer named.
    pub(crate) state: Option<String>,
}

impl Payment {
    /// `pay_…`, once it was answered.
    pub(crate) fn id(&self) -> Option<&str> {
        self.submission.answer.as_ref()?["id"].as_str()
    }

    /// The hash that an approval names, once it was answered.
    pub(crate) fn content_hash(&self) -> Option<&str> {
        self.submission.answer.as_ref()?["content_hash"].as_str()
    }

    /// Whether its approval was acknowledged.
    pub(crate) fn is_approved(&self) -> bool {
        self.approval.as_ref().is_some_and(|asked| asked.answer.is_some())
    }
}

#[derive(Debug, Default)]
struct Memory {
    payments: Vec<Payment>,
    by_id: BTreeMap<String, usize>,
    found: Vec<Violation>,
    /// Steps of the test clock that were asked for.
    steps: Vec<Asked>,
    /// The newest checkpoint that was published.
    checkpoint: Option<(u64, String)>,
}

/// The witness. Shared by everybody who asks.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    memory: Mutex<Memory>,
    pub(crate) requests: AtomicU64,
    /// How far the clock of the servers is from the real one, in seconds.
    pub(crate) clock_ahead: AtomicI64,
    /// Days by which the test clock has been moved on, as far as anybody asked for it.
    pub(crate) days: AtomicI64,
    /// Answers of kinds that are no promise: 503 and, while clocks are moved, 401.
    pub(crate) refused: AtomicU64,
}

impl Witness {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that something is not as it ought to be.
    pub(crate) fn found(&self, violation: Violation) {
        let mut memory = self.memory();
        if memory.found.len() < FOUND_MAX {
            memory.found.push(violation);
        }
    }

    /// The first thing found so far, as a failure.
    pub(crate) fn verdict(&self) -> Result<(), crate::Failure> {
        match self.memory().found.first() {
            Some(violation) => Err(Box::new(violation.clone())),
            None => Ok(()),
        }
    }

    /// A payment is about to be asked for; its number.
    pub(crate) fn asks(&self, make: impl FnOnce(usize) -> Payment) -> usize {
        let mut memory = self.memory();
        let number = memory.payments.len();
        let payment = make(number);
        memory.payments.push(payment);
        number
    }

    /// What is known of all payments.
    pub(crate) fn payments(&self) -> Vec<Payment> {
        self.memory().payments.clone()
    }

    /// How many payments were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.memory().by_id.len()
    }

    /// What is known of one.
    pub(crate) fn payment(&self, number: usize) -> Option<Payment> {
        self.memory().payments.get(number).cloned()
    }

    /// How many payments were asked for.
    pub(crate) fn count(&self) -> usize {
        self.memory().payments.len()
    }

    /// A submission without an answer that nobody waits for; whoever gets it waits for it.
    pub(crate) fn unanswered(&self) -> Option<usize> {
        let mut memory = self.memory();
        let open = |asked: &Asked| asked.answer.is_none() && !asked.under_way;
        let number = memory
            .payments
            .iter()
            .position(|payment| !payment.refused && open(&payment.submission))?;
        memory.payments.get_mut(number)?.submission.under_way = true;
        Some(number)
    }

    /// An approval without an answer that nobody waits for.
    pub(crate) fn unanswered_approval(&self) -> Option<usize> {
        let mut memory = self.memory();
        let open = |asked: &Asked| asked.answer.is_none() && !asked.under_way;
        let number = memory
            .payments
            .iter()
            .position(|payment| payment.approval.as_ref().is_some_and(open))?;
        if let Some(approval) = memory.payments.get_mut(number)?.approval.as_mut() {
            approval.under_way = true;
        }
        Some(number)
    }

    /// A payment among the newest that nobody has approved yet gets its approval, which is then asked for.
    pub(crate) fn approves(&self, throw: usize) -> Option<usize> {
        let mut memory = self.memory();
        let newest = memory.payments.len().saturating_sub(200);
        let count = memory.payments.len();
        let from = newest.saturating_add(throw % count.saturating_sub(newest).max(1));
        let number = (from..count).find(|number| {
            memory.payments.get(*number).is_some_and(|payment| {
                payment.approval.is_none() && payment.state.as_deref() == Some("waiting_for_approval")
            })
        })?;
        let payment = memory.payments.get_mut(number)?;
        let body = serde_json::json!({
            "payment": payment.id()?, "content_hash": payment.content_hash()?, "approved": true, "note": "",
        });
        payment.approval = Some(Asked {
            key: format!("approval-{number}"),
            body: body.to_string(),
            answer: None,
            under_way: true,
        });
        Some(number)
    }

    /// Nobody waits any more for an answer about this payment.
    pub(crate) fn gave_up(&self, number: usize, of_approval: bool) {
        if let Some(payment) = self.memory().payments.get_mut(number) {
            let asked = match of_approval {
                false => Some(&mut payment.submission),
                true => payment.approval.as_mut(),
            };
            if let Some(asked) = asked {
                asked.under_way = false;
            }
        }
    }

    /// A payment was refused for good.
    pub(crate) fn refuses(&self, number: usize) {
        if let Some(payment) = self.memory().payments.get_mut(number) {
            payment.refused = payment.submission.answer.is_none();
            payment.submission.under_way = false;
        }
    }

    /// An answer to a submission. The same question has the same answer for ever.
    pub(crate) fn submitted(&self, number: usize, answer: &Value) {
        let mut memory = self.memory();
        let Some(payment) = memory.payments.get_mut(number) else {
            return;
        };
        payment.submission.under_way = false;
        match &payment.submission.answer {
            None => {
                payment.submission.answer = Some(answer.clone());
                payment.state = answer["state"].as_str().map(str::to_owned);
                let id = answer["id"].as_str().unwrap_or_default().to_owned();
                if let Some(other) = memory.by_id.insert(id.clone(), number) {
                    let what = format!("{id} for requests {other} and {number}");
                    memory
                        .found
                        .push(Violation::new("each request makes a payment of its own", what));
                }
            }
            Some(known) if known == answer => {}
            Some(known) => {
                let what = format!("{answer} instead of {known}");
                memory
                    .found
                    .push(Violation::new("a repeated submission gets the same answer", what));
            }
        }
    }

    /// An answer to an approval.
    pub(crate) fn approved(&self, number: usize, answer: &Value) {
        let mut memory = self.memory();
        let Some(payment) = memory.payments.get_mut(number) else {
            return;
        };
        let Some(approval) = payment.approval.as_mut() else {
            return;
        };
        approval.under_way = false;
        match approval.answer.clone() {
            None => {
                approval.answer = Some(answer.clone());
                let state = answer["state"].as_str().unwrap_or_default().to_owned();
                // What is read meanwhile may be farther already.
                if payment.state.as_deref().is_none_or(|known| may_follow(&state, known)) {
                    payment.state = Some(state);
                }
            }
            Some(known) if known == *answer => {}
            Some(known) => {
                let what = format!("{answer} instead of {known}");
                memory
                    .found
                    .push(Violation::new("a repeated approval gets the same answer", what));
            }
        }
    }

    /// A payment was shown in a state, to somebody who knew this much of it when asking.
    pub(crate) fn shown(&self, id: &str, state: &str, known: Option<&str>) {
        let mut memory = self.memory();
        if let Some(known) = known
            && !may_follow(state, known)
        {
            let what = format!("{id} is `{state}` after it was `{known}`");
            memory.found.push(Violation::new("a payment never goes back", what));
        }
        let Some(number) = memory.by_id.get(id).copied() else {
            return;
        };
        if let Some(payment) = memory.payments.get_mut(number)
            && payment.state.as_deref().is_none_or(|known| may_follow(state, known))
        {
            payment.state = Some(state.to_owned());
        }
    }

    /// The test clock is to be moved on; the number of the step.
    pub(crate) fn steps(&self, days: i64) -> usize {
        let mut memory = self.memory();
        let number = memory.steps.len();
        memory.steps.push(Asked {
            key: format!("clock-{number}"),
            body: format!("{{\"advance_seconds\":{}}}", days.saturating_mul(86_400)),
            answer: None,
            under_way: true,
        });
        self.days.fetch_add(days, Ordering::Relaxed);
        number
    }

    /// A step of the test clock, to be asked for.
    pub(crate) fn step(&self, number: usize) -> Option<Asked> {
        self.memory().steps.get(number).cloned()
    }

    /// A step of the test clock without an answer.
    pub(crate) fn unanswered_step(&self) -> Option<usize> {
        let memory = self.memory();
        memory.steps.iter().position(|step| step.answer.is_none())
    }

    /// An answer to a step of the test clock.
    pub(crate) fn stepped(&self, number: usize, answer: &Value) {
        let mut memory = self.memory();
        let Some(step) = memory.steps.get_mut(number) else {
            return;
        };
        match step.answer.replace(answer.clone()) {
            Some(known) if known != *answer => {
                let what = format!("{answer} instead of {known}");
                memory.found.push(Violation::new(
                    "a repeated step of the clock gets the same answer",
                    what,
                ));
            }
            _ => {}
        }
    }

    /// A checkpoint was published.
    pub(crate) fn published(&self, size: u64, checkpoint: &str) {
        let mut memory = self.memory();
        if memory.checkpoint.as_ref().is_none_or(|(known, _)| size >= *known) {
            memory.checkpoint = Some((size, checkpoint.to_owned()));
        }
    }

    /// The newest checkpoint that was published.
    pub(crate) fn checkpoint(&self) -> Option<String> {
        self.memory().checkpoint.as_ref().map(|(_, text)| text.clone())
    }
}
