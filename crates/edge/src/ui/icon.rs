//! The icons of the console: a few strokes each on a field of 18 by 18, drawn in the colour of the text around them.
//!
//! They are ornaments next to words and hidden from screen readers.

use maud::{Markup, html};

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// A house.
    Home,
    /// An arrow out of a tray.
    Payments,
    /// Sheets on a pile.
    Batches,
    /// Two columns that balance.
    Ledger,
    /// A sheet with lines.
    Statements,
    /// A triangle with a mark.
    Exceptions,
    /// A tree of hashes.
    Log,
    /// A bank.
    Accounts,
    /// A box with a lid.
    Backups,
    /// A door with an arrow out of it.
    SignOut,
    /// A tick in a circle.
    Approvals,
    /// Two people.
    Members,
    /// A key.
    Access,
    /// One person.
    Profile,
}

/// The drawing.
pub(crate) fn icon(icon: Icon) -> Markup {
    let strokes = match icon {
        Icon::Home => "M2.5 8.5 9 3l6.5 5.5M4.5 7.5V15h9V7.5M7.5 15v-4h3v4",
        Icon::Payments => {
            "M9 11V2.5M5.5 6 9 2.5 12.5 6M2.5 10.5V14a1.5 1.5 0 0 0 1.5 1.5h10a1.5 1.5 0 0 0 1.5-1.5v-3.5"
        }
        Icon::Batches => "M9 2.5 16 6 9 9.5 2 6zM2.5 9.5 9 12.5l6.5-3M2.5 12.5 9 15.5l6.5-3",
        Icon::Ledger => "M3 3h12v12H3zM9 3v12M5 6.5h2M5 9.5h2M11 6.5h2M11 9.5h2M11 12.5h2",
        Icon::Statements => "M4 2.5h7l3.5 3.5v9.5H4zM10.5 2.5v4h4M6.5 9.5h5M6.5 12.5h5",
        Icon::Exceptions => "M9 2.5 16.5 15h-15zM9 7v4M9 13v.2",
        Icon::Log => "M9 2.5v3M5 9.5V7.5h8v2M3 15v-2.5h4V15M11 15v-2.5h4V15M5 12.5v-3M13 12.5v-3M9 5.5v2",
        Icon::Accounts => "M2.5 7 9 3l6.5 4zM4.5 7v6M7.5 7v6M10.5 7v6M13.5 7v6M2.5 15h13",
        Icon::Approvals => "M9 2.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M6 9.2l2.2 2.2L12.2 7",
        Icon::Members => {
            "M6.5 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M2 15c0-3 2-4.5 4.5-4.5S11 12 11 15M12 4a2.2 2.2 0 0 1 0 4.3M13 10.7c1.9.4 3 1.9 3 4.3"
        }
        Icon::Access => "M6.5 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M10 8h6v3M13.5 8v2",
        Icon::Profile => "M9 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6M3.5 15.5c0-3.2 2.4-5 5.5-5s5.5 1.8 5.5 5",
        Icon::Backups => "M2.5 3.5h13v4h-13zM4 7.5V15h10V7.5M7.5 10.5h3",
        Icon::SignOut => "M7 3H4v12h3M11 5.5 14.5 9 11 12.5M14.5 9H7.5",
    };
    html! {
        svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" stroke-width="1.5"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" { path d=(strokes) {} }
    }
}

/// The mark of the product: two ticks, the second countersigning the first.
pub(crate) fn mark() -> Markup {
    html! {
        svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true" focusable="false" {
            rect width="32" height="32" rx="8" fill="currentColor" {}
            g.tick fill="none" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" {
                path d="M6 17l5 5L20 9" {}
                path d="M14.5 20l2.5 2.5L26.5 9" opacity="0.6" {}
            }
        }
    }
}
