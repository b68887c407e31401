//! Payment lists: nothing panics, no payment is lost without a reason, none is both refused and executable.

#![no_main]

use formats::batch::Batch;
use formats::csv::COLUMNS;
use libfuzzer_sys::fuzz_target;
use vocab::time::Date;

fuzz_target!(|data: &[u8]| {
    let columns: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    let list = [columns.join(";").as_bytes(), b"\n", data].concat();
    for bytes in [data, &list] {
        check(&formats::csv::read(bytes, Date::constant(2026, 11, 27)));
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
