//! One payment: who pays whom, why it is where it is, what happens next, and everything that happened so far.

use super::failure::Failure;
use super::ledger;
use super::names::Names;
use super::query;
use super::session::Session;
use super::{standing, words};
use crate::state::EdgeState;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{data_table, number, sentence, text};
use crate::ui::tag::{Tone, status_tag, tag};
use crate::ui::timeline::{Moment, timeline};
use crate::ui::values;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use flow::rights::Action;
use flow::view::{AccountView, EventView, PaymentDetail, State as PaymentState};
use maud::{Markup, html};
use vocab::account::{AccountNumber, Bic};
use vocab::id::PaymentId;
use vocab::money::Money;
use vocab::party::{Party, PostalAddress};
use vocab::time::Timestamp;
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

/// What a payment is called when there is none.
const PAYMENT: &str = "payment with this id";

/// The page.
pub(super) struct Payment {
    pub(super) detail: PaymentDetail,
    pub(super) names: Names,
    pub(super) accounts: Vec<AccountView>,
    /// Whether whoever looks may decide about payments.
    pub(super) decides: bool,
}

/// `GET /payments/{payment}`
pub(super) async fn show(
    session: Session,
    State(state): State<EdgeState>,
    Path(id): Path<String>,
) -> Result<Markup, Failure> {
    let id: PaymentId = query::id(&id, PAYMENT)?;
    let detail = flow::view::payment_detail(state.platform(), session.ctx, id).await?;
    let names = Names::of(&state, session.ctx).await?;
    let accounts = flow::view::accounts(state.platform(), session.ctx).await?;
    Ok(Payment {
        detail,
        names,
        accounts,
        decides: session.member.is_some_and(|member| member.may(Action::ApprovePayment)),
    }
    .render(&session.frame))
}

/// `GET /payments/{payment}/receipt`: the proof that verifies offline.
pub(super) async fn receipt(
    session: Session,
    State(state): State<EdgeState>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: PaymentId = query::id(&id, PAYMENT)?;
    let receipt = flow::receipt::receipt(state.platform(), session.ctx, id)
        .await?
        .ok_or(Failure::NotSealed)?;
    let named = format!("attachment; filename=\"{id}.tlog-proof\"");
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, named),
    ];
    Ok((headers, receipt).into_response())
}

impl Payment {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let title = format!("Payment to {}", self.transfer().creditor.name);
        let content = html! {
            div.stack id="payment-live" data-live {
                (self.head())
                (self.decision())
                div.pair {
                    (self.history())
                    div.stack { (self.next()) (self.order()) (self.approvals()) }
                }
                (self.contacts())
                (self.lines())
                (self.entries())
            }
        };
        shell::page(frame, Section::Payments, &title, true, &content)
    }

    fn transfer(&self) -> &CreditTransfer {
        &self.detail.payment.transfer
    }

    fn head(&self) -> Markup {
        let payment = &self.detail.payment;
        let title = html! { (values::money(self.transfer().amount.money())) " to " (self.transfer().creditor.name) };
        let sentence = html! {
            (status_tag(payment.state.name())) " " (values::linked(&standing::why(&payment.state, &payment.transfer)))
            " Since " (values::time(payment.since)) "."
        };
        let actions = html! {
            @if self.detail.sealed {
                a.button href={ "/payments/" (payment.id) "/receipt" } download { "Download receipt" }
            } @else {
                span.aside.small { "The receipt is ready in about a second." }
            }
        };
        shell::head_of_one(("/payments", "Payments"), &title, &sentence, &actions)
    }

    fn decision(&self) -> Markup {
        let payment = &self.detail.payment;
        let waits = matches!(payment.state, PaymentState::WaitingForApproval { .. });
        html! {
            @if self.decides && waits {
                p.notice.waiting {
                    "This payment waits for approval. "
                    a href={ "/approvals#" (payment.id) } { "Decide about it" }
                }
            }
        }
    }

    fn next(&self) -> Markup {
        html! {
            section.card aria-labelledby="next" {
                header { h2 id="next" { "What happens next" } }
                div.body {
                    p { (values::linked(&standing::next(&self.detail.payment.state, self.transfer()))) }
                    @if let PaymentState::Received { duplicate_of: Some(earlier) } = &self.detail.payment.state {
                        p { a href={ "/payments/" (earlier) } { "Compare with the earlier payment" } }
                    }
                }
            }
        }
    }

    fn order(&self) -> Markup {
        let (payment, transfer) = (&self.detail.payment, self.transfer());
        html! {
            section.card aria-labelledby="order" {
                header { h2 id="order" { "What was ordered" } }
                div.body {
                    dl.facts {
                        (fact("From", &party(&transfer.debtor, &transfer.debtor_account, transfer.debtor_agent.as_ref())))
                        (fact("To", &party(&transfer.creditor, &transfer.creditor_account, transfer.creditor_agent.as_ref())))
                        (fact("Amount", &values::money(transfer.amount.money())))
                        (fact("Execution", &values::date(transfer.execution_on)))
                        (fact("Reference", &values::id(&transfer.end_to_end_id)))
                        (fact("Told to payee", &remittance(&transfer.remittance)))
                        (fact("Charges", &html! { (charges(transfer.charges)) }))
                        @if let Some(level) = &transfer.service_level { (fact("Service", &html! { (level) })) }
                        @if let Some(uetr) = &transfer.uetr { (fact("UETR", &values::id(uetr.as_str()))) }
                        @if payment.held_minor > 0 {
                            (fact("Reserved", &values::money(Money::new(payment.held_minor, transfer.amount.currency()))))
                        }
                        (fact("Made by", &html! { (self.names.actor(&payment.created_by)) }))
                        @if let Some(batch) = payment.batch {
                            (fact("Batch", &html! { a href={ "/batches/" (batch) } { (batch) } }))
                        }
                        @if let Some(order) = self.detail.order { (fact("Order", &values::id(order))) }
                        (fact("Payment", &values::id(payment.id)))
                        (fact("Version", &html! { (payment.version) }))
                        (fact("Content hash", &values::id(&payment.content_hash)))
                    }
                }
            }
        }
    }

    fn approvals(&self) -> Markup {
        html! {
            section.card aria-labelledby="approvals" {
                header { h2 id="approvals" { "Approvals" } }
                @if self.detail.approvals.is_empty() {
                    div.body { p.aside { "Nobody has decided about this payment yet." } }
                } @else {
                    ul.todo {
                        @for given in &self.detail.approvals {
                            li {
                                @if !given.counts { (tag(Tone::Quiet, "Void")) }
                                @else if given.approval.approved { (tag(Tone::Good, "Yes")) }
                                @else { (tag(Tone::Bad, "No")) }
                                span.what {
                                    (given.name)
                                    @if !given.approval.note.is_empty() { span.aside { ": " (given.approval.note) } }
                                    @if !given.counts { span.aside { " (for content that was changed since)" } }
                                }
                                span.when { (values::time(given.approval.given_at)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn history(&self) -> Markup {
        let moments: Vec<Moment> = self
            .detail
            .timeline
            .iter()
            .map(|event| moment(event, &self.names))
            .collect();
        html! {
            section.card aria-labelledby="timeline" {
                header { h2 id="timeline" { "What happened" } p { "Oldest first" } }
                div.body { (timeline(&moments)) }
            }
        }
    }

    fn contacts(&self) -> Markup {
        let columns = [text("Contact"), sentence("Details"), text("When")];
        let rows = self.detail.attempts.iter().map(|attempt| {
            let (tone, said) = words::attempt(&attempt.kind, &attempt.outcome);
            // What is noted with a contact that has begun is for our own workers.
            let detail = if attempt.outcome == "begun" {
                ""
            } else {
                attempt.detail.as_str()
            };
            vec![tag(tone, &said), html! { (detail) }, values::exact_time(attempt.at)]
        });
        html! {
            @if !self.detail.attempts.is_empty() {
                section.card aria-labelledby="contacts" {
                    header { h2 id="contacts" { "Contacts with the bank" } }
                    (data_table("Contacts with the bank, oldest first", &columns, rows))
                }
            }
        }
    }

    fn lines(&self) -> Markup {
        let columns = [
            text("Statement"),
            number("Line"),
            text("Booked"),
            text("Explained by"),
            sentence("Explanation"),
        ];
        let rows = self.detail.matches.iter().map(|(line, matched)| {
            let (tone, rule) = words::rule(&line.rule);
            let part = Money::new(matched.amount_minor, line.amount.currency());
            vec![
                html! {
                    a href={ "/statements/" (line.statement) "#" (line.id) } { (line.statement) }
                    span.under { (matched.effect) " " (values::money(part)) }
                },
                values::money(line.amount),
                values::date(line.booked_on),
                tag(tone, &rule),
                values::linked(&line.explanation),
            ]
        });
        html! {
            @if !self.detail.matches.is_empty() {
                section.card aria-labelledby="lines" {
                    header { h2 id="lines" { "On the bank\u{2019}s statements" } }
                    (data_table("Statement lines that this payment explains", &columns, rows))
                }
            }
        }
    }

    fn entries(&self) -> Markup {
        html! {
            @if !self.detail.entries.is_empty() {
                section.card aria-labelledby="entries" {
                    header { h2 id="entries" { "In the ledger" } }
                    (ledger::entries_of_payment(&self.detail.entries, &self.accounts))
                }
            }
        }
    }
}

/// An event for a timeline.
pub(super) fn moment(event: &EventView, names: &Names) -> Moment {
    let told = words::event(&event.kind, event.body.get("data"));
    Moment {
        anchor: event.id.to_string(),
        tone: told.tone,
        said: told.said,
        told: told.more,
        by: format!("by {}", names.actor(&event.actor)),
        at: Timestamp::parse(&event.at),
        about: None,
        place: event.position.map_or_else(
            || "on its way into the log".to_owned(),
            |place| format!("log entry {place}"),
        ),
        record: serde_json::to_string_pretty(&event.body).unwrap_or_default(),
    }
}

fn fact(name: &str, value: &Markup) -> Markup {
    html! { dt { (name) } dd { (value) } }
}

fn party(party: &Party, account: &AccountNumber, agent: Option<&Bic>) -> Markup {
    html! {
        (party.name) br;
        (values::account(account))
        @if let Some(agent) = agent { br; span.aside.small { (agent.as_str()) } }
        @if let Some(address) = &party.address { br; span.aside.small { (address_line(address)) } }
    }
}

fn address_line(address: &PostalAddress) -> String {
    let street = joined(&[&address.street, &address.building], " ");
    let town = joined(&[&address.post_code, &address.town], " ");
    let lines = address.lines.iter().map(String::as_str);
    let rest = [address.subdivision.as_deref(), address.country.as_deref()]
        .into_iter()
        .flatten();
    let parts: Vec<&str> = lines
        .chain([street.as_str(), town.as_str()])
        .chain(rest)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(", ")
}

fn joined(parts: &[&Option<String>], between: &str) -> String {
    let parts: Vec<&str> = parts.iter().filter_map(|part| part.as_deref()).collect();
    parts.join(between)
}

fn remittance(remittance: &Remittance) -> Markup {
    match remittance {
        Remittance::None => html! { span.aside { "nothing" } },
        Remittance::Text(text) => html! { (text) },
        Remittance::Creditor(reference) => values::id(reference.as_str()),
        Remittance::Other(reference) => values::id(reference),
    }
}

fn charges(bearer: ChargeBearer) -> &'static str {
    match bearer {
        ChargeBearer::ServiceLevel => "as the service level says",
        ChargeBearer::Shared => "shared",
        ChargeBearer::Debtor => "borne by the payer",
        ChargeBearer::Creditor => "borne by the payee",
    }
}
