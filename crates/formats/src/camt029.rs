//! The answer to a request to cancel (camt.029.001.09): read by us, written by the simulated bank.
//!
//! A cancelled payment is money that stays: an answer that contradicts itself, names no payment or uses an unknown code is refused.

use crate::bank_message::{self, Known, Reading};
use crate::camt055::{self, CancellationRequest};
use crate::finding::{Finding, FindingCode, quoted};
use crate::pain001_writer::agent;
use crate::xml::Element;
use crate::xml_writer::{WriteError, XmlWriter};
use vocab::exchange::RecallAnswer;
use vocab::limits;
use vocab::time::Timestamp;

/// The namespace of the messages.
pub const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.029.001.09";
const ROOT: &str = "RsltnOfInvstgtn";

/// What the bank decided, about the case or about one payment of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Cancelled,
    Refused,
    Pending,
    /// Some payments of the case were cancelled, some not; each says so itself.
    Partly,
}

impl Decision {
    /// `Sts/Conf` (external code set `ExternalInvestigationExecutionConfirmation1Code`).
    fn of_case(code: &str) -> Option<Self> {
        match code {
            "CNCL" => Some(Self::Cancelled),
            "RJCR" => Some(Self::Refused),
            "PDCR" => Some(Self::Pending),
            "PECR" => Some(Self::Partly),
            _ => None,
        }
    }

    /// `GrpCxlSts`, `PmtInfCxlSts` and `TxCxlSts`.
    fn of_part(code: &str) -> Option<Self> {
        match code {
            "ACCR" => Some(Self::Cancelled),
            "RJCR" => Some(Self::Refused),
            "PDCR" => Some(Self::Pending),
            "PACR" => Some(Self::Partly),
            _ => None,
        }
    }

    /// As [`RecallAnswer::cancelled`] has it; `None` where the payments decide.
    fn cancelled(self) -> Option<Option<bool>> {
        match self {
            Self::Cancelled => Some(Some(true)),
            Self::Refused => Some(Some(false)),
            Self::Pending => Some(None),
            Self::Partly => None,
        }
    }
}

/// Reads the answers, one for each payment named. Fails with everything that is wrong; nothing of it may be used then.
pub fn read(bytes: &[u8]) -> Result<Vec<RecallAnswer>, Vec<Finding>> {
    let known = [Known {
        namespace: NAMESPACE.to_owned(),
        version: (),
    }];
    bank_message::read(bytes, &known, ROOT, |reading, (), root| resolution(reading, root))
}

fn resolution(reading: &mut Reading, root: Element<'_>) -> Option<Vec<RecallAnswer>> {
    let message_id = reading
        .needed(root, "Assgnmt")
        .and_then(|assignment| reading.needed_id(assignment, "Id"));
    let status = reading.needed(root, "Sts")?;
    let confirmation = reading.needed(status, "Conf")?;
    let case = decision(reading, confirmation, Decision::of_case)?;
    let message_id = message_id?;
    if !root.children_named("CxlDtls").any(names_a_payment) {
        let message = "the answer names no payment, so nobody can tell what it is about; ask the bank";
        reading.wrong(root, FindingCode::MissingElement, message);
        return None;
    }
    let mut answers = Vec::new();
    for details in root.children_named("CxlDtls") {
        let group = reading.only(details, "OrgnlGrpInfAndSts");
        let group = group
            .and_then(|group| part(reading, group, "GrpCxlSts"))
            .unwrap_or(case);
        for block in details.children_named("OrgnlPmtInfAndSts") {
            let of_block = part(reading, block, "PmtInfCxlSts").unwrap_or(group);
            answers.extend(transactions(reading, block, case, of_block, &message_id));
        }
        answers.extend(transactions(reading, details, case, group, &message_id));
    }
    Some(answers)
}

fn names_a_payment(details: Element<'_>) -> bool {
    let mut blocks = details.children_named("OrgnlPmtInfAndSts");
    details.child("TxInfAndSts").is_some() || blocks.any(|block| block.child("TxInfAndSts").is_some())
}

fn transactions(
    reading: &mut Reading,
    parent: Element<'_>,
    case: Decision,
    of_parent: Decision,
    message_id: &str,
) -> Vec<RecallAnswer> {
    let mut answers = Vec::new();
    for transaction in parent.children_named("TxInfAndSts") {
        if answers.len() >= limits::BATCH_PAYMENTS_MAX {
            let message = format!("the answer speaks of more than {} payments", limits::BATCH_PAYMENTS_MAX);
            reading.wrong(transaction, FindingCode::TooManyPayments, message);
            break;
        }
        let own = part(reading, transaction, "TxCxlSts").unwrap_or(of_parent);
        let (Some(cancelled), false) = (own.cancelled(), contradict(case, own)) else {
            let message =
                "what is said about the payment contradicts the answer as a whole or leaves it open; ask the bank";
            reading.wrong(transaction, FindingCode::StatedTwice, message);
            continue;
        };
        let instruction_id = reading.id(transaction, "OrgnlInstrId");
        let end_to_end_id = reading.id(transaction, "OrgnlEndToEndId");
        if instruction_id.is_none() && end_to_end_id.is_none() {
            let message = "the payment is named neither by its instruction id nor by its end-to-end id; ask the bank";
            reading.wrong(transaction, FindingCode::MissingElement, message);
        }
        let reason = reason(reading, transaction).or_else(|| reason(reading, parent));
        let message_id = message_id.to_owned();
        answers.push(RecallAnswer {
            message_id,
            instruction_id,
            end_to_end_id,
            cancelled,
            reason,
        });
    }
    answers
}

/// Whether a decision about the case as a whole and one about a payment of it exclude each other.
fn contradict(case: Decision, payment: Decision) -> bool {
    case != Decision::Partly && case != payment
}

fn part(reading: &mut Reading, parent: Element<'_>, name: &str) -> Option<Decision> {
    let element = reading.only(parent, name)?;
    decision(reading, element, Decision::of_part)
}

fn decision(reading: &mut Reading, element: Element<'_>, known: impl Fn(&str) -> Option<Decision>) -> Option<Decision> {
    let decision = known(element.text().trim());
    if decision.is_none() {
        let message = format!(
            "the answer {} is not known here; ask the bank what it means",
            quoted(element.text())
        );
        reading.wrong(element, FindingCode::ValueCode, message);
    }
    decision
}

/// The first reason given.
fn reason(reading: &mut Reading, parent: Element<'_>) -> Option<String> {
    parent.children_named("CxlStsRsnInf").find_map(|information| {
        let reason = reading.only(information, "Rsn")?;
        reading.code_or_proprietary(reason)
    })
}

/// The answer to a request as a camt.029.001.09. The request gives the case and the order that the answer refers to.
pub fn write(
    answer: &RecallAnswer,
    request: &CancellationRequest,
    created_at: Timestamp,
) -> Result<Vec<u8>, WriteError> {
    let (conf, status) = match answer.cancelled {
        Some(true) => ("CNCL", "ACCR"),
        Some(false) => ("RJCR", "RJCR"),
        None => ("PDCR", "PDCR"),
    };
    if answer.instruction_id.is_none() && answer.end_to_end_id.is_none() {
        return Err(WriteError::Content {
            element: "TxInfAndSts",
            reason: "an answer names the payment it is about",
        });
    }
    XmlWriter::document(NAMESPACE, |xml| {
        xml.parent(ROOT, |xml| {
            xml.parent("Assgnmt", |xml| {
                xml.text("Id", &answer.message_id, 35);
                xml.parent("Assgnr", |xml| agent(xml, "Agt", request.bank.as_ref()));
                camt055::requester(xml, "Assgne", request);
                xml.timestamp("CreDtTm", created_at);
            });
            camt055::case(xml, "RslvdCase", request);
            xml.parent("Sts", |xml| xml.text("Conf", conf, 4));
            xml.parent("CxlDtls", |xml| {
                xml.parent("OrgnlPmtInfAndSts", |xml| {
                    camt055::original_block(xml, request);
                    xml.parent("TxInfAndSts", |xml| {
                        xml.text_if("OrgnlInstrId", answer.instruction_id.as_deref(), 35);
                        xml.text_if("OrgnlEndToEndId", answer.end_to_end_id.as_deref(), 35);
                        xml.text("TxCxlSts", status, 4);
                        if let Some(reason) = &answer.reason {
                            xml.parent("CxlStsRsnInf", |xml| {
                                xml.parent("Rsn", |xml| xml.code_or_proprietary(reason));
                            });
                        }
                    });
                });
            });
        });
    })
}
