//! The promises of the cascade: every line explained once, no payment beyond its amount, in whatever order lines come.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod scene;

use ledger::candidates::{Candidates, Open};
use ledger::exception::ExceptionCode;
use ledger::matching::{Effect, Explanation, Part, explain_all};
use proptest::prelude::*;
use scene::{account, batch_line, code, detail, line, money, own, payment};
use std::collections::BTreeMap;
use vocab::exchange::{BatchInformation, LineDetail, StatementLine};
use vocab::id::PaymentId;
use vocab::money::Money;
use vocab::time::Date;

/// How the bank shows one payment of the scenario below.
#[derive(Clone, Debug)]
enum Shown {
    Full,
    InParts(i64),
    InBatch,
    Returned,
}

fn shown() -> impl Strategy<Value = (i64, Shown)> {
    (2..10_000_i64).prop_flat_map(|minor| {
        let ways = prop_oneof![
            Just(Shown::Full),
            (1..minor).prop_map(Shown::InParts),
            Just(Shown::InBatch),
            Just(Shown::Returned)
        ];
        (Just(minor), ways)
    })
}

/// Payments, and lines that show all of them truthfully.
fn truth(scenario: &[(i64, Shown)]) -> (Vec<Open>, Vec<StatementLine>) {
    let (mut payments, mut lines, mut batch, mut count) = (vec![], vec![], 0, 0);
    for (number, (minor, shown)) in (1..).zip(scenario) {
        payments.push(payment(number, *minor));
        match shown {
            Shown::Full => lines.push(line(-minor, vec![own(number)])),
            Shown::InParts(part) => lines.extend([*part, minor - part].map(|part| line(-part, vec![own(number)]))),
            Shown::InBatch => (batch, count) = (batch + minor, count + 1),
            Shown::Returned => {
                lines.push(line(-minor, vec![own(number)]));
                lines.push(line(
                    *minor,
                    vec![LineDetail {
                        return_reason: Some("AC04".into()),
                        ..own(number)
                    }],
                ));
            }
        }
    }
    if count > 0 {
        lines.push(batch_line(-batch, count));
    }
    // The bank's references run against the order of things: returns before bookings.
    for (place, line) in lines.iter_mut().enumerate() {
        line.servicer_reference = Some(format!("{:03}", 500 - place));
    }
    (payments, lines)
}

/// The lines come document by document; what may resolve itself is explained again with each.
fn arrive(payments: Vec<Open>, lines: &[StatementLine], documents: &[usize]) -> BTreeMap<usize, Explanation> {
    let mut candidates = Candidates::new(payments);
    let mut explained: BTreeMap<usize, Explanation> = BTreeMap::new();
    let mut waiting: Vec<usize> = vec![];
    for document in documents.chunks(3) {
        waiting.extend(document);
        let slice: Vec<&StatementLine> = waiting.iter().map(|place| &lines[*place]).collect();
        let explanations = explain_all(&slice, account(), &mut candidates);
        explained.extend(waiting.iter().copied().zip(explanations));
        waiting.retain(|place| code(&explained[place]).is_some_and(ExceptionCode::may_resolve_itself));
    }
    explained
}

fn booked(explanations: &[Explanation]) -> BTreeMap<PaymentId, i64> {
    let mut booked = BTreeMap::new();
    for explanation in explanations {
        let Explanation::Explained { parts, .. } = explanation else {
            continue;
        };
        for Part { payment, amount, .. } in parts.iter().filter(|part| part.effect == Effect::Booked) {
            *booked.entry(*payment).or_default() += amount.minor();
        }
    }
    booked
}

/// Any line at all about few payments, so that lines compete.
fn any_line() -> impl Strategy<Value = StatementLine> {
    let share = (
        1..5_i64,
        prop::option::weighted(0.8, -60..60_i64),
        any::<bool>(),
        0..4_u8,
    )
        .prop_map(|(number, minor, back, way)| {
            let named = match way {
                0 => LineDetail {
                    uetr: Some(format!("uetr-{number}")),
                    ..detail()
                },
                1 => LineDetail {
                    message_id: Some("MSG-1".into()),
                    ..detail()
                },
                _ => own(number),
            };
            LineDetail {
                amount: minor.map(money),
                return_reason: (back && way == 2).then(|| "AC04".to_owned()),
                ..named
            }
        });
    let batch = prop::option::weighted(0.3, (1..4_u64, prop::option::of(-100..0_i64)));
    (
        prop::collection::vec(share, 0..3),
        batch,
        1..4_i8,
        any::<bool>(),
        -100..100_i64,
        prop::bool::weighted(0.9),
    )
        .prop_map(|(details, batch, day, honest, minor, booked)| {
            let sum: Option<i64> = details.iter().map(|detail| detail.amount.map(Money::minor)).sum();
            let minor = sum.filter(|_| honest).unwrap_or(minor);
            let batch = batch.map(|(count, total)| BatchInformation {
                message_id: Some("MSG-1".into()),
                payment_information_id: None,
                count: Some(count),
                total: total.map(money),
            });
            StatementLine {
                batch,
                booked,
                booked_on: Date::constant(2026, 11, day),
                ..line(minor, details)
            }
        })
}

proptest! {
    #[test]
    fn true_statements_explain_every_payment_in_full_in_whatever_order_they_come(
        scenario in prop::collection::vec(shown(), 1..12),
        seed in prop::collection::vec(any::<u32>(), 40),
    ) {
        let (payments, lines) = truth(&scenario);
        let straight: Vec<usize> = (0..lines.len()).collect();
        let mut shuffled = straight.clone();
        shuffled.sort_by_key(|place| seed[*place]);
        let one = arrive(payments.clone(), &lines, &straight);
        let other = arrive(payments.clone(), &lines, &shuffled);
        prop_assert_eq!(&one, &other);
        prop_assert!(one.values().all(|explanation| code(explanation).is_none()), "{:?}", one);
        let explanations: Vec<Explanation> = one.into_values().collect();
        let booked = booked(&explanations);
        prop_assert!(payments.iter().all(|open| booked[&open.payment] == open.amount.minor()));
    }

    #[test]
    fn any_lines_whatever_are_each_explained_once_and_never_beyond_a_payment(
        lines in prop::collection::vec(any_line(), 0..14),
        seed in prop::collection::vec(any::<u32>(), 14),
    ) {
        let payments: Vec<Open> = (1..4).map(|number| payment(number, number * 20)).collect();
        let straight: Vec<&StatementLine> = lines.iter().collect();
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by_key(|place| seed[*place]);
        let shuffled: Vec<&StatementLine> = order.iter().map(|place| &lines[*place]).collect();
        let one = explain_all(&straight, account(), &mut Candidates::new(payments.clone()));
        let other = explain_all(&shuffled, account(), &mut Candidates::new(payments.clone()));
        prop_assert_eq!(one.len(), lines.len());
        // Equal lines may change places; nothing else may.
        let sorted = |lines: &[&StatementLine], explanations: &[Explanation]| {
            let mut pairs: Vec<String> = lines.iter().zip(explanations).map(|pair| format!("{pair:?}")).collect();
            pairs.sort();
            pairs
        };
        prop_assert_eq!(sorted(&straight, &one), sorted(&shuffled, &other));
        for (line, explanation) in lines.iter().zip(&one) {
            if let Explanation::Explained { parts, .. } = explanation {
                let sum: i64 = parts.iter().map(|part| part.amount.minor()).sum();
                prop_assert_eq!(sum, line.amount.minor().abs());
            }
        }
        for (payment, sum) in booked(&one) {
            prop_assert!(sum <= payments.iter().find(|open| open.payment == payment).unwrap().amount.minor());
        }
    }
}
