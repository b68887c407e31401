//! Statements as proptest makes them: any that the message can say, and sound in themselves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use formats::statement::{Heading, Version};
use proptest::prelude::*;
use vocab::account::AccountNumber;
use vocab::exchange::{BatchInformation, LineDetail, Statement, StatementKind, StatementLine};
use vocab::money::{Currency, Money};
use vocab::time::{Date, Timestamp};

pub(crate) fn heading() -> impl Strategy<Value = Heading> {
    (id(), 0_i64..4_000_000_000_000_000).prop_map(|(id, micros)| Heading {
        message_id: id.parse().unwrap(),
        created_at: Timestamp::from_micros(micros),
    })
}

pub(crate) fn statement(kind: StatementKind, version: Version) -> impl Strategy<Value = Statement> {
    (currency(), account()).prop_flat_map(move |(currency, account)| {
        let lines = prop::collection::vec(line(currency, version), 0..6);
        (id(), prop::option::of(0_i64..99_999_999), date(), amount(), lines).prop_map(
            move |(identification, sequence, covers, opening, lines)| {
                let booked: i64 = lines
                    .iter()
                    .filter(|line| line.booked)
                    .map(|line| line.amount.minor())
                    .sum();
                let balances = kind == StatementKind::EndOfDay;
                Statement {
                    kind,
                    identification,
                    sequence,
                    account: account.clone(),
                    covers,
                    opening: balances.then(|| Money::new(opening, currency)),
                    closing: balances.then(|| Money::new(opening + booked, currency)),
                    lines,
                }
            },
        )
    })
}

fn line(currency: Currency, version: Version) -> impl Strategy<Value = StatementLine> {
    let money = move |minor| Money::new(minor, currency);
    amount().prop_flat_map(move |minor| {
        let flags = (any::<bool>(), any::<bool>());
        let dates = (date(), prop::option::of(date()));
        let codes = prop::option::of(prop::sample::select(vec![
            "PMNT.ICDT.ESCT",
            "NTRF+191",
            "A.B",
            "TOOLONG.B.C",
        ]));
        let words = prop::option::of(text());
        let references = (prop::option::of(id()), prop::option::of(id()));
        let batch = prop::option::of(batch(currency));
        let details = prop::collection::vec(detail(currency, version, minor), 0..4);
        (flags, dates, references, codes, batch, details, words).prop_map(
            move |(flags, dates, references, code, batch, details, information)| StatementLine {
                amount: money(minor),
                booked: flags.0,
                reversal: flags.1,
                booked_on: dates.0,
                value_on: dates.1,
                servicer_reference: references.0,
                entry_reference: references.1,
                transaction_code: code.map(str::to_owned),
                batch,
                details,
                information,
            },
        )
    })
}

fn batch(currency: Currency) -> impl Strategy<Value = BatchInformation> {
    let ids = (prop::option::of(id()), prop::option::of(id()));
    (ids, prop::option::of(0_u64..100_000), prop::option::of(amount())).prop_map(move |(ids, count, total)| {
        BatchInformation {
            message_id: ids.0,
            payment_information_id: ids.1,
            count,
            total: total.map(|minor| Money::new(minor, currency)),
        }
    })
}

fn detail(currency: Currency, version: Version, line: i64) -> impl Strategy<Value = LineDetail> {
    let ids = prop::collection::vec(prop::option::of(id()), 5);
    let uetr = prop::option::of(Just("8a562c67-ca16-48ba-b074-65581be6f011".to_owned()));
    let reason = prop::option::of(prop::sample::select(vec!["AC04", "MS03", "ACCOUNT CLOSED"]));
    let remittance = prop::option::of(prop_oneof![text(), Just("RF18539007547034".to_owned())]);
    (ids, uetr, prop::option::of(amount()), reason, remittance).prop_map(
        move |(mut ids, uetr, amount, reason, remittance)| {
            // The old version knows neither UETR nor a direction of the single transaction.
            let old = version == Version::V02;
            let minor = amount.map(|minor| {
                if !old {
                    minor
                } else {
                    minor.abs() * if line < 0 { -1 } else { 1 }
                }
            });
            LineDetail {
                amount: minor.map(|minor| Money::new(minor, currency)),
                message_id: ids.pop().flatten(),
                payment_information_id: ids.pop().flatten(),
                instruction_id: ids.pop().flatten(),
                end_to_end_id: ids.pop().flatten(),
                uetr: if old { None } else { uetr },
                servicer_reference: ids.pop().flatten(),
                return_reason: reason.map(str::to_owned),
                remittance,
            }
        },
    )
}

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["EUR", "JPY", "KWD"]).prop_map(|code| Currency::from_code(code).unwrap())
}

fn account() -> impl Strategy<Value = AccountNumber> {
    prop::sample::select(vec![
        "DE89370400440532013000",
        "FR1420041010050500013M02606",
        "001-234567",
    ])
    .prop_map(|text| AccountNumber::guess(text).unwrap())
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), -999_i64..999, -99_999_999_999_999_i64..99_999_999_999_999]
}

fn date() -> impl Strategy<Value = Date> {
    (2000_i16..2100, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| Date::constant(year, month, day))
}

fn id() -> impl Strategy<Value = String> {
    "[A-Z0-9]([A-Za-z0-9.,'() +?:-]{0,33}[A-Z0-9])?"
}

/// Words with everything that XML escapes and letters beyond ASCII.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec("[a-z0-9<>&\"'äß€]{1,12}", 1..30).prop_map(|words| words.join(" "))
}
