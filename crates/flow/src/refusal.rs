//! Why the answer is no, and what else can go wrong: the closed list of codes that callers see.
//!
//! A refusal is for the caller: it says what to do and never reveals what exists, keys or rows. A fault of the store or a bug is for the
//! operator; the caller only learns that it was not their fault.

use std::fmt;
use store::StoreError;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal, $status:literal, $remedy:literal;)+) => {
        /// Every code of a refusal. The text form is part of the API and never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// All codes, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable text form.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The HTTP status that fits what the caller should do.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// What it means, as a title.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// What to do about it.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)+ }
            }
        }
    };
}

codes! {
    /// The request does not have the form that is asked for
    Malformed = "malformed", 400, "Compare the request with the API reference; `errors` lists every field that is wrong.";
    /// The request is not signed, or the signature does not hold
    Unauthenticated = "unauthenticated", 401, "Sign the request as described under Authentication, with a key that is registered and not revoked.";
    /// The signature was used before
    Replayed = "replayed", 401, "Send each request with a new nonce; to repeat a request, sign it again with the same idempotency key.";
    /// The caller may not do this
    NotPermitted = "not_permitted", 403, "Ask a member with the permission that the detail names.";
    /// There is nothing with this id that the caller may see
    NotFound = "not_found", 404, "Check the id, and that the key belongs to the right organization and world.";
    /// There is no such route or method
    NoSuchRoute = "no_such_route", 404, "Compare path and method with the API reference.";
    /// The idempotency key is missing
    IdempotencyKeyMissing = "idempotency_key_missing", 400, "Send an `Idempotency-Key` header of 1 to 128 characters with every request that changes something.";
    /// The idempotency key was used with other content
    IdempotencyKeyReused = "idempotency_key_reused", 422, "Use a new idempotency key for a new request; keep the key only to repeat the very same request.";
    /// The payment cannot be accepted as it is
    PaymentInvalid = "payment_invalid", 422, "Correct what `errors` lists and submit again.";
    /// The file cannot be accepted as it is
    BatchInvalid = "batch_invalid", 422, "Correct the findings, or submit with `partial=true` to have the good payments accepted.";
    /// The organization has no such account in this currency
    AccountUnknown = "account_unknown", 422, "Use one of the accounts listed by `GET /v1/accounts`, in its own currency.";
    /// No approval policy is in force
    PolicyMissing = "policy_missing", 409, "Set an approval policy first; until then no payment can be accepted.";
    /// The approval policy cannot be read
    PolicyInvalid = "policy_invalid", 422, "Correct the line that the detail names.";
    /// Only members approve
    NotAMember = "not_a_member", 403, "Approve with the key of a person, not of an application.";
    /// The member's approvals do not count
    NotAnApprover = "not_an_approver", 403, "Ask a member who may approve.";
    /// Who made or changed a payment cannot approve it
    SeparationOfDuties = "separation_of_duties", 403, "Ask another member to approve.";
    /// The member has approved already
    AlreadyApproved = "already_approved", 409, "Nothing more to do; another member has to approve if approvals are still missing.";
    /// The second factor is needed again
    FactorNeeded = "factor_needed", 403, "Enter a code of your authenticator app with the form.";
    /// The code does not count
    CodeWrong = "code_wrong", 403, "Wait for the next code of your authenticator app; each counts once. Check the clock of the telephone.";
    /// Too many wrong passwords or codes
    Throttled = "throttled", 429, "Wait as long as the detail says; the wait ends by itself.";
    /// The link was used, is too old, or never was one
    LinkSpent = "link_spent", 410, "Ask whoever gave you the link for another one.";
    /// The address cannot be used
    AddressTaken = "address_taken", 409, "Use another e-mail address.";
    /// The password may not be chosen
    PasswordRefused = "password_refused", 422, "Choose a longer password, or one that nobody would guess.";
    /// The payment is not what was approved
    ContentChanged = "content_changed", 409, "Read the payment again and approve the content hash it has now.";
    /// The payment's state does not allow this
    StateForbids = "state_forbids", 409, "Read the payment again; its state says what is possible now.";
    /// The change is not allowed
    ChangeForbidden = "change_forbidden", 422, "Change only what the detail allows, or cancel the payment and submit a new one.";
    /// Possible only in the test world
    TestWorldOnly = "test_world_only", 403, "Use a key of the test world.";
    /// The exception is resolved already
    AlreadyResolved = "already_resolved", 409, "Nothing more to do.";
    /// The body is larger than allowed
    TooLarge = "too_large", 413, "Split the file; the limit is 16 MiB and 10,000 payments.";
    /// The content type is not one of those accepted here
    ContentType = "content_type", 415, "Send the content type that the API reference names for this route.";
    /// Too much is waiting at the moment
    Busy = "busy", 503, "Try again after the seconds that `Retry-After` names; nothing was stored.";
    /// The database is not reachable
    Unavailable = "unavailable", 503, "Try again later with the same idempotency key.";
    /// Something broke on our side
    Internal = "internal", 500, "Report the request id to the operator; repeating with the same idempotency key is safe.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer or element path.
    pub pointer: String,
    /// Line in an uploaded file, from 1.
    pub line: Option<i64>,
    /// Stable code, as in the guide to payment files.
    pub code: String,
    /// A sentence.
    pub detail: String,
}

/// The answer is no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code.
    pub code: Code,
    /// What was wrong, in a sentence, for the caller.
    pub detail: String,
    /// All fields that are wrong.
    pub errors: Vec<FieldError>,
}

impl Refusal {
    /// A refusal with a sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
        }
    }
}

/// Why an operation did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The world is fine, the answer is no.
    #[error("refused: {}", .0.code)]
    Refused(Refusal),
    /// The store failed, or an invariant of its rows broke.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// A sealed value or a seal does not hold: keys and rows do not belong together.
    #[error("a sealed value could not be used")]
    Keys(#[from] keys::KeyError),
    /// An invariant of the journey broke.
    #[error("bug: {0}")]
    Bug(&'static str),
}

impl Error {
    /// The refusal that a caller sees, whatever happened.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal.clone(),
            Self::Store(StoreError::Full) => Refusal::new(Code::Busy, "too many requests wait at the moment"),
            Self::Store(StoreError::Unavailable { .. } | StoreError::Conflict { .. } | StoreError::Closed) => {
                Refusal::new(Code::Unavailable, "the database does not answer at the moment")
            }
            Self::Store(StoreError::Unique { .. } | StoreError::Corrupt { .. } | StoreError::Bug { .. })
            | Self::Keys(_)
            | Self::Bug(_) => Refusal::new(Code::Internal, "something broke on our side"),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<store::LaneError> for Error {
    fn from(error: store::LaneError) -> Self {
        match error {
            store::LaneError::Full => Self::Store(StoreError::Full),
            store::LaneError::Failed(error) => Self::Store(error),
        }
    }
}

/// Refuses in one word: `return refuse(Code::NotFound, "…")`.
pub(crate) fn refuse<T>(code: Code, detail: impl Into<String>) -> Result<T, Error> {
    Err(Error::Refused(Refusal::new(code, detail)))
}

/// What went wrong, with its causes. Errors hold neither values of rows nor secrets.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_unique_and_has_words() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code} twice");
            assert!(!code.title().is_empty() && code.remedy().ends_with('.'), "{code}");
            assert!((400..=503).contains(&code.status()), "{code}");
        }
    }
}
