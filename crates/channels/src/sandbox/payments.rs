//! The payments of the orders that the bank has accepted or rejected, each with its state.
//!
//! States only go forward; money is held from acceptance until it is booked or the payment is dropped.

use super::accounts::{self, AccountId};
use super::bank::BankError;
use super::book::Moment;
use super::documents::{self, Refusal};
use super::magic::Behaviour;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, params};
use vocab::exchange::BankStatus;
use vocab::reference::{Reference, Uetr};
use vocab::time::Timestamp;
use vocab::transfer::CreditTransfer;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Waits for its day.
    Accepted,
    /// Waits for ever.
    Pending,
    /// A part is booked, the rest is due.
    PartlyBooked,
    /// Booked.
    Executed,
    /// Booked and come back.
    Returned,
    /// Refused.
    Rejected,
    /// Dropped on request before it was booked.
    Cancelled,
}

impl State {
    const ALL: [Self; 7] = [
        Self::Accepted,
        Self::Pending,
        Self::PartlyBooked,
        Self::Executed,
        Self::Returned,
        Self::Rejected,
        Self::Cancelled,
    ];

    /// The status of ISO 20022 and what it means.
    pub(super) fn status(self) -> (&'static str, BankStatus) {
        match self {
            Self::Accepted => ("ACCP", BankStatus::Accepted),
            Self::Pending => ("PDNG", BankStatus::Accepted),
            Self::PartlyBooked => ("ACSP", BankStatus::Accepted),
            // What happened after the booking is not a matter of the order.
            Self::Executed | Self::Returned => ("ACSC", BankStatus::Executed),
            Self::Rejected => ("RJCT", BankStatus::Rejected),
            Self::Cancelled => ("CANC", BankStatus::Cancelled),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Pending => "pending",
            Self::PartlyBooked => "partly booked",
            Self::Executed => "executed",
            Self::Returned => "returned",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }
}

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        Self::ALL
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// One payment.
#[derive(Clone, Debug)]
pub(super) struct Payment {
    pub(super) id: i64,
    pub(super) order: i64,
    pub(super) instruction_id: String,
    pub(super) end_to_end_id: String,
    /// Whether the sender wants it booked together with its neighbours.
    pub(super) batch: bool,
    /// The debtor's account; `None` when the payment was rejected for want of one.
    pub(super) account: Option<AccountId>,
    pub(super) amount_minor: i64,
    pub(super) behaviour: Option<Behaviour>,
    pub(super) state: State,
    pub(super) reason: Option<Refusal>,
    pub(super) booked_minor: i64,
}

impl Payment {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let reason = match row.get::<_, Option<String>>("reason_code")? {
            Some(code) => Some(Refusal {
                code,
                text: row.get("reason_text")?,
            }),
            None => None,
        };
        Ok(Self {
            id: row.get("id")?,
            order: row.get("order_id")?,
            instruction_id: row.get("instruction_id")?,
            end_to_end_id: row.get("end_to_end_id")?,
            batch: row.get("batch")?,
            account: row.get("account_id")?,
            amount_minor: row.get("amount_minor")?,
            behaviour: row.get("behaviour")?,
            state: row.get("state")?,
            reason,
            booked_minor: row.get("booked_minor")?,
        })
    }

    /// The account of a payment that was not rejected.
    pub(super) fn debtor_account(&self) -> Result<AccountId, BankError> {
        self.account
            .ok_or_else(|| BankError::Damaged("an accepted payment has no account".to_owned()))
    }

    /// What will have been booked for it in the end.
    pub(super) fn total_minor(&self) -> i64 {
        total_minor(self.amount_minor, self.behaviour)
    }

    /// What is booked on its day.
    pub(super) fn first_minor(&self) -> i64 {
        if self.behaviour == Some(Behaviour::Partial) {
            self.amount_minor.div_euclid(2)
        } else {
            self.total_minor()
        }
    }
}

/// What is booked in the end for a payment of so many minor units.
pub(super) fn total_minor(amount_minor: i64, behaviour: Option<Behaviour>) -> i64 {
    if behaviour == Some(Behaviour::WrongAmount) {
        amount_minor.saturating_add(100)
    } else {
        amount_minor
    }
}

/// What the bank decided about a payment that was ordered.
pub(super) struct Decision {
    pub(super) account: Option<AccountId>,
    pub(super) behaviour: Option<Behaviour>,
    pub(super) state: State,
    pub(super) reason: Option<Refusal>,
    pub(super) due: Timestamp,
}

/// Writes a payment down as it was decided, and holds its money if it was accepted.
pub(super) fn add(
    moment: &Moment<'_>,
    order: i64,
    (instruction_id, transfer): &(Reference, CreditTransfer),
    decision: &Decision,
) -> Result<(), BankError> {
    let mut statement = moment.rows.prepare_cached(
        "INSERT INTO payments (order_id, instruction_id, end_to_end_id, uetr, remittance, batch, account_id,
             amount_minor, behaviour, state, reason_code, reason_text, due, booked_minor)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0)",
    )?;
    let amount_minor = transfer.amount.minor();
    statement.execute(params![
        order,
        instruction_id.as_str(),
        transfer.end_to_end_id.as_str(),
        transfer.uetr.as_ref().map(Uetr::as_str),
        documents::remittance(transfer),
        transfer.batch_booking,
        decision.account,
        amount_minor,
        decision.behaviour,
        decision.state,
        decision.reason.as_ref().map(|reason| &reason.code),
        decision.reason.as_ref().map(|reason| &reason.text),
        decision.due.micros(),
    ])?;
    if let (State::Accepted, Some(account)) = (decision.state, decision.account) {
        accounts::hold(moment, account, total_minor(amount_minor, decision.behaviour))?;
    }
    Ok(())
}

/// All payments of an order, in its own order.
pub(super) fn of_order(moment: &Moment<'_>, order: i64) -> Result<Vec<Payment>, BankError> {
    let mut statement = moment
        .rows
        .prepare_cached("SELECT * FROM payments WHERE order_id = ?1 ORDER BY id")?;
    Ok(statement.query_map([order], Payment::of)?.collect::<Result<_, _>>()?)
}

/// The accepted payments of an order whose time has come.
pub(super) fn due_of_order(moment: &Moment<'_>, order: i64) -> Result<Vec<Payment>, BankError> {
    let mut statement = moment
        .rows
        .prepare_cached("SELECT * FROM payments WHERE order_id = ?1 AND state = ?2 AND due <= ?3 ORDER BY id")?;
    let payments = statement.query_map(params![order, State::Accepted, moment.at.micros()], Payment::of)?;
    Ok(payments.collect::<Result<_, _>>()?)
}

/// One payment.
pub(super) fn load(moment: &Moment<'_>, id: i64) -> Result<Payment, BankError> {
    let mut statement = moment.rows.prepare_cached("SELECT * FROM payments WHERE id = ?1")?;
    Ok(statement.query_row([id], Payment::of)?)
}

/// Advances a payment by money that was booked for it and lets go what was held.
pub(super) fn booked(moment: &Moment<'_>, payment: &Payment, minor: i64, state: State) -> Result<(), BankError> {
    let mut statement = moment
        .rows
        .prepare_cached("UPDATE payments SET state = ?2, booked_minor = booked_minor + ?3 WHERE id = ?1")?;
    statement.execute(params![payment.id, state, minor])?;
    accounts::hold(moment, payment.debtor_account()?, minor.saturating_neg())
}

/// Drops a payment that is not booked yet.
pub(super) fn cancel(moment: &Moment<'_>, payment: &Payment) -> Result<(), BankError> {
    set(moment, payment.id, State::Cancelled)?;
    // Nothing is held for a pending payment, and no other can be dropped.
    if payment.state == State::Accepted {
        accounts::hold(
            moment,
            payment.debtor_account()?,
            payment.total_minor().saturating_neg(),
        )?;
    }
    Ok(())
}

/// Says that the money of a payment has come back.
pub(super) fn returned(moment: &Moment<'_>, payment: &Payment) -> Result<(), BankError> {
    set(moment, payment.id, State::Returned)
}

fn set(moment: &Moment<'_>, id: i64, state: State) -> Result<(), BankError> {
    moment
        .rows
        .prepare_cached("UPDATE payments SET state = ?2 WHERE id = ?1")?
        .execute(params![id, state])?;
    Ok(())
}
