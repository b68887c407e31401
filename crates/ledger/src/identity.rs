//! Which line of a statement is which: the same line comes in the notification and again in the statement, and counts once.
//!
//! The key of a line is the account, the bank's own reference, the amount, the booking date, and which of several equal lines of its
//! document it is: two equal lines can be two real payments. A line without the bank's reference cannot be recognised in another
//! document; it counts only from a statement, and there as a line of that statement.

use std::collections::BTreeMap;
use std::fmt;
use vocab::exchange::{Statement, StatementKind, StatementLine};
use vocab::id::AccountId;
use vocab::money::Money;
use vocab::time::Date;

/// What makes a booked line this line. The text form is unique and stable: it is what a row's unique index holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LineKey {
    /// Whose account.
    pub account: AccountId,
    /// How the bank names it.
    pub reference: LineReference,
    /// Signed.
    pub amount: Money,
    /// Booking date.
    pub booked_on: Date,
    /// Among equal lines of one document: 1 for the first.
    pub occurrence: u32,
}

/// How the bank names a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineReference {
    /// By its own reference, the same in every document.
    Servicer(String),
    /// Not at all: it is a line of the statement with this identification.
    Statement(String),
}

/// What a line of a document is to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A booked line; of those with equal keys one counts.
    Counts(LineKey),
    /// Announced, not booked: shown, never matched.
    NotBooked,
    /// Booked and in a notification, but without a reference of the bank: the statement will bring it.
    WaitsForStatement,
}

impl fmt::Display for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The bank's text comes last: whatever is in it, two keys never print alike.
        let (kind, text) = match &self.reference {
            LineReference::Servicer(text) => ("ref", text),
            LineReference::Statement(text) => ("stmt", text),
        };
        let Self {
            account,
            amount,
            booked_on,
            occurrence,
            ..
        } = self;
        write!(
            f,
            "{account}|{}|{}|{booked_on}|{occurrence}|{kind}|{text}",
            amount.currency(),
            amount.minor()
        )
    }
}

/// What the lines of a document are, in its order.
pub fn identify(account: AccountId, statement: &Statement) -> Vec<Identity> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut identities = Vec::with_capacity(statement.lines.len());
    for line in &statement.lines {
        let identity = match (line.booked, reference(line), statement.kind) {
            (false, _, _) => Identity::NotBooked,
            (true, None, StatementKind::Notification) => Identity::WaitsForStatement,
            (true, None, StatementKind::EndOfDay) => Identity::Counts(first(
                account,
                line,
                LineReference::Statement(statement.identification.clone()),
            )),
            (true, Some(text), StatementKind::Notification | StatementKind::EndOfDay) => {
                Identity::Counts(first(account, line, LineReference::Servicer(text.to_owned())))
            }
        };
        identities.push(counted(identity, &mut seen));
    }
    identities
}

fn counted(identity: Identity, seen: &mut BTreeMap<String, u32>) -> Identity {
    match identity {
        Identity::Counts(key) => {
            let times = seen.entry(key.to_string()).or_insert(0);
            *times = times.saturating_add(1);
            Identity::Counts(LineKey {
                occurrence: *times,
                ..key
            })
        }
        Identity::NotBooked | Identity::WaitsForStatement => identity,
    }
}

fn first(account: AccountId, line: &StatementLine, reference: LineReference) -> LineKey {
    LineKey {
        account,
        reference,
        amount: line.amount,
        booked_on: line.booked_on,
        occurrence: 1,
    }
}

/// The bank's reference of the line; some banks write it only on the single transaction behind it. `NONREF` is SWIFT's word for none.
fn reference(line: &StatementLine) -> Option<&str> {
    let of_detail = match line.details.as_slice() {
        [single] => single.servicer_reference.as_deref(),
        _ => None,
    };
    let usable = |text: &&str| !text.trim().is_empty() && !matches!(text.trim(), "NONREF" | "NOTPROVIDED");
    line.servicer_reference
        .as_deref()
        .filter(usable)
        .or(of_detail.filter(usable))
        .map(str::trim)
}
