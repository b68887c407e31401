//! Status reports: nothing panics, every status is that of its code, and what can be written again reads back the same.

#![no_main]

use formats::pain002::{read, status_of, write};
use libfuzzer_sys::fuzz_target;
use vocab::time::Timestamp;

fuzz_target!(|data: &[u8]| {
    let Ok(report) = read(data) else { return };
    let payments = report.payments.iter().map(|payment| &payment.status);
    for status in payments.chain(&report.group) {
        assert_eq!(status_of(&status.code), Some(status.status));
    }
    if let Ok(bytes) = write(&report, None, Timestamp::from_seconds(0)) {
        assert_eq!(read(&bytes).as_ref(), Ok(&report));
    }
});
