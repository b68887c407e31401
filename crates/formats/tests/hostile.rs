//! Files that somebody made to do harm, or that were harmed on their way: each gets a reason, none does anything.

use formats::batch::{Batch, read_payment_file};
use formats::finding::FindingCode;
use proptest::prelude::*;
use vocab::time::Date;

const TODAY: Date = Date::constant(2026, 11, 27);
const SOUND: &str = include_str!("vectors/pain001/sound-09.xml");
const LIST: &str = include_str!("../../../examples/payments.csv");

fn read(bytes: &[u8]) -> Batch {
    let batch = read_payment_file(bytes, TODAY);
    consistent(&batch);
    batch
}

/// What holds for every batch, however it came about.
fn consistent(batch: &Batch) {
    for (index, payment) in batch.payments.iter().enumerate() {
        let refused = batch.refusals_of(index).next().is_some();
        assert!(
            !refused || payment.transfer.is_none(),
            "a refused payment can be executed"
        );
        assert!(
            refused || payment.transfer.is_some(),
            "payment {index} is lost without a reason"
        );
    }
    assert_eq!(
        batch.fatal,
        batch
            .findings
            .iter()
            .any(|finding| finding.code.refuses() && finding.payments.is_none())
    );
    assert!(batch.findings.is_sorted_by_key(|finding| finding.line));
    assert!(
        batch
            .findings
            .iter()
            .all(|finding| finding.line > 0 && finding.message.len() < 400 && finding.path.len() < 4_000)
    );
    assert!(batch.complete() || !batch.findings.is_empty());
}

macro_rules! corpus {
    ($($name:literal: $code:ident,)+) => {
        const CORPUS: &[(&str, &[u8], FindingCode)] =
            &[$(($name, include_bytes!(concat!("hostile/", $name)), FindingCode::$code),)+];
    };
}

corpus! {
    "ampersand.xml": XmlMalformed,
    "attribute-flood.xml": XmlLimit,
    "attribute-twice.xml": XmlMalformed,
    "attribute-unquoted.xml": XmlMalformed,
    "billion-laughs.xml": XmlForbidden,
    "cdata-unclosed.xml": XmlTruncated,
    "cdata-with-markup.xml": CharacterSet,
    "comment-unclosed.xml": XmlTruncated,
    "control-reference.xml": XmlMalformed,
    "declared-latin-1.xml": Encoding,
    "direct-debit.xml": MessageUnsupported,
    "doctype-in-body.xml": XmlForbidden,
    "envelope.xml": MessageUnsupported,
    "external-dtd.xml": XmlForbidden,
    "external-entity.xml": XmlForbidden,
    "html.xml": XmlForbidden,
    "json.txt": FormatUnknown,
    "latin-1-undeclared.xml": Encoding,
    "latin-1.xml": Encoding,
    "leading-text.xml": FormatUnknown,
    "long-name.xml": XmlLimit,
    "mismatched-tags.xml": XmlMalformed,
    "newer-version.xml": MessageUnsupported,
    "no-groups.xml": MissingElement,
    "no-namespace.xml": MessageUnsupported,
    "noncharacter.xml": Encoding,
    "null-bytes.xml": Encoding,
    "null-reference.xml": XmlMalformed,
    "only-root.xml": MissingElement,
    "other-namespace.xml": MessageUnsupported,
    "overlapping-tags.xml": XmlMalformed,
    "overlong-utf-8.xml": Encoding,
    "parameter-entity.xml": XmlForbidden,
    "second-declaration.xml": XmlMalformed,
    "second-root.xml": XmlMalformed,
    "surrogates.xml": Encoding,
    "trailing-text.xml": XmlMalformed,
    "unbound-prefix.xml": XmlMalformed,
    "undeclared-entity.xml": XmlForbidden,
    "utf-16-without-mark.xml": Encoding,
    "utf-16.xml": Encoding,
    "utf-32.xml": Encoding,
    "xinclude.xml": UnknownElement,
    "xml-1.1.xml": XmlMalformed,
    "xsi-nil.xml": UnknownAttribute,
}

#[test]
fn every_file_of_the_corpus_is_refused_whole_for_its_own_reason() {
    for (name, bytes, code) in CORPUS {
        let batch = read(bytes);
        assert!(batch.fatal, "{name}");
        assert!(
            batch.findings.iter().any(|finding| finding.code == *code),
            "{name}: {:?}",
            batch.findings
        );
        assert!(
            batch.payments.iter().all(|payment| payment.transfer.is_none()),
            "{name}"
        );
    }
}

#[test]
fn a_payment_from_another_namespace_is_none() {
    for bytes in [
        &include_bytes!("hostile/shadowed-namespace.xml")[..],
        include_bytes!("hostile/emptied-namespace.xml"),
    ] {
        let batch = read(bytes);
        let codes: Vec<_> = batch.refusals_of(0).map(|finding| finding.code).collect();
        assert_eq!(codes, [FindingCode::MissingElement, FindingCode::UnknownElement]);
        assert!(batch.payments.iter().skip(1).all(|payment| payment.transfer.is_some()));
    }
    let batch = read(include_bytes!("hostile/foreign-payment.xml"));
    assert_eq!(batch.payments.len(), 3);
    assert!(batch.payments[0].transfer.is_none(), "the group is refused");
}

#[test]
fn harmless_oddities_change_nothing() {
    let expected: Vec<_> = read(SOUND.as_bytes())
        .payments
        .into_iter()
        .map(|payment| payment.transfer)
        .collect();
    assert!(expected.iter().all(Option::is_some));
    for bytes in [
        &include_bytes!("hostile/cdata.xml")[..],
        include_bytes!("hostile/comments-in-values.xml"),
        include_bytes!("hostile/processing-instructions.xml"),
        include_bytes!("hostile/prefixed.xml"),
        format!("\u{FEFF}{}", SOUND.replace('\n', "\r\n")).as_bytes(),
        SOUND.lines().map(str::trim).collect::<String>().as_bytes(),
    ] {
        let batch = read(bytes);
        assert!(batch.findings.is_empty(), "{:?}", batch.findings);
        assert_eq!(
            batch
                .payments
                .into_iter()
                .map(|payment| payment.transfer)
                .collect::<Vec<_>>(),
            expected
        );
    }
}

#[test]
fn a_file_cut_off_anywhere_is_refused_whole() {
    let end = SOUND.trim_end().len();
    for length in (0..end).step_by(97).chain(end - 20..end) {
        let batch = read(&SOUND.as_bytes()[..length]);
        assert!(batch.fatal && batch.payments.is_empty(), "cut off at {length}");
        let code = batch.findings[0].code;
        assert!(
            matches!(code, FindingCode::XmlTruncated | FindingCode::FileEmpty),
            "{code} at {length}"
        );
    }
    for at in 0..LIST.len() - 1 {
        read(&LIST.as_bytes()[..at]);
    }
}

/// Each of these took other readers minutes or gigabytes; a debug build of this one takes a second.
#[test]
fn floods_end_early() {
    let message = |content: &str| {
        format!(
            "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'><CstmrCdtTrfInitn>{content}</CstmrCdtTrfInitn></Document>"
        )
    };
    let many = 100_000;
    for (text, code) in [
        (message(&"<PmtInf/>".repeat(many)), FindingCode::TooManyPayments),
        (
            message(&format!("<PmtInf>{}</PmtInf>", "<CdtTrfTxInf/>".repeat(many))),
            FindingCode::TooManyPayments,
        ),
        (
            message(&format!("<PmtInf>{}</PmtInf>", "<a/>".repeat(many))),
            FindingCode::FindingsTruncated,
        ),
        (message(&"<!---->".repeat(many)), FindingCode::MissingElement),
        (message(&"<a>".repeat(many)), FindingCode::XmlLimit),
        (message(&format!("{}<a/>", " x".repeat(6_000))), FindingCode::XmlLimit),
        (
            message(&format!("<a>{}</a>", "&#32;".repeat(many))),
            FindingCode::XmlLimit,
        ),
        (message(&"<a b=''/>".repeat(many)), FindingCode::FindingsTruncated),
        (
            format!("end_to_end_id;amount\n{}", ";\n".repeat(many)),
            FindingCode::ColumnMissing,
        ),
        (
            format!("end_to_end_id{}\nx", ";".repeat(many)),
            FindingCode::ColumnMissing,
        ),
        (format!("{};amount\n1;2", "x".repeat(many)), FindingCode::ColumnUnknown),
        ("\"".repeat(many), FindingCode::FormatUnknown),
        ("<".repeat(many), FindingCode::XmlTruncated),
        ("&".repeat(many), FindingCode::FormatUnknown),
    ] {
        let batch = read(text.as_bytes());
        assert!(batch.fatal);
        assert!(
            batch.findings.iter().any(|finding| finding.code == code),
            "{code}: {:?}",
            batch.findings.last()
        );
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let batch = read(&vec![b'<'; vocab::limits::BODY_BYTES_MAX + 1]);
    assert_eq!(batch.findings[0].code, FindingCode::FileTooLarge);
}

#[test]
fn files_of_other_programs_are_named() {
    for (bytes, word) in [
        (&b"PK\x03\x04rest"[..], "spreadsheet"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1F\x8B\x08", "gzip"),
    ] {
        let batch = read(bytes);
        assert_eq!(batch.findings[0].code, FindingCode::FormatUnknown);
        assert!(
            batch.findings[0].message.contains(word),
            "{}",
            batch.findings[0].message
        );
    }
    assert_eq!(read(b" \n ").findings[0].code, FindingCode::FileEmpty);
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn any_damage_to_a_message_is_survived(at in 0..SOUND.len(), length in 0_usize..60, text in "[<>/&;=\"' a-zA-Z0-9.äé\\-]{0,12}") {
        let mut bytes = SOUND.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, text.into_bytes());
        read(&bytes);
    }

    #[test]
    fn any_damage_to_a_list_is_survived(at in 0..LIST.len(), length in 0_usize..60, text in "[;,\"\n=+@ a-zA-Z0-9.äé\\-]{0,12}") {
        let mut bytes = LIST.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, text.into_bytes());
        read(&bytes);
    }

    #[test]
    fn any_list_of_known_columns_is_survived(cells in prop::collection::vec("[;,\"\n=+@ a-zA-Z0-9.ä\\-]{0,30}", 0..60)) {
        let header = LIST.lines().next().unwrap();
        read(format!("{header}\n{}", cells.join(";")).as_bytes());
    }
}
