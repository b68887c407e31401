//! The files under `examples/`: what the demo submits must keep its promises.

use formats::batch::{Batch, FileFormat, read_payment_file};
use formats::finding::FindingCode;
use vocab::money::Currency;
use vocab::time::Date;
use vocab::transfer::Remittance;

const TODAY: Date = Date::constant(2026, 11, 27);

fn codes(batch: &Batch) -> Vec<(&str, &str)> {
    let coded = |finding: &formats::finding::Finding| finding.payments.clone().and_then(|range| range.clone().next());
    let id = |index: usize| {
        batch
            .payments
            .get(index)
            .and_then(|payment| payment.end_to_end_id.as_deref())
            .unwrap_or_default()
    };
    batch
        .findings
        .iter()
        .map(|finding| (coded(finding).map_or("", id), finding.code.as_str()))
        .collect()
}

#[test]
fn the_default_file_holds_one_payment_that_cannot_be_accepted() {
    let batch = read_payment_file(include_bytes!("../../../examples/payments.xml"), TODAY);
    assert_eq!(codes(&batch), [("AUR-2026-1104", "iban_invalid")]);
    assert!(!batch.fatal && !batch.complete());
    assert_eq!((batch.format, batch.payments.len()), (Some(FileFormat::Pain00109), 19));
    assert_eq!(batch.header.count.as_deref(), Some("19"));
    assert_eq!(
        batch.header.initiating_party.as_deref(),
        Some("Aurora Instruments GmbH")
    );
    let finding = &batch.findings[0];
    assert_eq!(
        finding.path,
        "/Document/CstmrCdtTrfInitn/PmtInf[2]/CdtTrfTxInf[4]/CdtrAcct/Id/IBAN"
    );
    let line = include_str!("../../../examples/payments.xml")
        .lines()
        .nth(usize::try_from(finding.line - 1).unwrap())
        .unwrap();
    assert!(line.contains("NL91ABNA0417164301"));
    assert!(!finding.message.contains("NL91"));
}

#[test]
fn the_default_file_has_everything_the_demo_shows() {
    let batch = read_payment_file(include_bytes!("../../../examples/payments.xml"), TODAY);
    let transfers: Vec<_> = batch
        .payments
        .iter()
        .filter_map(|payment| payment.transfer.as_ref())
        .collect();
    assert_eq!(transfers.iter().filter(|transfer| transfer.batch_booking).count(), 3);
    let eur = Currency::from_code("EUR").unwrap();
    assert!(
        transfers
            .iter()
            .any(|transfer| transfer.amount.currency() == eur && transfer.amount.minor() > 5_000_000)
    );
    let same = |id: &str| {
        let transfer = transfers
            .iter()
            .find(|transfer| transfer.end_to_end_id.as_str() == id)
            .unwrap();
        (
            transfer.creditor_account.clone(),
            transfer.amount,
            transfer.remittance.clone(),
        )
    };
    assert_eq!(same("AUR-2026-1102"), same("AUR-2026-1103"));
    for magic in 9001..=9008 {
        let tail = format!("99999999000000{magic}");
        assert!(
            transfers
                .iter()
                .any(|transfer| transfer.creditor_account.as_str().ends_with(&tail)),
            "{magic}"
        );
    }
    let currencies: Vec<_> = batch
        .debtor_accounts
        .iter()
        .map(|account| account.payment_currencies.clone())
        .collect();
    let code = |code| Currency::from_code(code).unwrap();
    assert_eq!(currencies, [vec![code("JPY"), code("USD")], vec![eur]]);
    assert_eq!(
        batch.debtor_accounts[1].name.as_deref(),
        Some("Aurora Instruments GmbH")
    );
    assert_eq!(batch.debtor_accounts[1].currency, Some(eur));
}

#[test]
fn the_older_file_and_the_list_are_sound() {
    let old = read_payment_file(include_bytes!("../../../examples/payments-03.xml"), TODAY);
    assert_eq!(codes(&old), []);
    assert_eq!(
        (old.format, old.payments.len(), old.complete()),
        (Some(FileFormat::Pain00103), 4, true)
    );
    let list = read_payment_file(include_bytes!("../../../examples/payments.csv"), TODAY);
    assert_eq!(codes(&list), []);
    assert_eq!(
        (list.format, list.payments.len(), list.complete()),
        (Some(FileFormat::Csv), 4, true)
    );
    let transfer = list.payments[1].transfer.as_ref().unwrap();
    assert!(matches!(transfer.remittance, Remittance::Creditor(_)));
}

#[test]
fn the_dates_of_the_examples_are_judged_by_today() {
    let late = read_payment_file(
        include_bytes!("../../../examples/payments.csv"),
        Date::constant(2026, 12, 2),
    );
    assert_eq!(
        late.findings
            .iter()
            .filter(|finding| finding.code == FindingCode::ExecutionDatePast)
            .count(),
        2
    );
    assert!(late.payments[2].transfer.is_some());
    let early = read_payment_file(
        include_bytes!("../../../examples/payments-03.xml"),
        Date::constant(2025, 11, 30),
    );
    assert_eq!(
        early
            .findings
            .iter()
            .filter(|finding| finding.code == FindingCode::ExecutionDateTooFar)
            .count(),
        2
    );
    assert!(!early.fatal, "a date of a group refuses the group");
}
