//! A form that was sent: from our own page, in a session that may send it, with that session's token. A handler that takes [`Sent`] cannot
//! forget any of it.

use super::failure::Failure;
use super::session::{OwnForm, Session};
use crate::state::EdgeState;
use crate::ui::shell::Frame;
use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Request};
use flow::sessions::Found;
use vocab::secret::Secret;

/// The fields of a form.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The value of a field, without spaces around it; empty when it was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(of, _)| of == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The value of a field as it was typed, to be kept from view.
    pub(super) fn secret(&self, name: &str) -> Secret {
        let found = self.0.iter().find(|(of, _)| of == name);
        Secret::new(found.map(|(_, value)| value.clone().into_bytes()).unwrap_or_default())
    }

    /// All values of a field that may be sent several times.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self.0.iter().filter(move |(of, _)| of == name);
        found.map(|(_, value)| value.trim())
    }
}

/// A form without a session: of the ways in.
pub(super) struct Open(pub(super) Fields);

impl FromRequest<EdgeState> for Open {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &EdgeState) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        OwnForm::from_request_parts(&mut parts, state).await?;
        Ok(Self(fields(Request::from_parts(parts, body), state).await?))
    }
}

/// A form of a member.
pub(super) struct Sent {
    /// Their session.
    pub(super) member: Found,
    /// What stands around the answer.
    pub(super) frame: Frame,
    /// What they filled in.
    pub(super) fields: Fields,
}

impl FromRequest<EdgeState> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &EdgeState) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        OwnForm::from_request_parts(&mut parts, state).await?;
        let session = Session::from_request_parts(&mut parts, state).await?;
        let member = session.member.ok_or(Failure::MembersOnly)?;
        let fields = fields(Request::from_parts(parts, body), state).await?;
        let shown = Secret::new(session.frame.form_token.clone().into_bytes());
        if shown != fields.secret("token") {
            return Err(Failure::ForeignForm);
        }
        Ok(Self {
            member,
            frame: session.frame,
            fields,
        })
    }
}

async fn fields(request: Request, state: &EdgeState) -> Result<Fields, Failure> {
    let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
    let Form(pairs) = form.map_err(|_| Failure::Malformed("The form cannot be read.".to_owned()))?;
    Ok(Fields(pairs))
}
