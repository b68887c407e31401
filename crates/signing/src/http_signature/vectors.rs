//! The engine below the profile against published vectors: RFC 9421 appendix B and the web-bot-auth test data. They cover
//! what they like and carry other tags, so they go past the profile and meet the signature base and the keys directly.

use super::base::SignatureBase;
use super::input::{SignatureInput, read_inputs, read_values};
use super::message::{Message, MessageSignature, RequestParts, ResponseParts};
use super::{Refusal, inspect};
use crate::key::VerifyingKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use std::collections::BTreeMap;
use vocab::secret::Secret;

const RFC_9421: &str = include_str!("../../tests/vectors/rfc9421.json");
const WEB_BOT_AUTH: &str = include_str!("../../tests/vectors/web-bot-auth.json");

#[derive(Deserialize)]
struct Vectors {
    keys: BTreeMap<String, String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    key: String,
    base: Option<String>,
    signature_input: String,
    signature: String,
    status: Option<u16>,
    #[serde(default)]
    method: String,
    #[serde(default)]
    authority: String,
    #[serde(default)]
    path: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    verifies: bool,
}

impl Vectors {
    fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap()
    }

    fn key(&self, case: &Case) -> VerifyingKey {
        let text = &self.keys[&case.key];
        if case.key == "hmac" {
            return VerifyingKey::hmac_sha256(&Secret::new(STANDARD.decode(text).unwrap())).unwrap();
        }
        VerifyingKey::parse(text).unwrap()
    }
}

impl Case {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn request<'a>(&'a self, headers: &'a HeaderMap) -> RequestParts<'a> {
        RequestParts {
            method: &self.method,
            authority: &self.authority,
            path: &self.path,
            query: self.query.as_deref(),
            headers,
        }
    }

    fn input(&self) -> SignatureInput<'_> {
        read_inputs(&self.signature_input).unwrap().swap_remove(0)
    }

    fn value(&self) -> Vec<u8> {
        read_values(&self.signature).unwrap().swap_remove(0).1
    }

    fn build(&self) -> Result<SignatureBase, Refusal> {
        let headers = self.headers();
        let unsigned = MessageSignature {
            label: String::new(),
            parameters: String::new(),
            value: Vec::new(),
        };
        let message = match self.status {
            Some(status) => Message::Response(ResponseParts {
                status,
                headers: &headers,
                request: &unsigned,
            }),
            None => Message::Request(self.request(&headers)),
        };
        let input = self.input();
        SignatureBase::build(&input.components, &input.parameters, &message)
    }
}

#[test]
fn signature_bases_of_rfc_9421_come_out_to_the_byte() {
    let vectors = Vectors::read(RFC_9421);
    for case in vectors.cases.iter().filter(|case| case.name != "B.2.2") {
        let base = case.build().unwrap();
        if let Some(expected) = &case.base {
            assert_eq!(&base.text, expected, "{}", case.name);
        }
        let verifies = vectors.key(case).verifies(base.text.as_bytes(), &case.value());
        assert_eq!(verifies, case.verifies, "{}", case.name);
    }
}

#[test]
fn a_query_parameter_by_name_is_refused_though_its_signature_is_good() {
    let vectors = Vectors::read(RFC_9421);
    let case = vectors.cases.iter().find(|case| case.name == "B.2.2").unwrap();
    assert_eq!(case.build().unwrap_err(), Refusal::UnsupportedComponent);
    let base = case.base.as_ref().unwrap();
    assert!(vectors.key(case).verifies(base.as_bytes(), &case.value()));
}

#[test]
fn signed_requests_of_web_bot_auth_verify() {
    let vectors = Vectors::read(WEB_BOT_AUTH);
    assert_eq!(vectors.cases.len(), 8);
    for case in &vectors.cases {
        let base = case.build().unwrap();
        assert!(
            vectors.key(case).verifies(base.text.as_bytes(), &case.value()),
            "{}",
            case.name
        );
    }
}

#[test]
fn no_vector_signature_verifies_after_a_change_of_one_byte() {
    for vectors in [Vectors::read(RFC_9421), Vectors::read(WEB_BOT_AUTH)] {
        for case in vectors
            .cases
            .iter()
            .filter(|case| case.verifies && case.name != "B.2.2")
        {
            let key = vectors.key(case);
            let base = case.build().unwrap().text.into_bytes();
            let value = case.value();
            for at in (0..base.len()).step_by(7) {
                let mut changed = base.clone();
                changed[at] ^= 1;
                assert!(!key.verifies(&changed, &value), "{} base {at}", case.name);
            }
            for at in (0..value.len()).step_by(7) {
                let mut changed = value.clone();
                changed[at] ^= 1;
                assert!(!key.verifies(&base, &changed), "{} signature {at}", case.name);
            }
        }
    }
}

#[test]
fn no_vector_verifies_under_a_key_of_another_algorithm() {
    let vectors = Vectors::read(RFC_9421);
    for case in vectors.cases.iter().filter(|case| case.verifies) {
        let base = case.base.as_ref().unwrap();
        for other in vectors.cases.iter().filter(|other| other.key != case.key) {
            assert!(
                !vectors.key(other).verifies(base.as_bytes(), &case.value()),
                "{} {}",
                case.name,
                other.key
            );
        }
    }
}

#[test]
fn what_others_sign_for_other_purposes_is_not_taken_for_ours() {
    for vectors in [Vectors::read(RFC_9421), Vectors::read(WEB_BOT_AUTH)] {
        for case in vectors.cases.iter().filter(|case| case.status.is_none()) {
            let mut headers = case.headers();
            headers.insert("signature-input", HeaderValue::from_str(&case.signature_input).unwrap());
            headers.insert("signature", HeaderValue::from_str(&case.signature).unwrap());
            assert_eq!(
                inspect(&case.request(&headers)).unwrap_err(),
                Refusal::NoTaggedSignature,
                "{}",
                case.name
            );
        }
    }
}

/// RFC 9421 sections 2.1, 2.1.2 and 2.2: the examples of component values.
#[test]
fn component_values_follow_the_examples_of_rfc_9421() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("x-ows-header", "  Leading and trailing whitespace.  "),
        ("cache-control", "max-age=60"),
        ("cache-control", "   must-revalidate"),
        ("example-dict", "a=1,    b=2;x=1;y=2,   c=(a   b   c), d"),
        ("x-empty-header", ""),
    ] {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let request = |path, query| RequestParts {
        method: "GET",
        authority: "WWW.Example.com:443",
        path,
        query,
        headers: &headers,
    };
    let value_in = |request: RequestParts<'_>, identifier: &str| {
        let header = format!("sig=({identifier})");
        let input = read_inputs(&header).unwrap().swap_remove(0);
        let base = SignatureBase::build(&input.components, &[], &Message::Request(request))?;
        let line = base.text.lines().next().unwrap().to_owned();
        Ok::<_, Refusal>(line.strip_prefix(&format!("{identifier}: ")).unwrap().to_owned())
    };
    let value = |identifier| value_in(request("/path", Some("param=value&foo=bar&baz=bat%2Dman")), identifier);
    for (identifier, expected) in [
        ("\"@method\"", "GET"),
        ("\"@authority\"", "www.example.com"),
        ("\"@path\"", "/path"),
        ("\"@query\"", "?param=value&foo=bar&baz=bat%2Dman"),
        ("\"x-ows-header\"", "Leading and trailing whitespace."),
        ("\"cache-control\"", "max-age=60, must-revalidate"),
        ("\"example-dict\"", "a=1,    b=2;x=1;y=2,   c=(a   b   c), d"),
        ("\"example-dict\";key=\"a\"", "1"),
        ("\"example-dict\";key=\"b\"", "2;x=1;y=2"),
        ("\"example-dict\";key=\"c\"", "(a b c)"),
        ("\"example-dict\";key=\"d\"", "?1"),
        ("\"x-empty-header\"", ""),
    ] {
        assert_eq!(value(identifier).as_deref(), Ok(expected), "{identifier}");
    }
    for query in [None, Some("")] {
        assert_eq!(value_in(request("/", query), "\"@query\"").as_deref(), Ok("?"));
    }
    assert_eq!(value_in(request("", None), "\"@path\"").as_deref(), Ok("/"));
    for (identifier, refusal) in [
        ("\"absent\"", Refusal::UnusableComponent),
        ("\"example-dict\";key=\"e\"", Refusal::UnusableComponent),
        ("\"cache-control\";key=\"a b\"", Refusal::UnusableComponent),
        ("\"x-ows-header\";key=\"a\"", Refusal::UnusableComponent),
        ("\"Cache-Control\"", Refusal::UnsupportedComponent),
        ("\"@status\"", Refusal::UnsupportedComponent),
        ("\"@signature-params\"", Refusal::UnsupportedComponent),
        ("\"@target-uri\"", Refusal::UnsupportedComponent),
        ("\"@method\";key=\"a\"", Refusal::UnsupportedComponent),
        ("\"@method\";req", Refusal::UnsupportedComponent),
        ("\"example-dict\";sf", Refusal::UnsupportedComponent),
        ("\"example-dict\";bs", Refusal::UnsupportedComponent),
        ("\"example-dict\";tr", Refusal::UnsupportedComponent),
        ("\"example-dict\";req=?0", Refusal::UnsupportedComponent),
        ("\"example-dict\";key=\"a\";key=\"b\"", Refusal::UnsupportedComponent),
        ("\"example-dict\";unheard-of", Refusal::UnsupportedComponent),
    ] {
        assert_eq!(value(identifier), Err(refusal), "{identifier}");
    }
}

#[test]
fn a_request_line_that_could_be_read_in_two_ways_is_not_signed() {
    let headers = HeaderMap::new();
    let good = RequestParts {
        method: "GET",
        authority: "example.com",
        path: "/",
        query: None,
        headers: &headers,
    };
    let input = read_inputs("sig=(\"@method\" \"@authority\" \"@path\" \"@query\")")
        .unwrap()
        .swap_remove(0);
    let build =
        |request| SignatureBase::build(&input.components, &[], &Message::Request(request)).map(|base| base.text);
    assert!(build(good).is_ok());
    for bad in [
        RequestParts { method: "", ..good },
        RequestParts {
            method: "GET /\n\"@path\": /",
            ..good
        },
        RequestParts { authority: "", ..good },
        RequestParts {
            authority: ":443",
            ..good
        },
        RequestParts {
            authority: "bank.example@example.com",
            ..good
        },
        RequestParts {
            authority: "example.com/x",
            ..good
        },
        RequestParts {
            authority: "bücher.example",
            ..good
        },
        RequestParts { path: "*", ..good },
        RequestParts { path: "/a?b", ..good },
        RequestParts { path: "/a b", ..good },
        RequestParts { path: "/a\n", ..good },
        RequestParts {
            query: Some("a#b"),
            ..good
        },
        RequestParts {
            query: Some("a\r\nb"),
            ..good
        },
        RequestParts {
            query: Some("é"),
            ..good
        },
    ] {
        assert_eq!(
            build(bad),
            Err(Refusal::UnusableComponent),
            "{bad:?} {:?}",
            bad.authority
        );
    }
}
