//! Whether an approval counts, and whether it was the last one needed: maker and checker are never the same person.
//!
//! An approval names the SHA-256 of exactly what will be sent, so what a person saw is what leaves the house. What is read here
//! is assembled by `flow`; an auditor finds in [`ApprovalFacts`] everything that a decision was based on.

use crate::state::StateName;
use std::collections::BTreeSet;
use vocab::context::Actor;
use vocab::id::MemberId;
use vocab::limits;

/// An approval that was given before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// By whom.
    pub member: MemberId,
    /// SHA-256 of the content they approved.
    pub content: [u8; 32],
}

/// Everything the decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct ApprovalFacts<'a> {
    /// Where the payment stands.
    pub state: StateName,
    /// Who submitted it.
    pub creator: Actor,
    /// Everybody who has changed it since, in any version.
    pub changed_by: &'a [Actor],
    /// Who approves now.
    pub approver: Actor,
    /// Whether their role permits it.
    pub may_approve: bool,
    /// Approvals so far, of any version of the content.
    pub given: &'a [Given],
    /// SHA-256 of the content as it stands.
    pub content: [u8; 32],
    /// SHA-256 that the approver names: what they have seen.
    pub named: [u8; 32],
    /// How many distinct people it takes.
    pub needed: u32,
}

/// The approval counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approved {
    /// Whether these are enough now.
    pub complete: bool,
    /// Distinct people who have approved this content, this one included.
    pub count: u32,
}

/// Why an approval does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum ApprovalRefusal {
    /// Applications, the platform and the bank do not approve.
    #[error("only a person may approve a payment, and only in their own name")]
    NotAMember,
    /// Their role does not permit it.
    #[error("your role does not permit to approve payments; ask an administrator")]
    NotPermitted,
    /// The payment does not wait for approval.
    #[error("the payment does not wait for approval")]
    NotWaitingForApproval,
    /// Maker is not checker.
    #[error("you submitted this payment; somebody else has to approve it")]
    Creator,
    /// Changing is making.
    #[error("you changed this payment; somebody else has to approve it")]
    Changer,
    /// What they saw is not what would be sent.
    #[error("the payment was changed since you looked at it; look at it again before you approve")]
    ContentChanged,
    /// Once per person and content.
    #[error("you have already approved this payment; somebody else has to add the next approval")]
    AlreadyApproved,
}

impl ApprovalRefusal {
    /// Every refusal.
    pub const ALL: [Self; 7] = [
        Self::NotAMember,
        Self::NotPermitted,
        Self::NotWaitingForApproval,
        Self::Creator,
        Self::Changer,
        Self::ContentChanged,
        Self::AlreadyApproved,
    ];

    /// Stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAMember => "approver_not_a_member",
            Self::NotPermitted => "approver_not_permitted",
            Self::NotWaitingForApproval => "not_waiting_for_approval",
            Self::Creator => "approver_is_creator",
            Self::Changer => "approver_changed_payment",
            Self::ContentChanged => "content_changed",
            Self::AlreadyApproved => "already_approved",
        }
    }
}

/// Decides about one approval.
pub fn decide(facts: &ApprovalFacts<'_>) -> Result<Approved, ApprovalRefusal> {
    let member = may_decide(facts)?;
    if facts.named != facts.content {
        return Err(ApprovalRefusal::ContentChanged);
    }
    let mut people = counted(facts);
    if !people.insert(member) {
        return Err(ApprovalRefusal::AlreadyApproved);
    }
    let count = u32::try_from(people.len()).unwrap_or(u32::MAX);
    // A number outside the limits can only come from a damaged row: then it takes more people, never fewer.
    let needed = if (1..=limits::APPROVERS_MAX).contains(&facts.needed) {
        facts.needed
    } else {
        limits::APPROVERS_MAX
    };
    Ok(Approved {
        complete: count >= needed,
        count,
    })
}

/// Whether this person may approve or decline the payment at all, and who they are.
pub fn may_decide(facts: &ApprovalFacts<'_>) -> Result<MemberId, ApprovalRefusal> {
    let Actor::Member(member) = facts.approver else {
        return Err(ApprovalRefusal::NotAMember);
    };
    if !facts.may_approve {
        return Err(ApprovalRefusal::NotPermitted);
    }
    if facts.state != StateName::WaitingForApproval {
        return Err(ApprovalRefusal::NotWaitingForApproval);
    }
    if facts.creator == facts.approver {
        return Err(ApprovalRefusal::Creator);
    }
    if facts.changed_by.contains(&facts.approver) {
        return Err(ApprovalRefusal::Changer);
    }
    Ok(member)
}

/// Who has approved the content as it stands. Somebody who made or changed it does not count even if a row says they approved.
fn counted(facts: &ApprovalFacts<'_>) -> BTreeSet<MemberId> {
    let made = |member: MemberId| {
        let actor = Actor::Member(member);
        facts.creator == actor || facts.changed_by.contains(&actor)
    };
    let current = facts.given.iter().filter(|given| given.content == facts.content);
    current
        .map(|given| given.member)
        .filter(|member| !made(*member))
        .collect()
}
