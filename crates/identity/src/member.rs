//! Members: the people of an organization, where they stand, and the address they sign in with.

use std::fmt;
use std::str::FromStr;

/// Where a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberState {
    /// Has an invitation and has not finished it.
    Invited,
    /// Works here.
    Active,
    /// Works here no more: nothing they hold opens anything. What they did stays.
    Deactivated,
}

impl MemberState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Invited, Self::Active, Self::Deactivated];

    /// Stable name, as rows and events hold it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Deactivated => "deactivated",
        }
    }

    /// Back from its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether a member may go from here to there. Nobody comes back from deactivation: who returns is invited anew, as somebody whose
    /// rights are granted anew.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Invited, Self::Active) | (Self::Invited | Self::Active, Self::Deactivated) => true,
            (Self::Invited | Self::Active | Self::Deactivated, Self::Invited)
            | (Self::Active | Self::Deactivated, Self::Active)
            | (Self::Deactivated, Self::Deactivated) => false,
        }
    }
}

/// An e-mail address, as somebody signs in with it: in lower case, so that it is found however it is typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// Not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address has one @ between a name and a domain, and no spaces")]
pub struct EmailError;

/// Characters of an address at most (RFC 5321 section 4.5.3.1.3).
const EMAIL_MAX: usize = 254;

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the @.
    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        let odd = |letter: char| {
            letter.is_whitespace() || letter.is_control() || matches!(letter, '@' | '<' | '>' | '"' | ',')
        };
        let labels_fit = domain.split('.').all(|label| !label.is_empty());
        if local.is_empty() || text.len() > EMAIL_MAX || !labels_fit || local.chars().chain(domain.chars()).any(odd) {
            return Err(EmailError);
        }
        Ok(Self(text))
    }
}

impl fmt::Debug for Email {
    /// Personal data does not print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_comes_back_from_deactivation() {
        for next in MemberState::ALL {
            assert!(!MemberState::Deactivated.may_become(next));
        }
        assert!(MemberState::Invited.may_become(MemberState::Active));
        assert!(MemberState::Active.may_become(MemberState::Deactivated));
        assert!(!MemberState::Active.may_become(MemberState::Invited));
    }

    #[test]
    fn an_address_is_found_however_it_is_typed() {
        let email: Email = " Ada.Lovelace@Example.COM ".parse().unwrap();
        assert_eq!(
            (email.as_str(), email.local_part()),
            ("ada.lovelace@example.com", "ada.lovelace")
        );
        assert_eq!(format!("{email:?}"), "Email(…)");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "a@b@c",
            "ada@example..com",
            "<ada@example.com>",
        ] {
            assert_eq!(text.parse::<Email>(), Err(EmailError), "{text}");
        }
        assert!(format!("{}@example.com", "a".repeat(250)).parse::<Email>().is_err());
    }
}
