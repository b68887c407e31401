//! Members: who they are, inviting them, giving them roles, shutting them out, and their own password.

use crate::join::{add_person, address_place, own_words};
use crate::links::{self, INVITATION_SECONDS, Kind};
use crate::passwords;
use crate::platform::Platform;
use crate::refusal::{Code, Error, Refusal, refuse};
use crate::rights::{self, About, Rights};
use crate::sessions::{self, Found};
use crate::setup::write;
use crate::sign_in::new_secret;
use crate::step_up;
use crate::throttle::{self, Subject};
use crate::work::Work;
use identity::credential::password::Verdict;
pub use identity::member::MemberState;
use identity::permission::{Action, Role};
use identity::session::kept;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use vocab::context::{Actor, Ctx};
use vocab::id::MemberId;
use vocab::secret::Secret;
use vocab::time::Timestamp;

/// A member, as colleagues see them.
#[derive(Clone, Debug)]
pub struct MemberView {
    /// The member.
    pub id: MemberId,
    /// Their name.
    pub name: String,
    /// The address they sign in with; none for somebody who only signs requests with a key.
    pub email: Option<String>,
    /// Where they stand.
    pub state: MemberState,
    /// Their roles.
    pub roles: BTreeSet<Role>,
    /// Whether they have an authenticator app.
    pub enrolled: bool,
    /// When a session of theirs was last used, as far as one is kept.
    pub seen_at: Option<Timestamp>,
}

/// Everybody of an organization, in the order in which they came.
pub async fn list(platform: &Platform, ctx: Ctx) -> Result<Vec<MemberView>, Error> {
    crate::view::read(platform, ctx, "members", |parts, tx, scope| {
        let emails: BTreeMap<_, _> = store::members::addresses(tx, scope)?.into_iter().collect();
        let enrolled: BTreeSet<_> = store::credentials::enrolled(tx, scope)?.into_iter().collect();
        let seen: BTreeMap<_, _> = store::sessions::last_seen(tx, scope)?.into_iter().collect();
        let mut views = Vec::new();
        for member in store::organizations::members(tx, scope)? {
            let rights = Rights::of(tx, scope, member.id)?;
            let email = match emails.get(&member.id) {
                None => None,
                Some(sealed) => {
                    let place = address_place(scope.organization, member.id);
                    let plain = parts.keyring.0.open(&place, sealed)?;
                    Some(String::from_utf8(plain).map_err(|_| Error::Bug("a stored address that is no text"))?)
                }
            };
            views.push(MemberView {
                id: member.id,
                name: crate::view::member_name(parts, scope.organization, &member)?,
                email,
                state: rights.state.ok_or(Error::Bug("a stored member that stands nowhere"))?,
                roles: rights.roles,
                enrolled: enrolled.contains(&member.id),
                seen_at: seen.get(&member.id).copied(),
            });
        }
        Ok(views)
    })
    .await
}

/// Somebody who is to be invited.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Their name.
    pub name: String,
    /// The address they will sign in with.
    pub email: String,
    /// What they will do.
    pub roles: BTreeSet<Role>,
}

/// Invites somebody; gives the secret of a link that is shown to the inviter once.
pub async fn invite(platform: &Platform, session: &Found, invite: Invite, code: &str) -> Result<String, Error> {
    let secret = new_secret(platform.parts());
    let digest = kept(&secret);
    let expires_at = platform.wall().plus_seconds(INVITATION_SECONDS);
    sensitive(platform, session, "invite", code, move |work| {
        rights::check(work, Action::InviteMember, About::Nothing)?;
        let member = MemberId::from_i64(work.parts.id());
        add_person(work, member, &invite.name, &invite.email)?;
        for role in &invite.roles {
            rights::check(work, Action::GrantRole, About::Member(member))?;
            rights::change_role(work, member, *role, true)?;
        }
        links::add(work, Kind::Invitation, member, digest, expires_at)?;
        work.event("member.invited", member, &json!({}))?;
        Ok(())
    })
    .await?;
    Ok(secret)
}

/// Another link for somebody whose invitation got lost or old; the earlier one works no more.
pub async fn invite_again(platform: &Platform, session: &Found, member: MemberId, code: &str) -> Result<String, Error> {
    let secret = new_secret(platform.parts());
    let digest = kept(&secret);
    let expires_at = platform.wall().plus_seconds(INVITATION_SECONDS);
    sensitive(platform, session, "invite", code, move |work| {
        rights::check(work, Action::InviteMember, About::Nothing)?;
        if state(work, member)? != MemberState::Invited {
            return refuse(
                Code::StateForbids,
                "only somebody whose invitation is open can be invited again",
            );
        }
        links::add(work, Kind::Invitation, member, digest, expires_at)?;
        work.event("member.invited", member, &json!({}))?;
        Ok(())
    })
    .await?;
    Ok(secret)
}

/// Grants a role, or withdraws it.
pub async fn change_role(
    platform: &Platform,
    session: &Found,
    member: MemberId,
    role: Role,
    granted: bool,
    code: &str,
) -> Result<(), Error> {
    sensitive(platform, session, "role", code, move |work| {
        if state(work, member)? == MemberState::Deactivated {
            return refuse(Code::StateForbids, "a deactivated member has no use for roles");
        }
        let about = if !granted && role == Role::Administrator {
            rights::about_member(work.tx, work.scope, member)?
        } else {
            About::Member(member)
        };
        rights::check(work, Action::GrantRole, about)?;
        if Rights::of(work.tx, work.scope, member)?.roles.contains(&role) == granted {
            return Ok(());
        }
        rights::change_role(work, member, role, granted)
    })
    .await
}

/// Shuts a member out for good: no session, no key and no link of theirs opens anything any more, nor one that they made for somebody
/// else. What they did stays. Their address is free: who returns is invited as somebody new.
pub async fn deactivate(platform: &Platform, session: &Found, member: MemberId, code: &str) -> Result<(), Error> {
    sensitive(platform, session, "deactivate", code, move |work| {
        let from = state(work, member)?;
        let about = rights::about_member(work.tx, work.scope, member)?;
        rights::check(work, Action::DeactivateMember, about)?;
        if !from.may_become(MemberState::Deactivated) {
            return refuse(Code::StateForbids, "this member is deactivated already");
        }
        rights::change_state(work, member, MemberState::Deactivated, "member.deactivated")?;
        let former = work
            .parts
            .keyring
            .0
            .blind_index("addresses.former", &[&member.to_i64().to_be_bytes()]);
        store::members::give_up_address(work.tx, work.scope, member, &former)?;
        shut(work, member)?;
        withdraw_invitations(work, member)
    })
    .await
}

/// Nothing that a member proved or was given opens anything any more.
fn shut(work: &mut Work<'_>, member: MemberId) -> Result<(), Error> {
    store::credentials::forget(work.tx, work.scope, member)?;
    let link = store::links::Link {
        organization: work.ctx.organization,
        kind: Kind::Invitation.name().to_owned(),
        member,
        expires_at: work.ctx.now,
    };
    store::links::drop_others(work.tx, &link)?;
    sessions::end_all(work, member)
}

/// SECURITY: who invites is shown the link. Somebody about to be shut out could invite themselves under another name and come back through
/// it, or be halfway through already. Whoever is still invited and was ever invited by them has to be invited again by somebody else.
fn withdraw_invitations(work: &mut Work<'_>, inviter: MemberId) -> Result<(), Error> {
    for member in still_invited_by(work, inviter)? {
        shut(work, member)?;
        let data = json!({"inviter": inviter.to_string()});
        work.event("member.invitation_withdrawn", member, &data)?;
    }
    Ok(())
}

/// Members who have not finished enrolment and whom a member invited, at first or again.
fn still_invited_by(work: &mut Work<'_>, inviter: MemberId) -> Result<BTreeSet<MemberId>, Error> {
    let by = Actor::Member(inviter);
    let (mut invited, mut theirs) = (BTreeSet::new(), BTreeSet::new());
    for change in store::members::states(work.tx, work.scope)? {
        if MemberState::from_name(&change.state) == Some(MemberState::Invited) {
            invited.insert(change.member);
            if change.by == by {
                theirs.insert(change.member);
            }
        } else {
            invited.remove(&change.member);
        }
    }
    let by = by.to_string();
    for member in &invited {
        // Who invites again adds no change of standing; the event tells of it.
        for event in store::events::of(work.tx, work.scope, member.to_i64())? {
            let event = crate::view::event_view(&event)?;
            if event.kind == "member.invited" && event.actor == by {
                theirs.insert(*member);
            }
        }
    }
    Ok(invited.intersection(&theirs).copied().collect())
}

/// Changes the member's own password, and signs them out everywhere else.
pub async fn change_password(
    platform: &Platform,
    session: &Found,
    old: Secret,
    new: Secret,
    code: &str,
) -> Result<(), Error> {
    let member = session.member;
    let (parts, ctx) = (platform.parts(), session.ctx);
    let subject = Subject::account(parts, format!("password {member}").as_bytes());
    let tried = write(platform, ctx, "password", move |work| {
        throttle::attempt(work.parts, work.tx, &[subject])
    })
    .await??;
    let found = crate::view::read(platform, ctx, "password", move |_, tx, scope| {
        Ok(store::credentials::password(tx, scope, member)?)
    });
    let stored = found.await?.ok_or(Error::Bug("a session without a password"))?;
    if passwords::compared(platform, old, Some(&stored)).await? == Verdict::Wrong {
        return Err(Refusal::new(Code::PasswordRefused, "the present password is another one").into());
    }
    write(platform, ctx, "password", move |work| throttle::proven(work.tx, &tried)).await?;
    let own = own_words(&session.name, "");
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let password = passwords::chosen(platform, new, &own).await?;
    let here = session.id;
    sensitive(platform, session, "password", code, move |work| {
        store::credentials::put_password(work.tx, work.scope, member, &password)?;
        store::sessions::end_all(work.tx, work.scope, member, Some(here))?;
        work.event("password.set", member, &json!({}))?;
        Ok(())
    })
    .await
}

/// Where a member of the organization stands.
fn state(work: &mut Work<'_>, member: MemberId) -> Result<MemberState, Error> {
    let rights = Rights::of(work.tx, work.scope, member)?;
    let missing = || Refusal::new(Code::NotFound, format!("there is no member `{member}`"));
    Ok(rights.state.ok_or_else(missing)?)
}

/// Runs what asks for a fresh factor. A refused code is counted, so that transaction is committed all the same. A refusal by a rule is
/// recorded after what it undid.
async fn sensitive(
    platform: &Platform,
    session: &Found,
    name: &'static str,
    code: &str,
    mut act: impl FnMut(&mut Work<'_>) -> Result<(), Error> + Send + 'static,
) -> Result<(), Error> {
    let (session, code) = (session.clone(), code.to_owned());
    let ctx = session.ctx;
    let done = write(platform, ctx, name, move |work| {
        if let Err(refusal) = step_up::fresh(work, &session, &code)? {
            return Ok(Err(refusal));
        }
        act(work)?;
        Ok(Ok(()))
    });
    Ok(rights::told(platform, ctx, name, done.await).await??)
}
