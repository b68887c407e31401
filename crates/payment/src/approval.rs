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

/// Whether this person may approve or decline the content that was named, and who they are.
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
    if facts.named != facts.content {
        return Err(ApprovalRefusal::ContentChanged);
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

#[cfg(test)]
mod tests {
    use super::*;
    use vocab::id::ClientId;

    const CONTENT: [u8; 32] = [1; 32];
    const OTHER: [u8; 32] = [2; 32];

    fn member(number: i64) -> MemberId {
        MemberId::from_i64(number)
    }

    fn facts(approver: Actor) -> ApprovalFacts<'static> {
        ApprovalFacts {
            state: StateName::WaitingForApproval,
            creator: Actor::Member(member(1)),
            changed_by: &[],
            approver,
            may_approve: true,
            given: &[],
            content: CONTENT,
            named: CONTENT,
            needed: 2,
        }
    }

    #[test]
    fn creator_may_not_approve() {
        assert_eq!(decide(&facts(Actor::Member(member(1)))), Err(ApprovalRefusal::Creator));
        assert_eq!(
            decide(&facts(Actor::Member(member(2)))),
            Ok(Approved {
                complete: false,
                count: 1
            })
        );
    }

    #[test]
    fn who_changed_the_payment_may_not_approve_it() {
        let changed_by = [Actor::Client(ClientId::from_i64(1)), Actor::Member(member(2))];
        let facts = ApprovalFacts {
            changed_by: &changed_by,
            ..facts(Actor::Member(member(2)))
        };
        assert_eq!(decide(&facts), Err(ApprovalRefusal::Changer));
    }

    #[test]
    fn only_people_approve() {
        for actor in [Actor::Client(ClientId::from_i64(9)), Actor::System, Actor::Bank] {
            assert_eq!(decide(&facts(actor)), Err(ApprovalRefusal::NotAMember));
        }
        let without_role = ApprovalFacts {
            may_approve: false,
            ..facts(Actor::Member(member(2)))
        };
        assert_eq!(decide(&without_role), Err(ApprovalRefusal::NotPermitted));
    }

    #[test]
    fn an_approval_of_other_content_is_refused_and_an_older_one_does_not_count() {
        let named = ApprovalFacts {
            named: OTHER,
            ..facts(Actor::Member(member(2)))
        };
        assert_eq!(decide(&named), Err(ApprovalRefusal::ContentChanged));
        let given = [
            Given {
                member: member(3),
                content: OTHER,
            },
            Given {
                member: member(2),
                content: OTHER,
            },
        ];
        let older = ApprovalFacts {
            given: &given,
            ..facts(Actor::Member(member(2)))
        };
        assert_eq!(
            decide(&older),
            Ok(Approved {
                complete: false,
                count: 1
            })
        );
    }

    #[test]
    fn nobody_approves_twice() {
        let given = [Given {
            member: member(2),
            content: CONTENT,
        }];
        let twice = ApprovalFacts {
            given: &given,
            ..facts(Actor::Member(member(2)))
        };
        assert_eq!(decide(&twice), Err(ApprovalRefusal::AlreadyApproved));
        let second = ApprovalFacts {
            given: &given,
            ..facts(Actor::Member(member(3)))
        };
        assert_eq!(
            decide(&second),
            Ok(Approved {
                complete: true,
                count: 2
            })
        );
    }

    #[test]
    fn a_payment_is_approved_only_while_it_waits_for_it() {
        for state in StateName::ALL {
            let facts = ApprovalFacts {
                state,
                ..facts(Actor::Member(member(2)))
            };
            assert_eq!(
                decide(&facts).is_ok(),
                state == StateName::WaitingForApproval,
                "{state}"
            );
        }
    }

    #[test]
    fn a_damaged_number_of_approvers_asks_for_more_people_not_for_fewer() {
        let facts = ApprovalFacts {
            needed: 0,
            ..facts(Actor::Member(member(2)))
        };
        assert_eq!(
            decide(&facts),
            Ok(Approved {
                complete: false,
                count: 1
            })
        );
    }

    /// What can happen next in the search below.
    #[derive(Clone, Copy)]
    enum Move {
        /// This member approves, naming this content.
        Approve(i64, [u8; 32]),
        /// This member changes the payment to this content.
        Change(i64, [u8; 32]),
    }

    /// A payment that waits, as rows would hold it.
    #[derive(Clone)]
    struct Waiting {
        content: [u8; 32],
        changed_by: Vec<Actor>,
        given: Vec<Given>,
    }

    #[test]
    fn no_sequence_completes_with_fewer_distinct_people_than_needed() {
        let mut moves = Vec::new();
        for person in 1..=4 {
            moves.extend([CONTENT, OTHER].map(|content| Move::Approve(person, content)));
        }
        moves.extend([Move::Change(2, OTHER), Move::Change(1, CONTENT)]);
        let start = Waiting {
            content: CONTENT,
            changed_by: vec![],
            given: vec![],
        };
        for needed in 1..=3 {
            let mut completed = 0;
            search(&start, &moves, needed, 6, &mut completed);
            assert!(completed > 0, "{needed} approvals can be collected");
        }
    }

    fn search(at: &Waiting, moves: &[Move], needed: u32, depth: u32, completed: &mut u32) {
        if depth == 0 {
            return;
        }
        for next in moves {
            let mut then = at.clone();
            match *next {
                Move::Change(person, content) => {
                    then.content = content;
                    then.changed_by.push(Actor::Member(member(person)));
                }
                Move::Approve(person, named) => {
                    let facts = ApprovalFacts {
                        changed_by: &at.changed_by,
                        given: &at.given,
                        content: at.content,
                        named,
                        needed,
                        ..facts(Actor::Member(member(person)))
                    };
                    let Ok(approved) = decide(&facts) else { continue };
                    then.given.push(Given {
                        member: member(person),
                        content: named,
                    });
                    if approved.complete {
                        assert_enough(&then, needed);
                        *completed += 1;
                        continue;
                    }
                }
            }
            search(&then, moves, needed, depth - 1, completed);
        }
    }

    /// Counted here in another way than in the code under test.
    fn assert_enough(at: &Waiting, needed: u32) {
        let mut people: Vec<i64> = Vec::new();
        for given in &at.given {
            let maker = given.member == member(1) || at.changed_by.contains(&Actor::Member(given.member));
            if given.content == at.content && !maker {
                people.push(given.member.to_i64());
            }
        }
        people.sort_unstable();
        people.dedup();
        assert!(people.len() >= usize::try_from(needed).unwrap());
    }
}
