//! `/docs/api`: the API reference, rendered from the same description that `/openapi.json` gives to machines.

mod example;

use super::{paragraphs, words};
use crate::openapi::{OPERATIONS, TAGS};
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde_json::Value;
use std::sync::LazyLock;

/// The page. It changes only with the server itself.
pub(crate) async fn page() -> impl IntoResponse {
    static PAGE: LazyLock<String> = LazyLock::new(|| render(&crate::openapi::document()).into_string());
    super::page(PAGE.as_str())
}

/// One operation with its place.
struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    about: &'a Value,
}

fn render(document: &Value) -> Markup {
    let groups: Vec<(&str, &str)> = TAGS.into_iter().chain([OPERATIONS]).collect();
    let contents = html! {
        @for (group, _) in &groups {
            h2 { a href={ "#" (anchor(group)) } { (group) } }
            ul {
                @for operation in operations(document, group) {
                    li { a href={ "#" (text(operation.about, "operationId")) } { (text(operation.about, "summary")) } }
                }
            }
        }
        h2 { a href="#schemas" { "schemas" } }
    };
    let main = html! {
        (paragraphs(document.pointer("/info/description").and_then(Value::as_str).unwrap_or_default()))
        @for (group, about) in &groups {
            section id=(anchor(group)) {
                h2 { (group) }
                p { (words(about)) }
                @for operation in operations(document, group) { (operation.render(document)) }
            }
        }
        section id="schemas" {
            h2 { "schemas" }
            @for (name, schema) in document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten() {
                (schema_table(name, schema))
            }
        }
    };
    super::layout("API reference", &contents, &main)
}

fn operations<'a>(document: &'a Value, group: &'a str) -> impl Iterator<Item = Operation<'a>> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.map(move |(method, about)| Operation { path, method, about })
        })
        .filter(move |operation| operation.about.pointer("/tags/0").and_then(Value::as_str) == Some(group))
}

impl Operation<'_> {
    fn render(&self, document: &Value) -> Markup {
        let parameters = self.about.get("parameters").and_then(Value::as_array);
        html! {
            article id=(text(self.about, "operationId")) {
                h3 { (text(self.about, "summary")) }
                p.route { span.method { (self.method.to_uppercase()) } " " code { (self.path) } }
                (paragraphs(text(self.about, "description")))
                @if let Some(parameters) = parameters { (parameter_table(parameters)) }
                @if let Some(body) = self.about.get("requestBody") { (content("Body", body)) }
                (self.responses())
                h4 { "Example" }
                pre { code { (example::command(document, self.path, self.method, self.about)) } }
            }
        }
    }

    fn responses(&self) -> Markup {
        let responses = self
            .about
            .get("responses")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        html! {
            table {
                caption { "Answers" }
                thead { tr { th scope="col" { "Status" } th scope="col" { "Meaning" } th scope="col" { "Content" } } }
                tbody {
                    @for (status, response) in responses {
                        tr {
                            td { @if status == "default" { "otherwise" } @else { (status) } }
                            td { (words(text(response, "description"))) }
                            td { (media(response)) }
                        }
                    }
                }
            }
        }
    }
}

fn parameter_table(parameters: &[Value]) -> Markup {
    html! {
        table {
            caption { "Parameters" }
            thead { tr { th scope="col" { "Name" } th scope="col" { "In" } th scope="col" { "Meaning" } } }
            tbody {
                @for parameter in parameters {
                    tr {
                        td {
                            code { (text(parameter, "name")) }
                            @if parameter.get("required") == Some(&Value::Bool(true)) { " " em { "needed" } }
                        }
                        td { (text(parameter, "in")) }
                        td { (words(text(parameter, "description"))) }
                    }
                }
            }
        }
    }
}

fn content(title: &str, body: &Value) -> Markup {
    html! { p { strong { (title) ": " } (words(text(body, "description"))) " " (media(body)) } }
}

/// Media types, each with its schema.
fn media(holder: &Value) -> Markup {
    html! {
        @for (kind, content) in holder.get("content").and_then(Value::as_object).into_iter().flatten() {
            div { code { (kind) } " " (kind_of(content.get("schema").unwrap_or(&Value::Null))) }
        }
    }
}

fn schema_table(name: &str, schema: &Value) -> Markup {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    // What is added to an object by another one stands in `allOf`.
    let parts = schema
        .get("allOf")
        .and_then(Value::as_array)
        .map_or_else(|| vec![schema], |parts| parts.iter().collect());
    html! {
        article id={ "schema-" (name) } {
            h3 { code { (name) } }
            (paragraphs(text(schema, "description")))
            table {
                thead { tr { th scope="col" { "Field" } th scope="col" { "Type" } th scope="col" { "Meaning" } } }
                tbody {
                    @for part in parts {
                        @if part.get("$ref").is_some() { tr { td colspan="3" { "and the fields of " (kind_of(part)) } } }
                        @for (field, about) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
                            tr {
                                td {
                                    code { (field) }
                                    @if required.contains(&field.as_str()) || requires(part, field) { " " em { "always" } }
                                }
                                td { (kind_of(about)) }
                                td { (words(text(about, "description"))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn requires(schema: &Value, field: &str) -> bool {
    schema
        .get("required")
        .and_then(Value::as_array)
        .is_some_and(|list| list.iter().any(|name| name == field))
}

/// The type of a schema, with links to named ones.
fn kind_of(schema: &Value) -> Markup {
    if let Some(name) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|path| path.rsplit('/').next())
    {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    if let Some(choices) = schema.get("oneOf").or(schema.get("allOf")).and_then(Value::as_array) {
        let real = choices
            .iter()
            .filter(|choice| choice.get("type") != Some(&Value::from("null")));
        return html! { @for choice in real { (kind_of(choice)) " " } };
    }
    let name = match schema.get("type") {
        Some(Value::String(name)) => name.as_str(),
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or_default(),
        _ => "",
    };
    html! {
        @match (name, schema.get("items")) {
            ("array", Some(items)) => { "list of " (kind_of(items)) }
            (name, _) => (name)
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn anchor(group: &str) -> String {
    format!("group-{}", group.replace(' ', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_schema_is_on_the_page() {
        let document = crate::openapi::document();
        let page = render(&document).into_string();
        for (path, item) in document["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values() {
                let name = operation["operationId"].as_str().unwrap();
                assert!(page.contains(&format!("<article id=\"{name}\">")), "{path}: {name}");
            }
        }
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
        }
    }

    #[test]
    fn every_link_within_the_page_leads_somewhere() {
        let page = render(&crate::openapi::document()).into_string();
        for part in page.split("href=\"#").skip(1) {
            let target = part.split('"').next().unwrap();
            assert!(page.contains(&format!("id=\"{target}\"")), "#{target}");
        }
    }

    #[test]
    fn the_page_has_no_script_and_no_style_of_its_own() {
        let page = render(&crate::openapi::document()).into_string();
        assert!(!page.contains("<script") && !page.contains("style=\"") && !page.contains("http://"));
    }
}
