//! Approval policies in text form: nothing panics, what is read is written in a form that reads back the same, and no policy lets a
//! payment pass without a person.

#![no_main]

use libfuzzer_sys::fuzz_target;
use payment::policy::Policy;
use vocab::limits;
use vocab::money::{Amount, Currency};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(policy) = text.parse::<Policy>() else { return };
    assert_eq!(policy.to_string().parse().as_ref(), Ok(&policy));
    for currency in ["EUR", "JPY"].into_iter().filter_map(Currency::from_code) {
        for sum in ["1", "50000"] {
            let amount = Amount::parse(sum, currency).expect("an amount");
            for channel in ["sandbox", "x"] {
                assert!(policy.rule(&amount, channel).is_some());
                assert!((1..=limits::APPROVERS_MAX).contains(&policy.needed(&amount, channel)));
            }
        }
    }
});
