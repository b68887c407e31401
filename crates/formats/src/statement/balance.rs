//! Whether a statement is complete in itself: opening balance plus booked lines is the closing balance.

use vocab::exchange::Statement;
use vocab::money::Money;

/// What the balances say about the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Balance {
    /// They fit.
    Holds,
    /// Opening or closing balance is missing, so that nothing can be said.
    Missing,
    /// Balances and booked lines are not all in one currency.
    Currencies,
    /// The lines lead elsewhere; a line is missing, doubled or altered.
    Off {
        /// What the message says.
        closing: Money,
        /// What the lines lead to, in minor units: it may be too large to be money.
        reached_minor: i128,
    },
}

/// Compares opening balance, booked lines and closing balance.
pub(crate) fn of(statement: &Statement) -> Balance {
    let (Some(opening), Some(closing)) = (statement.opening, statement.closing) else {
        return Balance::Missing;
    };
    let currency = opening.currency();
    // A statement is bounded to 100,000 lines of 64 bits each: the sum cannot leave 128 bits.
    let mut reached_minor = i128::from(opening.minor());
    for line in statement.lines.iter().filter(|line| line.booked) {
        if line.amount.currency() != currency {
            return Balance::Currencies;
        }
        reached_minor = reached_minor.saturating_add(i128::from(line.amount.minor()));
    }
    if closing.currency() != currency {
        Balance::Currencies
    } else if reached_minor == i128::from(closing.minor()) {
        Balance::Holds
    } else {
        Balance::Off { closing, reached_minor }
    }
}
