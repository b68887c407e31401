//! Sessions of the console: begun by signing in or through a link that works once, held in a cookie, ended by signing out.
//!
//! The cookie holds a secret of 256 bits; the database knows only its hash. Nothing else is kept in the browser.

use super::doors;
use super::failure::Failure;
use super::guard;
use super::needs::{self, Need};
use crate::state::EdgeState;
use crate::ui::shell::{Frame, Section};
use aws_lc_rs::hmac;
use axum::Form;
use axum::extract::{FromRequestParts, MatchedPath, Path, State};
use axum::http::header::{COOKIE, HeaderMap, ORIGIN, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use flow::console::SESSION_SECONDS;
use flow::rights::Action;
use flow::sessions::{Found, Standing};
use maud::Markup;
use serde::Deserialize;
use vocab::context::Ctx;
use vocab::secret::Secret;

/// `__Host-`: the browser takes it only over TLS, for this host alone, and no other server of the machine's name can set it.
const COOKIE_NAME: &str = "__Host-countersign";
/// Letters of the secrets that `flow` makes.
const SECRET_LETTERS: usize = 64;
/// Sent when a page fetches itself again because something changed: nobody did anything, so the session is no younger for it.
const LIVE: HeaderName = HeaderName::from_static("countersign-live");
/// Where a browser says on which site a request was begun.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Who is in: what a handler of a page asks for. It is there only when the session may see the page.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// Whose rows the page may read.
    pub(super) ctx: Ctx,
    /// What stands around the page.
    pub(super) frame: Frame,
    /// The member who is signed in; none behind a link from the command line.
    pub(super) member: Option<Found>,
}

/// A session of a member: what a handler asks for whose page is about whoever looks at it.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    /// Their session.
    pub(super) member: Found,
    /// What stands around the page.
    pub(super) frame: Frame,
}

impl FromRequestParts<EdgeState> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &EdgeState) -> Result<Self, Failure> {
        let session = Session::from_request_parts(parts, state).await?;
        Ok(Self {
            member: session.member.ok_or(Failure::MembersOnly)?,
            frame: session.frame,
        })
    }
}

impl FromRequestParts<EdgeState> for Session {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &EdgeState) -> Result<Self, Failure> {
        let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        let need = route
            .and_then(|route| needs::of(parts.method.as_str(), route))
            .ok_or(flow::Error::Bug("a route of the console that asks for nothing"))?;
        let secret = presented(&parts.headers).ok_or(Failure::NoSession)?;
        // The feed of a page comes back by itself as well.
        let by_hand = need != Need::Open && !parts.headers.contains_key(LIVE);
        match flow::sessions::find(state.platform(), secret, by_hand).await? {
            Some(found) => of_member(state, secret, found, need).await,
            None => of_link(parts, state, secret, need).await,
        }
    }
}

/// A member's session, if it has proven enough and the member may.
async fn of_member(state: &EdgeState, secret: &str, found: Found, need: Need) -> Result<Session, Failure> {
    match (need, found.standing) {
        (Need::HalfOpen, Standing::Open) => return Err(Failure::OpenAlready),
        (Need::HalfOpen | Need::Anyone, _) | (Need::Member | Need::Open, Standing::Open) => {}
        (Need::May(action), Standing::Open) => flow::rights::permit(state.platform(), found.ctx, action).await?,
        (Need::Member | Need::Open | Need::May(_), Standing::HalfOpen | Standing::Ended) => {
            return Err(Failure::HalfOpen);
        }
        (Need::Nobody, _) => return Err(flow::Error::Bug("a session where nobody needs one").into()),
    }
    let sections = [
        (Section::Approvals, Action::ApprovePayment),
        (Section::Home, Action::ReadPayments),
        (Section::Payments, Action::ReadPayments),
        (Section::Batches, Action::ReadPayments),
        (Section::Ledger, Action::ReadPayments),
        (Section::Statements, Action::ReadPayments),
        (Section::Exceptions, Action::ReadPayments),
        (Section::Accounts, Action::ReadPayments),
        (Section::Log, Action::ReadLog),
        (Section::Backups, Action::ReadBackups),
        (Section::Members, Action::ReadMembers),
        (Section::Access, Action::ReadAccess),
    ];
    let open = sections.into_iter().filter(|(_, action)| found.may(*action));
    let sections = open.map(|(section, _)| section).chain([Section::Profile]).collect();
    let mut frame = frame(state, found.ctx, secret).await?;
    frame.sections = sections;
    frame.member = Some(found.name.clone());
    Ok(Session {
        ctx: found.ctx,
        frame,
        member: Some(found),
    })
}

/// A session behind a link from the command line: on this machine, and for reading.
async fn of_link(parts: &Parts, state: &EdgeState, secret: &str, need: Need) -> Result<Session, Failure> {
    let ctx = flow::console::session(state.platform(), secret)
        .await?
        .ok_or(Failure::NoSession)?;
    if !guard::is_local(&parts.extensions) {
        return Err(Failure::Elsewhere);
    }
    if !needs::opens_by_link(need) {
        return Err(Failure::MembersOnly);
    }
    Ok(Session {
        ctx,
        frame: frame(state, ctx, secret).await?,
        member: None,
    })
}

async fn frame(state: &EdgeState, ctx: Ctx, secret: &str) -> Result<Frame, Failure> {
    let organizations = flow::setup::organizations(state.platform()).await?;
    let organization = organizations.into_iter().find(|(id, _)| *id == ctx.organization);
    Ok(Frame {
        organization: organization.map(|(_, name)| name).unwrap_or_default(),
        world: ctx.world,
        now: ctx.now,
        form_token: form_token(secret),
        sections: Section::READING.to_vec(),
        member: None,
    })
}

/// `GET /s/{link}`: a button, and nothing read or written.
pub(super) async fn offer(_: Local, Path(link): Path<String>) -> Response {
    if is_secret(&link) {
        doors::offer(&link).into_response()
    } else {
        gone()
    }
}

/// `POST /s/{link}`: uses the link up and begins a session.
pub(super) async fn open(
    _: Local,
    _: OwnForm,
    State(state): State<EdgeState>,
    Path(link): Path<String>,
) -> Result<Response, Failure> {
    if !is_secret(&link) {
        return Ok(gone());
    }
    let Some(secret) = flow::console::open(state.platform(), &link).await? else {
        return Ok(gone());
    };
    Ok(([(SET_COOKIE, cookie(&secret))], Redirect::to("/")).into_response())
}

/// The cookie that holds the secret of a session. How long the session lasts is known to the server alone.
pub(super) fn cookie(secret: &str) -> String {
    format!("{COOKIE_NAME}={secret}; Path=/; Max-Age={SESSION_SECONDS}; Secure; HttpOnly; SameSite=Lax")
}

/// The cookie that takes it away again.
pub(super) fn no_cookie() -> String {
    format!("{COOKIE_NAME}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
}

/// Says that a request comes from this machine.
#[derive(Debug)]
pub(super) struct Local;

impl<S: Sync> FromRequestParts<S> for Local {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        guard::is_local(&parts.extensions)
            .then_some(Self)
            .ok_or(Failure::Elsewhere)
    }
}

/// What the sign-out form sends.
#[derive(Debug, Deserialize)]
pub(super) struct SignOut {
    token: String,
}

/// `POST /console/sign-out`: ends the session.
pub(super) async fn sign_out(
    _: OwnForm,
    session: Session,
    State(state): State<EdgeState>,
    headers: HeaderMap,
    Form(form): Form<SignOut>,
) -> Result<Response, Failure> {
    let shown = Secret::new(session.frame.form_token.into_bytes());
    if shown != Secret::new(form.token.into_bytes()) {
        return Err(Failure::ForeignForm);
    }
    match (&session.member, presented(&headers)) {
        (Some(member), _) => flow::sign_in::out(state.platform(), member).await?,
        (None, Some(secret)) => flow::console::close(state.platform(), secret).await?,
        (None, None) => {}
    }
    Ok(([(SET_COOKIE, no_cookie())], Redirect::to("/console/signed-out")).into_response())
}

/// `GET /console/signed-out`
pub(super) async fn signed_out() -> Markup {
    doors::signed_out()
}

/// Says that a form was sent from a page of this very server.
#[derive(Debug)]
pub(super) struct OwnForm;

impl<S: Sync> FromRequestParts<S> for OwnForm {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let authority = guard::authority(&parts.uri, &parts.headers);
        let own = authority.is_some_and(|authority| is_own(&parts.headers, &format!("https://{authority}")));
        own.then_some(Self).ok_or(Failure::ForeignForm)
    }
}

/// Every browser of today says where a request was begun; an older one at least names the origin of the form.
fn is_own(headers: &HeaderMap, origin: &str) -> bool {
    match (headers.get(SEC_FETCH_SITE), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(from)) => from.as_bytes().eq_ignore_ascii_case(origin.as_bytes()),
        (None, None) => false,
    }
}

/// Whether the session of a request still lasts, for answers that take longer than a moment.
pub(super) async fn lasts(state: &EdgeState, headers: &HeaderMap) -> bool {
    match presented(headers) {
        Some(secret) => {
            let member = flow::sessions::find(state.platform(), secret, false).await;
            if member.is_ok_and(|found| found.is_some()) {
                return true;
            }
            let link = flow::console::session(state.platform(), secret).await;
            link.is_ok_and(|ctx| ctx.is_some())
        }
        None => false,
    }
}

fn gone() -> Response {
    (StatusCode::GONE, doors::spent()).into_response()
}

/// The secret in our cookie, if it has the form of one.
pub(super) fn presented(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, value)| *name == COOKIE_NAME && is_secret(value))
        .map(|(_, value)| value)
}

pub(super) fn is_secret(text: &str) -> bool {
    text.len() == SECRET_LETTERS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// What a form of this session carries. It tells nothing of the secret it is made from.
pub(super) fn form_token(secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, b"countersign console form")
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn the_secret_is_found_among_other_cookies_and_only_whole() {
        let secret = "0a".repeat(32);
        let cookies = format!("theme=dark; __Host-countersign={secret}; x=y");
        assert_eq!(presented(&headers(&[("cookie", &cookies)])), Some(secret.as_str()));
        for other in [
            "__Host-countersign=",
            "__Host-countersign=0a",
            "countersign=0a",
            "__Host-countersign",
        ] {
            assert_eq!(presented(&headers(&[("cookie", other)])), None, "{other}");
        }
    }

    #[test]
    fn only_a_form_of_this_server_counts() {
        let own = "https://127.0.0.1:8420";
        assert!(is_own(
            &headers(&[("sec-fetch-site", "same-origin"), ("origin", "null")]),
            own
        ));
        assert!(is_own(&headers(&[("origin", own)]), own));
        for foreign in ["cross-site", "same-site", "none"] {
            assert!(
                !is_own(&headers(&[("sec-fetch-site", foreign), ("origin", own)]), own),
                "{foreign}"
            );
        }
        assert!(!is_own(&headers(&[("origin", "https://127.0.0.1:9999")]), own));
        assert!(!is_own(&headers(&[("origin", "null")]), own));
        assert!(!is_own(&headers(&[]), own));
    }

    #[test]
    fn the_token_of_a_form_belongs_to_one_session() {
        assert_ne!(form_token(&"0a".repeat(32)), form_token(&"0b".repeat(32)));
    }
}
