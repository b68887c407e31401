//! What banks saw, looked at while it happens: nothing goes out that people did not approve, that somebody took back, or that the bank
//! may have already.

use crate::bank::{Contact, Said};
use crate::model::Rule;
use crate::people::of_end_to_end;
use crate::stage::Stage;
use vocab::limits;
use vocab::transfer::CreditTransfer;

impl Stage {
    /// Looks at new contacts. What is being done began in step `since`.
    pub(crate) fn listen(&mut self, since: usize) {
        for place in 0..self.banks.len() {
            let contacts = std::mem::take(&mut self.bank(place + 1).contacts);
            for contact in contacts {
                self.contact(contact, since);
            }
        }
    }

    fn contact(&mut self, contact: Contact, since: usize) {
        let now = self.elapsed();
        match contact {
            Contact::Begun {
                server,
                reference,
                payments,
            } => {
                self.trace.push(format!("s{server} sends {} payments", payments.len()));
                let travelled = self.model.travelled.entry(reference.clone()).or_default();
                travelled.times += 1;
                let (times, may) = (travelled.times, travelled.may_go_again);
                travelled.may_go_again = false;
                // Every call has a deadline, also one that the scenario keeps for longer.
                let longest = i64::try_from(limits::BANK_CALL_SECONDS).unwrap_or(i64::MAX);
                let recent = now - std::mem::replace(&mut travelled.begun_at, now) <= longest;
                let beside = travelled.under_way.replace(server).filter(|_| recent);
                if let Some(other) = beside {
                    let what = format!("s{server} hands order {reference} over while s{other} is at it");
                    self.model.violated(Rule::SentBlindly, what);
                }
                if times > 1 && !may {
                    let what = format!("order {reference} is sent again, and the bank never said that it has nothing");
                    self.model.violated(Rule::SentBlindly, what);
                }
                if times == 1 {
                    for (instruction, transfer) in payments {
                        self.departs(&instruction, &transfer, since);
                    }
                }
            }
            Contact::Ended { reference } => {
                self.model.travelled.entry(reference).or_default().under_way = None;
            }
            Contact::Arrived { reference, again } => {
                self.trace.push(format!("arrived: again {again} {}", reference.len()))
            }
            Contact::Answered { reference, said } => {
                self.trace.push(format!("the bank says {said:?}"));
                let travelled = self.model.travelled.entry(reference).or_default();
                travelled.may_go_again = said == Said::NotReceived;
            }
        }
    }

    fn departs(&mut self, instruction: &str, transfer: &CreditTransfer, since: usize) {
        let payment = of_end_to_end(transfer.end_to_end_id.as_str());
        let known = payment.and_then(|payment| self.model.payments.get(&payment));
        let (Some(payment), Some(paid)) = (payment, known) else {
            let what = format!("{instruction} is sent and nobody asked for it");
            return self.model.violated(Rule::SentAltered, what);
        };
        let digest = flow::content::digest(&flow::content::canonical(transfer).expect("a transfer"));
        let place = paid.contents.iter().rposition(|content| content.digest == digest);
        let newest = paid.contents.iter().rposition(|content| content.certain).unwrap_or(0);
        let minor = transfer.amount.minor();
        // What was decided to be sent by work that was broken off is sent later, by the policy of then.
        let broken_off = self
            .model
            .broken_off
            .iter()
            .copied()
            .filter(|step| *step >= paid.approved_in);
        let since = broken_off.min().unwrap_or(since).min(since);
        let (given, needed) = (
            paid.approvers(&digest, false).len(),
            self.model.needed_since(since, minor, paid.bank),
        );
        let ended = paid.ended;
        if place.is_none_or(|place| place < newest) {
            let what = format!("p{payment} is sent with a content that it does not have");
            self.model.violated(Rule::SentAltered, what);
        }
        if given < needed {
            let what = format!("p{payment} is sent with {given} approvals, {needed} are asked for");
            self.model.violated(Rule::SentWithoutApprovals, what);
        }
        if let Some(ended) = ended {
            self.model
                .violated(Rule::SentAfterNo, format!("p{payment} is sent, and it was {ended}"));
        }
    }
}
