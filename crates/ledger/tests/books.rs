//! Entries, holds and balances: whatever happens to payments, the books balance in every currency.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ledger::account::{AccountKind, LedgerAccount};
use ledger::hold::{Hold, HoldRefusal, HoldState, available};
use ledger::journal;
use ledger::posting::{Entry, EntryError, EntryKind, Posting, check};
use proptest::prelude::*;
use std::collections::BTreeMap;
use vocab::id::AccountId;
use vocab::limits;
use vocab::money::{Amount, Currency, Money};

fn currency(code: &str) -> Currency {
    Currency::from_code(code).unwrap()
}

fn currencies() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["EUR", "USD", "JPY"]).prop_map(currency)
}

fn amounts() -> impl Strategy<Value = Amount> {
    (1..1_000_000_i64, currencies()).prop_map(|(minor, currency)| Amount::new(Money::new(minor, currency)).unwrap())
}

fn bank() -> AccountId {
    AccountId::from_i64(1)
}

/// One happening of the journey, as an entry; `None` for an opening balance of zero.
fn entries() -> impl Strategy<Value = Option<Entry>> {
    let lines = || {
        (-1_000_000..1_000_000_i64, currencies()).prop_filter_map("not zero", |(minor, currency)| {
            (minor != 0).then(|| Money::new(minor, currency))
        })
    };
    prop_oneof![
        (any::<i32>(), currencies())
            .prop_map(|(minor, to)| journal::opening(bank(), Money::new(minor.into(), to)).unwrap()),
        amounts().prop_map(|amount| Some(journal::accepted(amount).unwrap())),
        amounts().prop_map(|amount| Some(journal::rejected_after_acceptance(amount).unwrap())),
        amounts().prop_map(|amount| Some(journal::executed(bank(), amount).unwrap())),
        amounts().prop_map(|amount| Some(journal::returned(bank(), amount).unwrap())),
        amounts().prop_map(|amount| Some(journal::fee(bank(), amount).unwrap())),
        lines().prop_map(|line| Some(journal::unexplained(bank(), line).unwrap())),
        lines().prop_map(|line| {
            Some(journal::suspense_resolved(line, LedgerAccount::in_transit(line.currency())).unwrap())
        }),
        (currencies(), prop::collection::vec(1..1_000_000_i64, 1..50)).prop_map(|(currency, minors)| {
            let amounts: Vec<Amount> = minors
                .iter()
                .map(|minor| Amount::new(Money::new(*minor, currency)).unwrap())
                .collect();
            Some(journal::executed_total(bank(), &amounts).unwrap())
        }),
    ]
}

proptest! {
    #[test]
    fn the_books_balance_in_every_currency_whatever_happens(entries in prop::collection::vec(entries(), 0..60)) {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for entry in entries.iter().flatten() {
            prop_assert_eq!(check(entry.postings()), Ok(()));
            for posting in entry.postings() {
                *sums.entry(posting.amount.currency()).or_default() += i128::from(posting.amount.minor());
            }
        }
        prop_assert!(sums.values().all(|sum| *sum == 0));
    }

    #[test]
    fn postings_are_an_entry_exactly_when_they_balance(minors in prop::collection::vec((-3..4_i64, currencies()), 0..8)) {
        let postings: Vec<Posting> = minors
            .iter()
            .map(|(minor, currency)| Posting { account: LedgerAccount::suspense(*currency), amount: Money::new(*minor, *currency) })
            .collect();
        let sum = |code| -> i64 { minors.iter().filter(|(_, currency)| currency.code() == code).map(|(minor, _)| minor).sum() };
        let balanced = ["EUR", "USD", "JPY"].into_iter().all(|code| sum(code) == 0);
        let legal = minors.len() >= 2 && minors.iter().all(|(minor, _)| *minor != 0) && balanced;
        prop_assert_eq!(Entry::new(EntryKind::Fee, postings).is_ok(), legal);
    }

    #[test]
    fn a_hold_keeps_what_is_neither_booked_nor_released(all in 1..1_000_i64, parts in prop::collection::vec(1..400_i64, 0..8), release: bool) {
        let eur = currency("EUR");
        let amount = |minor| Amount::new(Money::new(minor, eur)).unwrap();
        let posted = Money::new(5_000, eur);
        let (mut hold, mut booked) = (Hold::open(amount(all)), 0);
        for part in parts {
            match hold.consume(amount(part)) {
                Ok(next) => {
                    booked += part;
                    hold = next;
                }
                Err(HoldRefusal::Closed) => prop_assert_eq!(booked, all),
                Err(refusal) => {
                    prop_assert_eq!(refusal, HoldRefusal::TooMuch);
                    prop_assert!(booked + part > all);
                }
            }
            prop_assert_eq!(hold.kept().minor(), all - booked);
            prop_assert_eq!(available(posted, &[hold]).unwrap().minor(), 5_000 - (all - booked));
            prop_assert_eq!(Hold::from_parts(hold.amount(), hold.consumed_minor(), hold.state()), Ok(hold));
        }
        if release {
            match hold.release() {
                Ok(released) => {
                    prop_assert_eq!(released.kept().minor(), 0);
                    prop_assert_eq!(released.release(), Err(HoldRefusal::Closed));
                    prop_assert_eq!(released.consume(amount(1)), Err(HoldRefusal::Closed));
                }
                Err(_) => prop_assert_eq!(booked, all),
            }
        }
    }
}

#[test]
fn a_settled_payment_leaves_nothing_in_transit() {
    let eur = currency("EUR");
    let (part, rest) = (
        Amount::parse("40.00", eur).unwrap(),
        Amount::parse("60.00", eur).unwrap(),
    );
    let all = Amount::parse("100.00", eur).unwrap();
    let balances = balances(&[
        journal::opening(bank(), Money::parse("500.00", eur).unwrap())
            .unwrap()
            .unwrap(),
        journal::accepted(all).unwrap(),
        journal::executed(bank(), part).unwrap(),
        journal::executed(bank(), rest).unwrap(),
        journal::fee(bank(), Amount::parse("0.25", eur).unwrap()).unwrap(),
    ]);
    let expected = [
        (LedgerAccount::bank(bank(), eur), 39_975),
        (LedgerAccount::in_transit(eur), 0),
        (LedgerAccount::payables(eur), 10_000),
        (LedgerAccount::fees(eur), 25),
        (LedgerAccount::opening(eur), -50_000),
    ];
    assert_eq!(balances, BTreeMap::from(expected));
}

#[test]
fn an_unexplained_line_and_its_explanation_are_the_same_as_the_line_explained_at_once() {
    let eur = currency("EUR");
    let amount = Amount::parse("12.50", eur).unwrap();
    let line = amount.money().checked_neg().unwrap();
    let mut late = balances(&[
        journal::unexplained(bank(), line).unwrap(),
        journal::suspense_resolved(line, LedgerAccount::in_transit(eur)).unwrap(),
    ]);
    assert_eq!(late.remove(&LedgerAccount::suspense(eur)), Some(0));
    assert_eq!(late, balances(&[journal::executed(bank(), amount).unwrap()]));
}

fn balances(entries: &[Entry]) -> BTreeMap<LedgerAccount, i64> {
    let mut balances = BTreeMap::new();
    for posting in entries.iter().flat_map(Entry::postings) {
        *balances.entry(posting.account).or_default() += posting.amount.minor();
    }
    balances
}

#[test]
fn a_batch_is_one_posting_on_the_bank_account_as_on_the_statement() {
    let eur = currency("EUR");
    let amounts: Vec<Amount> = (1..=limits::ORDER_PAYMENTS_MAX)
        .map(|minor| Amount::new(Money::new(i64::try_from(minor).unwrap(), eur)).unwrap())
        .collect();
    let entry = journal::executed_total(bank(), &amounts).unwrap();
    let on_bank: Vec<_> = entry
        .postings()
        .iter()
        .filter(|posting| posting.account.kind() == AccountKind::Bank)
        .collect();
    assert_eq!(on_bank.len(), 1);
    assert_eq!(on_bank[0].amount.minor(), -500_500);
    assert_eq!(journal::executed_total(bank(), &[]), Err(EntryError::TooFew));
    let mixed = [amounts[0], Amount::parse("1", currency("JPY")).unwrap()];
    assert_eq!(
        journal::executed_total(bank(), &mixed),
        Err(EntryError::Currency(LedgerAccount::in_transit(eur)))
    );
}

#[test]
fn sums_beyond_the_books_are_refused_and_do_not_wrap() {
    let eur = currency("EUR");
    let most = Amount::new(Money::new(i64::MAX, eur)).unwrap();
    assert_eq!(
        journal::executed_total(bank(), &[most, most]),
        Err(EntryError::Overflow)
    );
    assert_eq!(
        journal::unexplained(bank(), Money::new(i64::MIN, eur)),
        Err(EntryError::Overflow)
    );
    let posting = |minor| Posting {
        account: LedgerAccount::fees(eur),
        amount: Money::new(minor, eur),
    };
    let wrapping = check(&[posting(i64::MIN), posting(i64::MIN)]);
    assert_eq!(
        wrapping,
        Err(EntryError::Unbalanced {
            currency: eur,
            sum: i128::from(i64::MIN) * 2
        })
    );
    let many = vec![posting(1); limits::ENTRY_POSTINGS_MAX + 1];
    assert_eq!(check(&many), Err(EntryError::TooMany));
}

#[test]
fn a_hold_that_no_rule_could_have_made_is_refused() {
    let amount = Amount::parse("1.00", currency("EUR")).unwrap();
    for (consumed, state) in [
        (100, HoldState::Open),
        (101, HoldState::Consumed),
        (99, HoldState::Consumed),
        (-1, HoldState::Open),
    ] {
        assert_eq!(Hold::from_parts(amount, consumed, state), Err(HoldRefusal::NotAHold));
    }
    let usd = Amount::parse("1.00", currency("USD")).unwrap();
    assert_eq!(Hold::open(amount).consume(usd), Err(HoldRefusal::Currency));
    assert!(available(Money::zero(currency("USD")), &[Hold::open(amount)]).is_err());
}

#[test]
fn every_kind_of_entry_leads_back_from_its_row() {
    for kind in EntryKind::ALL {
        assert_eq!(EntryKind::from_code(kind.code()), Some(kind));
    }
}
