//! What is found in payment lists: each kind of mistake in its row, cell and line, and nothing else.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use formats::batch::{Batch, FileFormat, read_payment_file};
use formats::csv::COLUMNS;
use formats::finding::FindingCode::{self, *};
use vocab::money::Currency;
use vocab::time::Date;
use vocab::transfer::{ChargeBearer, Remittance};

const TODAY: Date = Date::constant(2026, 11, 27);
const HEADER: &str = "end_to_end_id;debtor_name;debtor_account;debtor_bic;creditor_name;creditor_account;creditor_bic;\
    creditor_country;creditor_town;creditor_street;creditor_building;creditor_post_code;amount;currency;execution_date;\
    remittance;creditor_reference;purpose;service_level;charge_bearer";
const ROW: &str = "E2E-1;Aurora Instruments GmbH;DE48999999991000000001;CSGNDEF0XXX;Lindner Feinmechanik KG;\
    DE23999999990000000000;LNDRDE20;DE;Erfurt;Werkstrasse;12;99084;1250.00;EUR;2026-12-01;Invoice 1;;SUPP;SEPA;SLEV";

fn read(text: &str) -> Batch {
    read_payment_file(text.as_bytes(), TODAY)
}

/// What is found when one cell of the sound row holds something else.
fn found(column: &str, text: &str) -> Vec<(FindingCode, String)> {
    let place = COLUMNS.iter().position(|known| known.name == column).unwrap();
    let mut cells: Vec<&str> = ROW.split(';').collect();
    cells[place] = text;
    let batch = read(&format!("{HEADER}\n{}\n", cells.join(";")));
    assert!(!batch.fatal, "{:?}", batch.findings);
    assert_eq!(
        batch.payments[0].transfer.is_none(),
        batch.findings.iter().any(|finding| finding.code.refuses())
    );
    assert!(
        batch
            .findings
            .iter()
            .all(|finding| finding.line == 2 && finding.payments == Some(0..1))
    );
    batch
        .findings
        .into_iter()
        .map(|finding| (finding.code, finding.path))
        .collect()
}

#[test]
fn the_header_of_this_test_has_every_column() {
    assert_eq!(
        HEADER.split(';').collect::<Vec<_>>(),
        COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>()
    );
}

#[test]
fn everything_that_is_carried_arrives() {
    let batch = read(&format!("{HEADER}\n{ROW}"));
    assert_eq!(batch.findings, []);
    assert_eq!((batch.format, batch.complete()), (Some(FileFormat::Csv), true));
    assert_eq!((batch.payments[0].line, batch.payments[0].path.as_str()), (2, "row[1]"));
    let transfer = batch.payments[0].transfer.as_ref().unwrap();
    assert_eq!(transfer.end_to_end_id.as_str(), "E2E-1");
    assert_eq!(
        transfer.debtor_agent.as_ref().map(|bic| bic.as_str()),
        Some("CSGNDEF0XXX")
    );
    assert_eq!(transfer.creditor.name, "Lindner Feinmechanik KG");
    let address = transfer.creditor.address.as_ref().unwrap();
    assert_eq!(
        (
            address.town.as_deref(),
            address.building.as_deref(),
            address.post_code.as_deref()
        ),
        (Some("Erfurt"), Some("12"), Some("99084"))
    );
    assert_eq!(
        (transfer.amount.minor(), transfer.amount.currency()),
        (125_000, Currency::from_code("EUR").unwrap())
    );
    assert_eq!(transfer.execution_on, Date::constant(2026, 12, 1));
    assert_eq!(transfer.remittance, Remittance::Text("Invoice 1".to_owned()));
    assert_eq!(
        (transfer.purpose.as_deref(), transfer.service_level.as_deref()),
        (Some("SUPP"), Some("SEPA"))
    );
    assert_eq!(
        (transfer.charges, transfer.batch_booking),
        (ChargeBearer::ServiceLevel, false)
    );
}

#[test]
fn columns_may_stand_in_any_order_and_optional_ones_may_be_left_out() {
    let text = "\u{FEFF}Amount,currency,execution_date,creditor_account,creditor_name,debtor_account,debtor_name,end_to_end_id\r\n\
                99.5,EUR,2026-12-01,DE23999999990000000000,\"Lindner, KG\",DE48999999991000000001,Aurora,E1\r\n\r\n,,,,,,,\r\n";
    let batch = read(text);
    assert_eq!(batch.findings, []);
    let transfer = batch.payments[0].transfer.as_ref().unwrap();
    assert_eq!(
        (transfer.creditor.name.as_str(), transfer.amount.minor()),
        ("Lindner, KG", 9950)
    );
    assert_eq!(
        (transfer.charges, transfer.remittance.clone()),
        (ChargeBearer::Shared, Remittance::None)
    );
    assert_eq!(batch.payments.len(), 1);
}

#[test]
fn each_mistake_is_found_in_its_cell() {
    let long = "x".repeat(141);
    for (column, text, code) in [
        ("end_to_end_id", "", ValueMissing),
        ("end_to_end_id", "E2E/", ReferenceInvalid),
        ("end_to_end_id", "E2E_1", CharacterSet),
        ("end_to_end_id", "1.23457E+15", NumberFormat),
        ("debtor_name", "", ValueMissing),
        ("debtor_account", "DE49999999991000000001", IbanInvalid),
        ("debtor_account", "DE4899999999100000000", IbanInvalid),
        ("debtor_account", "4.89999E+20", NumberFormat),
        ("debtor_bic", "CSGNDE", BicInvalid),
        ("creditor_name", "M\u{fc}ller", CharacterSet),
        ("creditor_name", "=cmd|' /C calc'!A0", FormulaCell),
        ("creditor_name", "@SUM(A1)", FormulaCell),
        ("creditor_name", &long, ValueLength),
        ("creditor_account", "DE23999999990000000001", IbanInvalid),
        ("creditor_account", "12345678", SepaAccount),
        ("creditor_bic", "lndrde20", BicInvalid),
        ("creditor_country", "Germany", CodeInvalid),
        ("amount", "1.250,00", NumberFormat),
        ("amount", "1,250.00", NumberFormat),
        ("amount", "1250,00", NumberFormat),
        ("amount", "1.250", NumberFormat),
        ("amount", "1.25E+03", NumberFormat),
        ("amount", "1250.00 EUR", NumberFormat),
        ("amount", "=A1*2", NumberFormat),
        ("amount", "12.3456", AmountPrecision),
        ("amount", "0.00", AmountInvalid),
        ("amount", "-5.00", AmountInvalid),
        ("amount", "9999999999.00", SepaAmount),
        ("amount", "99999999999999999999.00", AmountInvalid),
        ("currency", "Euro", CurrencyUnknown),
        ("currency", "USD", SepaCurrency),
        ("execution_date", "22.11.2026", DateFormat),
        ("execution_date", "12/01/2026", DateFormat),
        ("execution_date", "46357", DateFormat),
        ("execution_date", "2026-02-30", DateInvalid),
        ("execution_date", "2026-11-26", ExecutionDatePast),
        ("execution_date", "2027-11-28", ExecutionDateTooFar),
        ("remittance", "+49 30 1234", FormulaCell),
        ("remittance", &long, ValueLength),
        ("remittance", "\"Invoice\n1\"", CharacterSet),
        ("purpose", "Supplies", CodeInvalid),
        ("service_level", "sepa", CodeInvalid),
        ("charge_bearer", "OUR", ChargeBearerInvalid),
        ("charge_bearer", "DEBT", SepaChargeBearer),
    ] {
        let place = if code == SepaCurrency { "amount" } else { column };
        assert_eq!(
            found(column, text),
            [(code, format!("row[1]/{place}"))],
            "{column}: {text}"
        );
    }
    assert_eq!(found("creditor_town", ""), [(AddressIncomplete, "row[1]".to_owned())]);
    assert_eq!(
        found("creditor_reference", "RF18539007547034"),
        [(RemittanceAmbiguous, "row[1]/remittance".to_owned())]
    );
    assert_eq!(
        found("creditor_reference", "RF19539007547034"),
        [(RemittanceAmbiguous, "row[1]/remittance".to_owned())],
        "one of the two has to go before the other is looked at"
    );
}

#[test]
fn outside_sepa_the_bank_is_needed_where_the_number_does_not_tell_it() {
    let list = |account: &str, bic: &str| {
        read(&format!(
            "end_to_end_id;debtor_name;debtor_account;creditor_name;creditor_account;creditor_bic;amount;currency;execution_date\n\
             E1;Aurora;DE48999999991000000001;Brightwater;{account};{bic};990.00;USD;2026-12-01"
        ))
    };
    assert_eq!(list("021000021-4471120", "BWSNUS30XXX").findings, []);
    assert_eq!(list("DE23999999990000000000", "").findings, []);
    let batch = list("021000021-4471120", "");
    assert_eq!(
        (batch.findings[0].code, batch.findings[0].path.as_str()),
        (AgentMissing, "row[1]")
    );
}

#[test]
fn lines_are_exact_after_cells_of_several_lines() {
    let several = ROW.replace("Invoice 1", "\"Invoice\n\n1\"");
    let late = ROW.replace("E2E-1", "E2E-2").replace("2026-12-01", "1.12.2026");
    let batch = read(&format!("\n{HEADER}\n{several}\n\n{late}\n"));
    let found: Vec<_> = batch
        .findings
        .iter()
        .map(|finding| (finding.code, finding.line, finding.path.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (CharacterSet, 3, "row[1]/remittance"),
            (DateFormat, 7, "row[2]/execution_date")
        ]
    );
}

#[test]
fn the_header_is_checked_as_a_whole() {
    let codes = |header: &str| {
        let batch = read(&format!("{header}\n{ROW}\n"));
        assert!(batch.fatal && batch.payments.iter().all(|payment| payment.transfer.is_none()));
        batch
            .findings
            .into_iter()
            .map(|finding| (finding.code, finding.message))
            .collect::<Vec<_>>()
    };
    let unknown = codes(&HEADER.replace("creditor_street", "creditor_stret"));
    assert_eq!(
        unknown,
        [(
            ColumnUnknown,
            "the column `creditor_stret` is not known; did you mean `creditor_street`?".to_owned()
        )]
    );
    let missing = codes(&HEADER.replace(";amount;", ";betrag;"));
    assert_eq!(
        missing.iter().map(|(code, _)| *code).collect::<Vec<_>>(),
        [ColumnUnknown, ColumnMissing]
    );
    let twice = codes(&HEADER.replace("creditor_bic", "debtor_bic"));
    assert_eq!(twice[0].0, ColumnRepeated);
    assert_eq!(read("Name;Betrag\nx;5").findings[0].code, FormatUnknown);
}

#[test]
fn rows_have_as_many_cells_as_the_header() {
    let short = ROW.rsplit_once(';').unwrap().0.replace("E2E-1", "E2E-2");
    let long = format!("{};x", ROW.replace("E2E-1", "E2E-3"));
    let blank = format!("{};;", ROW.replace("E2E-1", "E2E-4"));
    let batch = read(&format!("{HEADER}\n{ROW}\n{short}\n{long}\n{blank}\n"));
    let found: Vec<_> = batch
        .findings
        .iter()
        .map(|finding| (finding.code, finding.line))
        .collect();
    assert_eq!(found, [(RowLength, 3), (RowLength, 4)]);
    let accepted: Vec<_> = batch
        .payments
        .iter()
        .map(|payment| payment.transfer.is_some())
        .collect();
    assert_eq!(accepted, [true, false, false, true]);
    assert_eq!(batch.payments[1].end_to_end_id.as_deref(), Some("E2E-2"));
}

#[test]
fn quotes_that_do_not_close_refuse_the_list() {
    for (text, line) in [("\"Lindner", 2), ("\"Lindner\" KG", 2)] {
        let batch = read(&format!("{HEADER}\n{}\n", ROW.replace("Lindner Feinmechanik KG", text)));
        assert_eq!(
            (batch.findings[0].code, batch.findings[0].line, batch.fatal),
            (QuoteInvalid, line, true)
        );
    }
}

#[test]
fn the_later_of_two_rows_with_one_id_is_refused() {
    let batch = read(&format!("{HEADER}\n{ROW}\n{ROW}\n"));
    assert_eq!(batch.findings.len(), 1);
    assert_eq!(
        (batch.findings[0].code, batch.findings[0].line),
        (DuplicateEndToEndId, 3)
    );
    assert!(batch.payments[0].transfer.is_some());
}

#[test]
fn a_list_without_payments_is_refused() {
    assert_eq!(read(&format!("{HEADER}\n;;;\n")).findings[0].code, NoPayments);
}

#[test]
fn a_list_in_another_encoding_is_told_so() {
    let text = format!("{HEADER}\n{}", ROW.replace("Lindner", "M\u{fc}ller"));
    let latin1: Vec<u8> = text
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    let batch = read_payment_file(&latin1, TODAY);
    assert_eq!((batch.findings[0].code, batch.findings[0].line), (Encoding, 2));
    assert!(batch.findings[0].message.contains("Windows-1252"));
    let utf16: Vec<u8> = "\u{FEFF}amount;currency"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert!(read_payment_file(&utf16, TODAY).findings[0].message.contains("UTF-16"));
}
