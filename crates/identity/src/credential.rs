//! What members prove themselves with: something they know, something they have, and codes for when that is lost.

pub mod password;
pub mod recovery;
pub mod totp;

/// What proved a member at sign-in or before a sensitive act, besides the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    /// A code of an authenticator app.
    Totp,
    /// A one-time recovery code.
    RecoveryCode,
}

impl Factor {
    /// Every factor.
    pub const ALL: [Self; 2] = [Self::Totp, Self::RecoveryCode];

    /// Stable name, as rows and events hold it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// Back from its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.name() == name)
    }
}
