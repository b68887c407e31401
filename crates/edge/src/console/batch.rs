//! One batch: what was found in the file, and what became of its payments.

use super::batches::result;
use super::failure::Failure;
use super::names::Names;
use super::query;
use super::session::Session;
use super::words;
use crate::state::EdgeState;
use crate::ui::pager::pager;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{Row, data_table, number, sentence, text};
use crate::ui::tag::{Tone, status_tag, tag};
use crate::ui::values::{self, counted};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use flow::view::BatchDetail;
use maud::{Markup, html};
use serde::Deserialize;
use vocab::id::BatchId;
use vocab::limits::{PAGE_DEFAULT, PAGE_MAX};

/// The page.
pub(super) struct Batch {
    pub(super) detail: BatchDetail,
    pub(super) names: Names,
    /// Position of the first payment shown.
    pub(super) from: i64,
    pub(super) more: bool,
}

/// What its address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    from: i64,
}

/// `GET /batches/{batch}`
pub(super) async fn show(
    session: Session,
    State(state): State<EdgeState>,
    Path(id): Path<String>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Markup, Failure> {
    let id: BatchId = query::id(&id, "batch with this id")?;
    let from = query::read(query)?.from.max(0);
    let limit = PAGE_DEFAULT.saturating_add(1);
    let mut detail = flow::view::batch(state.platform(), session.ctx, id, from, limit).await?;
    let more = query::cut(&mut detail.payments);
    let names = Names::of(&state, session.ctx).await?;
    Ok(Batch {
        detail,
        names,
        from,
        more,
    }
    .render(&session.frame))
}

impl Batch {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let batch = &self.detail.batch;
        let named = batch.message_id.clone().unwrap_or_else(|| batch.id.to_string());
        let sentence = html! {
            (result(batch)) " " (counted(batch.payments, "payment")) " in a " (batch.format) " file, submitted by "
            (self.names.actor(&batch.created_by.to_string())) " on " (values::time(batch.created_at)) "."
        };
        let actions = html! { a.button href={ "/payments?batch=" (batch.id) } { "Its payments" } };
        let title = html! { "Batch " (named) };
        let content = html! {
            div.stack id="batch-live" data-live {
                (shell::head_of_one(("/batches", "Batches"), &title, &sentence, &actions))
                (self.findings())
                (self.payments())
                (self.file())
            }
        };
        shell::page(frame, Section::Batches, &format!("Batch {named}"), true, &content)
    }

    fn findings(&self) -> Markup {
        let columns = [text("Where"), number("Line"), text("Code"), sentence("What is wrong")];
        let rows = self.detail.findings.iter().take(PAGE_MAX).map(|finding| {
            let whose = finding.payment_number.map_or_else(
                || "The file".to_owned(),
                |number| format!("Payment {}", number.saturating_add(1)),
            );
            vec![
                html! { (whose) span.under { (finding.path) } },
                html! { (finding.line) },
                html! { code { (finding.code) } },
                html! { (words::sentence(&finding.message)) },
            ]
        });
        html! {
            section.card aria-labelledby="findings" {
                header {
                    h2 id="findings" { "Findings" }
                    p {
                        (counted(self.detail.batch.findings, "finding"))
                        @if self.detail.findings.len() > PAGE_MAX { ", the first " (PAGE_MAX) " are shown" }
                    }
                }
                @if self.detail.findings.is_empty() { div.body { p.aside { "Nothing was found wrong in this file." } } }
                @else { (data_table("Findings in the order of the file", &columns, rows)) }
            }
        }
    }

    fn payments(&self) -> Markup {
        let columns = [
            text("Reference"),
            number("Number"),
            number("Line"),
            text("What became of it"),
        ];
        let rows = self.detail.payments.iter().map(|(payment, state)| {
            let reference = payment
                .end_to_end_id
                .as_deref()
                .unwrap_or("without a readable reference");
            let cells = vec![
                match payment.payment {
                    Some(id) => html! { a href={ "/payments/" (id) } { (reference) } },
                    None => html! { (reference) },
                },
                html! { (payment.number.saturating_add(1)) },
                html! { (payment.line) },
                state.map_or_else(|| tag(Tone::Bad, "Not accepted"), status_tag),
            ];
            Row::anchored(&format!("payment-{}", payment.number.saturating_add(1)), cells)
        });
        let address = format!("/batches/{}", self.detail.batch.id);
        let shown = i64::try_from(PAGE_DEFAULT).unwrap_or(i64::MAX);
        let older = self
            .more
            .then(|| format!("{address}?from={}", self.from.saturating_add(shown)));
        html! {
            section.card aria-labelledby="payments" {
                header { h2 id="payments" { "Payments of the file" } p { "In its order" } }
                (data_table("Payments in the order of the file", &columns, rows))
                (pager((self.from > 0).then_some(address.as_str()), older.as_deref()))
            }
        }
    }

    fn file(&self) -> Markup {
        let batch = &self.detail.batch;
        let digest: String = batch.file_digest.iter().map(|byte| format!("{byte:02x}")).collect();
        html! {
            section.card aria-labelledby="file" {
                header { h2 id="file" { "The file" } }
                div.body {
                    dl.facts {
                        dt { "Batch" } dd { (values::id(batch.id)) }
                        dt { "SHA-256" } dd { (values::id(digest)) }
                        dt { "Acceptance" }
                        dd {
                            @if batch.partial { "Good payments of a faulty file were to be accepted." }
                            @else { "All payments or none." }
                        }
                    }
                }
            }
        }
    }
}
