//! Enrol: an authenticator app and recovery codes. Only a session that began with a one-time link enrols: a password alone never does,
//! because whoever learned it could bring an app of their own.

use crate::links::{self, Kind};
use crate::platform::Platform;
use crate::refusal::{Code, Error, Refusal, refuse};
use crate::rights::{self, Rights};
use crate::sessions::{self, Found};
use crate::setup::write;
use crate::sign_in::{new_secret, open};
use crate::step_up;
use crate::throttle::{self, Subject};
use crate::work::Work;
use identity::credential::{Factor, recovery, totp};
use identity::member::MemberState;
use identity::session::{Standing, kept};
use keys::Place;
use serde_json::json;
use std::fmt;
use store::credentials::{Authenticator, RecoveryCode};
use vocab::context::World;
use vocab::id::{MemberId, OrganizationId, SessionId};
use vocab::secret::Secret;

/// What an authenticator app has to be told. Does not print.
pub struct Enrolment {
    /// To be typed in.
    pub readable: String,
    /// To be read from a picture.
    pub address: String,
}

/// An enrolment that is done. Does not print.
pub struct Enrolled {
    /// The new secret of the session, which is open now.
    pub secret: String,
    /// The recovery codes, shown this once.
    pub codes: Vec<String>,
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolment(\u{2026})")
    }
}

impl fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolled(\u{2026})")
    }
}

/// Whether a session that is half open goes on to enrol an app, because its member has none.
pub async fn is_due(platform: &Platform, session: &Found) -> Result<bool, Error> {
    let member = session.member;
    crate::view::read(platform, session.ctx, "enrol", move |_, tx, scope| {
        let app = store::credentials::authenticator(tx, scope, member)?;
        Ok(app.is_none_or(|app| app.confirmed_at.is_none()))
    })
    .await
}

/// The app's secret of a session that enrols: made on the first look, the same on the next ones.
pub async fn begin(platform: &Platform, session: &Found, issuer: &str) -> Result<Enrolment, Error> {
    let (member, digest) = (session.member, session.digest);
    let secret = write(platform, session.ctx, "enrol", move |work| {
        enrolling(work, &digest)?;
        let place = place(work.ctx.organization, member);
        if let Some(app) = store::credentials::authenticator(work.tx, work.scope, member)? {
            if app.confirmed_at.is_some() {
                return refuse(
                    Code::StateForbids,
                    "this member has an authenticator app already; sign in with it",
                );
            }
            return Ok(work.parts.keyring.0.open(&place, &app.sealed)?);
        }
        let plain = work.parts.random::<{ totp::SECRET_BYTES }>().to_vec();
        let sealed = work.parts.keyring.0.seal(&place, work.parts.random(), &plain)?;
        let app = Authenticator {
            sealed,
            last_step: None,
            confirmed_at: None,
        };
        store::credentials::put_authenticator(work.tx, work.scope, member, &app)?;
        Ok(plain)
    });
    let secret = Secret::new(secret.await?);
    Ok(Enrolment {
        readable: totp::readable(&secret),
        address: totp::address(&secret, &format!("Countersign {issuer}"), &session.name),
    })
}

/// Takes the first code of the app: the member is active from then on and the session open.
pub async fn confirm(platform: &Platform, session: &Found, code: &str) -> Result<Enrolled, Error> {
    let (member, old, code) = (session.member, session.digest, code.to_owned());
    let secret = new_secret(platform.parts());
    let digest = kept(&secret);
    let codes = write(platform, session.ctx, "enrol", move |work| {
        let session = enrolling(work, &old)?;
        let subject = Subject::account(work.parts, format!("enrol {member}").as_bytes());
        let tried = match throttle::attempt(work.parts, work.tx, &[subject])? {
            Ok(tried) => tried,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let app = store::credentials::authenticator(work.tx, work.scope, member)?;
        let Some(app) = app.filter(|app| app.confirmed_at.is_none()) else {
            return refuse(
                Code::StateForbids,
                "there is no authenticator app to confirm; begin again",
            );
        };
        let place = place(work.ctx.organization, member);
        let secret = Secret::new(work.parts.keyring.0.open(&place, &app.sealed)?);
        let now = work.parts.clock.now();
        let Some(step) = totp::accepted(&secret, &code, now, None) else {
            let detail = "the code is not the one that the app shows now; check the clock of the telephone";
            return Ok(Err(Refusal::new(Code::CodeWrong, detail)));
        };
        throttle::proven(work.tx, &tried)?;
        let app = Authenticator {
            last_step: Some(step),
            confirmed_at: Some(now),
            ..app
        };
        store::credentials::put_authenticator(work.tx, work.scope, member, &app)?;
        if Rights::of(work.tx, work.scope, member)?.state == Some(MemberState::Invited) {
            rights::change_state(work, member, MemberState::Active, "member.activated")?;
        }
        open(work, old, digest, Factor::Totp.name())?;
        store::sessions::end_all(work.tx, work.scope, member, Some(session))?;
        work.event("factor.enrolled", member, &json!({"factor": Factor::Totp.name()}))?;
        Ok(Ok(new_codes(work, member)?))
    });
    let codes = codes.await??;
    Ok(Enrolled { secret, codes })
}

/// A new set of recovery codes; the old ones count no more.
pub async fn renew_codes(platform: &Platform, session: &Found, code: &str) -> Result<Vec<String>, Error> {
    let (session, code) = (session.clone(), code.to_owned());
    let codes = write(platform, session.ctx, "recovery codes", move |work| {
        if let Err(refusal) = step_up::fresh(work, &session, &code)? {
            return Ok(Err(refusal));
        }
        Ok(Ok(new_codes(work, session.member)?))
    });
    Ok(codes.await??)
}

/// How many recovery codes a member has left.
pub async fn codes_left(platform: &Platform, session: &Found) -> Result<usize, Error> {
    let member = session.member;
    crate::view::read(platform, session.ctx, "recovery codes", move |_, tx, scope| {
        let codes = store::credentials::codes(tx, scope, member)?;
        Ok(codes.iter().filter(|code| code.used_at.is_none()).count())
    })
    .await
}

fn new_codes(work: &mut Work<'_>, member: MemberId) -> Result<Vec<String>, Error> {
    let mut shown = Vec::new();
    for number in (0_i64..).take(recovery::CODES) {
        let code = recovery::readable(&work.parts.random());
        let digest = recovery::digest(work.parts.keyring.0.recovery_key(), member, &code)
            .ok_or(Error::Bug("a recovery code that is none"))?;
        let row = RecoveryCode {
            number,
            digest,
            used_at: None,
        };
        store::credentials::put_code(work.tx, work.scope, member, &row)?;
        shown.push(code);
    }
    work.event("recovery_code.renewed", member, &json!({}))?;
    Ok(shown)
}

/// The session, if it may enrol: half open, begun with a one-time link, and, when that made the first administrator, before there was
/// another one.
fn enrolling(work: &mut Work<'_>, digest: &[u8; 32]) -> Result<SessionId, Error> {
    let now = work.parts.clock.now();
    let Some(session) = store::sessions::by_digest(work.tx, work.scope.sealer, digest)? else {
        return refuse(Code::Unauthenticated, "the session has ended; begin again");
    };
    match sessions::proven(&session)?.standing(now) {
        Standing::HalfOpen => {}
        Standing::Open => return refuse(Code::StateForbids, "this session has its second factor already"),
        Standing::Ended => return refuse(Code::Unauthenticated, "the session has ended; begin again"),
    }
    let link = sessions::open_from(work.parts, &session)?.link;
    match link.as_deref().and_then(Kind::from_name) {
        None => refuse(
            Code::StateForbids,
            "a password alone connects no authenticator app; ask for an invitation or a recovery link",
        ),
        Some(Kind::Setup) if !links::wanting(work.parts, work.tx, Some(work.ctx.organization))? => refuse(
            Code::StateForbids,
            "somebody else has become administrator meanwhile; ask them for an invitation",
        ),
        Some(Kind::Setup | Kind::Invitation | Kind::Recovery) => Ok(session.id),
    }
}

/// The place of an app's secret. Members belong to both worlds; what is theirs is sealed in the live one.
pub(crate) fn place(organization: OrganizationId, member: MemberId) -> Place<'static> {
    Place {
        table: "authenticators",
        column: "sealed",
        organization,
        world: World::Live,
        row: member.to_i64(),
        bound: &[],
    }
}
