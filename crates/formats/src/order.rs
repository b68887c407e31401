//! Reads back an order that we wrote: what the simulated bank executes, and what proves that the file sent is the one approved.
//!
//! The payments go through the same reader as a file from outside; the ids that this reader leaves to the platform (message, block,
//! instruction) are read here. Only the form of [`crate::pain001_writer`] is taken: version .09, one block, an id for each payment.

use crate::bank_message::{self, Known, Reading};
use crate::batch::Batch;
use crate::finding::{Finding, FindingCode};
use crate::xml::Element;
use crate::{pain001, pain001_writer};
use vocab::reference::Reference;
use vocab::time::Date;
use vocab::transfer::CreditTransfer;

/// An order as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOrder {
    /// `MsgId`
    pub message_id: Reference,
    /// `PmtInfId`
    pub payment_information_id: Reference,
    /// `InstrId` and content of each payment, in the order of the file.
    pub payments: Vec<(Reference, CreditTransfer)>,
}

/// The parts that the reader of payments does not keep.
struct Ids {
    message_id: Reference,
    payment_information_id: Reference,
    instruction_ids: Vec<Reference>,
    execution_on: Date,
}

/// Reads an order. Fails with everything that is wrong; there is no order in part.
///
/// Whether the execution date is past is for the reader to judge: dates are taken as they are.
pub fn read(bytes: &[u8]) -> Result<ReadOrder, Vec<Finding>> {
    let known = [Known {
        namespace: pain001_writer::NAMESPACE.to_owned(),
        version: (),
    }];
    let ids = bank_message::read(bytes, &known, "CstmrCdtTrfInitn", |reading, (), root| {
        ids(reading, root)
    })?;
    let batch = pain001::read(bytes, ids.execution_on);
    if !batch.complete() || batch.payments.len() != ids.instruction_ids.len() {
        return Err(refusals(batch));
    }
    let transfers = batch.payments.into_iter().filter_map(|payment| payment.transfer);
    Ok(ReadOrder {
        message_id: ids.message_id,
        payment_information_id: ids.payment_information_id,
        payments: ids.instruction_ids.into_iter().zip(transfers).collect(),
    })
}

fn ids(reading: &mut Reading, root: Element<'_>) -> Option<Ids> {
    let reference = FindingCode::ReferenceInvalid;
    let message_id = reading
        .needed(root, "GrpHdr")
        .and_then(|header| reading.parsed(header, "MsgId", reference));
    let block = reading.needed(root, "PmtInf")?;
    let payment_information_id = reading.parsed(block, "PmtInfId", reference);
    let execution_on = reading
        .needed(block, "ReqdExctnDt")
        .and_then(|choice| reading.date_choice(choice));
    let mut instruction_ids = Vec::new();
    for payment in block.children_named("CdtTrfTxInf") {
        let id = reading
            .needed(payment, "PmtId")
            .and_then(|ids| reading.parsed(ids, "InstrId", reference));
        instruction_ids.extend(id);
        if reading.hopeless() {
            return None;
        }
    }
    Some(Ids {
        message_id: message_id?,
        payment_information_id: payment_information_id?,
        instruction_ids,
        execution_on: execution_on?,
    })
}

fn refusals(batch: Batch) -> Vec<Finding> {
    let refusals = batch.findings.into_iter().filter(|finding| finding.code.refuses());
    refusals.collect()
}
