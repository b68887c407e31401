//! Signs requests (the client's half) and responses (the server's half).

use super::Refusal;
use super::base::SignatureBase;
use super::component::Component;
use super::input::Parameter;
use super::message::{Message, MessageSignature, RequestParts, ResponseParts, SIGNATURE, SIGNATURE_INPUT};
use super::profile::{self, LABEL, TAG_TEXT};
use crate::key::SigningKey;
use http::HeaderMap;
use sfv::{Integer, StringRef, string_ref};
use std::borrow::Cow;

/// What makes one signature different from the next.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// The id under which the server knows the key.
    pub key_id: &'a str,
    /// Now, in seconds since 1970.
    pub created: i64,
    /// At most 300 s later.
    pub expires: i64,
    /// 16 random bytes or more, never used before, in base64, base64url or hexadecimal.
    pub nonce: &'a str,
}

/// Signs a request. Everything that the profile wants covered is covered if it is there, so the headers have to be complete
/// before: with a body `content-type` and `content-digest` (see [`crate::content_digest::content_digest`]), with an unsafe
/// method `idempotency-key`.
///
/// # Errors
/// The first rule of the profile that the request would break.
pub fn sign_request(
    key: &SigningKey,
    stamp: &Stamp<'_>,
    request: &RequestParts<'_>,
) -> Result<MessageSignature, Refusal> {
    let mut components = plain(&profile::OF_EVERY_REQUEST)?;
    components.extend(present(&profile::OF_REQUEST_IF_PRESENT, request.headers)?);
    let parameters = [
        Parameter::Created(seconds(stamp.created, "created")?),
        Parameter::Expires(seconds(stamp.expires, "expires")?),
        Parameter::Nonce(profile::parameter_text(stamp.nonce, "nonce")?),
        Parameter::KeyId(profile::parameter_text(stamp.key_id, "keyid")?),
        Parameter::Tag(Cow::Borrowed(TAG_TEXT)),
    ];
    profile::check_request(&components, &parameters, request)?;
    sign(key, &components, &parameters, &Message::Request(*request))
}

/// Signs a response to a signed request. `created` is now, in seconds since 1970. The header `content-digest` has to be there
/// already, also for an empty body.
///
/// # Errors
/// The first rule of the profile that the response would break.
pub fn sign_response(
    key: &SigningKey,
    key_id: &str,
    created: i64,
    response: &ResponseParts<'_>,
) -> Result<MessageSignature, Refusal> {
    let label = profile::parameter_text(&response.request.label, "label")?;
    let mut components = plain(&["@status"])?;
    components.extend(present(&profile::OF_RESPONSE_IF_PRESENT, response.headers)?);
    for name in [const { string_ref(SIGNATURE) }, const { string_ref(SIGNATURE_INPUT) }] {
        components.push(Component::member_of_request(name, &label));
    }
    let parameters = [
        Parameter::Created(seconds(created, "created")?),
        Parameter::KeyId(profile::parameter_text(key_id, "keyid")?),
        Parameter::Tag(Cow::Borrowed(TAG_TEXT)),
    ];
    profile::check_response(&components, &parameters, response.headers, response.request)?;
    sign(key, &components, &parameters, &Message::Response(*response))
}

fn sign(
    key: &SigningKey,
    components: &[Component<'_>],
    parameters: &[Parameter<'_>],
    message: &Message<'_>,
) -> Result<MessageSignature, Refusal> {
    let base = SignatureBase::build(components, parameters, message)?;
    let value = key.sign(base.text.as_bytes()).map_err(|_| Refusal::SigningFailed)?;
    Ok(MessageSignature {
        label: LABEL.to_owned(),
        parameters: base.parameters,
        value,
    })
}

fn plain(names: &[&'static str]) -> Result<Vec<Component<'static>>, Refusal> {
    let component = |name: &&'static str| StringRef::from_str(name).map(|name| Component::plain(Cow::Borrowed(name)));
    names
        .iter()
        .map(component)
        .collect::<Result<_, _>>()
        .map_err(|_| Refusal::UnsupportedComponent)
}

fn present(names: &[&'static str], headers: &HeaderMap) -> Result<Vec<Component<'static>>, Refusal> {
    let names: Vec<&'static str> = names
        .iter()
        .copied()
        .filter(|name| headers.contains_key(*name))
        .collect();
    plain(&names)
}

fn seconds(seconds: i64, name: &'static str) -> Result<Integer, Refusal> {
    Integer::try_from(seconds).map_err(|_| Refusal::InvalidParameter(name))
}
