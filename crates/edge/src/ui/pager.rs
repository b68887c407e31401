//! Steps through a long list, newest first. A page is named by the row it begins after, so that rows that arrive meanwhile do not
//! shift it.

use maud::{Markup, html};

/// Links to the beginning and to older rows; nothing when the list fits on one page.
pub(crate) fn pager(newest: Option<&str>, older: Option<&str>) -> Markup {
    html! {
        @if newest.is_some() || older.is_some() {
            nav.pager aria-label="Pages of this list" {
                @if let Some(newest) = newest { a.button href=(newest) { "Newest" } }
                @if let Some(older) = older { a.button href=(older) rel="next" { "Older" } }
            }
        }
    }
}
