//! Payments and statement lines, short to write.

use ledger::candidates::{Open, OpenState};
use ledger::exception::ExceptionCode;
use ledger::matching::Explanation;
use vocab::exchange::{BatchInformation, LineDetail, StatementLine};
use vocab::id::{AccountId, OrderId, PaymentId};
use vocab::money::{Amount, Currency, Money};
use vocab::time::Date;

pub(crate) fn money(minor: i64) -> Money {
    Money::new(minor, Currency::from_code("EUR").unwrap())
}

pub(crate) fn amount(minor: i64) -> Amount {
    Amount::new(money(minor)).unwrap()
}

pub(crate) fn account() -> AccountId {
    AccountId::from_i64(1)
}

pub(crate) fn payment(number: i64, minor: i64) -> Open {
    Open {
        payment: PaymentId::from_i64(number),
        order: OrderId::from_i64(1),
        message_id: "MSG-1".into(),
        payment_information_id: "GRP-1".into(),
        instruction_id: format!("I-{number}"),
        end_to_end_id: format!("E-{number}"),
        uetr: Some(format!("uetr-{number}")),
        amount: amount(minor),
        booked_minor: 0,
        account: account(),
        state: OpenState::Open,
    }
}

pub(crate) fn detail() -> LineDetail {
    LineDetail {
        amount: None,
        message_id: None,
        payment_information_id: None,
        instruction_id: None,
        end_to_end_id: None,
        uetr: None,
        servicer_reference: None,
        return_reason: None,
        remittance: None,
    }
}

/// A transaction with our own reference of a payment.
pub(crate) fn own(number: i64) -> LineDetail {
    LineDetail {
        instruction_id: Some(format!("I-{number}")),
        ..detail()
    }
}

pub(crate) fn line(minor: i64, details: Vec<LineDetail>) -> StatementLine {
    StatementLine {
        amount: money(minor),
        booked: true,
        reversal: false,
        booked_on: Date::constant(2026, 11, 23),
        value_on: None,
        servicer_reference: None,
        entry_reference: None,
        transaction_code: None,
        batch: None,
        details,
        information: None,
    }
}

pub(crate) fn batch_line(minor: i64, count: u64) -> StatementLine {
    let batch = BatchInformation {
        message_id: Some("MSG-1".into()),
        payment_information_id: None,
        count: Some(count),
        total: Some(money(minor)),
    };
    StatementLine {
        batch: Some(batch),
        ..line(minor, vec![])
    }
}

pub(crate) fn code(explanation: &Explanation) -> Option<ExceptionCode> {
    match explanation {
        Explanation::Explained { .. } | Explanation::Charge { .. } => None,
        Explanation::Exception(exception) => Some(exception.code),
    }
}
