//! The payments that lines may be about, loaded by the references on them.

use crate::content;
use crate::intake::open_content;
use crate::refusal::Error;
use crate::send;
use crate::standing;
use crate::work::{Work, ordered};
use ledger::candidates::{Candidates, Open, OpenState, Wanted};
use ledger::matching::references_of;
use payment::state::State;
use std::collections::BTreeSet;
use store::payments::Standing;
use vocab::exchange::{LineDetail, StatementLine};
use vocab::id::{OrderId, PaymentId};

/// Everything that these lines may be about.
pub(super) fn candidates(work: &mut Work<'_>, lines: &[&StatementLine]) -> Result<Candidates, Error> {
    let (mut payments, mut orders) = (BTreeSet::new(), BTreeSet::new());
    let wanted: BTreeSet<Wanted> = lines.iter().flat_map(|line| references_of(line)).collect();
    for wanted in wanted {
        match wanted {
            Wanted::Instruction(instruction) => payments.extend(send::payment_of(&instruction)),
            Wanted::Uetr(uetr) => {
                let digest = send::uetr_digest(work.parts, &uetr);
                payments.extend(store::payments::by_reference(work.tx, work.scope, &digest)?);
            }
            // Our orders have one block, which has the order's own reference.
            Wanted::EndToEnd { message_id: order, .. }
            | Wanted::EndToEndInGroup {
                payment_information_id: order,
                ..
            }
            | Wanted::Message(order)
            | Wanted::PaymentInformation(order) => orders.extend(send::order_of(&order)),
        }
    }
    for order in orders {
        payments.extend(store::orders::payments(work.tx, work.scope, order)?);
    }
    let mut open = Vec::with_capacity(payments.len());
    for payment in payments {
        if let Some(standing) = store::payments::load(work.tx, work.scope, payment)? {
            open.push(reduced(work, &standing)?);
        }
    }
    Ok(Candidates::new(open))
}

/// A payment as the rules of matching want it.
fn reduced(work: &mut Work<'_>, standing: &Standing) -> Result<Open, Error> {
    let payment = &standing.payment;
    let transfer = content::parse(&open_content(work.parts, payment)?)?;
    let (state, booked_minor) = open_state(&standing::read(standing)?, payment.amount.minor());
    let order = store::orders::of_payment(work.tx, work.scope, payment.id)?;
    // A payment that was never in an order is found by its own id only; no line can name its order.
    let message_id = order.map_or(Ok(String::new()), |order| {
        Ok::<_, Error>(send::reference(order)?.to_string())
    })?;
    Ok(Open {
        payment: payment.id,
        order: order.unwrap_or(OrderId::from_i64(0)),
        payment_information_id: message_id.clone(),
        message_id,
        instruction_id: send::reference(payment.id)?.to_string(),
        end_to_end_id: transfer.end_to_end_id.to_string(),
        uetr: transfer.uetr.map(|uetr| uetr.as_str().to_owned()),
        amount: ordered(standing)?,
        booked_minor,
        account: payment.account,
        state,
    })
}

fn open_state(state: &State, ordered_minor: i64) -> (OpenState, i64) {
    match state {
        State::Received { .. } | State::WaitingForApproval { .. } | State::Approved => (OpenState::NotSent, 0),
        State::Queued { resend: None, .. } => (OpenState::NotSent, 0),
        State::Queued { resend: Some(_), .. } | State::Dispatching { .. } | State::Unknown { .. } => {
            (OpenState::Open, 0)
        }
        State::AcceptedByBank { booked_minor, .. } => (OpenState::Open, *booked_minor),
        State::Settled { .. } => (OpenState::Settled, ordered_minor),
        State::Returned { .. } => (OpenState::Returned, ordered_minor),
        State::Rejected { .. } | State::Expired => (OpenState::Rejected, 0),
        State::Cancelled { .. } => (OpenState::Cancelled, 0),
    }
}

/// The line with our own reference filled in where it carries only the submitter's end-to-end id. That id is good enough when one payment
/// alone was ever sent with it and the amount is exactly the ordered one; otherwise the line stays as it is.
pub(super) fn completed(work: &mut Work<'_>, line: &StatementLine) -> Result<StatementLine, Error> {
    let mut completed = line.clone();
    let single = line.details.len() == 1;
    for detail in &mut completed.details {
        let amount = if single {
            detail.amount.or(Some(line.amount))
        } else {
            detail.amount
        };
        let (Some(end_to_end_id), Some(amount)) = (only_end_to_end(detail), amount) else {
            continue;
        };
        let digest = send::end_to_end_digest(work.parts, end_to_end_id);
        let found = store::payments::by_reference(work.tx, work.scope, &digest)?;
        if let [payment] = found.as_slice()
            && ordered_exactly(work, *payment, amount.minor())?
        {
            detail.instruction_id = Some(send::reference(*payment)?.to_string());
        }
    }
    Ok(completed)
}

fn only_end_to_end(detail: &LineDetail) -> Option<&str> {
    let others = [
        &detail.instruction_id,
        &detail.uetr,
        &detail.message_id,
        &detail.payment_information_id,
    ];
    if others.iter().any(|other| other.is_some()) {
        None
    } else {
        detail.end_to_end_id.as_deref()
    }
}

fn ordered_exactly(work: &mut Work<'_>, payment: PaymentId, minor: i64) -> Result<bool, Error> {
    let standing = store::payments::view(work.tx, work.scope, payment)?;
    Ok(standing.is_some_and(|standing| standing.payment.amount.minor().unsigned_abs() == minor.unsigned_abs()))
}
