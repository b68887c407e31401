//! Join: somebody uses a one-time link, chooses a password, and goes on to enrol an authenticator app. Until that is done they are nobody.

use crate::links::{self, Kind, nobodys, spent};
use crate::passwords;
use crate::platform::Platform;
use crate::refusal::{Code, Error, Refusal, refuse};
use crate::rights::{self, Rights};
use crate::sessions;
use crate::setup::{self, checked, write};
use crate::sign_in::{self, Visitor, WORLD, email_index, new_secret};
use crate::work::Work;
use identity::member::{Email, MemberState};
use identity::permission::Role;
use identity::session::kept;
use keys::Place;
use serde_json::json;
use std::sync::Arc;
use store::credentials::Password;
use vocab::context::{Actor, World};
use vocab::id::{MemberId, OrganizationId};
use vocab::secret::Secret;

/// What somebody says about themselves when they use a link.
#[derive(Debug)]
pub struct Joining {
    /// The password they chose.
    pub password: Secret,
    /// For the first administrator: who they are.
    pub first: Option<First>,
    /// From where they come.
    pub visitor: Visitor,
}

/// The first administrator.
#[derive(Clone, Debug)]
pub struct First {
    /// Their name.
    pub name: String,
    /// The address they will sign in with.
    pub email: String,
    /// The name of the organization, when there is none yet.
    pub organization: String,
}

/// Uses a link up; gives the secret of a session that is half open and goes on to the app.
pub async fn join(platform: &Platform, secret: &str, joining: Joining) -> Result<String, Error> {
    let offer = links::look(platform, secret).await?;
    if (offer.kind == Kind::Setup) != joining.first.is_some() {
        return refuse(Code::Malformed, "the form does not belong to this link");
    }
    let (name, email) = match &joining.first {
        Some(first) => (first.name.as_str(), first.email.as_str()),
        None => (offer.name.as_deref().unwrap_or_default(), ""),
    };
    let own = own_words(name, email);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let password = passwords::chosen(platform, joining.password, &own).await?;
    begin(platform, kept(secret), joining.first, password, joining.visitor).await
}

/// In one transaction: the link is used up, and whoever it lets in is there with a password and a half-open session. What fails leaves the
/// link as it was.
async fn begin(
    platform: &Platform,
    link: [u8; 32],
    first: Option<First>,
    password: Password,
    visitor: Visitor,
) -> Result<String, Error> {
    let secret = new_secret(platform.parts());
    let digest = kept(&secret);
    let belongs = belongs(platform, link).await?;
    let organization = if belongs == nobodys() {
        OrganizationId::from_i64(platform.parts().id())
    } else {
        belongs
    };
    let ctx = platform.ctx(organization, WORLD, Actor::System);
    write(platform, ctx, "join", move |work| {
        let now = work.parts.clock.now();
        let taken = store::links::take(work.tx, work.scope.sealer, &link, now)?.ok_or_else(spent)?;
        if taken.organization != belongs {
            return Err(spent());
        }
        let kind = Kind::from_name(&taken.kind).ok_or(Error::Bug("a stored link of no kind"))?;
        let member = match (kind, &first) {
            (Kind::Setup, Some(first)) => {
                if taken.organization == nobodys() {
                    first_organization(work, first)?;
                }
                first_administrator(work, first)?
            }
            (Kind::Invitation | Kind::Recovery, None) => taken.member,
            (Kind::Setup, None) | (Kind::Invitation | Kind::Recovery, Some(_)) => return Err(spent()),
        };
        // SECURITY: whoever used an earlier link for this member and stopped halfway must not look on while an app is connected.
        store::credentials::forget(work.tx, work.scope, member)?;
        sessions::end_all(work, member)?;
        work.ctx.actor = Actor::Member(member);
        store::credentials::put_password(work.tx, work.scope, member, &password)?;
        work.event("password.set", member, &json!({}))?;
        sign_in::begin(work, member, digest, &visitor, Some(kind))?;
        Ok(())
    })
    .await?;
    Ok(secret)
}

/// Whose link it is.
async fn belongs(platform: &Platform, link: [u8; 32]) -> Result<OrganizationId, Error> {
    let (parts, now) = (Arc::clone(platform.parts()), platform.wall());
    let looked = platform.parts().store.read("link", move |tx| -> Result<_, Error> {
        Ok(store::links::look(tx, &parts.keyring, &link, now)?)
    });
    Ok(looked.await?.ok_or_else(spent)?.organization)
}

/// The organization of an installation that has none yet.
fn first_organization(work: &mut Work<'_>, first: &First) -> Result<(), Error> {
    if !links::wanting(work.parts, work.tx, None)? {
        return Err(spent());
    }
    setup::add_organization(work, &first.organization)
}

/// Somebody has to begin: the first one administers, and handles payments until there are others. Who began before and did not finish
/// goes on as the same member.
fn first_administrator(work: &mut Work<'_>, first: &First) -> Result<MemberId, Error> {
    if !links::wanting(work.parts, work.tx, Some(work.ctx.organization))? {
        return Err(spent());
    }
    let member = match unfinished(work, &first.email)? {
        Some(member) => member,
        None => {
            let member = MemberId::from_i64(work.parts.id());
            add_person(work, member, &first.name, &first.email)?;
            member
        }
    };
    let roles = Rights::of(work.tx, work.scope, member)?.roles;
    for role in [Role::Administrator, Role::Treasurer] {
        if !roles.contains(&role) {
            rights::change_role(work, member, role, true)?;
        }
    }
    Ok(member)
}

/// The member of this organization who was given an address and has not finished enrolment.
fn unfinished(work: &mut Work<'_>, email: &str) -> Result<Option<MemberId>, Error> {
    let index = email_index(work.parts, email);
    let known = store::members::by_address(work.tx, work.scope.sealer, &index)?;
    let Some((_, member)) = known.filter(|(of, _)| *of == work.ctx.organization) else {
        return Ok(None);
    };
    let state = Rights::of(work.tx, work.scope, member)?.state;
    Ok((state == Some(MemberState::Invited)).then_some(member))
}

/// The rows of somebody who will sign in: name, standing, address.
pub(crate) fn add_person(work: &mut Work<'_>, id: MemberId, name: &str, email: &str) -> Result<(), Error> {
    let name = checked(name, "member")?;
    let email: Email = email
        .parse()
        .map_err(|wrong: identity::member::EmailError| Refusal::new(Code::Malformed, wrong.to_string()))?;
    setup::add_member(work, id, &name, MemberState::Invited)?;
    let index = email_index(work.parts, email.as_str());
    let place = address_place(work.ctx.organization, id);
    let sealed = work
        .parts
        .keyring
        .0
        .seal(&place, work.parts.random(), email.as_str().as_bytes())?;
    if !store::members::add_address(work.tx, work.scope, id, &index, &sealed)? {
        return refuse(Code::AddressTaken, "this address cannot be used; choose another one");
    }
    Ok(())
}

/// The place of an address.
pub(crate) fn address_place(organization: OrganizationId, member: MemberId) -> Place<'static> {
    Place {
        table: "addresses",
        column: "sealed",
        organization,
        world: World::Live,
        row: member.to_i64(),
        bound: &[],
    }
}

/// Words that a password must not be built from.
pub(crate) fn own_words(name: &str, email: &str) -> Vec<String> {
    let words = name.split_whitespace().chain(email.split(['@', '.', '+', '_', '-']));
    words
        .filter(|word| word.chars().count() >= 4)
        .map(str::to_lowercase)
        .collect()
}
