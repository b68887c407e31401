//! Reads JSON bodies. The usual body is read in one pass; one that does not fit is read again, slowly, to say everything that is
//! wrong with its form, and what is left of it goes on to the checks of its values.

use super::findings::Findings;
use super::shape::Shapes;
use crate::authenticate::Signed;
use crate::problem::Problem;
use flow::refusal::Code;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

/// The body as a wire type, with what was found so far. The caller adds what is wrong with the values and finishes the findings.
pub(crate) fn read<T: DeserializeOwned + ToSchema>(signed: &Signed) -> Result<(T, Findings), Problem> {
    if signed.content_type() != Some("application/json") {
        return Err(Problem::new(
            Code::ContentType,
            "the body has to be JSON, with `content-type: application/json`",
        ));
    }
    parse(&signed.body)
}

fn parse<T: DeserializeOwned + ToSchema>(body: &[u8]) -> Result<(T, Findings), Problem> {
    match serde_json::from_slice(body) {
        Ok(value) => Ok((value, Findings::default())),
        Err(first) => explain(body, &first),
    }
}

fn explain<T: DeserializeOwned + ToSchema>(body: &[u8], first: &serde_json::Error) -> Result<(T, Findings), Problem> {
    // The library's message may repeat a value of the body; the place is enough.
    let unreadable = |what: &str, error: &serde_json::Error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Problem::new(Code::Malformed, format!("the body {what} at {place}"))
    };
    let mut value: Value = serde_json::from_slice(body).map_err(|error| unreadable("is not JSON", &error))?;
    let mut found = Findings::default();
    Shapes::of::<T>().prune(&mut value, &mut found);
    match serde_json::from_value(value) {
        Ok(value) if !found.is_empty() => Ok((value, found)),
        // Every field has its form, yet the whole cannot be read: a field is there twice, which two readers would read differently.
        Ok(_) | Err(_) => Err(unreadable(
            "cannot be read; look for a field that is there twice,",
            first,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[schema(value_type = String, required = true)]
        name: Option<String>,
        inner: Option<Inner>,
        lines: Option<Vec<String>>,
    }

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[schema(value_type = i64, required = true)]
        count: Option<i64>,
        sure: Option<bool>,
    }

    fn found(body: &str) -> Vec<(String, String)> {
        let (_, found) = parse::<Outer>(body.as_bytes()).unwrap();
        let problem = found.finish(Code::Malformed, "").unwrap_err();
        problem
            .refusal()
            .errors
            .iter()
            .map(|error| (error.pointer.clone(), error.code.clone()))
            .collect()
    }

    #[test]
    fn everything_that_is_wrong_with_the_form_is_found_at_once() {
        let body = r#"{"name": 7, "inner": {"count": "many", "sure": null, "a/b": 1}, "lines": ["a", 2], "more": []}"#;
        let (outer, _) = parse::<Outer>(body.as_bytes()).unwrap();
        let inner = outer.inner.unwrap();
        assert!(
            outer.name.is_none() && inner.count.is_none() && inner.sure.is_none(),
            "what is wrong is left out"
        );
        assert_eq!(outer.lines, Some(vec!["a".to_owned()]));
        let mut list = found(body);
        list.sort();
        let of = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(
            list,
            [
                of("/inner/a~1b", "unknown_field"),
                of("/inner/count", "type_mismatch"),
                of("/lines/1", "type_mismatch"),
                of("/more", "unknown_field"),
                of("/name", "type_mismatch"),
            ]
        );
    }

    /// Any JSON, with the field names of a payment among those it uses.
    fn json() -> impl Strategy<Value = Value> {
        let name = prop::sample::select(vec![
            "debtor", "creditor", "amount", "currency", "iban", "address", "lines", "x",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// The schema that callers see and the reader that they meet agree: what is left after pruning can always be read.
        #[test]
        fn any_json_is_read_with_its_faults_named(value in json()) {
            let body = value.to_string();
            let read = parse::<crate::api::v1::transfer::Transfer>(body.as_bytes());
            prop_assert!(read.is_ok(), "{body}");
        }

        #[test]
        fn any_bytes_are_read_or_refused(body: Vec<u8>) {
            let _ = parse::<crate::api::v1::transfer::Transfer>(&body);
        }
    }

    #[test]
    fn a_body_that_is_no_object_is_one_finding() {
        assert_eq!(found("[1]"), [(String::new(), "type_mismatch".to_owned())]);
    }

    #[test]
    fn what_is_not_json_or_ambiguous_is_refused_without_repeating_it() {
        for body in ["", "{", "{\"name\": \"DE89\"", r#"{"name": "DE89", "name": "DE90"}"#] {
            let problem = parse::<Outer>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.refusal().code, Code::Malformed);
            assert!(
                problem.refusal().detail.contains("line 1"),
                "{}",
                problem.refusal().detail
            );
            assert!(!problem.refusal().detail.contains("DE"), "{}", problem.refusal().detail);
        }
    }
}
