//! Rights: what a member may do, read from rows, decided by `identity::permission`, and told when the answer is no.
//!
//! The edge asks here for every request of a member before it does anything; what changes rights asks again in its own transaction.

use crate::platform::Platform;
use crate::refusal::{Code, Error, Refusal};
use crate::setup::write;
use crate::work::Work;
use identity::member::MemberState;
pub use identity::permission::{About, Action, Role, Rule};
use identity::permission::{Asked, decide};
use serde_json::json;
use std::collections::BTreeSet;
use store::Tx;
use store::members::{RoleChange, StateChange};
use store::scope::Scope;
use vocab::context::{Actor, Ctx};
use vocab::id::{ChangeId, MemberId};

/// What stands behind a decision about a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Where they stand; nothing when there is no such member.
    pub state: Option<MemberState>,
    /// Their roles.
    pub roles: BTreeSet<Role>,
}

impl Rights {
    /// Of a member of the organization.
    pub(crate) fn of(tx: &mut dyn Tx, scope: Scope<'_>, member: MemberId) -> Result<Self, Error> {
        let state = store::members::state(tx, scope, member)?
            .map(|name| MemberState::from_name(&name).ok_or(Error::Bug("a stored state of a member that is none")))
            .transpose()?;
        let changes = store::members::roles(tx, scope, Some(member))?;
        Ok(Self {
            state,
            roles: held(changes.iter()),
        })
    }

    /// Whether a role permits the action, whatever it is about.
    pub fn permit(&self, action: Action) -> bool {
        self.decide(MemberId::from_i64(0), action, About::Nothing).is_ok()
    }

    pub(crate) fn decide(&self, member: MemberId, action: Action, about: About<'_>) -> Result<Role, Rule> {
        decide(&Asked {
            member,
            // Somebody who is no member may as little as somebody who is none any more.
            state: self.state.unwrap_or(MemberState::Deactivated),
            roles: &self.roles,
            action,
            about,
        })
    }
}

/// The roles that remain of grants and withdrawals, oldest first. A role that this program does not know permits nothing.
pub(crate) fn held<'a>(changes: impl Iterator<Item = &'a RoleChange>) -> BTreeSet<Role> {
    let mut roles = BTreeSet::new();
    for change in changes {
        if let Some(role) = Role::from_name(&change.role) {
            if change.granted {
                roles.insert(role);
            } else {
                roles.remove(&role);
            }
        }
    }
    roles
}

/// Refuses a request of a member that none of their roles permits, and records the refusal. Applications are bounded by what the API
/// offers them; the platform itself may everything.
pub async fn permit(platform: &Platform, ctx: Ctx, action: Action) -> Result<(), Error> {
    let Actor::Member(member) = ctx.actor else {
        return Ok(());
    };
    let rights = crate::view::read(platform, ctx, "rights", move |_, tx, scope| {
        Rights::of(tx, scope, member)
    });
    match rights.await?.decide(member, action, About::Nothing) {
        Ok(_) => Ok(()),
        Err(rule) => Err(refused(platform, ctx, action, rule).await?.into()),
    }
}

/// Whether who asks may still do what they began: for answers that last. Nothing is recorded, because nobody asks anew. An error is no
/// yes.
pub async fn still_permits(platform: &Platform, ctx: Ctx, action: Action) -> Result<bool, Error> {
    let Actor::Member(member) = ctx.actor else {
        return Ok(true);
    };
    let rights = crate::view::read(platform, ctx, "rights", move |_, tx, scope| {
        Rights::of(tx, scope, member)
    });
    Ok(rights.await?.decide(member, action, About::Nothing).is_ok())
}

/// Records a refusal and puts it in words.
pub async fn refused(platform: &Platform, ctx: Ctx, action: Action, rule: Rule) -> Result<Refusal, Error> {
    if let Actor::Member(member) = ctx.actor {
        write(platform, ctx, "refusal", move |work| {
            let data = json!({"action": action.name(), "rule": rule.name()});
            work.event("permission.refused", member, &data)?;
            Ok(())
        })
        .await?;
    }
    Ok(refusal(action, rule))
}

/// Hands on what was done. If a rule refused it, that is recorded now, after the transaction was undone.
pub(crate) async fn told<T>(
    platform: &Platform,
    ctx: Ctx,
    act: &'static str,
    done: Result<T, Error>,
) -> Result<T, Error> {
    if let (Actor::Member(member), Err(Error::Refused(refusal))) = (ctx.actor, &done)
        && matches!(refusal.code, Code::NotPermitted | Code::SeparationOfDuties)
    {
        let data = json!({"action": act, "rule": refusal.code.as_str()});
        write(platform, ctx, "refusal", move |work| {
            work.event("permission.refused", member, &data)?;
            Ok(())
        })
        .await?;
    }
    done
}

/// The rule that refused, and who could help.
pub(crate) fn refusal(action: Action, rule: Rule) -> Refusal {
    let code = match rule {
        Rule::ActiveMembersOnly | Rule::RolePermits | Rule::LastAdministrator => Code::NotPermitted,
        Rule::MakerIsNotChecker | Rule::NotOneself => Code::SeparationOfDuties,
    };
    Refusal::new(code, format!("{rule} (rule `{}`); {}", rule.name(), help(action)))
}

/// Who could help, by role: names of people are not for refusals.
pub(crate) fn help(action: Action) -> String {
    let roles: Vec<String> = Role::permitting(action).map(Role::title).collect();
    format!("`{}` is for the roles {}", action.name(), roles.join(", "))
}

/// Checks in a running transaction that the actor may; notes that they did.
pub(crate) fn check(work: &mut Work<'_>, action: Action, about: About<'_>) -> Result<(), Error> {
    let Actor::Member(member) = work.ctx.actor else {
        return Ok(());
    };
    let rights = Rights::of(work.tx, work.scope, member)?;
    rights
        .decide(member, action, about)
        .map_err(|rule| refusal(action, rule))?;
    note_use(work, member, action)
}

/// Notes that a member did what a role permits.
pub(crate) fn note_use(work: &mut Work<'_>, member: MemberId, action: Action) -> Result<(), Error> {
    let at = work.parts.clock.now();
    store::members::note_use(work.tx, work.scope, member, place(action), at)?;
    Ok(())
}

/// An action as rows have it: its place in the list. New actions are added at the end.
pub(crate) fn place(action: Action) -> i64 {
    let place = Action::ALL.iter().position(|one| *one == action);
    place.and_then(|place| i64::try_from(place).ok()).unwrap_or(i64::MAX)
}

/// Moves a member to a state, with the event that tells of it.
pub(crate) fn change_state(
    work: &mut Work<'_>,
    member: MemberId,
    state: MemberState,
    kind: &'static str,
) -> Result<(), Error> {
    let change = StateChange {
        id: ChangeId::from_i64(work.parts.id()),
        member,
        state: state.name().to_owned(),
        by: work.ctx.actor,
        at: work.ctx.now,
    };
    store::members::add_state(work.tx, work.scope, &change)?;
    let data = json!({"change": change.id.to_string(), "state": state.name()});
    work.event(kind, member, &data)?;
    Ok(())
}

/// Grants a role or withdraws it, with the event that tells of it.
pub(crate) fn change_role(work: &mut Work<'_>, member: MemberId, role: Role, granted: bool) -> Result<(), Error> {
    let change = RoleChange {
        id: ChangeId::from_i64(work.parts.id()),
        member,
        role: role.name().to_owned(),
        granted,
        by: work.ctx.actor,
        at: work.ctx.now,
    };
    store::members::add_role(work.tx, work.scope, &change)?;
    let kind = if granted { "role.granted" } else { "role.withdrawn" };
    let data = json!({"change": change.id.to_string(), "role": role.name()});
    work.event(kind, member, &data)?;
    Ok(())
}

/// Active members with a role.
pub(crate) fn active_with(tx: &mut dyn Tx, scope: Scope<'_>, role: Role) -> Result<BTreeSet<MemberId>, Error> {
    let mut with = BTreeSet::new();
    for member in store::organizations::members(tx, scope)? {
        let rights = Rights::of(tx, scope, member.id)?;
        if rights.state == Some(MemberState::Active) && rights.roles.contains(&role) {
            with.insert(member.id);
        }
    }
    Ok(with)
}

/// What stands in the way of taking something from a member: themselves, and being the last administrator.
pub(crate) fn about_member<'a>(tx: &mut dyn Tx, scope: Scope<'_>, member: MemberId) -> Result<About<'a>, Error> {
    let administrators = administrators(tx, scope)?;
    let last = administrators.len() == 1 && administrators.contains(&member);
    Ok(if last {
        About::LastAdministrator(member)
    } else {
        About::Member(member)
    })
}

/// Active administrators who can sign in: others could not administer anything.
pub(crate) fn administrators(tx: &mut dyn Tx, scope: Scope<'_>) -> Result<BTreeSet<MemberId>, Error> {
    let enrolled: BTreeSet<MemberId> = store::credentials::enrolled(tx, scope)?.into_iter().collect();
    let mut administrators = active_with(tx, scope, Role::Administrator)?;
    administrators.retain(|member| enrolled.contains(member));
    Ok(administrators)
}
