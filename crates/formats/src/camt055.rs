//! A customer's request to cancel a payment that was ordered (camt.055.001.08): written by us, read by the simulated bank.
//!
//! One request asks about one payment. The ids of the original order are those under which the bank knows it.

use crate::bank_message::{self, Known, Reading};
use crate::finding::{Finding, FindingCode, quoted};
use crate::pain001_writer::{self, agent};
use crate::xml::Element;
use crate::xml_writer::{WriteError, XmlWriter};
use vocab::account::Bic;
use vocab::money::Amount;
use vocab::reference::{Reference, Uetr};
use vocab::time::{Date, Timestamp};

/// The namespace of the messages.
pub const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.055.001.08";
const ROOT: &str = "CstmrPmtCxlReq";

/// Asks a bank to cancel one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancellationRequest {
    /// `Assgnmt/Id` and `Case/Id`: our reference of the request, which the answer names.
    pub case_id: Reference,
    /// `CreDtTm`
    pub created_at: Timestamp,
    /// `Assgnr/Pty/Nm`: who asks, 1 to 140 characters.
    pub requester: String,
    /// `Assgne/Agt`: the bank that is asked, if its BIC is known.
    pub bank: Option<Bic>,
    /// `OrgnlMsgId` of the order.
    pub original_message_id: Reference,
    /// `OrgnlPmtInfId` of the order.
    pub original_payment_information_id: Reference,
    /// `OrgnlInstrId` of the payment.
    pub instruction_id: Reference,
    /// `OrgnlEndToEndId` of the payment.
    pub end_to_end_id: Reference,
    /// `OrgnlUETR` of the payment, if it has one.
    pub uetr: Option<Uetr>,
    /// `OrgnlInstdAmt`
    pub amount: Amount,
    /// `OrgnlReqdExctnDt`
    pub execution_on: Date,
    /// Why.
    pub reason: CancellationReason,
}

/// Why a payment shall be cancelled (`CxlRsnInf/Rsn/Cd`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CancellationReason {
    /// The customer asks for it, without saying more (`CUST`).
    Customer,
    /// Ordered twice (`DUPL`).
    Duplicate,
    /// Fraud is suspected (`FRAD`).
    Fraud,
    /// A technical fault led to it (`TECH`).
    Technical,
    /// Not owed (`UPAY`).
    NotOwed,
    /// The amount is wrong (`AM09`).
    WrongAmount,
    /// The creditor's account is wrong (`AC03`).
    WrongAccount,
}

impl CancellationReason {
    /// All reasons.
    pub const ALL: [Self; 7] = [
        Self::Customer,
        Self::Duplicate,
        Self::Fraud,
        Self::Technical,
        Self::NotOwed,
        Self::WrongAmount,
        Self::WrongAccount,
    ];

    /// The code of ISO 20022 (external code set `ExternalCancellationReason1Code`).
    pub fn code(self) -> &'static str {
        match self {
            Self::Customer => "CUST",
            Self::Duplicate => "DUPL",
            Self::Fraud => "FRAD",
            Self::Technical => "TECH",
            Self::NotOwed => "UPAY",
            Self::WrongAmount => "AM09",
            Self::WrongAccount => "AC03",
        }
    }

    /// From the code of ISO 20022.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// The request as a camt.055.001.08.
pub fn write(request: &CancellationRequest) -> Result<Vec<u8>, WriteError> {
    XmlWriter::document(NAMESPACE, |xml| {
        xml.parent(ROOT, |xml| {
            xml.parent("Assgnmt", |xml| {
                xml.text("Id", request.case_id.as_str(), 35);
                requester(xml, "Assgnr", request);
                xml.parent("Assgne", |xml| agent(xml, "Agt", request.bank.as_ref()));
                xml.timestamp("CreDtTm", request.created_at);
            });
            case(xml, "Case", request);
            xml.parent("CtrlData", |xml| xml.text("NbOfTxs", "1", 15));
            xml.parent("Undrlyg", |xml| {
                xml.parent("OrgnlPmtInfAndCxl", |xml| {
                    original_block(xml, request);
                    xml.parent("TxInf", |xml| transaction(xml, request));
                });
            });
        });
    })
}

/// The case, as the request and its answer name it.
pub(crate) fn case(xml: &mut XmlWriter, name: &'static str, request: &CancellationRequest) {
    xml.parent(name, |xml| {
        xml.text("Id", request.case_id.as_str(), 35);
        requester(xml, "Cretr", request);
    });
}

/// The party that asks.
pub(crate) fn requester(xml: &mut XmlWriter, name: &'static str, request: &CancellationRequest) {
    xml.parent(name, |xml| {
        xml.parent("Pty", |xml| xml.text("Nm", &request.requester, 140))
    });
}

/// The block and the message that the payment was ordered in.
pub(crate) fn original_block(xml: &mut XmlWriter, request: &CancellationRequest) {
    xml.text("OrgnlPmtInfId", request.original_payment_information_id.as_str(), 35);
    xml.parent("OrgnlGrpInf", |xml| {
        xml.text("OrgnlMsgId", request.original_message_id.as_str(), 35);
        xml.text("OrgnlMsgNmId", pain001_writer::MESSAGE_NAME, 35);
    });
}

fn transaction(xml: &mut XmlWriter, request: &CancellationRequest) {
    xml.text("CxlId", request.case_id.as_str(), 35);
    xml.text("OrgnlInstrId", request.instruction_id.as_str(), 35);
    xml.text("OrgnlEndToEndId", request.end_to_end_id.as_str(), 35);
    xml.text_if("OrgnlUETR", request.uetr.as_ref().map(Uetr::as_str), 36);
    xml.unsigned_money("OrgnlInstdAmt", request.amount.money());
    xml.parent("OrgnlReqdExctnDt", |xml| xml.date("Dt", request.execution_on));
    xml.parent("CxlRsnInf", |xml| {
        xml.parent("Rsn", |xml| xml.text("Cd", request.reason.code(), 4))
    });
}

/// Reads a request for one payment, as [`write`] makes them. Fails with everything that is wrong with it.
pub fn read(bytes: &[u8]) -> Result<CancellationRequest, Vec<Finding>> {
    let known = [Known {
        namespace: NAMESPACE.to_owned(),
        version: (),
    }];
    bank_message::read(bytes, &known, ROOT, |reading, (), root| request(reading, root))
}

fn request(reading: &mut Reading, root: Element<'_>) -> Option<CancellationRequest> {
    let reference = FindingCode::ReferenceInvalid;
    let assignment = reading.needed(root, "Assgnmt")?;
    let case_id = reading
        .needed(root, "Case")
        .and_then(|case| reading.parsed(case, "Id", reference));
    let created_at = reading
        .needed(assignment, "CreDtTm")
        .and_then(|at| timestamp(reading, at));
    let requester = reading
        .at(assignment, &["Assgnr", "Pty"])
        .and_then(|party| reading.text(party, "Nm"));
    if requester.is_none() {
        reading.wrong(
            assignment,
            FindingCode::MissingElement,
            "the name of who asks (`Assgnr/Pty/Nm`) is missing",
        );
    }
    let bank = match reading.at(assignment, &["Assgne", "Agt", "FinInstnId"]) {
        Some(bank) if bank.child("BICFI").is_some() => Some(reading.parsed(bank, "BICFI", FindingCode::BicInvalid)?),
        Some(_) | None => None,
    };
    let underlying = reading.needed(root, "Undrlyg")?;
    let block = reading.needed(underlying, "OrgnlPmtInfAndCxl")?;
    let group = reading.needed(block, "OrgnlGrpInf")?;
    let payment = reading.needed(block, "TxInf")?;
    let uetr = match payment.child("OrgnlUETR") {
        Some(_) => Some(reading.parsed(payment, "OrgnlUETR", FindingCode::UetrInvalid)?),
        None => None,
    };
    let original_message_id = reading.parsed(group, "OrgnlMsgId", reference);
    let original_payment_information_id = reading.parsed(block, "OrgnlPmtInfId", reference);
    let instruction_id = reading.parsed(payment, "OrgnlInstrId", reference);
    let end_to_end_id = reading.parsed(payment, "OrgnlEndToEndId", reference);
    let amount = amount(reading, payment);
    let execution_on = reading
        .needed(payment, "OrgnlReqdExctnDt")
        .and_then(|choice| reading.date_choice(choice));
    let reason = reason(reading, payment);
    Some(CancellationRequest {
        case_id: case_id?,
        created_at: created_at?,
        requester: requester?.to_owned(),
        bank,
        original_message_id: original_message_id?,
        original_payment_information_id: original_payment_information_id?,
        instruction_id: instruction_id?,
        end_to_end_id: end_to_end_id?,
        uetr,
        amount: amount?,
        execution_on: execution_on?,
        reason: reason?,
    })
}

fn timestamp(reading: &mut Reading, element: Element<'_>) -> Option<Timestamp> {
    let at = Timestamp::parse(element.text().trim());
    if at.is_none() {
        let message = "not a point in time; a date and time with its zone is expected, such as `2026-11-22T10:00:00Z`";
        reading.wrong(element, FindingCode::DateInvalid, message);
    }
    at
}

fn amount(reading: &mut Reading, payment: Element<'_>) -> Option<Amount> {
    let element = reading.needed(payment, "OrgnlInstdAmt")?;
    let money = reading.unsigned_money(element)?;
    match Amount::new(money) {
        Ok(amount) => Some(amount),
        Err(error) => {
            reading.wrong(element, FindingCode::AmountInvalid, error.to_string());
            None
        }
    }
}

fn reason(reading: &mut Reading, payment: Element<'_>) -> Option<CancellationReason> {
    let information = reading.needed(payment, "CxlRsnInf")?;
    let reason = reading.needed(information, "Rsn")?;
    let code = reading.needed(reason, "Cd")?;
    let known = CancellationReason::from_code(code.text().trim());
    if known.is_none() {
        let message = format!("{} is no reason to cancel that is known here", quoted(code.text()));
        reading.wrong(code, FindingCode::ValueCode, message);
    }
    known
}
