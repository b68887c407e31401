//! An example for every operation: the command that signs and sends it, with a body made from the examples in the schema.

use serde_json::{Map, Value, json};

/// Deeper than any schema of ours.
const DEPTH_MAX: usize = 8;

/// How to call an operation from a shell.
pub(super) fn command(document: &Value, path: &str, method: &str, about: &Value) -> String {
    let path = example_path(path, about);
    if !path.starts_with("/v1/") {
        return format!("curl --cacert tls.crt https://127.0.0.1:8420{path}");
    }
    let method = method.to_uppercase();
    let content = about.pointer("/requestBody/content").and_then(Value::as_object);
    match content.and_then(|content| content.iter().next()) {
        None => format!("countersign api {method} '{path}' --key erp.key"),
        Some((kind, body)) if kind == "application/json" => {
            let body = value(document, body.get("schema").unwrap_or(&Value::Null), 0);
            let body = serde_json::to_string_pretty(&body).unwrap_or_default();
            format!("countersign api {method} '{path}' --key erp.key --data '{body}'")
        }
        Some((kind, _)) => {
            format!("countersign api {method} '{path}' --key erp.key --content-type {kind} --data @payments.xml")
        }
    }
}

/// The path with its parameters filled in.
fn example_path(path: &str, about: &Value) -> String {
    let parameters = about.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let mut filled = path.to_owned();
    for parameter in parameters.filter(|parameter| parameter.get("in") == Some(&Value::from("path"))) {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        let described = parameter.get("description").and_then(Value::as_str).unwrap_or_default();
        // An id is described by its prefix, `pay_…`.
        let id = described
            .split('`')
            .nth(1)
            .unwrap_or_default()
            .replace('…', "0dz4k2m8qv1xa");
        let given = parameter
            .get("example")
            .and_then(Value::as_str)
            .map_or(id, str::to_owned);
        filled = filled.replace(&format!("{{{name}}}"), &given);
    }
    filled
}

/// A value of a schema, with its required fields and those that have an example.
fn value(document: &Value, schema: &Value, depth: usize) -> Value {
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    if let Some(reference) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|path| path.strip_prefix('#'))
    {
        return document
            .pointer(reference)
            .map_or(Value::Null, |target| value(document, target, depth + 1));
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let required = |name: &String| {
            schema
                .get("required")
                .and_then(Value::as_array)
                .is_some_and(|list| list.iter().any(|one| one == name))
        };
        let shown = properties
            .iter()
            .filter(|(name, about)| required(name) || about.get("example").is_some());
        let fields: Map<String, Value> = shown
            .map(|(name, about)| (name.clone(), value(document, about, depth + 1)))
            .collect();
        return Value::Object(fields);
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("integer") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some(_) | None => json!("…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_a_payment_is_one_that_the_api_reads() {
        let document = crate::openapi::document();
        let schema = json!({"$ref": "#/components/schemas/Transfer"});
        let body = value(&document, &schema, 0);
        assert_eq!(body["amount"], json!({"amount": 125_000, "currency": "EUR"}));
        assert!(serde_json::from_value::<crate::api::v1::transfer::Transfer>(body).is_ok());
    }

    #[test]
    fn paths_are_filled_in() {
        let document = crate::openapi::document();
        let about = &document["paths"]["/v1/payments/{id}/cancel"]["post"];
        let line = command(&document, "/v1/payments/{id}/cancel", "post", about);
        assert!(
            line.starts_with("countersign api POST '/v1/payments/pay_0dz4k2m8qv1xa/cancel' --key erp.key"),
            "{line}"
        );
    }
}
