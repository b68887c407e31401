//! Counts and sums that a file declares about itself, and what they really are.
//!
//! A control sum adds amounts whatever their currency, so this is arithmetic on plain decimals: exact, in 128 bits, with as many
//! decimal places as the schema allows.

use super::report::GroupPlace;
use crate::xml::Element;

/// Decimal places of a control sum in the schema.
const PLACES: usize = 17;

/// A decimal number, in units of 10^-17.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Decimal(i128);

impl Decimal {
    /// Reads what the schema allows. `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = fraction.trim_end_matches('0');
        let padding = PLACES.checked_sub(fraction.len())?;
        (!whole.is_empty() || !fraction.is_empty()).then_some(())?;
        let zeros = std::iter::repeat_n(b'0', padding);
        let mut value: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()).chain(zeros) {
            let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
            value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
        }
        Some(Self(if negative { value.checked_neg()? } else { value }))
    }

    fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

impl std::fmt::Display for Decimal {
    /// With at least two decimal places, as money is written.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = format!("{:0>width$}", self.0.unsigned_abs(), width = PLACES.saturating_add(1));
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(PLACES));
        let fraction = fraction.trim_end_matches('0');
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{whole}.{fraction:0<2}")
    }
}

/// What the amounts of a group add up to; `None` if one of them cannot be read or the sum is beyond all measure.
pub(super) fn sum_of(group: &GroupPlace<'_>) -> Option<Decimal> {
    let mut payments = group.element.children_named("CdtTrfTxInf");
    payments.try_fold(Decimal::default(), |sum, payment| {
        sum.plus(Decimal::parse(amount_of(payment)?)?)
    })
}

/// What the sums of several groups add up to.
pub(super) fn total(mut sums: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    sums.try_fold(Decimal::default(), |total, sum| total.plus(sum?))
}

fn amount_of(payment: Element<'_>) -> Option<&str> {
    let amount = payment.child("Amt")?;
    amount
        .text_of("InstdAmt")
        .or_else(|| amount.at(&["EqvtAmt", "Amt"]).map(Element::text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(
            Decimal::parse("0.1").unwrap().plus(Decimal::parse("0.2").unwrap()),
            Decimal::parse("0.3")
        );
        assert_eq!(Decimal::parse("+1250.5").unwrap().to_string(), "1250.50");
        assert_eq!(Decimal::parse("-.5").unwrap().to_string(), "-0.50");
        assert_eq!(Decimal::parse("7").unwrap().to_string(), "7.00");
        assert_eq!(Decimal::parse("1.000").unwrap(), Decimal::parse("1").unwrap());
        for text in ["", ".", "-", "1,5", "1e3", "1.0.0", "0.123456789012345678", "+-1"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_survives_its_text(minor in 0_u64..) {
            let text = format!("{}.{:02}", minor / 100, minor % 100);
            prop_assert_eq!(Decimal::parse(&text).unwrap().to_string(), text);
        }

        #[test]
        fn any_text_is_read_or_not(text in ".*") {
            let _ = Decimal::parse(&text);
        }
    }
}
