//! Requests to cancel and their answers: nothing panics, and what can be written again reads back the same.

#![no_main]

use std::sync::LazyLock;

use formats::camt055::{CancellationReason, CancellationRequest};
use formats::{camt029, camt055};
use libfuzzer_sys::fuzz_target;
use vocab::money::{Amount, Currency};
use vocab::time::{Date, Timestamp};

/// What the answers that are written again refer to.
static REQUEST: LazyLock<CancellationRequest> = LazyLock::new(|| CancellationRequest {
    case_id: "CASE-1".parse().expect("a reference"),
    created_at: Timestamp::from_seconds(0),
    requester: "Example".to_owned(),
    bank: None,
    original_message_id: "ORDER-1".parse().expect("a reference"),
    original_payment_information_id: "BLOCK-1".parse().expect("a reference"),
    instruction_id: "PAY-1".parse().expect("a reference"),
    end_to_end_id: "INV-1".parse().expect("a reference"),
    uetr: None,
    amount: Amount::parse("1", Currency::from_code("EUR").expect("a currency")).expect("an amount"),
    execution_on: Date::constant(2026, 11, 22),
    reason: CancellationReason::Customer,
});

fuzz_target!(|data: &[u8]| {
    for answer in camt029::read(data).unwrap_or_default() {
        if let Ok(bytes) = camt029::write(&answer, &REQUEST, Timestamp::from_seconds(0)) {
            assert_eq!(camt029::read(&bytes), Ok(vec![answer]));
        }
    }
    if let Ok(request) = camt055::read(data)
        && let Ok(bytes) = camt055::write(&request)
    {
        assert_eq!(camt055::read(&bytes), Ok(request));
    }
});
