//! The cascade, rule by rule.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod scene;

use ledger::candidates::{Candidates, Open, OpenState, Wanted};
use ledger::exception::ExceptionCode;
use ledger::matching::{Effect, Explanation, Rule, apply, explain, references_of};
use scene::{account, amount, batch_line, code, detail, line, money, own, payment};
use vocab::exchange::{BatchInformation, LineDetail, StatementLine};
use vocab::id::{AccountId, PaymentId};
use vocab::money::{Amount, Currency};

fn against(line: &StatementLine, payments: Vec<Open>) -> Explanation {
    explain(line, account(), &Candidates::new(payments))
}

fn parts(explanation: &Explanation) -> Vec<(Rule, i64, i64, Effect)> {
    match explanation {
        other @ (Explanation::Charge { .. } | Explanation::Exception(_)) => panic!("{other:?}"),
        Explanation::Explained { rule, parts, .. } => parts
            .iter()
            .map(|part| (*rule, part.payment.to_i64(), part.amount.minor(), part.effect))
            .collect(),
    }
}

#[test]
fn each_of_our_own_references_names_the_payment() {
    let named = [
        own(1),
        LineDetail {
            uetr: Some("UETR-1".into()),
            ..detail()
        },
        LineDetail {
            message_id: Some("MSG-1".into()),
            end_to_end_id: Some("E-1".into()),
            ..detail()
        },
        LineDetail {
            payment_information_id: Some("GRP-1".into()),
            end_to_end_id: Some("E-1".into()),
            ..detail()
        },
        LineDetail {
            instruction_id: Some("foreign".into()),
            uetr: Some("uetr-1".into()),
            ..detail()
        },
    ];
    for detail in named {
        let explanation = against(&line(-100, vec![detail]), vec![payment(1, 100), payment(2, 100)]);
        assert_eq!(parts(&explanation), [(Rule::OwnReference, 1, 100, Effect::Booked)]);
    }
}

#[test]
fn an_end_to_end_id_alone_names_nobody() {
    let alone = LineDetail {
        end_to_end_id: Some("E-1".into()),
        ..detail()
    };
    assert_eq!(
        code(&against(&line(-100, vec![alone]), vec![payment(1, 100)])),
        Some(ExceptionCode::NotOurs)
    );
}

#[test]
fn references_that_contradict_each_other_or_name_two_payments_are_for_a_person() {
    let both = LineDetail {
        uetr: Some("uetr-2".into()),
        ..own(1)
    };
    let payments = vec![payment(1, 100), payment(2, 100)];
    assert_eq!(
        code(&against(&line(-100, vec![both]), payments)),
        Some(ExceptionCode::AmbiguousReference)
    );
    let twice = vec![
        payment(1, 100),
        Open {
            end_to_end_id: "E-1".into(),
            ..payment(2, 100)
        },
    ];
    let named = LineDetail {
        message_id: Some("MSG-1".into()),
        end_to_end_id: Some("E-1".into()),
        ..detail()
    };
    assert_eq!(
        code(&against(&line(-100, vec![named]), twice)),
        Some(ExceptionCode::AmbiguousReference)
    );
}

#[test]
fn a_part_is_booked_and_more_than_the_rest_is_not() {
    let mut candidates = Candidates::new(vec![payment(1, 100)]);
    let first = explain(&line(-40, vec![own(1)]), account(), &candidates);
    assert_eq!(parts(&first), [(Rule::OwnReference, 1, 40, Effect::Booked)]);
    apply(&first, &mut candidates);
    assert_eq!(
        code(&explain(&line(-61, vec![own(1)]), account(), &candidates)),
        Some(ExceptionCode::AmountDiffers)
    );
    let rest = explain(&line(-60, vec![own(1)]), account(), &candidates);
    apply(&rest, &mut candidates);
    assert_eq!(
        candidates.payment(PaymentId::from_i64(1)).unwrap().state,
        OpenState::Settled
    );
    assert_eq!(
        code(&explain(&line(-60, vec![own(1)]), account(), &candidates)),
        Some(ExceptionCode::AlreadySettled)
    );
}

#[test]
fn what_a_payment_is_decides_what_is_wrong_with_its_booking() {
    let cases = [
        (OpenState::NotSent, ExceptionCode::NeverSent),
        (OpenState::Settled, ExceptionCode::AlreadySettled),
        (OpenState::Returned, ExceptionCode::AlreadyReturned),
        (OpenState::Rejected, ExceptionCode::BookedAfterRejection),
        (OpenState::Cancelled, ExceptionCode::BookedAfterCancellation),
    ];
    for (state, expected) in cases {
        let explanation = against(
            &line(-100, vec![own(1)]),
            vec![Open {
                state,
                ..payment(1, 100)
            }],
        );
        assert_eq!(code(&explanation), Some(expected), "{state:?}");
    }
}

#[test]
fn a_line_of_another_account_currency_or_of_nobody_is_for_a_person() {
    let elsewhere = Open {
        account: AccountId::from_i64(2),
        ..payment(1, 100)
    };
    assert_eq!(
        code(&against(&line(-100, vec![own(1)]), vec![elsewhere])),
        Some(ExceptionCode::OtherAccount)
    );
    let usd = Amount::parse("1.00", Currency::from_code("USD").unwrap()).unwrap();
    let foreign = Open {
        amount: usd,
        ..payment(1, 100)
    };
    assert_eq!(
        code(&against(&line(-100, vec![own(1)]), vec![foreign])),
        Some(ExceptionCode::AmountDiffers)
    );
    assert_eq!(
        code(&against(&line(-100, vec![own(9)]), vec![payment(1, 100)])),
        Some(ExceptionCode::UnknownReference)
    );
    assert_eq!(
        code(&against(&line(-100, vec![]), vec![payment(1, 100)])),
        Some(ExceptionCode::NotOurs)
    );
    let announced = StatementLine {
        booked: false,
        ..line(-100, vec![own(1)])
    };
    assert_eq!(
        code(&against(&announced, vec![payment(1, 100)])),
        Some(ExceptionCode::NotBooked)
    );
}

#[test]
fn a_collective_booking_is_expanded_by_the_amounts_of_its_transactions() {
    let share = |number, minor| LineDetail {
        amount: Some(money(minor)),
        ..own(number)
    };
    let payments = || vec![payment(1, 100), payment(2, 50)];
    let explanation = against(&line(-150, vec![share(1, -100), share(2, -50)]), payments());
    let expected = [
        (Rule::BatchTotal, 1, 100, Effect::Booked),
        (Rule::BatchTotal, 2, 50, Effect::Booked),
    ];
    assert_eq!(parts(&explanation), expected);
    let short = against(&line(-151, vec![share(1, -100), share(2, -50)]), payments());
    assert_eq!(code(&short), Some(ExceptionCode::DetailsDiffer));
    let unknown = against(&line(-150, vec![share(1, -100), share(9, -50)]), payments());
    assert_eq!(code(&unknown), Some(ExceptionCode::UnknownReference));
    let twice = against(&line(-200, vec![share(1, -100), share(1, -100)]), payments());
    assert_eq!(code(&twice), Some(ExceptionCode::AmountDiffers));
    let bare = against(&line(-150, vec![own(1), own(2)]), payments());
    assert_eq!(code(&bare), Some(ExceptionCode::DetailsDiffer));
}

#[test]
fn a_collective_booking_without_transactions_is_explained_by_total_and_count() {
    let rejected = Open {
        state: OpenState::Rejected,
        ..payment(3, 7)
    };
    let payments = || vec![payment(1, 100), payment(2, 50), rejected.clone()];
    let explanation = against(&batch_line(-150, 2), payments());
    let expected = [
        (Rule::BatchTotal, 1, 100, Effect::Booked),
        (Rule::BatchTotal, 2, 50, Effect::Booked),
    ];
    assert_eq!(parts(&explanation), expected);
    for wrong in [batch_line(-150, 3), batch_line(-151, 2), batch_line(-157, 3)] {
        assert_eq!(
            code(&against(&wrong, payments())),
            Some(ExceptionCode::BatchTotalDiffers)
        );
    }
    let settled = payments()
        .into_iter()
        .map(|open| Open {
            state: OpenState::Settled,
            ..open
        })
        .collect();
    assert_eq!(
        code(&against(&batch_line(-150, 2), settled)),
        Some(ExceptionCode::AlreadySettled)
    );
    assert_eq!(
        code(&against(&batch_line(-150, 2), vec![])),
        Some(ExceptionCode::UnknownReference)
    );
}

#[test]
fn a_list_without_amounts_must_name_exactly_the_payments_of_the_total() {
    let listed = |number| LineDetail {
        message_id: Some("MSG-1".into()),
        ..own(number)
    };
    let payments = || vec![payment(1, 100), payment(2, 50)];
    let explanation = against(&line(-150, vec![listed(1), listed(2)]), payments());
    let expected = [
        (Rule::BatchTotal, 1, 100, Effect::Booked),
        (Rule::BatchTotal, 2, 50, Effect::Booked),
    ];
    assert_eq!(parts(&explanation), expected);
    let with_third = || [payments(), vec![payment(3, 7)]].concat();
    let too_few = against(&line(-157, vec![listed(1), listed(2)]), with_third());
    assert_eq!(code(&too_few), Some(ExceptionCode::BatchTotalDiffers));
    let other = Open {
        message_id: "MSG-2".into(),
        ..payment(3, 7)
    };
    let foreign = against(
        &line(-150, vec![listed(1), listed(3)]),
        [payments(), vec![other]].concat(),
    );
    assert_eq!(code(&foreign), Some(ExceptionCode::BatchTotalDiffers));
}

#[test]
fn a_group_of_an_order_is_booked_by_itself() {
    let second = Open {
        payment_information_id: "GRP-2".into(),
        ..payment(2, 50)
    };
    let mut of_group = batch_line(-50, 1);
    of_group.batch = of_group.batch.map(|batch| BatchInformation {
        payment_information_id: Some("GRP-2".into()),
        ..batch
    });
    let explanation = against(&of_group, vec![payment(1, 100), second]);
    assert_eq!(parts(&explanation), [(Rule::BatchTotal, 2, 50, Effect::Booked)]);
}

#[test]
fn a_return_in_full_reopens_what_was_settled() {
    let settled = || {
        vec![Open {
            state: OpenState::Settled,
            booked_minor: 100,
            ..payment(1, 100)
        }]
    };
    let returned = LineDetail {
        return_reason: Some("AC04".into()),
        ..own(1)
    };
    let explanation = against(&line(100, vec![returned.clone()]), settled());
    assert_eq!(parts(&explanation), [(Rule::Return, 1, 100, Effect::Returned)]);
    let reversal = StatementLine {
        reversal: true,
        ..line(100, vec![own(1)])
    };
    assert_eq!(
        parts(&against(&reversal, settled())),
        [(Rule::Return, 1, 100, Effect::Returned)]
    );
    let kept = against(&line(95, vec![returned.clone()]), settled());
    assert_eq!(code(&kept), Some(ExceptionCode::ReturnAmountDiffers));
    let early = against(&line(100, vec![returned.clone()]), vec![payment(1, 100)]);
    assert_eq!(code(&early), Some(ExceptionCode::ReturnNotSettled));
    let again = vec![Open {
        state: OpenState::Returned,
        ..payment(1, 100)
    }];
    assert_eq!(
        code(&against(&line(100, vec![returned]), again)),
        Some(ExceptionCode::AlreadyReturned)
    );
}

#[test]
fn a_credit_that_does_not_say_it_is_a_return_is_for_a_person() {
    let settled = || {
        vec![Open {
            state: OpenState::Settled,
            ..payment(1, 100)
        }]
    };
    assert_eq!(
        code(&against(&line(100, vec![own(1)]), settled())),
        Some(ExceptionCode::CreditNotAReturn)
    );
    assert_eq!(
        code(&against(&line(100, vec![own(9)]), settled())),
        Some(ExceptionCode::NotOurs)
    );
    let undone = StatementLine {
        reversal: true,
        ..line(-100, vec![own(1)])
    };
    assert_eq!(
        code(&against(&undone, vec![payment(1, 100)])),
        Some(ExceptionCode::NotOurs)
    );
}

#[test]
fn the_references_to_load_are_those_that_the_rules_look_up() {
    let named = LineDetail {
        message_id: Some("MSG-1".into()),
        end_to_end_id: Some("E-1".into()),
        uetr: Some("UETR-1".into()),
        amount: Some(money(-50)),
        ..own(1)
    };
    let expected = [
        Wanted::Instruction("I-1".into()),
        Wanted::Uetr("uetr-1".into()),
        Wanted::EndToEnd {
            message_id: "MSG-1".into(),
            end_to_end_id: "E-1".into(),
        },
    ];
    assert_eq!(references_of(&line(-100, vec![named.clone(), named])), expected);
    assert_eq!(references_of(&batch_line(-150, 2)), [Wanted::Message("MSG-1".into())]);
    assert_eq!(references_of(&line(-100, vec![])), []);
}

#[test]
fn what_the_bank_calls_a_charge_goes_to_no_payment() {
    // The bank names the payment that it took the charge for.
    for details in [vec![], vec![own(1)]] {
        let charge = StatementLine {
            transaction_code: Some("PMNT.ICDT.CHRG".into()),
            ..line(-7, details)
        };
        let explanation = against(&charge, vec![payment(1, 100)]);
        assert!(
            matches!(&explanation, Explanation::Charge { amount: taken, .. } if *taken == amount(7)),
            "{explanation:?}"
        );
    }
}

#[test]
fn a_charge_that_is_no_debit_or_is_exactly_a_payment_is_judged_by_the_other_rules() {
    let charge = |minor, details| StatementLine {
        transaction_code: Some("NCHG+808".into()),
        ..line(minor, details)
    };
    let given_back = against(&charge(7, vec![]), vec![payment(1, 100)]);
    assert_eq!(code(&given_back), Some(ExceptionCode::NotOurs));
    let exactly = against(&charge(-100, vec![own(1)]), vec![payment(1, 100)]);
    assert_eq!(parts(&exactly), [(Rule::OwnReference, 1, 100, Effect::Booked)]);
    let announced = StatementLine {
        booked: false,
        ..charge(-7, vec![])
    };
    assert_eq!(code(&against(&announced, vec![])), Some(ExceptionCode::NotBooked));
}
