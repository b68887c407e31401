//! A line is booked: what it does to payments, to the books and to the exception list.
//!
//! The bank account of the ledger gets the line's amount exactly once, when the line comes. A line that is explained later moves from
//! suspense to where it belongs.

use super::{kept, open};
use crate::count::Count;
use crate::record::{book, by_bank};
use crate::refusal::Error;
use crate::standing;
use crate::work::{NewException, Work, data, ordered};
use ledger::account::LedgerAccount;
use ledger::exception::{Exception, ExceptionCode};
use ledger::journal;
use ledger::matching::{Effect, Explanation, Part, Rule, explain};
use payment::command::Command;
use payment::reason::Reason;
use payment::state::State;
use serde_json::json;
use std::collections::BTreeSet;
use store::accounts::Account;
use store::exceptions::Resolution;
use store::statements::Match;
use vocab::context::{Actor, World};
use vocab::exchange::StatementLine;
use vocab::id::{AccountId, LineId, OrderId, PaymentId, StatementId};
use vocab::limits;
use vocab::money::{Amount, Money};

/// In place of a rule, for a line that no rule has explained.
const EXCEPTION: &str = "exception";
/// In place of a rule, for a line that a person has explained.
const BY_HAND: &str = "by-hand";

/// A line on its way into the books, or out of suspense.
pub(crate) struct Line {
    row: store::statements::Line,
    read: StatementLine,
    account: Account,
    in_suspense: bool,
}

impl Line {
    /// A line that has just come.
    pub(super) fn new(
        work: &Work<'_>,
        account: &Account,
        statement: StatementId,
        id: LineId,
        identity: &str,
        read: &StatementLine,
    ) -> Result<Self, Error> {
        let row = store::statements::Line {
            id,
            statement,
            account: account.id,
            identity: identity.to_owned(),
            amount: read.amount,
            booked_on: read.booked_on,
            rule: EXCEPTION.to_owned(),
            explanation: String::new(),
            sealed: kept::seal(work.parts, work.scope, id, read)?,
        };
        Ok(Self {
            row,
            read: read.clone(),
            account: account.clone(),
            in_suspense: false,
        })
    }

    /// A line that waits in suspense.
    fn in_suspense(work: &mut Work<'_>, id: LineId) -> Result<Self, Error> {
        let row = store::statements::line(work.tx, work.scope, id)?.ok_or(Error::Bug("an exception about no line"))?;
        let account =
            store::accounts::load(work.tx, work.scope, row.account)?.ok_or(Error::Bug("a line without its account"))?;
        let read = kept::open(work.parts, work.scope, &row)?;
        Ok(Self {
            row,
            read,
            account,
            in_suspense: true,
        })
    }

    /// Books a line that a rule has explained.
    pub(super) fn explained(
        self,
        work: &mut Work<'_>,
        rule: Rule,
        parts: &[Part],
        sentence: &str,
    ) -> Result<(), Error> {
        let orders = self.move_payments(work, rule.id(), parts)?;
        if self.in_suspense {
            self.out_of_suspense(work, parts)?;
        } else {
            self.post(work, parts, &orders)?;
        }
        self.write(work, rule.id(), sentence, parts)
    }

    /// Books a charge of the bank.
    pub(super) fn charged(self, work: &mut Work<'_>, amount: Amount, sentence: &str) -> Result<(), Error> {
        let subject = self.row.id.to_string();
        let entry = if self.in_suspense {
            journal::suspense_resolved(negative(amount)?, LedgerAccount::fees(amount.currency()))
        } else {
            journal::fee(self.account.id, amount)
        };
        book(work, entry, &subject)?;
        self.write(work, Rule::Fee.id(), sentence, &[])
    }

    /// Lets the line's parts move their payments; returns the orders that these travelled in.
    fn move_payments(&self, work: &mut Work<'_>, rule: &str, parts: &[Part]) -> Result<BTreeSet<OrderId>, Error> {
        let mut orders = BTreeSet::new();
        for part in parts {
            if part.effect == Effect::Returned && work.parts.planted("return without state") {
                continue;
            }
            let standing = work.payment(part.payment)?;
            orders.extend(standing::read(&standing)?.order());
            let (command, kind) = self.command(&standing, part)?;
            let told = data([
                ("amount", part.amount.money().decimal().into()),
                ("because", "the bank's statement shows it".into()),
                ("line", self.row.id.to_string().into()),
                ("rule", rule.into()),
                ("statement", self.row.statement.to_string().into()),
            ]);
            let (_, moved) = by_bank(work, standing, &command, kind, told)?;
            if !moved {
                return Err(Error::Bug("a line that was explained and moves nothing"));
            }
        }
        Ok(orders)
    }

    fn command(&self, standing: &store::payments::Standing, part: &Part) -> Result<(Command, &'static str), Error> {
        let on = self.row.booked_on;
        if part.effect == Effect::Returned {
            let reason = Reason::of_bank(part.return_reason.as_deref(), None);
            return Ok((Command::Return { on, reason }, "payment.returned"));
        }
        let before = match standing::read(standing)? {
            State::AcceptedByBank { booked_minor, .. } => booked_minor,
            State::Received { .. }
            | State::WaitingForApproval { .. }
            | State::Approved
            | State::Queued { .. }
            | State::Dispatching { .. }
            | State::Unknown { .. }
            | State::Rejected { .. }
            | State::Settled { .. }
            | State::Returned { .. }
            | State::Cancelled { .. }
            | State::Expired => 0,
        };
        let whole = part.amount == ordered(standing)?;
        let complete = before.checked_add(part.amount.minor()) == Some(standing.payment.amount.minor());
        let kind = if complete {
            "payment.settled"
        } else {
            "payment.booked_partly"
        };
        let command = if whole && self.read.batch.is_some() {
            Command::BookedTotal { on }
        } else {
            Command::Booked {
                amount_minor: part.amount.minor(),
                on,
            }
        };
        Ok((command, kind))
    }

    /// The entries of a line that was explained when it came.
    fn post(&self, work: &mut Work<'_>, parts: &[Part], orders: &BTreeSet<OrderId>) -> Result<(), Error> {
        let account = self.account.id;
        for part in parts.iter().filter(|part| part.effect == Effect::Returned) {
            book(work, journal::returned(account, part.amount), &part.payment.to_string())?;
        }
        let booked: Vec<&Part> = parts.iter().filter(|part| part.effect == Effect::Booked).collect();
        if let [single] = booked.as_slice() {
            return book(
                work,
                journal::executed(account, single.amount),
                &single.payment.to_string(),
            );
        }
        let subject = match orders.iter().collect::<Vec<_>>().as_slice() {
            [order] => order.to_string(),
            _ => self.row.id.to_string(),
        };
        // One posting goes to the bank account, the others are the payments'.
        for some in booked.chunks(limits::ENTRY_POSTINGS_MAX.saturating_sub(1)) {
            let amounts: Vec<Amount> = some.iter().map(|part| part.amount).collect();
            book(work, journal::executed_total(account, &amounts), &subject)?;
        }
        Ok(())
    }

    /// The entries of a line that is explained later.
    fn out_of_suspense(&self, work: &mut Work<'_>, parts: &[Part]) -> Result<(), Error> {
        for part in parts {
            let currency = part.amount.currency();
            let (line, against) = match part.effect {
                Effect::Booked => (negative(part.amount)?, LedgerAccount::in_transit(currency)),
                Effect::Returned => (part.amount.money(), LedgerAccount::returns(currency)),
            };
            book(
                work,
                journal::suspense_resolved(line, against),
                &part.payment.to_string(),
            )?;
        }
        Ok(())
    }

    fn write(mut self, work: &mut Work<'_>, rule: &str, sentence: &str, parts: &[Part]) -> Result<(), Error> {
        self.row.rule = rule.to_owned();
        work.counts.push(self.counted(work.ctx.world));
        self.row.explanation = sentence.to_owned();
        store::statements::put_line(work.tx, work.scope, &self.row)?;
        for (number, part) in (0..).zip(parts) {
            let effect = match part.effect {
                Effect::Booked => "booked",
                Effect::Returned => "returned",
            };
            let matched = Match {
                line: self.row.id,
                number,
                payment: part.payment,
                amount_minor: part.amount.minor(),
                effect: effect.to_owned(),
            };
            store::statements::add_match(work.tx, work.scope, &matched)?;
        }
        Ok(())
    }

    fn counted(&self, world: World) -> Count {
        let rule = self.row.rule.clone();
        Count::Line { world, rule }
    }

    /// Books a line that nobody can explain: the bank account follows the statement, the rest waits in suspense.
    pub(super) fn unexplained(mut self, work: &mut Work<'_>, exception: Exception) -> Result<(), Error> {
        let (id, account, amount) = (self.row.id, self.account.id, self.row.amount);
        self.row.explanation.clone_from(&exception.sentence);
        work.counts.push(self.counted(work.ctx.world));
        store::statements::put_line(work.tx, work.scope, &self.row)?;
        // A line of nothing moves nothing.
        if amount.minor() != 0 {
            book(work, journal::unexplained(account, amount), &id.to_string())?;
        }
        work.exception(NewException {
            account: Some(account),
            statement: Some(self.row.statement),
            line: Some(id),
            payment: exception.payment,
            code: exception.code.code().to_owned(),
            sentence: exception.sentence,
        })?;
        Ok(())
    }
}

fn negative(amount: Amount) -> Result<Money, Error> {
    amount
        .money()
        .checked_neg()
        .map_err(|_| Error::Bug("an amount that cannot be negated"))
}

/// Looks again at lines that later documents may explain, until nothing more comes of it: so that the order in which a bank's documents
/// arrive makes no difference.
pub(crate) fn explain_again(work: &mut Work<'_>, account: AccountId) -> Result<(), Error> {
    loop {
        let mut explained = false;
        for code in ExceptionCode::ALL.into_iter().filter(|code| code.may_resolve_itself()) {
            for exception in store::exceptions::open_of_account(work.tx, work.scope, account, code.code())? {
                let Some(id) = exception.line else { continue };
                let line = Line::in_suspense(work, id)?;
                let read = open::completed(work, &line.read)?;
                let candidates = open::candidates(work, &[&read])?;
                match explain(&read, account, &candidates) {
                    Explanation::Explained { rule, parts, sentence } => {
                        line.explained(work, rule, &parts, &sentence)?;
                    }
                    Explanation::Charge { amount, sentence } => line.charged(work, amount, &sentence)?,
                    Explanation::Exception(_) => continue,
                }
                close_by_itself(work, exception, "A document that came later explains the line.")?;
                explained = true;
            }
        }
        if !explained {
            return Ok(());
        }
    }
}

/// Takes a line out of suspense whose payments were booked with another amount than ordered: the payments are settled with what was
/// ordered, and the difference is a charge. `None` when the line is not of this kind; then nothing was written.
pub(crate) fn settle_difference(work: &mut Work<'_>, id: LineId, note: &str) -> Result<Option<PaymentId>, Error> {
    let line = Line::in_suspense(work, id)?;
    let Some((parts, difference)) = parts_and_difference(work, &line)? else {
        return Ok(None);
    };
    let Some(first) = parts.first().map(|part| part.payment) else {
        return Ok(None);
    };
    line.move_payments(work, BY_HAND, &parts)?;
    line.out_of_suspense(work, &parts)?;
    let currency = line.account.currency;
    let charge = negative(difference)?;
    book(
        work,
        journal::suspense_resolved(charge, LedgerAccount::fees(currency)),
        &first.to_string(),
    )?;
    line.write(work, BY_HAND, note, &parts)?;
    Ok(Some(first))
}

/// What of the line belongs to each payment, and what is left over. Every transaction behind the line must either be explained by
/// itself, or exceed what is left of its payment.
fn parts_and_difference(work: &mut Work<'_>, line: &Line) -> Result<Option<(Vec<Part>, Amount)>, Error> {
    let read = open::completed(work, &line.read)?;
    let mut candidates = open::candidates(work, &[&read])?;
    let single = read.details.len() == 1;
    let (mut parts, mut left_over) = (Vec::new(), 0_i64);
    for detail in &read.details {
        let Some(amount) = detail.amount.or(single.then_some(read.amount)) else {
            return Ok(None);
        };
        let alone = StatementLine {
            amount,
            batch: None,
            details: vec![detail.clone()],
            ..read.clone()
        };
        let part = match explain(&alone, line.account.id, &candidates) {
            Explanation::Explained { parts, .. } => parts.into_iter().next(),
            Explanation::Exception(Exception {
                code: ExceptionCode::AmountDiffers,
                payment: Some(payment),
                ..
            }) => candidates.payment(payment).and_then(|open| {
                let rest = open.amount.minor().checked_sub(open.booked_minor)?;
                left_over = left_over.checked_add(amount.minor().checked_neg()?.checked_sub(rest)?)?;
                let amount = Amount::new(Money::new(rest, amount.currency())).ok()?;
                Some(Part {
                    payment,
                    amount,
                    effect: Effect::Booked,
                    return_reason: None,
                })
            }),
            Explanation::Charge { .. } | Explanation::Exception(_) => None,
        };
        let Some(part) = part else { return Ok(None) };
        let sentence = String::new();
        let booked = Explanation::Explained {
            rule: Rule::OwnReference,
            parts: vec![part.clone()],
            sentence,
        };
        ledger::matching::apply(&booked, &mut candidates);
        parts.push(part);
    }
    let left_over = Amount::new(Money::new(left_over, line.account.currency)).ok();
    Ok(left_over.map(|left_over| (parts, left_over)))
}

/// Closes an exception that later documents have answered.
pub(super) fn close_by_itself(
    work: &mut Work<'_>,
    exception: store::exceptions::Exception,
    note: &str,
) -> Result<(), Error> {
    let speaker = std::mem::replace(&mut work.ctx.actor, Actor::System);
    let closed = close(work, exception, note);
    work.ctx.actor = speaker;
    closed
}

/// Closes an exception.
pub(crate) fn close(work: &mut Work<'_>, exception: store::exceptions::Exception, note: &str) -> Result<(), Error> {
    let told = json!({"code": exception.code});
    work.event("exception.resolved", exception.id, &told)?;
    let resolved = Some(Resolution {
        at: work.ctx.now,
        by: work.ctx.actor,
        note: note.to_owned(),
    });
    let resolved = store::exceptions::Exception { resolved, ..exception };
    store::exceptions::put(work.tx, work.scope, &resolved)?;
    Ok(())
}
