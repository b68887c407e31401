//! Answers against what was asked: the right ones, the same ones again, and none that gives a secret away.

use crate::action::Who;
use crate::model::Rule;
use crate::people::MARKS;
use crate::requests::Move;
use crate::stage::Stage;
use flow::approve::ApprovalGiven;
use flow::intake::Submitted;
use flow::once::Moved;
use flow::upload::Uploaded;
use flow::{Code, Error};
use payment::state::StateName;
use std::fmt;
use store::StoreError;
use vocab::id::PaymentId;

/// Seconds for which a client repeats requests: well within the time that answers are kept.
pub(crate) const REPEATED_FOR: i64 = 48 * 3_600;

/// What came of a request.
#[derive(Clone, Debug)]
pub(crate) enum Came {
    /// It was done, and this was the answer.
    Yes(String),
    /// It was not done.
    No(Code),
    /// Nobody knows.
    Open,
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes(text) => write!(f, "yes: {text}"),
            Self::No(code) => write!(f, "no: {code}"),
            Self::Open => f.write_str("no answer"),
        }
    }
}

impl Stage {
    /// What came of a request, as whoever asked sees it.
    pub(crate) fn came(&mut self, result: &Result<String, Error>, dead: bool) -> Came {
        let error = match result {
            Ok(text) => return Came::Yes(text.clone()),
            Err(error) => error,
        };
        self.no_marks(&format!("{error} {error:?}"), "an error");
        match error {
            _ if dead => Came::Open,
            Error::Refused(refusal) => Came::No(refusal.code),
            Error::Store(StoreError::Full) => Came::No(Code::Busy),
            Error::Store(StoreError::Unavailable { .. } | StoreError::Conflict { .. } | StoreError::Closed) => {
                Came::Open
            }
            Error::Store(StoreError::Unique { .. } | StoreError::Corrupt { .. } | StoreError::Bug { .. })
            | Error::Keys(_)
            | Error::Bug(_) => {
                self.model.violated(Rule::NoBug, format!("{error:?}"));
                Came::Open
            }
        }
    }

    /// No secret may stand here.
    pub(crate) fn no_marks(&mut self, text: &str, place: &str) {
        if let Some(mark) = MARKS.iter().find(|mark| text.contains(**mark)) {
            self.model
                .violated(Rule::Secrecy, format!("`{mark}` stands in {place}"));
        }
    }

    /// A request that was answered before must not be refused now.
    fn not_refused(&mut self, key: &str, code: Code) {
        let recent = |at: i64| self.elapsed() - at < REPEATED_FOR;
        if code != Code::Busy && self.model.answers.get(key).is_some_and(|(_, at)| recent(*at)) {
            let what = format!("{key} was answered before and is refused now: {code}");
            self.model.violated(Rule::ReplayDiffers, what);
        }
    }

    pub(crate) fn submitted(
        &mut self,
        payment: usize,
        altered: bool,
        replay: bool,
        result: Result<Submitted, Error>,
        dead: bool,
    ) -> String {
        let answer = result.as_ref().ok().cloned();
        let text = result.map(|answer| {
            let answer = Submitted {
                replayed: false,
                ..answer
            };
            format!("{answer:?}")
        });
        let came = self.came(&text, dead);
        let key = format!("p{payment}");
        match &came {
            Came::Yes(_) if replay => {
                self.model
                    .violated(Rule::NonceReplay, format!("the signature of {key} was taken twice"));
            }
            Came::Yes(_) if altered => {
                self.model
                    .violated(Rule::AlteredReplay, format!("{key} was taken again with other content"));
            }
            Came::Yes(text) => {
                self.same_answer(&key, text);
                if let Some(answer) = answer {
                    self.accepted(payment, &answer);
                }
            }
            Came::No(code) if !altered && !replay => {
                self.not_refused(&key, *code);
                if let Some(paid) = self.model.payments.get_mut(&payment) {
                    paid.refused = paid.answer.is_none() && *code != Code::Busy;
                }
            }
            Came::No(_) | Came::Open => {}
        }
        came.to_string()
    }

    fn accepted(&mut self, payment: usize, answer: &Submitted) {
        let Some(paid) = self.model.payments.get_mut(&payment) else {
            return;
        };
        paid.refused = false;
        paid.id = Some(answer.payment);
        let right = answer.content_digest == paid.contents[0].digest
            && match answer.state {
                StateName::WaitingForApproval => answer.duplicate_of.is_none(),
                StateName::Received => answer.duplicate_of.is_some(),
                _ => false,
            };
        paid.answer.get_or_insert_with(|| answer.clone());
        if !right {
            self.model
                .violated(Rule::WrongAnswer, format!("p{payment} was answered {answer:?}"));
        }
    }

    pub(crate) fn uploaded(
        &mut self,
        file: usize,
        altered: bool,
        result: Result<(Uploaded, Vec<Option<PaymentId>>), Error>,
        dead: bool,
    ) -> String {
        let answer = result.as_ref().ok().cloned();
        let text = result.map(|(uploaded, payments)| {
            let uploaded = Uploaded {
                replayed: false,
                ..uploaded
            };
            format!("{uploaded:?} {payments:?}")
        });
        let came = self.came(&text, dead);
        let key = format!("f{file}");
        match &came {
            Came::Yes(_) if altered => {
                self.model
                    .violated(Rule::AlteredReplay, format!("{key} was taken again with other content"));
            }
            Came::Yes(text) => {
                self.same_answer(&key, text);
                let Some(filed) = self.model.files.get_mut(&file) else {
                    return String::new();
                };
                filed.answered = true;
                filed.refused = false;
                let ids = answer.map(|(_, ids)| ids).unwrap_or_default();
                for ((payment, _), id) in filed.payments.iter().zip(ids) {
                    if let Some(paid) = self.model.payments.get_mut(payment) {
                        paid.id = id;
                        paid.refused = id.is_none();
                    }
                }
            }
            Came::No(code) if !altered => {
                self.not_refused(&key, *code);
                if let Some(filed) = self.model.files.get_mut(&file)
                    && !filed.answered
                    && *code != Code::Busy
                {
                    filed.refused = true;
                    for (payment, _) in &filed.payments {
                        if let Some(paid) = self.model.payments.get_mut(payment) {
                            paid.refused = true;
                        }
                    }
                }
            }
            Came::No(_) | Came::Open => {}
        }
        came.to_string()
    }

    pub(crate) fn decided(
        &mut self,
        (member, payment): (usize, usize),
        yes: bool,
        key: &str,
        digest: [u8; 32],
        result: Result<ApprovalGiven, Error>,
        dead: bool,
    ) -> String {
        let answer = result.as_ref().ok().cloned();
        let text = result.map(|answer| {
            let answer = ApprovalGiven {
                replayed: false,
                ..answer
            };
            format!("{answer:?}")
        });
        let came = self.came(&text, dead);
        match &came {
            Came::Yes(text) => {
                let known = self.model.answers.contains_key(key);
                self.same_answer(key, text);
                if let (Some(answer), false) = (answer, known) {
                    self.decision_taken(member, payment, yes, digest, &answer);
                }
            }
            Came::No(code) => {
                self.not_refused(key, *code);
                if let Some(paid) = self.model.payments.get_mut(&payment) {
                    let given = |given: &crate::model::Given| {
                        given.member == member && given.digest == digest && !given.certain
                    };
                    if let Some(place) = paid.approvals.iter().rposition(given).filter(|_| yes) {
                        paid.approvals.remove(place);
                    }
                }
            }
            Came::Open => {}
        }
        came.to_string()
    }

    fn decision_taken(&mut self, member: usize, payment: usize, yes: bool, digest: [u8; 32], answer: &ApprovalGiven) {
        let approvers = self.setting.approvers;
        let step = self.model.step;
        let Some(paid) = self.model.payments.get_mut(&payment) else {
            return;
        };
        let mut wrong = Vec::new();
        if paid.makers().contains(&Who::Member(member)) {
            wrong.push("who made the payment decided about it");
        }
        if member > approvers {
            wrong.push("who may not approve decided");
        }
        if !yes {
            if answer.state == StateName::Rejected {
                paid.ended = Some("declined");
            }
        } else {
            let twice = paid
                .approvals
                .iter()
                .any(|given| given.member == member && given.digest == digest && given.certain);
            if twice && !answer.replayed {
                wrong.push("one person's approval was taken twice");
            }
            let given = paid
                .approvals
                .iter_mut()
                .rev()
                .find(|given| given.member == member && given.digest == digest && !given.certain);
            if let Some(given) = given {
                given.certain = true;
            }
            if !paid.contents.iter().any(|content| content.digest == digest) {
                wrong.push("an approval of what the payment never said was taken");
            }
            let count = usize::try_from(answer.count).unwrap_or(usize::MAX);
            let (least, most) = (
                paid.approvers(&digest, true).len(),
                paid.approvers(&digest, false).len(),
            );
            if !answer.replayed && !(least..=most).contains(&count) {
                wrong.push("the number of approvals is not that of the people who gave one");
            }
            let minor = paid.current().transfer.amount.minor();
            let bank = paid.bank;
            if answer.state == StateName::Queued && most < self.model.needed_since(0, minor, bank) {
                wrong.push("it is queued with fewer approvals than any policy asks for");
            }
        }
        for what in wrong {
            let what = format!("m{member} and p{payment} in step {step}: {what}");
            self.model.violated(Rule::WrongAnswer, what);
        }
    }

    pub(crate) fn was_moved(
        &mut self,
        what: Move,
        payment: usize,
        key: &str,
        result: Result<Moved, Error>,
        dead: bool,
    ) -> String {
        let state = result.as_ref().ok().map(|moved| moved.state);
        let text = result.map(|moved| moved.state.to_string());
        let came = self.came(&text, dead);
        match &came {
            Came::Yes(text) => {
                self.same_answer(key, text);
                let Some(paid) = self.model.payments.get_mut(&payment) else {
                    return String::new();
                };
                match (what, state) {
                    (Move::Cancel, Some(StateName::Cancelled)) => paid.ended = Some("cancelled"),
                    (Move::Change(digest), _) => {
                        let place = paid
                            .contents
                            .iter()
                            .rposition(|content| content.digest == digest && !content.certain);
                        if let Some(place) = place {
                            let mut content = paid.contents.remove(place);
                            content.certain = true;
                            paid.contents.push(content);
                        }
                    }
                    (Move::Cancel | Move::Recall | Move::Confirm, _) => {}
                }
            }
            Came::No(code) => {
                self.not_refused(key, *code);
                if let (Move::Change(digest), Some(paid)) = (what, self.model.payments.get_mut(&payment)) {
                    let place = paid
                        .contents
                        .iter()
                        .rposition(|content| content.digest == digest && !content.certain);
                    if let Some(place) = place {
                        paid.contents.remove(place);
                    }
                }
            }
            Came::Open => {}
        }
        came.to_string()
    }
}
