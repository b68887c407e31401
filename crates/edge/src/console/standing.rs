//! Why a payment is where it is, and what happens next: sentences for every state, with what is known there.

use crate::ui::values;
use flow::view::State;
use vocab::money::Money;
use vocab::transfer::CreditTransfer;

/// Why it is in this state.
pub(super) fn why(state: &State, transfer: &CreditTransfer) -> String {
    match state {
        State::Received { duplicate_of: None } => "It has just arrived and is being looked at.".to_owned(),
        State::Received { duplicate_of: Some(_) } => {
            "It looks like an earlier payment: same payee, same amount, same reference.".to_owned()
        }
        State::WaitingForApproval { needed: 1 } => {
            "It needs the approval of one person who did not make it.".to_owned()
        }
        State::WaitingForApproval { needed } => {
            format!("It needs the approvals of {needed} people who did not make it.")
        }
        State::Approved => "Enough people have approved exactly this content.".to_owned(),
        State::Queued {
            not_before,
            resend: None,
        } => format!("Approved. It goes to the bank on {not_before}."),
        State::Queued {
            resend: Some(order), ..
        } => {
            format!("The bank never received {order}; it is sent again under the same reference.")
        }
        State::Dispatching { .. } => "It is on its way to the bank.".to_owned(),
        State::Unknown { .. } => "The bank did not answer, so nobody knows whether it has it.".to_owned(),
        State::AcceptedByBank {
            booked_minor, recall, ..
        } => accepted(*booked_minor, recall.name(), transfer),
        State::Rejected { reason } | State::Cancelled { reason } => super::words::sentence(&reason.to_string()),
        State::Settled { on, .. } => format!("The bank booked it on {on}."),
        State::Returned { on, reason } => {
            format!("It came back on {on}. {}", super::words::sentence(&reason.to_string()))
        }
        State::Expired => "Nobody decided about it in time.".to_owned(),
    }
}

fn accepted(booked_minor: i64, recall: &str, transfer: &CreditTransfer) -> String {
    let mut said = if booked_minor == 0 {
        "The bank has it and has not booked it yet.".to_owned()
    } else {
        let currency = transfer.amount.currency();
        let booked = values::grouped(Money::new(booked_minor, currency));
        let ordered = values::grouped(transfer.amount.money());
        format!("The bank has booked {booked} of {ordered} {currency}.")
    };
    match recall {
        "requested" => said.push_str(" It was asked to cancel it and has not answered."),
        "refused" => said.push_str(" It was asked to cancel it and said no."),
        _ => {}
    }
    said
}

/// What happens next, and who has to do something.
pub(super) fn next(state: &State, transfer: &CreditTransfer) -> String {
    match state {
        State::Received { duplicate_of: None } => "Countersign decides how many people have to approve it.".to_owned(),
        State::Received { duplicate_of: Some(_) } => {
            "Somebody has to say whether it is meant to be paid as well, or cancel it. Until then nothing moves.".to_owned()
        }
        State::WaitingForApproval { .. } => format!(
            "When enough people have approved it, it goes to the bank in time for {}. Any change asks all of them again.",
            transfer.execution_on
        ),
        State::Approved => "It is put into the queue for its bank.".to_owned(),
        State::Queued { not_before, resend: None } => {
            format!("On {not_before} it travels to the bank. Until then it can be changed or cancelled.")
        }
        State::Queued { resend: Some(_), .. } => {
            "It is sent again with the same bytes. If the first copy turns up late, the bank recognises it.".to_owned()
        }
        State::Dispatching { .. } => "The bank answers, or it is asked what became of it.".to_owned(),
        State::Unknown { .. } => {
            "The bank is asked again and again until it says. Nothing is sent a second time before that; do not pay it in another way."
                .to_owned()
        }
        State::AcceptedByBank { .. } => {
            format!("The bank executes it, asked for {}. It is settled when a statement shows the booking.", transfer.execution_on)
        }
        State::Rejected { .. } => "Nothing: no money moved. To pay all the same, submit a new payment.".to_owned(),
        State::Settled { .. } => "Nothing: it is done. Should the payee's bank send it back, it shows here.".to_owned(),
        State::Returned { .. } => {
            "The money is back on the account. Clear up the reason with the payee before paying again.".to_owned()
        }
        State::Cancelled { .. } => "Nothing: it is not going to be paid.".to_owned(),
        State::Expired => "Nothing: it is not going to be paid. To pay all the same, submit it again.".to_owned(),
    }
}
