//! Reads one transaction (`TxDtls`) behind an entry: its references, its own amount, what the payer said, why it came back.

use crate::bank_message::{Reading, signed};
use crate::xml::Element;
use vocab::exchange::LineDetail;
use vocab::money::Money;

/// What banks write where a payer gave no end-to-end id.
const NOT_PROVIDED: &str = "NOTPROVIDED";

/// `line` is the amount of the entry: it gives the account's currency, and the direction where the transaction gives none.
pub(crate) fn read(reading: &mut Reading, transaction: Element<'_>, line: Money) -> LineDetail {
    let references = reading.only(transaction, "Refs");
    let mut reference = |name: &str| references.and_then(|element| reading.id(element, name));
    let (message_id, payment_information_id) = (reference("MsgId"), reference("PmtInfId"));
    let (instruction_id, servicer_reference) = (reference("InstrId"), reference("AcctSvcrRef"));
    let end_to_end_id = reference("EndToEndId").filter(|id| id != NOT_PROVIDED);
    let uetr = references
        .and_then(|element| reading.text(element, "UETR"))
        .map(str::to_ascii_lowercase);
    LineDetail {
        amount: amount(reading, transaction, line),
        message_id,
        payment_information_id,
        instruction_id,
        end_to_end_id,
        uetr,
        servicer_reference,
        return_reason: return_reason(reading, transaction),
        remittance: remittance(reading, transaction),
    }
}

/// The transaction's amount in the account's currency. Version .08 gives it in `Amt`, .02 in `AmtDtls/TxAmt`; after a conversion it
/// is the countervalue. The instructed amount is not taken: charges may have been deducted from it since.
fn amount(reading: &mut Reading, transaction: Element<'_>, line: Money) -> Option<Money> {
    let debit = match reading.only(transaction, "CdtDbtInd") {
        Some(indicator) => reading.is_debit(indicator)?,
        None => line.minor() < 0,
    };
    for path in [
        &["Amt"][..],
        &["AmtDtls", "TxAmt", "Amt"],
        &["AmtDtls", "CntrValAmt", "Amt"],
    ] {
        if let Some(element) = reading.at(transaction, path) {
            let money = reading.unsigned_money(element)?;
            if money.currency() == line.currency() {
                return signed(money, debit);
            }
        }
    }
    None
}

/// `RtrInf` makes it a return, also when the bank gives no reason.
fn return_reason(reading: &mut Reading, transaction: Element<'_>) -> Option<String> {
    let information = reading.only(transaction, "RtrInf")?;
    let reason = reading
        .only(information, "Rsn")
        .and_then(|reason| reading.code_or_proprietary(reason));
    Some(reason.unwrap_or_else(|| NOT_PROVIDED.to_owned()))
}

/// Structured references, else the free text, else the numbers of the documents paid; several are joined by spaces.
fn remittance(reading: &mut Reading, transaction: Element<'_>) -> Option<String> {
    let information = reading.only(transaction, "RmtInf")?;
    let mut references = Vec::new();
    let mut documents = Vec::new();
    for structured in information.children_named("Strd") {
        if let Some(creditor) = reading.only(structured, "CdtrRefInf") {
            references.extend(reading.text(creditor, "Ref"));
        }
        for document in structured.children_named("RfrdDocInf") {
            documents.extend(reading.text(document, "Nb"));
        }
    }
    if !references.is_empty() {
        return Some(references.join(" "));
    }
    let text = reading.prose(information, "Ustrd");
    text.or_else(|| (!documents.is_empty()).then(|| documents.join(" ")))
}
