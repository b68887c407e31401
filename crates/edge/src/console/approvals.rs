//! Waiting for you: the payments that wait for a decision of whoever is signed in. One code decides about those that are ticked, and is
//! bound to the hash of exactly what will be sent for each of them.

use super::failure::Failure;
use super::query;
use super::sent::Sent;
use super::session::SignedIn;
use super::sign_in::again;
use crate::state::EdgeState;
use crate::ui::empty::empty;
use crate::ui::field::{code_entry, problem};
use crate::ui::shell::{self, Frame, Section};
use crate::ui::tag::{Tone, tag};
use crate::ui::values;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use flow::inbox::{Inbox, Waiting};
use flow::step_up::Decision;
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use vocab::id::PaymentId;
use vocab::money::Money;
use vocab::transfer::Remittance;

const HINT: &str =
    "Tick the payments that you have looked at. Your code is bound to every one that is ticked, with its hash.";

/// What the page is asked to say about what was done last.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    approved: Option<u32>,
    declined: Option<u32>,
}

/// What was entered into the form that is shown again. Nothing is ticked beforehand: a tick says that somebody has looked.
#[derive(Debug, Default)]
struct Entered {
    ticked: BTreeSet<(PaymentId, [u8; 32])>,
    note: String,
}

/// `GET /approvals`
pub(super) async fn list(
    session: SignedIn,
    State(state): State<EdgeState>,
    asked: Result<Query<Done>, QueryRejection>,
) -> Result<Markup, Failure> {
    let done = query::read(asked)?;
    let waiting = flow::inbox::waiting(state.platform(), session.member.ctx).await?;
    Ok(page(&session.frame, &waiting, &done, &Entered::default(), None))
}

/// `POST /approvals`: decides about the ticked payments, all of them or none.
pub(super) async fn decide(State(state): State<EdgeState>, sent: Sent) -> Result<Response, Failure> {
    let malformed = || Failure::Malformed("The form does not belong to this page. Nothing was decided.".to_owned());
    // A form that was sent without a button decides nothing.
    let approved = match sent.fields.text("decision") {
        "approve" => true,
        "decline" => false,
        _ => return Err(malformed()),
    };
    let payments: Option<Vec<_>> = sent.fields.all("payment").map(named).collect();
    let payments = payments.ok_or_else(malformed)?;
    let count = payments.len();
    let entered = Entered {
        ticked: payments.iter().copied().collect(),
        note: sent.fields.text("note").to_owned(),
    };
    let decision = Decision {
        payments,
        approved,
        note: sent.fields.text("note").to_owned(),
        code: sent.fields.text("code").to_owned(),
    };
    match flow::step_up::decide(state.platform(), &sent.member, decision).await {
        Ok(_) => {
            let done = if approved { "approved" } else { "declined" };
            Ok(Redirect::to(&format!("/approvals?{done}={count}")).into_response())
        }
        Err(error) => {
            let waiting = flow::inbox::waiting(state.platform(), sent.member.ctx).await?;
            again(error, |words| {
                page(&sent.frame, &waiting, &Done::default(), &entered, Some(words))
            })
        }
    }
}

/// A payment and the hash that the page showed, as the form sends them: `pay_…:hash`.
fn named(text: &str) -> Option<(PaymentId, [u8; 32])> {
    let (payment, hash) = text.split_once(':')?;
    Some((payment.parse().ok()?, crate::api::v1::approvals::unhex(hash)?))
}

fn page(frame: &Frame, inbox: &Inbox, done: &Done, entered: &Entered, wrong: Option<&str>) -> Markup {
    let (mine, others): (Vec<&Waiting>, Vec<&Waiting>) =
        inbox.waiting.iter().partition(|waiting| waiting.not_for.is_none());
    let sentence = html! {
        "Payments that need your decision. What you approve is what leaves the house: a payment that is changed afterwards waits again."
    };
    let content = html! {
        (shell::head("Waiting for you", &sentence, &html! {}))
        (told(done))
        (problem(wrong))
        (beyond(inbox))
        @if mine.is_empty() {
            div.card {
                (empty("Nothing waits for you", &html! {
                    p { "New payments appear here as soon as somebody submits them. Those that you made yourself wait for somebody else." }
                }))
            }
        } @else {
            form.stack method="post" action="/approvals" {
                (frame.token())
                section.card aria-labelledby="mine" {
                    header { h2 id="mine" { (values::counted(i64::try_from(mine.len()).unwrap_or(i64::MAX), "payment")) } p { (totals(&mine)) } }
                    ul.choices { @for waiting in &mine { (choice(waiting, entered)) } }
                }
                (deciding(&entered.note))
            }
        }
        @if !others.is_empty() {
            section.card aria-labelledby="others" {
                header { h2 id="others" { "Waiting for somebody else" } }
                ul.choices { @for waiting in &others { (other(waiting)) } }
            }
        }
    };
    shell::page(frame, Section::Approvals, "Waiting for you", false, &content)
}

fn told(done: &Done) -> Markup {
    let sentence = match (done.approved, done.declined) {
        (Some(count), _) => Some(format!(
            "You approved {}.",
            values::counted(i64::from(count), "payment")
        )),
        (None, Some(count)) => Some(format!(
            "You declined {}.",
            values::counted(i64::from(count), "payment")
        )),
        (None, None) => None,
    };
    html! { @if let Some(sentence) = sentence { p.notice.good role="status" { (sentence) } } }
}

/// What the page does not show.
fn beyond(inbox: &Inbox) -> Markup {
    let more = values::counted(i64::try_from(inbox.beyond).unwrap_or(i64::MAX), "more payment");
    html! {
        @if inbox.beyond > 0 {
            p.notice role="status" {
                "Not shown here: " (more) "."
                @if inbox.more_for_you { " Decide about these, and the next that wait for you appear." }
            }
        }
    }
}

/// What all of them come to, by currency.
fn totals(waiting: &[&Waiting]) -> Markup {
    let mut totals: BTreeMap<&str, Option<Money>> = BTreeMap::new();
    for one in waiting {
        let sum = one.payment.transfer.amount.money();
        let total = totals
            .entry(sum.currency().code())
            .or_insert(Some(Money::new(0, sum.currency())));
        *total = total.and_then(|total| total.checked_add(sum).ok());
    }
    html! {
        "Together "
        @for (place, (code, total)) in totals.iter().enumerate() {
            @if place > 0 { ", " }
            @match total { Some(total) => (values::money(*total)), None => { "more " (code) " than can be counted" } }
        }
    }
}

/// The note, the code and the two buttons.
fn deciding(note: &str) -> Markup {
    html! {
        section.card aria-labelledby="decide" {
            header { h2 id="decide" { "Decide" } }
            div.body.form {
                div.field {
                    label for="note" { "Words for the record (optional)" }
                    input type="text" id="note" name="note" value=(note) maxlength="500" autocomplete="off";
                }
                (code_entry("code", "Code of your authenticator app", HINT))
                div.actions {
                    button.button.first type="submit" name="decision" value="approve" { "Approve" }
                    button.button type="submit" name="decision" value="decline" { "Decline for good" }
                }
            }
        }
    }
}

fn choice(waiting: &Waiting, entered: &Entered) -> Markup {
    let payment = &waiting.payment;
    // Only the very content that was ticked: one that was changed meanwhile is to be looked at again.
    let ticked = crate::api::v1::approvals::unhex(&payment.content_hash)
        .is_some_and(|hash| entered.ticked.contains(&(payment.id, hash)));
    let tick = format!("tick-{}", payment.id);
    html! {
        li id=(payment.id) {
            input type="checkbox" id=(tick) name="payment" value={ (payment.id) ":" (payment.content_hash) } checked[ticked];
            label for=(tick) { (line(waiting)) }
            (details(waiting))
        }
    }
}

fn other(waiting: &Waiting) -> Markup {
    html! {
        li {
            p { (line(waiting)) }
            p.aside.small { (super::words::sentence(waiting.not_for.as_deref().unwrap_or_default())) }
            (details(waiting))
        }
    }
}

fn line(waiting: &Waiting) -> Markup {
    let transfer = &waiting.payment.transfer;
    html! { strong { (values::money(transfer.amount.money())) } " to " (transfer.creditor.name) }
}

fn details(waiting: &Waiting) -> Markup {
    let (payment, transfer) = (&waiting.payment, &waiting.payment.transfer);
    html! {
        div.details.small {
            span { (values::account(&transfer.creditor_account)) }
            span { "from " (values::account(&transfer.debtor_account)) }
            span { "on " (values::date(transfer.execution_on)) }
            @match &transfer.remittance {
                Remittance::None => {},
                Remittance::Text(text) => span { "\u{201c}" (text) "\u{201d}" },
                Remittance::Creditor(reference) => span { (reference.as_str()) },
                Remittance::Other(reference) => span { (reference) },
            }
            @if waiting.needed > 1 { (tag(Tone::Waiting, &format!("{} of {} approvals", waiting.given, waiting.needed))) }
            a href={ "/payments/" (payment.id) } { "See everything" }
            span.hash { "Hash " code.id { (payment.content_hash) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_what_it_does_not_show() {
        let told = |beyond, more_for_you| {
            let inbox = Inbox {
                waiting: Vec::new(),
                beyond,
                more_for_you,
            };
            super::beyond(&inbox).into_string()
        };
        assert_eq!(told(0, false), "");
        assert!(told(30, true).contains("30 more payments.") && told(30, true).contains("wait for you"));
        assert!(told(1, false).contains("1 more payment.") && !told(1, false).contains("for you"));
    }
}
