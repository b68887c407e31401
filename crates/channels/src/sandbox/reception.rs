//! Takes delivered messages: recognises repetitions, decides about each payment of an order, and answers.
//!
//! A message is executed once however often it is delivered: its reference is claimed in the same transaction as the effect.

use super::accounts::{self, Account};
use super::bank::BankError;
use super::book::Moment;
use super::days;
use super::documents::{Delivered, Refusal};
use super::due::{self, Task};
use super::magic::Behaviour;
use super::orders::{self, Answer};
use super::payments::{self, Decision, State};
use super::recall;
use super::reports;
use formats::order::ReadOrder;
use vocab::exchange::{Document, DocumentKind};
use vocab::transfer::CreditTransfer;

/// How a delivery ended.
#[derive(Debug)]
pub(super) enum Reception {
    /// With an answer.
    Answered(Answer),
    /// Recorded, but the answer gets lost.
    AnswerLost,
    /// Lost before it was recorded.
    RequestLost,
}

/// Takes a message that could be read.
pub(super) fn receive(moment: &Moment<'_>, document: &Document, delivered: &Delivered) -> Result<Reception, BankError> {
    if delivered.message_id() != document.reference {
        let refusal = Refusal::new("FF01", "the message has another message id than its delivery says");
        return Ok(Reception::Answered(Answer::Refused(refusal)));
    }
    if let Some(known) = orders::find(moment, &document.reference)? {
        let same = known.kind == document.kind && known.body == document.body;
        let other = || {
            Refusal::new(
                "DU01",
                "another message was received under this message id; choose a new one",
            )
        };
        return Ok(Reception::Answered(if same {
            known.answer
        } else {
            Answer::Refused(other())
        }));
    }
    match delivered {
        Delivered::Order(order) => take_order(moment, document, order),
        Delivered::Recall(request) => recall::take(moment, document, request),
    }
}

/// What became of a message, asked under its reference; `None` when it never arrived.
pub(super) fn status(moment: &Moment<'_>, reference: &str) -> Result<Option<Document>, BankError> {
    let Some(known) = orders::find(moment, reference)? else {
        return Ok(None);
    };
    match known.answer {
        Answer::Refused(refusal) => reports::refused(&known.head, &refusal).map(Some),
        // Never changes: a request to cancel is decided at once.
        Answer::Document(answer) if answer.kind == DocumentKind::Camt029 => Ok(Some(answer)),
        Answer::Document(_) => reports::status(moment, &known.head).map(Some),
    }
}

fn take_order(moment: &Moment<'_>, document: &Document, order: &ReadOrder) -> Result<Reception, BankError> {
    let behaviour_of = |transfer: &CreditTransfer| Behaviour::of(&transfer.creditor_account);
    let any = |wanted| {
        order
            .payments
            .iter()
            .any(|(_, transfer)| behaviour_of(transfer) == Some(wanted))
    };
    if any(Behaviour::RequestLost) && orders::lose_once(moment, &document.reference)? {
        return Ok(Reception::RequestLost);
    }
    // The payments of an order share their debtor account.
    let debtor = order.payments.first().map(|(_, transfer)| &transfer.debtor_account);
    if !debtor.map_or(Ok(false), |number| accounts::known(moment, number))? {
        let refusal = Refusal::new("AC01", "the bank keeps no such debtor account");
        orders::refuse(moment, document, &refusal)?;
        return Ok(Reception::Answered(Answer::Refused(refusal)));
    }
    let head = orders::begin(moment, document, Some(&order.payment_information_id))?;
    for payment in &order.payments {
        let (_, transfer) = payment;
        let decision = decide(moment, transfer, behaviour_of(transfer))?;
        if decision.state == State::Accepted {
            due::schedule(moment, decision.due, Task::Execute, head.id)?;
        }
        payments::add(moment, head.id, payment, &decision)?;
    }
    let answer = reports::status(moment, &head)?;
    orders::answer(moment, head.id, &answer)?;
    Ok(if any(Behaviour::AnswerLost) {
        Reception::AnswerLost
    } else {
        Reception::Answered(Answer::Document(answer))
    })
}

/// Decides about one payment; earlier payments of the order have already taken their part of the money.
fn decide(moment: &Moment<'_>, transfer: &CreditTransfer, behaviour: Option<Behaviour>) -> Result<Decision, BankError> {
    let account = accounts::find(moment, &transfer.debtor_account, transfer.amount.currency())?;
    let (state, reason) = match (&account, behaviour) {
        (None, _) => (
            State::Rejected,
            Some(Refusal::new("AM03", "the account is not kept in this currency")),
        ),
        (_, Some(Behaviour::Rejected)) => (
            State::Rejected,
            Some(Refusal::new("AC04", "the creditor's account is closed")),
        ),
        (_, Some(Behaviour::Pending)) => (State::Pending, None),
        (Some(account), _) if covered(account, transfer, behaviour) => (State::Accepted, None),
        (Some(_), _) => (
            State::Rejected,
            Some(Refusal::new("AM04", "the account has not enough money")),
        ),
    };
    let due = days::execution(transfer.execution_on, moment.at);
    Ok(Decision {
        account: account.map(|account| account.id),
        behaviour,
        state,
        reason,
        due,
    })
}

/// Whether the account has the money beside what is held for earlier payments.
fn covered(account: &Account, transfer: &CreditTransfer, behaviour: Option<Behaviour>) -> bool {
    let needed = payments::total_minor(transfer.amount.minor(), behaviour);
    account.balance_minor.saturating_sub(account.held_minor) >= needed
}
