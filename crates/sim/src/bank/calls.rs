//! The way from one server to a bank: where requests and answers are lost, late, refused or torn.

use super::{Asked, Bank, Contact, Order, Payment, Said, Standing};
use crate::action::{Behaviour, Call};
use crate::hook::{Hook, Signal, hold};
use crate::planted::Bug;
use formats::{camt055, order};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use vocab::exchange::{Channel, Collected, Document, DocumentKind, Inquiry, Receipt, Unreachable};
use vocab::limits;
use vocab::time::Timestamp;

/// The way to a bank, as one life of a server has it.
pub struct Way {
    /// The bank's name.
    pub name: &'static str,
    /// The bank.
    pub bank: Arc<Mutex<Bank>>,
    /// Whether a live world may use it.
    pub simulated: bool,
    /// The server, from 1.
    pub server: usize,
    /// Whether the server lives.
    pub hook: Arc<Hook>,
    /// Where a call says that it hangs.
    pub signal: Signal,
    /// Seconds that have passed, whatever the clock says.
    pub elapsed: Arc<AtomicI64>,
    /// What is wrong with this way.
    pub bug: Option<Bug>,
}

fn no_answer() -> String {
    "no answer in time".to_owned()
}

impl Way {
    fn lock(&self) -> MutexGuard<'_, Bank> {
        self.bank.lock().expect("no panic")
    }

    fn behaviour(&self, call: Call) -> Option<Behaviour> {
        self.lock().armed.get_mut(&call)?.pop_front()
    }

    /// Hangs. Every call has a deadline of its own; true when it has passed, or when whoever called has gone.
    fn hangs_too_long(&self) -> bool {
        let begun = self.elapsed.load(Ordering::Relaxed);
        hold(&self.signal, false);
        let longest = i64::try_from(limits::BANK_CALL_SECONDS).unwrap_or(i64::MAX);
        self.hook.is_dead() || self.elapsed.load(Ordering::Relaxed) - begun > longest
    }

    fn deliver(&self, document: &Document) -> Receipt {
        match self.behaviour(Call::Send) {
            Some(Behaviour::LosesRequest) => Receipt::Unknown(no_answer()),
            Some(Behaviour::HangsBefore) if self.hangs_too_long() => Receipt::Unknown(no_answer()),
            Some(Behaviour::LosesAnswer) => {
                self.lock().receive(document, false);
                Receipt::Unknown(no_answer())
            }
            Some(Behaviour::HangsAfter) => {
                let receipt = self.lock().receive(document, false);
                if self.hangs_too_long() {
                    Receipt::Unknown(no_answer())
                } else {
                    receipt
                }
            }
            Some(Behaviour::Refuses) => self.lock().receive(document, true),
            Some(Behaviour::Babbles) => {
                let mut bank = self.lock();
                bank.receive(document, false);
                Receipt::Accepted(nonsense(&mut bank))
            }
            Some(Behaviour::HangsBefore | Behaviour::Tears) | None => self.lock().receive(document, false),
        }
    }

    fn ask(&self, reference: &str) -> Inquiry {
        let silence = || Inquiry::Unknown(no_answer());
        match self.behaviour(Call::Inquire) {
            Some(Behaviour::LosesRequest | Behaviour::LosesAnswer | Behaviour::Refuses) => silence(),
            Some(Behaviour::HangsBefore) if self.hangs_too_long() => silence(),
            Some(Behaviour::HangsAfter) => {
                let answer = self.lock().tell(reference);
                if self.hangs_too_long() { silence() } else { answer }
            }
            Some(Behaviour::Babbles) => Inquiry::Found(nonsense(&mut self.lock())),
            Some(Behaviour::HangsBefore | Behaviour::Tears) | None => self.lock().tell(reference),
        }
    }
}

fn nonsense(bank: &mut Bank) -> Document {
    let reference = bank.draw("GTW");
    let body = format!("<html>502 {reference}</html>").into_bytes();
    Document {
        kind: DocumentKind::Pain002,
        reference,
        body,
    }
}

impl Channel for Way {
    fn name(&self) -> &'static str {
        self.name
    }

    fn simulated(&self) -> bool {
        self.simulated
    }

    fn send(&self, document: &Document, _: Timestamp) -> Receipt {
        if document.kind == DocumentKind::Pain001 {
            let payments = order::read(&document.body)
                .map(|order| order.payments)
                .unwrap_or_default();
            let (server, reference) = (self.server, document.reference.clone());
            let payments = payments.into_iter().map(|(id, transfer)| (id.to_string(), transfer));
            self.lock().contacts.push(Contact::Begun {
                server,
                reference,
                payments: payments.collect(),
            });
        }
        let receipt = self.deliver(document);
        // What becomes of the calls of a server that has vanished, nobody sees.
        if !self.hook.is_dead() && document.kind == DocumentKind::Pain001 {
            let reference = document.reference.clone();
            self.lock().contacts.push(Contact::Ended { reference });
        }
        match receipt {
            Receipt::Unknown(text) if self.bug == Some(Bug::SilenceIsRefusal) => Receipt::Rejected {
                code: "TM01".to_owned(),
                text,
            },
            receipt => receipt,
        }
    }

    fn inquire(&self, reference: &str, _: Timestamp) -> Inquiry {
        match self.ask(reference) {
            Inquiry::Unknown(_) if self.bug == Some(Bug::ResendsOnUnknown) => Inquiry::NotReceived,
            inquiry => inquiry,
        }
    }

    fn collect(&self, cursor: i64, limit: usize, _: Timestamp) -> Result<Collected, Unreachable> {
        let mut torn = false;
        match self.behaviour(Call::Collect) {
            Some(Behaviour::LosesRequest | Behaviour::LosesAnswer | Behaviour::Refuses | Behaviour::Babbles) => {
                return Err(Unreachable(no_answer()));
            }
            Some(Behaviour::HangsBefore | Behaviour::HangsAfter) if self.hangs_too_long() => {
                return Err(Unreachable(no_answer()));
            }
            Some(Behaviour::Tears) => torn = true,
            Some(Behaviour::HangsBefore | Behaviour::HangsAfter) | None => {}
        }
        let mut bank = self.lock();
        let from = usize::try_from(cursor).expect("a cursor of ours");
        let mut documents: Vec<Document> = bank.mailbox.iter().skip(from).take(limit).cloned().collect();
        let until = from + documents.len();
        bank.read_to = from;
        if let Some(last) = documents.last_mut().filter(|_| torn) {
            last.body.truncate(last.body.len() / 2);
            bank.torn.push(until - 1);
        }
        Ok(Collected {
            documents,
            cursor: i64::try_from(until).expect("a cursor"),
        })
    }
}

impl Bank {
    fn receive(&mut self, document: &Document, refused: bool) -> Receipt {
        if document.kind == DocumentKind::Camt055 {
            return self.receive_recall(document);
        }
        let known = self
            .orders
            .iter()
            .position(|order| order.reference == document.reference);
        self.contacts.push(Contact::Arrived {
            reference: document.reference.clone(),
            again: known.is_some(),
        });
        if let Some(place) = known.filter(|_| self.nature.recognises) {
            assert_eq!(self.orders[place].body, document.body, "one reference, two contents");
            return Receipt::Rejected {
                code: "DU01".to_owned(),
                text: "the message is known".to_owned(),
            };
        }
        let read = order::read(&document.body).expect("an order that can be read");
        let place = self.orders.len();
        let mut payments = Vec::new();
        for (instruction, transfer) in read.payments {
            payments.push(self.payments.len());
            self.payments.push(Payment {
                order: place,
                instruction: instruction.to_string(),
                transfer,
                standing: if refused {
                    Standing::Rejected
                } else {
                    Standing::Accepted
                },
                booked: 0,
                returned: false,
                odd: false,
            });
        }
        self.orders.push(Order {
            reference: document.reference.clone(),
            body: document.body.clone(),
            refused,
            payments,
        });
        if refused {
            return Receipt::Rejected {
                code: "FF01".to_owned(),
                text: "no".to_owned(),
            };
        }
        Receipt::Accepted(self.report(place))
    }

    fn receive_recall(&mut self, document: &Document) -> Receipt {
        let known = self.recalls.iter().position(|asked| asked.case == document.reference);
        let place = known.unwrap_or_else(|| {
            let request = camt055::read(&document.body).expect("a request that can be read");
            self.recalls.push(Asked {
                case: document.reference.clone(),
                request,
                decided: false,
            });
            self.recalls.len() - 1
        });
        Receipt::Accepted(self.tell_of_recall(place))
    }

    fn tell_of_recall(&mut self, place: usize) -> Document {
        match (self.recalls[place].decided, self.grants) {
            (true, _) => self.recall_again(place),
            (false, Some(granted)) => self.answer_recall(place, granted),
            (false, None) => self.recall_pending(place),
        }
    }

    /// What the bank says, noted in the moment in which it does: the answer may travel for long.
    fn tell(&mut self, reference: &str) -> Inquiry {
        let recall = self.recalls.iter().position(|asked| asked.case == reference);
        let order = self.orders.iter().position(|order| order.reference == reference);
        let (said, inquiry) = match (recall, order) {
            (Some(place), _) => (Said::Found, Inquiry::Found(self.tell_of_recall(place))),
            (None, Some(place)) => (Said::Found, Inquiry::Found(self.report(place))),
            (None, None) => (Said::NotReceived, Inquiry::NotReceived),
        };
        self.contacts.push(Contact::Answered {
            reference: reference.to_owned(),
            said,
        });
        inquiry
    }
}
