//! Accounts and the institutions that keep them: IBAN, BIC, other account numbers.

use std::fmt;
use std::str::FromStr;

/// Why a text is no IBAN, BIC or account number. The text itself is not repeated: it is personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Not of the form of an IBAN at all.
    #[error("not an IBAN: two letters, two digits and up to thirty letters or digits are expected")]
    NotIban,
    /// The check digits (ISO 7064 mod 97-10) do not fit.
    #[error("the IBAN's check digits are wrong; one digit was probably mistyped")]
    IbanCheckDigits,
    /// The country is not in the IBAN registry, or its account numbers look different.
    #[error("the IBAN's country does not exist in the registry or its length or structure is different")]
    IbanStructure,
    /// Not a BIC of ISO 9362.
    #[error("not a BIC: four letters or digits, a country, and four or seven more are expected")]
    NotBic,
    /// Not an account number banks accept in messages.
    #[error("not an account number: 1 to 34 letters, digits and the characters /-?:().,'+ and space are expected")]
    NotNumber,
}

/// A valid IBAN (ISO 13616), without spaces, upper case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iban(String);

impl Iban {
    /// Without spaces, as in messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// ISO 3166 code of the country.
    pub fn country(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }

    /// In groups of four, for people.
    pub fn grouped(&self) -> String {
        let mut text = String::with_capacity(42);
        for (place, letter) in self.0.chars().enumerate() {
            if place > 0 && place.checked_rem(4) == Some(0) {
                text.push(' ');
            }
            text.push(letter);
        }
        text
    }
}

impl FromStr for Iban {
    type Err = AccountError;

    /// Accepts the electronic form and the one printed in groups of four.
    fn from_str(text: &str) -> Result<Self, AccountError> {
        use iban::{Iban as Registry, IbanLike, ParseBaseIbanError, ParseIbanError};
        match text.parse::<Registry>() {
            Ok(iban) => Ok(Self(iban.electronic_str().to_owned())),
            Err(ParseIbanError::UnknownCountry(_) | ParseIbanError::InvalidBban(_)) => Err(AccountError::IbanStructure),
            Err(ParseIbanError::InvalidBaseIban { source }) => match source {
                ParseBaseIbanError::InvalidChecksum => Err(AccountError::IbanCheckDigits),
                ParseBaseIbanError::InvalidFormat => Err(AccountError::NotIban),
            },
        }
    }
}

impl fmt::Debug for Iban {
    /// Masked: an account number is personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask(f, &self.0)
    }
}

/// A business identifier code (ISO 9362), 8 or 11 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bic(String);

impl Bic {
    /// As in messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// ISO 3166 code of the country.
    pub fn country(&self) -> &str {
        self.0.get(4..6).unwrap_or_default()
    }
}

impl FromStr for Bic {
    type Err = AccountError;

    fn from_str(text: &str) -> Result<Self, AccountError> {
        let allowed = text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let country = text
            .get(4..6)
            .is_some_and(|country| country.bytes().all(|byte| byte.is_ascii_uppercase()));
        if allowed && country && matches!(text.len(), 8 | 11) {
            Ok(Self(text.to_owned()))
        } else {
            Err(AccountError::NotBic)
        }
    }
}

/// How a party's account is named in a payment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountNumber {
    /// By IBAN.
    Iban(Iban),
    /// By another number, as outside the IBAN countries: 1 to 34 characters of the Latin set of SWIFT.
    Other(OtherNumber),
}

/// A number that is not an IBAN. Valid by construction.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherNumber(String);

impl AccountNumber {
    /// A number of the other kind.
    pub fn other(text: &str) -> Result<Self, AccountError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"/-?:().,'+ ".contains(&byte);
        let trimmed = text.trim() == text;
        if (1..=34).contains(&text.len()) && trimmed && text.bytes().all(fits) {
            Ok(Self::Other(OtherNumber(text.to_owned())))
        } else {
            Err(AccountError::NotNumber)
        }
    }

    /// The number as in messages.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Iban(iban) => iban.as_str(),
            Self::Other(OtherNumber(number)) => number,
        }
    }

    /// An IBAN if it is one, else another number: for inputs that do not say which.
    pub fn guess(text: &str) -> Result<Self, AccountError> {
        match text.parse() {
            Ok(iban) => Ok(Self::Iban(iban)),
            Err(_) => Self::other(text),
        }
    }

    /// First four and last four characters, for people who need not know it whole.
    pub fn masked(&self) -> String {
        masked(self.as_str())
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask(f, self.as_str())
    }
}

impl fmt::Debug for OtherNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask(f, &self.0)
    }
}

fn mask(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&masked(text))
}

fn masked(text: &str) -> String {
    match (
        text.get(..4),
        text.len().checked_sub(4).and_then(|from| text.get(from..)),
    ) {
        (Some(head), Some(tail)) if text.len() > 8 => format!("{head}…{tail}"),
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_reason_tells_a_typing_error_from_a_wrong_country() {
        assert!("DE89370400440532013000".parse::<Iban>().is_ok());
        assert_eq!(
            "DE89 3704 0044 0532 0130 00".parse::<Iban>().unwrap().as_str(),
            "DE89370400440532013000"
        );
        assert_eq!(
            "DE88370400440532013000".parse::<Iban>(),
            Err(AccountError::IbanCheckDigits)
        );
        assert_eq!("hello".parse::<Iban>(), Err(AccountError::NotIban));
    }

    #[test]
    fn an_account_number_prints_masked() {
        let iban: Iban = "DE89370400440532013000".parse().unwrap();
        assert_eq!(format!("{iban:?}"), "DE89…3000");
    }

    #[test]
    fn a_bic_has_eight_or_eleven_places() {
        assert!("DEUTDEFF".parse::<Bic>().is_ok());
        assert!("DEUTDEFF500".parse::<Bic>().is_ok());
        for text in ["DEUTDEF", "DEUTDEFF5", "deutdeff", "DEUT12FF", "DEUTDÉFF"] {
            assert_eq!(text.parse::<Bic>(), Err(AccountError::NotBic), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = (text.parse::<Iban>(), text.parse::<Bic>(), AccountNumber::other(&text));
        }
    }
}
