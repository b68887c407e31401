//! Backups: which there are, which of them are known to be good, and what to do when there are none.

use super::failure::Failure;
use super::session::Session;
use crate::state::EdgeState;
use crate::ui::empty::empty;
use crate::ui::shell::{self, Frame, Section};
use crate::ui::table::{Row, data_table, number, sentence, text};
use crate::ui::tag::{Tone, tag};
use crate::ui::values;
use axum::extract::State;
use flow::backup::acts::{Known, Standing};
use maud::{Markup, html};
use vocab::time::Timestamp;

/// Backups on the page; older ones are on the disk and in the log.
const SHOWN: usize = 100;

/// The page.
pub(super) struct Backups {
    pub(super) standing: Standing,
    pub(super) backups: Vec<Known>,
    /// The real time.
    pub(super) now: Timestamp,
}

/// `GET /backups`
pub(super) async fn list(session: Session, State(state): State<EdgeState>) -> Result<Markup, Failure> {
    let (standing, mut backups) = flow::backup::acts::list(state.platform()).await?;
    backups.truncate(SHOWN);
    let now = state.platform().wall();
    Ok(Backups { standing, backups, now }.render(&session.frame))
}

impl Backups {
    /// The page as HTML.
    pub(super) fn render(&self, frame: &Frame) -> Markup {
        let about = html! {
            "Copies of the whole database, encrypted for a key that is kept elsewhere. Only one that was restored for a check is known to "
            "be good."
        };
        let content = html! {
            (shell::head("Backups", &about, &html! {}))
            div.stack id="backups-live" data-live {
                (self.standing())
                div.card { @if self.backups.is_empty() { (nothing()) } @else { (self.rows()) } }
            }
        };
        shell::page(frame, Section::Backups, "Backups", true, &content)
    }

    fn standing(&self) -> Markup {
        html! {
            section.card aria-labelledby="standing" {
                header { h2 id="standing" { "How it stands" } }
                div.body.prose {
                    p {
                        @match (self.standing.verified_at, self.standing.too_old) {
                            (Some(at), false) => {
                                (tag(Tone::Good, "Good")) " The last verified backup is from " (values::time(at)) ", "
                                (age(at, self.now)) " ago."
                            }
                            (Some(at), true) => {
                                (tag(Tone::Bad, "Too old")) " The last verified backup is from " (values::time(at)) ", "
                                (age(at, self.now)) " ago. Verify a newer one:"
                            }
                            (None, _) => {
                                (tag(Tone::Bad, "None")) " No backup was verified yet. Where the key is that opens them, run:"
                            }
                        }
                    }
                    @if self.standing.too_old {
                        pre { code { "countersign backup verify FILE --identity KEY --data DIR" } }
                    }
                    @if let Some(since) = self.standing.held_since {
                        p {
                            (tag(Tone::Waiting, "Held back")) " This database was restored on " (values::time(since))
                            ". No payment travels to a bank: what was sent after the backup was made is not known here. Compare with the "
                            "bank, cancel what was sent already, then have whoever runs the server say:"
                        }
                        pre { code { "countersign backup release --data DIR" } }
                    }
                }
            }
        }
    }

    fn rows(&self) -> Markup {
        let columns = [
            text("State"),
            text("Made"),
            text("Age"),
            number("Bytes"),
            sentence("Backup"),
        ];
        let rows = self.backups.iter().map(|backup| {
            let cells = vec![
                state(backup),
                values::time(backup.at),
                html! { (age(backup.at, self.now)) },
                html! { @if backup.bytes > 0 { (values::count(backup.bytes)) } },
                html! {
                    @if backup.name.is_empty() { "Could not be made" } @else { code { (backup.name) } }
                    @if let Some(why) = &backup.failed { span.under { (why) } }
                    @if let Some(at) = backup.verified_at { span.under { "Verified on " (values::time(at)) } }
                    @if let Some(at) = backup.deleted_at { span.under { "Deleted on " (values::time(at)) } }
                },
            ];
            Row::from(cells)
        });
        data_table("Backups, newest first", &columns, rows)
    }
}

fn state(backup: &Known) -> Markup {
    match (backup.deleted_at, &backup.failed, backup.verified_at) {
        (Some(_), _, _) => tag(Tone::Quiet, "Deleted"),
        (None, Some(_), _) => tag(Tone::Bad, "Failed"),
        (None, None, Some(_)) => tag(Tone::Good, "Verified"),
        (None, None, None) => tag(Tone::Waiting, "Not verified"),
    }
}

fn nothing() -> Markup {
    empty(
        "No backups yet",
        &html! {
            p { "Make a key on another machine, and give the server what it prints:" }
            pre { code {
                "countersign backup key backup.key\n"
                "countersign serve … --backup-to /mnt/backups --backup-recipient age1…"
            } }
            p { "From then on backups are made by themselves." }
        },
    )
}

/// How long ago, in the largest unit that fits.
fn age(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.seconds().saturating_sub(at.seconds()).max(0);
    let (number, unit) = match seconds {
        0..=119 => return "a minute".to_owned(),
        120..=7_199 => (seconds / 60, "minute"),
        7_200..=172_799 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    values::counted(number, unit)
}
