//! A bank in memory that does what the test says. Like a real one it executes a message once however often it is delivered.

use formats::statement::{Heading, Version};
use formats::{camt029, camt053, camt054, camt055, order, pain002};
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use vocab::account::AccountNumber;
use vocab::exchange::{
    BatchInformation, Channel, Collected, Document, DocumentKind, Inquiry, LineDetail, PaymentReport, RecallAnswer,
    Receipt, ReportedStatus, Statement, StatementKind, StatementLine, StatusReport, Unreachable,
};
use vocab::money::{Currency, Money};
use vocab::time::{Date, Timestamp};

/// What happens to the next message.
pub(crate) enum Next {
    /// Received and refused as a whole, with this code.
    Refuse(&'static str),
    /// Lost on the way: the bank never has it.
    LoseRequest,
    /// Received; the answer is lost.
    LoseAnswer,
    /// The call does not come back before the test says so, and then as the other says.
    Wait(Receiver<()>, Box<Next>),
    /// Received and answered with something that is no message.
    AnswerNonsense,
    /// The client code breaks down after the bank has received it.
    Panic,
}

/// A message as the bank has it.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) reference: String,
    pub(crate) body: Vec<u8>,
    pub(crate) deliveries: usize,
    refused: Option<&'static str>,
}

#[derive(Default)]
struct Inner {
    next: VecDeque<Next>,
    received: Vec<Received>,
    sent: Vec<(String, Vec<u8>)>,
    inquiries: usize,
    deaf: bool,
    cut_off: bool,
    mailbox: Vec<Document>,
    drawn: usize,
    /// Status and reason of payments by instruction id, where it is not `ACSP`.
    statuses: BTreeMap<String, (&'static str, Option<&'static str>)>,
    /// Whether requests to cancel are granted; `None` leaves them pending.
    grants: Option<bool>,
}

/// The bank.
#[derive(Default)]
pub(crate) struct Bank(Mutex<Inner>);

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::from_code("EUR").unwrap())
}

impl Bank {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    fn with<T>(&self, f: impl FnOnce(&mut Inner) -> T) -> T {
        f(&mut self.0.lock().unwrap())
    }

    pub(crate) fn next(&self, next: Next) {
        self.with(|inner| inner.next.push_back(next));
    }

    /// Inquiries get no answer from now on, or do again.
    pub(crate) fn deaf(&self, deaf: bool) {
        self.with(|inner| inner.deaf = deaf);
    }

    /// The mailbox cannot be reached from now on, or can again.
    pub(crate) fn cut_off(&self, cut_off: bool) {
        self.with(|inner| inner.cut_off = cut_off);
    }

    pub(crate) fn grants(&self, grants: Option<bool>) {
        self.with(|inner| inner.grants = grants);
    }

    pub(crate) fn status(&self, instruction: &str, code: &'static str, reason: Option<&'static str>) {
        self.with(|inner| inner.statuses.insert(instruction.to_owned(), (code, reason)));
    }

    /// The messages that the bank has, each once.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.with(|inner| inner.received.clone())
    }

    /// Every call of `send`, also of messages that were lost.
    pub(crate) fn sent(&self) -> Vec<(String, Vec<u8>)> {
        self.with(|inner| inner.sent.clone())
    }

    pub(crate) fn inquiries(&self) -> usize {
        self.with(|inner| inner.inquiries)
    }

    /// How often each payment is in a message that the bank has: once, or somebody is paid twice.
    pub(crate) fn executions(&self) -> BTreeMap<String, usize> {
        let mut executions = BTreeMap::new();
        for received in self
            .received()
            .iter()
            .filter(|received| received.reference.starts_with("ord-"))
        {
            for (instruction, _) in order::read(&received.body).unwrap().payments {
                *executions.entry(instruction.to_string()).or_default() += 1;
            }
        }
        executions
    }

    pub(crate) fn draw(&self, prefix: &str) -> String {
        self.with(|inner| {
            inner.drawn += 1;
            format!("{prefix}{:06}", inner.drawn)
        })
    }

    pub(crate) fn post(&self, document: Document) {
        self.with(|inner| inner.mailbox.push(document));
    }

    /// A status report about an order with the statuses as they are now.
    pub(crate) fn report(&self, reference: &str) -> Document {
        let message_id = self.draw("PSR");
        self.with(|inner| inner.report(reference, message_id))
    }

    /// A report that gives single payments of an order this status.
    pub(crate) fn report_of(
        &self,
        order: &str,
        instructions: &[&str],
        code: &'static str,
        reason: Option<&str>,
    ) -> Document {
        let message_id = self.draw("PSR");
        let payments = instructions.iter().map(|instruction| PaymentReport {
            instruction_id: Some((*instruction).to_owned()),
            end_to_end_id: None,
            status: status(code, reason),
        });
        pain002_of(&StatusReport {
            message_id,
            original_message_id: order.to_owned(),
            group: None,
            payments: payments.collect(),
        })
    }
}

fn status(code: &str, reason: Option<&str>) -> ReportedStatus {
    let status = pain002::status_of(code).unwrap();
    ReportedStatus {
        status,
        code: code.to_owned(),
        reason: reason.map(str::to_owned),
        text: None,
    }
}

fn pain002_of(report: &StatusReport) -> Document {
    let body = pain002::write(report, None, Timestamp::from_seconds(1_795_341_600)).unwrap();
    Document {
        kind: DocumentKind::Pain002,
        reference: report.message_id.clone(),
        body,
    }
}

impl Inner {
    fn report(&self, reference: &str, message_id: String) -> Document {
        let received = self
            .received
            .iter()
            .find(|received| received.reference == reference)
            .unwrap();
        let original_message_id = reference.to_owned();
        if let Some(code) = received.refused {
            let group = Some(status("RJCT", Some(code)));
            return pain002_of(&StatusReport {
                message_id,
                original_message_id,
                group,
                payments: Vec::new(),
            });
        }
        let payments: Vec<PaymentReport> = order::read(&received.body)
            .unwrap()
            .payments
            .iter()
            .map(|(instruction, transfer)| {
                let (code, reason) = self
                    .statuses
                    .get(instruction.as_str())
                    .copied()
                    .unwrap_or(("ACSP", None));
                PaymentReport {
                    instruction_id: Some(instruction.to_string()),
                    end_to_end_id: Some(transfer.end_to_end_id.to_string()),
                    status: status(code, reason),
                }
            })
            .collect();
        let same = payments
            .iter()
            .all(|payment| payment.status.status == payments[0].status.status);
        let group = if same {
            payments[0].status.clone()
        } else {
            status("PART", None)
        };
        pain002_of(&StatusReport {
            message_id,
            original_message_id,
            group: Some(group),
            payments,
        })
    }

    fn recall_answer(&mut self, body: &[u8], message_id: String) -> Document {
        let request = camt055::read(body).unwrap();
        let answer = RecallAnswer {
            message_id: message_id.clone(),
            instruction_id: Some(request.instruction_id.to_string()),
            end_to_end_id: Some(request.end_to_end_id.to_string()),
            cancelled: self.grants,
            reason: (self.grants == Some(false)).then(|| "ARDT".to_owned()),
        };
        let body = camt029::write(&answer, &request, Timestamp::from_seconds(1_795_341_600)).unwrap();
        Document {
            kind: DocumentKind::Camt029,
            reference: message_id,
            body,
        }
    }

    fn receive(&mut self, document: &Document, refused: Option<&'static str>) -> bool {
        if let Some(known) = self
            .received
            .iter_mut()
            .find(|known| known.reference == document.reference)
        {
            known.deliveries += 1;
            return known.body == document.body;
        }
        self.received.push(Received {
            reference: document.reference.clone(),
            body: document.body.clone(),
            deliveries: 1,
            refused,
        });
        true
    }
}

impl Channel for Bank {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn simulated(&self) -> bool {
        true
    }

    fn send(&self, document: &Document, _: Timestamp) -> Receipt {
        let next = self.with(|inner| {
            inner.sent.push((document.reference.clone(), document.body.clone()));
            inner.next.pop_front()
        });
        let next = match next {
            Some(Next::Wait(until, next)) => {
                let _ = until.recv();
                Some(*next)
            }
            next => next,
        };
        let message_id = self.draw("PSR");
        let answer = |inner: &mut Inner| {
            if document.kind == DocumentKind::Camt055 {
                inner.recall_answer(&document.body, message_id)
            } else {
                inner.report(&document.reference, message_id)
            }
        };
        match next {
            None => self.with(|inner| {
                if inner.receive(document, None) {
                    Receipt::Accepted(answer(inner))
                } else {
                    Receipt::Rejected {
                        code: "DU01".to_owned(),
                        text: "duplicate".to_owned(),
                    }
                }
            }),
            Some(Next::Refuse(code)) => self.with(|inner| {
                inner.receive(document, Some(code));
                Receipt::Rejected {
                    code: code.to_owned(),
                    text: "no".to_owned(),
                }
            }),
            Some(Next::LoseRequest) => Receipt::Unknown("no answer in time".to_owned()),
            Some(Next::LoseAnswer) => {
                self.with(|inner| inner.receive(document, None));
                Receipt::Unknown("no answer in time".to_owned())
            }
            Some(Next::AnswerNonsense) => {
                self.with(|inner| inner.receive(document, None));
                let body = b"<html>502</html>".to_vec();
                Receipt::Accepted(Document {
                    kind: DocumentKind::Pain002,
                    reference: "GATEWAY".to_owned(),
                    body,
                })
            }
            Some(Next::Panic) => {
                self.with(|inner| inner.receive(document, None));
                panic!("the channel breaks down, as this test wants");
            }
            Some(Next::Wait(..)) => unreachable!("nested waits"),
        }
    }

    fn inquire(&self, reference: &str, _: Timestamp) -> Inquiry {
        let message_id = self.draw("PSR");
        self.with(|inner| {
            inner.inquiries += 1;
            if inner.deaf {
                return Inquiry::Unknown("no answer in time".to_owned());
            }
            match inner
                .received
                .iter()
                .find(|received| received.reference == reference)
                .cloned()
            {
                None => Inquiry::NotReceived,
                Some(received) if reference.starts_with("pay-") => {
                    Inquiry::Found(inner.recall_answer(&received.body, message_id))
                }
                Some(_) => Inquiry::Found(inner.report(reference, message_id)),
            }
        })
    }

    fn collect(&self, cursor: i64, limit: usize, _: Timestamp) -> Result<Collected, Unreachable> {
        self.with(|inner| {
            if inner.cut_off {
                return Err(Unreachable("no connection".to_owned()));
            }
            let from = usize::try_from(cursor).unwrap();
            let documents: Vec<Document> = inner.mailbox.iter().skip(from).take(limit).cloned().collect();
            let cursor = i64::try_from(from + documents.len()).unwrap();
            Ok(Collected { documents, cursor })
        })
    }
}

/// A line as this bank writes it, naming one payment.
pub(crate) fn line(reference: &str, minor: i64, on: Date, instruction: Option<&str>) -> StatementLine {
    let detail = instruction.map(|instruction| LineDetail {
        amount: Some(eur(minor)),
        message_id: None,
        payment_information_id: None,
        instruction_id: Some(instruction.to_owned()),
        end_to_end_id: None,
        uetr: None,
        servicer_reference: Some(reference.to_owned()),
        return_reason: None,
        remittance: None,
    });
    StatementLine {
        amount: eur(minor),
        booked: true,
        reversal: false,
        booked_on: on,
        value_on: Some(on),
        servicer_reference: Some(reference.to_owned()),
        entry_reference: None,
        transaction_code: Some("PMNT.ICDT.ESCT".to_owned()),
        batch: None,
        details: detail.into_iter().collect(),
        information: None,
    }
}

/// A line that brings a payment back.
pub(crate) fn return_line(reference: &str, minor: i64, on: Date, instruction: &str) -> StatementLine {
    let mut line = line(reference, minor, on, Some(instruction));
    line.details[0].return_reason = Some("AC04".to_owned());
    line
}

/// A collective booking; with the transactions listed or not.
pub(crate) fn batch_line(reference: &str, order: &str, parts: &[(&str, i64)], on: Date, listed: bool) -> StatementLine {
    let total: i64 = parts.iter().map(|(_, minor)| minor).sum();
    let mut all = line(reference, total, on, None);
    all.batch = Some(BatchInformation {
        message_id: Some(order.to_owned()),
        payment_information_id: Some(order.to_owned()),
        count: Some(u64::try_from(parts.len()).unwrap()),
        total: Some(eur(total)),
    });
    if listed {
        all.details = parts
            .iter()
            .enumerate()
            .map(|(number, (instruction, minor))| {
                line(&format!("{reference}-{number}"), *minor, on, Some(instruction))
                    .details
                    .remove(0)
            })
            .collect();
    }
    all
}

/// A statement of the house's account.
pub(crate) fn statement(id: &str, sequence: i64, covers: Date, opening: i64, lines: Vec<StatementLine>) -> Statement {
    let closing = opening + lines.iter().map(|line| line.amount.minor()).sum::<i64>();
    Statement {
        kind: StatementKind::EndOfDay,
        identification: id.to_owned(),
        sequence: Some(sequence),
        account: AccountNumber::guess(testkit::house::ACCOUNT).unwrap(),
        covers,
        opening: Some(eur(opening)),
        closing: Some(eur(closing)),
        lines,
    }
}

/// A notification of the house's account.
pub(crate) fn notification(id: &str, covers: Date, lines: Vec<StatementLine>) -> Statement {
    let sequence = None;
    let statement = statement(id, 1, covers, 0, lines);
    Statement {
        kind: StatementKind::Notification,
        sequence,
        opening: None,
        closing: None,
        ..statement
    }
}

/// A statement or notification as a document.
pub(crate) fn document(statement: &Statement) -> Document {
    enveloped(statement, &statement.identification)
}

/// The same in an envelope of its own.
pub(crate) fn enveloped(statement: &Statement, message_id: &str) -> Document {
    let created_at = Timestamp::at_start_of(statement.covers).plus_seconds(80_000);
    let heading = Heading {
        message_id: message_id.parse().unwrap(),
        created_at,
    };
    let (kind, body) = match statement.kind {
        StatementKind::EndOfDay => (
            DocumentKind::Camt053,
            camt053::write(Version::V08, &heading, std::slice::from_ref(statement)),
        ),
        StatementKind::Notification => (
            DocumentKind::Camt054,
            camt054::write(Version::V08, &heading, std::slice::from_ref(statement)),
        ),
    };
    Document {
        kind,
        reference: message_id.to_owned(),
        body: body.unwrap(),
    }
}
