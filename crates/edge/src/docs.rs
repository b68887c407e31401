//! Documentation that the server itself shows: the API reference and the list of error codes, made from the same source as the API.
//! No script, no foreign resource.

pub(crate) mod errors;
pub(crate) mod reference;

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use maud::{DOCTYPE, Markup, html};
use std::sync::LazyLock;

const STYLE: &str = include_str!("docs/style.css");
const POLICY: &str =
    "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// Changes only with the server itself.
const AN_HOUR: &str = "public, max-age=3600";

static DOCUMENT: LazyLock<String> = LazyLock::new(crate::openapi::openapi);

/// `/openapi.json`
pub(crate) async fn document() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, AN_HOUR)],
        DOCUMENT.as_str(),
    )
}

/// `/docs/style.css`
pub(crate) async fn style() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, AN_HOUR)],
        STYLE,
    )
}

/// A finished page with its headers.
fn page(html: &'static str) -> impl IntoResponse {
    let kind = "text/html; charset=utf-8";
    (
        [
            (CONTENT_TYPE, kind),
            (CACHE_CONTROL, AN_HOUR),
            (CONTENT_SECURITY_POLICY, POLICY),
        ],
        html,
    )
}

/// The frame of both pages.
fn layout(title: &str, contents: &Markup, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Countersign" }
                link rel="stylesheet" href="/docs/style.css";
            }
            body {
                a.skip href="#main" { "Skip to the text" }
                header {
                    strong { "Countersign" }
                    nav aria-label="Documents" {
                        a href="/docs/api" { "API reference" }
                        a href="/docs/errors" { "Error codes" }
                        a href="/openapi.json" { "openapi.json" }
                    }
                }
                div.columns {
                    nav.contents aria-label="Contents" { (contents) }
                    main id="main" { h1 { (title) } (main) }
                }
            }
        }
    }
}

/// Our texts know one kind of markup: code in backticks.
fn words(text: &str) -> Markup {
    html! {
        @for (number, part) in text.split('`').enumerate() {
            @if number % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// Paragraphs of such text.
fn paragraphs(text: &str) -> Markup {
    html! {
        @for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
            p { (words(paragraph)) }
        }
    }
}
