//! The list of batches: files of payments, newest first.

use super::failure::Failure;
use super::names::Names;
use super::query;
use super::session::Session;
use crate::state::EdgeState;
use crate::ui::empty::empty;
use crate::ui::pager::pager;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{data_table, number, text};
use crate::ui::tag::{Tone, tag};
use crate::ui::values;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use flow::view::Batch;
use maud::{Markup, html};
use serde::Deserialize;
use vocab::id::BatchId;

/// The page.
pub(super) struct Batches {
    pub(super) batches: Vec<Batch>,
    pub(super) names: Names,
    pub(super) first: bool,
    pub(super) more: bool,
}

/// What its address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    before: String,
}

/// `GET /batches`
pub(super) async fn list(
    session: Session,
    State(state): State<EdgeState>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Markup, Failure> {
    let asked = query::read(query)?;
    let page = query::page(&asked.before, BatchId::to_i64)?;
    let mut batches = flow::view::batches(state.platform(), session.ctx, page).await?;
    let more = query::cut(&mut batches);
    let names = Names::of(&state, session.ctx).await?;
    Ok(Batches {
        batches,
        names,
        first: asked.before.is_empty(),
        more,
    }
    .render(&session.frame))
}

impl Batches {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let sentence = html! { "Files of payments as they were uploaded, with what was found in them." };
        let last = self.batches.last().filter(|_| self.more);
        let older = last.map(|last| query::with_before("/batches", "", Some(&last.id)));
        let content = html! {
            (shell::head("Batches", &sentence, &html! {}))
            div.card id="batches-live" data-live {
                @if self.batches.is_empty() {
                    (empty("No batches yet", &html! {
                        p { "Upload a pain.001.001.03, pain.001.001.09 or CSV file to " code { "POST /v1/batches" } "." }
                    }))
                } @else { (self.rows()) }
                (pager((!self.first).then_some("/batches"), older.as_deref()))
            }
        };
        shell::page(frame, Section::Batches, "Batches", true, &content)
    }

    fn rows(&self) -> Markup {
        let columns = [
            text("File"),
            text("Format"),
            number("Payments"),
            text("Result"),
            text("Submitted by"),
            text("When"),
        ];
        let rows = self.batches.iter().map(|batch| {
            let named = batch.message_id.clone().unwrap_or_else(|| batch.id.to_string());
            vec![
                html! {
                    a href={ "/batches/" (batch.id) } { (named) }
                    @if batch.message_id.is_some() { span.under { (batch.id) } }
                },
                html! { (batch.format) },
                html! { (batch.payments) },
                result(batch),
                html! { (self.names.actor(&batch.created_by.to_string())) },
                values::time(batch.created_at),
            ]
        });
        data_table("Batches", &columns, rows)
    }
}

/// What became of a file.
pub(super) fn result(batch: &Batch) -> Markup {
    if batch.accepted == batch.payments {
        tag(Tone::Good, "All accepted")
    } else if batch.accepted == 0 {
        tag(Tone::Bad, "None accepted")
    } else {
        tag(
            Tone::Waiting,
            &format!("{} of {} accepted", batch.accepted, batch.payments),
        )
    }
}
