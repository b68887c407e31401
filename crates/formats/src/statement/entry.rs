//! Reads one entry (`Ntry`) of a statement or notification, with its batch and its transactions.

use crate::bank_message::{Reading, signed};
use crate::finding::{FindingCode, quoted};
use crate::statement::detail;
use crate::xml::Element;
use vocab::exchange::{BatchInformation, StatementLine};
use vocab::money::Money;
use vocab::time::Date;

/// `covers` is the day of the report: the booking date of entries that give none.
pub(crate) fn read(reading: &mut Reading, entry: Element<'_>, covers: Date) -> Option<StatementLine> {
    let amount = reading.signed_money(entry, "Amt");
    let booked = booked(reading, entry);
    let reversal = match reading.only(entry, "RvslInd") {
        Some(flag) => reading.flag(flag)?,
        None => false,
    };
    let booked_on = match reading.only(entry, "BookgDt") {
        Some(choice) => reading.date_choice(choice)?,
        None => covers,
    };
    let value_on = match reading.only(entry, "ValDt") {
        Some(choice) => Some(reading.date_choice(choice)?),
        None => None,
    };
    let amount = amount?;
    let mut batches = Vec::new();
    let mut details = Vec::new();
    for group in entry.children_named("NtryDtls") {
        if let Some(element) = reading.only(group, "Btch") {
            batches.push(batch(reading, element, amount));
        }
        for transaction in group.children_named("TxDtls") {
            details.push(detail::read(reading, transaction, amount));
        }
    }
    Some(StatementLine {
        amount,
        booked: booked?,
        reversal,
        booked_on,
        value_on,
        servicer_reference: reading.id(entry, "AcctSvcrRef"),
        entry_reference: reading.id(entry, "NtryRef"),
        transaction_code: transaction_code(reading, entry),
        batch: merge(batches),
        details,
        information: reading.prose(entry, "AddtlNtryInf"),
    })
}

/// Version .02 writes `<Sts>BOOK</Sts>`, version .08 `<Sts><Cd>BOOK</Cd></Sts>`.
fn booked(reading: &mut Reading, entry: Element<'_>) -> Option<bool> {
    let status = reading.needed(entry, "Sts")?;
    let code = reading.only(status, "Cd").unwrap_or(status);
    match code.text().trim() {
        "BOOK" => Some(true),
        "PDNG" | "INFO" | "FUTR" => Some(false),
        other => {
            let message = format!(
                "{} is no known status of an entry; ask the bank what it means",
                quoted(other)
            );
            reading.wrong(code, FindingCode::ValueCode, message);
            None
        }
    }
}

/// `PMNT.ICDT.ESCT` from the ISO domain; a proprietary code only where there is none.
fn transaction_code(reading: &mut Reading, entry: Element<'_>) -> Option<String> {
    let code = reading.only(entry, "BkTxCd")?;
    if let Some(domain) = reading.only(code, "Domn") {
        let family = reading.only(domain, "Fmly");
        let mut parts: Vec<&str> = reading.text(domain, "Cd").into_iter().collect();
        if let Some(family) = family {
            parts.extend(reading.text(family, "Cd"));
            parts.extend(reading.text(family, "SubFmlyCd"));
        }
        if !parts.is_empty() {
            return Some(parts.join("."));
        }
    }
    let proprietary = reading.only(code, "Prtry")?;
    reading.text(proprietary, "Cd").map(str::to_owned)
}

fn batch(reading: &mut Reading, batch: Element<'_>, line: Money) -> BatchInformation {
    let count = reading.only(batch, "NbOfTxs").and_then(|count| reading.count(count));
    let total = reading
        .only(batch, "TtlAmt")
        .and_then(|total| reading.unsigned_money(total));
    let debit = match reading.only(batch, "CdtDbtInd") {
        Some(indicator) => reading.is_debit(indicator),
        None => Some(line.minor() < 0),
    };
    BatchInformation {
        message_id: reading.id(batch, "MsgId"),
        payment_information_id: reading.id(batch, "PmtInfId"),
        count,
        total: total.zip(debit).and_then(|(total, debit)| signed(total, debit)),
    }
}

/// Several batches behind one entry: together they are what is common to them, and their sums when all give one.
fn merge(batches: Vec<BatchInformation>) -> Option<BatchInformation> {
    batches.into_iter().reduce(|all, next| BatchInformation {
        message_id: all.message_id.filter(|id| next.message_id.as_ref() == Some(id)),
        payment_information_id: all
            .payment_information_id
            .filter(|id| next.payment_information_id.as_ref() == Some(id)),
        count: all.count.zip(next.count).and_then(|(a, b)| a.checked_add(b)),
        total: all.total.zip(next.total).and_then(|(a, b)| a.checked_add(b).ok()),
    })
}
