//! The bank's documents: status reports, notifications, statements, answers to requests to cancel.

use super::{Bank, Entry, OPENING, Standing};
use crate::people::{money, own_account};
use crate::plan::Naming;
use formats::statement::{Heading, Version};
use formats::{camt029, camt053, camt054, pain002};
use vocab::exchange::{
    BatchInformation, Document, DocumentKind, LineDetail, PaymentReport, RecallAnswer, ReportedStatus, Statement,
    StatementKind, StatementLine, StatusReport,
};

fn status(code: &str, reason: Option<&str>) -> ReportedStatus {
    ReportedStatus {
        status: pain002::status_of(code).expect("a status"),
        code: code.to_owned(),
        reason: reason.map(str::to_owned),
        text: None,
    }
}

impl Bank {
    /// What the bank says of an order now.
    pub(super) fn report(&mut self, order: usize) -> Document {
        let message_id = self.draw("PSR");
        let order = &self.orders[order];
        let mut payments = Vec::new();
        for place in &order.payments {
            let payment = &self.payments[*place];
            let (code, reason) = match payment.standing {
                Standing::Accepted if payment.rest() == 0 => ("ACSC", None),
                Standing::Accepted => ("ACSP", None),
                Standing::Rejected => ("RJCT", Some("AC04")),
                Standing::Cancelled => ("CANC", Some("CUST")),
            };
            payments.push(PaymentReport {
                instruction_id: Some(payment.instruction.clone()),
                end_to_end_id: Some(payment.transfer.end_to_end_id.to_string()),
                status: status(code, reason),
            });
        }
        let group = order.refused.then(|| status("RJCT", Some("FF01")));
        let report = StatusReport {
            message_id: message_id.clone(),
            original_message_id: order.reference.clone(),
            group,
            payments,
        };
        Document {
            kind: DocumentKind::Pain002,
            reference: message_id,
            body: pain002::write(&report, Some(&order.reference), self.now).expect("a report"),
        }
    }

    /// The answer to a request to cancel, and what follows from it.
    pub(super) fn answer_recall(&mut self, place: usize, granted: bool) -> Document {
        let message_id = self.draw("RES");
        let asked = &mut self.recalls[place];
        asked.decided = true;
        let request = asked.request.clone();
        let of = self.payments.iter_mut().filter(|payment| {
            payment.instruction == request.instruction_id.as_str() && payment.standing == Standing::Accepted
        });
        let mut cancelled = false;
        for payment in of {
            if granted && payment.booked == 0 && !payment.odd {
                payment.standing = Standing::Cancelled;
                cancelled = true;
            }
        }
        self.recall_answer(&message_id, &request, Some(cancelled))
    }

    /// That the request is being looked at.
    pub(super) fn recall_pending(&mut self, place: usize) -> Document {
        let message_id = self.draw("RES");
        let request = self.recalls[place].request.clone();
        self.recall_answer(&message_id, &request, None)
    }

    /// What was decided about a request, said again.
    pub(super) fn recall_again(&mut self, place: usize) -> Document {
        let message_id = self.draw("RES");
        let request = self.recalls[place].request.clone();
        let cancelled = self.payments.iter().any(|payment| {
            payment.instruction == request.instruction_id.as_str() && payment.standing == Standing::Cancelled
        });
        self.recall_answer(&message_id, &request, Some(cancelled))
    }

    fn recall_answer(
        &self,
        message_id: &str,
        request: &formats::camt055::CancellationRequest,
        cancelled: Option<bool>,
    ) -> Document {
        let answer = RecallAnswer {
            message_id: message_id.to_owned(),
            instruction_id: Some(request.instruction_id.to_string()),
            end_to_end_id: Some(request.end_to_end_id.to_string()),
            cancelled,
            reason: (cancelled == Some(false)).then(|| "ARDT".to_owned()),
        };
        Document {
            kind: DocumentKind::Camt029,
            reference: message_id.to_owned(),
            body: camt029::write(&answer, request, self.now).expect("an answer"),
        }
    }

    /// Tells of entries that no document has told of. False when there are none.
    pub(super) fn notify(&mut self) -> bool {
        let mut lines = Vec::new();
        for place in 0..self.entries.len() {
            let entry = &mut self.entries[place];
            if !entry.notified && !entry.stated {
                entry.notified = true;
                let entry = entry.clone();
                lines.push(self.line(&entry));
            }
        }
        if lines.is_empty() {
            return false;
        }
        let statement = Statement {
            kind: StatementKind::Notification,
            identification: self.draw("NOT"),
            sequence: None,
            account: own_account(self.number),
            covers: self.day(),
            opening: None,
            closing: None,
            lines,
        };
        let document = self.document(&statement, &statement.identification);
        self.post(document);
        true
    }

    /// Closes the day. False when it has not begun yet.
    pub(super) fn state(&mut self) -> bool {
        let covers = self.day();
        if covers > self.now.date() {
            return false;
        }
        let mut lines = Vec::new();
        let opening = self.stated;
        for place in 0..self.entries.len() {
            let entry = &mut self.entries[place];
            if !entry.stated {
                entry.stated = true;
                let entry = entry.clone();
                self.stated += entry.minor;
                lines.push(self.line(&entry));
            }
        }
        let statement = Statement {
            kind: StatementKind::EndOfDay,
            identification: self.draw("STM"),
            sequence: Some(i64::try_from(self.statements.len() + 1).expect("a number")),
            account: own_account(self.number),
            covers,
            opening: Some(money(opening)),
            closing: Some(money(self.stated)),
            lines,
        };
        self.statements.push(statement.clone());
        let document = self.document(&statement, &statement.identification);
        self.post(document);
        true
    }

    /// A statement comes again with a line more. Never before the right one has come.
    pub(super) fn alter(&mut self, number: usize) -> bool {
        let Some(place) = number.checked_rem(self.statements.len()) else {
            return false;
        };
        if self.withheld.is_some() || !self.torn.is_empty() {
            return false;
        }
        let mut statement = self.statements[place].clone();
        let reference = self.draw("ENT");
        let entry = Entry {
            reference,
            minor: -1,
            on: statement.covers,
            parts: Vec::new(),
            batch: None,
            comeback: false,
            notified: true,
            stated: true,
        };
        let line = self.line(&entry);
        statement.lines.push(line);
        let closing = statement.closing.map_or(OPENING, |money| money.minor());
        statement.closing = Some(money(closing - 1));
        let message_id = self.draw("ALT");
        let document = self.document(&statement, &message_id);
        self.post(document);
        true
    }

    fn document(&self, statement: &Statement, message_id: &str) -> Document {
        let heading = Heading {
            message_id: message_id.parse().expect("a reference"),
            created_at: self.now,
        };
        let statements = std::slice::from_ref(statement);
        let (kind, body) = match statement.kind {
            StatementKind::EndOfDay => (
                DocumentKind::Camt053,
                camt053::write(Version::V08, &heading, statements),
            ),
            StatementKind::Notification => (
                DocumentKind::Camt054,
                camt054::write(Version::V08, &heading, statements),
            ),
        };
        Document {
            kind,
            reference: message_id.to_owned(),
            body: body.expect("a statement"),
        }
    }

    fn line(&self, entry: &Entry) -> StatementLine {
        let listed = entry.batch.is_none() || self.nature.lists;
        let details = if listed {
            entry
                .parts
                .iter()
                .enumerate()
                .map(|(number, (place, minor))| self.detail(entry, number, *place, *minor))
                .collect()
        } else {
            Vec::new()
        };
        let order = entry.batch.map(|order| self.orders[order].reference.clone());
        StatementLine {
            amount: money(entry.minor),
            booked: true,
            reversal: false,
            booked_on: entry.on,
            value_on: Some(entry.on),
            servicer_reference: Some(entry.reference.clone()),
            entry_reference: None,
            transaction_code: Some("PMNT.ICDT.ESCT".to_owned()),
            batch: order.map(|order| BatchInformation {
                message_id: Some(order.clone()),
                payment_information_id: Some(order),
                count: u64::try_from(entry.parts.len()).ok(),
                total: Some(money(entry.minor)),
            }),
            details,
            information: None,
        }
    }

    fn detail(&self, entry: &Entry, number: usize, place: usize, minor: i64) -> LineDetail {
        let payment = &self.payments[place];
        let order = &self.orders[payment.order].reference;
        let all = self.nature.naming == Naming::All;
        let ours = self.nature.naming != Naming::EndToEnd;
        let theirs = self.nature.naming != Naming::Instruction;
        LineDetail {
            amount: Some(money(minor)),
            message_id: all.then(|| order.clone()),
            payment_information_id: all.then(|| order.clone()),
            instruction_id: ours.then(|| payment.instruction.clone()),
            end_to_end_id: theirs.then(|| payment.transfer.end_to_end_id.to_string()),
            uetr: None,
            servicer_reference: Some(format!("{}-{number}", entry.reference)),
            return_reason: entry.comeback.then(|| "AC04".to_owned()),
            remittance: None,
        }
    }
}
