//! The frame of every page: banner of the test world, sidebar, main part; and the bare page for those who are not in.

use super::assets;
use super::icon::{Icon, icon, mark};
use super::values;
use maud::{DOCTYPE, Markup, html};
use vocab::context::World;
use vocab::time::Timestamp;

/// Parts of the console, in the order of the sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// How things stand.
    Home,
    /// Payments.
    Payments,
    /// Files of payments.
    Batches,
    /// Balances and entries.
    Ledger,
    /// What the bank says.
    Statements,
    /// What somebody has to look at.
    Exceptions,
    /// The tamper-evident log.
    Log,
    /// The organization's accounts.
    Accounts,
    /// Backups.
    Backups,
    /// Payments that wait for a decision of the member.
    Approvals,
    /// The organization's people.
    Members,
    /// Who may do what.
    Access,
    /// The member's own page.
    Profile,
}

impl Section {
    /// What a link from the command line opens: reading.
    pub(crate) const READING: [Self; 9] = [
        Self::Home,
        Self::Payments,
        Self::Batches,
        Self::Ledger,
        Self::Statements,
        Self::Exceptions,
        Self::Log,
        Self::Accounts,
        Self::Backups,
    ];

    fn link(self) -> (&'static str, &'static str, Icon) {
        match self {
            Self::Home => ("/", "Home", Icon::Home),
            Self::Payments => ("/payments", "Payments", Icon::Payments),
            Self::Batches => ("/batches", "Batches", Icon::Batches),
            Self::Ledger => ("/ledger", "Ledger", Icon::Ledger),
            Self::Statements => ("/statements", "Statements", Icon::Statements),
            Self::Exceptions => ("/exceptions", "Exceptions", Icon::Exceptions),
            Self::Log => ("/log", "Log", Icon::Log),
            Self::Accounts => ("/accounts", "Accounts", Icon::Accounts),
            Self::Backups => ("/backups", "Backups", Icon::Backups),
            Self::Approvals => ("/approvals", "Waiting for you", Icon::Approvals),
            Self::Members => ("/members", "Members", Icon::Members),
            Self::Access => ("/access", "Access", Icon::Access),
            Self::Profile => ("/me", "My profile", Icon::Profile),
        }
    }
}

/// What stands around a page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// Whose console this is.
    pub(crate) organization: String,
    /// Which world it shows.
    pub(crate) world: World,
    /// The time of that world.
    pub(crate) now: Timestamp,
    /// Proves that a form was shown by us to the holder of this session.
    pub(crate) form_token: String,
    /// The parts of the console that are open to whoever is in.
    pub(crate) sections: Vec<Section>,
    /// The name of the member who is signed in.
    pub(crate) member: Option<String>,
}

impl Frame {
    /// What every form carries.
    pub(crate) fn token(&self) -> Markup {
        html! { input type="hidden" name="token" value=(self.form_token); }
    }
}

/// A page of the console. `live`: parts of it may be replaced when something changes.
pub(crate) fn page(frame: &Frame, section: Section, title: &str, live: bool, content: &Markup) -> Markup {
    document(
        title,
        live,
        &html! {
            a.skip href="#main" { "Skip to the content" }
            (banner(frame))
            div.shell {
                (sidebar(frame, section, live))
                main id="main" tabindex="-1" { div.sheet { (content) } }
            }
        },
    )
}

/// A page without sidebar, for those who are not in.
pub(crate) fn door(title: &str, content: &Markup) -> Markup {
    document(
        title,
        false,
        &html! {
            main.door id="main" {
                div.card {
                    div.body {
                        p.brand { (mark()) "Countersign" }
                        h1 { (title) }
                        (content)
                    }
                }
            }
        },
    )
}

/// The head of a page: its title, a sentence about it, and what can be done.
pub(crate) fn head(title: &str, sentence: &Markup, actions: &Markup) -> Markup {
    html! {
        header.head {
            div { h1 { (title) } p { (sentence) } }
            div.actions { (actions) }
        }
    }
}

/// The head of a page about one thing, with the way back to the list.
pub(crate) fn head_of_one(back: (&str, &str), title: &Markup, sentence: &Markup, actions: &Markup) -> Markup {
    html! {
        header.head {
            div {
                a.back href=(back.0) { "\u{2190} " (back.1) }
                h1 { (title) }
                p { (sentence) }
            }
            div.actions { (actions) }
        }
    }
}

fn document(title: &str, live: bool, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " \u{b7} Countersign" }
                link rel="icon" type="image/svg+xml" href=(assets::address("mark.svg"));
                link rel="stylesheet" href=(assets::address("console.css"));
                @if live { script defer src=(assets::address("live.js")) {} }
            }
            body { (body) }
        }
    }
}

fn banner(frame: &Frame) -> Markup {
    html! {
        @if frame.world == World::Test {
            aside.world aria-label="Test world" {
                strong { "Test world" }
                span { "Simulated banks. No real money moves." }
                span.clock id="world-clock" data-live { "Its clock says " (values::time(frame.now)) }
            }
        }
    }
}

fn sidebar(frame: &Frame, section: Section, live: bool) -> Markup {
    html! {
        header.side {
            a.brand href="/" { (mark()) "Countersign" }
            p.tenant { (frame.organization) }
            nav aria-label="Console" {
                ul {
                    @for part in &frame.sections {
                        @let (href, words, drawing) = part.link();
                        li {
                            a href=(href) aria-current=[(*part == section).then_some("page")] { (icon(drawing)) (words) }
                        }
                    }
                }
            }
            div.foot {
                // The script says here whether the page is live; without it there is nothing to say.
                @if live { span.live-mark data-live-mark="" hidden role="status" {} }
                @if let Some(member) = &frame.member { p.who { "Signed in as " strong { (member) } } }
                form method="post" action="/console/sign-out" {
                    (frame.token())
                    button.button.plain type="submit" { (icon(Icon::SignOut)) "Sign out" }
                }
            }
        }
    }
}
