//! Sessions: who a request comes from, where somebody is signed in, and signing out everywhere.

use crate::platform::{Parts, Platform};
use crate::refusal::{Code, Error, refuse};
use crate::rights::Rights;
use crate::setup::write;
use crate::sign_in::WORLD;
use crate::work::Work;
use identity::credential::Factor;
use identity::member::MemberState;
use identity::permission::{Action, Role};
pub use identity::session::Standing;
use identity::session::{Proven, kept};
use keys::Place;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::scope::Scope;
use store::sessions::Session;
use vocab::context::{Actor, Ctx, World};
use vocab::id::{MemberId, OrganizationId, SessionId};
use vocab::time::Timestamp;

/// A session that lasts, and whose it is.
#[derive(Clone, Debug)]
pub struct Found {
    /// The context of what is done in it.
    pub ctx: Ctx,
    /// The session.
    pub id: SessionId,
    /// Who is signed in.
    pub member: MemberId,
    /// Their name.
    pub name: String,
    /// Their roles.
    pub roles: BTreeSet<Role>,
    /// Half open or open.
    pub standing: Standing,
    /// When the second factor was proven last.
    pub factor_at: Option<Timestamp>,
    pub(crate) digest: [u8; 32],
}

impl Found {
    /// Whether one of the member's roles permits an action.
    pub fn may(&self, action: Action) -> bool {
        self.standing == Standing::Open && self.roles.iter().any(|role| role.permits().contains(&action))
    }
}

/// One of a member's sessions, for themselves.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// The session.
    pub id: SessionId,
    /// What the browser calls itself.
    pub agent: String,
    /// From which network address it was begun.
    pub source: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was last used, to a minute.
    pub seen_at: Timestamp,
}

/// From where and with what a session was begun, as it is sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct From {
    pub(crate) agent: String,
    pub(crate) source: String,
    /// The one-time link, by the name of its kind; none when it began with a password.
    pub(crate) link: Option<String>,
}

/// The session that a secret opens, while it lasts and its member may be in. `used`: somebody did something, so it is idle no more.
pub async fn find(platform: &Platform, secret: &str, used: bool) -> Result<Option<Found>, Error> {
    let (digest, now) = (kept(secret), platform.wall());
    let parts = Arc::clone(platform.parts());
    let read = platform.parts().store.read("session", move |tx| -> Result<_, Error> {
        let Some(session) = store::sessions::by_digest(tx, &parts.keyring, &digest)? else {
            return Ok(None);
        };
        let scope = Scope {
            organization: session.organization,
            world: session.world,
            sealer: &parts.keyring,
        };
        let rights = Rights::of(tx, scope, session.member)?;
        let member = store::organizations::member(tx, scope, session.member)?
            .ok_or(Error::Bug("a session without its member"))?;
        let name = crate::view::member_name(&parts, session.organization, &member)?;
        Ok(Some((session, rights, name)))
    });
    let Some((session, rights, name)) = read.await? else {
        return Ok(None);
    };
    let standing = proven(&session)?.standing(now);
    let welcome = match standing {
        Standing::Ended => false,
        Standing::HalfOpen => rights.state != Some(MemberState::Deactivated),
        Standing::Open => rights.state == Some(MemberState::Active),
    };
    if !welcome {
        return Ok(None);
    }
    let ctx = platform.ctx(session.organization, session.world, Actor::Member(session.member));
    if used && proven(&session)?.needs_seeing(now) {
        seen(platform, ctx, digest, now).await?;
    }
    Ok(Some(Found {
        ctx,
        id: session.id,
        member: session.member,
        name,
        roles: rights.roles,
        standing,
        factor_at: session.factor.map(|(_, at)| at),
        digest,
    }))
}

async fn seen(platform: &Platform, ctx: Ctx, digest: [u8; 32], now: Timestamp) -> Result<(), Error> {
    write(platform, ctx, "session", move |work| {
        if let Some(mut session) = store::sessions::by_digest(work.tx, work.scope.sealer, &digest)? {
            session.seen_at = now;
            store::sessions::put(work.tx, work.scope.sealer, &session)?;
        }
        Ok(())
    })
    .await
}

pub(crate) fn proven(session: &Session) -> Result<Proven, Error> {
    let factor = match &session.factor {
        None => None,
        Some((name, at)) => {
            let factor = Factor::from_name(name).ok_or(Error::Bug("a stored factor that is none"))?;
            Some((factor, *at))
        }
    };
    Ok(Proven {
        started_at: session.started_at,
        seen_at: session.seen_at,
        factor,
    })
}

/// Where the member is signed in.
pub async fn list(platform: &Platform, session: &Found) -> Result<Vec<SessionView>, Error> {
    let (member, now) = (session.member, platform.wall());
    crate::view::read(platform, session.ctx, "sessions", move |parts, tx, scope| {
        let mut views = Vec::new();
        for session in store::sessions::of(tx, scope, member)? {
            if proven(&session)?.standing(now) == Standing::Open {
                let from = open_from(parts, &session)?;
                views.push(SessionView {
                    id: session.id,
                    agent: from.agent,
                    source: from.source,
                    started_at: session.started_at,
                    seen_at: session.seen_at,
                });
            }
        }
        Ok(views)
    })
    .await
}

/// Signs the member out everywhere, here as well.
pub async fn end_everywhere(platform: &Platform, session: &Found) -> Result<(), Error> {
    let member = session.member;
    write(platform, session.ctx, "sign out", move |work| end_all(work, member)).await
}

/// Ends one session of the member's own.
pub async fn end_one(platform: &Platform, session: &Found, other: SessionId) -> Result<(), Error> {
    let member = session.member;
    write(platform, session.ctx, "sign out", move |work| {
        let own = store::sessions::of(work.tx, work.scope, member)?;
        if !own.iter().any(|session| session.id == other) {
            return refuse(Code::NotFound, format!("there is no session `{other}`"));
        }
        store::sessions::end(work.tx, work.scope, other)?;
        work.event("session.ended", member, &json!({"session": other.to_string()}))?;
        Ok(())
    })
    .await
}

/// Ends all sessions of a member.
pub(crate) fn end_all(work: &mut Work<'_>, member: MemberId) -> Result<(), Error> {
    let ended = store::sessions::end_all(work.tx, work.scope, member, None)?;
    if ended > 0 {
        let count = i64::try_from(ended).unwrap_or(i64::MAX);
        work.event("session.all_ended", member, &json!({"ended": count}))?;
    }
    Ok(())
}

/// Deletes what is left of sessions that have ended by themselves.
pub(crate) fn drop_ended(work: &mut Work<'_>, member: MemberId) -> Result<(), Error> {
    let now = work.parts.clock.now();
    for session in store::sessions::of(work.tx, work.scope, member)? {
        if proven(&session)?.standing(now) == Standing::Ended {
            store::sessions::end(work.tx, work.scope, session.id)?;
        }
    }
    Ok(())
}

pub(crate) fn seal_from(work: &Work<'_>, id: SessionId, from: &From) -> Result<Vec<u8>, Error> {
    let plain = serde_json::to_vec(from).map_err(|_| Error::Bug("a browser's name that cannot be written"))?;
    let place = place(work.ctx.organization, WORLD, id);
    Ok(work.parts.keyring.0.seal(&place, work.parts.random(), &plain)?)
}

pub(crate) fn open_from(parts: &Parts, session: &Session) -> Result<From, Error> {
    let place = place(session.organization, session.world, session.id);
    let plain = parts.keyring.0.open(&place, &session.sealed)?;
    serde_json::from_slice(&plain).map_err(|_| Error::Bug("a stored browser's name that cannot be read"))
}

fn place(organization: OrganizationId, world: World, id: SessionId) -> Place<'static> {
    Place {
        table: "sessions",
        column: "sealed",
        organization,
        world,
        row: id.to_i64(),
        bound: &[],
    }
}
