//! What is found in pain.001 files: each kind of mistake, at its line and path, and nothing else.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use formats::batch::{Batch, read_payment_file};
use formats::finding::FindingCode::{self, *};
use vocab::account::AccountNumber;
use vocab::money::{Amount, Currency};
use vocab::time::Date;
use vocab::transfer::{ChargeBearer, Remittance};

const TODAY: Date = Date::constant(2026, 11, 27);
const SOUND_09: &str = include_str!("vectors/pain001/sound-09.xml");
const SOUND_03: &str = include_str!("vectors/pain001/sound-03.xml");

fn read(text: &str) -> Batch {
    read_payment_file(text.as_bytes(), TODAY)
}

fn money(text: &str, currency: &str) -> Amount {
    Amount::parse(text, Currency::from_code(currency).unwrap()).unwrap()
}

#[test]
fn everything_that_is_carried_arrives() {
    for (text, uetr) in [
        (SOUND_09, Some("6f1c7a52-3a0e-4b7e-9d14-2f6c1f0a9e01")),
        (SOUND_03, None),
    ] {
        let batch = read(text);
        assert_eq!(batch.findings, []);
        assert_eq!(batch.header.message_id.as_deref(), Some("MESSAGE-1"));
        assert_eq!(batch.header.created_at.as_deref(), Some("2026-11-27T16:20:00"));
        assert_eq!(
            (batch.header.count.as_deref(), batch.header.sum.as_deref()),
            (Some("3"), Some("10300.75"))
        );
        let groups: Vec<_> = batch.payments.iter().map(|payment| payment.group).collect();
        assert_eq!(groups, [0, 0, 1]);
        assert_eq!(
            batch.payments[1].path,
            "/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[2]"
        );
        let [first, second, third] = batch.payments.try_into().unwrap();
        let (first, second, third) = (
            first.transfer.unwrap(),
            second.transfer.unwrap(),
            third.transfer.unwrap(),
        );

        assert_eq!(
            (
                first.end_to_end_id.as_str(),
                first.uetr.as_ref().map(|uetr| uetr.as_str())
            ),
            ("E2E-1", uetr)
        );
        assert_eq!(
            (first.debtor.name.as_str(), first.debtor_account.as_str()),
            ("Aurora Instruments GmbH", "DE48999999991000000001")
        );
        assert_eq!(
            first.debtor.address.as_ref().unwrap().subdivision.as_deref(),
            Some("Thueringen")
        );
        assert_eq!(first.debtor_agent.as_ref().map(|bic| bic.as_str()), Some("CSGNDEF0XXX"));
        assert_eq!(
            (first.creditor.name.as_str(), first.creditor_account.as_str()),
            ("Lindner Feinmechanik KG", "DE23999999990000000000")
        );
        assert_eq!(
            first.creditor.address.as_ref().unwrap().lines,
            ["Werkstrasse 12", "Hinterhaus"]
        );
        assert_eq!(first.creditor_agent.as_ref().map(|bic| bic.as_str()), Some("LNDRDE20"));
        assert_eq!(
            (first.amount, first.execution_on),
            (money("100.25", "EUR"), Date::constant(2026, 12, 1))
        );
        assert_eq!(first.remittance, Remittance::Text("Invoice 2026-0873".to_owned()));
        assert_eq!((first.charges, first.batch_booking), (ChargeBearer::ServiceLevel, true));
        assert_eq!(first.service_level.as_deref(), Some("SEPA"));
        assert_eq!(
            (first.category_purpose.as_deref(), first.purpose.as_deref()),
            (Some("SUPP"), Some("GDDS"))
        );

        assert!(
            matches!(&second.remittance, Remittance::Creditor(reference) if reference.as_str() == "RF18539007547034")
        );
        assert_eq!((second.uetr, second.creditor_agent, second.purpose), (None, None, None));

        assert_eq!((third.amount, third.debtor_agent), (money("10000", "JPY"), None));
        assert!(matches!(&third.creditor_account, AccountNumber::Other(_)));
        assert_eq!(
            (third.service_level.as_deref(), third.charges, third.batch_booking),
            (Some("URGP"), ChargeBearer::Shared, false)
        );
        assert_eq!(third.remittance, Remittance::None);
    }
}

/// Changes the sound file in one place and returns what is found: code, path below the message, and whether the line is that of the
/// first changed line.
fn findings_after(sound: &str, from: &str, to: &str) -> Vec<(FindingCode, String, bool)> {
    assert!(sound.contains(from), "the sample holds no {from}");
    let text = sound.replacen(from, to, 1);
    let changed = sound
        .lines()
        .zip(text.lines())
        .position(|(before, after)| before != after)
        .unwrap()
        + 1;
    let batch = read(&text);
    let short = |path: &str| {
        path.replace("/Document/CstmrCdtTrfInitn/", "")
            .replace("CdtTrfTxInf", "Tx")
    };
    batch
        .findings
        .iter()
        .map(|finding| {
            (
                finding.code,
                short(&finding.path),
                usize::try_from(finding.line) == Ok(changed),
            )
        })
        .collect()
}

/// One change, one finding, at the place of the change.
#[test]
fn each_mistake_is_found_where_it_is() {
    let tx = "PmtInf[1]/Tx[1]";
    let at = |path: &str| format!("{tx}/{path}");
    for (from, to, code, path) in [
        // the schema
        ("<MsgId>MESSAGE-1<", "<MsgId><", ValueLength, "GrpHdr/MsgId".to_owned()),
        (
            "<MsgId>MESSAGE-1<",
            "<MsgId>MESSAGE-1MESSAGE-1MESSAGE-1MESSAGE-1<",
            ValueLength,
            "GrpHdr/MsgId".to_owned(),
        ),
        (
            "2026-11-27T16:20:00",
            "2026-11-27",
            DateInvalid,
            "GrpHdr/CreDtTm".to_owned(),
        ),
        ("<NbOfTxs>3<", "<NbOfTxs>three<", ValueForm, "GrpHdr/NbOfTxs".to_owned()),
        (
            "<BtchBookg>true<",
            "<BtchBookg>yes<",
            ValueForm,
            "PmtInf[1]/BtchBookg".to_owned(),
        ),
        (
            "<PmtMtd>TRF<",
            "<PmtMtd>WIRE<",
            ValueCode,
            "PmtInf[1]/PmtMtd".to_owned(),
        ),
        (
            "<Dt>2026-12-01<",
            "<Dt>2026-02-30<",
            DateInvalid,
            "PmtInf[1]/ReqdExctnDt/Dt".to_owned(),
        ),
        (
            "<EndToEndId>E2E-1<",
            "<EndToEndID>E2E-1</EndToEndID><EndToEndId>E2E-1<",
            UnknownElement,
            at("PmtId/EndToEndID"),
        ),
        (
            "<EndToEndId>E2E-1<",
            "<EndToEndId x=\"y\">E2E-1<",
            UnknownAttribute,
            at("PmtId/EndToEndId"),
        ),
        (
            "<InstdAmt Ccy=\"EUR\">100.25<",
            "<InstdAmt>100.25<",
            MissingAttribute,
            at("Amt/InstdAmt/@Ccy"),
        ),
        (
            "Ccy=\"EUR\">100.25",
            "Ccy=\"eur\">100.25",
            CurrencyUnknown,
            at("Amt/InstdAmt/@Ccy"),
        ),
        (
            "<Ctry>DE</Ctry>\n            <AdrLine>Werk",
            "<Ctry>Germany</Ctry>\n            <AdrLine>Werk",
            CodeInvalid,
            at("Cdtr/PstlAdr/Ctry"),
        ),
        // banks
        (
            "<MsgId>MESSAGE-1<",
            "<MsgId>//1<",
            ReferenceInvalid,
            "GrpHdr/MsgId".to_owned(),
        ),
        (
            "<PmtInfId>GROUP-1<",
            "<PmtInfId>GROUP_1<",
            CharacterSet,
            "PmtInf[1]/PmtInfId".to_owned(),
        ),
        ("<NbOfTxs>3<", "<NbOfTxs>4<", CountMismatch, "GrpHdr/NbOfTxs".to_owned()),
        (
            "<NbOfTxs>2<",
            "<NbOfTxs>1<",
            CountMismatch,
            "PmtInf[1]/NbOfTxs".to_owned(),
        ),
        ("10300.75", "10300.74", SumMismatch, "GrpHdr/CtrlSum".to_owned()),
        (
            "<CtrlSum>300.75",
            "<CtrlSum>300.76",
            SumMismatch,
            "PmtInf[1]/CtrlSum".to_owned(),
        ),
        (
            "<PmtMtd>TRF<",
            "<PmtMtd>CHK<",
            PaymentMethodUnsupported,
            "PmtInf[1]/PmtMtd".to_owned(),
        ),
        (
            "<Dt>2026-12-01<",
            "<Dt>2026-11-26<",
            ExecutionDatePast,
            "PmtInf[1]/ReqdExctnDt/Dt".to_owned(),
        ),
        (
            "<Dt>2026-12-01<",
            "<Dt>2027-11-28<",
            ExecutionDateTooFar,
            "PmtInf[1]/ReqdExctnDt/Dt".to_owned(),
        ),
        (
            "DE48999999991000000001",
            "DE49999999991000000001",
            IbanInvalid,
            "PmtInf[1]/DbtrAcct/Id/IBAN".to_owned(),
        ),
        (
            "<Cd>SEPA<",
            "<Cd>sepa<",
            CodeInvalid,
            "PmtInf[1]/PmtTpInf/SvcLvl/Cd".to_owned(),
        ),
        (
            "<InstrId>INSTRUCTION-1<",
            "<InstrId>/1<",
            ReferenceInvalid,
            at("PmtId/InstrId"),
        ),
        (
            "6f1c7a52-3a0e-4b7e",
            "6f1c7a52-3a0e-1b7e",
            UetrInvalid,
            at("PmtId/UETR"),
        ),
        ("Lindner Fein", "Lindn\u{e9}r Fein", CharacterSet, at("Cdtr/Nm")),
        ("<Nm>Lindner Feinmechanik KG<", "<Nm> <", ValueMissing, at("Cdtr/Nm")),
        (
            "<IBAN>DE23999999990000000000<",
            "<IBAN>DE23999999990000000001<",
            IbanInvalid,
            at("CdtrAcct/Id/IBAN"),
        ),
        (
            "<IBAN>DE23999999990000000000<",
            "<IBAN>DE23 9999 9999 0000 0000 00<",
            IbanInvalid,
            at("CdtrAcct/Id/IBAN"),
        ),
        (
            "<BICFI>LNDRDE20<",
            "<BICFI>LNDRDE2<",
            BicInvalid,
            at("CdtrAgt/FinInstnId/BICFI"),
        ),
        (
            "RF18539007547034",
            "RF19539007547034",
            CreditorReferenceInvalid,
            "PmtInf[1]/Tx[2]/RmtInf/Strd/CdtrRefInf/Ref".to_owned(),
        ),
        ("<Cd>GDDS<", "<Cd>gdds<", CodeInvalid, at("Purp/Cd")),
        (
            "Invoice 2026-0873",
            "Invoice n\u{ba} 873",
            CharacterSet,
            at("RmtInf/Ustrd"),
        ),
        (
            "Ccy=\"JPY\"",
            "Ccy=\"XAU\"",
            CurrencyUnknown,
            "PmtInf[2]/Tx/Amt/InstdAmt/@Ccy".to_owned(),
        ),
        (
            "<Id>0012345678<",
            "<Id>0012#345678<",
            AccountInvalid,
            "PmtInf[2]/Tx/CdtrAcct/Id/Othr/Id".to_owned(),
        ),
        (
            "<Id>0012345678<",
            "<Id>DE24999999990000000000<",
            IbanInvalid,
            "PmtInf[2]/Tx/CdtrAcct/Id/Othr/Id".to_owned(),
        ),
        // SEPA
        (
            "<ChrgBr>SLEV<",
            "<ChrgBr>DEBT<",
            SepaChargeBearer,
            "PmtInf[1]/ChrgBr".to_owned(),
        ),
        (
            "DE23999999990000000000",
            "TN5910006035183598478831",
            SepaAccount,
            at("CdtrAcct/Id/IBAN"),
        ),
        (
            "Ccy=\"EUR\">100.25",
            "Ccy=\"USD\">100.25",
            SepaCurrency,
            at("Amt/InstdAmt"),
        ),
        // what would be lost
        (
            "<InstrPrty>NORM<",
            "<InstrPrty>HIGH<",
            UnsupportedElement,
            "PmtInf[1]/PmtTpInf/InstrPrty".to_owned(),
        ),
        (
            "<Dt>2026-12-01</Dt>",
            "<DtTm>2026-12-01T14:00:00</DtTm>",
            UnsupportedElement,
            "PmtInf[1]/ReqdExctnDt/DtTm".to_owned(),
        ),
        (
            "<Cd>SCOR<",
            "<Cd>PUOR<",
            UnsupportedElement,
            "PmtInf[1]/Tx[2]/RmtInf/Strd/CdtrRefInf/Tp/CdOrPrtry/Cd".to_owned(),
        ),
        (
            "<Issr>ISO<",
            "<Issr>BBA<",
            UnsupportedElement,
            "PmtInf[1]/Tx[2]/RmtInf/Strd/CdtrRefInf/Tp/Issr".to_owned(),
        ),
        (
            "</Nm>\n          <PstlAdr>\n            <TwnNm>",
            "</Nm>\n          <PstlAdr><Dept>Shipping</Dept>\n            <TwnNm>",
            UnsupportedElement,
            at("Cdtr/PstlAdr/Dept"),
        ),
        (
            "        <Purp>",
            "        <UltmtCdtr><Nm>Somebody</Nm></UltmtCdtr><Purp>",
            UnsupportedElement,
            at("UltmtCdtr"),
        ),
        (
            "        <RmtInf>",
            "        <RgltryRptg><Dtls><Cd>ABC</Cd></Dtls></RgltryRptg><RmtInf>",
            UnsupportedElement,
            at("RgltryRptg"),
        ),
        // without effect
        (
            "<Ccy>EUR</Ccy>",
            "<Ccy>EUR</Ccy><Nm>Main</Nm>",
            ElementNotForwarded,
            "PmtInf[1]/DbtrAcct/Nm".to_owned(),
        ),
        (
            "<BICFI>LNDRDE20</BICFI>",
            "<BICFI>LNDRDE20</BICFI><Nm>Bank</Nm>",
            ElementNotForwarded,
            at("CdtrAgt/FinInstnId/Nm"),
        ),
    ] {
        let found = findings_after(SOUND_09, from, to);
        assert_eq!(found, [(code, path, true)], "{from} -> {to}");
    }
}

/// Mistakes that are noticed at the element around them, or twice.
#[test]
fn what_is_missing_is_found_where_it_should_stand() {
    let codes = |from: &str, to: &str| {
        findings_after(SOUND_09, from, to)
            .into_iter()
            .map(|(code, path, _)| (code, path))
            .collect::<Vec<_>>()
    };
    let one = |code, path: &str| vec![(code, path.to_owned())];
    let tx = "PmtInf[1]/Tx[1]";
    assert_eq!(
        codes("          <EndToEndId>E2E-1</EndToEndId>\n", ""),
        one(MissingElement, &format!("{tx}/PmtId/EndToEndId"))
    );
    assert_eq!(
        codes("          <Nm>Helios Messtechnik AG</Nm>\n", ""),
        one(ValueMissing, "PmtInf[1]/Tx[2]/Cdtr")
    );
    assert_eq!(
        codes("            <TwnNm>Erfurt</TwnNm>\n", ""),
        one(AddressUnstructured, &format!("{tx}/Cdtr/PstlAdr"))
    );
    assert_eq!(
        codes("          <TwnNm>Jena</TwnNm>\n", ""),
        one(AddressIncomplete, "PmtInf[1]/Dbtr/PstlAdr")
    );
    assert_eq!(
        codes(
            "<AdrLine>Hinterhaus</AdrLine>",
            "<AdrLine>Hinterhaus</AdrLine><AdrLine>2</AdrLine>"
        ),
        one(AddressUnstructured, &format!("{tx}/Cdtr/PstlAdr"))
    );
    assert_eq!(
        codes("<TwnNm>Erfurt</TwnNm>", "<TwnNm>Erfurt</TwnNm>x"),
        one(MisplacedText, &format!("{tx}/Cdtr/PstlAdr"))
    );
    assert_eq!(
        codes("E2E-2", "E2E-1"),
        one(DuplicateEndToEndId, "PmtInf[1]/Tx[2]/PmtId/EndToEndId")
    );
    assert_eq!(
        codes(
            "<EndToEndId>E2E-2<",
            "<InstrId>INSTRUCTION-1</InstrId><EndToEndId>E2E-2<"
        ),
        one(DuplicateInstructionId, "PmtInf[1]/Tx[2]/PmtId/InstrId")
    );
    assert_eq!(codes("GROUP-2", "GROUP-1"), one(DuplicateGroupId, "PmtInf[2]/PmtInfId"));
    let uetr = "</EndToEndId><UETR>6f1c7a52-3a0e-4b7e-9d14-2f6c1f0a9e01</UETR>\n        </PmtId>\n        <Amt>\n          <InstdAmt Ccy=\"EUR\">200";
    assert_eq!(
        codes(
            "</EndToEndId>\n        </PmtId>\n        <Amt>\n          <InstdAmt Ccy=\"EUR\">200",
            uetr
        ),
        one(DuplicateUetr, "PmtInf[1]/Tx[2]/PmtId/UETR")
    );
    assert_eq!(
        codes(
            "<Ustrd>Invoice 2026-0873</Ustrd>",
            "<Ustrd>Invoice</Ustrd><Ustrd>2026-0873</Ustrd>"
        ),
        one(RemittanceAmbiguous, &format!("{tx}/RmtInf"))
    );
    assert_eq!(codes("<ChrgBr>SHAR</ChrgBr>", ""), []);
    assert_eq!(
        codes(
            "      <CdtTrfTxInf>\n        <PmtId>\n          <EndToEndId>E2E-3",
            "<ChrgBr>SHAR</ChrgBr>\n      <CdtTrfTxInf>\n        <PmtId>\n          <EndToEndId>E2E-3"
        ),
        one(StatedTwice, "PmtInf[2]/Tx/ChrgBr")
    );
    assert_eq!(
        codes("<BICFI>HSZRJPJ0XXX</BICFI>", "<Othr><Id>NOTPROVIDED</Id></Othr>"),
        one(AgentMissing, "PmtInf[2]/Tx")
    );
    assert_eq!(
        codes(
            "<BICFI>HSZRJPJ0XXX</BICFI>",
            "<ClrSysMmbId><MmbId>0005</MmbId></ClrSysMmbId>"
        ),
        [
            (AgentMissing, "PmtInf[2]/Tx".to_owned()),
            (
                UnsupportedElement,
                "PmtInf[2]/Tx/CdtrAgt/FinInstnId/ClrSysMmbId".to_owned()
            )
        ]
    );
    let equivalent = "<EqvtAmt><Amt Ccy=\"EUR\">10000</Amt><CcyOfTrf>JPY</CcyOfTrf></EqvtAmt>";
    assert_eq!(
        codes("<InstdAmt Ccy=\"JPY\">10000</InstdAmt>", equivalent),
        one(UnsupportedElement, "PmtInf[2]/Tx/Amt/EqvtAmt")
    );
}

#[test]
fn amounts_are_checked_by_their_currency_and_their_sum() {
    let codes = |from: &str, to: &str| {
        let found = findings_after(SOUND_09, from, to).into_iter();
        found
            .map(|(code, path, _)| (code, path.rsplit('/').next().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let sums = |code| {
        vec![
            (SumMismatch, "CtrlSum".to_owned()),
            (SumMismatch, "CtrlSum".to_owned()),
            (code, "InstdAmt".to_owned()),
        ]
    };
    assert_eq!(codes(">100.25<", ">100.255<"), sums(AmountPrecision));
    assert_eq!(codes(">100.25<", ">0.00<"), sums(AmountInvalid));
    assert_eq!(codes(">100.25<", ">1.000,25<"), sums(AmountInvalid));
    assert_eq!(codes(">100.25<", ">1000000000.00<"), sums(SepaAmount));
    assert_eq!(
        codes(">10000<", ">10000.50<"),
        [
            (SumMismatch, "CtrlSum".to_owned()),
            (AmountPrecision, "InstdAmt".to_owned())
        ]
    );
    assert_eq!(
        codes(">100.25<", ">200.25<"),
        [(SumMismatch, "CtrlSum".to_owned()), (SumMismatch, "CtrlSum".to_owned())]
    );
    assert_eq!(codes(">100.25<", ">+0100.250<"), []);
}

#[test]
fn a_finding_refuses_whom_it_concerns_and_no_other() {
    let accepted = |from: &str, to: &str| {
        let batch = read(&SOUND_09.replacen(from, to, 1));
        assert!(!batch.findings.is_empty());
        batch
            .payments
            .iter()
            .map(|payment| payment.transfer.is_some())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        accepted("DE23999999990000000000", "DE23999999990000000001"),
        [false, true, true],
        "a payment"
    );
    assert_eq!(
        accepted("<Dt>2026-12-01<", "<Dt>2026-11-01<"),
        [false, false, true],
        "a group"
    );
    assert_eq!(
        accepted("<CtrlSum>300.75", "<CtrlSum>300.76"),
        [false, false, true],
        "the sum of a group"
    );
    assert_eq!(
        accepted("10300.75", "10300.76"),
        [false, false, false],
        "the sum of the file"
    );
    assert_eq!(
        accepted("<Ccy>EUR</Ccy>", "<Ccy>EUR</Ccy><Nm>Main</Nm>"),
        [true, true, true],
        "a note"
    );
    assert_eq!(
        accepted("E2E-2", "E2E-1"),
        [true, false, true],
        "the later of two with one id"
    );
}

#[test]
fn an_id_that_stands_for_none_may_stand_often() {
    let text = SOUND_09.replace("E2E-1", "NOTPROVIDED").replace("E2E-2", "NOTPROVIDED");
    assert_eq!(read(&text).findings, []);
}

#[test]
fn midnight_is_a_date() {
    let text = SOUND_09.replacen("<Dt>2026-12-01</Dt>", "<DtTm>2026-12-01T00:00:00</DtTm>", 1);
    let batch = read(&text);
    assert_eq!(batch.findings, []);
    assert_eq!(
        batch.payments[0].transfer.as_ref().unwrap().execution_on,
        Date::constant(2026, 12, 1)
    );
}

#[test]
fn debtor_accounts_are_known_even_if_nothing_is_paid_from_them() {
    let batch = read(&SOUND_09.replace("2026-12-0", "2020-12-0"));
    assert!(batch.payments.iter().all(|payment| payment.transfer.is_none()));
    let [iban, number] = &batch.debtor_accounts[..] else {
        panic!("{:?}", batch.debtor_accounts.len());
    };
    assert_eq!(
        (iban.account.as_str(), iban.currency),
        ("DE48999999991000000001", Currency::from_code("EUR"))
    );
    assert_eq!(iban.name.as_deref(), Some("Aurora Instruments GmbH"));
    assert_eq!(iban.payment_currencies, [Currency::from_code("EUR").unwrap()]);
    assert_eq!(
        (number.account.as_str(), number.currency, number.agent.as_ref()),
        ("1000000002", None, None)
    );
    assert_eq!(number.payment_currencies, [Currency::from_code("JPY").unwrap()]);
}

#[test]
fn no_finding_repeats_what_is_personal() {
    for (from, to) in [
        ("Lindner Feinmechanik KG", "Lindner F\u{e9}inmechanik"),
        ("DE23999999990000000000", "DE23999999990000000009"),
        ("0012345678", "00#12345678"),
        ("Werkstrasse 12", "Werkstra\u{df}e 12"),
    ] {
        let batch = read(&SOUND_09.replacen(from, to, 1));
        let message = &batch.findings[0].message;
        assert!(
            !message.contains(to) && !message.contains("Lindner") && !message.contains("Werk"),
            "{message}"
        );
    }
}

#[test]
fn the_character_to_write_instead_is_named() {
    let batch = read(&SOUND_09.replacen("Jena", "J\u{e4}na", 1));
    assert_eq!(
        batch.findings[0].message,
        "banks do not pass on the character `\u{e4}`; write `ae`"
    );
}
