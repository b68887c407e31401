//! Resolve: a person decides about an exception.
//!
//! Money that waits in suspense moves only where a rule of the ledger puts it; a note alone moves nothing.

use crate::authenticate::Idempotency;
use crate::once::{Answer, once};
use crate::platform::{Parts, Platform};
use crate::reconcile::{close, settle_difference};
use crate::refusal::{Code, Error, Refusal, refuse};
use crate::work::Work;
use ledger::exception::ExceptionCode;
use vocab::context::{Actor, Ctx};
use vocab::id::{ExceptionId, PaymentId};

/// Characters of a note.
const NOTE_MAX: usize = 500;

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The bank has booked more than was ordered, and that is all right: the payments are settled, the difference is a charge.
    AcceptDifference,
    /// Taken note of; money that waits in suspense stays there.
    Acknowledge,
}

impl Action {
    /// Both.
    pub const ALL: [Self; 2] = [Self::AcceptDifference, Self::Acknowledge];

    /// `accept_difference` or `acknowledge`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AcceptDifference => "accept_difference",
            Self::Acknowledge => "acknowledge",
        }
    }

    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// A decision about an exception.
#[derive(Clone, Debug)]
pub struct Resolve {
    /// What is decided.
    pub action: Action,
    /// Why, in the member's words: 1 to 500 characters.
    pub note: String,
}

/// What followed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The payment that was settled (one of them, if the line books several).
    pub payment: Option<PaymentId>,
    /// True when this answer was given before, under the same idempotency key.
    pub replayed: bool,
}

/// Resolves an exception. Only people do, and each exception once.
pub async fn resolve(
    platform: &Platform,
    ctx: Ctx,
    exception: ExceptionId,
    request: Resolve,
    idempotency: Idempotency,
) -> Result<Resolved, Error> {
    let Actor::Member(_) = ctx.actor else {
        return refuse(
            Code::NotAMember,
            "only a person resolves an exception, and only in their own name",
        );
    };
    let note = request.note.trim();
    if note.is_empty() || note.chars().count() > NOTE_MAX || note.chars().any(char::is_control) {
        return refuse(
            Code::Malformed,
            "a note of 1 to 500 characters without control characters is needed",
        );
    }
    once(platform, ctx, "resolve", idempotency, move |work| {
        decide(work, exception, &request)
    })
    .await
}

fn decide(work: &mut Work<'_>, id: ExceptionId, request: &Resolve) -> Result<Resolved, Error> {
    let exception = store::exceptions::load(work.tx, work.scope, id)?
        .ok_or_else(|| Refusal::new(Code::NotFound, format!("there is no exception `{id}`")))?;
    if exception.resolved.is_some() {
        return refuse(Code::AlreadyResolved, "the exception is resolved already");
    }
    let note = request.note.trim();
    let payment = match request.action {
        Action::Acknowledge => None,
        Action::AcceptDifference => {
            let cannot = "there is no difference to accept here; acknowledge the exception with a note instead";
            let line = exception
                .line
                .filter(|_| exception.code == ExceptionCode::AmountDiffers.code());
            let settled = line.map_or(Ok(None), |line| settle_difference(work, line, note))?;
            Some(settled.ok_or_else(|| Refusal::new(Code::StateForbids, cannot))?)
        }
    };
    close(work, exception, note)?;
    Ok(Resolved {
        payment,
        replayed: false,
    })
}

impl Answer for Resolved {
    fn write(&self) -> String {
        self.payment.map_or(0, PaymentId::to_i64).to_string()
    }

    fn read(_: &Parts, text: &str) -> Option<Self> {
        let payment: i64 = text.parse().ok()?;
        Some(Self {
            payment: (payment != 0).then(|| PaymentId::from_i64(payment)),
            replayed: true,
        })
    }
}
