//! Requests on their way to a server, with what the model makes of them before and after.

use super::Stage;
use crate::action::{Asked, Publication, Who};
use crate::model::{Content, Filed, Given, InForce, Paid, Rule, Signed};
use crate::oracle::answers::{Came, REPEATED_FOR};
use crate::people::{Wanted, money, transfer};
use crate::requests::{Done, Move, Request, Task};
use flow::Platform;
use flow::authenticate::idempotency;
use formats::pain001_writer::{self, OrderedPayment};
use vocab::context::World;
use vocab::limits;
use vocab::money::Amount;
use vocab::time::Timestamp;
use vocab::transfer::CreditTransfer;

/// What a content is known by.
fn digest(transfer: &CreditTransfer) -> [u8; 32] {
    flow::content::digest(&canonical(transfer))
}

fn canonical(transfer: &CreditTransfer) -> Vec<u8> {
    flow::content::canonical(transfer).expect("a transfer")
}

fn with_amount(transfer: &CreditTransfer, minor: i64) -> CreditTransfer {
    let mut other = transfer.clone();
    other.amount = Amount::new(money(minor)).expect("an amount");
    other
}

/// A file of payments.
fn file(transfers: &[CreditTransfer], number: usize) -> Vec<u8> {
    let payments: Vec<OrderedPayment<'_>> = transfers
        .iter()
        .enumerate()
        .map(|(number, transfer)| OrderedPayment {
            instruction_id: format!("I{number}").parse().expect("a reference"),
            transfer,
        })
        .collect();
    let order = pain001_writer::Order {
        message_id: format!("FILE-{number}").parse().expect("a reference"),
        created_at: Timestamp::from_seconds(testkit::house::BEGIN),
        initiating_party: "House",
        payment_information_id: format!("FILE-{number}-1").parse().expect("a reference"),
        payments: &payments,
    };
    pain001_writer::write(&order).expect("a file")
}

impl Stage {
    /// Asks a server, which does it unless its writer is held up.
    pub(super) async fn ask(&mut self, number: usize, asked: &Asked) {
        let Some(server) = self.server(number) else { return };
        if server.stalls() {
            return;
        }
        let platform = server.platform.clone().expect("a server");
        let since = self.model.step;
        match self.task(&platform, asked) {
            Some(task) => self.drive(number, task, since).await,
            None => self.note("nothing to do"),
        }
    }

    fn request(&mut self, platform: &Platform, who: Who, once: String, content: Vec<u8>) -> Option<Request> {
        let holder = match who {
            Who::Client => 0,
            Who::Member(number) => number,
        };
        let key = *self.house.keys.get(holder)?;
        let signed = Signed {
            nonce: self.model.draw(),
            expires_at: platform.wall().seconds() + limits::SIGNATURE_SECONDS_MAX,
        };
        Some(Request {
            platform: platform.clone(),
            organization: self.organization(),
            world: self.setting.world,
            key,
            signed,
            once,
            content,
        })
    }

    fn task(&mut self, platform: &Platform, asked: &Asked) -> Option<Task> {
        let platform = platform.clone();
        match asked {
            Asked::Submit { .. } => self.submit(&platform, asked),
            Asked::Repeat { payment, altered } => self.repeat(&platform, *payment, *altered),
            Asked::Replay { payment } => self.replay(&platform, *payment),
            Asked::Upload {
                file,
                bank,
                days,
                together,
                payments,
            } => self.upload(&platform, *file, (*bank, *days, *together), payments),
            Asked::RepeatFile { file, altered } => self.repeat_file(&platform, *file, *altered),
            Asked::Decide {
                member,
                payment,
                yes,
                unseen,
                anew,
            } => self.decide(&platform, (*member, *payment), *yes, *unseen, *anew),
            Asked::Change { who, payment, minor } => self.change(&platform, *who, *payment, *minor),
            Asked::Cancel { payment } => self.moved(&platform, Move::Cancel, *payment, format!("cancel-{payment}")),
            Asked::Recall { payment, number } => {
                self.moved(&platform, Move::Recall, *payment, format!("recall-{payment}-{number}"))
            }
            Asked::Confirm { payment } => self.moved(&platform, Move::Confirm, *payment, format!("confirm-{payment}")),
            Asked::Resolve { number, accept } => {
                let key = format!("resolve-{}", self.model.step);
                let request = self.request(&platform, Who::Member(1), key.clone(), Vec::new())?;
                let (number, accept) = (*number, *accept);
                Some(Box::pin(async move {
                    Done::Resolved(key, request.resolve(number, accept).await)
                }))
            }
            Asked::Policy(text) => {
                let number = self.model.step;
                self.model.policies.push(InForce {
                    text: text.clone(),
                    step: number,
                    certain: false,
                    number,
                });
                let request = self.request(&platform, Who::Member(1), format!("policy-{number}"), Vec::new())?;
                let text = text.clone();
                Some(Box::pin(
                    async move { Done::Policy(number, request.policy(text).await) },
                ))
            }
            Asked::Work => {
                let world = self.setting.world;
                Some(Box::pin(async move {
                    if world == World::Test
                        && let Err(error) = platform.refresh_test_clock().await
                    {
                        return Done::Worked(Err(error));
                    }
                    Done::Worked(flow::worker::run_some(&platform, world, 1).await)
                }))
            }
            Asked::Seal => Some(Box::pin(async move { Done::Sealed(flow::seal::seal(&platform).await) })),
            Asked::Publish(form) => {
                let form = *form;
                Some(Box::pin(async move {
                    Done::Published(form, flow::seal::checkpoint(&platform).await)
                }))
            }
        }
    }

    fn submit(&mut self, platform: &Platform, asked: &Asked) -> Option<Task> {
        let Asked::Submit {
            who,
            payment,
            minor,
            creditor,
            bank,
            days,
            like,
        } = asked
        else {
            return None;
        };
        if self.model.payments.contains_key(payment) || self.known_bank(*bank).is_none() {
            return None;
        }
        let mut transfer = self.wanted(platform, (*payment, *minor), *creditor, (*bank, *days, false));
        if let Some(earlier) = like.and_then(|like| self.model.payments.get(&like)) {
            let earlier = &earlier.contents[0].transfer;
            transfer = CreditTransfer {
                end_to_end_id: transfer.end_to_end_id,
                execution_on: transfer.execution_on,
                batch_booking: false,
                ..earlier.clone()
            };
        }
        let mut request = self.request(platform, *who, format!("p{payment}"), canonical(&transfer))?;
        request.once = format!("p{payment}");
        let bank = like
            .and_then(|like| self.model.payments.get(&like))
            .map_or(*bank, |earlier| earlier.bank);
        let paid = self.paid(*who, bank, None, transfer.clone());
        self.model.payments.insert(*payment, paid);
        Some(submission(request, transfer, *payment, false, false))
    }

    fn wanted(
        &self,
        platform: &Platform,
        (payment, minor): (usize, i64),
        creditor: usize,
        (bank, days, together): (usize, i64, bool),
    ) -> CreditTransfer {
        let execution_on = platform.now(self.setting.world).plus_days(days).date();
        transfer(&Wanted {
            payment,
            minor,
            creditor,
            bank,
            execution_on,
            words: payment,
            together,
        })
    }

    fn paid(&self, who: Who, bank: usize, file: Option<usize>, transfer: CreditTransfer) -> Paid {
        Paid {
            who,
            bank,
            file,
            contents: vec![Content {
                digest: digest(&transfer),
                transfer,
                by: who,
                certain: true,
            }],
            approvals: Vec::new(),
            id: None,
            answer: None,
            asked_at: self.elapsed(),
            signed: None,
            approved_in: 0,
            ended: None,
            refused: false,
        }
    }

    fn repeat(&mut self, platform: &Platform, payment: usize, altered: bool) -> Option<Task> {
        let paid = self.model.payments.get(&payment)?;
        if paid.file.is_some() || (altered && paid.answer.is_none()) || self.too_late(paid.asked_at) {
            return None;
        }
        let (who, first) = (paid.who, paid.contents[0].transfer.clone());
        let transfer = if altered {
            with_amount(&first, first.amount.minor() + 1)
        } else {
            first
        };
        let request = self.request(platform, who, format!("p{payment}"), canonical(&transfer))?;
        Some(submission(request, transfer, payment, altered, false))
    }

    /// Nobody repeats a request for longer than answers are kept.
    fn too_late(&self, asked_at: i64) -> bool {
        self.elapsed() - asked_at >= REPEATED_FOR
    }

    fn replay(&mut self, platform: &Platform, payment: usize) -> Option<Task> {
        let paid = self.model.payments.get(&payment)?;
        let (who, first) = (paid.who, paid.contents[0].transfer.clone());
        // Whether it came in at all is not known before it was answered.
        let signed = paid.signed.filter(|_| paid.answer.is_some())?;
        if platform.wall().seconds() > signed.expires_at {
            return None;
        }
        let mut request = self.request(platform, who, format!("p{payment}"), canonical(&first))?;
        request.signed = signed;
        Some(submission(request, first, payment, false, true))
    }

    fn upload(
        &mut self,
        platform: &Platform,
        number: usize,
        how: (usize, i64, bool),
        payments: &[(usize, i64)],
    ) -> Option<Task> {
        let (bank, days, together) = how;
        let known = payments
            .iter()
            .any(|(payment, _)| self.model.payments.contains_key(payment));
        if known || payments.is_empty() || self.model.files.contains_key(&number) {
            return None;
        }
        self.known_bank(bank)?;
        let mut transfers = Vec::new();
        for (payment, minor) in payments {
            let transfer = self.wanted(platform, (*payment, *minor), *payment, how);
            let paid = self.paid(Who::Client, bank, Some(number), transfer.clone());
            self.model.payments.insert(*payment, paid);
            transfers.push(transfer);
        }
        let filed = Filed {
            bank,
            days,
            together,
            payments: payments.to_vec(),
            bytes: file(&transfers, number),
            answered: false,
            refused: false,
            asked_at: self.elapsed(),
        };
        self.model.files.insert(number, filed);
        self.repeat_file(platform, number, false)
    }

    fn repeat_file(&mut self, platform: &Platform, number: usize, altered: bool) -> Option<Task> {
        let filed = self.model.files.get(&number)?;
        if (altered && !filed.answered) || self.too_late(filed.asked_at) {
            return None;
        }
        let content = if altered {
            let transfers: Vec<CreditTransfer> = filed
                .payments
                .iter()
                .filter_map(|(payment, _)| self.model.payments.get(payment))
                .map(|paid| &paid.contents[0].transfer)
                .map(|transfer| with_amount(transfer, transfer.amount.minor() + 1))
                .collect();
            file(&transfers, number)
        } else {
            filed.bytes.clone()
        };
        let request = self.request(platform, Who::Client, format!("f{number}"), content)?;
        Some(Box::pin(async move {
            Done::Uploaded {
                file: number,
                altered,
                result: request.upload().await,
            }
        }))
    }

    fn decide(
        &mut self,
        platform: &Platform,
        (member, payment): (usize, usize),
        yes: bool,
        unseen: bool,
        anew: bool,
    ) -> Option<Task> {
        let paid = self.model.payments.get(&payment)?;
        let id = paid.id?;
        let mut digest = paid.current().digest;
        if unseen {
            digest[0] ^= 1;
        }
        let mut key = format!(
            "decide-{member}-{payment}-{yes}-{:02x}{:02x}{:02x}",
            digest[0], digest[1], digest[2]
        );
        if anew {
            key.push_str(&format!("-{}", self.model.step));
        }
        let request = self.request(platform, Who::Member(member), key.clone(), digest.to_vec())?;
        let step = self.model.step;
        if yes && let Some(paid) = self.model.payments.get_mut(&payment) {
            if paid.approvals.is_empty() {
                paid.approved_in = step;
            }
            paid.approvals.push(Given {
                member,
                digest,
                certain: false,
            });
        }
        Some(Box::pin(async move {
            Done::Decided {
                member,
                payment,
                yes,
                key,
                digest,
                result: request.decide(id, digest, yes).await,
            }
        }))
    }

    fn change(&mut self, platform: &Platform, who: Who, payment: usize, minor: i64) -> Option<Task> {
        let paid = self.model.payments.get(&payment)?;
        let id = paid.id?;
        let transfer = with_amount(&paid.current().transfer, minor);
        let key = format!("change-{payment}-{}", self.model.step);
        let request = self.request(platform, who, key.clone(), canonical(&transfer))?;
        let digest = digest(&transfer);
        if let Some(paid) = self.model.payments.get_mut(&payment) {
            paid.contents.push(Content {
                digest,
                transfer: transfer.clone(),
                by: who,
                certain: false,
            });
        }
        Some(Box::pin(async move {
            Done::Moved {
                what: Move::Change(digest),
                payment,
                key,
                result: request.change(id, transfer).await,
            }
        }))
    }

    fn moved(&mut self, platform: &Platform, what: Move, payment: usize, key: String) -> Option<Task> {
        let id = self.model.payments.get(&payment)?.id?;
        let request = self.request(platform, Who::Client, key.clone(), Vec::new())?;
        Some(Box::pin(async move {
            Done::Moved {
                what,
                payment,
                key,
                result: request.moved(what, id).await,
            }
        }))
    }

    /// Lets days pass in the test world, which the platform is told of.
    pub(super) async fn ask_clock(&mut self, seconds: i64) {
        for _ in 0..3 {
            let Some(server) = self.servers.iter().find(|server| !server.stalls()) else {
                return;
            };
            let (number, platform) = (server.number, server.platform.clone().expect("a server"));
            server.hook.calm();
            let ctx = self.ctx(&platform);
            let key = format!("clock-{}", self.model.draw());
            let (whose, whole) = ((ctx.organization, ctx.world, ctx.actor), seconds.to_be_bytes());
            let once = idempotency(&platform, whose.0, whose.1, whose.2, "clock", &key, &whole);
            let moved = flow::clock::advance(&platform, ctx, seconds, once).await;
            self.note(format!("s{number} says {}", moved.is_ok()));
            if moved.is_ok() {
                break;
            }
        }
        for place in 0..self.servers.len() {
            if !self.servers[place].stalls()
                && let Some(platform) = self.servers[place].platform.clone()
            {
                drop(platform.refresh_test_clock().await);
            }
        }
    }

    /// Settles what came of a request.
    pub(super) fn settle(&mut self, done: Done, dead: bool) {
        let line = match done {
            Done::Worked(result) => self
                .came(&result.map(|count| format!("{count} jobs")), dead)
                .to_string(),
            Done::Sealed(result) => self
                .came(&result.map(|count| format!("{count} events")), dead)
                .to_string(),
            Done::Published(form, result) => {
                if let (Ok(text), Publication::Done | Publication::AnswerLost) = (&result, form) {
                    self.model.published.push(text.clone());
                }
                self.came(&result.map(|_| "a checkpoint".to_owned()), dead).to_string()
            }
            Done::Submitted {
                payment,
                altered,
                replay,
                signed,
                result,
            } => {
                // Only what was answered is known to have come in.
                if !altered
                    && result.is_ok()
                    && let Some(paid) = self.model.payments.get_mut(&payment)
                {
                    paid.signed = Some(signed);
                }
                self.submitted(payment, altered, replay, result, dead)
            }
            Done::Uploaded { file, altered, result } => self.uploaded(file, altered, result, dead),
            Done::Decided {
                member,
                payment,
                yes,
                key,
                digest,
                result,
            } => self.decided((member, payment), yes, &key, digest, result, dead),
            Done::Moved {
                what,
                payment,
                key,
                result,
            } => self.was_moved(what, payment, &key, result, dead),
            Done::Resolved(key, result) => {
                let came = self.came(&result.map(|resolved| resolved.payment.is_some().to_string()), dead);
                format!("{key} {came}")
            }
            Done::Policy(number, result) => {
                let came = self.came(&result.map(|version| version.to_string()), dead);
                let place = self.model.policies.iter().position(|policy| policy.number == number);
                if let Some(place) = place {
                    match &came {
                        Came::Yes(_) => {
                            let mut policy = self.model.policies.remove(place);
                            policy.certain = true;
                            policy.step = self.model.step;
                            self.model.policies.push(policy);
                        }
                        Came::No(_) => drop(self.model.policies.remove(place)),
                        Came::Open => {}
                    }
                }
                came.to_string()
            }
        };
        self.note(line);
    }

    /// An answer that was given before must be given again.
    pub(crate) fn same_answer(&mut self, key: &str, text: &str) {
        let elapsed = self.elapsed();
        match self.model.answers.get(key) {
            Some((before, at)) if before != text && elapsed - at < REPEATED_FOR => {
                let what = format!("{key} was answered `{before}` and then `{text}`");
                self.model.violated(Rule::ReplayDiffers, what);
            }
            Some(_) => {}
            None => drop(self.model.answers.insert(key.to_owned(), (text.to_owned(), elapsed))),
        }
    }
}

fn submission(request: Request, transfer: CreditTransfer, payment: usize, altered: bool, replay: bool) -> Task {
    Box::pin(async move {
        Done::Submitted {
            payment,
            altered,
            replay,
            signed: request.signed,
            result: request.submit(transfer).await,
        }
    })
}
