//! Approve: people say yes or no to exactly what will be sent.

use crate::authenticate::Idempotency;
use crate::event::hex;
use crate::once::{Answer, once};
use crate::platform::{Parts, Platform};
use crate::refusal::{Code, Error, Refusal};
use crate::work::{Work, data};
use identity::permission::Action as Permission;
use payment::approval::{ApprovalFacts, ApprovalRefusal, Given, decide, may_decide};
use payment::command::Command;
use payment::reason::Reason;
use payment::state::{State, StateName};
use store::approvals::Approval;
use store::payments::Standing;
use vocab::context::{Actor, Ctx};
use vocab::id::{ApprovalId, KeyId, MemberId, PaymentId, StepUpId};

/// A yes or a no.
#[derive(Clone, Debug)]
pub struct Approve {
    /// What it is about.
    pub payment: PaymentId,
    /// SHA-256 of the canonical content that the member has seen.
    pub content_hash: [u8; 32],
    /// True for yes.
    pub approved: bool,
    /// The member's words.
    pub note: String,
    /// The key that signed the request.
    pub key: KeyId,
}

/// How a member has shown that a decision is theirs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shown {
    /// Their key signed the request.
    Key(KeyId),
    /// A factor, proven for exactly this.
    StepUp(StepUpId),
}

/// What followed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalGiven {
    /// The approval.
    pub approval: ApprovalId,
    /// Distinct people who have approved the present content.
    pub count: u32,
    /// How many the policy asks for.
    pub needed: u32,
    /// Where the payment stands now.
    pub state: StateName,
    /// True when this answer was given before, under the same idempotency key.
    pub replayed: bool,
}

/// Takes a yes or a no. When the last yes is in, the payment is queued for its bank in the same transaction.
pub async fn approve(
    platform: &Platform,
    ctx: Ctx,
    request: Approve,
    idempotency: Idempotency,
) -> Result<ApprovalGiven, Error> {
    checked_note(&request.note)?;
    let shown = Shown::Key(request.key);
    once(platform, ctx, "approve", idempotency, move |work| {
        let given = given(work, &request, shown)?;
        if let Actor::Member(member) = work.ctx.actor {
            crate::rights::note_use(work, member, Permission::ApprovePayment)?;
        }
        Ok(given)
    })
    .await
}

/// A member's words about a decision.
pub(crate) fn checked_note(note: &str) -> Result<(), Error> {
    if note.chars().count() > 500 || note.chars().any(char::is_control) {
        let detail = "a note has at most 500 characters and no control characters";
        return Err(Refusal::new(Code::Malformed, detail).into());
    }
    Ok(())
}

/// Takes one decision in a running transaction; the key of the request does not count, what was shown does.
pub(crate) fn given(work: &mut Work<'_>, request: &Approve, shown: Shown) -> Result<ApprovalGiven, Error> {
    let standing = work.payment(request.payment)?;
    let state = crate::standing::read(&standing)?;
    let needed = if let State::WaitingForApproval { needed } = &state {
        *needed
    } else {
        0
    };
    let facts = ApprovalFactsOf::load(work, &standing)?;
    let mut facts = ApprovalFacts {
        state: state.name(),
        creator: standing.payment.created_by,
        changed_by: &facts.changed_by,
        approver: work.ctx.actor,
        may_approve: facts.may_approve,
        given: &facts.given,
        content: standing.payment.content_digest,
        named: request.content_hash,
        needed,
    };
    if work.parts.planted("creator approves") {
        facts.creator = Actor::System;
    }
    if work.parts.planted("any content") {
        facts.named = facts.content;
    }
    let id = ApprovalId::from_i64(work.parts.id());
    let (member, count, command) = if request.approved {
        let decided = decide(&facts).map_err(refusal)?;
        (
            may_decide(&facts).map_err(refusal)?,
            decided.count,
            Command::Approve {
                complete: decided.complete,
            },
        )
    } else {
        let member = may_decide(&facts).map_err(refusal)?;
        let reason = Reason::new("declined", "an approver declined the payment");
        (member, 0, Command::Decline { reason })
    };
    let (signing_key, shown) = match shown {
        Shown::Key(key) => (Some(key), ("key", key.to_string())),
        Shown::StepUp(step_up) => (None, ("step_up", step_up.to_string())),
    };
    store::approvals::add(
        work.tx,
        work.scope,
        &Approval {
            id,
            payment: request.payment,
            member,
            signing_key,
            content_digest: standing.payment.content_digest,
            approved: request.approved,
            note: request.note.clone(),
            given_at: work.ctx.now,
        },
    )?;
    let named = data([
        ("approval", id.to_string().into()),
        ("approved", request.approved.into()),
        ("content", hex(&request.content_hash).into()),
        ("payment", request.payment.to_string().into()),
        (shown.0, shown.1.into()),
    ]);
    work.event("approval.given", request.payment, &serde_json::Value::Object(named))?;
    let kind = if request.approved {
        "payment.approved"
    } else {
        "payment.declined"
    };
    let approval = data([("approval", id.to_string().into())]);
    let (mut standing, _) = work.advance(standing, &command, kind, approval)?;
    if crate::standing::read(&standing)?.name() == StateName::Approved {
        standing = crate::route::queue(work, standing)?;
    }
    let state = crate::standing::read(&standing)?.name();
    Ok(ApprovalGiven {
        approval: id,
        count,
        needed,
        state,
        replayed: false,
    })
}

/// What the rule needs to know about approvals so far.
pub(crate) struct ApprovalFactsOf {
    pub(crate) changed_by: Vec<Actor>,
    pub(crate) given: Vec<Given>,
    pub(crate) may_approve: bool,
}

impl ApprovalFactsOf {
    pub(crate) fn load(work: &mut Work<'_>, standing: &Standing) -> Result<Self, Error> {
        let id = standing.payment.id;
        let may_approve = match work.ctx.actor {
            Actor::Member(member) => {
                crate::rights::Rights::of(work.tx, work.scope, member)?.permit(Permission::ApprovePayment)
            }
            Actor::Client(_) | Actor::System | Actor::Bank => false,
        };
        let mut given: Vec<Given> = store::approvals::of(work.tx, work.scope, id)?
            .into_iter()
            .filter(|approval| approval.approved)
            .map(|approval| Given {
                member: approval.member,
                content: approval.content_digest,
            })
            .collect();
        if work.parts.planted("counts twice") {
            (1..)
                .zip(&mut given)
                .for_each(|(number, given)| given.member = MemberId::from_i64(number));
        }
        Ok(Self {
            changed_by: store::payments::changed_by(work.tx, work.scope, id)?,
            given,
            may_approve,
        })
    }
}

fn refusal(refused: ApprovalRefusal) -> Error {
    let code = match refused {
        ApprovalRefusal::NotAMember => Code::NotAMember,
        ApprovalRefusal::NotPermitted => Code::NotAnApprover,
        ApprovalRefusal::NotWaitingForApproval => Code::StateForbids,
        ApprovalRefusal::Creator | ApprovalRefusal::Changer => Code::SeparationOfDuties,
        ApprovalRefusal::ContentChanged => Code::ContentChanged,
        ApprovalRefusal::AlreadyApproved => Code::AlreadyApproved,
    };
    Refusal::new(code, refused.to_string()).into()
}

impl Answer for ApprovalGiven {
    fn write(&self) -> String {
        format!(
            "{} {} {} {}",
            self.approval.to_i64(),
            self.count,
            self.needed,
            self.state.code()
        )
    }

    fn read(_: &Parts, text: &str) -> Option<Self> {
        let mut words = text.split(' ').map(str::parse::<i64>);
        let mut number = || words.next()?.ok();
        Some(Self {
            approval: ApprovalId::from_i64(number()?),
            count: u32::try_from(number()?).ok()?,
            needed: u32::try_from(number()?).ok()?,
            state: StateName::from_code(number()?)?,
            replayed: true,
        })
    }
}
