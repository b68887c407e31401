//! Reads the reports of a camt.053 or camt.054: whose account, which day, which balances, which lines.

use crate::bank_message::{self, Known, Reading};
use crate::finding::{Finding, FindingCode};
use crate::statement::balance::{self, Balance};
use crate::statement::{Message, Version, entry};
use crate::xml::Element;
use vocab::exchange::{Statement, StatementKind, StatementLine};
use vocab::limits;
use vocab::money::Money;
use vocab::time::Date;

pub(crate) fn read(message: &Message, bytes: &[u8]) -> Result<Vec<Statement>, Vec<Finding>> {
    let known = [Version::V08, Version::V02].map(|version| Known {
        namespace: message.namespace(version),
        version,
    });
    bank_message::read(bytes, &known, message.root, |reading, _, root| {
        // Both versions are read by what is there: where they differ, they never give the same element two meanings.
        let header = reading.needed(root, "GrpHdr")?;
        reading.at_least_one(root, message.report)?;
        let mut statements = Vec::new();
        for element in root.children_named(message.report) {
            if let Some(statement) = report(reading, message, header, element) {
                statements.push(statement);
            }
        }
        Some(statements)
    })
}

fn report(reading: &mut Reading, message: &Message, header: Element<'_>, element: Element<'_>) -> Option<Statement> {
    if !within_limits(reading, element) {
        return None;
    }
    let identification = identification(reading, message, header, element);
    let sequence = sequence(reading, element);
    let account = reading
        .needed(element, "Acct")
        .and_then(|account| reading.account(account));
    let covers = covers(reading, header, element)?;
    let (opening, closing) = match message.kind {
        StatementKind::EndOfDay => balances(reading, element),
        StatementKind::Notification => (None, None),
    };
    let lines = lines(reading, element, covers);
    let statement = Statement {
        kind: message.kind,
        identification: identification?,
        sequence,
        account: account?,
        covers,
        opening,
        closing,
        lines: lines?,
    };
    check(reading, element, &statement);
    Some(statement)
}

fn within_limits(reading: &mut Reading, element: Element<'_>) -> bool {
    let mut entries: usize = 0;
    let mut transactions: usize = 0;
    for entry in element.children_named("Ntry") {
        entries = entries.saturating_add(1);
        for details in entry.children_named("NtryDtls") {
            transactions = transactions.saturating_add(details.children_named("TxDtls").count());
        }
    }
    let fits = entries <= limits::STATEMENT_LINES_MAX && transactions <= limits::STATEMENT_LINES_MAX;
    if !fits {
        let message = format!("it has more than {} lines or transactions", limits::STATEMENT_LINES_MAX);
        reading.wrong(element, FindingCode::XmlLimit, message);
    }
    fits
}

/// `Id`, with the number of the page when the report has several: pages share their `Id` and must not pass for copies.
fn identification(
    reading: &mut Reading,
    message: &Message,
    header: Element<'_>,
    element: Element<'_>,
) -> Option<String> {
    let id = reading.needed_id(element, "Id")?;
    let own = reading.only(element, message.pagination);
    let Some(pagination) = own.or_else(|| reading.only(header, "MsgPgntn")) else {
        return Some(id);
    };
    let number = reading
        .needed(pagination, "PgNb")
        .and_then(|page| reading.count(page))?;
    let last = reading
        .needed(pagination, "LastPgInd")
        .and_then(|last| reading.flag(last))?;
    Some(if number == 1 && last {
        id
    } else {
        format!("{id}#{number}")
    })
}

/// `ElctrncSeqNb`, else `LglSeqNb`.
fn sequence(reading: &mut Reading, element: Element<'_>) -> Option<i64> {
    let electronic = reading.only(element, "ElctrncSeqNb");
    let number = electronic.or_else(|| reading.only(element, "LglSeqNb"))?;
    let text = number.text().trim();
    let parsed = text.parse();
    if parsed.is_err() {
        reading.wrong(
            number,
            FindingCode::ValueForm,
            "the sequence number is not a whole number",
        );
    }
    parsed.ok()
}

/// The day the report covers: the end of its period, else the day it was made. A period that ends at 00:00 covers the day before.
fn covers(reading: &mut Reading, header: Element<'_>, element: Element<'_>) -> Option<Date> {
    if let Some(period) = reading.only(element, "FrToDt") {
        let from = reading.needed(period, "FrDtTm").and_then(|from| reading.moment(from))?;
        let to = reading.needed(period, "ToDtTm").and_then(|to| reading.moment(to))?;
        let before = to.at_midnight && from.date < to.date;
        return if before {
            to.date.yesterday().ok()
        } else {
            Some(to.date)
        };
    }
    let created = match reading.only(element, "CreDtTm") {
        Some(own) => own,
        None => reading.needed(header, "CreDtTm")?,
    };
    reading.moment(created).map(|moment| moment.date)
}

fn lines(reading: &mut Reading, element: Element<'_>, covers: Date) -> Option<Vec<StatementLine>> {
    let mut lines = Vec::new();
    for entry in element.children_named("Ntry") {
        if let Some(line) = entry::read(reading, entry, covers) {
            lines.push(line);
        }
        if reading.hopeless() {
            return None;
        }
    }
    Some(lines)
}

/// Opening and closing balance. On the pages of version .02 the interim balance (`ITBD`) stands for the one or the other.
fn balances(reading: &mut Reading, element: Element<'_>) -> (Option<Money>, Option<Money>) {
    let mut known: Vec<(&str, Money)> = Vec::new();
    for balance in element.children_named("Bal") {
        let Some(code) = reading
            .at(balance, &["Tp", "CdOrPrtry", "Cd"])
            .map(|code| code.text().trim())
        else {
            continue;
        };
        if !matches!(code, "OPBD" | "PRCD" | "ITBD" | "CLBD") {
            continue;
        }
        let Some(money) = reading.signed_money(balance, "Amt") else {
            continue;
        };
        if code != "ITBD" && known.iter().any(|(other, before)| *other == code && *before != money) {
            reading.wrong(
                balance,
                FindingCode::RepeatedElement,
                format!("`{code}` is given twice with different amounts"),
            );
        }
        known.push((code, money));
    }
    let first = |wanted: &str| known.iter().find(|(code, _)| *code == wanted).map(|(_, money)| *money);
    let interim: Vec<Money> = known
        .iter()
        .filter(|(code, _)| *code == "ITBD")
        .map(|(_, money)| *money)
        .collect();
    match (
        first("OPBD").or_else(|| first("PRCD")),
        first("CLBD"),
        interim.as_slice(),
    ) {
        (Some(opening), None, [.., last]) => (Some(opening), Some(*last)),
        (None, Some(closing), [first, ..]) => (Some(*first), Some(closing)),
        (None, None, [first, .., last]) => (Some(*first), Some(*last)),
        (opening, closing, _) => (opening, closing),
    }
}

/// A statement must be complete in itself; a line lost or altered on the way shows in the balances.
fn check(reading: &mut Reading, element: Element<'_>, statement: &Statement) {
    if statement.kind == StatementKind::Notification {
        return;
    }
    match balance::of(statement) {
        Balance::Holds => {}
        Balance::Missing => {
            let message = "the opening (`OPBD`, `PRCD`) or the closing balance (`CLBD`) is missing; ask the bank for the statement";
            reading.wrong(element, FindingCode::MissingElement, message);
        }
        Balance::Currencies => {
            reading.wrong(
                element,
                FindingCode::SumMismatch,
                "balances and booked lines are not in one currency",
            );
        }
        Balance::Off { closing, reached_minor } => {
            let missing = i128::from(closing.minor()).saturating_sub(reached_minor);
            let difference = i64::try_from(missing).map_or_else(
                |_| "more than any amount".to_owned(),
                |minor| Money::new(minor, closing.currency()).to_string(),
            );
            let message = format!(
                "opening balance and booked lines do not give the closing balance {closing}, they are off by {difference}; a line \
                 is missing, doubled or altered: ask the bank for the statement again"
            );
            reading.wrong(element, FindingCode::SumMismatch, message);
        }
    }
}
