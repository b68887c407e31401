//! Status reports (pain.002): what a bank says about an order and its payments. Read in versions .001.03 and .001.10, written in
//! .001.10 for the simulated bank.
//!
//! A status is never guessed: an unknown code or a contradiction between order and payments refuses the report, so that a person
//! looks at it. The results of a verification of payee (`RCVC`, `RVNM` and so on) are such codes as long as none was asked for.

use crate::bank_message::{self, Known, Reading};
use crate::finding::{Finding, FindingCode, quoted};
use crate::pain001_writer;
use crate::xml::Element;
use crate::xml_writer::{WriteError, XmlWriter};
use vocab::exchange::{BankStatus, PaymentReport, ReportedStatus, StatusReport};
use vocab::limits;
use vocab::time::Timestamp;

/// The namespace of the messages written.
pub const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10";
const NAMESPACE_03: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.03";
const ROOT: &str = "CstmrPmtStsRpt";

/// What a status code (`GrpSts`, `PmtInfSts`, `TxSts`) means; `None` for codes that are not known.
pub fn status_of(code: &str) -> Option<BankStatus> {
    match code {
        "RCVD" | "ACTC" | "ACCP" | "ACSP" | "ACWC" | "PDNG" | "PATC" | "ACFC" => Some(BankStatus::Accepted),
        "ACSC" | "ACCC" => Some(BankStatus::Executed),
        "RJCT" => Some(BankStatus::Rejected),
        "CANC" => Some(BankStatus::Cancelled),
        "PART" => Some(BankStatus::Partial),
        _ => None,
    }
}

/// Reads a report. Fails with everything that is wrong; nothing of the report may be used then.
///
/// Where the bank gives a status for the one payment block of an order (`PmtInfSts`), that is the status of the order: it says
/// more than `GrpSts`, which some banks use for the file alone. A payment without a status of its own has that of its block.
pub fn read(bytes: &[u8]) -> Result<StatusReport, Vec<Finding>> {
    let known = [NAMESPACE, NAMESPACE_03].map(|namespace| Known {
        namespace: namespace.to_owned(),
        version: (),
    });
    bank_message::read(bytes, &known, ROOT, |reading, (), root| report(reading, root))
}

fn report(reading: &mut Reading, root: Element<'_>) -> Option<StatusReport> {
    let message_id = reading
        .needed(root, "GrpHdr")
        .and_then(|header| reading.needed_id(header, "MsgId"));
    let original = reading.needed(root, "OrgnlGrpInfAndSts")?;
    let original_message_id = reading.needed_id(original, "OrgnlMsgId");
    answers_an_order(reading, original);
    let blocks: Vec<Element<'_>> = root.children_named("OrgnlPmtInfAndSts").collect();
    let transactions = blocks.iter().flat_map(|block| block.children_named("TxInfAndSts"));
    if transactions.count() > limits::BATCH_PAYMENTS_MAX {
        let message = format!("the report speaks of more than {} payments", limits::BATCH_PAYMENTS_MAX);
        reading.wrong(root, FindingCode::TooManyPayments, message);
        return None;
    }
    let file = status(reading, original, "GrpSts");
    let mut group = file.clone();
    let mut payments = Vec::new();
    for block in &blocks {
        let own = status(reading, *block, "PmtInfSts");
        if let Some(own) = &own {
            check_block(reading, *block, file.as_ref(), own, blocks.len());
            if let [_] = blocks.as_slice() {
                group = Some(own.clone());
            }
        }
        let whole: Vec<&ReportedStatus> = own.iter().chain(&file).collect();
        for transaction in block.children_named("TxInfAndSts") {
            payments.extend(payment(reading, transaction, &whole));
        }
    }
    if group.is_none() && payments.is_empty() {
        reading.wrong(
            original,
            FindingCode::MissingElement,
            "the report holds no status, neither of the order nor of a payment",
        );
    }
    Some(StatusReport {
        message_id: message_id?,
        original_message_id: original_message_id?,
        group,
        payments,
    })
}

/// Reports answer direct debits too; those are none of ours.
fn answers_an_order(reading: &mut Reading, original: Element<'_>) {
    if let Some(name) = reading.needed(original, "OrgnlMsgNmId")
        && !name.text().trim().starts_with("pain.001")
    {
        let message = format!(
            "the report answers {}, only answers to pain.001 are expected",
            quoted(name.text())
        );
        reading.wrong(name, FindingCode::ValueCode, message);
    }
}

/// Whether a whole and a part of it cannot both have these statuses. The part may be behind the whole, but what is refused is
/// refused in all its parts, and of what is executed no part is refused.
fn contradict(whole: BankStatus, part: BankStatus) -> bool {
    match whole {
        BankStatus::Rejected | BankStatus::Cancelled => part != whole,
        BankStatus::Executed => matches!(part, BankStatus::Rejected | BankStatus::Cancelled),
        BankStatus::Accepted | BankStatus::Partial => false,
    }
}

/// The status of a block beside that of the file and the other blocks.
fn check_block(
    reading: &mut Reading,
    block: Element<'_>,
    file: Option<&ReportedStatus>,
    own: &ReportedStatus,
    blocks: usize,
) {
    let file = file.map(|file| file.status);
    if file.is_some_and(|file| contradict(file, own.status)) {
        let message = format!(
            "the status {} of the block contradicts that of the file; ask the bank",
            quoted(&own.code)
        );
        reading.wrong(block, FindingCode::StatedTwice, message);
    } else if blocks > 1 && file != Some(own.status) && block.child("TxInfAndSts").is_none() {
        let message =
            "one of several blocks has a status of its own without naming its payments; ask the bank which they are";
        reading.wrong(block, FindingCode::MissingElement, message);
    }
}

/// `whole` is what the block says and what the file says, in this order.
fn payment(reading: &mut Reading, transaction: Element<'_>, whole: &[&ReportedStatus]) -> Option<PaymentReport> {
    let instruction_id = reading.id(transaction, "OrgnlInstrId");
    let end_to_end_id = reading.id(transaction, "OrgnlEndToEndId");
    let own = reading.only(transaction, "TxSts").is_some();
    let status = if own {
        status(reading, transaction, "TxSts")?
    } else {
        inherit(reading, transaction, whole.first().copied())?
    };
    if status.status == BankStatus::Partial {
        reading.wrong(
            transaction,
            FindingCode::ValueCode,
            "a single payment cannot be accepted in part (`PART`)",
        );
        return None;
    }
    if whole.iter().any(|whole| contradict(whole.status, status.status)) {
        let message = format!(
            "the status {} of the payment contradicts that of its order; ask the bank",
            quoted(&status.code)
        );
        reading.wrong(transaction, FindingCode::StatedTwice, message);
        return None;
    }
    Some(PaymentReport {
        instruction_id,
        end_to_end_id,
        status,
    })
}

/// The status of the block, else of the file, with the reason of the payment.
fn inherit(
    reading: &mut Reading,
    transaction: Element<'_>,
    of_whole: Option<&ReportedStatus>,
) -> Option<ReportedStatus> {
    let Some(whole) = of_whole.filter(|whole| whole.status != BankStatus::Partial) else {
        let message = "the payment has no status (`TxSts`), and its block says nothing about all of its payments";
        reading.wrong(transaction, FindingCode::MissingElement, message);
        return None;
    };
    let (reason, text) = reasons(reading, transaction);
    let own = reason.is_some() || text.is_some();
    Some(if own {
        ReportedStatus {
            reason,
            text,
            ..whole.clone()
        }
    } else {
        whole.clone()
    })
}

fn status(reading: &mut Reading, parent: Element<'_>, name: &str) -> Option<ReportedStatus> {
    let element = reading.only(parent, name)?;
    let code = element.text().trim();
    let Some(status) = status_of(code) else {
        let message = format!(
            "the status {} is not known here; ask the bank what it means",
            quoted(code)
        );
        reading.wrong(element, FindingCode::ValueCode, message);
        return None;
    };
    let (reason, text) = reasons(reading, parent);
    Some(ReportedStatus {
        status,
        code: code.to_owned(),
        reason,
        text,
    })
}

/// The first reason code and the words of all reasons (`StsRsnInf`).
fn reasons(reading: &mut Reading, parent: Element<'_>) -> (Option<String>, Option<String>) {
    let mut code = None;
    let mut words = Vec::new();
    for information in parent.children_named("StsRsnInf") {
        let reason = reading
            .only(information, "Rsn")
            .and_then(|reason| reading.code_or_proprietary(reason));
        code = code.or(reason);
        words.extend(reading.prose(information, "AddtlInf"));
    }
    (code, (!words.is_empty()).then(|| words.join(" ")))
}

/// A report as a pain.002.001.10. `payment_information_id` is that of the order, `NOTPROVIDED` when it is not known.
pub fn write(
    report: &StatusReport,
    payment_information_id: Option<&str>,
    created_at: Timestamp,
) -> Result<Vec<u8>, WriteError> {
    XmlWriter::document(NAMESPACE, |xml| {
        xml.parent(ROOT, |xml| {
            xml.parent("GrpHdr", |xml| {
                xml.text("MsgId", &report.message_id, 35);
                xml.timestamp("CreDtTm", created_at);
            });
            xml.parent("OrgnlGrpInfAndSts", |xml| {
                xml.text("OrgnlMsgId", &report.original_message_id, 35);
                xml.text("OrgnlMsgNmId", pain001_writer::MESSAGE_NAME, 35);
                if let Some(group) = &report.group {
                    write_status(xml, "GrpSts", group);
                }
            });
            if !report.payments.is_empty() {
                xml.parent("OrgnlPmtInfAndSts", |xml| {
                    xml.text("OrgnlPmtInfId", payment_information_id.unwrap_or("NOTPROVIDED"), 35);
                    for payment in &report.payments {
                        write_payment(xml, payment);
                    }
                });
            }
        });
    })
}

fn write_payment(xml: &mut XmlWriter, payment: &PaymentReport) {
    xml.parent("TxInfAndSts", |xml| {
        xml.text_if("OrgnlInstrId", payment.instruction_id.as_deref(), 35);
        xml.text_if("OrgnlEndToEndId", payment.end_to_end_id.as_deref(), 35);
        if payment.status.status == BankStatus::Partial {
            xml.fail(WriteError::Content {
                element: "TxSts",
                reason: "a single payment cannot be accepted in part",
            });
        }
        write_status(xml, "TxSts", &payment.status);
    });
}

fn write_status(xml: &mut XmlWriter, name: &'static str, status: &ReportedStatus) {
    if status_of(&status.code) != Some(status.status) {
        xml.fail(WriteError::Content {
            element: name,
            reason: "the code does not mean the status; correct one of them",
        });
    }
    xml.text(name, &status.code, 4);
    if status.reason.is_none() && status.text.is_none() {
        return;
    }
    xml.parent("StsRsnInf", |xml| {
        if let Some(reason) = &status.reason {
            xml.parent("Rsn", |xml| xml.code_or_proprietary(reason));
        }
        if let Some(text) = &status.text {
            xml.paragraphs("AddtlInf", text, 105);
        }
    });
}
