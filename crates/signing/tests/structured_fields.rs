//! Our reading of Signature-Input and Signature against the structured field tests of the HTTP working group: nothing that
//! they call malformed may pass for a signature, wherever it stands in our headers.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

use http::{HeaderMap, HeaderValue};
use serde::Deserialize;
use signing::http_signature::{Refusal, RequestParts, inspect};

#[derive(Deserialize)]
struct Case {
    name: String,
    raw: Vec<String>,
    header_type: String,
    #[serde(default)]
    must_fail: bool,
}

fn cases(json: &str, header_type: &str) -> Vec<Case> {
    let cases: Vec<Case> = serde_json::from_str(json).unwrap();
    cases
        .into_iter()
        .filter(|case| case.header_type == header_type && case.raw.len() == 1)
        .collect()
}

/// What becomes of a request with these headers; `None` if they cannot even be header values.
fn inspected(input: &str, value: &str) -> Option<Refusal> {
    let mut headers = HeaderMap::new();
    headers.insert("signature-input", HeaderValue::from_str(input).ok()?);
    headers.insert("signature", HeaderValue::from_str(value).ok()?);
    let request = RequestParts {
        method: "GET",
        authority: "a.example",
        path: "/",
        query: None,
        headers: &headers,
    };
    Some(inspect(&request).unwrap_err())
}

fn check(cases: &[Case], header: &'static str, wrap: impl Fn(&str) -> (String, String)) -> (usize, usize) {
    let (mut failing, mut passing) = (0, 0);
    for case in cases {
        let raw = &case.raw[0];
        let (input, value) = wrap(raw);
        let Some(refusal) = inspected(&input, &value) else {
            continue;
        };
        // Header values outside of ASCII are malformed before they are parsed.
        if case.must_fail {
            assert_eq!(refusal, Refusal::MalformedHeader(header), "{}: {raw}", case.name);
            failing += 1;
        } else {
            passing += 1;
        }
    }
    (failing, passing)
}

#[test]
fn a_dictionary_that_is_malformed_is_no_signature_input() {
    for json in [
        include_str!("vectors/sf-dictionary.json"),
        include_str!("vectors/sf-param-dict.json"),
    ] {
        // Members that are no lists of strings are malformed for us as well, so only the failing half says something.
        let (failing, _) = check(&cases(json, "dictionary"), "signature-input", |raw| {
            (raw.to_owned(), "a=:AAAA:".to_owned())
        });
        assert!(failing >= 4);
    }
}

#[test]
fn a_string_that_is_malformed_is_no_component() {
    let strings = cases(include_str!("vectors/sf-string.json"), "item");
    let (failing, passing) = check(&strings, "signature-input", |raw| {
        (format!("a=({raw})"), "a=:AAAA:".to_owned())
    });
    assert!(failing >= 5 && passing >= 4, "{failing} {passing}");
}

#[test]
fn a_string_that_is_well_formed_gets_past_the_parser() {
    for case in cases(include_str!("vectors/sf-string.json"), "item")
        .iter()
        .filter(|case| !case.must_fail)
    {
        let refusal = inspected(&format!("a=({})", case.raw[0]), "a=:AAAA:").unwrap();
        assert_eq!(refusal, Refusal::NoTaggedSignature, "{}", case.name);
    }
}

#[test]
fn a_byte_sequence_that_is_malformed_is_no_signature() {
    for case in cases(include_str!("vectors/sf-binary.json"), "item") {
        let refusal = inspected("a=()", &format!("a={}", case.raw[0])).unwrap();
        let expected = if case.must_fail {
            Refusal::MalformedHeader("signature")
        } else {
            Refusal::NoTaggedSignature
        };
        assert_eq!(refusal, expected, "{}: {}", case.name, case.raw[0]);
    }
}

#[test]
fn anything_but_a_list_of_strings_is_no_signature_input() {
    for input in [
        "a",
        "a=1",
        "a=\"@method\"",
        "a=(1)",
        "a=(@method)",
        "a=(:AAAA:)",
        "a=((\"x\"))",
        "a=(\"x\"",
        "a=(\"x\"\"y\")",
    ] {
        assert_eq!(
            inspected(input, "a=:AAAA:"),
            Some(Refusal::MalformedHeader("signature-input")),
            "{input}"
        );
    }
    for value in ["a", "a=1", "a=\"AAAA\"", "a=(:AAAA:)", "a=:AA*A:"] {
        assert_eq!(
            inspected("a=()", value),
            Some(Refusal::MalformedHeader("signature")),
            "{value}"
        );
    }
}
