//! Duplicates and changes, tried on whole transfers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use payment::change::{ChangeRefusal, FIXED, check, fields_changed};
use payment::duplicate::{Earlier, likeness, suspect};
use payment::state::StateName;
use vocab::account::AccountNumber;
use vocab::id::PaymentId;
use vocab::money::{Amount, Currency};
use vocab::party::Party;
use vocab::time::Date;
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

fn transfer() -> CreditTransfer {
    CreditTransfer {
        end_to_end_id: "E2E-1".parse().unwrap(),
        uetr: None,
        debtor: Party::named("Example Works"),
        debtor_account: AccountNumber::guess("DE89370400440532013000").unwrap(),
        debtor_agent: None,
        creditor: Party::named("Supplier"),
        creditor_account: AccountNumber::guess("NL91ABNA0417164300").unwrap(),
        creditor_agent: None,
        amount: Amount::parse("12.50", Currency::from_code("EUR").unwrap()).unwrap(),
        execution_on: Date::constant(2026, 11, 23),
        remittance: Remittance::Text("Invoice 4711".to_owned()),
        charges: ChargeBearer::ServiceLevel,
        service_level: None,
        category_purpose: None,
        purpose: None,
        batch_booking: true,
    }
}

#[test]
fn the_same_bill_under_another_end_to_end_id_looks_alike() {
    let other = CreditTransfer {
        end_to_end_id: "E2E-2".parse().unwrap(),
        creditor: Party::named("Supplier B.V."),
        execution_on: Date::constant(2026, 12, 1),
        remittance: Remittance::Text("INVOICE  4711 ".to_owned()),
        ..transfer()
    };
    assert_eq!(likeness(&transfer()), likeness(&other));
}

#[test]
fn another_payee_amount_currency_or_reference_looks_different() {
    let others = [
        CreditTransfer {
            creditor_account: AccountNumber::guess("DE89370400440532013000").unwrap(),
            ..transfer()
        },
        CreditTransfer {
            amount: Amount::parse("12.51", Currency::from_code("EUR").unwrap()).unwrap(),
            ..transfer()
        },
        CreditTransfer {
            amount: Amount::parse("12.50", Currency::from_code("USD").unwrap()).unwrap(),
            ..transfer()
        },
        CreditTransfer {
            remittance: Remittance::Text("Invoice 4712".to_owned()),
            ..transfer()
        },
        CreditTransfer {
            remittance: Remittance::None,
            ..transfer()
        },
    ];
    for other in others {
        assert_ne!(likeness(&transfer()), likeness(&other));
    }
}

#[test]
fn a_reference_is_the_same_as_text_and_in_its_own_element() {
    let structured = Remittance::Creditor("RF18539007547034".parse().unwrap());
    let text = Remittance::Text("rf18 5390 0754 7034".to_owned());
    let (one, other) = (
        CreditTransfer {
            remittance: structured,
            ..transfer()
        },
        CreditTransfer {
            remittance: text,
            ..transfer()
        },
    );
    assert_eq!(likeness(&one), likeness(&other));
}

#[test]
fn without_a_remittance_the_end_to_end_id_tells_payments_apart() {
    let one = CreditTransfer {
        remittance: Remittance::None,
        ..transfer()
    };
    let other = CreditTransfer {
        end_to_end_id: "E2E-2".parse().unwrap(),
        ..one.clone()
    };
    assert_ne!(likeness(&one), likeness(&other));
}

fn earlier(number: i64, day: i8, state: StateName) -> Earlier {
    Earlier {
        payment: PaymentId::from_i64(number),
        execution_on: Date::constant(2026, 11, day),
        state,
    }
}

#[test]
fn the_nearest_payment_within_the_window_is_named() {
    let on = Date::constant(2026, 11, 15);
    let all = [
        earlier(1, 1, StateName::Settled),
        earlier(2, 12, StateName::Settled),
        earlier(3, 17, StateName::Queued),
        earlier(4, 15, StateName::Rejected),
        earlier(5, 15, StateName::Cancelled),
        earlier(6, 15, StateName::Expired),
    ];
    assert_eq!(suspect(on, &all, 30), Some(PaymentId::from_i64(3)));
    assert_eq!(suspect(on, &all, 1), None);
    assert_eq!(suspect(on, &all[..1], 14), Some(PaymentId::from_i64(1)));
    assert_eq!(suspect(on, &all[..1], 13), None);
    assert_eq!(suspect(on, &[], 30), None);
}

#[test]
fn a_change_names_its_fields() {
    let new = CreditTransfer {
        creditor: Party::named("Other"),
        execution_on: Date::constant(2026, 11, 24),
        ..transfer()
    };
    assert_eq!(fields_changed(&transfer(), &new), ["creditor", "execution_on"]);
    assert_eq!(check(&transfer(), &new), Ok(vec!["creditor", "execution_on"]));
    assert_eq!(check(&transfer(), &transfer()), Err(ChangeRefusal::NothingChanged));
}

#[test]
fn the_payer_and_the_reference_cannot_be_changed() {
    let new = CreditTransfer {
        end_to_end_id: "E2E-2".parse().unwrap(),
        ..transfer()
    };
    assert_eq!(check(&transfer(), &new), Err(ChangeRefusal::Fixed("end_to_end_id")));
    let new = CreditTransfer {
        debtor_account: AccountNumber::guess("NL91ABNA0417164300").unwrap(),
        ..transfer()
    };
    assert_eq!(check(&transfer(), &new), Err(ChangeRefusal::Fixed("debtor_account")));
    assert_eq!(FIXED.len(), 5);
}
