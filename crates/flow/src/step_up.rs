//! Step up: a factor proven again, right before something that matters.
//!
//! A code counts once. For an approval it is bound to the digest of exactly what the page showed; for changes of members and credentials
//! it is enough that the factor was proven a few minutes ago.

use crate::approve::{self, ApprovalGiven, Approve, Shown};
use crate::event::{hex, sha256};
use crate::platform::Platform;
use crate::refusal::{Code, Error, Refusal, refuse};
use crate::rights::{self, About};
use crate::sessions::Found;
use crate::setup::write;
use crate::throttle::{self, Subject};
use crate::work::Work;
use identity::credential::{Factor, recovery, totp};
use identity::permission::Action;
use serde_json::json;
use store::credentials::Authenticator;
use store::step_ups::StepUp;
use vocab::id::{KeyId, MemberId, PaymentId, StepUpId};
use vocab::secret::Secret;
use vocab::time::Timestamp;

/// Seconds for which a proven factor is fresh enough to change members and credentials.
pub const FRESH_SECONDS: i64 = 10 * 60;
/// Payments that one code approves at most: as many as a person can look at.
pub const TOGETHER_MAX: usize = 50;

/// Decisions about payments, taken together with one code.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Each payment with the content hash that the page showed.
    pub payments: Vec<(PaymentId, [u8; 32])>,
    /// True for yes.
    pub approved: bool,
    /// The member's words.
    pub note: String,
    /// Code of the authenticator app.
    pub code: String,
}

impl Decision {
    /// What the code is bound to: the decision, and each payment with the hash of exactly what will be sent.
    pub fn digest(&self) -> [u8; 32] {
        let mut text = String::from(if self.approved { "approve\n" } else { "decline\n" });
        for (payment, hash) in &self.payments {
            text.push_str(&format!("{payment} {}\n", hex(hash)));
        }
        sha256(&[text.as_bytes()])
    }
}

/// Takes decisions of a member who is signed in: all of them, or none when one is refused.
pub async fn decide(platform: &Platform, session: &Found, decision: Decision) -> Result<Vec<ApprovalGiven>, Error> {
    approve::checked_note(&decision.note)?;
    if decision.payments.is_empty() || decision.payments.len() > TOGETHER_MAX {
        return refuse(
            Code::Malformed,
            format!("1 to {TOGETHER_MAX} payments can be decided together"),
        );
    }
    let (session, ctx) = (session.clone(), session.ctx);
    let given = write(platform, ctx, "decide", move |work| {
        rights::check(work, Action::ApprovePayment, About::Nothing)?;
        let factor = match check_code(work, session.member, Occasion::StepUp, &decision.code)? {
            Ok(Factor::Totp) => Factor::Totp,
            // Spent all the same: a code that somebody else may have seen must not count later.
            Ok(Factor::RecoveryCode) => {
                let detail =
                    "a recovery code opens a session and approves nothing; enter a code of your authenticator app";
                return Ok(Err(Refusal::new(Code::CodeWrong, detail)));
            }
            Err(refusal) => return Ok(Err(refusal)),
        };
        let shown = Shown::StepUp(record(work, &session, decision.digest(), factor)?);
        let mut given = Vec::new();
        for (payment, content_hash) in &decision.payments {
            let one = Approve {
                payment: *payment,
                content_hash: *content_hash,
                approved: decision.approved,
                note: decision.note.clone(),
                key: KeyId::from_i64(0),
            };
            let refused = |error| named(error, *payment);
            given.push(approve::given(work, &one, shown).map_err(refused)?);
        }
        Ok(Ok(given))
    });
    Ok(rights::told(platform, ctx, Action::ApprovePayment.name(), given.await).await??)
}

/// A refusal among several decisions says about which payment it is.
fn named(error: Error, payment: PaymentId) -> Error {
    let Error::Refused(mut refusal) = error else {
        return error;
    };
    refusal.detail = format!("`{payment}`: {}; nothing was decided", refusal.detail);
    Error::Refused(refusal)
}

fn record(work: &mut Work<'_>, session: &Found, digest: [u8; 32], factor: Factor) -> Result<StepUpId, Error> {
    let id = StepUpId::from_i64(work.parts.id());
    let step_up = StepUp {
        id,
        member: session.member,
        session: session.id,
        digest,
        factor: factor.name().to_owned(),
        at: work.parts.clock.now(),
    };
    store::step_ups::add(work.tx, work.scope, &step_up)?;
    let data = json!({
        "digest": hex(&digest), "factor": factor.name(), "session": session.id.to_string(), "step_up": id.to_string(),
    });
    work.event("factor.proven", session.member, &data)?;
    Ok(id)
}

/// Whether the session's factor is fresh enough to change members and credentials.
pub fn is_fresh(session: &Found, now: Timestamp) -> bool {
    session.factor_at.is_some_and(|at| now < at.plus_seconds(FRESH_SECONDS))
}

/// Makes sure that the factor is fresh: it is, or a code is given, which makes it so.
pub(crate) fn fresh(work: &mut Work<'_>, session: &Found, code: &str) -> Result<Result<(), Refusal>, Error> {
    let now = work.parts.clock.now();
    let Some(mut row) = store::sessions::by_digest(work.tx, work.scope.sealer, &session.digest)? else {
        return refuse(Code::Unauthenticated, "the session has ended; sign in again");
    };
    let proven = row.factor.as_ref().map(|(_, at)| *at);
    if proven.is_some_and(|at| now < at.plus_seconds(FRESH_SECONDS)) {
        return Ok(Ok(()));
    }
    if code.trim().is_empty() {
        let detail = "this needs a code of your authenticator app, because the last one was some minutes ago";
        return Ok(Err(Refusal::new(Code::FactorNeeded, detail)));
    }
    let factor = match check_code(work, session.member, Occasion::StepUp, code)? {
        Ok(factor) => factor,
        Err(refusal) => return Ok(Err(refusal)),
    };
    row.factor = Some((factor.name().to_owned(), now));
    store::sessions::put(work.tx, work.scope.sealer, &row)?;
    Ok(Ok(()))
}

/// What a code is asked for. Counted apart, so that whoever learned a password cannot bring waits upon a member who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// Somebody comes in.
    SignIn,
    /// Somebody who is in does something that matters.
    StepUp,
}

impl Occasion {
    fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign in",
            Self::StepUp => "step up",
        }
    }
}

/// Checks a code of the app or a recovery code, and uses it up. A wrong one is counted and told, so the refusal is a value: the
/// transaction has to be committed with it.
pub(crate) fn check_code(
    work: &mut Work<'_>,
    member: MemberId,
    occasion: Occasion,
    code: &str,
) -> Result<Result<Factor, Refusal>, Error> {
    let subject = Subject::account(work.parts, format!("{} {member}", occasion.name()).as_bytes());
    let tried = match throttle::attempt(work.parts, work.tx, &[subject])? {
        Ok(tried) => tried,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let app = store::credentials::authenticator(work.tx, work.scope, member)?;
    let Some(app) = app.filter(|app| app.confirmed_at.is_some()) else {
        return Ok(Err(wrong()));
    };
    let factor = if recovery::looks_like_one(code) {
        recovered(work, member, code)?.then_some(Factor::RecoveryCode)
    } else {
        used(work, member, &app, code)?.then_some(Factor::Totp)
    };
    match factor {
        Some(factor) => {
            throttle::proven(work.tx, &tried)?;
            Ok(Ok(factor))
        }
        None => {
            work.event("factor.refused", member, &json!({}))?;
            Ok(Err(wrong()))
        }
    }
}

fn wrong() -> Refusal {
    let detail = "the code does not count: it is wrong, too old, or was used before; wait for the next one";
    Refusal::new(Code::CodeWrong, detail)
}

fn used(work: &mut Work<'_>, member: MemberId, app: &Authenticator, code: &str) -> Result<bool, Error> {
    let place = crate::enrol::place(work.ctx.organization, member);
    let secret = Secret::new(work.parts.keyring.0.open(&place, &app.sealed)?);
    let Some(step) = totp::accepted(&secret, code, work.parts.clock.now(), app.last_step) else {
        return Ok(false);
    };
    let app = Authenticator {
        last_step: Some(step),
        ..app.clone()
    };
    store::credentials::put_authenticator(work.tx, work.scope, member, &app)?;
    Ok(true)
}

fn recovered(work: &mut Work<'_>, member: MemberId, code: &str) -> Result<bool, Error> {
    let Some(digest) = recovery::digest(work.parts.keyring.0.recovery_key(), member, code) else {
        return Ok(false);
    };
    let codes = store::credentials::codes(work.tx, work.scope, member)?;
    let Some(mut found) = codes
        .iter()
        .find(|code| code.used_at.is_none() && code.digest == digest)
        .cloned()
    else {
        return Ok(false);
    };
    found.used_at = Some(work.parts.clock.now());
    store::credentials::put_code(work.tx, work.scope, member, &found)?;
    let left = codes
        .iter()
        .filter(|code| code.used_at.is_none())
        .count()
        .saturating_sub(1);
    let left = i64::try_from(left).unwrap_or(i64::MAX);
    work.event("recovery_code.used", member, &json!({"left": left}))?;
    Ok(true)
}
