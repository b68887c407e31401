//! Inbox: the payments that wait for approval, and whether they wait for this member.

use crate::approve::ApprovalFactsOf;
use crate::platform::Platform;
use crate::refusal::Error;
use crate::setup::write;
use crate::view::PaymentView;
use payment::approval::{ApprovalFacts, ApprovalRefusal, decide};
use payment::state::{State, StateName};
use store::payments::Filter;
use store::scope::Page;
use vocab::context::Ctx;

/// A payment that waits for approval.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The payment.
    pub payment: PaymentView,
    /// Distinct people who have approved its present content.
    pub given: usize,
    /// How many it takes.
    pub needed: u32,
    /// Why it does not wait for this member, in words; nothing when it does.
    pub not_for: Option<String>,
}

/// Payments that wait, newest first; at most as many as can be decided together.
pub async fn waiting(platform: &Platform, ctx: Ctx) -> Result<Vec<Waiting>, Error> {
    // A transaction that writes nothing: what approving needs to know is read in the same way as when it is decided.
    write(platform, ctx, "inbox", |work| {
        let filter = Filter {
            state: Some(StateName::WaitingForApproval.code()),
            ..Filter::default()
        };
        let page = Page {
            before: None,
            limit: crate::step_up::TOGETHER_MAX,
        };
        let mut waiting = Vec::new();
        for standing in store::payments::list(work.tx, work.scope, &filter, page)? {
            let facts = ApprovalFactsOf::load(work, &standing)?;
            let State::WaitingForApproval { needed } = crate::standing::read(&standing)? else {
                continue;
            };
            let content = standing.payment.content_digest;
            let decided = decide(&ApprovalFacts {
                state: StateName::WaitingForApproval,
                creator: standing.payment.created_by,
                changed_by: &facts.changed_by,
                approver: work.ctx.actor,
                may_approve: facts.may_approve,
                given: &facts.given,
                content,
                named: content,
                needed,
            });
            waiting.push(Waiting {
                given: facts.given.iter().filter(|given| given.content == content).count(),
                payment: crate::view::view(work.parts, &standing)?,
                needed,
                not_for: decided.err().map(|refusal: ApprovalRefusal| refusal.to_string()),
            });
        }
        Ok(waiting)
    })
    .await
}
