//! The cascade that explains a line of a statement by payments of ours, or says why it cannot.
//!
//! A line that the bank calls a charge is one (`fee`). Then three rules, by certainty: the line names one payment by our own reference (R1); it is the collective booking of an order (R3);
//! it returns what was settled (R7). The numbers are those of the whole cascade; structured remittance, free text and resemblance are
//! rules of their own. Nothing is guessed and nothing is explained beyond a payment's amount.

use crate::batch;
use crate::candidates::{Candidates, Open, OpenState, Wanted};
use crate::exception::{Exception, ExceptionCode};
use crate::fee;
use crate::lookup::{Lookup, own_references};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use vocab::exchange::{LineDetail, StatementLine};
use vocab::id::{AccountId, PaymentId};
use vocab::money::{Amount, Money};
use vocab::time::Date;

/// Which rule has explained a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// R1: our own reference.
    OwnReference,
    /// R3: the total of an order, or of one of its groups.
    BatchTotal,
    /// R7: a return of what was settled.
    Return,
    /// A charge of the bank, by its transaction code.
    Fee,
}

impl Rule {
    /// The id stored with the match.
    pub fn id(self) -> &'static str {
        match self {
            Self::OwnReference => "R1",
            Self::BatchTotal => "R3",
            Self::Return => "R7",
            Self::Fee => "fee",
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::OwnReference => "own-reference",
            Self::BatchTotal => "batch-total",
            Self::Return => "return",
            Self::Fee => "fee",
        }
    }
}

/// What a part of a line does to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The bank has booked so much of it.
    Booked,
    /// The whole amount has come back.
    Returned,
}

/// The part of a line that belongs to one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which payment.
    pub payment: PaymentId,
    /// How much of the line.
    pub amount: Amount,
    /// What it does.
    pub effect: Effect,
    /// For a return: the bank's reason code.
    pub return_reason: Option<String>,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// Its parts add up to the line.
    Explained {
        /// By which rule.
        rule: Rule,
        /// At least one; they add up to the line.
        parts: Vec<Part>,
        /// Why, for people. Stored with the match.
        sentence: String,
    },
    /// A charge of the bank: no payment's, booked to the fees account.
    Charge {
        /// The whole line.
        amount: Amount,
        /// Why, for people. Stored with the line.
        sentence: String,
    },
    /// A person has to look. Nothing of the line was used.
    Exception(Exception),
}

/// The references by which the candidates for a line are to be loaded, without repetition, in a fixed order.
pub fn references_of(line: &StatementLine) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = line.details.iter().flat_map(own_references).collect();
    wanted.extend(batch::references(line));
    wanted.sort();
    wanted.dedup();
    wanted
}

/// Explains one line of a statement of `account`. The candidates hold at least the payments with [`references_of`] the line; they
/// are not changed, see [`apply`].
pub fn explain(line: &StatementLine, account: AccountId, candidates: &Candidates) -> Explanation {
    match attempt(line, &Lookup { account, candidates }) {
        Ok(explained) => explained,
        Err(exception) => Explanation::Exception(exception),
    }
}

/// Explains the lines of a statement together: one explanation for each, in the order given, whatever that order is. The candidates
/// are changed as the bookings will change the payments.
pub fn explain_all(lines: &[&StatementLine], account: AccountId, candidates: &mut Candidates) -> Vec<Explanation> {
    // Bookings before returns, older before newer: where two lines compete for one payment, the same one wins in every order.
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_cached_key(|place| lines.get(*place).map(|line| precedence(line)));
    let mut explained: BTreeMap<usize, Explanation> = BTreeMap::new();
    for place in order {
        if let Some(line) = lines.get(place) {
            let explanation = explain(line, account, candidates);
            apply(&explanation, candidates);
            explained.insert(place, explanation);
        }
    }
    explained.into_values().collect()
}

/// Changes the candidates as the booking of an explained line will change the payments.
pub fn apply(explanation: &Explanation, candidates: &mut Candidates) {
    let Explanation::Explained { parts, .. } = explanation else {
        return;
    };
    for part in parts {
        candidates.change(part.payment, |open| match part.effect {
            Effect::Booked => {
                open.booked_minor = open.booked_minor.saturating_add(part.amount.minor());
                if open.booked_minor >= open.amount.minor() {
                    open.state = OpenState::Settled;
                }
            }
            Effect::Returned => open.state = OpenState::Returned,
        });
    }
}

fn attempt(line: &StatementLine, lookup: &Lookup<'_>) -> Result<Explanation, Exception> {
    if !line.booked {
        let sentence = "The line is announced and not booked yet; nothing has moved.";
        return Err(Exception::about(ExceptionCode::NotBooked, None, sentence));
    }
    if let (Kind::Booking, Some(charge)) = (kind(line), fee::explain(line, lookup)) {
        return Ok(charge);
    }
    match kind(line) {
        Kind::Booking if batch::counts_as_total(line) => batch::explain(line, lookup),
        Kind::Booking => bookings(line, lookup),
        Kind::Return => returns(line, lookup),
        Kind::Other => Err(other(line, lookup)),
    }
}

/// What a line can be, by its sign and its flags alone.
enum Kind {
    Booking,
    Return,
    Other,
}

fn kind(line: &StatementLine) -> Kind {
    let taken_back = line.reversal || line.details.iter().any(|detail| detail.return_reason.is_some());
    match (line.amount.minor().cmp(&0), taken_back) {
        (Ordering::Less, false) => Kind::Booking,
        (Ordering::Greater, true) => Kind::Return,
        // A debit that takes something back undoes a credit, and we have not sent any; a credit may be anybody's money.
        (Ordering::Less, true) | (Ordering::Greater, false) | (Ordering::Equal, _) => Kind::Other,
    }
}

fn other(line: &StatementLine, lookup: &Lookup<'_>) -> Exception {
    let named = line.details.iter().find_map(|detail| lookup.named(detail).ok());
    match (line.amount.minor().cmp(&0), named) {
        (Ordering::Greater, Some(open)) => {
            let sentence = format!(
                "{} came in under the reference of payment {}, but the bank does not say that it is a return. Ask the bank.",
                line.amount, open.payment
            );
            Exception::about(ExceptionCode::CreditNotAReturn, Some(open.payment), sentence)
        }
        (Ordering::Less | Ordering::Equal | Ordering::Greater, _) => not_ours(line),
    }
}

pub(crate) fn not_ours(line: &StatementLine) -> Exception {
    let sentence = format!(
        "The line of {} names no reference of ours. Say what it belongs to.",
        line.amount
    );
    Exception::about(ExceptionCode::NotOurs, None, sentence)
}

fn bookings(line: &StatementLine, lookup: &Lookup<'_>) -> Result<Explanation, Exception> {
    let mut taken: BTreeMap<PaymentId, i64> = BTreeMap::new();
    let mut parts = Vec::with_capacity(line.details.len());
    for (detail, amount) in shares(line, Sign::Debit)? {
        let open = lookup.named(detail)?;
        let before = taken.entry(open.payment).or_insert(0);
        let part = booking(open, *before, amount)?;
        *before = before.saturating_add(part.amount.minor());
        parts.push(part);
    }
    let count = parts.len();
    let (rule, sentence) = match parts.as_slice() {
        [single] if single.amount.money() == lookup.ordered(single.payment, single.amount).money() => (
            Rule::OwnReference,
            format!(
                "The line carries our own reference of payment {} and its full amount.",
                single.payment
            ),
        ),
        [single] => {
            let sentence = format!(
                "The line carries our own reference of payment {} and books {} of it.",
                single.payment, single.amount
            );
            (Rule::OwnReference, sentence)
        }
        _ => (
            Rule::BatchTotal,
            format!(
                "The line is a collective booking; each of its {count} transactions carries our own reference of a payment."
            ),
        ),
    };
    Ok(Explanation::Explained { rule, parts, sentence })
}

/// `before` is what the same line has booked of the payment already.
fn booking(open: &Open, before: i64, amount: Amount) -> Result<Part, Exception> {
    let exception = |code, sentence: String| Err(Exception::about(code, Some(open.payment), sentence));
    let payment = open.payment;
    match open.state {
        OpenState::Open => {}
        OpenState::NotSent => {
            let sentence =
                format!("The bank has booked payment {payment}, which was never sent. Ask the bank at once.");
            return exception(ExceptionCode::NeverSent, sentence);
        }
        OpenState::Settled => {
            let sentence = format!(
                "The bank has booked {amount} for payment {payment}, which is booked in full already: perhaps it was paid twice. Ask the bank."
            );
            return exception(ExceptionCode::AlreadySettled, sentence);
        }
        OpenState::Returned => {
            let sentence = format!(
                "The bank has booked {amount} for payment {payment}, which was booked and came back. Ask the bank."
            );
            return exception(ExceptionCode::AlreadyReturned, sentence);
        }
        OpenState::Rejected => {
            let sentence =
                format!("The bank has booked {amount} for payment {payment}, which was rejected. Ask the bank.");
            return exception(ExceptionCode::BookedAfterRejection, sentence);
        }
        OpenState::Cancelled => {
            let sentence =
                format!("The bank has booked {amount} for payment {payment}, which was cancelled. Ask the bank.");
            return exception(ExceptionCode::BookedAfterCancellation, sentence);
        }
    }
    let booked = open.booked_minor.saturating_add(before);
    let rest = open.amount.minor().saturating_sub(booked);
    if amount.currency() != open.amount.currency() || amount.minor() > rest {
        let sentence = format!(
            "The bank has booked {amount} for payment {payment}, of which {} was ordered and {} is not booked yet. Ask the bank.",
            open.amount,
            Money::new(rest, open.amount.currency())
        );
        return exception(ExceptionCode::AmountDiffers, sentence);
    }
    Ok(Part {
        payment,
        amount,
        effect: Effect::Booked,
        return_reason: None,
    })
}

fn returns(line: &StatementLine, lookup: &Lookup<'_>) -> Result<Explanation, Exception> {
    let mut parts: Vec<Part> = Vec::with_capacity(line.details.len());
    for (detail, amount) in shares(line, Sign::Credit)? {
        let open = lookup.named(detail)?;
        let again = parts.iter().any(|part| part.payment == open.payment);
        parts.push(comeback(open, again, amount, detail)?);
    }
    let sentence = match parts.as_slice() {
        [single] => format!(
            "The line returns the full amount of payment {}, which was settled.",
            single.payment
        ),
        _ => format!(
            "The line returns {} payments in full, all of which were settled.",
            parts.len()
        ),
    };
    Ok(Explanation::Explained {
        rule: Rule::Return,
        parts,
        sentence,
    })
}

/// `again` when the same line has returned the payment already.
fn comeback(open: &Open, again: bool, amount: Amount, detail: &LineDetail) -> Result<Part, Exception> {
    let exception = |code, sentence: String| Err(Exception::about(code, Some(open.payment), sentence));
    let payment = open.payment;
    match open.state {
        OpenState::Settled if !again => {}
        OpenState::Settled | OpenState::Returned => {
            let sentence =
                format!("{amount} came back for payment {payment}, which has come back already. Ask the bank.");
            return exception(ExceptionCode::AlreadyReturned, sentence);
        }
        OpenState::Open | OpenState::NotSent | OpenState::Rejected | OpenState::Cancelled => {
            let sentence =
                format!("{amount} came back for payment {payment}, which no statement shows as booked in full yet.");
            return exception(ExceptionCode::ReturnNotSettled, sentence);
        }
    }
    if amount != open.amount {
        let sentence = format!(
            "{amount} came back for payment {payment}, of which {} was booked; perhaps a charge was kept. Decide about the difference.",
            open.amount
        );
        return exception(ExceptionCode::ReturnAmountDiffers, sentence);
    }
    Ok(Part {
        payment,
        amount,
        effect: Effect::Returned,
        return_reason: detail.return_reason.clone(),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Debit,
    Credit,
}

/// The transactions behind a line with their positive amounts, which add up to the line: the amount of the transaction, not of the
/// line; a single transaction without an amount of its own has that of the line.
fn shares(line: &StatementLine, sign: Sign) -> Result<Vec<(&LineDetail, Amount)>, Exception> {
    let single = line.details.len() == 1;
    let mut shares = Vec::with_capacity(line.details.len());
    let mut sum: i128 = 0;
    for detail in &line.details {
        let own = if single {
            detail.amount.or(Some(line.amount))
        } else {
            detail.amount
        };
        let own = own
            .filter(|own| own.currency() == line.amount.currency())
            .ok_or_else(|| details_differ(line))?;
        let positive = match sign {
            Sign::Debit => own.checked_neg().map_err(|_| details_differ(line))?,
            Sign::Credit => own,
        };
        let amount = Amount::new(positive).map_err(|_| details_differ(line))?;
        sum = sum.saturating_add(i128::from(own.minor()));
        shares.push((detail, amount));
    }
    match (shares.is_empty(), sum == i128::from(line.amount.minor())) {
        (true, _) => Err(not_ours(line)),
        (false, true) => Ok(shares),
        (false, false) => Err(details_differ(line)),
    }
}

fn details_differ(line: &StatementLine) -> Exception {
    let sentence = format!(
        "The transactions behind the line of {} do not add up to it. Ask the bank.",
        line.amount
    );
    Exception::about(ExceptionCode::DetailsDiffer, None, sentence)
}

/// The order in which lines are explained: single bookings, then whole batches (of which single ones have to be taken off), then
/// returns (of what has to be booked first); within these by date. Two lines that are equal in all of this are explained alike.
fn precedence(line: &StatementLine) -> Precedence<'_> {
    let class = match kind(line) {
        Kind::Booking if batch::counts_as_total(line) => 1,
        Kind::Booking => 0,
        Kind::Return | Kind::Other => 2,
    };
    let mut texts = vec![line.servicer_reference.as_deref(), line.entry_reference.as_deref()];
    let mut numbers = vec![Some(line.amount.minor())];
    if let Some(batch) = &line.batch {
        texts.extend([batch.message_id.as_deref(), batch.payment_information_id.as_deref()]);
        numbers.push(batch.total.map(Money::minor));
        numbers.push(batch.count.and_then(|count| i64::try_from(count).ok()));
    }
    for detail in &line.details {
        let LineDetail {
            message_id,
            payment_information_id,
            instruction_id,
            end_to_end_id,
            uetr,
            ..
        } = detail;
        for text in [
            message_id,
            payment_information_id,
            instruction_id,
            end_to_end_id,
            uetr,
            &detail.return_reason,
        ] {
            texts.push(text.as_deref());
        }
        numbers.push(detail.amount.map(Money::minor));
    }
    Precedence {
        class,
        booked_on: line.booked_on,
        texts,
        numbers,
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Precedence<'a> {
    class: u8,
    booked_on: Date,
    texts: Vec<Option<&'a str>>,
    numbers: Vec<Option<i64>>,
}
