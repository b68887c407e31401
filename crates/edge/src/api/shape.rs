//! Holds a JSON value against the schema of a wire type, the same schema that the API reference shows.
//!
//! What does not fit is reported and taken out, so that the rest can still be read and checked.

use super::findings::Findings;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// Characters of an unknown field's name that an answer repeats at most.
const NAME_CHARS_MAX: usize = 64;

/// A schema with those it refers to.
pub(crate) struct Shapes {
    root: Value,
    named: BTreeMap<String, Value>,
}

impl Shapes {
    pub(crate) fn of<T: ToSchema>() -> Self {
        let json = |schema: &RefOr<Schema>| serde_json::to_value(schema).unwrap_or_default();
        let mut named = Vec::new();
        T::schemas(&mut named);
        Self {
            root: json(&T::schema()),
            named: named
                .iter()
                .map(|(name, schema)| (name.clone(), json(schema)))
                .collect(),
        }
    }

    /// Reports what does not fit and takes it out. A value that is wrong as a whole becomes an empty object.
    pub(crate) fn prune(&self, value: &mut Value, found: &mut Findings) {
        if !self.fits(&self.root, value, "", found) {
            *value = Value::Object(Map::new());
        }
    }

    fn fits(&self, schema: &Value, value: &mut Value, pointer: &str, found: &mut Findings) -> bool {
        // A null says that there is nothing, wherever something may be missing.
        if value.is_null() && !pointer.is_empty() {
            return true;
        }
        let schema = self.resolve(schema);
        let expected = kind(schema);
        let fits = match expected {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64(),
            "boolean" => value.is_boolean(),
            _ => true,
        };
        if !fits {
            found.malformed(pointer, "type_mismatch", format!("a JSON {expected} is expected here"));
            return false;
        }
        match value {
            Value::Object(fields) => self.prune_fields(schema, fields, pointer, found),
            Value::Array(items) => {
                let mut place = 0_usize;
                items.retain_mut(|item| {
                    let pointer = format!("{pointer}/{place}");
                    place += 1;
                    schema
                        .get("items")
                        .is_none_or(|schema| self.fits(schema, item, &pointer, found))
                });
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        true
    }

    fn prune_fields(&self, schema: &Value, fields: &mut Map<String, Value>, pointer: &str, found: &mut Findings) {
        let known = schema.get("properties").and_then(Value::as_object);
        fields.retain(|name, value| {
            let pointer = format!("{pointer}/{}", escaped(name));
            let Some(schema) = known.and_then(|known| known.get(name)) else {
                found.malformed(
                    &pointer,
                    "unknown_field",
                    "there is no such field; the API reference lists those there are",
                );
                return false;
            };
            self.fits(schema, value, &pointer, found)
        });
    }

    /// Follows references, and past the null of an optional value.
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let target = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|path| path.rsplit('/').next());
        if let Some(target) = target.and_then(|name| self.named.get(name)) {
            return self.resolve(target);
        }
        let one_of = schema.get("oneOf").and_then(Value::as_array);
        let real = one_of.and_then(|list| list.iter().find(|one| kind(one) != "null"));
        real.map_or(schema, |real| self.resolve(real))
    }
}

/// The type of a schema, null left aside.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null")
            .unwrap_or_default(),
        _ => "",
    }
}

/// A name in a JSON pointer (RFC 6901 section 3), shortened.
fn escaped(name: &str) -> String {
    name.chars()
        .take(NAME_CHARS_MAX)
        .collect::<String>()
        .replace('~', "~0")
        .replace('/', "~1")
}
