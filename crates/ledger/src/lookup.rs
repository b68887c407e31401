//! From the references on a statement to one payment of ours, or to the reason why not.
//!
//! References are taken in the order of their certainty, the first that is known decides, and every other one that is known must
//! name the same payment: a line that contradicts itself is for a person.

use crate::candidates::{Candidates, Open, Wanted};
use crate::exception::{Exception, ExceptionCode};
use vocab::exchange::LineDetail;
use vocab::id::{AccountId, PaymentId};
use vocab::money::Amount;

/// The account of the statement and the payments that may be meant.
pub(crate) struct Lookup<'a> {
    pub(crate) account: AccountId,
    pub(crate) candidates: &'a Candidates,
}

/// The references of one transaction that name a single payment of ours, most certain first. An end-to-end id alone does not: it is
/// the submitter's, and nothing keeps them from using it twice.
pub(crate) fn own_references(detail: &LineDetail) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    wanted.extend(detail.instruction_id.clone().map(Wanted::Instruction));
    wanted.extend(detail.uetr.as_ref().map(|uetr| Wanted::Uetr(uetr.to_ascii_lowercase())));
    if let Some(end_to_end_id) = &detail.end_to_end_id {
        let end_to_end_id = end_to_end_id.clone();
        if let Some(message_id) = detail.message_id.clone() {
            wanted.push(Wanted::EndToEnd {
                message_id,
                end_to_end_id: end_to_end_id.clone(),
            });
        }
        if let Some(payment_information_id) = detail.payment_information_id.clone() {
            wanted.push(Wanted::EndToEndInGroup {
                payment_information_id,
                end_to_end_id,
            });
        }
    }
    wanted
}

impl<'a> Lookup<'a> {
    /// The one payment that a transaction names.
    pub(crate) fn named(&self, detail: &LineDetail) -> Result<&'a Open, Exception> {
        let wanted = own_references(detail);
        if wanted.is_empty() {
            let sentence = "A transaction of the line names no reference of ours. Say what it belongs to.";
            return Err(Exception::about(ExceptionCode::NotOurs, None, sentence));
        }
        let known = wanted
            .iter()
            .map(|reference| self.found(reference))
            .filter(|found| !found.is_empty());
        let known: Vec<Vec<&'a Open>> = known.collect();
        let Some(first) = known.first() else {
            let sentence = "The line names references that no payment has. Say what it belongs to.";
            return Err(Exception::about(ExceptionCode::UnknownReference, None, sentence));
        };
        let here: Vec<&'a Open> = first
            .iter()
            .copied()
            .filter(|open| open.account == self.account)
            .collect();
        let open = match (here.as_slice(), first.first()) {
            ([single], _) => *single,
            ([], Some(elsewhere)) => return Err(other_account(elsewhere.payment)),
            (_, _) => return Err(ambiguous(None)),
        };
        let agrees = |found: &Vec<&Open>| found.iter().any(|other| other.payment == open.payment);
        if known.iter().all(agrees) {
            Ok(open)
        } else {
            Err(ambiguous(Some(open.payment)))
        }
    }

    /// The payments with this reference.
    pub(crate) fn found(&self, reference: &Wanted) -> Vec<&'a Open> {
        self.candidates.find(reference).collect()
    }

    /// What was ordered, or `otherwise` for a payment that is not among the candidates.
    pub(crate) fn ordered(&self, payment: PaymentId, otherwise: Amount) -> Amount {
        self.candidates.payment(payment).map_or(otherwise, |open| open.amount)
    }
}

fn other_account(payment: PaymentId) -> Exception {
    let sentence = format!(
        "The line names payment {payment}, which was ordered from another account than this statement's. Ask the bank."
    );
    Exception::about(ExceptionCode::OtherAccount, Some(payment), sentence)
}

fn ambiguous(payment: Option<PaymentId>) -> Exception {
    let sentence = "The references on the line name more than one payment. Say which one it is.";
    Exception::about(ExceptionCode::AmbiguousReference, payment, sentence)
}
