//! Whether a payment looks like one that was made before: the platform then asks, it never drops.
//!
//! Two payments are alike when they pay the same amount for the same reference to the same account. How near in time they must be
//! is the caller's window.

use crate::state::StateName;
use vocab::id::PaymentId;
use vocab::time::Date;
use vocab::transfer::{CreditTransfer, Remittance};

/// A payment made before that has the same likeness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Which.
    pub payment: PaymentId,
    /// Its execution date.
    pub execution_on: Date,
    /// Where it stands.
    pub state: StateName,
}

/// The text that is equal for payments that look alike: payee's account, amount, currency and reference, without spaces and in
/// capital letters. The end-to-end id stands in only when the payee is told nothing: programs draw a new one for each attempt.
///
/// SECURITY: holds an account number; keep only a keyed digest of it.
pub fn likeness(transfer: &CreditTransfer) -> String {
    let reference = match &transfer.remittance {
        Remittance::None => format!("id:{}", folded(transfer.end_to_end_id.as_str())),
        Remittance::Text(text) => format!("for:{}", folded(text)),
        Remittance::Creditor(reference) => format!("for:{}", folded(reference.as_str())),
        Remittance::Other(reference) => format!("for:{}", folded(reference.as_str())),
    };
    let account = folded(transfer.creditor_account.as_str());
    let amount = transfer.amount.money();
    // No part can hold a line feed: `folded` removes it, so two different payments never run together into one text.
    format!("{account}\n{}\n{}\n{reference}", amount.minor(), amount.currency())
}

fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .flat_map(char::to_uppercase)
        .collect()
}

/// The nearest of the earlier payments within the window, if it was or may yet be executed.
pub fn suspect(candidate_execution: Date, earlier: &[Earlier], window_days: i64) -> Option<PaymentId> {
    let within = earlier.iter().filter(|other| counts(other.state)).filter_map(|other| {
        let days = days_between(candidate_execution, other.execution_on);
        (days <= window_days).then_some((days, other.payment))
    });
    within.min().map(|(_, payment)| payment)
}

fn days_between(one: Date, other: Date) -> i64 {
    one.duration_until(other).as_hours().saturating_abs().div_euclid(24)
}

/// Whether a payment in this state has paid, or may yet pay, the same bill.
fn counts(state: StateName) -> bool {
    match state {
        StateName::Rejected | StateName::Cancelled | StateName::Expired => false,
        StateName::Received
        | StateName::WaitingForApproval
        | StateName::Approved
        | StateName::Queued
        | StateName::Dispatching
        | StateName::Unknown
        | StateName::AcceptedByBank
        | StateName::Settled
        | StateName::Returned => true,
    }
}
