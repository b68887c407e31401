//! The payments that the lines of a statement may be about, found by reference. `flow` loads them, the cascade looks them up.
//!
//! Explaining a line changes the candidates as the booking will change the payments, so that the next line of the same slice sees
//! it: no payment is ever explained beyond its amount.

use std::collections::{BTreeMap, BTreeSet};
use vocab::id::{AccountId, OrderId, PaymentId};
use vocab::money::Amount;

/// What a booking or a return can do with a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenState {
    /// Not sent yet.
    NotSent,
    /// Sent: dispatching, unknown, waiting for an informed resend, or accepted.
    Open,
    /// Booked in full.
    Settled,
    /// Came back.
    Returned,
    /// Rejected or expired.
    Rejected,
    /// Cancelled.
    Cancelled,
}

/// One payment, reduced to what matching needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Which.
    pub payment: PaymentId,
    /// The order it travelled in.
    pub order: OrderId,
    /// `MsgId` of that order.
    pub message_id: String,
    /// `PmtInfId` of its group within the order.
    pub payment_information_id: String,
    /// `InstrId`.
    pub instruction_id: String,
    /// `EndToEndId`.
    pub end_to_end_id: String,
    /// `UETR`, if it has one.
    pub uetr: Option<String>,
    /// What was ordered.
    pub amount: Amount,
    /// What was booked of it so far, in minor units.
    pub booked_minor: i64,
    /// The account that is debited.
    pub account: AccountId,
    /// Where it stands.
    pub state: OpenState,
}

/// A reference to look for: what `flow` loads candidates by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wanted {
    /// `InstrId`.
    Instruction(String),
    /// `UETR`, in lower case.
    Uetr(String),
    /// `EndToEndId` within the order with this `MsgId`.
    EndToEnd {
        /// `MsgId`.
        message_id: String,
        /// `EndToEndId`.
        end_to_end_id: String,
    },
    /// `EndToEndId` within the group with this `PmtInfId`.
    EndToEndInGroup {
        /// `PmtInfId`.
        payment_information_id: String,
        /// `EndToEndId`.
        end_to_end_id: String,
    },
    /// Every payment of the order with this `MsgId`.
    Message(String),
    /// Every payment of the group with this `PmtInfId`.
    PaymentInformation(String),
}

/// Payments, found by each of their references.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    payments: BTreeMap<PaymentId, Open>,
    by_reference: BTreeMap<Wanted, BTreeSet<PaymentId>>,
}

impl Candidates {
    /// Any number of payments, in any order; one that is there twice counts once.
    pub fn new(payments: Vec<Open>) -> Self {
        let mut candidates = Self::default();
        for payment in payments {
            candidates.add(payment);
        }
        candidates
    }

    fn add(&mut self, open: Open) {
        let (end_to_end_id, payment_information_id) = (open.end_to_end_id.clone(), open.payment_information_id.clone());
        let mut references = vec![
            Wanted::Instruction(open.instruction_id.clone()),
            Wanted::EndToEnd {
                message_id: open.message_id.clone(),
                end_to_end_id: end_to_end_id.clone(),
            },
            Wanted::EndToEndInGroup {
                payment_information_id: payment_information_id.clone(),
                end_to_end_id,
            },
            Wanted::Message(open.message_id.clone()),
            Wanted::PaymentInformation(payment_information_id),
        ];
        references.extend(open.uetr.iter().map(|uetr| Wanted::Uetr(uetr.to_ascii_lowercase())));
        for reference in references {
            self.by_reference.entry(reference).or_default().insert(open.payment);
        }
        self.payments.insert(open.payment, open);
    }

    /// The payment as the lines explained so far have left it.
    pub fn payment(&self, payment: PaymentId) -> Option<&Open> {
        self.payments.get(&payment)
    }

    /// All payments, by id.
    pub fn payments(&self) -> impl Iterator<Item = &Open> {
        self.payments.values()
    }

    /// The payments with this reference, by id.
    pub fn find<'a>(&'a self, reference: &Wanted) -> impl Iterator<Item = &'a Open> + use<'a> {
        let found = self.by_reference.get(reference);
        found
            .into_iter()
            .flatten()
            .filter_map(|payment| self.payments.get(payment))
    }

    pub(crate) fn change(&mut self, payment: PaymentId, change: impl FnOnce(&mut Open)) {
        if let Some(open) = self.payments.get_mut(&payment) {
            change(open);
        }
    }
}
