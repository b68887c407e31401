//! Magic creditor accounts: what can go wrong at a bank, at will.
//!
//! Only accounts at the bank code 99999999, which no bank has, are magic: payments of real files always run ordinarily.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use vocab::account::AccountNumber;

/// The German bank code under which accounts are magic. The Bundesbank gives none that begins with 9.
const BANK_CODE: &str = "99999999";

/// One magic account, as the guide shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Magic {
    /// A valid IBAN: pay to this creditor account.
    pub account: &'static str,
    /// What goes wrong, in two or three words.
    pub name: &'static str,
    /// How the payment ends: `settled`, `rejected`, `returned` or `accepted_by_bank`.
    pub final_state: &'static str,
    /// What the bank does, in a sentence.
    pub explanation: &'static str,
}

/// All magic accounts.
pub const MAGIC: &[Magic] = &[
    Magic {
        account: "DE78999999990000009001",
        name: "rejected",
        final_state: "rejected",
        explanation: "the first status report rejects the payment with AC04 (account closed)",
    },
    Magic {
        account: "DE51999999990000009002",
        name: "returned",
        final_state: "returned",
        explanation: "executed, and credited back with return reason AC04 two days later, or on the next business day after them",
    },
    Magic {
        account: "DE24999999990000009003",
        name: "pending for ever",
        final_state: "accepted_by_bank",
        explanation: "reported as pending (PDNG) and never executed, until it is recalled",
    },
    Magic {
        account: "DE94999999990000009004",
        name: "answer lost",
        final_state: "settled",
        explanation: "the bank records and executes the order, but closes the connection without an answer",
    },
    Magic {
        account: "DE67999999990000009005",
        name: "request lost",
        final_state: "settled",
        explanation: "the first delivery of the order is lost before the bank records it: it says that it never received it; the second arrives",
    },
    Magic {
        account: "DE40999999990000009006",
        name: "duplicate report",
        final_state: "settled",
        explanation: "executed, but the status report and the notification of the execution arrive twice",
    },
    Magic {
        account: "DE13999999990000009007",
        name: "wrong amount",
        final_state: "accepted_by_bank",
        explanation: "the bank books 100 minor units (1.00 EUR) more than was ordered: the line goes to the exception list and the payment waits for a person",
    },
    Magic {
        account: "DE83999999990000009008",
        name: "partial",
        final_state: "settled",
        explanation: "half of the amount, rounded down, is booked on the execution day and the rest on the next business day",
    },
];

/// What the bank does differently with a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    Rejected,
    Returned,
    Pending,
    AnswerLost,
    RequestLost,
    ReportTwice,
    WrongAmount,
    Partial,
}

impl Behaviour {
    const ALL: [Self; 8] = [
        Self::Rejected,
        Self::Returned,
        Self::Pending,
        Self::AnswerLost,
        Self::RequestLost,
        Self::ReportTwice,
        Self::WrongAmount,
        Self::Partial,
    ];

    /// The behaviour of a creditor account; `None` for all ordinary ones.
    pub(super) fn of(creditor: &AccountNumber) -> Option<Self> {
        let AccountNumber::Iban(iban) = creditor else {
            return None;
        };
        let text = iban.as_str();
        let magic = iban.country() == "DE" && text.get(4..12) == Some(BANK_CODE);
        let ending = text.get(text.len().checked_sub(4)?..)?;
        if magic {
            Self::ALL.into_iter().find(|behaviour| behaviour.ending() == ending)
        } else {
            None
        }
    }

    /// The last four digits of the account number.
    fn ending(self) -> &'static str {
        match self {
            Self::Rejected => "9001",
            Self::Returned => "9002",
            Self::Pending => "9003",
            Self::AnswerLost => "9004",
            Self::RequestLost => "9005",
            Self::ReportTwice => "9006",
            Self::WrongAmount => "9007",
            Self::Partial => "9008",
        }
    }
}

impl ToSql for Behaviour {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.ending().into())
    }
}

impl FromSql for Behaviour {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let ending = value.as_str()?;
        Self::ALL
            .into_iter()
            .find(|behaviour| behaviour.ending() == ending)
            .ok_or(FromSqlError::InvalidType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_magic_account_is_a_valid_iban_with_a_behaviour_of_its_own() {
        assert_eq!(MAGIC.len(), Behaviour::ALL.len());
        for (magic, behaviour) in MAGIC.iter().zip(Behaviour::ALL) {
            let account = AccountNumber::Iban(magic.account.parse().unwrap());
            assert_eq!(Behaviour::of(&account), Some(behaviour), "{}", magic.name);
        }
    }

    #[test]
    fn ordinary_accounts_are_never_magic() {
        // The same ending at a bank that exists, another ending at the magic bank, and a number that is no IBAN.
        for text in ["DE26370400440000009001", "DE08999999990000009000", "99999999 9001"] {
            let account = AccountNumber::guess(text).unwrap();
            assert_eq!(Behaviour::of(&account), None, "{text}");
        }
    }
}
