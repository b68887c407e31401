//! Orders as proptest makes them: any that intake lets pass.

#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use vocab::account::{AccountNumber, Bic};
use vocab::money::{Amount, Currency, Money};
use vocab::party::{Party, PostalAddress};
use vocab::reference::Reference;
use vocab::time::Date;
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

/// Transfers of one order: the same debtor, account, day and conditions.
pub(crate) fn transfers() -> impl Strategy<Value = Vec<CreditTransfer>> {
    (prop::collection::vec(transfer(), 1..6), any::<bool>()).prop_map(|(mut transfers, sepa)| {
        let first = transfers[0].clone();
        for (number, transfer) in transfers.iter_mut().enumerate() {
            transfer.end_to_end_id = format!("{number}-{}", transfer.end_to_end_id).parse().unwrap();
            transfer.uetr = transfer.uetr.take().filter(|_| number == 0);
            transfer.debtor = first.debtor.clone();
            transfer.debtor_account = first.debtor_account.clone();
            transfer.debtor_agent = first.debtor_agent.clone();
            transfer.execution_on = first.execution_on;
            transfer.charges = first.charges;
            transfer.service_level = first.service_level.clone();
            transfer.category_purpose = first.category_purpose.clone();
            transfer.batch_booking = first.batch_booking;
            if sepa {
                make_sepa(transfer);
            }
        }
        transfers
    })
}

fn make_sepa(transfer: &mut CreditTransfer) {
    let minor = transfer.amount.minor() % 99_999_999_999 + 1;
    transfer.amount = Amount::new(Money::new(minor, currency("EUR"))).unwrap();
    transfer.charges = ChargeBearer::ServiceLevel;
    transfer.service_level = Some("SEPA".to_owned());
    transfer.debtor_account = iban("DE89370400440532013000");
    transfer.creditor_account = iban("FR1420041010050500013M02606");
}

fn transfer() -> impl Strategy<Value = CreditTransfer> {
    let parties = (party(), party());
    let accounts = (account(), account());
    let agents = (prop::option::of(Just(bic("DEUTDEFF"))), Just(Some(bic("BNPAFRPPXXX"))));
    let money = (
        1_i64..99_999_999_999_999,
        prop::sample::select(vec!["EUR", "USD", "JPY", "KWD"]),
    );
    let date = (2020_i16..2090, 1_i8..=12, 1_i8..=28);
    let codes = (
        prop::option::of(prop::sample::select(vec!["URGP", "NURG"])),
        prop::option::of(prop::sample::select(vec!["SUPP", "SALA"])),
        prop::option::of(prop::sample::select(vec!["GDDS", "RENT"])),
    );
    let charges = prop::sample::select(vec![ChargeBearer::Shared, ChargeBearer::Debtor, ChargeBearer::Creditor]);
    let rest = (reference(), any::<bool>(), remittance(), any::<bool>());
    (parties, accounts, agents, money, date, codes, charges, rest).prop_map(
        |(parties, accounts, agents, (minor, code), (year, month, day), codes, charges, rest)| CreditTransfer {
            end_to_end_id: rest.0,
            uetr: rest.1.then(|| "8a562c67-ca16-48ba-b074-65581be6f011".parse().unwrap()),
            debtor: parties.0,
            debtor_account: accounts.0,
            debtor_agent: agents.0,
            creditor: parties.1,
            creditor_account: accounts.1,
            creditor_agent: agents.1,
            amount: Amount::new(Money::new(minor, currency(code))).unwrap(),
            execution_on: Date::constant(year, month, day),
            remittance: rest.2,
            charges,
            service_level: codes.0.map(str::to_owned),
            category_purpose: codes.1.map(str::to_owned),
            purpose: codes.2.map(str::to_owned),
            batch_booking: rest.3,
        },
    )
}

fn party() -> impl Strategy<Value = Party> {
    (words(70), prop::option::of(address())).prop_map(|(name, address)| Party { name, address })
}

/// Structured, or hybrid with one or two lines.
fn address() -> impl Strategy<Value = PostalAddress> {
    let part = |max| prop::option::of(words(max));
    let lines = prop::collection::vec(words(70), 0..=2);
    (
        part(70),
        part(16),
        part(16),
        words(35),
        part(35),
        prop::sample::select(vec!["DE", "FR", "JP"]),
        lines,
    )
        .prop_map(
            |(street, building, post_code, town, subdivision, country, lines)| PostalAddress {
                street,
                building,
                post_code,
                town: Some(town),
                subdivision,
                country: Some(country.to_owned()),
                lines,
            },
        )
}

fn remittance() -> impl Strategy<Value = Remittance> {
    prop_oneof![
        Just(Remittance::None),
        words(140).prop_map(Remittance::Text),
        Just(Remittance::Creditor("RF18539007547034".parse().unwrap())),
        reference().prop_map(Remittance::Other),
    ]
}

fn account() -> impl Strategy<Value = AccountNumber> {
    prop_oneof![
        Just(iban("DE89370400440532013000")),
        Just(iban("FR1420041010050500013M02606")),
        Just(AccountNumber::other("001-234567").unwrap()),
    ]
}

/// A reference that is none of ISO 11649.
fn reference() -> impl Strategy<Value = Reference> {
    "[A-QS-Z0-9][A-Za-z0-9.,'() +?:-]{0,30}".prop_map(|text| text.parse().unwrap())
}

/// Text of the bank set, also with spaces at the ends and in a row.
fn words(max: usize) -> impl Strategy<Value = String> {
    "[A-Za-z0-9/?:().,'+ -]{0,139}[a-z]".prop_map(move |text| text[text.len().saturating_sub(max)..].to_owned())
}

fn iban(text: &str) -> AccountNumber {
    AccountNumber::Iban(text.parse().unwrap())
}

fn bic(text: &str) -> Bic {
    text.parse().unwrap()
}

fn currency(code: &str) -> Currency {
    Currency::from_code(code).unwrap()
}
