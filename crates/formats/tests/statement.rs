//! camt.053 and camt.054: samples of both versions, round trips of written messages, and files that must be refused.

#![expect(clippy::string_slice, clippy::unwrap_used, reason = "a test fails by panicking")]

mod schema;
#[path = "statement/strategies.rs"]
mod strategies;

use formats::finding::{Finding, FindingCode};
use formats::statement::{Heading, Version};
use formats::xml_writer::WriteError;
use formats::{camt053, camt054};
use proptest::prelude::*;
use vocab::exchange::{Statement, StatementKind};
use vocab::limits;
use vocab::money::{Currency, Money};
use vocab::time::{Date, Timestamp};

const CAMT053_V02: &str = include_str!("vectors/statement/camt053_v02.xml");
const CAMT053_V08: &str = include_str!("vectors/statement/camt053_v08.xml");
const CAMT054_V02: &str = include_str!("vectors/statement/camt054_v02.xml");
const CAMT054_V08: &str = include_str!("vectors/statement/camt054_v08.xml");

fn money(text: &str, code: &str) -> Money {
    Money::parse(text, Currency::from_code(code).unwrap()).unwrap()
}

fn eur(text: &str) -> Money {
    money(text, "EUR")
}

fn codes(result: Result<Vec<Statement>, Vec<Finding>>) -> Vec<FindingCode> {
    result.unwrap_err().iter().map(|finding| finding.code).collect()
}

fn heading() -> Heading {
    Heading {
        message_id: "M-1".parse().unwrap(),
        created_at: Timestamp::from_seconds(1_795_000_000),
    }
}

#[test]
fn a_statement_of_version_02_is_read_with_its_batch() {
    let [statement] = camt053::read(CAMT053_V02.as_bytes()).unwrap().try_into().unwrap();
    assert_eq!(statement.kind, StatementKind::EndOfDay);
    assert_eq!(statement.identification, "0123456789-2026-223");
    assert_eq!(statement.sequence, Some(223));
    assert_eq!(statement.account.as_str(), "DE89370400440532013000");
    assert_eq!(statement.covers, Date::constant(2026, 11, 20));
    assert_eq!(
        (statement.opening, statement.closing),
        (Some(eur("10000")), Some(eur("9998.30")))
    );
    let amounts: Vec<Money> = statement.lines.iter().map(|line| line.amount).collect();
    assert_eq!(amounts, ["-350.50", "250", "100", "-1.20", "77"].map(eur));

    let line = &statement.lines[0];
    assert_eq!(line.transaction_code.as_deref(), Some("PMNT.ICDT.ESCT"));
    assert_eq!(line.servicer_reference.as_deref(), Some("2026112000001"));
    let batch = line.batch.as_ref().unwrap();
    assert_eq!(batch.message_id.as_deref(), Some("ORDER-1"));
    assert_eq!(batch.payment_information_id.as_deref(), Some("BLOCK-1"));
    assert_eq!((batch.count, batch.total), (Some(3), Some(eur("-350.50"))));
    let details: Vec<_> = line.details.iter().map(|detail| detail.amount.unwrap()).collect();
    assert_eq!(
        details,
        ["-100", "-250", "-0.50"].map(eur),
        "the countervalue where the transaction was in dollars"
    );
    assert_eq!(line.details[0].instruction_id.as_deref(), Some("PAY-1"));
    assert_eq!(line.details[0].end_to_end_id.as_deref(), Some("INV-1"));
    assert_eq!(line.details[0].remittance.as_deref(), Some("Invoice 1"));
    assert_eq!(line.details[1].end_to_end_id, None, "NOTPROVIDED is no reference");
    assert_eq!(line.details[1].remittance.as_deref(), Some("RF18539007547034"));
}

#[test]
fn a_return_says_why_and_a_reversal_keeps_its_sign() {
    let [statement] = camt053::read(CAMT053_V02.as_bytes()).unwrap().try_into().unwrap();
    let returned = &statement.lines[1];
    assert_eq!(returned.details[0].return_reason.as_deref(), Some("AC04"));
    assert_eq!(returned.details[0].end_to_end_id.as_deref(), Some("INV-2"));
    assert_eq!(
        returned.details[0].amount, None,
        "the instructed amount is not what was booked"
    );
    assert_eq!(returned.booked_on, Date::constant(2026, 11, 20), "the bank's own date");

    let reversed = &statement.lines[2];
    assert!(
        reversed.reversal && reversed.amount == eur("100"),
        "a reversed debit comes back as a credit"
    );
    assert_eq!(
        reversed.booked_on, statement.covers,
        "without a date of its own it was booked on the day of the statement"
    );
    assert_eq!(reversed.transaction_code.as_deref(), Some("NSTO+159"));

    assert_eq!(
        statement.lines[3].information.as_deref(),
        Some("Charges for November"),
        "in one line"
    );
    assert!(!statement.lines[4].booked, "a pending entry does not count");
}

#[test]
fn a_message_of_version_08_holds_several_statements() {
    let [yen, euro] = camt053::read(CAMT053_V08.as_bytes()).unwrap().try_into().unwrap();
    assert_eq!(
        yen.identification, "JPY-9#2",
        "the second page is not a copy of the first"
    );
    assert_eq!(
        yen.covers,
        Date::constant(2026, 11, 20),
        "a period that ends at midnight covers the day before"
    );
    assert_eq!(yen.account.as_str(), "001-234567");
    assert_eq!(yen.opening, Some(money("-300", "JPY")));
    let line = &yen.lines[0];
    assert!(line.reversal && line.amount == money("300", "JPY"));
    let batch = line.batch.as_ref().unwrap();
    assert_eq!(
        (batch.count, batch.total),
        (Some(3), Some(money("300", "JPY"))),
        "two batches behind one entry"
    );
    assert_eq!(batch.payment_information_id, None, "they have no id in common");
    let amounts: Vec<_> = line
        .details
        .iter()
        .map(|detail| detail.amount.unwrap().minor())
        .collect();
    assert_eq!(amounts, [400, -100]);
    assert_eq!(
        line.details[0].uetr.as_deref(),
        Some("8a562c67-ca16-48ba-b074-65581be6f011")
    );
    assert_eq!(line.details[0].remittance.as_deref(), Some("first line second line"));
    assert_eq!(line.details[1].remittance.as_deref(), Some("2026-55"));
    assert_eq!(
        line.details[1].return_reason.as_deref(),
        Some("NOTPROVIDED"),
        "a return without a reason is still one"
    );
    assert_eq!(line.details[1].end_to_end_id, None);

    assert_eq!(
        (euro.sequence, euro.covers),
        (Some(10), Date::constant(2026, 11, 21)),
        "no period: the day it was made"
    );
    assert!(euro.lines.is_empty());
}

#[test]
fn what_is_read_can_be_written_and_read_again() {
    reads_back_if_read(CAMT053_V02.as_bytes());
    reads_back_if_read(CAMT053_V08.as_bytes());
}

#[test]
fn both_versions_of_a_notification_read_the_same() {
    let old = camt054::read(CAMT054_V02.as_bytes()).unwrap();
    assert_eq!(old, camt054::read(CAMT054_V08.as_bytes()).unwrap());
    let [notification] = old.try_into().unwrap();
    assert_eq!(notification.kind, StatementKind::Notification);
    assert_eq!((notification.opening, notification.closing), (None, None));
    assert_eq!(notification.lines[0].details[0].amount, Some(eur("-12.34")));
}

#[test]
fn the_samples_are_what_the_schemas_allow() {
    schema::check("camt.053.001.02", CAMT053_V02.as_bytes());
    let sample = CAMT053_V08.replace("<ns:EndToEndId/>", "");
    schema::check("camt.053.001.08", sample.as_bytes());
    schema::check("camt.054.001.02", CAMT054_V02.as_bytes());
    schema::check("camt.054.001.08", CAMT054_V08.as_bytes());
}

#[test]
fn interim_balances_stand_for_the_ends_of_a_page() {
    let first = CAMT053_V02.replace("<Cd>CLBD</Cd>", "<Cd>ITBD</Cd>");
    let last = CAMT053_V02.replace("<Cd>PRCD</Cd>", "<Cd>ITBD</Cd>");
    let middle = first.replace("<Cd>PRCD</Cd>", "<Cd>ITBD</Cd>");
    for page in [first, last, middle] {
        let [statement] = camt053::read(page.as_bytes()).unwrap().try_into().unwrap();
        assert_eq!(
            (statement.opening, statement.closing),
            (Some(eur("10000")), Some(eur("9998.30")))
        );
    }
}

#[test]
fn an_altered_amount_shows_in_the_balance() {
    let altered = CAMT053_V02.replace(">1.20<", ">1.21<");
    let findings = camt053::read(altered.as_bytes()).unwrap_err();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].code, findings[0].line), (FindingCode::SumMismatch, 8));
    assert_eq!(findings[0].path, "/Document/BkToCstmrStmt/Stmt");
    assert!(findings[0].message.contains("9998.30 EUR") && findings[0].message.contains("0.01 EUR"));
}

#[test]
fn a_statement_without_balances_cannot_be_proven() {
    for code in ["PRCD", "CLBD"] {
        let without = CAMT053_V02.replace(&format!("<Cd>{code}</Cd>"), "<Cd>XPCD</Cd>");
        assert_eq!(codes(camt053::read(without.as_bytes())), [FindingCode::MissingElement]);
    }
    let twice = CAMT053_V02.replace("<Cd>CLAV</Cd>", "<Cd>CLBD</Cd>");
    assert_eq!(codes(camt053::read(twice.as_bytes())), [FindingCode::RepeatedElement]);
}

#[test]
fn every_fault_is_reported_with_its_place() {
    let cases = [
        ("<Sts>PDNG</Sts>", "<Sts>DONE</Sts>", FindingCode::ValueCode),
        ("Ccy=\"EUR\">77.00", "Ccy=\"EUR\">77.001", FindingCode::AmountPrecision),
        ("Ccy=\"EUR\">77.00", "Ccy=\"EUR\">-77.00", FindingCode::AmountInvalid),
        ("Ccy=\"EUR\">77.00", "Ccy=\"EUR\">", FindingCode::AmountInvalid),
        ("Ccy=\"EUR\">77.00", "Ccy=\"XAU\">77.00", FindingCode::CurrencyUnknown),
        ("<Amt Ccy=\"EUR\">77.00", "<Amt>77.00", FindingCode::MissingAttribute),
        (
            "<RvslInd>true</RvslInd>",
            "<RvslInd>yes</RvslInd>",
            FindingCode::ValueForm,
        ),
        (
            "<RvslInd>true</RvslInd>",
            "<RvslInd>true</RvslInd><RvslInd>true</RvslInd>",
            FindingCode::RepeatedElement,
        ),
        ("2026-11-20T24:00:00", "2026-11-20T25:00:00", FindingCode::DateInvalid),
        (
            "DE89370400440532013000",
            "DE88370400440532013000",
            FindingCode::IbanInvalid,
        ),
        ("<NbOfTxs>3<", "<NbOfTxs>-3<", FindingCode::ValueForm),
        ("<Id>0123456789-2026-223</Id>", "<Id/>", FindingCode::ValueLength),
        ("<ElctrncSeqNb>223<", "<ElctrncSeqNb>1e9<", FindingCode::ValueForm),
        (
            "<InstrId>PAY-1</InstrId>",
            "<InstrId>123456789012345678901234567890123456</InstrId>",
            FindingCode::ValueLength,
        ),
    ];
    for (before, after, code) in cases {
        let altered = CAMT053_V02.replacen(before, after, 1);
        assert_ne!(altered, CAMT053_V02, "{before}");
        let findings = camt053::read(altered.as_bytes()).unwrap_err();
        let at = findings.iter().find(|finding| finding.code == code);
        let at = at.unwrap_or_else(|| panic!("{after}: {findings:?}"));
        assert!(
            at.line > 1 && at.path.starts_with("/Document/BkToCstmrStmt/Stmt"),
            "{after}: {at:?}"
        );
        assert!(
            findings
                .iter()
                .all(|finding| !finding.message.contains("370400440532013000")),
            "an account in a finding"
        );
    }
}

#[test]
fn another_message_or_version_is_not_read() {
    for other in [
        CAMT054_V08,
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.99'/>",
        "<x/>",
    ] {
        assert_eq!(
            codes(camt053::read(other.as_bytes())),
            [FindingCode::MessageUnsupported]
        );
    }
    assert_eq!(
        codes(camt054::read(CAMT053_V02.as_bytes())),
        [FindingCode::MessageUnsupported]
    );
}

#[test]
fn an_endless_statement_is_refused_before_its_lines_are_read() {
    let lines = "<Ntry/>".repeat(limits::STATEMENT_LINES_MAX + 1);
    let long = CAMT054_V02.replacen("<Ntry>", &format!("{lines}<Ntry>"), 1);
    assert_eq!(codes(camt054::read(long.as_bytes())), [FindingCode::XmlLimit]);
    let details = "<TxDtls/>".repeat(limits::STATEMENT_LINES_MAX + 1);
    let long = CAMT054_V02.replacen("<TxDtls>", &format!("{details}<TxDtls>"), 1);
    assert_eq!(codes(camt054::read(long.as_bytes())), [FindingCode::XmlLimit]);
}

#[test]
fn a_file_cut_off_anywhere_changes_nothing() {
    for end in 0..CAMT053_V02.trim_end().len() {
        assert!(
            camt053::read(&CAMT053_V02.as_bytes()[..end]).is_err(),
            "cut off after {end} bytes"
        );
    }
}

#[test]
fn a_hostile_file_gets_a_reason() {
    let bomb = format!("<!DOCTYPE x [<!ENTITY a \"aaaa\">]>{CAMT053_V02}");
    let deep = CAMT053_V02.replacen("<BkTxCd/>", &format!("{}{}", "<a>".repeat(100), "</a>".repeat(100)), 1);
    let latin = CAMT053_V02.replacen("UTF-8", "ISO-8859-1", 1);
    for hostile in [bomb, deep, latin] {
        let findings = camt053::read(hostile.as_bytes()).unwrap_err();
        assert_eq!(findings.len(), 1, "{findings:?}");
    }
}

#[test]
fn a_bank_of_ours_does_not_write_what_is_wrong() {
    let [statement] = camt053::read(CAMT053_V02.as_bytes()).unwrap().try_into().unwrap();
    let element = |statement: Statement, version| match camt053::write(version, &heading(), &[statement]) {
        Err(WriteError::Content { element, .. }) => element,
        other => panic!("{other:?}"),
    };
    assert!(camt053::write(Version::V08, &heading(), std::slice::from_ref(&statement)).is_ok());
    assert!(camt053::write(Version::V08, &heading(), &[]).is_err());
    let mut off = statement.clone();
    off.lines[0].amount = eur("-350.51");
    assert_eq!(element(off, Version::V08), "Bal");
    assert_eq!(
        element(
            Statement {
                closing: None,
                ..statement.clone()
            },
            Version::V08
        ),
        "Bal"
    );
    let mut foreign = statement.clone();
    foreign.lines[0].details[0].amount = Some(money("-1", "USD"));
    assert_eq!(element(foreign, Version::V08), "TxDtls");
    let mut opposite = statement.clone();
    opposite.lines[0].details[0].amount = Some(eur("1"));
    assert_eq!(element(opposite, Version::V02), "TxDtls");
    assert!(camt054::write(Version::V08, &heading(), &[statement]).is_err());
}

/// Whatever is read of a statement survives being written, where our schema checks allow to write it.
fn reads_back_if_read(bytes: &[u8]) {
    if let Ok(statements) = camt053::read(bytes)
        && let Ok(written) = camt053::write(Version::V08, &heading(), &statements)
    {
        assert_eq!(camt053::read(&written).unwrap(), statements);
    }
}

fn read_back(kind: StatementKind, version: Version, heading: &Heading, statements: &[Statement]) {
    let (name, bytes) = match kind {
        StatementKind::EndOfDay => ("camt.053.001", camt053::write(version, heading, statements)),
        StatementKind::Notification => ("camt.054.001", camt054::write(version, heading, statements)),
    };
    let bytes = bytes.unwrap();
    let read = match kind {
        StatementKind::EndOfDay => camt053::read(&bytes),
        StatementKind::Notification => camt054::read(&bytes),
    };
    assert_eq!(read.unwrap(), statements);
    let digits = if version == Version::V02 { "02" } else { "08" };
    schema::check(&format!("{name}.{digits}"), &bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_written_message_reads_back_the_same(
        heading in strategies::heading(),
        statements in prop::collection::vec(strategies::statement(StatementKind::EndOfDay, Version::V08), 1..3),
        notification in strategies::statement(StatementKind::Notification, Version::V08),
        old_statement in strategies::statement(StatementKind::EndOfDay, Version::V02),
        old_notification in strategies::statement(StatementKind::Notification, Version::V02),
    ) {
        read_back(StatementKind::EndOfDay, Version::V08, &heading, &statements);
        read_back(StatementKind::Notification, Version::V08, &heading, &[notification]);
        read_back(StatementKind::EndOfDay, Version::V02, &heading, &[old_statement]);
        read_back(StatementKind::Notification, Version::V02, &heading, &[old_notification]);
    }
}

proptest! {
    #[test]
    fn any_altered_amount_of_a_booked_line_is_found(
        statement in strategies::statement(StatementKind::EndOfDay, Version::V08),
        place in any::<prop::sample::Index>(),
        digit in b'1'..=b'9',
    ) {
        let booked: Vec<usize> = (0..statement.lines.len()).filter(|at| statement.lines[*at].booked).collect();
        prop_assume!(!booked.is_empty());
        let line = booked[place.index(booked.len())];
        let xml = String::from_utf8(camt053::write(Version::V08, &heading(), &[statement]).unwrap()).unwrap();
        let entry = xml.match_indices("<Ntry>").nth(line).unwrap().0;
        let amount = entry + xml[entry..].find("Ccy=\"").unwrap() + "Ccy=\"EUR\">".len();
        let mut altered = xml.into_bytes();
        prop_assume!(altered[amount] != digit);
        altered[amount] = digit;
        prop_assert_eq!(codes(camt053::read(&altered)), [FindingCode::SumMismatch]);
    }

    #[test]
    fn any_altered_byte_is_read_or_refused(at in 0..CAMT053_V02.len(), byte: u8) {
        let mut altered = CAMT053_V02.as_bytes().to_vec();
        altered[at] = byte;
        reads_back_if_read(&altered);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        prop_assert!(camt053::read(&bytes).is_err() && camt054::read(&bytes).is_err());
    }
}
