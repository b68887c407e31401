//! Names, numbers and words of a run. Each holds a mark by which it is found again wherever it must not be.

use signing::key::SigningKey;
use vocab::account::AccountNumber;
use vocab::money::{Amount, Currency, Money};
use vocab::party::Party;
use vocab::time::Date;
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

/// What is in every name of a person or firm.
const NAME: &str = "Quorvex";
/// What is in every remittance text.
const WORDS: &str = "Zephyrine";
/// What is in every account number.
const NUMBER: &str = "7712830946";

/// The marks: none of them may stand in a log line, an error or a plain column.
pub const MARKS: [&str; 3] = [NAME, WORDS, NUMBER];

/// EUR.
pub fn eur() -> Currency {
    Currency::from_code("EUR").expect("EUR")
}

/// A sum in EUR.
pub fn money(minor: i64) -> Money {
    Money::new(minor, eur())
}

/// A name.
pub fn name(what: &str, number: usize) -> String {
    format!("{what} {NAME} {number}")
}

/// A German IBAN with the mark in it.
pub fn iban(number: usize) -> AccountNumber {
    let bban = format!("{NUMBER}{number:08}");
    let check = format!("{bban}131400")
        .bytes()
        .fold(0_u64, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97);
    AccountNumber::guess(&format!("DE{:02}{bban}", 98 - check)).expect("an IBAN")
}

/// The house's account at a bank.
pub fn own_account(bank: usize) -> AccountNumber {
    iban(bank)
}

/// Keys of the application (0) and of people.
pub fn signer(holder: usize) -> SigningKey {
    SigningKey::from_seed(&[u8::try_from(holder + 1).unwrap_or(255); 32]).expect("a key")
}

/// What is to be paid.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub payment: usize,
    pub minor: i64,
    pub creditor: usize,
    pub bank: usize,
    pub execution_on: Date,
    /// Which payment's words it has.
    pub words: usize,
    pub together: bool,
}

/// The transfer of a payment.
pub fn transfer(wanted: &Wanted) -> CreditTransfer {
    CreditTransfer {
        end_to_end_id: end_to_end_id(wanted.payment).parse().expect("a reference"),
        uetr: None,
        debtor: Party::named(&name("House", 0)),
        debtor_account: own_account(wanted.bank),
        debtor_agent: None,
        creditor: Party::named(&name("Supplier", wanted.creditor)),
        creditor_account: iban(1_000 + wanted.creditor),
        creditor_agent: None,
        amount: Amount::new(money(wanted.minor)).expect("an amount"),
        execution_on: wanted.execution_on,
        remittance: Remittance::Text(format!("{WORDS} {}", wanted.words)),
        charges: ChargeBearer::ServiceLevel,
        service_level: Some("SEPA".to_owned()),
        category_purpose: None,
        purpose: None,
        batch_booking: wanted.together,
    }
}

/// The submitter's own reference of a payment.
pub fn end_to_end_id(payment: usize) -> String {
    format!("E2E-{payment}")
}

/// The payment that a submitter's reference names.
pub fn of_end_to_end(reference: &str) -> Option<usize> {
    reference.strip_prefix("E2E-")?.parse().ok()
}
