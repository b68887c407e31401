//! `/docs/errors`: every code of a refusal, what it means and what to do about it. Problem documents link here.

use axum::response::IntoResponse;
use flow::refusal::Code;
use maud::{Markup, html};
use std::sync::LazyLock;

/// The page. It changes only with the server itself.
pub(crate) async fn page() -> impl IntoResponse {
    static PAGE: LazyLock<String> = LazyLock::new(|| render().into_string());
    super::page(PAGE.as_str())
}

fn render() -> Markup {
    let contents = html! {
        ul { @for code in Code::ALL { li { a href={ "#" (code) } { (code) } } } }
    };
    let main = html! {
        p {
            "Every error is a problem document (RFC 9457), " code { "application/problem+json" } ". Its " code { "code" }
            " is one of these and never changes its meaning; the sentences may. " code { "errors" }
            " names every field that is wrong, and " code { "request_id" } " is what to name when you report a problem."
        }
        @for code in Code::ALL {
            section.code id=(code) {
                h2 { a href={ "#" (code) } { code { (code) } } " " span.status { (code.status()) } }
                p { (code.title()) "." }
                p { (super::words(code.remedy())) }
            }
        }
    };
    super::layout("Error codes", &contents, &main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_place_and_its_remedy() {
        let page = render().into_string();
        for code in Code::ALL {
            assert!(page.contains(&format!("id=\"{code}\"")), "{code}");
            assert!(page.contains(code.title()), "{code}");
        }
        assert!(!page.contains("<script") && !page.contains("style=\""));
    }
}
