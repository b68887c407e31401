//! The log: how far it has grown, its signed checkpoint, how to verify receipts without trusting this server, and recent events.

use super::failure::Failure;
use super::names::Names;
use super::payment::moment;
use super::query;
use super::session::Session;
use crate::state::EdgeState;
use crate::ui::empty::empty;
use crate::ui::pager::pager;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::timeline::{Moment, timeline};
use crate::ui::values;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use flow::view::{EventView, Overview};
use maud::{Markup, html};
use serde::Deserialize;

/// Leaves of the log that are looked through for one page.
const LEAVES: u64 = 30;

/// The page.
pub(super) struct Log {
    pub(super) overview: Overview,
    pub(super) verifier: String,
    pub(super) events: Vec<EventView>,
    pub(super) names: Names,
    /// Leaves below this one are shown.
    pub(super) below: u64,
}

/// What its address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    below: Option<u64>,
}

/// `GET /log`
pub(super) async fn show(
    session: Session,
    State(state): State<EdgeState>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Markup, Failure> {
    let asked = query::read(query)?;
    let (platform, ctx) = (state.platform(), session.ctx);
    let overview = flow::view::overview(platform, ctx).await?;
    let below = asked.below.unwrap_or(overview.log_size).min(overview.log_size);
    let from = below.saturating_sub(LEAVES);
    let limit = usize::try_from(below - from).unwrap_or(0);
    let mut events = flow::view::events(platform, ctx, from, limit).await?;
    // Leaves of other organizations lie between ours.
    events.retain(|event| event.position.is_some_and(|position| position < below));
    events.reverse();
    let names = Names::of(&state, ctx).await?;
    let verifier = platform.log_verifier().to_string();
    Ok(Log {
        overview,
        verifier,
        events,
        names,
        below,
    }
    .render(&session.frame))
}

impl Log {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let sentence = html! {
            "Everything that happens becomes a leaf of a Merkle tree. The checkpoint signs all of it, so nothing can be altered, left "
            "out or moved without being noticed."
        };
        let content = html! {
            (shell::head("Log", &sentence, &html! {}))
            div.stack id="log-live" data-live {
                div.pair {
                    (self.recent())
                    div.stack { (self.checkpoint()) (self.verify()) }
                }
            }
        };
        shell::page(frame, Section::Log, "Log", true, &content)
    }

    fn checkpoint(&self) -> Markup {
        html! {
            section.card aria-labelledby="checkpoint" {
                header { h2 id="checkpoint" { "Checkpoint" } p { (values::count(self.overview.log_size)) " entries" } }
                div.body.prose.raw {
                    pre tabindex="0" aria-label="Signed checkpoint" { code { (self.overview.checkpoint) } }
                    p.small.aside { "Signed note of C2SP, public at " a href="/log/checkpoint" { "/log/checkpoint" } "." }
                }
            }
        }
    }

    fn verify(&self) -> Markup {
        html! {
            section.card aria-labelledby="verify" {
                header { h2 id="verify" { "How to verify offline" } }
                div.body.prose {
                    ol {
                        li {
                            "Keep the log\u{2019}s public key in a file " code { "log.vkey" } ". Have it from somebody you trust, "
                            "not only from this page:"
                            br;
                            (values::id(&self.verifier))
                        }
                        li { "Download receipts on the pages of payments, into the folder of that file." }
                        li {
                            "Check them on any machine, without this server:"
                            pre { code { "countersign verify *.tlog-proof" } }
                        }
                    }
                    p { "Whoever runs the server finds out with " code { "countersign log check" } " whether any row was altered." }
                }
            }
        }
    }

    fn recent(&self) -> Markup {
        let moments: Vec<Moment> = self.events.iter().map(|event| self.told(event)).collect();
        let from = self.below.saturating_sub(LEAVES);
        let older = (from > 0).then(|| format!("/log?below={from}"));
        let newest = (self.below < self.overview.log_size).then_some("/log");
        html! {
            section.card aria-labelledby="events" {
                header { h2 id="events" { "Events" } p { "Newest first" } }
                @if moments.is_empty() {
                    (empty("No events here", &html! { p { "What happens in this organization and world is listed here." } }))
                } @else { div.body { (timeline(&moments)) } }
                (pager(newest, older.as_deref()))
            }
        }
    }

    /// An event with what it is about, unless that is the organization as a whole.
    fn told(&self, event: &EventView) -> Moment {
        let about = Some(event.subject.clone()).filter(|subject| !subject.starts_with("org_"));
        Moment {
            about,
            ..moment(event, &self.names)
        }
    }
}
