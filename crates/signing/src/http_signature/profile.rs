//! The rules of the profile: what a signature has to cover and to say. Signer and verifier ask the same functions, so that
//! nothing can be signed that would be refused.

use super::Refusal;
use super::component::Component;
use super::input::Parameter;
use super::message::{MessageSignature, RequestParts, SIGNATURE, SIGNATURE_INPUT, single};
use crate::content_digest::CONTENT_DIGEST;
use crate::key::Algorithm;
use crate::limits;
use http::HeaderMap;
use sfv::{StringRef, string_ref};
use std::borrow::Cow;
use vocab::limits::SIGNATURE_SECONDS_MAX;

/// The `tag` of the signatures that this profile speaks about.
pub const TAG: &str = "countersign-v1";
/// The label under which we sign. What others call theirs does not matter.
pub(crate) const LABEL: &str = "sig";
/// A header that every request with an unsafe method carries.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// How the bytes of the body are to be read.
pub(crate) const CONTENT_TYPE: &str = "content-type";

/// What every signature of a request covers.
pub(crate) const OF_EVERY_REQUEST: [&str; 4] = ["@method", "@authority", "@path", "@query"];
/// What a signature of a request covers where it is there, and what may be there once.
pub(crate) const OF_REQUEST_IF_PRESENT: [&str; 5] = [
    "authorization",
    CONTENT_DIGEST,
    "content-encoding",
    CONTENT_TYPE,
    IDEMPOTENCY_KEY,
];
/// The same for a response.
pub(crate) const OF_RESPONSE_IF_PRESENT: [&str; 3] = [CONTENT_DIGEST, "content-encoding", CONTENT_TYPE];

/// What a signature says about itself, after the rules.
#[derive(Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) created: i64,
    pub(crate) expires: i64,
    pub(crate) nonce: &'a str,
    pub(crate) key_id: &'a str,
    pub(crate) algorithm: Option<Algorithm>,
}

/// Holds a request and what its signature covers and says against the profile.
pub(crate) fn check_request<'a>(
    components: &[Component<'_>],
    parameters: &'a [Parameter<'_>],
    request: &RequestParts<'_>,
) -> Result<Terms<'a>, Refusal> {
    check_components(components)?;
    for name in OF_EVERY_REQUEST {
        require(components, name)?;
    }
    cover_present(components, &OF_REQUEST_IF_PRESENT, request.headers)?;
    if !is_safe(request.method) {
        if !request.headers.contains_key(IDEMPOTENCY_KEY) {
            return Err(Refusal::MissingHeader(IDEMPOTENCY_KEY));
        }
        require(components, IDEMPOTENCY_KEY)?;
    }
    let said = Said::read(parameters)?;
    let terms = Terms {
        created: said.created.ok_or(Refusal::MissingParameter("created"))?,
        expires: said.expires.ok_or(Refusal::MissingParameter("expires"))?,
        nonce: said.nonce.ok_or(Refusal::MissingParameter("nonce"))?,
        key_id: said.key_id()?,
        algorithm: said.algorithm()?,
    };
    let lifetime = terms.expires.saturating_sub(terms.created);
    if !(1..=SIGNATURE_SECONDS_MAX).contains(&lifetime) {
        return Err(Refusal::Lifetime);
    }
    check_nonce(terms.nonce)?;
    Ok(terms)
}

/// What the signature of a response says about itself, after the rules.
#[derive(Debug)]
pub(crate) struct AnswerTerms<'a> {
    pub(crate) created: i64,
    pub(crate) key_id: &'a str,
    pub(crate) algorithm: Option<Algorithm>,
}

/// Holds a response and what its signature covers and says against the profile.
pub(crate) fn check_response<'a>(
    components: &[Component<'_>],
    parameters: &'a [Parameter<'_>],
    headers: &HeaderMap,
    request: &MessageSignature,
) -> Result<AnswerTerms<'a>, Refusal> {
    check_components(components)?;
    require(components, "@status")?;
    require(components, CONTENT_DIGEST)?;
    cover_present(components, &OF_RESPONSE_IF_PRESENT, headers)?;
    for name in [SIGNATURE, SIGNATURE_INPUT] {
        let covers = |component: &Component<'_>| {
            let of_label = component
                .member()
                .is_some_and(|member| member.as_str() == request.label);
            component.name.as_str() == name && component.of_request() && of_label
        };
        if !components.iter().any(covers) {
            return Err(Refusal::NotCovered(name));
        }
    }
    let said = Said::read(parameters)?;
    // An answer is bound to its request by the request's signature; a nonce or an end of its own would mean nothing.
    if said.nonce.is_some() || said.expires.is_some() {
        return Err(Refusal::UnsupportedParameter);
    }
    Ok(AnswerTerms {
        created: said.created.ok_or(Refusal::MissingParameter("created"))?,
        key_id: said.key_id()?,
        algorithm: said.algorithm()?,
    })
}

/// GET, HEAD, OPTIONS and TRACE change nothing (RFC 9110 section 9.2.1). A method we do not know is taken to change something.
pub(crate) fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

fn check_components(components: &[Component<'_>]) -> Result<(), Refusal> {
    if components.len() > limits::COMPONENTS_MAX {
        return Err(Refusal::TooManyComponents);
    }
    if components.iter().any(|component| !component.supported) {
        return Err(Refusal::UnsupportedComponent);
    }
    let mut rest = components;
    while let Some((component, others)) = rest.split_first() {
        if others.iter().any(|other| component.is_same_as(other)) {
            return Err(Refusal::DuplicateComponent);
        }
        rest = others;
    }
    Ok(())
}

pub(crate) fn covers(components: &[Component<'_>], name: &str) -> bool {
    components.iter().any(|component| component.is_plain(name))
}

fn require(components: &[Component<'_>], name: &'static str) -> Result<(), Refusal> {
    if covers(components, name) {
        Ok(())
    } else {
        Err(Refusal::NotCovered(name))
    }
}

/// A header that is there and not signed is one that somebody else may have put there.
fn cover_present(components: &[Component<'_>], names: &[&'static str], headers: &HeaderMap) -> Result<(), Refusal> {
    for name in names {
        if single(headers, name, limits::HEADER_BYTES_MAX)?.is_some() {
            require(components, name)?;
        }
    }
    Ok(())
}

/// The parameters by name, each one at most once.
#[derive(Default)]
struct Said<'a> {
    created: Option<i64>,
    expires: Option<i64>,
    nonce: Option<&'a str>,
    key_id: Option<&'a str>,
    algorithm: Option<&'a str>,
    tag: Option<&'a str>,
}

impl<'a> Said<'a> {
    fn read(parameters: &'a [Parameter<'_>]) -> Result<Self, Refusal> {
        let mut said = Self::default();
        for parameter in parameters {
            let new = match parameter {
                Parameter::Created(seconds) => said.created.replace(i64::from(*seconds)).is_none(),
                Parameter::Expires(seconds) => said.expires.replace(i64::from(*seconds)).is_none(),
                Parameter::Nonce(text) => said.nonce.replace(text.as_str()).is_none(),
                Parameter::KeyId(text) => said.key_id.replace(text.as_str()).is_none(),
                Parameter::Algorithm(text) => said.algorithm.replace(text.as_str()).is_none(),
                Parameter::Tag(text) => said.tag.replace(text.as_str()).is_none(),
                Parameter::Unsupported => return Err(Refusal::UnsupportedParameter),
            };
            if !new {
                return Err(Refusal::DuplicateParameter(parameter.name().as_str()));
            }
        }
        match said.tag {
            Some(TAG) => Ok(said),
            Some(_) | None => Err(Refusal::NoTaggedSignature),
        }
    }

    fn key_id(&self) -> Result<&'a str, Refusal> {
        let key_id = self.key_id.ok_or(Refusal::MissingParameter("keyid"))?;
        let fits = (1..=limits::KEY_ID_CHARS_MAX).contains(&key_id.len());
        if fits {
            Ok(key_id)
        } else {
            Err(Refusal::InvalidParameter("keyid"))
        }
    }

    fn algorithm(&self) -> Result<Option<Algorithm>, Refusal> {
        let Some(name) = self.algorithm else {
            return Ok(None);
        };
        Algorithm::from_name(name)
            .map(Some)
            .ok_or(Refusal::InvalidParameter("alg"))
    }
}

/// A nonce is text in base64, base64url or hexadecimal (hyphens allowed) that can hold 128 bits: 22 characters, or 32 if all
/// of them are hexadecimal digits or hyphens, where hyphens hold nothing. Whether the bits are random only the client knows.
fn check_nonce(nonce: &str) -> Result<(), Refusal> {
    let digits = nonce.trim_end_matches('=');
    let known = digits
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'));
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let bits = if hexadecimal {
        digits.bytes().filter(u8::is_ascii_hexdigit).count() * 4
    } else {
        digits.len() * 6
    };
    if known && nonce.len() <= limits::NONCE_CHARS_MAX && bits >= limits::NONCE_BITS_MIN {
        Ok(())
    } else {
        Err(Refusal::WeakNonce)
    }
}

/// A text as the value of a parameter.
pub(crate) fn parameter_text<'a>(text: &'a str, name: &'static str) -> Result<Cow<'a, StringRef>, Refusal> {
    StringRef::from_str(text)
        .map(Cow::Borrowed)
        .map_err(|_| Refusal::InvalidParameter(name))
}

/// Our tag as the value of a parameter.
pub(crate) const TAG_TEXT: &StringRef = string_ref(TAG);
