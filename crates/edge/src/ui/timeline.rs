//! What happened, in order, in sentences.

use super::tag::Tone;
use super::values;
use maud::{Markup, html};
use vocab::time::Timestamp;

/// Something that happened.
#[derive(Debug)]
pub(crate) struct Moment {
    /// Unique on the page.
    pub(crate) anchor: String,
    /// What kind of news it was.
    pub(crate) tone: Tone,
    /// What happened, in a sentence.
    pub(crate) said: String,
    /// More about it.
    pub(crate) told: Option<String>,
    /// Who did it.
    pub(crate) by: String,
    /// When.
    pub(crate) at: Option<Timestamp>,
    /// The id of what it is about, where the page does not say so.
    pub(crate) about: Option<String>,
    /// Where in the log it is, or that it is not yet.
    pub(crate) place: String,
    /// The record itself.
    pub(crate) record: String,
}

/// The moments, in the order given.
pub(crate) fn timeline(moments: &[Moment]) -> Markup {
    html! {
        ol.timeline {
            @for moment in moments {
                li id=(moment.anchor) {
                    span class={ "dot " (moment.tone.class()) } {}
                    p.said { (moment.said) }
                    @if let Some(told) = &moment.told { p.told { (values::linked(told)) } }
                    div.by {
                        @if let Some(at) = moment.at { (values::exact_time(at)) }
                        span { (moment.by) }
                        @if let Some(about) = &moment.about { span { (values::linked(about)) } }
                        span { (moment.place) }
                        details.raw id={ "record-" (moment.anchor) } {
                            summary { "As recorded" }
                            pre { code { (moment.record) } }
                        }
                    }
                }
            }
        }
    }
}
