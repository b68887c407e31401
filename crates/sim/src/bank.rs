//! A bank with a book of its own. It does what a plan says, and it keeps what it saw for the oracle.

mod calls;
mod papers;

pub use calls::Way;

use crate::action::{Behaviour, Call, Deed};
use crate::people::money;
use crate::plan::{BankNature, Naming};
use formats::camt055::CancellationRequest;
use std::collections::{BTreeMap, VecDeque};
use vocab::exchange::{Document, Statement};
use vocab::time::{Date, Timestamp};
use vocab::transfer::CreditTransfer;

/// What the house's account holds in the beginning.
pub const OPENING: i64 = 10_000_000;

/// The names of banks, which are those of channels.
pub const NAMES: [&str; 3] = ["bank1", "bank2", "bank3"];

/// Where an ordered payment stands at the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Accepted,
    Rejected,
    Cancelled,
}

/// A payment as the bank has it.
#[derive(Clone, Debug)]
pub struct Payment {
    /// Its order's place.
    pub order: usize,
    /// Our reference.
    pub instruction: String,
    /// What is to be done.
    pub transfer: CreditTransfer,
    /// Where it stands.
    pub standing: Standing,
    /// How much of it is booked.
    pub booked: i64,
    /// Whether it came back.
    pub returned: bool,
    /// Whether entries of it are not what was ordered.
    pub odd: bool,
}

/// A message as the bank has it.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its reference.
    pub reference: String,
    body: Vec<u8>,
    refused: bool,
    payments: Vec<usize>,
}

/// A booking.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The bank's reference.
    pub reference: String,
    /// Signed.
    pub minor: i64,
    on: Date,
    parts: Vec<(usize, i64)>,
    batch: Option<usize>,
    comeback: bool,
    notified: bool,
    stated: bool,
}

struct Asked {
    case: String,
    request: CancellationRequest,
    decided: bool,
}

/// What a bank answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Found,
    NotReceived,
}

/// A contact, as the bank's side of the line saw it.
#[derive(Clone, Debug)]
pub enum Contact {
    /// Somebody began to hand this over.
    Begun {
        server: usize,
        reference: String,
        payments: Vec<(String, CreditTransfer)>,
    },
    /// Whoever handed it over has an answer, or has given up.
    Ended { reference: String },
    /// A message arrived, perhaps again.
    Arrived { reference: String, again: bool },
    /// An inquiry was answered.
    Answered { reference: String, said: Said },
}

/// The bank.
pub struct Bank {
    /// Its number, from 1.
    pub number: usize,
    nature: BankNature,
    now: Timestamp,
    armed: BTreeMap<Call, VecDeque<Behaviour>>,
    orders: Vec<Order>,
    /// Everything that was ordered and arrived.
    pub payments: Vec<Payment>,
    /// Everything that was booked.
    pub entries: Vec<Entry>,
    recalls: Vec<Asked>,
    grants: Option<bool>,
    mailbox: Vec<Document>,
    withheld: Option<Vec<Document>>,
    torn: Vec<usize>,
    /// The place in the mailbox from which it was read last.
    read_to: usize,
    statements: Vec<Statement>,
    stated: i64,
    drawn: usize,
    /// What the oracle has not looked at yet.
    pub contacts: Vec<Contact>,
}

impl Bank {
    /// A bank without orders.
    pub fn new(number: usize, nature: BankNature, now: Timestamp) -> Self {
        Self {
            number,
            nature,
            now,
            armed: BTreeMap::new(),
            orders: Vec::new(),
            payments: Vec::new(),
            entries: Vec::new(),
            recalls: Vec::new(),
            grants: Some(true),
            mailbox: Vec::new(),
            withheld: None,
            torn: Vec::new(),
            read_to: 0,
            statements: Vec::new(),
            stated: OPENING,
            drawn: 0,
            contacts: Vec::new(),
        }
    }

    /// What the account holds.
    pub fn balance(&self) -> i64 {
        OPENING + self.entries.iter().map(|entry| entry.minor).sum::<i64>()
    }

    /// Time goes on; never back.
    pub fn tell_time(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    /// The next call of this kind will go like this.
    pub fn arm(&mut self, call: Call, behaviour: Behaviour) {
        self.armed.entry(call).or_default().push_back(behaviour);
    }

    /// Calls go as they should from now on.
    pub fn calm(&mut self) {
        self.armed.clear();
    }

    /// Documents that wait or have waited.
    pub fn documents(&self) -> usize {
        self.mailbox.len()
    }

    fn draw(&mut self, prefix: &str) -> String {
        self.drawn += 1;
        format!("{prefix}{}-{:05}", self.number, self.drawn)
    }

    fn post(&mut self, document: Document) {
        match &mut self.withheld {
            Some(withheld) => withheld.push(document),
            None => self.mailbox.push(document),
        }
    }

    /// Does what a plan says. False when there is nothing to do it to.
    pub fn does(&mut self, deed: Deed) -> bool {
        let exact = self.nature.naming != Naming::EndToEnd;
        match deed {
            Deed::Books(number) => self.with(number, is_open, |bank, place| bank.book(place, None)),
            Deed::BooksPart(number) => {
                exact
                    && self.with(
                        number,
                        |payment| is_open(payment) && payment.rest() > 1,
                        |bank, place| {
                            let half = bank.payments[place].rest() / 2;
                            bank.book(place, Some(half));
                        },
                    )
            }
            Deed::BooksMore(number) => {
                exact
                    && self.with(number, is_open, |bank, place| {
                        let more = bank.payments[place].rest() + 7;
                        bank.payments[place].odd = true;
                        bank.book(place, Some(more));
                    })
            }
            Deed::BooksTwice(number) => {
                exact
                    && self.with(
                        number,
                        |payment| payment.rest() == 0 && !payment.returned,
                        |bank, place| {
                            bank.payments[place].odd = true;
                            let minor = bank.payments[place].transfer.amount.minor();
                            bank.enter(-minor, vec![(place, -minor)], None, false);
                        },
                    )
            }
            Deed::BooksRejected(number) => {
                exact
                    && self.with(
                        number,
                        |payment| payment.standing == Standing::Rejected && payment.booked == 0,
                        |bank, place| {
                            bank.payments[place].odd = true;
                            let minor = bank.payments[place].transfer.amount.minor();
                            bank.payments[place].booked = minor;
                            bank.enter(-minor, vec![(place, -minor)], None, false);
                        },
                    )
            }
            Deed::Returns(number) => self.with(
                number,
                |payment| payment.rest() == 0 && !payment.returned && !payment.odd,
                |bank, place| {
                    bank.payments[place].returned = true;
                    let minor = bank.payments[place].transfer.amount.minor();
                    bank.enter(minor, vec![(place, minor)], None, true);
                },
            ),
            Deed::Foreign(minor) => {
                self.enter(minor, Vec::new(), None, false);
                true
            }
            Deed::Rejects(number) => self.with(
                number,
                |payment| is_open(payment) && payment.booked == 0,
                |bank, place| {
                    bank.payments[place].standing = Standing::Rejected;
                    let report = bank.report(bank.payments[place].order);
                    bank.post(report);
                },
            ),
            Deed::Reports(number) => {
                let Some(order) = number.checked_rem(self.orders.len()) else {
                    return false;
                };
                let report = self.report(order);
                self.post(report);
                true
            }
            Deed::Notifies => self.notify(),
            Deed::States => self.state(),
            Deed::Repeats(number) => {
                let document = number
                    .checked_rem(self.mailbox.len())
                    .map(|place| self.mailbox[place].clone());
                document.is_some_and(|document| {
                    self.post(document);
                    true
                })
            }
            Deed::Alters(number) => self.alter(number),
            Deed::Withholds => {
                self.withheld.get_or_insert_default();
                true
            }
            Deed::HandsOver => self.withheld.take().is_some_and(|mut withheld| {
                withheld.reverse();
                self.mailbox.extend(withheld);
                true
            }),
            Deed::Decides(granted) => {
                self.grants = Some(granted);
                self.decide_recalls();
                true
            }
            Deed::Postpones => {
                self.grants = None;
                true
            }
        }
    }

    /// No more faults: everything that waits is decided, booked, stated and handed over.
    pub fn finish(&mut self) {
        self.armed.clear();
        self.does(Deed::HandsOver);
        for place in std::mem::take(&mut self.torn) {
            let document = self.mailbox[place].clone();
            self.mailbox.push(document);
        }
        let granted = self.grants.unwrap_or(false);
        self.does(Deed::Decides(granted));
        while self.does(Deed::Books(0)) {}
        if !self.all_is_stated() {
            self.state();
        }
    }

    fn all_is_stated(&self) -> bool {
        !self.statements.is_empty() && self.entries.iter().all(|entry| entry.stated)
    }

    /// Whether statements have told of everything, and were fetched.
    pub fn has_told_all(&self) -> bool {
        self.all_is_stated() && self.torn.is_empty() && self.read_to == self.mailbox.len()
    }

    /// The day that the bank writes on what it books now: the one after the last that is closed.
    fn day(&self) -> Date {
        let today = self.now.date();
        let closed = self.statements.last().map(|statement| statement.covers);
        closed.map_or(today, |closed| today.max(closed.tomorrow().expect("a day")))
    }

    fn with(&mut self, number: usize, fits: impl Fn(&Payment) -> bool, deed: impl FnOnce(&mut Self, usize)) -> bool {
        let fitting: Vec<usize> = (0..self.payments.len())
            .filter(|place| fits(&self.payments[*place]))
            .collect();
        let Some(place) = number.checked_rem(fitting.len()).map(|place| fitting[place]) else {
            return false;
        };
        deed(self, place);
        true
    }

    /// Books a payment, or so much of it; as a whole perhaps together with the others of its order.
    fn book(&mut self, place: usize, minor: Option<i64>) {
        let order = self.payments[place].order;
        let together: Vec<usize> = self.orders[order]
            .payments
            .iter()
            .copied()
            .filter(|other| is_open(&self.payments[*other]))
            .collect();
        let untouched = self.orders[order]
            .payments
            .iter()
            .all(|other| self.payments[*other].booked == 0);
        if minor.is_none() && untouched && together.len() > 1 && self.payments[place].transfer.batch_booking {
            let parts: Vec<(usize, i64)> = together
                .iter()
                .map(|other| (*other, -self.payments[*other].rest()))
                .collect();
            for (other, minor) in &parts {
                self.payments[*other].booked -= minor;
            }
            let total = parts.iter().map(|(_, minor)| minor).sum();
            self.enter(total, parts, Some(order), false);
        } else {
            let minor = minor.unwrap_or(self.payments[place].rest());
            let payment = &mut self.payments[place];
            payment.booked = (payment.booked + minor).min(payment.transfer.amount.minor());
            self.enter(-minor, vec![(place, -minor)], None, false);
        }
    }

    fn enter(&mut self, minor: i64, parts: Vec<(usize, i64)>, batch: Option<usize>, comeback: bool) {
        let reference = self.draw("ENT");
        self.entries.push(Entry {
            reference,
            minor,
            on: self.day(),
            parts,
            batch,
            comeback,
            notified: false,
            stated: false,
        });
    }

    fn decide_recalls(&mut self) {
        let Some(granted) = self.grants else { return };
        for place in 0..self.recalls.len() {
            if !self.recalls[place].decided {
                let answer = self.answer_recall(place, granted);
                self.post(answer);
            }
        }
    }

    /// How much the bank will have executed of each of the submitter's references.
    pub fn executions(&self) -> BTreeMap<String, usize> {
        let mut executions = BTreeMap::new();
        for payment in &self.payments {
            if payment.standing == Standing::Accepted {
                *executions
                    .entry(payment.transfer.end_to_end_id.to_string())
                    .or_default() += 1;
            }
        }
        executions
    }
}

impl Payment {
    fn rest(&self) -> i64 {
        money(self.transfer.amount.minor() - self.booked).minor()
    }
}

fn is_open(payment: &Payment) -> bool {
    payment.standing == Standing::Accepted && payment.rest() > 0
}
