//! R3: the collective booking of an order, or of one of its groups, explained by its total and count.
//!
//! Used when the bank does not list the transactions in a way that names each payment. Then the line must be exactly the payments of
//! that order which are not booked yet: one cent or one payment more or less, and a person looks.

use crate::candidates::{Open, OpenState, Wanted};
use crate::exception::{Exception, ExceptionCode};
use crate::lookup::{Lookup, own_references};
use crate::matching::{Effect, Explanation, Part, Rule, not_ours};
use vocab::exchange::{LineDetail, StatementLine};
use vocab::money::Money;

/// The order or group that a collective booking names.
struct Named<'a> {
    message_id: Option<&'a str>,
    payment_information_id: Option<&'a str>,
}

/// Whether a booking has to be explained as a whole: it names an order or a group, and its transactions are not listed, or not all,
/// or not in a way that names each payment and its amount.
pub(crate) fn counts_as_total(line: &StatementLine) -> bool {
    if named(line).is_none() {
        return false;
    }
    let listed = u64::try_from(line.details.len()).unwrap_or(u64::MAX);
    let announced = line.batch.as_ref().and_then(|batch| batch.count).unwrap_or(listed);
    let single = listed == 1;
    let complete = |detail: &LineDetail| !own_references(detail).is_empty() && (single || detail.amount.is_some());
    listed == 0 || announced != listed || !line.details.iter().all(complete)
}

/// The references to load for the rule.
pub(crate) fn references(line: &StatementLine) -> Option<Wanted> {
    if counts_as_total(line) {
        named(line).map(|named| named.wanted())
    } else {
        None
    }
}

impl Named<'_> {
    /// The group is the smaller set; an order of several groups is booked group by group.
    fn wanted(&self) -> Wanted {
        match self.payment_information_id {
            Some(group) => Wanted::PaymentInformation(group.to_owned()),
            None => Wanted::Message(self.message_id.unwrap_or_default().to_owned()),
        }
    }

    fn fits(&self, open: &Open) -> bool {
        self.message_id.is_none_or(|message_id| message_id == open.message_id)
    }
}

/// What the batch information says, else what all listed transactions say alike.
fn named(line: &StatementLine) -> Option<Named<'_>> {
    let batch = line.batch.as_ref();
    let message_id = batch.and_then(|batch| batch.message_id.as_deref());
    let payment_information_id = batch.and_then(|batch| batch.payment_information_id.as_deref());
    let named = Named {
        message_id: message_id.or_else(|| common(line, |detail| detail.message_id.as_deref())),
        payment_information_id: payment_information_id
            .or_else(|| common(line, |detail| detail.payment_information_id.as_deref())),
    };
    (named.message_id.is_some() || named.payment_information_id.is_some()).then_some(named)
}

fn common<'a>(line: &'a StatementLine, of: impl Fn(&'a LineDetail) -> Option<&'a str>) -> Option<&'a str> {
    let first = line.details.first().and_then(&of)?;
    line.details
        .iter()
        .all(|detail| of(detail) == Some(first))
        .then_some(first)
}

pub(crate) fn explain(line: &StatementLine, lookup: &Lookup<'_>) -> Result<Explanation, Exception> {
    let named = named(line).ok_or_else(|| not_ours(line))?;
    let of_order: Vec<&Open> = lookup
        .found(&named.wanted())
        .into_iter()
        .filter(|open| named.fits(open))
        .collect();
    if of_order.is_empty() {
        let sentence = format!(
            "The collective booking of {} names an order that we do not know.",
            line.amount
        );
        return Err(Exception::about(ExceptionCode::UnknownReference, None, sentence));
    }
    let here: Vec<&Open> = of_order
        .into_iter()
        .filter(|open| open.account == lookup.account)
        .collect();
    if here.is_empty() {
        let sentence = format!(
            "The collective booking of {} names an order from another account. Ask the bank.",
            line.amount
        );
        return Err(Exception::about(ExceptionCode::OtherAccount, None, sentence));
    }
    if here
        .iter()
        .all(|open| matches!(open.state, OpenState::Settled | OpenState::Returned))
    {
        let sentence = format!(
            "The collective booking of {} names an order whose payments are all booked already: perhaps they were paid twice. \
             Ask the bank.",
            line.amount
        );
        return Err(Exception::about(ExceptionCode::AlreadySettled, None, sentence));
    }
    let open: Vec<&Open> = here
        .into_iter()
        .filter(|open| open.state == OpenState::Open && open.booked_minor == 0)
        .collect();
    if !equals(line, &open) || !contains_all_named(line, lookup, &open) {
        return Err(differs(line, &open));
    }
    let parts = open.iter().map(|open| Part {
        payment: open.payment,
        amount: open.amount,
        effect: Effect::Booked,
        return_reason: None,
    });
    let sentence = format!(
        "The line is the collective booking of an order of ours; its total is that of the order's {} payments not booked before.",
        open.len()
    );
    Ok(Explanation::Explained {
        rule: Rule::BatchTotal,
        parts: parts.collect(),
        sentence,
    })
}

/// Whether total, count and currency of the line are those of the payments.
fn equals(line: &StatementLine, open: &[&Open]) -> bool {
    let currency = line.amount.currency();
    let batch = line.batch.as_ref();
    let same_currency = open.iter().all(|open| open.amount.currency() == currency);
    let same_count = announced(line).is_none_or(|announced| Some(announced) == u64::try_from(open.len()).ok());
    let same_total = batch
        .and_then(|batch| batch.total)
        .is_none_or(|announced| announced == line.amount);
    let adds_up = total(open).checked_neg() == Some(i128::from(line.amount.minor()));
    same_currency && same_count && same_total && adds_up && !open.is_empty()
}

/// How many payments the bank says these are. A single transaction without a count may stand for the whole batch.
fn announced(line: &StatementLine) -> Option<u64> {
    let counted = line.batch.as_ref().and_then(|batch| batch.count);
    counted.or_else(|| u64::try_from(line.details.len()).ok().filter(|listed| *listed > 1))
}

/// Whether every payment that a listed transaction names is one of these.
fn contains_all_named(line: &StatementLine, lookup: &Lookup<'_>, open: &[&Open]) -> bool {
    let mut named = line.details.iter().filter_map(|detail| lookup.named(detail).ok());
    named.all(|named| open.iter().any(|open| open.payment == named.payment))
}

fn total(open: &[&Open]) -> i128 {
    open.iter().map(|open| i128::from(open.amount.minor())).sum()
}

fn differs(line: &StatementLine, open: &[&Open]) -> Exception {
    let currency = line.amount.currency();
    let same_currency = open.iter().all(|open| open.amount.currency() == currency);
    let ordered = match i64::try_from(total(open)) {
        Ok(total) if same_currency => Money::new(total, currency).to_string(),
        Ok(_) | Err(_) => "another sum".to_owned(),
    };
    let announced = announced(line).map_or(String::new(), |count| format!(" for {count} payments"));
    let sentence = format!(
        "The collective booking of {}{announced} is not the total of its order, of which {} payments with {ordered} are not booked \
         yet. Ask the bank, or for the list of transactions.",
        line.amount,
        open.len()
    );
    Exception::about(ExceptionCode::BatchTotalDiffers, None, sentence)
}
