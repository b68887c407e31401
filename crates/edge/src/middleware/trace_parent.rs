//! The `traceparent` header (W3C Trace Context): the id under which the caller's own systems know the request. It goes to the
//! logs beside ours and is never trusted for anything else.

use axum::http::HeaderMap;
use std::fmt;

/// The id of a trace: 32 lower-case hexadecimal digits, not all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceId([u8; 32]);

impl TraceId {
    /// The trace that a request belongs to, if it says so in the form of the standard. Anything else is ignored, as the standard
    /// asks.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        Self::parse(headers.get("traceparent")?.as_bytes())
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let mut parts = text.split(|byte| *byte == b'-');
        let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let hexadecimal = |part: &[u8], length: usize| {
            part.len() == length
                && part
                    .iter()
                    .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte))
        };
        let zero = |part: &[u8]| part.iter().all(|byte| *byte == b'0');
        let form = hexadecimal(version, 2)
            && hexadecimal(trace, 32)
            && hexadecimal(parent, 16)
            && hexadecimal(flags, 2)
            && version != b"ff"
            // Version 00 has four parts; later ones may have more.
            && (version != b"00" || parts.next().is_none());
        if !form || zero(trace) || zero(parent) {
            return None;
        }
        trace.try_into().ok().map(Self)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_read() {
        let example = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(
            TraceId::parse(example).unwrap().to_string(),
            "4bf92f3577b34da6a3ce929d0e0e4736"
        );
    }

    #[test]
    fn what_has_another_form_is_ignored() {
        for text in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        ] {
            assert_eq!(TraceId::parse(text.as_bytes()), None, "{text}");
        }
    }
}
