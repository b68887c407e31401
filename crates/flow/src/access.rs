//! Access: who may do what, why, and when they last did. For people who review rights, and for the command line.

use crate::members::MemberView;
use crate::platform::Platform;
use crate::refusal::{Code, Error, Refusal};
use crate::rights::{self, About, Rights};
use identity::permission::{Action, Role, Rule};
use std::collections::BTreeMap;
use vocab::context::{Actor, Ctx};
use vocab::id::{MemberId, PaymentId};
use vocab::time::Timestamp;

/// One thing that a member may do.
#[derive(Clone, Debug)]
pub struct Grant {
    /// What.
    pub action: Action,
    /// Through which of their roles.
    pub through: Vec<Role>,
    /// When they last did, where that is noted.
    pub used_at: Option<Timestamp>,
}

/// Who may do what: every member with what their roles permit.
pub async fn review(platform: &Platform, ctx: Ctx) -> Result<Vec<(MemberView, Vec<Grant>)>, Error> {
    let members = crate::members::list(platform, ctx).await?;
    let uses = crate::view::read(platform, ctx, "access", |_, tx, scope| {
        Ok(store::members::uses(tx, scope)?)
    });
    let uses: BTreeMap<(MemberId, i64), Timestamp> = uses
        .await?
        .into_iter()
        .map(|(member, action, at)| ((member, action), at))
        .collect();
    let grants = |member: &MemberView| -> Vec<Grant> {
        let rights = Rights {
            state: Some(member.state),
            roles: member.roles.clone(),
        };
        let permitted = Action::ALL.iter().filter(|action| rights.permit(**action));
        permitted
            .map(|action| Grant {
                action: *action,
                through: Role::permitting(*action)
                    .filter(|role| member.roles.contains(role))
                    .collect(),
                used_at: uses.get(&(member.id, rights::place(*action))).copied(),
            })
            .collect()
    };
    Ok(members
        .into_iter()
        .map(|member| {
            let grants = grants(&member);
            (member, grants)
        })
        .collect())
}

/// What an action is about, as somebody names it on the command line.
#[derive(Clone, Copy, Debug)]
pub enum Object {
    /// Nothing in particular.
    Nothing,
    /// A payment.
    Payment(PaymentId),
    /// A member.
    Member(MemberId),
}

/// Why a member may do something, or may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The role that permits it, or the rule that refuses.
    pub decision: Result<Role, Rule>,
    /// Where the member stands, if there is such a member.
    pub state: Option<identity::member::MemberState>,
    /// Their roles.
    pub roles: Vec<Role>,
    /// Members who could do it instead, by id.
    pub others: Vec<MemberId>,
}

/// Explains one decision. The same rules and rows as the decision itself; nothing is recorded.
pub async fn explain(
    platform: &Platform,
    ctx: Ctx,
    member: MemberId,
    action: Action,
    object: Object,
) -> Result<Explained, Error> {
    crate::view::read(platform, ctx, "explain", move |_, tx, scope| {
        let made = match object {
            Object::Payment(payment) => {
                let standing = store::payments::view(tx, scope, payment)?
                    .ok_or_else(|| Refusal::new(Code::NotFound, format!("there is no payment `{payment}`")))?;
                let mut made: Vec<Actor> = store::payments::changed_by(tx, scope, payment)?;
                made.push(standing.payment.created_by);
                made
            }
            Object::Member(_) | Object::Nothing => Vec::new(),
        };
        let about = match object {
            Object::Nothing => About::Nothing,
            Object::Payment(_) => About::Payment(&made),
            Object::Member(about) => rights::about_member(tx, scope, about)?,
        };
        let rights = Rights::of(tx, scope, member)?;
        let decision = rights.decide(member, action, about);
        let mut others = Vec::new();
        for other in store::organizations::members(tx, scope)? {
            if other.id != member && Rights::of(tx, scope, other.id)?.decide(other.id, action, about).is_ok() {
                others.push(other.id);
            }
        }
        Ok(Explained {
            decision,
            state: rights.state,
            roles: rights.roles.into_iter().collect(),
            others,
        })
    })
    .await
}
