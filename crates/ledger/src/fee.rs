//! Charges of the bank: a line that the bank itself calls a charge belongs to no payment, and is booked to the fees account.
//!
//! The bank's transaction code decides and nothing else: no text is read and no amount guessed. A charge may carry the reference of the
//! payment that it was taken for, so this comes before our own references: as a booking of that payment it would be wrong.

use crate::lookup::Lookup;
use crate::matching::Explanation;
use vocab::exchange::StatementLine;
use vocab::money::{Amount, Money};

/// The sub-family of charges in the bank transaction codes of ISO 20022, of whatever domain and family: `PMNT.ICDT.CHRG`,
/// `ACMT.MDOP.CHRG`.
const SUB_FAMILY: &str = "CHRG";
/// Words of proprietary codes that say charge: ISO's own, and SWIFT's transaction type `NCHG`, as in `NCHG+808`.
const PROPRIETARY: [&str; 3] = ["CHRG", "NCHG", "CHG"];

/// The line as a charge, if it is one: booked, a debit that takes nothing back, and with the code of a charge.
pub(crate) fn explain(line: &StatementLine, lookup: &Lookup<'_>) -> Option<Explanation> {
    line.transaction_code.as_deref().filter(|code| is_charge(code))?;
    let minor = line.amount.minor().checked_neg()?;
    let amount = Amount::new(Money::new(minor, line.amount.currency())).ok()?;
    if books_a_payment(line, lookup, amount) {
        return None;
    }
    let sentence = format!("The bank took a charge of {amount}; its transaction code says so.");
    Some(Explanation::Charge { amount, sentence })
}

/// A payment of ours in exactly this amount says that the code is wrong; then the other rules judge.
fn books_a_payment(line: &StatementLine, lookup: &Lookup<'_>, amount: Amount) -> bool {
    let mut named = line.details.iter().filter_map(|detail| lookup.named(detail).ok());
    named.any(|open| open.amount == amount)
}

fn is_charge(code: &str) -> bool {
    match code.split('.').collect::<Vec<_>>().as_slice() {
        [_, _, sub_family] => *sub_family == SUB_FAMILY,
        _ => code
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .any(|word| PROPRIETARY.contains(&word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_bank_calls_a_charge_is_one() {
        for code in [
            "PMNT.ICDT.CHRG",
            "PMNT.MCOP.CHRG",
            "ACMT.MDOP.CHRG",
            "NCHG+808",
            "CHRG",
            "CHG",
        ] {
            assert!(is_charge(code), "{code}");
        }
        for code in [
            "PMNT.ICDT.ESCT",
            "PMNT.CHRG.OTHR",
            "NTRF+166",
            "RECHRG",
            "DISCHARGE",
            "chrg",
            "",
        ] {
            assert!(!is_charge(code), "{code}");
        }
    }
}
