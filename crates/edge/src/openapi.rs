//! The API's description (OpenAPI 3.1), made from the handlers, and the conventions that hold for all of them added once: how to
//! sign, the idempotency key, and what an error looks like.

use crate::problem::{FieldProblem, MEDIA_TYPE, ProblemDocument};
use crate::router::documented;
use flow::refusal::Code;
use serde_json::{Map, Value, json};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa::{PartialSchema, ToSchema};
use vocab::limits::IDEMPOTENCY_KEY_MAX;

/// What the API is, in a few paragraphs.
const ABOUT: &str = "Countersign stands between your applications and your banks. Nothing moves until it has been countersigned.\n\n\
Every request under `/v1` is signed (RFC 9421, tag `countersign-v1`): cover `@method`, `@authority`, `@path`, `@query`, with a body also \
`content-digest` and `content-type`, and with every method that changes something `idempotency-key`. A nonce counts once.\n\n\
Money is whole minor units: `{\"amount\": 125000, \"currency\": \"EUR\"}` is 1250.00 EUR. Lists come in pages, `limit` and `after`. \
Errors are problem documents (RFC 9457) with a `code` from the list at `/docs/errors`. Every answer has a `Request-Id`.";

/// Groups of routes, in the order of the journey.
pub(crate) const TAGS: [(&str, &str); 11] = [
    ("payments", "Single payments, from their submission to their end."),
    ("batches", "Files of payments."),
    ("approvals", "People say yes or no to exactly what will be sent."),
    ("accounts", "Your own accounts."),
    ("ledger", "The books."),
    ("statements", "What the banks say happened."),
    ("exceptions", "What nothing explains and a person has to look at."),
    ("events", "Everything that happened, in the order of the log."),
    ("log", "The tamper-evident log. `/log` is public."),
    ("callers", "Who you are to the server."),
    ("test world", "What exists in the test world only."),
];

/// Routes for whoever runs the server; not in [`TAGS`], which callers read.
pub(crate) const OPERATIONS: (&str, &str) = ("operations", "For whoever runs the server.");

/// The description as JSON, the same text for the same source, without a line end behind it.
pub fn openapi() -> String {
    serde_json::to_string_pretty(&document()).unwrap_or_default()
}

/// The description as a value.
pub(crate) fn document() -> Value {
    let mut document = serde_json::to_value(documented().into_openapi()).unwrap_or_default();
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        let found: Vec<(String, Value)> = std::mem::take(paths).into_iter().collect();
        for (path, mut item) in found {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                if let Some(operation) = operation.as_object_mut() {
                    conventions(&path, method, operation);
                }
            }
            // The router's spelling of "the rest of the path" is not that of OpenAPI.
            paths.insert(path.replace("{*", "{"), item);
        }
    }
    if let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    {
        name_rows(schemas);
    }
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    if let Some(code) = document
        .pointer_mut("/components/schemas/Problem/properties/code")
        .and_then(Value::as_object_mut)
    {
        code.insert("enum".to_owned(), json!(codes));
    }
    document
}

/// Gives the rows of each list the name of their own schema; the generator writes them out inside of every list.
fn name_rows(schemas: &mut Map<String, Value>) {
    let lists: Vec<String> = schemas
        .keys()
        .filter(|name| name.starts_with("Listed_"))
        .cloned()
        .collect();
    for list in lists {
        let row = list.trim_start_matches("Listed_").to_owned();
        let items = schemas
            .get_mut(&list)
            .and_then(|schema| schema.pointer_mut("/properties/data/items"));
        let Some(items) = items else { continue };
        let schema = std::mem::replace(items, json!({"$ref": format!("#/components/schemas/{row}")}));
        schemas.insert(row, schema);
    }
}

/// What is there before any route is.
pub(crate) fn preface() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Countersign API")
        .version("1")
        .description(Some(ABOUT))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build();
    let tags = TAGS.into_iter().chain([OPERATIONS]).map(|(name, about)| {
        utoipa::openapi::tag::TagBuilder::new()
            .name(name)
            .description(Some(about))
            .build()
    });
    let problem = (ProblemDocument::name(), ProblemDocument::schema());
    let field = (FieldProblem::name(), FieldProblem::schema());
    let signature = utoipa::openapi::security::SecurityScheme::ApiKey(utoipa::openapi::security::ApiKey::Header(
        utoipa::openapi::security::ApiKeyValue::with_description(
            "Signature",
            "HTTP message signature (RFC 9421) with `Signature-Input`, tag `countersign-v1`.",
        ),
    ));
    let components = ComponentsBuilder::new()
        .schema(problem.0, problem.1)
        .schema(field.0, field.1)
        .security_scheme("signature", signature)
        .build();
    OpenApiBuilder::new()
        .info(info)
        .tags(Some(tags))
        .components(Some(components))
        .build()
}

/// What every operation has in common.
fn conventions(path: &str, method: &str, operation: &mut Map<String, Value>) {
    let signed = path.starts_with("/v1/");
    if signed {
        operation.insert("security".to_owned(), json!([{"signature": []}]));
    }
    if signed && method != "get" {
        let parameters = operation.entry("parameters").or_insert(json!([]));
        if let Some(parameters) = parameters.as_array_mut() {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": true,
                "description": "Your name for this request. The same key with the same request gives the same answer again.",
                "schema": {"type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_MAX},
            }));
        }
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        let schema = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
        let problem =
            json!({"description": "What went wrong, as a problem document.", "content": {MEDIA_TYPE: schema}});
        responses.insert("default".to_owned(), problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
        let paths = document["paths"].as_object().unwrap().iter();
        paths.flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, one)| (path, method, one))
        })
    }

    #[test]
    fn the_description_is_the_same_every_time() {
        assert_eq!(openapi(), openapi());
        assert_eq!(document()["openapi"], "3.1.0");
    }

    #[test]
    fn every_operation_has_a_name_words_a_group_and_an_error() {
        let document = document();
        let mut names = std::collections::BTreeSet::new();
        let groups: Vec<&str> = TAGS.iter().chain([&OPERATIONS]).map(|(name, _)| *name).collect();
        for (path, method, one) in operations(&document) {
            let place = format!("{method} {path}");
            assert!(
                names.insert(one["operationId"].as_str().unwrap().to_owned()),
                "{place}: name used twice"
            );
            assert!(
                one["summary"].as_str().is_some_and(|words| !words.ends_with('.')),
                "{place}: no summary"
            );
            assert!(
                groups.contains(&one["tags"][0].as_str().unwrap()),
                "{place}: unknown group"
            );
            assert!(one["responses"].get("default").is_some(), "{place}: no error");
            assert_eq!(one.get("security").is_some(), path.starts_with("/v1/"), "{place}");
        }
        assert!(names.len() > 25);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
        let codes = document
            .pointer("/components/schemas/Problem/properties/code/enum")
            .unwrap();
        assert_eq!(codes.as_array().unwrap().len(), Code::ALL.len());
    }

    /// Two wire types of one name would silently become one in the description.
    #[test]
    fn no_two_wire_types_have_the_same_name() {
        fn walk(folder: &std::path::Path, names: &mut std::collections::BTreeSet<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, names);
                    continue;
                }
                let source = std::fs::read_to_string(&path).unwrap();
                for part in source.split("ToSchema)]\n").skip(1) {
                    let line = part
                        .lines()
                        .find(|line| line.starts_with("pub(crate) struct "))
                        .unwrap_or_default();
                    let name = line
                        .trim_start_matches("pub(crate) struct ")
                        .split([' ', '<'])
                        .next()
                        .unwrap();
                    assert!(
                        name.is_empty() || names.insert(name.to_owned()),
                        "{name} twice, in {}",
                        path.display()
                    );
                }
            }
        }
        let mut names = std::collections::BTreeSet::new();
        walk(
            std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/v1")),
            &mut names,
        );
        assert!(names.len() > 30, "{names:?}");
    }

    #[test]
    fn paths_are_those_of_openapi() {
        for (path, _, _) in operations(&document()) {
            assert!(!path.contains('*'), "{path}");
        }
    }

    #[test]
    fn golden_openapi_json_is_committed_as_generated() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api/openapi.json");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, format!("{}\n", openapi())).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == format!("{}\n", openapi()),
            "docs/api/openapi.json is not what the source says; run `cargo xtask golden`"
        );
    }
}
