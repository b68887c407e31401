//! The accounts of the books and their text code, such as `bank:acct_0dz4k2m8qv1xa:EUR` or `in_transit:EUR`.
//!
//! Sign: a posting is positive when it debits and negative when it credits. What we own (bank, in transit) therefore stands
//! positive, what we owe (payables, returns to be settled) negative; a bank account in overdraft stands negative.

use std::fmt;
use std::str::FromStr;
use vocab::id::AccountId;
use vocab::money::Currency;

/// What an account of the books stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKind {
    /// Money at a bank: mirrors the bank's own statement, one per bank account.
    Bank,
    /// Accepted by a bank and not yet booked there. Credited on acceptance, debited on booking.
    InTransit,
    /// What the organization owes to those it pays.
    Payables,
    /// Money that came back and is owed again.
    Returns,
    /// Charges of banks.
    Fees,
    /// Lines of statements that nobody has explained yet. Zero when all is reconciled.
    Suspense,
    /// The other side of opening balances.
    Opening,
}

impl AccountKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Bank,
        Self::InTransit,
        Self::Payables,
        Self::Returns,
        Self::Fees,
        Self::Suspense,
        Self::Opening,
    ];

    /// As in the text code.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::InTransit => "in_transit",
            Self::Payables => "payables",
            Self::Returns => "returns",
            Self::Fees => "fees",
            Self::Suspense => "suspense",
            Self::Opening => "opening",
        }
    }
}

/// One account of the books in one currency.
///
/// INVARIANT: names a bank account if and only if it is of the kind `Bank`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LedgerAccount {
    kind: AccountKind,
    bank_account: Option<AccountId>,
    currency: Currency,
}

/// A text that is no code of an account of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an account of the ledger; write for example `in_transit:EUR` or `bank:acct_…:EUR`")]
pub struct NotAnAccount;

impl LedgerAccount {
    /// The money on one of the organization's bank accounts.
    pub fn bank(account: AccountId, currency: Currency) -> Self {
        Self {
            kind: AccountKind::Bank,
            bank_account: Some(account),
            currency,
        }
    }

    /// See [`AccountKind::InTransit`].
    pub fn in_transit(currency: Currency) -> Self {
        Self {
            kind: AccountKind::InTransit,
            bank_account: None,
            currency,
        }
    }

    /// See [`AccountKind::Payables`].
    pub fn payables(currency: Currency) -> Self {
        Self {
            kind: AccountKind::Payables,
            bank_account: None,
            currency,
        }
    }

    /// See [`AccountKind::Returns`].
    pub fn returns(currency: Currency) -> Self {
        Self {
            kind: AccountKind::Returns,
            bank_account: None,
            currency,
        }
    }

    /// See [`AccountKind::Fees`].
    pub fn fees(currency: Currency) -> Self {
        Self {
            kind: AccountKind::Fees,
            bank_account: None,
            currency,
        }
    }

    /// See [`AccountKind::Suspense`].
    pub fn suspense(currency: Currency) -> Self {
        Self {
            kind: AccountKind::Suspense,
            bank_account: None,
            currency,
        }
    }

    /// See [`AccountKind::Opening`].
    pub fn opening(currency: Currency) -> Self {
        Self {
            kind: AccountKind::Opening,
            bank_account: None,
            currency,
        }
    }

    /// What it stands for.
    pub fn kind(&self) -> AccountKind {
        self.kind
    }

    /// The bank account, for the kind `Bank`.
    pub fn bank_account(&self) -> Option<AccountId> {
        self.bank_account
    }

    /// Its currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }
}

impl fmt::Display for LedgerAccount {
    /// The stable text code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bank_account {
            Some(account) => write!(f, "{}:{account}:{}", self.kind.name(), self.currency),
            None => write!(f, "{}:{}", self.kind.name(), self.currency),
        }
    }
}

impl FromStr for LedgerAccount {
    type Err = NotAnAccount;

    fn from_str(text: &str) -> Result<Self, NotAnAccount> {
        let (front, currency) = text.rsplit_once(':').ok_or(NotAnAccount)?;
        let currency = Currency::from_code(currency).ok_or(NotAnAccount)?;
        let (name, bank_account) = match front.split_once(':') {
            Some((name, id)) => (name, Some(id.parse().map_err(|_| NotAnAccount)?)),
            None => (front, None),
        };
        let kind = AccountKind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or(NotAnAccount)?;
        if (kind == AccountKind::Bank) == bank_account.is_some() {
            Ok(Self {
                kind,
                bank_account,
                currency,
            })
        } else {
            Err(NotAnAccount)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_survives_its_code() {
        let (eur, jpy) = (Currency::from_code("EUR").unwrap(), Currency::from_code("JPY").unwrap());
        let accounts = [
            LedgerAccount::bank(AccountId::from_i64(77), eur),
            LedgerAccount::in_transit(jpy),
            LedgerAccount::payables(eur),
            LedgerAccount::returns(eur),
            LedgerAccount::fees(eur),
            LedgerAccount::suspense(eur),
            LedgerAccount::opening(eur),
        ];
        for account in accounts {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        assert_eq!(LedgerAccount::in_transit(jpy).to_string(), "in_transit:JPY");
        assert_eq!(
            LedgerAccount::bank(AccountId::from_i64(77), eur).to_string(),
            "bank:acct_000000000002d:EUR"
        );
    }

    #[test]
    fn a_code_that_names_no_account_is_refused() {
        let id = AccountId::from_i64(77);
        for text in [
            "",
            "EUR",
            "bank:EUR",
            "cash:EUR",
            "fees:eur",
            ":EUR",
            "bank:acct_1:EUR",
            &format!("fees:{id}:EUR"),
        ] {
            assert_eq!(text.parse::<LedgerAccount>(), Err(NotAnAccount), "{text}");
        }
    }
}
