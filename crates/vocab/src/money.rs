//! Money: integer minor units of one ISO 4217 currency.
//!
//! [`Money`] is what a ledger holds (signed), [`Amount`] what a person orders (positive). Nothing here ever
//! touches floating point; different currencies do not add.

use std::fmt;

/// An ISO 4217 currency with a defined minor unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency with this three-letter code, upper case. Codes without a minor unit (`XAU`, `XXX`) are refused:
    /// nobody can pay in them.
    pub fn from_code(code: &str) -> Option<Self> {
        let currency = iso_currency::Currency::from_code(code)?;
        currency.exponent()?;
        Some(Self(currency))
    }

    /// The three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Decimal places of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

/// Why two amounts could not be combined or a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The operands are in different currencies.
    #[error("amounts in {left} and {right} do not add")]
    CurrencyMismatch {
        /// Currency of the left operand.
        left: Currency,
        /// Currency of the right operand.
        right: Currency,
    },
    /// The result does not fit 64 bits of minor units.
    #[error("the amount is too large")]
    Overflow,
    /// The text is not a plain decimal number.
    #[error("not a decimal amount; write digits with a point, for example 1250.00")]
    NotDecimal,
    /// More decimal places than the currency has.
    #[error("{currency} has {allowed} decimal places, the amount has more")]
    TooPrecise {
        /// The currency asked for.
        currency: Currency,
        /// Its decimal places.
        allowed: u32,
    },
    /// An ordered amount must be greater than zero.
    #[error("the amount must be greater than zero")]
    NotPositive,
}

/// A signed sum in minor units of one currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` minor units of `currency`.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Minor units, signed.
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The sum; refused across currencies and on overflow.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The difference; refused across currencies and on overflow.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The same sum with the other sign.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_neg().ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// Reads a plain decimal such as `-1250.5` exactly; more decimal places than the currency has are refused.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(MoneyError::NotDecimal);
        }
        // Trailing zeros beyond the minor unit say nothing: 1.500 is 1.50.
        let fraction = fraction.trim_end_matches('0');
        let exponent = currency.exponent();
        let places = u32::try_from(fraction.len()).map_err(|_| MoneyError::Overflow)?;
        let Some(padding) = exponent.checked_sub(places) else {
            return Err(MoneyError::TooPrecise {
                currency,
                allowed: exponent,
            });
        };
        let mut minor: i64 = 0;
        let zeros = std::iter::repeat_n(b'0', usize::try_from(padding).unwrap_or(0));
        for byte in whole.bytes().chain(fraction.bytes()).chain(zeros) {
            let digit = i64::from(byte.saturating_sub(b'0'));
            // Built downwards when negative, so that the smallest number can be read too.
            minor = minor
                .checked_mul(10)
                .and_then(|sum| {
                    if negative {
                        sum.checked_sub(digit)
                    } else {
                        sum.checked_add(digit)
                    }
                })
                .ok_or(MoneyError::Overflow)?;
        }
        Ok(Self { minor, currency })
    }

    /// The plain decimal of ISO 20022 messages: `1250.00`, `-0.05`, `300` for JPY.
    pub fn decimal(self) -> String {
        let exponent = usize::try_from(self.currency.exponent()).unwrap_or(0);
        let digits = format!(
            "{:0>width$}",
            self.minor.unsigned_abs(),
            width = exponent.saturating_add(1)
        );
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(exponent));
        if fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch {
                left: self.currency,
                right: other.currency,
            })
        }
    }
}

impl fmt::Display for Money {
    /// `1250.00 EUR`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A sum that somebody ordered: greater than zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Amount(Money);

impl Amount {
    /// Refuses zero and negative sums.
    pub fn new(money: Money) -> Result<Self, MoneyError> {
        if money.minor > 0 {
            Ok(Self(money))
        } else {
            Err(MoneyError::NotPositive)
        }
    }

    /// Reads a plain decimal, see [`Money::parse`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        Self::new(Money::parse(text, currency)?)
    }

    /// As the signed sum of a ledger.
    pub fn money(self) -> Money {
        self.0
    }

    /// Minor units, positive.
    pub fn minor(self) -> i64 {
        self.0.minor
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.0.currency
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currencies() -> impl Strategy<Value = Currency> {
        prop::sample::select(vec!["EUR", "USD", "JPY", "KWD", "CLF", "CNY", "ISK"])
            .prop_map(|code| Currency::from_code(code).unwrap())
    }

    proptest! {
        #[test]
        fn every_sum_survives_its_text(minor: i64, currency in currencies()) {
            let money = Money::new(minor, currency);
            prop_assert_eq!(Money::parse(&money.decimal(), currency), Ok(money));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*", currency in currencies()) {
            let _ = Money::parse(&text, currency);
        }

        #[test]
        fn adding_and_taking_away_again_changes_nothing(a: i32, b: i32, currency in currencies()) {
            let (a, b) = (Money::new(a.into(), currency), Money::new(b.into(), currency));
            prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b), Ok(a));
        }
    }

    #[test]
    fn precision_beyond_the_minor_unit_is_refused() {
        let eur = Currency::from_code("EUR").unwrap();
        assert_eq!(
            Money::parse("1.005", eur),
            Err(MoneyError::TooPrecise {
                currency: eur,
                allowed: 2
            })
        );
        assert_eq!(Money::parse("1.500", eur), Ok(Money::new(150, eur)));
        for text in ["", ".", "-", "1,50", "1e3", " 1", "+1", "1.5.0", "٣"] {
            assert_eq!(Money::parse(text, eur), Err(MoneyError::NotDecimal), "{text}");
        }
    }

    #[test]
    fn currencies_do_not_mix_and_sums_do_not_wrap() {
        let (eur, usd) = (Currency::from_code("EUR").unwrap(), Currency::from_code("USD").unwrap());
        assert!(Money::new(1, eur).checked_add(Money::new(1, usd)).is_err());
        assert_eq!(
            Money::new(i64::MAX, eur).checked_add(Money::new(1, eur)),
            Err(MoneyError::Overflow)
        );
        assert_eq!(Amount::new(Money::zero(eur)), Err(MoneyError::NotPositive));
        assert_eq!(Currency::from_code("XAU"), None);
    }
}
