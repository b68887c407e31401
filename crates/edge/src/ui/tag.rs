//! Tags: one or two words on a coloured ground. The words alone say it; the colour only helps to find it.

use flow::view::StateName;
use maud::{Markup, html};

/// What kind of news something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing to do and nothing to worry about.
    Quiet,
    /// Waits for somebody.
    Waiting,
    /// Under way.
    Moving,
    /// Done as wanted.
    Good,
    /// Went wrong or was refused.
    Bad,
    /// Nobody knows yet.
    Doubt,
}

impl Tone {
    /// Its class in the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Waiting => "waiting",
            Self::Moving => "moving",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Doubt => "doubt",
        }
    }
}

/// Words on the ground of their tone.
pub(crate) fn tag(tone: Tone, words: &str) -> Markup {
    html! { span class={ "tag " (tone.class()) } { (words) } }
}

/// The state of a payment.
pub(crate) fn status_tag(state: StateName) -> Markup {
    tag(state_tone(state), state_title(state))
}

/// What a state is called on pages.
pub(crate) fn state_title(state: StateName) -> &'static str {
    match state {
        StateName::Received => "Received",
        StateName::WaitingForApproval => "Waiting for approval",
        StateName::Approved => "Approved",
        StateName::Queued => "Queued",
        StateName::Dispatching => "Dispatching",
        StateName::Unknown => "Unknown",
        StateName::AcceptedByBank => "Accepted by bank",
        StateName::Rejected => "Rejected",
        StateName::Settled => "Settled",
        StateName::Returned => "Returned",
        StateName::Cancelled => "Cancelled",
        StateName::Expired => "Expired",
    }
}

/// What kind of news a state is.
pub(crate) fn state_tone(state: StateName) -> Tone {
    match state {
        StateName::Received | StateName::WaitingForApproval => Tone::Waiting,
        StateName::Approved | StateName::Queued | StateName::Dispatching | StateName::AcceptedByBank => Tone::Moving,
        StateName::Unknown => Tone::Doubt,
        StateName::Settled => Tone::Good,
        StateName::Rejected | StateName::Returned => Tone::Bad,
        StateName::Cancelled | StateName::Expired => Tone::Quiet,
    }
}
