//! Send: an order as it leaves the house, and the call that carries it.
//!
//! The document is made of approved contents, read back, and compared with what was approved before anybody sees it. References of
//! ours are ids in the character set of banks: `ord-…` names the order and its one block, `pay-…` a payment.

use crate::content;
use crate::event::sha256;
use crate::platform::{Parts, Platform};
use crate::refusal::Error;
use formats::order;
use formats::pain001_writer::{self, OrderedPayment};
use keys::Place;
use std::fmt::Display;
use std::sync::Arc;
use store::orders::Order;
use store::scope::Scope;
use vocab::exchange::{Document, DocumentKind};
use vocab::id::{OrderId, PaymentId};
use vocab::limits;
use vocab::reference::Reference;
use vocab::time::Timestamp;
use vocab::transfer::CreditTransfer;

/// Seconds beyond the longest call that must be left of a lease when the call begins: servers' clocks differ a little.
const LEASE_MARGIN_SECONDS: i64 = 10;

/// A payment on its way into an order.
pub(crate) struct Part {
    pub(crate) payment: PaymentId,
    /// What was approved.
    pub(crate) content_digest: [u8; 32],
    pub(crate) transfer: CreditTransfer,
}

/// Our reference at a bank for a thing with an id.
pub(crate) fn reference(id: impl Display) -> Result<Reference, Error> {
    id.to_string()
        .replace('_', "-")
        .parse()
        .map_err(|_| Error::Bug("an id that is no reference"))
}

/// The payment that a reference names, if it is one of ours by its form.
pub(crate) fn payment_of(reference: &str) -> Option<PaymentId> {
    reference.replacen('-', "_", 1).parse().ok()
}

/// The order that a reference names, if it is one of ours by its form.
pub(crate) fn order_of(reference: &str) -> Option<OrderId> {
    reference.replacen('-', "_", 1).parse().ok()
}

/// The document of an order. What it holds is what was approved: anything else does not come back from here.
pub(crate) fn compose(id: OrderId, parts: &[Part], now: Timestamp) -> Result<Vec<u8>, Error> {
    let message_id = reference(id)?;
    let mut payments = Vec::with_capacity(parts.len());
    for part in parts {
        payments.push(OrderedPayment {
            instruction_id: reference(part.payment)?,
            transfer: &part.transfer,
        });
    }
    let first = parts.first().ok_or(Error::Bug("an order without payments"))?;
    let order = pain001_writer::Order {
        payment_information_id: message_id.clone(),
        message_id,
        created_at: now,
        initiating_party: &first.transfer.debtor.name,
        payments: &payments,
    };
    let bytes = pain001_writer::write(&order).map_err(|error| {
        tracing::error!(order.id = %id, %error, "order {id} could not be written");
        Error::Bug("approved payments that cannot be written as an order")
    })?;
    if holds_what_was_approved(id, parts, &bytes)? {
        Ok(bytes)
    } else {
        Err(Error::Bug("an order that does not hold what was approved"))
    }
}

/// Reads the document as a bank would and compares every payment with the digest that its approvers named.
fn holds_what_was_approved(id: OrderId, parts: &[Part], bytes: &[u8]) -> Result<bool, Error> {
    let read = order::read(bytes).map_err(|_| Error::Bug("an order of ours that cannot be read back"))?;
    let own = reference(id)?;
    if read.message_id != own || read.payment_information_id != own || read.payments.len() != parts.len() {
        return Ok(false);
    }
    for (part, (instruction_id, transfer)) in parts.iter().zip(&read.payments) {
        let same_payment = *instruction_id == reference(part.payment)?;
        if !same_payment || content::digest(&content::canonical(transfer)?) != part.content_digest {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Seals the document of an order for its row.
pub(crate) fn seal(parts: &Parts, scope: Scope<'_>, id: OrderId, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let digest = sha256(&[bytes]);
    Ok(parts
        .keyring
        .0
        .seal(&place(scope, id, &[&digest]), parts.random(), bytes)?)
}

/// The exact bytes of an order, ready to go (again).
pub(crate) fn document(parts: &Parts, scope: Scope<'_>, order: &Order) -> Result<Document, Error> {
    let body = parts
        .keyring
        .0
        .open(&place(scope, order.id, &[&order.document_digest]), &order.sealed)?;
    if sha256(&[&body]).as_slice() != order.document_digest {
        return Err(Error::Bug("a stored order that is not the one that was written"));
    }
    Ok(Document {
        kind: DocumentKind::Pain001,
        reference: reference(order.id)?.as_str().to_owned(),
        body,
    })
}

fn place<'a>(scope: Scope<'_>, id: OrderId, bound: &'a [&'a [u8]]) -> Place<'a> {
    let (organization, world, row) = (scope.organization, scope.world, id.to_i64());
    Place {
        table: "orders",
        column: "sealed",
        organization,
        world,
        row,
        bound,
    }
}

/// Keyed digests of the submitter's references, under which a statement may name the payment.
pub(crate) fn foreign_references(parts: &Parts, part: &Part) -> Vec<([u8; 16], PaymentId)> {
    let end_to_end = end_to_end_digest(parts, part.transfer.end_to_end_id.as_str());
    let uetr = part
        .transfer
        .uetr
        .as_ref()
        .map(|uetr| uetr_digest(parts, uetr.as_str()));
    std::iter::once(end_to_end)
        .chain(uetr)
        .map(|digest| (digest, part.payment))
        .collect()
}

/// Keyed digest of an end-to-end id.
pub(crate) fn end_to_end_digest(parts: &Parts, text: &str) -> [u8; 16] {
    parts
        .keyring
        .0
        .blind_index("payment_references.reference", &[b"end_to_end", text.as_bytes()])
}

/// Keyed digest of a UETR, in whatever case it is written.
pub(crate) fn uetr_digest(parts: &Parts, text: &str) -> [u8; 16] {
    parts.keyring.0.blind_index(
        "payment_references.reference",
        &[b"uetr", text.to_ascii_lowercase().as_bytes()],
    )
}

/// Calls a bank, which blocks, on a thread of its own. Nothing is done and nothing returned when the lease on the work might end
/// before the call does: then another server may already be at it.
pub(crate) async fn call<T: Send + 'static>(
    platform: &Platform,
    leased_until: Timestamp,
    call: impl FnOnce() -> T + Send + 'static,
) -> Result<Option<T>, Error> {
    let clock = Arc::clone(&platform.parts().clock);
    let longest = i64::try_from(limits::BANK_CALL_SECONDS)
        .unwrap_or(i64::MAX)
        .saturating_add(LEASE_MARGIN_SECONDS);
    // SECURITY: looked at on the very thread that makes the call; waiting for that thread may have taken long.
    let guarded = move || (clock.now().plus_seconds(longest) <= leased_until).then(call);
    tokio::task::spawn_blocking(guarded)
        .await
        .map_err(|_| Error::Bug("a call to a bank that panicked"))
}
