//! Accounts: opened once, one for each currency of a number, and money that neither appears nor vanishes.

use crate::world::{DEBTOR, Pay, Settings, World, codes, lines, statements};
use channels::sandbox::SandboxError;
use vocab::account::AccountNumber;
use vocab::exchange::DocumentKind;
use vocab::money::{Currency, Money};

#[test]
fn opening_an_account_again_changes_nothing() {
    let world = World::new();
    let before = world.get("/accounts");
    assert_eq!(before[0]["balance_minor"], 100_000_000);
    world.open(DEBTOR, "EUR", 5);
    world.open("DE89 3704 0044 0532 0130 00", "EUR", 5);
    assert_eq!(world.get("/accounts"), before);
}

#[test]
fn an_account_cannot_be_opened_with_a_debt_or_with_more_than_all_money() {
    let world = World::new();
    let eur = Currency::from_code("EUR").unwrap();
    let number = AccountNumber::other("12345").unwrap();
    for minor in [-1, i64::MAX] {
        let opened = world
            .channel
            .open_account(&number, "n", Money::new(minor, eur), world.now);
        assert!(matches!(opened, Err(SandboxError::Refused { .. })), "{minor}");
    }
    assert_eq!(world.get("/accounts").as_array().unwrap().len(), 1);
}

#[test]
fn one_iban_holds_several_currencies_with_statements_of_their_own() {
    let mut world = World::new();
    world.open(DEBTOR, "USD", 100_000);
    let euro = Pay::new("P1", "10.00");
    let orders = [
        euro.clone(),
        Pay {
            id: "P2".to_owned(),
            ..euro.clone()
        }
        .currency("USD"),
    ];
    world.order("M1", &orders);
    let report = world.order(
        "M2",
        &[Pay {
            id: "P3".to_owned(),
            ..euro
        }
        .currency("JPY")],
    );
    assert_eq!(codes(&report), [("P3", "RJCT", Some("AM03"))]);
    world.advance_to("2026-11-18T22:00:00Z");
    let all = statements(&world.collect(), DocumentKind::Camt053);
    let shown: Vec<_> = all
        .iter()
        .map(|s| {
            (
                s.sequence,
                s.opening.unwrap().to_string(),
                s.closing.unwrap().to_string(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (Some(1), "1000000.00 EUR".to_owned(), "999990.00 EUR".to_owned()),
            (Some(1), "1000.00 USD".to_owned(), "990.00 USD".to_owned()),
        ]
    );
    let codes: Vec<_> = lines(&all)
        .iter()
        .map(|line| line.transaction_code.clone().unwrap())
        .collect();
    assert_eq!(codes, ["PMNT.ICDT.ESCT", "PMNT.ICDT.XBCT"]);
}

#[test]
fn a_charge_is_an_entry_of_its_own_on_each_day_with_bookings() {
    let mut world = World::with(Settings {
        fee_minor: 35,
        ..Settings::default()
    });
    world.order(
        "M1",
        &[Pay::new("P1", "10.00"), Pay::new("P2", "20.00").on("2026-11-18")],
    );
    world.order("M2", &[Pay::new("P3", "30.00").on("2026-11-23")]);
    world.advance_to("2026-11-30T22:00:00Z");
    let all = statements(&world.collect(), DocumentKind::Camt053);
    let amounts: Vec<Vec<i64>> = all
        .iter()
        .map(|statement| statement.lines.iter().map(|line| line.amount.minor()).collect())
        .collect();
    assert_eq!(amounts, [vec![-1000, -2000, -35], vec![-3000, -35]]);
    let charge = all[0].lines.last().unwrap();
    assert_eq!(charge.transaction_code.as_deref(), Some("ACMT.MDOP.CHRG"));
    assert!(charge.details.is_empty());
}
