//! What was asked and what was answered: all that the oracle knows of the platform's inside.
//!
//! Whatever is asked may have happened from the moment it is asked on; an answer makes it certain, a refusal takes it back, and no
//! answer leaves it open.

use crate::action::Who;
use flow::intake::Submitted;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use vocab::id::PaymentId;
use vocab::transfer::CreditTransfer;

/// What must never be otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    ExecutedOnce,
    SentBlindly,
    SentWithoutApprovals,
    SentAfterNo,
    SentAltered,
    NothingLost,
    ReplayDiffers,
    AlteredReplay,
    NonceReplay,
    WrongAnswer,
    StateMatrix,
    StatesAndBank,
    LedgerBalances,
    BooksAndBank,
    LinesOnce,
    Holds,
    Proven,
    OneLog,
    Check,
    Secrecy,
    Ends,
    NoBug,
}

impl Rule {
    /// As tables and plans write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ExecutedOnce => "executed once",
            Self::SentBlindly => "never sent blindly",
            Self::SentWithoutApprovals => "sent with approvals",
            Self::SentAfterNo => "nothing sent after a no",
            Self::SentAltered => "sent as approved",
            Self::NothingLost => "nothing lost",
            Self::ReplayDiffers => "replays get the same answer",
            Self::AlteredReplay => "altered replays are refused",
            Self::NonceReplay => "a signature counts once",
            Self::WrongAnswer => "answers are right",
            Self::StateMatrix => "states move along the matrix",
            Self::StatesAndBank => "states agree with the bank",
            Self::LedgerBalances => "the ledger balances",
            Self::BooksAndBank => "books equal the bank's",
            Self::LinesOnce => "each line explained once",
            Self::Holds => "holds follow states",
            Self::Proven => "what was answered is proven",
            Self::OneLog => "one log",
            Self::Check => "the check finds nothing",
            Self::Secrecy => "secrets stay inside",
            Self::Ends => "everything ends",
            Self::NoBug => "no bug is reported",
        }
    }
}

/// A rule that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub rule: Rule,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule.name(), self.what)
    }
}

/// A content that a payment has, or may have.
#[derive(Clone, Debug)]
pub struct Content {
    pub transfer: CreditTransfer,
    pub digest: [u8; 32],
    pub by: Who,
    pub certain: bool,
}

/// An approval that was given, or may have been.
#[derive(Clone, Debug)]
pub struct Given {
    pub member: usize,
    pub digest: [u8; 32],
    pub certain: bool,
}

/// A request as it was signed.
#[derive(Clone, Copy, Debug)]
pub struct Signed {
    pub nonce: u64,
    pub expires_at: i64,
}

/// A payment as whoever submitted it knows it.
#[derive(Clone, Debug)]
pub struct Paid {
    pub who: Who,
    pub bank: usize,
    pub file: Option<usize>,
    pub contents: Vec<Content>,
    pub approvals: Vec<Given>,
    pub id: Option<PaymentId>,
    pub answer: Option<Submitted>,
    /// Seconds that had passed when it was first asked for.
    pub asked_at: i64,
    pub signed: Option<Signed>,
    /// The step in which somebody approved it first.
    pub approved_in: usize,
    /// An answer said that it will not be sent.
    pub ended: Option<&'static str>,
    /// Refused, and never asked for since.
    pub refused: bool,
}

impl Paid {
    /// The content that is certainly the newest, or may be.
    pub fn current(&self) -> &Content {
        let last = self.contents.iter().rev().find(|content| content.certain);
        last.unwrap_or(&self.contents[0])
    }

    /// Who certainly made it what it is.
    pub fn makers(&self) -> BTreeSet<Who> {
        let certain = self.contents.iter().skip(1).filter(|content| content.certain);
        std::iter::once(self.who)
            .chain(certain.map(|content| content.by))
            .collect()
    }

    /// Distinct people who have, or may have, approved a content and may do so.
    pub fn approvers(&self, digest: &[u8; 32], certain: bool) -> BTreeSet<usize> {
        let makers = self.makers();
        self.approvals
            .iter()
            .filter(|given| given.digest == *digest && (given.certain || !certain))
            .map(|given| given.member)
            .filter(|member| !makers.contains(&Who::Member(*member)))
            .collect()
    }
}

/// A file as whoever submitted it knows it.
#[derive(Clone, Debug)]
pub struct Filed {
    pub bank: usize,
    pub days: i64,
    pub together: bool,
    pub payments: Vec<(usize, i64)>,
    pub bytes: Vec<u8>,
    pub answered: bool,
    pub refused: bool,
    pub asked_at: i64,
}

/// A policy that is in force from a step on, or may be.
#[derive(Clone, Debug)]
pub struct InForce {
    pub text: String,
    pub step: usize,
    pub certain: bool,
    /// Tells it from the others while it is asked for.
    pub number: usize,
}

/// How often an order went, and whether it may go again.
#[derive(Clone, Debug, Default)]
pub struct Travelled {
    pub times: usize,
    pub may_go_again: bool,
    /// The server that is handing it over.
    pub under_way: Option<usize>,
    /// Seconds that had passed when it began.
    pub begun_at: i64,
}

/// Everything that was asked and answered.
#[derive(Debug, Default)]
pub struct Model {
    pub step: usize,
    pub payments: BTreeMap<usize, Paid>,
    pub files: BTreeMap<usize, Filed>,
    pub policies: Vec<InForce>,
    pub travelled: BTreeMap<String, Travelled>,
    /// Answers by idempotency key, with the seconds that had passed.
    pub answers: BTreeMap<String, (String, i64)>,
    pub published: Vec<String>,
    pub violations: Vec<Violation>,
    pub drawn: u64,
    /// Steps in which work began that was broken off: what it wrote down may be sent only later.
    pub broken_off: Vec<usize>,
}

impl Model {
    /// Notes that a rule does not hold.
    pub fn violated(&mut self, rule: Rule, what: impl Into<String>) {
        self.violations.push(Violation {
            rule,
            what: what.into(),
        });
    }

    /// Distinct people that a policy asks for, at least, among those that may have been in force since a step.
    pub fn needed_since(&self, step: usize, minor: i64, bank: usize) -> usize {
        let last = self
            .policies
            .iter()
            .rposition(|policy| policy.certain && policy.step <= step)
            .unwrap_or(0);
        let needed = self.policies[last..]
            .iter()
            .map(|policy| needed(&policy.text, minor, bank));
        needed.min().unwrap_or(1)
    }

    /// A number that no other request has.
    pub fn draw(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }
}

/// What a policy asks for, as its author reads it: the amount's rule first, then the bank's, then the rule for all.
pub fn needed(text: &str, minor: i64, bank: usize) -> usize {
    let channel = format!("any on bank{bank} needs ");
    let (mut all, mut of_bank, mut of_amount) = (1, None, None);
    for rule in text.split("; ") {
        if let Some(count) = rule.strip_prefix("any needs ") {
            all = count.parse().expect("a number");
        } else if let Some(count) = rule.strip_prefix(&channel) {
            of_bank = Some(count.parse().expect("a number"));
        } else if let Some((from, count)) = rule.strip_prefix("EUR >= ").and_then(|rest| rest.split_once(" needs ")) {
            let from: i64 = from.replace('.', "").parse().expect("an amount");
            if minor >= from {
                of_amount = Some(count.parse().expect("a number"));
            }
        }
    }
    of_amount.or(of_bank).unwrap_or(all)
}
