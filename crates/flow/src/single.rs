//! A payment that is ordered by itself, through the API: read and checked by the rules of payment files, so that both doors refuse the
//! same for the same reason.

use crate::refusal::{Code, FieldError, Refusal};
use formats::finding::Finding;
pub use formats::single::{Address, Number, Side, Single, Told};
use vocab::time::Date;
use vocab::transfer::CreditTransfer;

/// The payment, or everything that is wrong with it. Whether its day is past is asked when it is submitted.
pub fn read(single: &Single<'_>) -> (Option<CreditTransfer>, Vec<FieldError>) {
    let (transfer, findings) = formats::single::read(single);
    (transfer, findings.into_iter().map(field_error).collect())
}

/// What is wrong with the day of execution, if anything.
pub fn day_findings(execution_on: Date, today: Date) -> Vec<FieldError> {
    let findings = formats::single::check_execution_date(execution_on, today);
    findings.into_iter().map(field_error).collect()
}

/// The refusal of a payment whose day has passed or is too far away.
pub(crate) fn objection(transfer: &CreditTransfer, today: Date) -> Option<Refusal> {
    let errors = day_findings(transfer.execution_on, today);
    (!errors.is_empty()).then(|| {
        let mut refusal = Refusal::new(Code::PaymentInvalid, "the payment cannot be accepted as it is");
        refusal.errors = errors;
        refusal
    })
}

fn field_error(finding: Finding) -> FieldError {
    FieldError {
        pointer: finding.path,
        line: None,
        code: finding.code.as_str().to_owned(),
        detail: finding.message,
    }
}
