//! Continuity of statements, and which line is which.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ledger::exception::ExceptionCode;
use ledger::identity::{Identity, LineKey, LineReference, identify};
use ledger::statement::{Import, Neighbour, Surroundings, examine, place};
use std::collections::BTreeSet;
use vocab::account::AccountNumber;
use vocab::exchange::{Statement, StatementKind, StatementLine};
use vocab::id::AccountId;
use vocab::money::{Currency, Money};
use vocab::time::Date;

const DIGEST: [u8; 32] = [1; 32];

fn eur() -> Currency {
    Currency::from_code("EUR").unwrap()
}

fn line(minor: i64, reference: Option<&str>) -> StatementLine {
    StatementLine {
        amount: Money::new(minor, eur()),
        booked: true,
        reversal: false,
        booked_on: Date::constant(2026, 11, 23),
        value_on: None,
        servicer_reference: reference.map(str::to_owned),
        entry_reference: None,
        transaction_code: None,
        batch: None,
        details: vec![],
        information: None,
    }
}

fn statement(sequence: i64, day: i8, opening: i64, lines: Vec<StatementLine>) -> Statement {
    let closing = opening
        + lines
            .iter()
            .filter(|line| line.booked)
            .map(|line| line.amount.minor())
            .sum::<i64>();
    Statement {
        kind: StatementKind::EndOfDay,
        identification: format!("ST-{sequence}"),
        sequence: Some(sequence),
        account: AccountNumber::guess("DE89370400440532013000").unwrap(),
        covers: Date::constant(2026, 11, day),
        opening: Some(Money::new(opening, eur())),
        closing: Some(Money::new(closing, eur())),
        lines,
    }
}

fn neighbour(statement: &Statement) -> Neighbour {
    let Statement {
        sequence,
        covers,
        opening,
        closing,
        ..
    } = statement;
    Neighbour {
        sequence: *sequence,
        covers: *covers,
        opening: *opening,
        closing: *closing,
    }
}

fn alone() -> Surroundings<'static> {
    Surroundings {
        currency: eur(),
        same_identification: None,
        previous: None,
        next: None,
    }
}

fn codes(import: &Import) -> Vec<ExceptionCode> {
    match import {
        Import::Known => vec![],
        Import::Altered(exception) => vec![exception.code],
        Import::Refused(exceptions) | Import::New { exceptions, .. } => {
            exceptions.iter().map(|found| found.code).collect()
        }
    }
}

#[test]
fn the_same_statement_again_is_nothing_new_and_an_altered_one_an_alarm() {
    let statement = statement(1, 2, 0, vec![line(5, None)]);
    let known = Surroundings {
        same_identification: Some(DIGEST),
        ..alone()
    };
    assert_eq!(examine(&statement, DIGEST, &known), Import::Known);
    let altered = examine(&statement, [2; 32], &known);
    assert!(matches!(&altered, Import::Altered(exception) if exception.code == ExceptionCode::StatementAltered));
}

#[test]
fn a_statement_that_follows_raises_nothing() {
    let first = statement(7, 2, 100, vec![line(-30, Some("A"))]);
    let second = statement(8, 3, 70, vec![line(5, Some("B"))]);
    let previous = neighbour(&first);
    let import = examine(
        &second,
        DIGEST,
        &Surroundings {
            previous: Some(&previous),
            ..alone()
        },
    );
    assert_eq!(
        import,
        Import::New {
            exceptions: vec![],
            closes_gap: false
        }
    );
}

#[test]
fn a_missing_statement_is_noticed_and_so_is_the_one_that_closes_the_gap() {
    let (first, second, third) = (
        statement(7, 2, 100, vec![line(-30, None)]),
        statement(8, 3, 70, vec![line(5, None)]),
        statement(9, 4, 75, vec![]),
    );
    let (before, after) = (neighbour(&first), neighbour(&third));
    let early = examine(
        &third,
        DIGEST,
        &Surroundings {
            previous: Some(&before),
            ..alone()
        },
    );
    assert_eq!(codes(&early), [ExceptionCode::StatementGap]);
    let late = examine(
        &second,
        DIGEST,
        &Surroundings {
            previous: Some(&before),
            next: Some(&after),
            ..alone()
        },
    );
    assert_eq!(
        late,
        Import::New {
            exceptions: vec![],
            closes_gap: true
        }
    );
}

#[test]
fn an_opening_that_differs_from_the_last_closing_is_noticed() {
    let first = statement(7, 2, 100, vec![]);
    let second = statement(8, 3, 99, vec![]);
    let previous = neighbour(&first);
    let import = examine(
        &second,
        DIGEST,
        &Surroundings {
            previous: Some(&previous),
            ..alone()
        },
    );
    assert_eq!(codes(&import), [ExceptionCode::OpeningDiffers]);
}

#[test]
fn a_number_used_twice_is_noticed() {
    let first = statement(7, 2, 100, vec![]);
    let second = statement(7, 3, 100, vec![]);
    let previous = neighbour(&first);
    let import = examine(
        &second,
        DIGEST,
        &Surroundings {
            previous: Some(&previous),
            ..alone()
        },
    );
    assert_eq!(codes(&import), [ExceptionCode::StatementOrder]);
}

#[test]
fn numbers_begin_anew_each_year() {
    let last = Statement {
        covers: Date::constant(2026, 12, 31),
        ..statement(250, 2, 100, vec![])
    };
    let first = Statement {
        covers: Date::constant(2027, 1, 4),
        ..statement(1, 2, 100, vec![])
    };
    let third = Statement {
        covers: Date::constant(2027, 1, 6),
        ..statement(3, 2, 100, vec![])
    };
    let previous = neighbour(&last);
    let around = Surroundings {
        previous: Some(&previous),
        ..alone()
    };
    assert_eq!(codes(&examine(&first, DIGEST, &around)), []);
    assert_eq!(codes(&examine(&third, DIGEST, &around)), [ExceptionCode::StatementGap]);
    assert!(place(last.covers, last.sequence) < place(first.covers, first.sequence));
}

#[test]
fn nothing_is_taken_from_a_statement_whose_lines_contradict_its_balances() {
    let mut wrong = statement(1, 2, 100, vec![line(-30, None)]);
    wrong.lines.push(line(-1, None));
    assert!(matches!(examine(&wrong, DIGEST, &alone()), Import::Refused(_)));
    assert_eq!(
        codes(&examine(&wrong, DIGEST, &alone())),
        [ExceptionCode::ClosingDiffers]
    );
    let mut announced = statement(1, 2, 100, vec![line(-30, None)]);
    announced.lines.push(StatementLine {
        booked: false,
        ..line(-1, None)
    });
    assert_eq!(codes(&examine(&announced, DIGEST, &alone())), []);
}

#[test]
fn nothing_is_taken_from_a_statement_in_another_currency() {
    let usd = Surroundings {
        currency: Currency::from_code("USD").unwrap(),
        ..alone()
    };
    assert_eq!(
        codes(&examine(&statement(1, 2, 100, vec![]), DIGEST, &usd)),
        [ExceptionCode::StatementCurrency]
    );
}

#[test]
fn a_statement_without_balances_is_taken_with_a_note_and_a_notification_needs_none() {
    let bare = Statement {
        closing: None,
        ..statement(1, 2, 100, vec![line(-30, None)])
    };
    assert_eq!(
        codes(&examine(&bare, DIGEST, &alone())),
        [ExceptionCode::BalanceMissing]
    );
    let notification = Statement {
        kind: StatementKind::Notification,
        opening: None,
        ..bare
    };
    assert_eq!(codes(&examine(&notification, DIGEST, &alone())), []);
}

fn account() -> AccountId {
    AccountId::from_i64(3)
}

fn keys(identities: &[Identity]) -> Vec<String> {
    let key = |identity: &Identity| match identity {
        Identity::Counts(key) => Some(key.to_string()),
        Identity::NotBooked | Identity::WaitsForStatement => None,
    };
    identities.iter().filter_map(key).collect()
}

#[test]
fn the_same_line_in_the_notification_and_in_the_statement_has_one_key() {
    let lines = vec![line(-30, Some("A")), line(-30, Some("A")), line(-30, Some("B"))];
    let statement = statement(1, 2, 100, lines.clone());
    let notification = Statement {
        kind: StatementKind::Notification,
        identification: "N-1".into(),
        ..statement.clone()
    };
    let (one, other) = (
        keys(&identify(account(), &statement)),
        keys(&identify(account(), &notification)),
    );
    assert_eq!(one, other);
    // Two equal lines can be two real payments.
    assert_eq!(one.iter().collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn a_line_without_a_reference_counts_only_from_the_statement() {
    let lines = vec![
        line(-30, None),
        line(-30, Some(" ")),
        line(-30, Some("NONREF")),
        StatementLine {
            booked: false,
            ..line(-1, Some("C"))
        },
    ];
    let statement = statement(1, 2, 100, lines);
    let notification = Statement {
        kind: StatementKind::Notification,
        ..statement.clone()
    };
    let waits = Identity::WaitsForStatement;
    assert_eq!(
        identify(account(), &notification),
        [waits.clone(), waits.clone(), waits, Identity::NotBooked]
    );
    let counted = identify(account(), &statement);
    assert_eq!(keys(&counted).iter().collect::<BTreeSet<_>>().len(), 3);
    let other = Statement {
        identification: "ST-2".into(),
        ..statement
    };
    assert!(
        keys(&identify(account(), &other))
            .iter()
            .all(|key| !keys(&counted).contains(key))
    );
}

#[test]
fn no_reference_of_a_bank_makes_two_different_keys_print_alike() {
    let key = |reference, minor| LineKey {
        account: account(),
        reference,
        amount: Money::new(minor, eur()),
        booked_on: Date::constant(2026, 11, 23),
        occurrence: 1,
    };
    let hostile = key(LineReference::Servicer("A|EUR|5|2026-11-23|1|ref|A".into()), 5);
    let keys = [
        key(LineReference::Servicer("A".into()), 5),
        key(LineReference::Statement("A".into()), 5),
        key(LineReference::Servicer("A".into()), 50),
        hostile,
    ];
    assert_eq!(keys.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len(), 4);
    assert_eq!(keys[0].to_string(), "acct_0000000000003|EUR|5|2026-11-23|1|ref|A");
}
