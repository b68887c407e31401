//! One-time links: the way in for somebody who cannot sign in yet, or not any more. A link belongs to one database and its keys.

use crate::platform::{Parts, Platform};
use crate::refusal::{Code, Error, Refusal, refuse};
use crate::rights::{self, Rights};
use crate::setup::write;
use crate::sign_in::{WORLD, email_index, new_secret};
use crate::work::Work;
use identity::member::MemberState;
use identity::session::kept;
use serde_json::json;
use std::sync::Arc;
use store::Tx;
use store::links::Link;
use store::scope::Scope;
use vocab::context::Actor;
use vocab::id::{MemberId, OrganizationId};

/// Seconds that a setup or recovery link is good for: somebody at the machine asked for it just now.
pub const SETUP_SECONDS: i64 = 15 * 60;
/// Seconds that an invitation is good for: three days.
pub const INVITATION_SECONDS: i64 = 3 * 86_400;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Makes the first administrator.
    Setup,
    /// Lets an invited person in.
    Invitation,
    /// Lets a member choose password and app anew.
    Recovery,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Invitation => "invitation",
            Self::Recovery => "recovery",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Setup, Self::Invitation, Self::Recovery]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// What somebody who opens a link is shown before they use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it is for.
    pub kind: Kind,
    /// The organization's name; none when it is still to be made.
    pub organization: Option<String>,
    /// The name of the person it was made for, where it was.
    pub name: Option<String>,
}

/// Makes a setup link, unless the organization has an administrator: then nothing. Without an organization, the link makes the first one.
pub async fn setup(platform: &Platform, organization: Option<OrganizationId>) -> Result<Option<String>, Error> {
    let secret = new_secret(platform.parts());
    let digest = kept(&secret);
    let expires_at = platform.wall().plus_seconds(SETUP_SECONDS);
    let parts = Arc::clone(platform.parts());
    let made = platform
        .parts()
        .store
        .write("setup link", move |tx| -> Result<_, Error> {
            if !wanting(&parts, tx, organization)? {
                return Ok(false);
            }
            let link = Link {
                organization: organization.unwrap_or_else(nobodys),
                kind: Kind::Setup.name().to_owned(),
                member: MemberId::from_i64(0),
                expires_at,
            };
            store::links::drop_others(tx, &link)?;
            store::links::add(tx, &parts.keyring, &digest, &link)?;
            Ok(true)
        });
    Ok(made.await?.then_some(secret))
}

/// No organization has this number.
pub(crate) fn nobodys() -> OrganizationId {
    OrganizationId::from_i64(0)
}

/// Whether a setup link may be made or used: the organization has no administrator who can sign in, or there is no organization at all.
pub(crate) fn wanting(parts: &Parts, tx: &mut dyn Tx, organization: Option<OrganizationId>) -> Result<bool, Error> {
    let Some(organization) = organization else {
        return Ok(store::organizations::list(tx)?.is_empty());
    };
    let scope = Scope {
        organization,
        world: WORLD,
        sealer: &parts.keyring,
    };
    Ok(rights::administrators(tx, scope)?.is_empty())
}

/// Makes a link that lets a member choose password and app anew. For who has a shell on the server: an event that administrators see.
pub async fn recovery(platform: &Platform, organization: OrganizationId, email: &str) -> Result<String, Error> {
    let index = email_index(platform.parts(), email);
    let ctx = platform.ctx(organization, WORLD, Actor::System);
    let secret = new_secret(platform.parts());
    let digest = kept(&secret);
    let expires_at = platform.wall().plus_seconds(SETUP_SECONDS);
    write(platform, ctx, "recovery link", move |work| {
        let found = store::members::by_address(work.tx, work.scope.sealer, &index)?;
        let Some((_, member)) = found.filter(|(of, _)| *of == work.ctx.organization) else {
            return refuse(
                Code::NotFound,
                "no member of the organization signs in with this address",
            );
        };
        if Rights::of(work.tx, work.scope, member)?.state != Some(MemberState::Active) {
            return refuse(
                Code::StateForbids,
                "only an active member can be let in again; an administrator can invite them",
            );
        }
        add(work, Kind::Recovery, member, digest, expires_at)?;
        work.event("member.recovery_begun", member, &json!({}))?;
        Ok(())
    })
    .await?;
    Ok(secret)
}

pub(crate) fn add(
    work: &mut Work<'_>,
    kind: Kind,
    member: MemberId,
    digest: [u8; 32],
    expires_at: vocab::time::Timestamp,
) -> Result<(), Error> {
    let link = Link {
        organization: work.ctx.organization,
        kind: kind.name().to_owned(),
        member,
        expires_at,
    };
    store::links::drop_others(work.tx, &link)?;
    store::links::add(work.tx, work.scope.sealer, &digest, &link)?;
    Ok(())
}

/// What a link is for; a refusal when it does not work any more. Looking does not use it up.
pub async fn look(platform: &Platform, secret: &str) -> Result<Offer, Error> {
    let (digest, now) = (kept(secret), platform.wall());
    let parts = Arc::clone(platform.parts());
    let looked = platform.parts().store.read("link", move |tx| -> Result<_, Error> {
        let link = store::links::look(tx, &parts.keyring, &digest, now)?.ok_or_else(spent)?;
        let kind = Kind::from_name(&link.kind).ok_or(Error::Bug("a stored link of no kind"))?;
        let organizations = store::organizations::list(tx)?;
        let organization = organizations.into_iter().find(|(id, _)| *id == link.organization);
        let scope = Scope {
            organization: link.organization,
            world: WORLD,
            sealer: &parts.keyring,
        };
        let member = store::organizations::member(tx, scope, link.member)?;
        let name = member.map(|member| crate::view::member_name(&parts, link.organization, &member));
        Ok(Offer {
            kind,
            organization: organization.map(|(_, name)| name),
            name: name.transpose()?,
        })
    });
    looked.await
}

pub(crate) fn spent() -> Error {
    let detail = "this link was used, is too old, or was copied incompletely";
    Refusal::new(Code::LinkSpent, detail).into()
}
