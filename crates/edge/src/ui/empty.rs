//! What a page says when there is nothing to list: why, and what to do next.

use maud::{Markup, html};

/// A title, and what to do about it.
pub(crate) fn empty(title: &str, what_next: &Markup) -> Markup {
    html! { div.empty { strong { (title) } (what_next) } }
}
