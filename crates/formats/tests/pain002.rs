//! Status reports: both versions, round trips of written reports, contradictions and hostile files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod schema;

use formats::finding::{Finding, FindingCode};
use formats::pain002::{read, status_of, write};
use formats::xml_writer::WriteError;
use proptest::prelude::*;
use vocab::exchange::{BankStatus, PaymentReport, ReportedStatus, StatusReport};
use vocab::time::Timestamp;

const CODES: [&str; 13] = [
    "RCVD", "ACTC", "ACCP", "ACSP", "ACWC", "PDNG", "PATC", "ACFC", "ACSC", "ACCC", "RJCT", "CANC", "PART",
];

const BLOCK: &str = "<OrgnlPmtInfAndSts><OrgnlPmtInfId>BLOCK-1</OrgnlPmtInfId><PmtInfSts>PART</PmtInfSts>\
     <TxInfAndSts><StsId>1</StsId><OrgnlInstrId>PAY-1</OrgnlInstrId><OrgnlEndToEndId>INV-1</OrgnlEndToEndId>\
     <TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>account</AddtlInf><AddtlInf>closed</AddtlInf></StsRsnInf>\
     </TxInfAndSts><TxInfAndSts><OrgnlInstrId>PAY-2</OrgnlInstrId><TxSts>ACSP</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>";

fn report(version: &str, group: &str, blocks: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}\">\
         <CstmrPmtStsRpt><GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-11-20T10:00:00</CreDtTm></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>ORDER-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}\
         </OrgnlGrpInfAndSts>{blocks}</CstmrPmtStsRpt></Document>"
    )
}

fn codes(result: Result<StatusReport, Vec<Finding>>) -> Vec<FindingCode> {
    result.unwrap_err().iter().map(|finding| finding.code).collect()
}

#[test]
fn both_versions_are_read_alike() {
    for version in ["03", "10"] {
        let xml = report(version, "<GrpSts>PART</GrpSts>", BLOCK);
        schema::check(&format!("pain.002.001.{version}"), xml.as_bytes());
        let report = read(xml.as_bytes()).unwrap();
        assert_eq!(
            (report.message_id.as_str(), report.original_message_id.as_str()),
            ("BANK-1", "ORDER-1")
        );
        assert_eq!(report.group.unwrap().status, BankStatus::Partial);
        let [rejected, accepted] = report.payments.try_into().unwrap();
        assert_eq!(rejected.instruction_id.as_deref(), Some("PAY-1"));
        assert_eq!(rejected.end_to_end_id.as_deref(), Some("INV-1"));
        assert_eq!(
            (rejected.status.status, rejected.status.code.as_str()),
            (BankStatus::Rejected, "RJCT")
        );
        assert_eq!(rejected.status.reason.as_deref(), Some("AC04"));
        assert_eq!(rejected.status.text.as_deref(), Some("account closed"));
        assert_eq!(
            (accepted.status.status, accepted.end_to_end_id),
            (BankStatus::Accepted, None)
        );
    }
}

#[test]
fn the_status_of_the_only_block_is_that_of_the_order() {
    let block = "<OrgnlPmtInfAndSts><OrgnlPmtInfId>B</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>\
                 <StsRsnInf><Rsn><Prtry>CUT-OFF</Prtry></Rsn></StsRsnInf></OrgnlPmtInfAndSts>";
    for file in ["", "<GrpSts>ACTC</GrpSts>", "<GrpSts>PART</GrpSts>"] {
        let group = read(report("10", file, block).as_bytes()).unwrap().group.unwrap();
        assert_eq!(
            (group.status, group.reason.as_deref()),
            (BankStatus::Rejected, Some("CUT-OFF")),
            "{file}"
        );
    }
}

#[test]
fn a_payment_without_status_has_that_of_its_block() {
    let block = "<OrgnlPmtInfAndSts><OrgnlPmtInfId>B</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts><TxInfAndSts>\
                 <OrgnlInstrId>PAY-1</OrgnlInstrId><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts>";
    let payment = read(report("10", "", block).as_bytes()).unwrap().payments.remove(0);
    assert_eq!(
        (payment.status.status, payment.status.reason.as_deref()),
        (BankStatus::Rejected, Some("AM04"))
    );
    let open = block.replace("<PmtInfSts>RJCT</PmtInfSts>", "<PmtInfSts>PART</PmtInfSts>");
    assert_eq!(
        codes(read(report("10", "", &open).as_bytes())),
        [FindingCode::MissingElement]
    );
}

#[test]
fn an_unknown_status_is_not_guessed() {
    for code in ["XXXX", "rjct", "RVNM", ""] {
        let unknown = report("10", &format!("<GrpSts>{code}</GrpSts>"), "");
        let findings = read(unknown.as_bytes()).unwrap_err();
        assert_eq!(findings[0].code, FindingCode::ValueCode);
        assert_eq!(findings[0].path, "/Document/CstmrPmtStsRpt/OrgnlGrpInfAndSts/GrpSts");
        assert_eq!(findings[0].line, 2);
    }
}

#[test]
fn a_report_that_contradicts_itself_is_refused() {
    let refused = BLOCK.replace("<PmtInfSts>PART</PmtInfSts>", "");
    assert_eq!(
        codes(read(report("10", "<GrpSts>RJCT</GrpSts>", &refused).as_bytes())),
        [FindingCode::StatedTwice]
    );
    assert_eq!(
        codes(read(report("10", "<GrpSts>ACSC</GrpSts>", &refused).as_bytes())),
        [FindingCode::StatedTwice]
    );
    let block = "<OrgnlPmtInfAndSts><OrgnlPmtInfId>B</OrgnlPmtInfId><PmtInfSts>ACSP</PmtInfSts></OrgnlPmtInfAndSts>";
    assert_eq!(
        codes(read(report("10", "<GrpSts>RJCT</GrpSts>", block).as_bytes())),
        [FindingCode::StatedTwice]
    );
    let two = format!("{block}{}", block.replace("ACSP", "RJCT"));
    let both = codes(read(report("10", "", &two).as_bytes()));
    assert!(
        both.contains(&FindingCode::MissingElement),
        "which payments are refused?"
    );
    let part = BLOCK.replace("<TxSts>ACSP", "<TxSts>PART");
    assert_eq!(
        codes(read(report("10", "", &part).as_bytes())),
        [FindingCode::ValueCode]
    );
}

#[test]
fn a_report_about_something_else_is_refused() {
    let debit = report("10", "<GrpSts>ACCP</GrpSts>", "").replace("pain.001.001.09", "pain.008.001.08");
    assert_eq!(codes(read(debit.as_bytes())), [FindingCode::ValueCode]);
    assert_eq!(
        codes(read(report("10", "", "").as_bytes())),
        [FindingCode::MissingElement],
        "no status at all"
    );
    assert_eq!(
        codes(read(report("12", "", "").as_bytes())),
        [FindingCode::MessageUnsupported]
    );
    let anonymous = report("10", "<GrpSts>ACCP</GrpSts>", "").replace("<OrgnlMsgId>ORDER-1</OrgnlMsgId>", "");
    assert_eq!(codes(read(anonymous.as_bytes())), [FindingCode::MissingElement]);
}

#[test]
fn what_a_bank_must_not_say_is_not_written() {
    let at = Timestamp::from_seconds(0);
    let status = |code: &str, status| ReportedStatus {
        status,
        code: code.to_owned(),
        reason: None,
        text: None,
    };
    let report = |group, payments| StatusReport {
        message_id: "M".to_owned(),
        original_message_id: "O".to_owned(),
        group,
        payments,
    };
    let wrong = write(&report(Some(status("ACSP", BankStatus::Rejected)), vec![]), None, at);
    assert!(matches!(wrong, Err(WriteError::Content { element: "GrpSts", .. })));
    let partial = PaymentReport {
        instruction_id: None,
        end_to_end_id: None,
        status: status("PART", BankStatus::Partial),
    };
    let wrong = write(&report(None, vec![partial]), None, at);
    assert!(matches!(wrong, Err(WriteError::Content { element: "TxSts", .. })));
    let long = StatusReport {
        message_id: "x".repeat(36),
        ..report(None, vec![])
    };
    assert_eq!(
        write(&long, None, at),
        Err(WriteError::Length {
            element: "MsgId",
            max: 35
        })
    );
}

#[test]
fn a_report_cut_off_anywhere_changes_nothing() {
    let xml = report("10", "<GrpSts>PART</GrpSts>", BLOCK);
    for end in 0..xml.len() {
        assert!(read(&xml.as_bytes()[..end]).is_err(), "cut off after {end} bytes");
    }
}

fn status(codes: &'static [&'static str]) -> impl Strategy<Value = ReportedStatus> {
    let reason = prop::option::of(prop::sample::select(vec!["AC04", "AM04", "NARR", "OWN REASON"]));
    let text = prop::option::of(prop::collection::vec("[a-z<&>ß€]{1,12}", 1..40));
    (prop::sample::select(codes), reason, text).prop_map(|(code, reason, text)| ReportedStatus {
        status: status_of(code).unwrap(),
        code: code.to_owned(),
        reason: reason.map(str::to_owned),
        text: text.map(|words| words.join(" ")),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_written_report_reads_back_the_same(
        group in status(&["ACTC", "PART", "PDNG"]),
        payments in prop::collection::vec((prop::option::of("[A-Z0-9]{1,35}"), prop::option::of("[A-Z0-9]{1,35}"),
            status(&CODES[..12])), 0..5),
        block in prop::option::of("[A-Z0-9]{1,35}"),
        seconds in 0_i64..4_000_000_000,
    ) {
        let payments = payments.into_iter().map(|(instruction_id, end_to_end_id, status)| PaymentReport {
            instruction_id, end_to_end_id, status,
        });
        let report = StatusReport {
            message_id: "BANK-1".to_owned(),
            original_message_id: "ORDER-1".to_owned(),
            group: Some(group),
            payments: payments.collect(),
        };
        let bytes = write(&report, block.as_deref(), Timestamp::from_seconds(seconds)).unwrap();
        prop_assert_eq!(read(&bytes).unwrap(), report);
        schema::check("pain.002.001.10", &bytes);
    }

    #[test]
    fn an_order_refused_as_a_whole_reads_back_the_same(group in status(&CODES)) {
        let report = StatusReport {
            message_id: "BANK-1".to_owned(),
            original_message_id: "ORDER-1".to_owned(),
            group: Some(group),
            payments: Vec::new(),
        };
        let bytes = write(&report, None, Timestamp::from_seconds(0)).unwrap();
        prop_assert_eq!(read(&bytes).unwrap(), report);
    }

    #[test]
    fn any_altered_byte_is_read_or_refused(at: prop::sample::Index, byte: u8) {
        let mut xml = report("10", "<GrpSts>PART</GrpSts>", BLOCK).into_bytes();
        let at = at.index(xml.len());
        xml[at] = byte;
        if let Ok(report) = read(&xml)
            && let Ok(written) = write(&report, None, Timestamp::from_seconds(0))
        {
            prop_assert_eq!(read(&written).unwrap(), report);
        }
    }
}
