//! What falls due: executions, second halves, returns, the end of a day. Carried out in the order of time, each at its own time.
//!
//! The agenda is rows: a bank that was shut down for a week catches up as if it had been there.

use super::accounts::{self, AccountId};
use super::bank::BankError;
use super::book::Moment;
use super::days;
use super::entries::{self, Kind, Part};
use super::magic::Behaviour;
use super::orders;
use super::payments::{self, Payment, State};
use super::reports::{self, Copies};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, params};
use vocab::time::Timestamp;

/// Why money comes back: the creditor's account is closed (ISO 20022 external return reason).
pub(super) const RETURN_REASON: &str = "AC04";

/// What is to be done, about the subject with an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Book the payments of an order.
    Execute,
    /// Book the rest of a payment.
    BookRest,
    /// Credit a payment back.
    Return,
    /// Charge an account, close its day and make the statement.
    CloseDay,
}

impl Task {
    const ALL: [Self; 4] = [Self::Execute, Self::BookRest, Self::Return, Self::CloseDay];

    fn name(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::BookRest => "book rest",
            Self::Return => "return",
            Self::CloseDay => "close day",
        }
    }
}

impl ToSql for Task {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Task {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        Self::ALL
            .into_iter()
            .find(|task| task.name() == name)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// Puts a task on the agenda, once for each time and subject.
pub(super) fn schedule(moment: &Moment<'_>, due: Timestamp, task: Task, subject: i64) -> Result<(), BankError> {
    let mut statement = moment
        .rows
        .prepare_cached("INSERT INTO agenda (due, task, subject) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
    statement.execute(params![due.micros(), task, subject])?;
    Ok(())
}

/// Does everything that is due, the earliest first.
pub(super) fn carry_out(moment: &Moment<'_>) -> Result<(), BankError> {
    loop {
        let mut statement = moment
            .rows
            .prepare_cached("SELECT id, due, task, subject FROM agenda WHERE due <= ?1 ORDER BY due, id LIMIT 1")?;
        let next = statement.query_row([moment.at.micros()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        });
        let Some((id, due, task, subject)): Option<(i64, i64, Task, i64)> = next.optional()? else {
            return Ok(());
        };
        let then = moment.then(Timestamp::from_micros(due));
        match task {
            Task::Execute => execute(&then, subject)?,
            Task::BookRest => book_rest(&then, subject)?,
            Task::Return => give_back(&then, subject)?,
            Task::CloseDay => close_day(&then, AccountId(subject))?,
        }
        // Taken off only now: closing a day books a charge, which must not put the closing on the agenda a second time.
        moment
            .rows
            .prepare_cached("DELETE FROM agenda WHERE id = ?1")?
            .execute([id])?;
    }
}

/// Books the due payments of an order: batches in one sum, the others one by one, in the order of the message.
fn execute(moment: &Moment<'_>, order: i64) -> Result<(), BankError> {
    let payments = payments::due_of_order(moment, order)?;
    if payments.is_empty() {
        return Ok(());
    }
    let before = entries::last(moment)?;
    for group in groups(&payments) {
        let Some(first) = group.first() else { continue };
        let kind = if first.batch { Kind::Batch } else { Kind::Payment };
        let parts: Vec<_> = group
            .iter()
            .map(|payment| Part {
                payment,
                minor: payment.first_minor().saturating_neg(),
            })
            .collect();
        entries::post(moment, first.debtor_account()?, kind, &parts)?;
    }
    let mut executed: Vec<i64> = Vec::new();
    for payment in &payments {
        let state = if payment.behaviour == Some(Behaviour::Partial) {
            State::PartlyBooked
        } else {
            State::Executed
        };
        payments::booked(moment, payment, payment.first_minor(), state)?;
        follow_up(moment, payment)?;
        if state == State::Executed {
            executed.push(payment.id);
        }
    }
    orders::changed(moment, order)?;
    let twice = payments
        .iter()
        .any(|payment| payment.behaviour == Some(Behaviour::ReportTwice));
    let copies = if twice { Copies::Two } else { Copies::One };
    reports::executed(moment, &orders::head(moment, order)?, &executed, copies)?;
    reports::notify(moment, before, copies)
}

/// Payments that are booked in one sum: those of one account that ask for it; each other one alone. What books nothing yet (half of
/// one minor unit) is in no group.
fn groups(payments: &[Payment]) -> Vec<Vec<&Payment>> {
    let mut groups: Vec<Vec<&Payment>> = Vec::new();
    for payment in payments.iter().filter(|payment| payment.first_minor() > 0) {
        let together = |first: &Payment| first.batch && payment.batch && first.account == payment.account;
        let group = groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| together(first)));
        match group {
            Some(group) => group.push(payment),
            None => groups.push(vec![payment]),
        }
    }
    groups
}

/// What a magic account makes of a payment after its day.
fn follow_up(moment: &Moment<'_>, payment: &Payment) -> Result<(), BankError> {
    let today = moment.at.date();
    match payment.behaviour {
        Some(Behaviour::Partial) => schedule(
            moment,
            days::opening(days::business_day_after(today)),
            Task::BookRest,
            payment.id,
        ),
        Some(Behaviour::Returned) => schedule(moment, days::opening(days::return_day(today)), Task::Return, payment.id),
        Some(
            Behaviour::Rejected
            | Behaviour::Pending
            | Behaviour::AnswerLost
            | Behaviour::RequestLost
            | Behaviour::ReportTwice
            | Behaviour::WrongAmount,
        )
        | None => Ok(()),
    }
}

fn book_rest(moment: &Moment<'_>, payment: i64) -> Result<(), BankError> {
    let payment = payments::load(moment, payment)?;
    let before = entries::last(moment)?;
    let rest = payment.total_minor().saturating_sub(payment.booked_minor);
    let part = Part {
        payment: &payment,
        minor: rest.saturating_neg(),
    };
    entries::post(moment, payment.debtor_account()?, Kind::Payment, &[part])?;
    payments::booked(moment, &payment, rest, State::Executed)?;
    orders::changed(moment, payment.order)?;
    reports::executed(
        moment,
        &orders::head(moment, payment.order)?,
        &[payment.id],
        Copies::One,
    )?;
    reports::notify(moment, before, Copies::One)
}

fn give_back(moment: &Moment<'_>, payment: i64) -> Result<(), BankError> {
    let payment = payments::load(moment, payment)?;
    let before = entries::last(moment)?;
    let part = Part {
        payment: &payment,
        minor: payment.booked_minor,
    };
    entries::post(moment, payment.debtor_account()?, Kind::Return, &[part])?;
    payments::returned(moment, &payment)?;
    reports::notify(moment, before, Copies::One)
}

/// The end of a day on which an account moved.
fn close_day(moment: &Moment<'_>, account: AccountId) -> Result<(), BankError> {
    if moment.fee_minor > 0 {
        let before = entries::last(moment)?;
        entries::charge(moment, account, moment.fee_minor)?;
        reports::notify(moment, before, Copies::One)?;
    }
    reports::statement(moment, &accounts::load(moment, account)?)
}
