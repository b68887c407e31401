//! Sign in: the password opens a session half, the second factor opens it. There is no way around the second factor.
//!
//! Whether an address exists, stands in the middle of an invitation or was deactivated, the answer is the same and takes as long.

use crate::event::hex;
use crate::links::Kind;
use crate::passwords;
use crate::platform::{Parts, Platform};
use crate::refusal::{Code, Error, Refusal};
use crate::rights::Rights;
use crate::sessions::{self, Found};
use crate::setup::write;
use crate::step_up::{self, Occasion};
use crate::throttle::{self, Subject, Tried};
use crate::work::Work;
use identity::credential::password::Verdict;
use identity::member::{Email, MemberState};
use identity::session::{Standing, kept};
use serde_json::json;
use std::sync::Arc;
use store::Tx;
use store::credentials::Password;
use store::scope::Scope;
use store::sessions::Session;
use vocab::context::{Actor, Ctx, World};
use vocab::id::{MemberId, OrganizationId, SessionId};
use vocab::secret::Secret;

/// The world that sessions show: the platform's banks are simulated ones so far.
pub(crate) const WORLD: World = World::Test;
/// Characters of a browser's name for itself that are kept.
const AGENT_MAX: usize = 200;

/// From where somebody comes.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Network address.
    pub source: String,
    /// What the browser calls itself.
    pub agent: String,
}

/// Why somebody was not let in, for themselves: the same words whatever the reason.
fn not_let_in() -> Refusal {
    Refusal::new(
        Code::Unauthenticated,
        "address and password do not belong together, or this member cannot sign in",
    )
}

/// A member who may sign in with a password.
struct Known {
    organization: OrganizationId,
    member: MemberId,
    password: Option<Password>,
    /// See [`is_usable`].
    usable: bool,
}

/// Takes address and password; gives the secret of a session that is half open.
pub async fn password(platform: &Platform, email: &str, given: Secret, visitor: Visitor) -> Result<String, Error> {
    let index = email_index(platform.parts(), email);
    let subjects = [
        Subject::account_from(platform.parts(), &index, &visitor.source),
        Subject::account_anywhere(platform.parts(), &index),
        Subject::source(platform.parts(), &visitor.source),
    ];
    let tried = count(platform, subjects).await??;
    let known = known(platform, index).await?;
    let stored = known.as_ref().and_then(|known| known.password.as_ref());
    let again = given.clone();
    let verdict = match passwords::compared(platform, given, stored).await {
        Ok(verdict) => verdict,
        Err(error) => {
            let unseen = platform
                .parts()
                .store
                .write("sign in", move |tx| throttle::unseen(tx, &tried));
            unseen.await?;
            return Err(error);
        }
    };
    let Some(known) = known else {
        let written = platform
            .parts()
            .store
            .write("sign in", move |tx| throttle::again(tx, &subjects));
        written.await?;
        return Err(not_let_in().into());
    };
    let ctx = platform.ctx(known.organization, WORLD, Actor::Member(known.member));
    if verdict == Verdict::Wrong || !known.usable {
        let because = if known.usable { "password" } else { "standing" };
        tell_refusal(platform, ctx, known.member, because).await?;
        return Err(not_let_in().into());
    }
    let stronger = match verdict {
        Verdict::RightButWeak => Some(passwords::hashed(platform, again).await?),
        Verdict::Right | Verdict::Wrong => None,
    };
    let secret = new_secret(platform.parts());
    let digest = kept(&secret);
    let member = known.member;
    let compared = known.password.map(|password| password.hash);
    write(platform, ctx, "sign in", move |work| {
        // SECURITY: comparing takes a while, in which the member may have been shut out or may have begun anew with a link.
        let now = store::credentials::password(work.tx, work.scope, member)?.map(|password| password.hash);
        if now != compared || !is_usable(work.tx, work.scope, member)? {
            return Err(not_let_in().into());
        }
        if let Some(stronger) = &stronger {
            store::credentials::put_password(work.tx, work.scope, member, stronger)?;
        }
        throttle::proven(work.tx, &tried)?;
        begin(work, member, digest, &visitor, None)
    })
    .await?;
    Ok(secret)
}

/// Takes the second factor; gives the new secret of the session, which is open now.
pub async fn second_factor(platform: &Platform, secret: &str, code: &str, visitor: &Visitor) -> Result<String, Error> {
    let found = sessions::find(platform, secret, true).await?;
    let Some(found) = found.filter(|found| found.standing == Standing::HalfOpen) else {
        return Err(Refusal::new(Code::Unauthenticated, "the sign-in has ended; begin again").into());
    };
    let (code, old) = (code.to_owned(), kept(secret));
    let source = [Subject::source(platform.parts(), &visitor.source)];
    let fresh = new_secret(platform.parts());
    let digest = kept(&fresh);
    let opened = write(platform, found.ctx, "second factor", move |work| {
        let tried = match throttle::attempt(work.parts, work.tx, &source)? {
            Ok(tried) => tried,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let member = found.member;
        let factor = match step_up::check_code(work, member, Occasion::SignIn, &code)? {
            Ok(factor) => factor,
            Err(refusal) => return Ok(Err(refusal)),
        };
        throttle::proven(work.tx, &tried)?;
        open(work, old, digest, factor.name())?;
        let data = json!({"factor": factor.name(), "session": found.id.to_string()});
        work.event("session.opened", member, &data)?;
        Ok(Ok(()))
    });
    opened.await??;
    Ok(fresh)
}

/// Begins a session that has proven the password only, or used a one-time link.
pub(crate) fn begin(
    work: &mut Work<'_>,
    member: MemberId,
    digest: [u8; 32],
    visitor: &Visitor,
    link: Option<Kind>,
) -> Result<SessionId, Error> {
    sessions::drop_ended(work, member)?;
    let id = SessionId::from_i64(work.parts.id());
    let agent: String = visitor
        .agent
        .chars()
        .filter(|c| !c.is_control())
        .take(AGENT_MAX)
        .collect();
    let told = sessions::From {
        agent,
        source: visitor.source.clone(),
        link: link.map(|kind| kind.name().to_owned()),
    };
    let now = work.parts.clock.now();
    let session = Session {
        id,
        organization: work.ctx.organization,
        world: WORLD,
        member,
        digest,
        sealed: sessions::seal_from(work, id, &told)?,
        started_at: now,
        seen_at: now,
        factor: None,
    };
    store::sessions::put(work.tx, work.scope.sealer, &session)?;
    work.event("session.begun", member, &json!({"session": id.to_string()}))?;
    Ok(id)
}

/// Opens a half-open session: it has both factors now, and another secret, so that whoever knew the old one knows nothing.
pub(crate) fn open(work: &mut Work<'_>, old: [u8; 32], new: [u8; 32], factor: &str) -> Result<(), Error> {
    let Some(mut session) = store::sessions::by_digest(work.tx, work.scope.sealer, &old)? else {
        return Err(Refusal::new(Code::Unauthenticated, "the sign-in has ended; begin again").into());
    };
    let now = work.parts.clock.now();
    session.digest = new;
    session.seen_at = now;
    session.factor = Some((factor.to_owned(), now));
    store::sessions::put(work.tx, work.scope.sealer, &session)?;
    Ok(())
}

/// Signs a session out.
pub async fn out(platform: &Platform, session: &Found) -> Result<(), Error> {
    let (id, member) = (session.id, session.member);
    write(platform, session.ctx, "sign out", move |work| {
        store::sessions::end(work.tx, work.scope, id)?;
        work.event("session.ended", member, &json!({"session": id.to_string()}))?;
        Ok(())
    })
    .await
}

/// A secret that only its holder knows: 256 random bits in hexadecimal.
pub(crate) fn new_secret(parts: &Parts) -> String {
    hex(&parts.random::<32>())
}

/// The blind index of an address. What is no address has one as well, which nothing is found under.
pub(crate) fn email_index(parts: &Parts, email: &str) -> [u8; 16] {
    let plain = email.parse::<Email>().map(|email| email.as_str().to_owned());
    let plain = plain.unwrap_or_else(|_| format!("\n{email}"));
    parts.keyring.0.blind_index("addresses.email", &[plain.as_bytes()])
}

async fn count(platform: &Platform, subjects: [Subject; 3]) -> Result<Result<Tried, Error>, Error> {
    let parts = Arc::clone(platform.parts());
    let counted = platform.parts().store.write("throttle", move |tx| -> Result<_, Error> {
        throttle::attempt(&parts, tx, &subjects)
    });
    Ok(counted.await?.map_err(Error::from))
}

async fn known(platform: &Platform, index: [u8; 16]) -> Result<Option<Known>, Error> {
    let parts = Arc::clone(platform.parts());
    let found = platform.parts().store.read("sign in", move |tx| -> Result<_, Error> {
        let Some((organization, member)) = store::members::by_address(tx, &parts.keyring, &index)? else {
            return Ok(None);
        };
        let scope = Scope {
            organization,
            world: WORLD,
            sealer: &parts.keyring,
        };
        Ok(Some(Known {
            organization,
            member,
            password: store::credentials::password(tx, scope, member)?,
            usable: is_usable(tx, scope, member)?,
        }))
    });
    found.await
}

/// Active, and with an authenticator app: without one nobody gets further than the password.
fn is_usable(tx: &mut dyn Tx, scope: Scope<'_>, member: MemberId) -> Result<bool, Error> {
    let active = Rights::of(tx, scope, member)?.state == Some(MemberState::Active);
    let authenticator = store::credentials::authenticator(tx, scope, member)?;
    Ok(active && authenticator.is_some_and(|app| app.confirmed_at.is_some()))
}

async fn tell_refusal(platform: &Platform, ctx: Ctx, member: MemberId, because: &'static str) -> Result<(), Error> {
    write(platform, ctx, "sign in", move |work| {
        work.event("sign_in.refused", member, &json!({"because": because}))?;
        Ok(())
    })
    .await
}
