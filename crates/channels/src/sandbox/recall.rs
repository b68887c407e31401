//! Requests to cancel (camt.055): what is not booked yet is dropped, what is booked stays, and camt.029 says which.

use super::bank::BankError;
use super::book::Moment;
use super::documents;
use super::orders::{self, Answer};
use super::payments::{self, Payment, State};
use super::reception::Reception;
use formats::camt055::CancellationRequest;
use vocab::exchange::{Document, RecallAnswer};

/// Takes a request to cancel one payment and answers it at once.
pub(super) fn take(
    moment: &Moment<'_>,
    document: &Document,
    request: &CancellationRequest,
) -> Result<Reception, BankError> {
    let head = orders::begin(moment, document, None)?;
    let payment = find(moment, request)?;
    let (cancelled, reason) = decide(payment.as_ref());
    if let Some(payment) = payment
        .as_ref()
        .filter(|payment| cancelled && payment.state != State::Cancelled)
    {
        payments::cancel(moment, payment)?;
        orders::changed(moment, payment.order)?;
    }
    let answer = RecallAnswer {
        message_id: moment.draw("CNX")?,
        instruction_id: Some(request.instruction_id.as_str().to_owned()),
        end_to_end_id: Some(request.end_to_end_id.as_str().to_owned()),
        cancelled: Some(cancelled),
        reason: reason.map(str::to_owned),
    };
    let answer = documents::recall_answer(&answer, request, moment.at)?;
    orders::answer(moment, head.id, &answer)?;
    Ok(Reception::Answered(Answer::Document(answer)))
}

/// Whether the payment is dropped, with the reason (ISO 20022 external cancellation rejection reason) when it is not.
fn decide(payment: Option<&Payment>) -> (bool, Option<&'static str>) {
    match payment.map(|payment| payment.state) {
        // A second request for the same payment gets the same answer.
        Some(State::Accepted | State::Pending | State::Cancelled) => (true, None),
        Some(State::PartlyBooked | State::Executed) => (false, Some("PTNA")),
        Some(State::Returned) => (false, Some("ARDT")),
        Some(State::Rejected) | None => (false, Some("NOOR")),
    }
}

/// The payment meant: the one of the order named with both of its ids. A request that gets one of them wrong means no payment.
fn find(moment: &Moment<'_>, request: &CancellationRequest) -> Result<Option<Payment>, BankError> {
    let Some(order) = orders::find(moment, request.original_message_id.as_str())? else {
        return Ok(None);
    };
    let meant = |payment: &Payment| {
        payment.instruction_id == request.instruction_id.as_str()
            && payment.end_to_end_id == request.end_to_end_id.as_str()
    };
    Ok(payments::of_order(moment, order.head.id)?.into_iter().find(meant))
}
