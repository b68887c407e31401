//! Transfers to order.

use vocab::account::AccountNumber;
use vocab::money::{Amount, Currency, Money};
use vocab::party::Party;
use vocab::time::Date;
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

/// The creditor of [`transfer`].
pub const CREDITOR: &str = "DE02120300000000202051";

/// A transfer from the house's account, executed on 2026-11-24; `number` makes it another one.
pub fn transfer(number: u32, minor: i64) -> CreditTransfer {
    let account = |number: &str| AccountNumber::guess(number).unwrap_or_else(|_| unreachable!("a fixed account"));
    let eur = Currency::from_code("EUR").map(|eur| Amount::new(Money::new(minor, eur)));
    let (Some(Ok(amount)), Ok(end_to_end_id)) = (eur, format!("E2E-{number}").parse()) else {
        unreachable!("a fixed transfer")
    };
    CreditTransfer {
        end_to_end_id,
        uetr: None,
        debtor: Party::named("House"),
        debtor_account: account(crate::house::ACCOUNT),
        debtor_agent: None,
        creditor: Party::named("Supplier"),
        creditor_account: account(CREDITOR),
        creditor_agent: None,
        amount,
        execution_on: Date::constant(2026, 11, 24),
        remittance: Remittance::Text(format!("Invoice {number}")),
        charges: ChargeBearer::ServiceLevel,
        service_level: Some("SEPA".to_owned()),
        category_purpose: None,
        purpose: None,
        batch_booking: false,
    }
}
