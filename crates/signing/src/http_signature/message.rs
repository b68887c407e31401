//! The messages that are signed, as far as a signature sees them, and the signature itself as it travels.

use super::Refusal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use std::fmt;

/// Name of the header with the signatures.
pub(crate) const SIGNATURE: &str = "signature";
/// Name of the header with what each signature covers.
pub(crate) const SIGNATURE_INPUT: &str = "signature-input";

/// A request as a signature sees it. The body is not here: its digest is among the headers.
#[derive(Clone, Copy)]
pub struct RequestParts<'a> {
    /// Upper case, as sent.
    pub method: &'a str,
    /// The `Host` header of HTTP/1.1 or the `:authority` of HTTP/2, with the port if there is one.
    // SECURITY: a signature proves which server the client meant. That this server is meant the caller checks, against the
    // names it is known under: a request on its way to another one (the sandbox, say) would verify here just as well.
    pub authority: &'a str,
    /// As sent, percent-encoding untouched; it starts with a slash.
    pub path: &'a str,
    /// As sent, without the question mark.
    pub query: Option<&'a str>,
    /// All headers, repeated ones repeated.
    pub headers: &'a HeaderMap,
}

impl fmt::Debug for RequestParts<'_> {
    /// Without headers and query: they hold credentials and personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestParts({} {} …)", self.method, self.path)
    }
}

/// A response as a signature sees it.
#[derive(Clone, Copy)]
pub struct ResponseParts<'a> {
    /// The status code.
    pub status: u16,
    /// All headers; `content-digest` among them, also for an empty body.
    pub headers: &'a HeaderMap,
    /// The signature of the request that this answers: from [`super::Verified::signature`] on the server, from
    /// [`super::sign_request`] on the client.
    pub request: &'a MessageSignature,
}

impl fmt::Debug for ResponseParts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResponseParts({} …)", self.status)
    }
}

/// What a component's value is taken from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Message<'a> {
    Request(RequestParts<'a>),
    Response(ResponseParts<'a>),
}

/// One signature: what stands behind one label in Signature-Input and Signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageSignature {
    pub(crate) label: String,
    /// The covered components and parameters, as strictly serialized as in the last line of the signature base.
    pub(crate) parameters: String,
    pub(crate) value: Vec<u8>,
}

impl MessageSignature {
    /// The value of the Signature-Input header.
    pub fn signature_input(&self) -> String {
        format!("{}={}", self.label, self.parameters)
    }

    /// The value of the Signature header.
    pub fn signature(&self) -> String {
        format!("{}={}", self.label, self.value_text())
    }

    /// Sets both headers, in place of any that are there.
    ///
    /// # Errors
    /// Never for a signature made here; the header type does not know that it is plain ASCII.
    pub fn insert_into(&self, headers: &mut HeaderMap) -> Result<(), Refusal> {
        let refuse = |_| Refusal::SigningFailed;
        let input = HeaderValue::try_from(self.signature_input()).map_err(refuse)?;
        let value = HeaderValue::try_from(self.signature()).map_err(refuse)?;
        headers.insert(SIGNATURE_INPUT, input);
        headers.insert(SIGNATURE, value);
        Ok(())
    }

    /// The value as a structured field byte sequence.
    pub(crate) fn value_text(&self) -> String {
        format!(":{}:", STANDARD.encode(&self.value))
    }
}

/// A header that may appear once.
///
/// Two lines of it could be read as the first by one reader and as the last by the next (RFC 9421 section 7.5.6).
pub(crate) fn single<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
    bytes_max: usize,
) -> Result<Option<&'a str>, Refusal> {
    let mut lines = headers.get_all(name).iter();
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    if lines.next().is_some() {
        return Err(Refusal::RepeatedHeader(name));
    }
    if line.len() > bytes_max {
        return Err(Refusal::OversizedHeader(name));
    }
    line.to_str().map(Some).map_err(|_| Refusal::MalformedHeader(name))
}
