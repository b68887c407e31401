//! Writes statements and notifications, as the simulated bank sends them.
//!
//! Refuses what the version cannot say and statements whose balances do not fit their lines: a bank of ours never sends those.

use crate::pain001_writer::{account_id, creditor_reference};
use crate::statement::balance::{self, Balance};
use crate::statement::{Heading, Message, Version};
use crate::xml_writer::{WriteError, XmlWriter};
use vocab::exchange::{BatchInformation, LineDetail, Statement, StatementKind, StatementLine};
use vocab::money::Money;
use vocab::reference::CreditorReference;
use vocab::time::Timestamp;

/// Seconds from the start of a day to its last second.
const LAST_SECOND: i64 = 86_399;

pub(crate) fn write(
    message: &Message,
    version: Version,
    heading: &Heading,
    statements: &[Statement],
) -> Result<Vec<u8>, WriteError> {
    if statements.is_empty() {
        return Err(WriteError::Content {
            element: message.report,
            reason: "a message holds at least one",
        });
    }
    for statement in statements {
        check(message, statement)?;
    }
    XmlWriter::document(&message.namespace(version), |xml| {
        xml.parent(message.root, |xml| {
            xml.parent("GrpHdr", |xml| {
                xml.text("MsgId", heading.message_id.as_str(), 35);
                xml.timestamp("CreDtTm", heading.created_at);
            });
            for statement in statements {
                xml.parent(message.report, |xml| report(xml, version, heading, statement));
            }
        });
    })
}

/// What must hold before a bank of ours says it.
fn check(message: &Message, statement: &Statement) -> Result<(), WriteError> {
    let fault = |element, reason| Err(WriteError::Content { element, reason });
    if statement.kind != message.kind {
        return fault(
            message.report,
            "it is of the other kind; statements and notifications are different messages",
        );
    }
    match statement.kind {
        StatementKind::EndOfDay => match balance::of(statement) {
            Balance::Holds => Ok(()),
            Balance::Missing => fault("Bal", "a statement has an opening and a closing balance"),
            Balance::Currencies => fault("Bal", "balances and lines are in one currency"),
            Balance::Off { .. } => fault(
                "Bal",
                "the opening balance and the booked lines do not give the closing balance",
            ),
        },
        StatementKind::Notification if statement.opening.is_some() || statement.closing.is_some() => {
            fault("Bal", "a notification has no balances")
        }
        StatementKind::Notification => Ok(()),
    }
}

fn report(xml: &mut XmlWriter, version: Version, heading: &Heading, statement: &Statement) {
    let from = Timestamp::at_start_of(statement.covers);
    xml.text("Id", &statement.identification, 35);
    if let Some(sequence) = statement.sequence {
        xml.text("ElctrncSeqNb", &sequence.to_string(), 18);
    }
    xml.timestamp("CreDtTm", heading.created_at);
    xml.parent("FrToDt", |xml| {
        xml.timestamp("FrDtTm", from);
        xml.timestamp("ToDtTm", from.plus_seconds(LAST_SECOND));
    });
    xml.parent("Acct", |xml| {
        account_id(xml, &statement.account);
        let line = statement.lines.first().map(|line| line.amount);
        if let Some(money) = statement.opening.or(line) {
            xml.text("Ccy", money.currency().code(), 3);
        }
    });
    for (code, money) in [("OPBD", statement.opening), ("CLBD", statement.closing)] {
        if let Some(money) = money {
            xml.parent("Bal", |xml| {
                xml.parent("Tp", |xml| xml.parent("CdOrPrtry", |xml| xml.text("Cd", code, 4)));
                signed(xml, "Amt", money);
                xml.parent("Dt", |xml| xml.date("Dt", statement.covers));
            });
        }
    }
    for line in &statement.lines {
        xml.parent("Ntry", |xml| entry(xml, version, line));
    }
}

fn entry(xml: &mut XmlWriter, version: Version, line: &StatementLine) {
    xml.text_if("NtryRef", line.entry_reference.as_deref(), 35);
    signed(xml, "Amt", line.amount);
    if line.reversal {
        xml.text("RvslInd", "true", 5);
    }
    let status = if line.booked { "BOOK" } else { "PDNG" };
    match version {
        Version::V02 => xml.text("Sts", status, 4),
        Version::V08 => xml.parent("Sts", |xml| xml.text("Cd", status, 4)),
    }
    xml.parent("BookgDt", |xml| xml.date("Dt", line.booked_on));
    if let Some(date) = line.value_on {
        xml.parent("ValDt", |xml| xml.date("Dt", date));
    }
    xml.text_if("AcctSvcrRef", line.servicer_reference.as_deref(), 35);
    xml.parent("BkTxCd", |xml| {
        if let Some(code) = &line.transaction_code {
            transaction_code(xml, code);
        }
    });
    if line.batch.is_some() || !line.details.is_empty() {
        xml.parent("NtryDtls", |xml| {
            if let Some(information) = &line.batch {
                xml.parent("Btch", |xml| batch(xml, information));
            }
            for detail in &line.details {
                xml.parent("TxDtls", |xml| transaction(xml, version, line, detail));
            }
        });
    }
    xml.text_if("AddtlNtryInf", line.information.as_deref(), 500);
}

/// `PMNT.ICDT.ESCT` as domain, family and sub-family; anything else as a proprietary code.
fn transaction_code(xml: &mut XmlWriter, code: &str) {
    let mut parts = code.split('.');
    let parts = (parts.next(), parts.next(), parts.next(), parts.next());
    match parts {
        (Some(domain), Some(family), Some(sub), None) if [domain, family, sub].iter().all(|part| is_code(part)) => {
            xml.parent("Domn", |xml| {
                xml.text("Cd", domain, 4);
                xml.parent("Fmly", |xml| {
                    xml.text("Cd", family, 4);
                    xml.text("SubFmlyCd", sub, 4);
                });
            });
        }
        _ => xml.parent("Prtry", |xml| xml.text("Cd", code, 35)),
    }
}

fn is_code(part: &str) -> bool {
    (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn batch(xml: &mut XmlWriter, information: &BatchInformation) {
    xml.text_if("MsgId", information.message_id.as_deref(), 35);
    xml.text_if("PmtInfId", information.payment_information_id.as_deref(), 35);
    if let Some(count) = information.count {
        xml.text("NbOfTxs", &count.to_string(), 15);
    }
    if let Some(total) = information.total {
        signed(xml, "TtlAmt", total);
    }
}

fn transaction(xml: &mut XmlWriter, version: Version, line: &StatementLine, detail: &LineDetail) {
    if let Some(amount) = detail.amount
        && amount.currency() != line.amount.currency()
    {
        xml.fail(WriteError::Content {
            element: "TxDtls",
            reason: "its amount is in the account's currency",
        });
    }
    references(xml, version, detail);
    match (version, detail.amount) {
        (_, None) => {}
        (Version::V08, Some(amount)) => signed(xml, "Amt", amount),
        (Version::V02, Some(amount)) => {
            // The old version has no sign of its own here: a transaction goes the way its entry goes.
            if amount.minor() != 0 && is_debit(amount) != is_debit(line.amount) {
                xml.fail(WriteError::Content {
                    element: "TxDtls",
                    reason: "version .02 knows only the sign of its entry",
                });
            }
            xml.parent("AmtDtls", |xml| {
                xml.parent("TxAmt", |xml| xml.unsigned_money("Amt", amount))
            });
        }
    }
    if let Some(text) = &detail.remittance {
        let structured = text
            .parse::<CreditorReference>()
            .is_ok_and(|reference| reference.as_str() == text);
        if structured {
            creditor_reference(xml, text);
        } else {
            xml.parent("RmtInf", |xml| xml.paragraphs("Ustrd", text, 140));
        }
    }
    if let Some(reason) = &detail.return_reason {
        xml.parent("RtrInf", |xml| xml.parent("Rsn", |xml| xml.code_or_proprietary(reason)));
    }
}

fn references(xml: &mut XmlWriter, version: Version, detail: &LineDetail) {
    let uetr = match version {
        // The old version has no place for it.
        Version::V02 => None,
        Version::V08 => detail.uetr.as_deref(),
    };
    let references = [
        ("MsgId", detail.message_id.as_deref()),
        ("AcctSvcrRef", detail.servicer_reference.as_deref()),
        ("PmtInfId", detail.payment_information_id.as_deref()),
        ("InstrId", detail.instruction_id.as_deref()),
        ("EndToEndId", detail.end_to_end_id.as_deref()),
        ("UETR", uetr),
    ];
    if references.iter().any(|(_, value)| value.is_some()) {
        xml.parent("Refs", |xml| {
            for (name, value) in references {
                xml.text_if(name, value, if name == "UETR" { 36 } else { 35 });
            }
        });
    }
}

/// An amount and the indicator that carries its sign.
fn signed(xml: &mut XmlWriter, name: &'static str, money: Money) {
    xml.unsigned_money(name, money);
    xml.text("CdtDbtInd", if is_debit(money) { "DBIT" } else { "CRDT" }, 4);
}

fn is_debit(money: Money) -> bool {
    money.minor() < 0
}
