//! Content-Digest (RFC 9530): the fingerprint of a body that a signature can cover.
//!
//! Checked over the exact received bytes, before anything parses them. SHA-256 and SHA-512 count; the broken and unknown
//! algorithms of the registry are read over, but a header that holds nothing else proves nothing and is refused.

use crate::http_signature::Refusal;
use aws_lc_rs::digest::{self, SHA256, SHA512};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sfv::visitor::{DictionaryVisitor, EntryVisitor, Ignored, InnerListVisitor, ItemVisitor, ParameterVisitor};
use sfv::{BareItemFromInput, KeyRef, Parser};

/// Name of the header.
pub const CONTENT_DIGEST: &str = "content-digest";

/// The value of the Content-Digest header for `body`, with SHA-256.
pub fn content_digest(body: &[u8]) -> String {
    let hash = digest::digest(&SHA256, body);
    format!("sha-256=:{}:", STANDARD.encode(hash))
}

/// What a Content-Digest header claims about the body.
// INVARIANT: at least one of the two is there, otherwise `parse` had refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentDigest {
    sha256: Option<[u8; 32]>,
    sha512: Option<[u8; 64]>,
}

impl ContentDigest {
    /// Reads a header value.
    ///
    /// # Errors
    /// When it is no dictionary of byte sequences, names an algorithm twice, holds a digest of the wrong length, or holds
    /// neither SHA-256 nor SHA-512.
    pub fn parse(header: &str) -> Result<Self, Refusal> {
        let mut found = Found::default();
        let parsed = Parser::new(header).parse_dictionary_with_visitor(DigestReader { found: &mut found });
        if let Some(refusal) = found.refusal {
            return Err(refusal);
        }
        parsed.map_err(|_| Refusal::MalformedHeader(CONTENT_DIGEST))?;
        if found.sha256.is_none() && found.sha512.is_none() {
            return Err(Refusal::ContentDigestUnknown);
        }
        Ok(Self {
            sha256: found.sha256,
            sha512: found.sha512,
        })
    }

    /// Whether every digest that counts is the one of `body`.
    pub fn matches(&self, body: &[u8]) -> bool {
        // Two hashes over one body is the most a sender can make us compute, however many members the header has.
        let sha256 = self
            .sha256
            .is_none_or(|claimed| digest::digest(&SHA256, body).as_ref() == claimed);
        sha256
            && self
                .sha512
                .is_none_or(|claimed| digest::digest(&SHA512, body).as_ref() == claimed)
    }
}

#[derive(Default)]
struct Found<'a> {
    names: Vec<&'a KeyRef>,
    sha256: Option<[u8; 32]>,
    sha512: Option<[u8; 64]>,
    refusal: Option<Refusal>,
}

impl Found<'_> {
    fn refuse(&mut self, refusal: Refusal) -> Refusal {
        self.refusal = Some(refusal);
        refusal
    }
}

struct DigestReader<'f, 'a> {
    found: &'f mut Found<'a>,
}

impl<'a> DictionaryVisitor<'a> for DigestReader<'_, 'a> {
    type Out = ();
    type Error = Refusal;

    fn entry(&mut self, name: &'a KeyRef) -> Result<impl EntryVisitor<'a>, Refusal> {
        // The dictionary rule "the last one counts" would let two readers disagree on which digest was checked.
        if self.found.names.contains(&name) {
            return Err(self.found.refuse(Refusal::DuplicateMember(CONTENT_DIGEST)));
        }
        self.found.names.push(name);
        Ok(MemberReader {
            name,
            found: &mut *self.found,
        })
    }

    fn finish(self) -> Result<(), Refusal> {
        Ok(())
    }
}

struct MemberReader<'f, 'a> {
    name: &'a KeyRef,
    found: &'f mut Found<'a>,
}

impl<'a> EntryVisitor<'a> for MemberReader<'_, 'a> {
    type Error = Refusal;

    fn item(self) -> Result<impl ItemVisitor<'a>, Refusal> {
        Ok(self)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'a>, Refusal> {
        Err::<Ignored, _>(self.found.refuse(Refusal::MalformedHeader(CONTENT_DIGEST)))
    }
}

impl<'a> ItemVisitor<'a> for MemberReader<'_, 'a> {
    type Out = ();
    type Error = Refusal;

    fn bare_item(self, item: BareItemFromInput<'a>) -> Result<impl ParameterVisitor<'a, Out = ()>, Refusal> {
        let malformed = Refusal::MalformedHeader(CONTENT_DIGEST);
        let BareItemFromInput::ByteSequence(bytes) = item else {
            return Err(self.found.refuse(malformed));
        };
        match self.name.as_str() {
            "sha-256" => match bytes.try_into() {
                Ok(hash) => self.found.sha256 = Some(hash),
                Err(_) => return Err(self.found.refuse(malformed)),
            },
            "sha-512" => match bytes.try_into() {
                Ok(hash) => self.found.sha512 = Some(hash),
                Err(_) => return Err(self.found.refuse(malformed)),
            },
            _ => {}
        }
        Ok(Ignored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9530 appendix B: the resource of the examples, with its final line feed.
    const HELLO: &[u8] = b"{\"hello\": \"world\"}\n";

    fn matches(header: &str, body: &[u8]) -> bool {
        ContentDigest::parse(header).unwrap().matches(body)
    }

    #[test]
    fn examples_of_rfc_9530_match() {
        assert_eq!(
            content_digest(HELLO),
            "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
        );
        assert_eq!(
            content_digest(b""),
            "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
        );
        assert!(matches("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:", HELLO));
        assert!(matches(
            "sha-256=:jjcgBDWNAtbYUXI37CVG3gRuGOAjaaDRGpIUFsdyepQ=:",
            &HELLO[10..]
        ));
        let sha512 =
            "sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==:";
        assert!(matches(sha512, HELLO));
        let both = format!("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:,{sha512}");
        assert!(matches(&both, HELLO));
    }

    #[test]
    fn one_wrong_digest_among_right_ones_does_not_match() {
        let wrong = format!("{}, sha-512=:{}:", content_digest(HELLO), STANDARD.encode([7; 64]));
        assert!(!matches(&wrong, HELLO));
        assert!(!matches(&content_digest(HELLO), b"{\"hello\": \"world\"}"));
    }

    #[test]
    fn unknown_algorithms_are_read_over_but_do_not_suffice() {
        assert!(matches(&format!("md5=:AAAA:, {}", content_digest(HELLO)), HELLO));
        assert_eq!(ContentDigest::parse("md5=:AAAA:"), Err(Refusal::ContentDigestUnknown));
        assert_eq!(ContentDigest::parse(""), Err(Refusal::ContentDigestUnknown));
    }

    #[test]
    fn an_ambiguous_or_malformed_header_is_refused() {
        let twice = format!("{}, {}", content_digest(b"a"), content_digest(b"b"));
        assert_eq!(
            ContentDigest::parse(&twice),
            Err(Refusal::DuplicateMember(CONTENT_DIGEST))
        );
        for header in [
            "sha-256=:AAAA:",
            "sha-256=\"text\"",
            "sha-256=(:AAAA:)",
            "sha-256",
            "sha-256=:AAAA",
            "SHA-256=:AAAA:",
        ] {
            assert_eq!(
                ContentDigest::parse(header),
                Err(Refusal::MalformedHeader(CONTENT_DIGEST)),
                "{header}"
            );
        }
    }
}
