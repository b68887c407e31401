//! What the bank reports of its own accord and when asked: status reports, notifications, statements, made from the rows.
//!
//! The same rows give the same bytes: a status report asked for twice is the same document until a payment has changed.

use super::accounts::{self, Account};
use super::bank::BankError;
use super::book::Moment;
use super::documents::{self, Refusal};
use super::entries;
use super::mailbox;
use super::orders::Head;
use super::payments::{self, Payment, State};
use vocab::exchange::{
    BankStatus, Document, PaymentReport, ReportedStatus, Statement, StatementKind, StatementLine, StatusReport,
};

/// How often a report is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copies {
    One,
    /// The same document twice, as when a bank repeats itself.
    Two,
}

/// The status of an order as things stand now.
pub(super) fn status(moment: &Moment<'_>, order: &Head) -> Result<Document, BankError> {
    let payments = payments::of_order(moment, order.id)?;
    whole(order, group(&payments), payments.iter().map(payment_report).collect())
}

/// The status of a message that was refused as a whole.
pub(super) fn refused(message: &Head, refusal: &Refusal) -> Result<Document, BankError> {
    whole(message, reported(State::Rejected, Some(refusal)), Vec::new())
}

fn whole(message: &Head, group: ReportedStatus, payments: Vec<PaymentReport>) -> Result<Document, BankError> {
    let report = StatusReport {
        message_id: message.status_reference.clone(),
        original_message_id: message.reference.clone(),
        group: Some(group),
        payments,
    };
    documents::status_report(&report, message.information_id.as_deref(), message.changed_at)
}

/// Reports the payments that have just been executed, if there are any.
pub(super) fn executed(moment: &Moment<'_>, order: &Head, executed: &[i64], copies: Copies) -> Result<(), BankError> {
    if executed.is_empty() {
        return Ok(());
    }
    let executed = executed
        .iter()
        .map(|id| payments::load(moment, *id))
        .collect::<Result<Vec<_>, _>>()?;
    let report = StatusReport {
        message_id: moment.draw("PSR")?,
        original_message_id: order.reference.clone(),
        group: None,
        payments: executed.iter().map(payment_report).collect(),
    };
    deliver(
        moment,
        &documents::status_report(&report, order.information_id.as_deref(), moment.at)?,
        copies,
    )
}

/// Notifies each account of its entries after this one.
pub(super) fn notify(moment: &Moment<'_>, after: i64, copies: Copies) -> Result<(), BankError> {
    for id in entries::accounts_after(moment, after)? {
        let account = accounts::load(moment, id)?;
        let lines = entries::lines(moment, &account, moment.at.date(), after)?;
        let reference = moment.draw("NTF")?;
        let notification = of(moment, StatementKind::Notification, &reference, &account, lines);
        deliver(moment, &documents::statement(&notification, moment.at)?, copies)?;
    }
    Ok(())
}

/// The statement of the day that is being closed.
pub(super) fn statement(moment: &Moment<'_>, account: &Account) -> Result<(), BankError> {
    let lines = entries::lines(moment, account, moment.at.date(), 0)?;
    let reference = moment.draw("STM")?;
    let statement = Statement {
        sequence: Some(account.statements.saturating_add(1)),
        opening: Some(account.money(account.stated_minor)),
        closing: Some(account.money(account.balance_minor)),
        ..of(moment, StatementKind::EndOfDay, &reference, account, lines)
    };
    // INVARIANT: opening + lines = closing; the writer of the message refuses anything else.
    deliver(moment, &documents::statement(&statement, moment.at)?, Copies::One)?;
    accounts::stated(moment, account.id, account.balance_minor)
}

fn of(
    moment: &Moment<'_>,
    kind: StatementKind,
    reference: &str,
    account: &Account,
    lines: Vec<StatementLine>,
) -> Statement {
    Statement {
        kind,
        identification: reference.to_owned(),
        sequence: None,
        account: account.number.clone(),
        covers: moment.at.date(),
        opening: None,
        closing: None,
        lines,
    }
}

fn deliver(moment: &Moment<'_>, document: &Document, copies: Copies) -> Result<(), BankError> {
    mailbox::put(moment, document)?;
    match copies {
        Copies::One => Ok(()),
        Copies::Two => mailbox::put(moment, document),
    }
}

/// The status of an order as a whole: of all its payments when they agree, `PART` when they do not.
fn group(payments: &[Payment]) -> ReportedStatus {
    match payments.split_first() {
        Some((first, rest))
            if rest
                .iter()
                .all(|payment| payment.state.status() == first.state.status()) =>
        {
            reported(first.state, None)
        }
        _ => ReportedStatus {
            status: BankStatus::Partial,
            code: "PART".to_owned(),
            reason: None,
            text: None,
        },
    }
}

fn payment_report(payment: &Payment) -> PaymentReport {
    PaymentReport {
        instruction_id: Some(payment.instruction_id.clone()),
        end_to_end_id: Some(payment.end_to_end_id.clone()),
        status: reported(payment.state, payment.reason.as_ref()),
    }
}

fn reported(state: State, reason: Option<&Refusal>) -> ReportedStatus {
    let (code, status) = state.status();
    ReportedStatus {
        status,
        code: code.to_owned(),
        reason: reason.map(|refusal| refusal.code.clone()),
        text: reason.map(|refusal| refusal.text.clone()),
    }
}
