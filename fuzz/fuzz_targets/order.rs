//! Orders to a bank, as the simulated bank reads them: nothing panics, and what can be written again reads back the same.

#![no_main]

use formats::order::read;
use formats::pain001_writer::{Order, OrderedPayment, write};
use libfuzzer_sys::fuzz_target;
use vocab::time::Timestamp;

fuzz_target!(|data: &[u8]| {
    let Ok(order) = read(data) else { return };
    let payments: Vec<OrderedPayment<'_>> = order
        .payments
        .iter()
        .map(|(instruction_id, transfer)| OrderedPayment {
            instruction_id: instruction_id.clone(),
            transfer,
        })
        .collect();
    let again = Order {
        message_id: order.message_id.clone(),
        created_at: Timestamp::from_seconds(0),
        initiating_party: "Example",
        payment_information_id: order.payment_information_id.clone(),
        payments: &payments,
    };
    if let Ok(bytes) = write(&again) {
        assert_eq!(read(&bytes).as_ref(), Ok(&order));
    }
});
