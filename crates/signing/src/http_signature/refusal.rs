//! Why a message was not believed. Two texts: all of it for the operator, and less of it for the sender, who must not learn
//! whether a key id exists.

/// Why a signed message was refused. The text of each variant says what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A header that every signed message needs is not there.
    #[error("header `{0}` is missing, send it with the message")]
    MissingHeader(&'static str),
    /// A header that counts once is there several times.
    #[error("header `{0}` appears more than once, send it once")]
    RepeatedHeader(&'static str),
    /// A header is longer than anything sensible.
    #[error("header `{0}` is too long")]
    OversizedHeader(&'static str),
    /// A header is no structured field of the expected type.
    #[error("header `{0}` cannot be read, write it as the structured field that its RFC defines")]
    MalformedHeader(&'static str),
    /// A dictionary header names a member twice.
    #[error("header `{0}` names a member twice, use each label or algorithm once")]
    DuplicateMember(&'static str),
    /// More signatures than any message needs.
    #[error("too many signatures on one message, send at most 3")]
    TooManySignatures,
    /// Signature and Signature-Input do not name the same labels.
    #[error("`signature` and `signature-input` differ in their labels, send each label in both")]
    LabelsDiffer,
    /// None of the signatures is meant for this API.
    #[error("no signature with the tag `countersign-v1`, add the parameter `tag` to yours")]
    NoTaggedSignature,
    /// Several signatures claim to be meant for this API.
    #[error("several signatures with the tag `countersign-v1`, send one")]
    SeveralTaggedSignatures,
    /// A signature parameter outside of the profile, or one with a value of the wrong type.
    #[error("a signature parameter is unknown or of the wrong type, use created, expires, nonce, keyid, tag and alg")]
    UnsupportedParameter,
    /// A signature parameter is there twice.
    #[error("signature parameter `{0}` appears twice")]
    DuplicateParameter(&'static str),
    /// A signature parameter is missing.
    #[error("signature parameter `{0}` is missing")]
    MissingParameter(&'static str),
    /// A signature parameter has a value outside of the profile.
    #[error("signature parameter `{0}` has a value that is not allowed")]
    InvalidParameter(&'static str),
    /// The nonce is too short, too long, or has characters outside of base64 and base64url.
    #[error("the nonce is not acceptable, send 16 random bytes or more in hexadecimal, base64 or base64url")]
    WeakNonce,
    /// `expires` is not after `created`, or too long after it.
    #[error("the signature lives too long or not at all, set `expires` 1 to 300 seconds after `created`")]
    Lifetime,
    /// More covered components than any message needs.
    #[error("too many covered components, cover at most 32")]
    TooManyComponents,
    /// A covered component, or a parameter of one, that the profile does not know.
    #[error(
        "a covered component or its parameter is not supported, cover plain headers and the components of the profile"
    )]
    UnsupportedComponent,
    /// A component is covered twice.
    #[error("a component is covered twice, list each one once")]
    DuplicateComponent,
    /// A covered component is not in the message, or has a value that cannot be signed.
    #[error("a covered component is not in the message or is not plain printable text")]
    UnusableComponent,
    /// A component that the profile asks for is not covered.
    #[error("`{0}` is not covered by the signature, add it to the covered components")]
    NotCovered(&'static str),
    /// Created too far in the future.
    #[error("the signature is from the future, set the clock of the client")]
    FromTheFuture,
    /// No longer valid.
    #[error("the signature has expired, sign the request again")]
    Expired,
    /// No key of this id, or none that may be used. For the caller, who looks keys up.
    #[error("no usable key has the key id of the signature")]
    UnknownKey,
    /// `alg` names another algorithm than the key's.
    #[error("`alg` is not the algorithm of the registered key")]
    AlgorithmMismatch,
    /// The signature does not verify.
    #[error("the signature does not verify, check key id, key and the signature base")]
    BadSignature,
    /// No digest of an algorithm that counts.
    #[error("`content-digest` holds neither sha-256 nor sha-512, send one of them")]
    ContentDigestUnknown,
    /// The body is not the one whose digest was signed.
    #[error("`content-digest` is not the digest of the received body")]
    ContentDigestMismatch,
    /// The library could not make a signature.
    #[error("the signature could not be made")]
    SigningFailed,
}

impl Refusal {
    /// A stable name for logs and counters. May tell a key id that exists from one that does not: never show it to the
    /// sender.
    pub fn code(self) -> &'static str {
        match self {
            Self::MissingHeader(_) => "missing_header",
            Self::RepeatedHeader(_) => "repeated_header",
            Self::OversizedHeader(_) => "oversized_header",
            Self::MalformedHeader(_) => "malformed_header",
            Self::DuplicateMember(_) => "duplicate_member",
            Self::TooManySignatures => "too_many_signatures",
            Self::LabelsDiffer => "labels_differ",
            Self::NoTaggedSignature => "no_tagged_signature",
            Self::SeveralTaggedSignatures => "several_tagged_signatures",
            Self::UnsupportedParameter => "unsupported_parameter",
            Self::DuplicateParameter(_) => "duplicate_parameter",
            Self::MissingParameter(_) => "missing_parameter",
            Self::InvalidParameter(_) => "invalid_parameter",
            Self::WeakNonce => "weak_nonce",
            Self::Lifetime => "lifetime",
            Self::TooManyComponents => "too_many_components",
            Self::UnsupportedComponent => "unsupported_component",
            Self::DuplicateComponent => "duplicate_component",
            Self::UnusableComponent => "unusable_component",
            Self::NotCovered(_) => "not_covered",
            Self::FromTheFuture => "from_the_future",
            Self::Expired => "expired",
            Self::UnknownKey => "unknown_key",
            Self::AlgorithmMismatch => "algorithm_mismatch",
            Self::BadSignature => "bad_signature",
            Self::ContentDigestUnknown => "content_digest_unknown",
            Self::ContentDigestMismatch => "content_digest_mismatch",
            Self::SigningFailed => "signing_failed",
        }
    }

    /// What the sender may know. An unknown key, a wrong algorithm and a wrong signature become one and the same refusal,
    /// so that nobody can find out which key ids exist. Everything else depends on the message alone, not on our keys; a
    /// body that does not fit is only found behind a signature that verified.
    // SECURITY: whoever shows a refusal to a sender shows this one.
    pub fn public(self) -> Self {
        let tells_of_a_key = matches!(self, Self::UnknownKey | Self::AlgorithmMismatch);
        if tells_of_a_key { Self::BadSignature } else { self }
    }

    /// The stable name that the sender may see.
    pub fn public_code(self) -> &'static str {
        self.public().code()
    }

    /// The sentence that the sender may see.
    pub fn public_detail(self) -> String {
        self.public().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_and_a_wrong_signature_look_the_same_from_outside() {
        for refusal in [Refusal::UnknownKey, Refusal::AlgorithmMismatch] {
            assert_eq!(refusal.public_code(), Refusal::BadSignature.public_code());
            assert_eq!(refusal.public_detail(), Refusal::BadSignature.public_detail());
            assert_ne!(
                refusal.code(),
                Refusal::BadSignature.code(),
                "the operator sees the difference"
            );
        }
        assert_eq!(Refusal::Expired.public_code(), "expired");
    }

    #[test]
    fn the_texts_name_the_limits_that_are_enforced() {
        use crate::{http_signature::TAG, limits};
        assert!(
            Refusal::TooManySignatures
                .to_string()
                .contains(&limits::SIGNATURES_MAX.to_string())
        );
        assert!(
            Refusal::TooManyComponents
                .to_string()
                .contains(&limits::COMPONENTS_MAX.to_string())
        );
        assert!(
            Refusal::Lifetime
                .to_string()
                .contains(&vocab::limits::SIGNATURE_SECONDS_MAX.to_string())
        );
        assert!(Refusal::NoTaggedSignature.to_string().contains(TAG));
        assert!(Refusal::SeveralTaggedSignatures.to_string().contains(TAG));
    }
}
