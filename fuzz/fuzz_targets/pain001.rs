//! Payment files in XML: nothing panics, no payment is lost without a reason, none is both refused and executable.

#![no_main]

use formats::batch::Batch;
use libfuzzer_sys::fuzz_target;
use vocab::time::Date;

fuzz_target!(|data: &[u8]| {
    // A text that is no document reaches the reader of payments within one.
    let wrapped = [
        b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'>",
        data,
        b"</Document>",
    ]
    .concat();
    for bytes in [data, &wrapped] {
        check(&formats::pain001::read(bytes, Date::constant(2026, 11, 27)));
    }
});

fn check(batch: &Batch) {
    for (index, payment) in batch.payments.iter().enumerate() {
        assert_eq!(payment.transfer.is_none(), batch.refusals_of(index).next().is_some());
    }
    assert!(batch.findings.is_sorted_by_key(|finding| finding.line));
    assert!(
        batch
            .findings
            .iter()
            .all(|finding| finding.line > 0 && finding.message.len() < 400)
    );
}
