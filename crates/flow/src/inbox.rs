//! Inbox: the payments that wait for approval, and whether they wait for this member.

use crate::approve::ApprovalFactsOf;
use crate::platform::Platform;
use crate::refusal::Error;
use crate::rights::{Action, Rights};
use crate::setup::write;
use crate::step_up::TOGETHER_MAX;
use crate::view::PaymentView;
use crate::work::Work;
use payment::approval::{ApprovalFacts, ApprovalRefusal, decide};
use payment::state::{State, StateName};
use std::collections::BTreeSet;
use store::payments::{Filter, Standing};
use store::scope::Page;
use vocab::context::{Actor, Ctx};
use vocab::limits::INBOX_SCAN_MAX;

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

/// What a member finds when they look at what waits.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// Payments that wait for this member, at most as many as can be decided together, and then others among the newest; each newest first.
    pub waiting: Vec<Waiting>,
    /// Payments that wait for approval and are not among these.
    pub beyond: usize,
    /// Whether more wait for this member than are shown.
    pub more_for_you: bool,
}

/// Payments that wait, those for this member first.
pub async fn waiting(platform: &Platform, ctx: Ctx) -> Result<Inbox, Error> {
    // A transaction that writes nothing: what approving needs to know is read in the same way as when it is decided.
    write(platform, ctx, "inbox", |work| {
        let (mut waiting, more_for_you) = for_actor(work)?;
        waiting.extend(among_the_newest(work, &waiting)?);
        let code = StateName::WaitingForApproval.code();
        let all = store::payments::count_in_state(work.tx, work.scope, code)?;
        Ok(Inbox {
            beyond: usize::try_from(all).unwrap_or(0).saturating_sub(waiting.len()),
            waiting,
            more_for_you,
        })
    })
    .await
}

/// Payments that wait for whoever asks, and whether there are more. It is asked whom they are for before they are counted: else those that
/// a member has dealt with would fill the page, and the others could not be reached.
fn for_actor(work: &mut Work<'_>) -> Result<(Vec<Waiting>, bool), Error> {
    let mut mine = Vec::new();
    let Actor::Member(member) = work.ctx.actor else {
        return Ok((mine, false));
    };
    if !Rights::of(work.tx, work.scope, member)?.permit(Action::ApprovePayment) {
        return Ok((mine, false));
    }
    let code = StateName::WaitingForApproval.code();
    let mut page = Page {
        before: None,
        limit: TOGETHER_MAX,
    };
    let mut looked_at: usize = 0;
    while looked_at < INBOX_SCAN_MAX {
        let found = store::payments::untouched_by(work.tx, work.scope, code, member, page)?;
        for standing in &found {
            // The rule decides, whatever was left out before.
            let Some(one) = look(work, standing)?.filter(|one| one.not_for.is_none()) else {
                continue;
            };
            if mine.len() == TOGETHER_MAX {
                return Ok((mine, true));
            }
            mine.push(one);
        }
        looked_at = looked_at.saturating_add(found.len());
        match found.last() {
            Some(last) if found.len() == page.limit => page.before = Some(last.payment.id.to_i64()),
            _ => return Ok((mine, false)),
        }
    }
    Ok((mine, true))
}

/// The newest that wait, without those that are shown already.
fn among_the_newest(work: &mut Work<'_>, shown: &[Waiting]) -> Result<Vec<Waiting>, Error> {
    let shown: BTreeSet<_> = shown.iter().map(|one| one.payment.id).collect();
    let filter = Filter {
        state: Some(StateName::WaitingForApproval.code()),
        ..Filter::default()
    };
    let page = Page {
        before: None,
        limit: TOGETHER_MAX,
    };
    let mut others = Vec::new();
    for standing in store::payments::list(work.tx, work.scope, &filter, page)? {
        if !shown.contains(&standing.payment.id) {
            others.extend(look(work, &standing)?);
        }
    }
    Ok(others)
}

/// Whether a payment waits for whoever asks; nothing when it does not wait at all.
fn look(work: &mut Work<'_>, standing: &Standing) -> Result<Option<Waiting>, Error> {
    let State::WaitingForApproval { needed } = crate::standing::read(standing)? else {
        return Ok(None);
    };
    let facts = ApprovalFactsOf::load(work, standing)?;
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
    Ok(Some(Waiting {
        given: facts.given.iter().filter(|given| given.content == content).count(),
        payment: crate::view::view(work.parts, standing)?,
        needed,
        not_for: decided.err().map(|refusal: ApprovalRefusal| refusal.to_string()),
    }))
}
