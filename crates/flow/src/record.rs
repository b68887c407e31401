//! Record: what a bank says about payments, by answer, report or statement, moves them and keeps the books in step.
//!
//! Reports come late, twice and out of order: what is known already changes nothing, what contradicts it is put before a person.

use crate::content;
use crate::intake::open_content;
use crate::refusal::{Code, Error};
use crate::send;
use crate::standing;
use crate::work::{NewException, Work, data, ordered};
use formats::finding::Finding;
use formats::pain002;
use ledger::exception::ExceptionCode;
use ledger::journal;
use ledger::posting::{Entry, EntryError};
use payment::command::Command;
use payment::reason::Reason;
use payment::state::State;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use store::orders::Order;
use store::payments::Standing;
use vocab::context::Actor;
use vocab::exchange::{BankStatus, Document, DocumentKind, PaymentReport, ReportedStatus, StatusReport};
use vocab::id::{AccountId, OrderId, PaymentId};

/// Exception: a document of a bank cannot be read.
pub(crate) const DOCUMENT_UNREADABLE: &str = "document_unreadable";

/// Takes in the bank's answer to an order, or to the question what became of it. The bank has the order, so whatever payment it does
/// not speak of is with it too. False when the answer says nothing that can be used.
pub(crate) fn answer(work: &mut Work<'_>, order: &Order, document: &Document) -> Result<bool, Error> {
    let told = match (document.kind, pain002::read(&document.body)) {
        (DocumentKind::Pain002, Ok(told)) if send::order_of(&told.original_message_id) == Some(order.id) => told,
        (DocumentKind::Pain002, Err(findings)) => {
            unreadable(work, Some(order.account), document, findings.first())?;
            return Ok(false);
        }
        (_, _) => {
            unreadable(work, Some(order.account), document, None)?;
            return Ok(false);
        }
    };
    report(work, order, &told)?;
    for payment in store::orders::payments(work.tx, work.scope, order.id)? {
        let standing = work.payment(payment)?;
        if is_open(&standing::read(&standing)?) {
            let told = because("the bank has the order", order.id, &told);
            hear(work, standing, &Command::BankAccepted, "payment.accepted_by_bank", told)?;
        }
    }
    Ok(true)
}

/// Takes in a status report about an order of ours.
pub(crate) fn report(work: &mut Work<'_>, order: &Order, report: &StatusReport) -> Result<(), Error> {
    let payments = store::orders::payments(work.tx, work.scope, order.id)?;
    let mut said: BTreeMap<PaymentId, &ReportedStatus> = BTreeMap::new();
    for about in &report.payments {
        match named(work, &payments, about)? {
            Some(payment) => _ = said.insert(payment, &about.status),
            None => unknown_payment(work, order)?,
        }
    }
    // `PART` says of no single payment what became of it.
    let of_all = report
        .group
        .as_ref()
        .filter(|group| group.status != BankStatus::Partial);
    let mut moved = false;
    for payment in payments {
        if let Some(status) = said.get(&payment).copied().or(of_all) {
            moved |= apply(work, order.id, payment, status, report)?;
        }
    }
    // A member of a batch that is known to be rejected may explain a collective booking.
    if moved {
        crate::reconcile::explain_again(work, order.account)?;
    }
    Ok(())
}

/// The payment of the order that a report speaks of.
fn named(work: &mut Work<'_>, payments: &[PaymentId], about: &PaymentReport) -> Result<Option<PaymentId>, Error> {
    let of_order = |payment: PaymentId| payments.contains(&payment).then_some(payment);
    if let Some(instruction) = about.instruction_id.as_deref().and_then(send::payment_of) {
        return Ok(of_order(instruction));
    }
    let Some(end_to_end_id) = about.end_to_end_id.as_deref() else {
        return Ok(None);
    };
    let mut found = None;
    for payment in payments {
        let standing = work.payment(*payment)?;
        let transfer = content::parse(&open_content(work.parts, &standing.payment)?)?;
        if transfer.end_to_end_id.as_str() == end_to_end_id {
            // Two payments with the same end-to-end id: it names neither.
            if found.replace(*payment).is_some() {
                return Ok(None);
            }
        }
    }
    Ok(found)
}

fn apply(
    work: &mut Work<'_>,
    order: OrderId,
    payment: PaymentId,
    status: &ReportedStatus,
    report: &StatusReport,
) -> Result<bool, Error> {
    let reason = || Reason::of_bank(status.reason.as_deref(), status.text.as_deref());
    let (command, kind) = match status.status {
        // What the bank calls executed is accepted here; only a statement shows that money has moved.
        BankStatus::Accepted | BankStatus::Executed => (Command::BankAccepted, "payment.accepted_by_bank"),
        BankStatus::Rejected => (Command::BankRejected(reason()), "payment.rejected"),
        BankStatus::Cancelled => (Command::RecallAccepted { reason: reason() }, "payment.cancelled"),
        BankStatus::Partial => return Ok(false),
    };
    let mut told = because("the bank's status report says so", order, report);
    told.insert("status".into(), status.code.as_str().into());
    let standing = work.payment(payment)?;
    Ok(hear(work, standing, &command, kind, told)?.1)
}

fn because(why: &str, order: OrderId, report: &StatusReport) -> Map<String, Value> {
    data([
        ("because", why.into()),
        ("order", order.to_string().into()),
        ("report", shown(&report.message_id).into()),
    ])
}

/// Lets the bank's word move a payment, with the entries that follow from it. A contradiction moves nothing; a person is told once.
pub(crate) fn hear(
    work: &mut Work<'_>,
    standing: Standing,
    command: &Command,
    kind: &'static str,
    told: Map<String, Value>,
) -> Result<(Standing, bool), Error> {
    match by_bank(work, standing.clone(), command, kind, told) {
        Err(Error::Refused(refusal)) if refusal.code == Code::StateForbids => {
            contradicts(work, &standing, command, &refusal.detail)?;
            Ok((standing, false))
        }
        moved => moved,
    }
}

/// The same, where a contradiction has been ruled out before.
pub(crate) fn by_bank(
    work: &mut Work<'_>,
    standing: Standing,
    command: &Command,
    kind: &'static str,
    told: Map<String, Value>,
) -> Result<(Standing, bool), Error> {
    let before = standing::read(&standing)?;
    let speaker = std::mem::replace(&mut work.ctx.actor, Actor::Bank);
    let moved = work.advance(standing, command, kind, told);
    work.ctx.actor = speaker;
    let (standing, moved) = moved?;
    if moved {
        keep_books(work, &before, &standing)?;
    }
    Ok((standing, moved))
}

/// Posts that the bank has a payment, exactly once: when it first gets there; and takes it back when it is not executed after all.
pub(crate) fn keep_books(work: &mut Work<'_>, before: &State, standing: &Standing) -> Result<(), Error> {
    let was_there = matches!(
        before,
        State::AcceptedByBank { .. } | State::Settled { .. } | State::Returned { .. }
    );
    let amount = ordered(standing)?;
    let subject = standing.payment.id.to_string();
    match standing::read(standing)? {
        State::AcceptedByBank { .. } | State::Settled { .. } | State::Returned { .. } if !was_there => {
            book(work, journal::accepted(amount), &subject)
        }
        State::Rejected { .. } | State::Cancelled { .. } if was_there => {
            book(work, journal::rejected_after_acceptance(amount), &subject)
        }
        State::AcceptedByBank { .. }
        | State::Settled { .. }
        | State::Returned { .. }
        | State::Rejected { .. }
        | State::Cancelled { .. }
        | State::Received { .. }
        | State::WaitingForApproval { .. }
        | State::Approved
        | State::Queued { .. }
        | State::Dispatching { .. }
        | State::Unknown { .. }
        | State::Expired => Ok(()),
    }
}

/// Books an entry of the ledger's rules.
pub(crate) fn book(work: &mut Work<'_>, entry: Result<Entry, EntryError>, subject: &str) -> Result<(), Error> {
    let entry = entry.map_err(|_| Error::Bug("postings that make no entry"))?;
    work.book(&entry, subject)?;
    Ok(())
}

/// Whether the bank has not said yet whether it has the payment.
pub(crate) fn is_open(state: &State) -> bool {
    matches!(
        state,
        State::Dispatching { .. } | State::Unknown { .. } | State::Queued { resend: Some(_), .. }
    )
}

fn contradicts(work: &mut Work<'_>, standing: &Standing, command: &Command, refusal: &str) -> Result<(), Error> {
    let (code, payment) = (ExceptionCode::ReportContradicts.code(), standing.payment.id);
    if store::exceptions::is_open(work.tx, work.scope, code, payment)? {
        return Ok(());
    }
    let said = command.name().replace('_', " ");
    let sentence = format!("The bank reports `{said}` for payment {payment}, but {refusal}.");
    work.exception(NewException {
        account: Some(standing.payment.account),
        statement: None,
        line: None,
        payment: Some(payment),
        code: code.to_owned(),
        sentence,
    })?;
    Ok(())
}

fn unknown_payment(work: &mut Work<'_>, order: &Order) -> Result<(), Error> {
    let order_id = order.id;
    work.exception(NewException {
        account: Some(order.account),
        statement: None,
        line: None,
        payment: None,
        code: ExceptionCode::ReportContradicts.code().to_owned(),
        sentence: format!(
            "A status report about order {order_id} speaks of a payment that the order does not hold, or names it by a reference that \
             two of its payments have. Ask the bank which one is meant."
        ),
    })?;
    Ok(())
}

/// Puts a document that nobody can use before a person. Findings never repeat personal data.
pub(crate) fn unreadable(
    work: &mut Work<'_>,
    account: Option<AccountId>,
    document: &Document,
    finding: Option<&Finding>,
) -> Result<(), Error> {
    let what = finding.map_or_else(
        || "it is not the message that is expected here".to_owned(),
        Finding::to_string,
    );
    let (kind, reference) = (document.kind.name(), shown(&document.reference));
    work.exception(NewException {
        account,
        statement: None,
        line: None,
        payment: None,
        code: DOCUMENT_UNREADABLE.to_owned(),
        sentence: format!("The bank's {kind} with the reference `{reference}` could not be used: {what}. Nothing was taken from it. Ask the bank."),
    })?;
    Ok(())
}

/// A reference of a bank, fit to be shown: short, in the bank character set.
pub(crate) fn shown(reference: &str) -> String {
    reference
        .chars()
        .filter(|c| vocab::reference::is_bank_character(*c))
        .take(35)
        .collect()
}
