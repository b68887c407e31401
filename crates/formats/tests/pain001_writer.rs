//! Orders: the bytes are those of the schema, depend on the order alone, and read back to the payments that were ordered.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod schema;
#[path = "pain001_writer/strategies.rs"]
mod strategies;

use formats::finding::FindingCode;
use formats::order;
use formats::pain001_writer::{Order, OrderError, OrderedPayment, write};
use formats::xml_writer::WriteError;
use proptest::prelude::*;
use vocab::account::AccountNumber;
use vocab::limits;
use vocab::money::{Amount, Currency};
use vocab::party::{Party, PostalAddress};
use vocab::time::{Date, Timestamp};
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

fn transfer() -> CreditTransfer {
    CreditTransfer {
        end_to_end_id: "INV-1".parse().unwrap(),
        uetr: None,
        debtor: Party::named("Aurora Instruments"),
        debtor_account: AccountNumber::Iban("DE89370400440532013000".parse().unwrap()),
        debtor_agent: None,
        creditor: Party {
            name: "Example Supplies".to_owned(),
            address: Some(PostalAddress {
                street: Some("Main Street".to_owned()),
                town: Some("Paris".to_owned()),
                country: Some("FR".to_owned()),
                lines: vec!["Back yard".to_owned()],
                ..PostalAddress::default()
            }),
        },
        creditor_account: AccountNumber::Iban("FR1420041010050500013M02606".parse().unwrap()),
        creditor_agent: None,
        amount: Amount::parse("12.50", Currency::from_code("EUR").unwrap()).unwrap(),
        execution_on: Date::constant(2026, 11, 23),
        remittance: Remittance::Creditor("RF18539007547034".parse().unwrap()),
        charges: ChargeBearer::ServiceLevel,
        service_level: Some("SEPA".to_owned()),
        category_purpose: None,
        purpose: None,
        batch_booking: true,
    }
}

fn ordered(transfers: &[CreditTransfer]) -> Vec<OrderedPayment<'_>> {
    let payment = |(number, transfer)| OrderedPayment {
        instruction_id: format!("PAY-{number}").parse().unwrap(),
        transfer,
    };
    transfers.iter().enumerate().map(payment).collect()
}

fn order<'a>(payments: &'a [OrderedPayment<'a>]) -> Order<'a> {
    Order {
        message_id: "ORDER-1".parse().unwrap(),
        created_at: Timestamp::parse("2026-11-22T10:00:00Z").unwrap(),
        initiating_party: "Aurora Instruments",
        payment_information_id: "BLOCK-1".parse().unwrap(),
        payments,
    }
}

fn refusal(transfers: &[CreditTransfer]) -> OrderError {
    write(&order(&ordered(transfers))).unwrap_err()
}

#[test]
fn an_order_is_written_as_banks_expect_it() {
    let xml = String::from_utf8(write(&order(&ordered(&[transfer()]))).unwrap()).unwrap();
    let expected = include_str!("vectors/pain001_writer/order.xml");
    assert_eq!(xml, expected);
    schema::check("pain.001.001.09", expected.as_bytes());
}

#[test]
fn payments_that_do_not_share_their_block_are_refused() {
    type Change = fn(&mut CreditTransfer);
    let changes: [(&str, Change); 8] = [
        ("debtor", |other| other.debtor = Party::named("Somebody else")),
        ("debtor account", |other| {
            other.debtor_account = other.creditor_account.clone()
        }),
        ("debtor agent", |other| {
            other.debtor_agent = Some("DEUTDEFF".parse().unwrap())
        }),
        ("execution date", |other| {
            other.execution_on = Date::constant(2026, 11, 24)
        }),
        ("charge bearer", |other| other.charges = ChargeBearer::Shared),
        ("service level", |other| other.service_level = None),
        ("category purpose", |other| {
            other.category_purpose = Some("SALA".to_owned())
        }),
        ("batch booking", |other| other.batch_booking = false),
    ];
    for (field, change) in changes {
        let mut other = transfer();
        change(&mut other);
        assert_eq!(refusal(&[transfer(), other]), OrderError::Differs(field));
    }
}

#[test]
fn an_order_that_a_bank_would_refuse_is_not_written() {
    assert_eq!(refusal(&[]), OrderError::Count);
    assert_eq!(
        refusal(&vec![transfer(); limits::ORDER_PAYMENTS_MAX + 1]),
        OrderError::Count
    );

    let transfers = [transfer(), transfer()];
    let mut payments = ordered(&transfers);
    payments[1].instruction_id = payments[0].instruction_id.clone();
    assert_eq!(write(&order(&payments)), Err(OrderError::InstructionTwice));

    let mut unstructured = transfer();
    unstructured.creditor.address.as_mut().unwrap().town = None;
    assert_eq!(refusal(&[unstructured]), OrderError::Address("creditor"));

    let mut large = transfer();
    large.amount = Amount::parse("9999999999999999.99", Currency::from_code("EUR").unwrap()).unwrap();
    assert!(write(&order(&ordered(std::slice::from_ref(&large)))).is_ok());
    assert_eq!(refusal(&[large.clone(), large]), OrderError::ControlSum);

    let mut ambiguous = transfer();
    ambiguous.remittance = Remittance::Other("RF99".parse().unwrap());
    assert!(matches!(
        refusal(&[ambiguous]),
        OrderError::Write(WriteError::Content { element: "Ref", .. })
    ));

    let mut nameless = transfer();
    nameless.creditor.name = String::new();
    assert_eq!(
        refusal(&[nameless]),
        OrderError::Write(WriteError::Length {
            element: "Nm",
            max: 140
        })
    );
}

#[test]
fn an_order_altered_on_the_way_is_not_read() {
    let transfers = [
        transfer(),
        CreditTransfer {
            end_to_end_id: "INV-2".parse().unwrap(),
            ..transfer()
        },
    ];
    let xml = String::from_utf8(write(&order(&ordered(&transfers))).unwrap()).unwrap();
    for (before, after, code) in [
        (">12.50<", ">12.51<", FindingCode::SumMismatch),
        ("<NbOfTxs>2<", "<NbOfTxs>3<", FindingCode::CountMismatch),
        ("<InstrId>PAY-1</InstrId>", "", FindingCode::MissingElement),
        (
            "<InstrId>PAY-1</InstrId>",
            "<InstrId>PAY-0</InstrId>",
            FindingCode::DuplicateInstructionId,
        ),
        ("</PmtInf>", "</PmtInf><PmtInf/>", FindingCode::RepeatedElement),
        ("pain.001.001.09", "pain.001.001.03", FindingCode::MessageUnsupported),
    ] {
        let altered = xml.replacen(before, after, 1);
        assert_ne!(altered, xml, "{before}");
        let findings = order::read(altered.as_bytes()).unwrap_err();
        assert!(
            findings.iter().any(|finding| finding.code == code),
            "{after}: {findings:?}"
        );
    }
}

#[test]
fn an_order_cut_off_anywhere_is_not_read() {
    let bytes = write(&order(&ordered(&[transfer()]))).unwrap();
    for end in 0..bytes.trim_ascii_end().len() {
        assert!(order::read(&bytes[..end]).is_err(), "cut off after {end} bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_written_order_reads_back_the_same(transfers in strategies::transfers()) {
        let payments = ordered(&transfers);
        let order = order(&payments);
        let bytes = write(&order).unwrap();
        prop_assert_eq!(&bytes, &write(&order).unwrap());
        schema::check("pain.001.001.09", &bytes);
        let read = order::read(&bytes).unwrap();
        prop_assert_eq!(read.message_id, order.message_id);
        prop_assert_eq!(read.payment_information_id, order.payment_information_id);
        let written: Vec<_> =
            payments.iter().map(|payment| (payment.instruction_id.clone(), payment.transfer.clone())).collect();
        prop_assert_eq!(read.payments, written);
    }

    #[test]
    fn any_altered_byte_is_read_or_refused(at: prop::sample::Index, byte: u8) {
        let mut bytes = write(&order(&ordered(&[transfer()]))).unwrap();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        let _ = order::read(&bytes);
    }
}
