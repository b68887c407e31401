//! Journal entries: made only if they balance in every currency, and checked again after they were read back.
//!
//! The same check runs before writing and after reading, so that neither a programming error nor a changed row gets past it.

use crate::account::LedgerAccount;
use std::collections::BTreeMap;
use vocab::limits;
use vocab::money::{Currency, Money};

/// One side of an entry: an account and a signed sum in the account's currency, positive for debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Which account.
    pub account: LedgerAccount,
    /// Debit positive, credit negative, never zero.
    pub amount: Money,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A bank account with its balance is taken into the books.
    Opening,
    /// A bank has accepted a payment.
    PaymentAccepted,
    /// A bank will not execute a payment it had accepted: rejected or recalled.
    PaymentReversed,
    /// A bank has booked a payment or a part of it, or a whole batch.
    PaymentExecuted,
    /// A payment has come back.
    PaymentReturned,
    /// A bank has taken a charge.
    Fee,
    /// A line of a statement that nobody can explain yet.
    Unexplained,
    /// Somebody has explained such a line.
    SuspenseResolved,
}

impl EntryKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Opening,
        Self::PaymentAccepted,
        Self::PaymentReversed,
        Self::PaymentExecuted,
        Self::PaymentReturned,
        Self::Fee,
        Self::Unexplained,
        Self::SuspenseResolved,
    ];

    /// As the API and events write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::PaymentAccepted => "payment_accepted",
            Self::PaymentReversed => "payment_reversed",
            Self::PaymentExecuted => "payment_executed",
            Self::PaymentReturned => "payment_returned",
            Self::Fee => "fee",
            Self::Unexplained => "unexplained",
            Self::SuspenseResolved => "suspense_resolved",
        }
    }

    /// As rows hold it. Stable.
    pub fn code(self) -> i64 {
        match self {
            Self::Opening => 1,
            Self::PaymentAccepted => 2,
            Self::PaymentReversed => 3,
            Self::PaymentExecuted => 4,
            Self::PaymentReturned => 5,
            Self::Fee => 6,
            Self::Unexplained => 7,
            Self::SuspenseResolved => 8,
        }
    }

    /// Back from a row.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A balanced entry.
///
/// INVARIANT: its postings pass [`check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    kind: EntryKind,
    postings: Vec<Posting>,
}

/// Why postings are no entry. Between the rules and the books this is a bug, not an answer to anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Fewer than two postings.
    #[error("an entry has at least two postings")]
    TooFew,
    /// More than `limits::ENTRY_POSTINGS_MAX`.
    #[error("an entry has at most {max} postings", max = limits::ENTRY_POSTINGS_MAX)]
    TooMany,
    /// A posting of nothing.
    #[error("a posting of zero on `{0}`")]
    Zero(LedgerAccount),
    /// A posting in another currency than its account's.
    #[error("a posting in another currency than that of its account `{0}`")]
    Currency(LedgerAccount),
    /// The postings of one currency do not sum to zero.
    #[error("the postings in {currency} sum to {sum} minor units instead of zero")]
    Unbalanced {
        /// Which currency.
        currency: Currency,
        /// Their sum.
        sum: i128,
    },
    /// A sum that does not fit the books.
    #[error("the sum of the postings is too large")]
    Overflow,
}

impl Entry {
    /// An entry, if it balances.
    pub fn new(kind: EntryKind, postings: Vec<Posting>) -> Result<Self, EntryError> {
        check(&postings)?;
        Ok(Self { kind, postings })
    }

    /// What happened.
    pub fn kind(&self) -> EntryKind {
        self.kind
    }

    /// At least two, balanced.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }
}

/// Whether postings balance: per currency they sum to zero, none is zero, each is in its account's currency.
pub fn check(postings: &[Posting]) -> Result<(), EntryError> {
    if postings.len() < 2 {
        return Err(EntryError::TooFew);
    }
    if postings.len() > limits::ENTRY_POSTINGS_MAX {
        return Err(EntryError::TooMany);
    }
    let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
    for posting in postings {
        let currency = posting.amount.currency();
        if currency != posting.account.currency() {
            return Err(EntryError::Currency(posting.account));
        }
        if posting.amount.minor() == 0 {
            return Err(EntryError::Zero(posting.account));
        }
        let sum = sums.entry(currency).or_insert(0);
        *sum = sum
            .checked_add(i128::from(posting.amount.minor()))
            .ok_or(EntryError::Overflow)?;
    }
    match sums.into_iter().find(|(_, sum)| *sum != 0) {
        Some((currency, sum)) => Err(EntryError::Unbalanced { currency, sum }),
        None => Ok(()),
    }
}
