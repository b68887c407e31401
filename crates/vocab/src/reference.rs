//! References that travel with a payment and come back on the statement.

use std::fmt;
use std::str::FromStr;

/// Why a text is no reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Empty or longer than 35 characters.
    #[error("a reference has 1 to 35 characters")]
    Length,
    /// A character outside the set that banks pass on unchanged.
    #[error("a reference may hold only letters A-Z a-z, digits, space and / - ? : ( ) . , ' +")]
    Character,
    /// Begins or ends with a slash, or holds two in a row: banks use these as separators.
    #[error("a reference may not begin or end with `/` nor hold `//`")]
    Slash,
    /// Not an ISO 11649 creditor reference.
    #[error("not a creditor reference: `RF`, two check digits and 1 to 21 letters or digits are expected")]
    NotCreditorReference,
    /// The check digits of an ISO 11649 creditor reference do not fit.
    #[error("the creditor reference's check digits are wrong; one character was probably mistyped")]
    CreditorReferenceCheckDigits,
    /// Not a UETR.
    #[error("not a UETR: a version 4 UUID of 36 lower-case characters is expected")]
    NotUetr,
}

/// Whether a character is in the Latin set that every bank passes on unchanged (SWIFT X without line breaks).
pub fn is_bank_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || " /-?:().,'+".contains(character)
}

/// Up to 35 characters that a bank passes on unchanged: end-to-end id, instruction id, message id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(String);

impl Reference {
    /// As in messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let length = text.chars().count();
        if length == 0 || length > 35 {
            return Err(ReferenceError::Length);
        }
        if !text.chars().all(is_bank_character) {
            return Err(ReferenceError::Character);
        }
        if text.starts_with('/') || text.ends_with('/') || text.contains("//") {
            return Err(ReferenceError::Slash);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A structured creditor reference (ISO 11649): `RF`, two check digits, up to 21 characters. Without spaces, upper case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditorReference(String);

impl CreditorReference {
    /// As in messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CreditorReference {
    type Err = ReferenceError;

    /// Accepts the electronic form and the one printed in groups of four.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let compact: String = text
            .chars()
            .filter(|c| *c != ' ')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let form = compact.starts_with("RF")
            && (5..=25).contains(&compact.len())
            && compact.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && compact
                .get(2..4)
                .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let (true, Some(head), Some(tail)) = (form, compact.get(..4), compact.get(4..)) else {
            return Err(ReferenceError::NotCreditorReference);
        };
        // ISO 7064 mod 97-10 over the rest followed by `RF` and the check digits, letters as 10 to 35.
        let mut remainder: u32 = 0;
        for letter in tail.chars().chain(head.chars()) {
            let value = letter.to_digit(36).unwrap_or(0);
            let shift = if value > 9 { 100 } else { 10 };
            remainder = remainder
                .saturating_mul(shift)
                .saturating_add(value)
                .checked_rem(97)
                .unwrap_or(0);
        }
        if remainder == 1 {
            Ok(Self(compact))
        } else {
            Err(ReferenceError::CreditorReferenceCheckDigits)
        }
    }
}

/// A unique end-to-end transaction reference: a version 4 UUID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uetr(String);

impl Uetr {
    /// As in messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Uetr {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let fits = text.len() == 36
            && text.bytes().enumerate().all(|(place, byte)| match place {
                8 | 13 | 18 | 23 => byte == b'-',
                14 => byte == b'4',
                19 => b"89ab".contains(&byte),
                _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            });
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError::NotUetr)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_creditor_reference_is_checked_by_its_digits() {
        assert_eq!(
            "RF18 5390 0754 7034".parse::<CreditorReference>().unwrap().as_str(),
            "RF18539007547034"
        );
        assert_eq!(
            "RF19539007547034".parse::<CreditorReference>(),
            Err(ReferenceError::CreditorReferenceCheckDigits)
        );
        assert_eq!(
            "RF18".parse::<CreditorReference>(),
            Err(ReferenceError::NotCreditorReference)
        );
    }

    #[test]
    fn slashes_that_banks_use_as_separators_are_refused() {
        assert!("INV/2026/1".parse::<Reference>().is_ok());
        for text in ["/A", "A/", "A//B"] {
            assert_eq!(text.parse::<Reference>(), Err(ReferenceError::Slash), "{text}");
        }
        assert_eq!("Käse".parse::<Reference>(), Err(ReferenceError::Character));
        assert_eq!("".parse::<Reference>(), Err(ReferenceError::Length));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = (text.parse::<Reference>(), text.parse::<CreditorReference>(), text.parse::<Uetr>());
        }
    }
}
