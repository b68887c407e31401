//! Requests to cancel (camt.055) and their answers (camt.029): round trips, contradictions and hostile files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod schema;

use formats::camt029;
use formats::camt055::{self, CancellationReason, CancellationRequest};
use formats::finding::{Finding, FindingCode};
use formats::xml_writer::WriteError;
use proptest::prelude::*;
use vocab::exchange::RecallAnswer;
use vocab::money::{Amount, Currency, Money};
use vocab::time::{Date, Timestamp};

fn request() -> CancellationRequest {
    CancellationRequest {
        case_id: "CASE-1".parse().unwrap(),
        created_at: Timestamp::parse("2026-11-20T10:00:00Z").unwrap(),
        requester: "Example & Sons".to_owned(),
        bank: Some("DEUTDEFF".parse().unwrap()),
        original_message_id: "ORDER-1".parse().unwrap(),
        original_payment_information_id: "BLOCK-1".parse().unwrap(),
        instruction_id: "PAY-1".parse().unwrap(),
        end_to_end_id: "INV-1".parse().unwrap(),
        uetr: Some("8a562c67-ca16-48ba-b074-65581be6f011".parse().unwrap()),
        amount: Amount::parse("12.50", Currency::from_code("EUR").unwrap()).unwrap(),
        execution_on: Date::constant(2026, 11, 21),
        reason: CancellationReason::Duplicate,
    }
}

fn answer(cancelled: Option<bool>) -> RecallAnswer {
    RecallAnswer {
        message_id: "BANK-2".to_owned(),
        instruction_id: Some("PAY-1".to_owned()),
        end_to_end_id: None,
        cancelled,
        reason: Some("LEGL".to_owned()),
    }
}

fn answered(cancelled: Option<bool>) -> String {
    let bytes = camt029::write(&answer(cancelled), &request(), Timestamp::from_seconds(1_795_000_000)).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn codes<T: std::fmt::Debug>(result: Result<T, Vec<Finding>>) -> Vec<FindingCode> {
    result.unwrap_err().iter().map(|finding| finding.code).collect()
}

#[test]
fn every_answer_reads_back_the_same() {
    for cancelled in [Some(true), Some(false), None] {
        let xml = answered(cancelled);
        schema::check("camt.029.001.09", xml.as_bytes());
        assert_eq!(camt029::read(xml.as_bytes()).unwrap(), [answer(cancelled)]);
    }
}

#[test]
fn an_answer_for_several_payments_is_read_payment_by_payment() {
    let second =
        "<TxInfAndSts><OrgnlInstrId>PAY-2</OrgnlInstrId><TxCxlSts>RJCR</TxCxlSts></TxInfAndSts></OrgnlPmtInfAndSts>";
    let xml = answered(Some(true)).replace("<Conf>CNCL</Conf>", "<Conf>PECR</Conf>");
    let xml = xml.replace("</OrgnlPmtInfAndSts>", second);
    schema::check("camt.029.001.09", xml.as_bytes());
    let answers = camt029::read(xml.as_bytes()).unwrap();
    let read: Vec<_> = answers
        .iter()
        .map(|answer| (answer.instruction_id.as_deref(), answer.cancelled))
        .collect();
    assert_eq!(read, [(Some("PAY-1"), Some(true)), (Some("PAY-2"), Some(false))]);
}

#[test]
fn a_payment_without_its_own_answer_has_that_of_the_case() {
    let xml = answered(Some(false)).replace("<TxCxlSts>RJCR</TxCxlSts>", "");
    assert_eq!(camt029::read(xml.as_bytes()).unwrap()[0].cancelled, Some(false));
    let open = xml.replace("<Conf>RJCR</Conf>", "<Conf>PECR</Conf>");
    assert_eq!(
        codes(camt029::read(open.as_bytes())),
        [FindingCode::StatedTwice],
        "some payments, but which?"
    );
}

#[test]
fn an_answer_that_contradicts_itself_is_refused() {
    for (before, after) in [
        ("<Conf>CNCL</Conf>", "<Conf>RJCR</Conf>"),
        ("<Conf>CNCL</Conf>", "<Conf>PDCR</Conf>"),
        ("<TxCxlSts>ACCR</TxCxlSts>", "<TxCxlSts>PDCR</TxCxlSts>"),
    ] {
        let xml = answered(Some(true)).replace(before, after);
        assert_eq!(
            codes(camt029::read(xml.as_bytes())),
            [FindingCode::StatedTwice],
            "{after}"
        );
    }
}

#[test]
fn an_answer_is_never_guessed() {
    for (before, after, code) in [
        ("<Conf>CNCL</Conf>", "<Conf>IPAY</Conf>", FindingCode::ValueCode),
        (
            "<TxCxlSts>ACCR</TxCxlSts>",
            "<TxCxlSts>YES</TxCxlSts>",
            FindingCode::ValueCode,
        ),
        ("<OrgnlInstrId>PAY-1</OrgnlInstrId>", "", FindingCode::MissingElement),
        (
            "<Conf>CNCL</Conf>",
            "<AssgnmtCxlConf>true</AssgnmtCxlConf>",
            FindingCode::MissingElement,
        ),
    ] {
        let xml = answered(Some(true)).replace(before, after);
        assert_eq!(codes(camt029::read(xml.as_bytes())), [code], "{after}");
    }
    let nobody = RecallAnswer {
        instruction_id: None,
        ..answer(None)
    };
    let written = camt029::write(&nobody, &request(), Timestamp::from_seconds(0));
    assert!(matches!(
        written,
        Err(WriteError::Content {
            element: "TxInfAndSts",
            ..
        })
    ));
}

#[test]
fn a_faulty_request_is_refused_with_all_its_faults() {
    let xml = String::from_utf8(camt055::write(&request()).unwrap()).unwrap();
    let faulty = xml
        .replace("<Cd>DUPL</Cd>", "<Cd>WHY?</Cd>")
        .replace(">12.50<", ">0.00<")
        .replace("<OrgnlInstrId>PAY-1<", "<OrgnlInstrId>/PAY<")
        .replace("<Dt>2026-11-21</Dt>", "<Dt>tomorrow</Dt>");
    let mut found = codes(camt055::read(faulty.as_bytes()));
    found.sort_unstable();
    let mut expected = [
        FindingCode::ReferenceInvalid,
        FindingCode::AmountInvalid,
        FindingCode::DateInvalid,
        FindingCode::ValueCode,
    ];
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_message_cut_off_anywhere_changes_nothing() {
    let request = camt055::write(&request()).unwrap();
    let answer = answered(Some(true)).into_bytes();
    for end in 0..request.trim_ascii_end().len() {
        assert!(
            camt055::read(&request[..end]).is_err(),
            "request cut off after {end} bytes"
        );
    }
    for end in 0..answer.trim_ascii_end().len() {
        assert!(
            camt029::read(&answer[..end]).is_err(),
            "answer cut off after {end} bytes"
        );
    }
    assert_eq!(codes(camt029::read(&request)), [FindingCode::MessageUnsupported]);
    assert_eq!(codes(camt055::read(&answer)), [FindingCode::MessageUnsupported]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_written_request_reads_back_the_same(
        ids in prop::collection::vec("[A-Z0-9]([A-Za-z0-9.,'() +?:-]{0,33}[A-Z0-9])?", 5),
        requester in "[A-Za-zäß&<>]{1,70}",
        known: bool,
        minor in 1_i64..999_999_999_999_999_999,
        currency in prop::sample::select(vec!["EUR", "JPY", "KWD"]),
        (month, day) in (1_i8..=12, 1_i8..=28),
        reason in prop::sample::select(CancellationReason::ALL.to_vec()),
        micros in 0_i64..4_000_000_000_000_000,
    ) {
        let currency = Currency::from_code(currency).unwrap();
        let all = request();
        let request = CancellationRequest {
            case_id: ids[0].parse().unwrap(),
            created_at: Timestamp::from_micros(micros),
            requester,
            bank: all.bank.filter(|_| known),
            original_message_id: ids[1].parse().unwrap(),
            original_payment_information_id: ids[2].parse().unwrap(),
            instruction_id: ids[3].parse().unwrap(),
            end_to_end_id: ids[4].parse().unwrap(),
            uetr: all.uetr.filter(|_| known),
            amount: Amount::new(Money::new(minor, currency)).unwrap(),
            execution_on: Date::constant(2026, month, day),
            reason,
        };
        let bytes = camt055::write(&request).unwrap();
        prop_assert_eq!(camt055::read(&bytes).unwrap(), request);
        schema::check("camt.055.001.08", &bytes);
    }

    #[test]
    fn any_altered_byte_is_read_or_refused(at: prop::sample::Index, byte: u8) {
        let mut bytes = camt055::write(&request()).unwrap();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        let _ = camt055::read(&bytes);
        let mut bytes = answered(Some(true)).into_bytes();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        let _ = camt029::read(&bytes);
    }
}
