//! Whether a statement follows from the one before it, and whether we have it already.
//!
//! Statements come twice, late, out of order, and with gaps. The same one again is nothing new; the same one with other content is
//! an alarm. Notifications carry no balance: only their identity is examined.

use crate::exception::{Exception, ExceptionCode};
use vocab::exchange::{Statement, StatementKind};
use vocab::money::{Currency, Money};
use vocab::time::Date;

/// A statement of the same account that is in the books, as far as continuity goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its number, if the bank numbers.
    pub sequence: Option<i64>,
    /// The day it covers.
    pub covers: Date,
    /// Balance before its first line.
    pub opening: Option<Money>,
    /// Balance after its last line.
    pub closing: Option<Money>,
}

/// What is in the books around a statement that has come.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// Currency of the account.
    pub currency: Currency,
    /// SHA-256 of the imported document section with the same account, kind and identification.
    pub same_identification: Option<[u8; 32]>,
    /// The nearest one before it by [`place`].
    pub previous: Option<&'a Neighbour>,
    /// The nearest one after it by [`place`]: there is one when this statement comes late.
    pub next: Option<&'a Neighbour>,
}

/// What to do with a statement that has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// It is in the books: nothing changes.
    Known,
    /// It is in the books with other content: nothing is taken from it, a person looks.
    Altered(Exception),
    /// Its lines contradict its balances or the account: nothing is taken from it, a person looks.
    Refused(Vec<Exception>),
    /// Take it in.
    New {
        /// What a person should know about it nevertheless.
        exceptions: Vec<Exception>,
        /// It closes a gap that was noted when the next one came.
        closes_gap: bool,
    },
}

/// Where a statement stands among those of its account: ordered by year and number if the bank numbers, else by day. Numbers begin
/// anew each year.
pub fn place(covers: Date, sequence: Option<i64>) -> (i16, i64, Date) {
    (
        covers.year(),
        sequence.unwrap_or(i64::from(covers.day_of_year())),
        covers,
    )
}

/// Decides about a statement. `digest` is the SHA-256 of the document section it was read from.
pub fn examine(statement: &Statement, digest: [u8; 32], around: &Surroundings<'_>) -> Import {
    if let Some(known) = around.same_identification {
        return if known == digest {
            Import::Known
        } else {
            Import::Altered(altered())
        };
    }
    let wrong = inconsistencies(statement, around.currency);
    if !wrong.is_empty() {
        return Import::Refused(wrong);
    }
    match statement.kind {
        StatementKind::Notification => Import::New {
            exceptions: Vec::new(),
            closes_gap: false,
        },
        StatementKind::EndOfDay => {
            let mut exceptions: Vec<Exception> = missing_balance(statement).into_iter().collect();
            exceptions.extend(after_previous(statement, around.previous));
            exceptions.extend(before_next(statement, around.next));
            Import::New {
                exceptions,
                closes_gap: closes_gap(statement, around),
            }
        }
    }
}

fn altered() -> Exception {
    let sentence = "A statement that is in the books came again with other content; nothing was taken from it. Ask the bank which one holds.";
    Exception::about(ExceptionCode::StatementAltered, None, sentence)
}

/// What makes a statement unfit to be taken in at all.
fn inconsistencies(statement: &Statement, currency: Currency) -> Vec<Exception> {
    let balances = statement.opening.iter().chain(statement.closing.iter());
    let foreign = balances
        .copied()
        .chain(statement.lines.iter().map(|line| line.amount))
        .any(|money| money.currency() != currency);
    if foreign {
        let sentence = format!(
            "The statement has sums in another currency than the account's {currency}; nothing was taken from it."
        );
        return vec![Exception::about(ExceptionCode::StatementCurrency, None, sentence)];
    }
    let (StatementKind::EndOfDay, Some(opening), Some(closing)) =
        (statement.kind, statement.opening, statement.closing)
    else {
        return Vec::new();
    };
    let booked = statement
        .lines
        .iter()
        .filter(|line| line.booked)
        .map(|line| i128::from(line.amount.minor()));
    let lines: i128 = booked.sum();
    let found = i128::from(opening.minor()).checked_add(lines);
    if found == Some(i128::from(closing.minor())) {
        return Vec::new();
    }
    let sentence = format!(
        "The statement opens with {opening} and closes with {closing}, but its booked lines do not lead from one to the other; nothing was taken from it. Ask the bank for it again."
    );
    vec![Exception::about(ExceptionCode::ClosingDiffers, None, sentence)]
}

fn missing_balance(statement: &Statement) -> Option<Exception> {
    if statement.opening.is_some() && statement.closing.is_some() {
        return None;
    }
    let sentence = "The statement lacks its opening or closing balance; whether lines are missing cannot be checked.";
    Some(Exception::about(ExceptionCode::BalanceMissing, None, sentence))
}

/// How a statement follows another one by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Following {
    /// The next number, or the first of a new year, or not numbered.
    Direct,
    /// Numbers are missing in between.
    Gap,
    /// The same number or a lower one.
    Order,
}

fn following(before: (Option<i64>, Date), after: (Option<i64>, Date)) -> Following {
    let (Some(first), Some(second)) = (before.0, after.0) else {
        return Following::Direct;
    };
    let new_year = after.1.year() > before.1.year() && second == 1;
    match first.checked_add(1).map(|expected| second.cmp(&expected)) {
        Some(std::cmp::Ordering::Equal) => Following::Direct,
        Some(std::cmp::Ordering::Greater) => Following::Gap,
        Some(std::cmp::Ordering::Less) if new_year => Following::Direct,
        // In a new year, a low number is no step back; only the ones before it are missing.
        Some(std::cmp::Ordering::Less) if after.1.year() > before.1.year() => Following::Gap,
        Some(std::cmp::Ordering::Less) | None => Following::Order,
    }
}

fn after_previous(statement: &Statement, previous: Option<&Neighbour>) -> Vec<Exception> {
    let Some(previous) = previous else {
        return Vec::new();
    };
    link(
        (previous.sequence, previous.covers, previous.closing),
        (statement.sequence, statement.covers, statement.opening),
    )
}

fn before_next(statement: &Statement, next: Option<&Neighbour>) -> Vec<Exception> {
    let Some(next) = next else {
        return Vec::new();
    };
    link(
        (statement.sequence, statement.covers, statement.closing),
        (next.sequence, next.covers, next.opening),
    )
}

type End = (Option<i64>, Date, Option<Money>);

fn link(before: End, after: End) -> Vec<Exception> {
    let mut exceptions = Vec::new();
    let name = |end: End| {
        end.0
            .map_or(format!("of {}", end.1), |number| format!("number {number}"))
    };
    let (first, second) = (name(before), name(after));
    let number = following((before.0, before.1), (after.0, after.1));
    match number {
        Following::Direct => {}
        Following::Gap => {
            let sentence = format!(
                "Between the statement {first} and the statement {second} at least one is missing; collect it from the bank."
            );
            exceptions.push(Exception::about(ExceptionCode::StatementGap, None, sentence));
        }
        Following::Order => {
            let sentence = format!(
                "The statement {second} comes after the statement {first}; the bank has used a number twice or out of order."
            );
            exceptions.push(Exception::about(ExceptionCode::StatementOrder, None, sentence));
        }
    }
    // With a gap in between the balances cannot be equal; that is said already.
    if let (Following::Direct, Some(closing), Some(opening)) = (number, before.2, after.2)
        && closing != opening
    {
        let sentence = format!(
            "The statement {second} opens with {opening}, but the statement {first} closed with {closing}; one in between is missing or one was altered."
        );
        exceptions.push(Exception::about(ExceptionCode::OpeningDiffers, None, sentence));
    }
    exceptions
}

/// Whether this statement is the missing one between its two neighbours.
fn closes_gap(statement: &Statement, around: &Surroundings<'_>) -> bool {
    let (Some(previous), Some(next)) = (around.previous, around.next) else {
        return false;
    };
    let own: End = (statement.sequence, statement.covers, statement.opening);
    let end: End = (statement.sequence, statement.covers, statement.closing);
    let before = link((previous.sequence, previous.covers, previous.closing), own);
    let after = link(end, (next.sequence, next.covers, next.opening));
    before.is_empty() && after.is_empty()
}
