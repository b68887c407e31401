//! Parties: who pays and who is paid, with the address form that banks accept since November 2026.

use crate::limits;
use std::fmt;

/// A debtor or creditor as named in a payment. Personal data: `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Party {
    /// 1 to 140 characters.
    pub name: String,
    /// Where they are; optional for most payments.
    pub address: Option<PostalAddress>,
}

impl Party {
    /// A party with a name only.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            address: None,
        }
    }
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Party(…)")
    }
}

/// A postal address, structured, or hybrid: structured town and country with up to two free lines.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PostalAddress {
    /// `StrtNm`
    pub street: Option<String>,
    /// `BldgNb`
    pub building: Option<String>,
    /// `PstCd`
    pub post_code: Option<String>,
    /// `TwnNm`
    pub town: Option<String>,
    /// `CtrySubDvsn`
    pub subdivision: Option<String>,
    /// `Ctry`, ISO 3166 alpha-2.
    pub country: Option<String>,
    /// `AdrLine`, free text.
    pub lines: Vec<String>,
}

/// Which of the three forms of ISO 20022 an address has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressForm {
    /// Every part in its own element, town and country among them.
    Structured,
    /// Town and country in their own elements, the rest in at most two lines.
    Hybrid,
    /// Free lines only: refused by banks since November 2026.
    Unstructured,
    /// Town or country is missing.
    Incomplete,
}

impl PostalAddress {
    /// The form it has.
    pub fn form(&self) -> AddressForm {
        let located = self.town.is_some() && self.country.is_some();
        match (located, self.lines.len()) {
            (true, 0) => AddressForm::Structured,
            (true, lines) if lines <= limits::HYBRID_ADDRESS_LINES => AddressForm::Hybrid,
            (true | false, lines) if lines > 0 => AddressForm::Unstructured,
            (true | false, _) => AddressForm::Incomplete,
        }
    }
}

impl fmt::Debug for PostalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostalAddress(…)")
    }
}
