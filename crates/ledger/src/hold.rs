//! Holds: money that is spoken for before it is posted. Available is what is posted less what open holds still keep.
//!
//! A hold is opened when a payment goes into the queue, consumed part by part as the bank books it, and its rest released when the
//! payment will not be executed. Closed holds stay closed.

use vocab::money::{Amount, Money, MoneyError};

/// Money kept for one payment.
///
/// INVARIANT: `0 <= consumed_minor <= amount`; consumed exactly when nothing is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    amount: Amount,
    consumed_minor: i64,
    state: HoldState,
}

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldState {
    /// Keeps the rest.
    Open,
    /// All of it was booked.
    Consumed,
    /// The rest is free again.
    Released,
}

impl HoldState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Consumed, Self::Released];

    /// `open`, `consumed` or `released`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Consumed => "consumed",
            Self::Released => "released",
        }
    }

    /// As rows hold it. Stable.
    pub fn code(self) -> i64 {
        match self {
            Self::Open => 1,
            Self::Consumed => 2,
            Self::Released => 3,
        }
    }

    /// Back from a row.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Why a hold does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoldRefusal {
    /// It is closed.
    #[error("the hold is closed already")]
    Closed,
    /// More than is left of it.
    #[error("more was booked than the hold keeps")]
    TooMuch,
    /// In another currency.
    #[error("the hold is in another currency")]
    Currency,
    /// Columns that make no hold.
    #[error("the stored columns do not make a hold; the row was altered")]
    NotAHold,
}

impl Hold {
    /// Keeps the whole amount.
    pub fn open(amount: Amount) -> Self {
        Self {
            amount,
            consumed_minor: 0,
            state: HoldState::Open,
        }
    }

    /// Put together from columns, with every check.
    pub fn from_parts(amount: Amount, consumed_minor: i64, state: HoldState) -> Result<Self, HoldRefusal> {
        let all = amount.minor();
        let fits = match state {
            HoldState::Open | HoldState::Released => (0..all).contains(&consumed_minor),
            HoldState::Consumed => consumed_minor == all,
        };
        if fits {
            Ok(Self {
                amount,
                consumed_minor,
                state,
            })
        } else {
            Err(HoldRefusal::NotAHold)
        }
    }

    /// What it kept at first.
    pub fn amount(&self) -> Amount {
        self.amount
    }

    /// What was booked of it, in minor units.
    pub fn consumed_minor(&self) -> i64 {
        self.consumed_minor
    }

    /// Where it stands.
    pub fn state(&self) -> HoldState {
        self.state
    }

    /// What it keeps now: nothing once it is closed.
    pub fn kept(&self) -> Money {
        let minor = match self.state {
            HoldState::Open => self.amount.minor().saturating_sub(self.consumed_minor),
            HoldState::Consumed | HoldState::Released => 0,
        };
        Money::new(minor, self.amount.currency())
    }

    /// So much of it was booked.
    pub fn consume(self, part: Amount) -> Result<Self, HoldRefusal> {
        if self.state != HoldState::Open {
            return Err(HoldRefusal::Closed);
        }
        if part.currency() != self.amount.currency() {
            return Err(HoldRefusal::Currency);
        }
        let consumed_minor = self
            .consumed_minor
            .checked_add(part.minor())
            .ok_or(HoldRefusal::TooMuch)?;
        match consumed_minor.cmp(&self.amount.minor()) {
            std::cmp::Ordering::Less => Ok(Self { consumed_minor, ..self }),
            std::cmp::Ordering::Equal => Ok(Self {
                consumed_minor,
                state: HoldState::Consumed,
                ..self
            }),
            std::cmp::Ordering::Greater => Err(HoldRefusal::TooMuch),
        }
    }

    /// The rest is free again.
    pub fn release(self) -> Result<Self, HoldRefusal> {
        match self.state {
            HoldState::Open => Ok(Self {
                state: HoldState::Released,
                ..self
            }),
            HoldState::Consumed | HoldState::Released => Err(HoldRefusal::Closed),
        }
    }
}

/// What can still be spent: the posted balance less what the holds on this account keep. Negative when more is spoken for than there.
pub fn available(posted: Money, holds: &[Hold]) -> Result<Money, MoneyError> {
    holds
        .iter()
        .try_fold(posted, |left, hold| left.checked_sub(hold.kept()))
}
