//! The two headers, their labels, and signatures of others beside ours.

use super::*;

#[test]
fn headers_that_count_once_may_not_be_repeated() {
    for name in [
        "signature",
        "signature-input",
        "content-digest",
        "idempotency-key",
        "authorization",
        "content-type",
    ] {
        let mut request = Request::post().signed();
        let value = request.headers[name].to_str().unwrap().to_owned();
        request.add(name, &value);
        assert_eq!(refusal(&request), Refusal::RepeatedHeader(name));
    }
}

#[test]
fn missing_and_oversized_headers_are_refused() {
    assert_eq!(refusal(&Request::get()), Refusal::MissingHeader("signature-input"));
    for (name, bytes) in [
        ("signature", 6_145),
        ("signature-input", 4_097),
        ("content-digest", 1_025),
        ("idempotency-key", 8_193),
    ] {
        let mut request = Request::post().signed();
        request.headers.remove(name);
        if name.starts_with("signature") {
            assert_eq!(refusal(&request), Refusal::MissingHeader(name));
        }
        request.set(name, &"a".repeat(bytes));
        assert_eq!(refusal(&request), Refusal::OversizedHeader(name));
    }
}

#[test]
fn labels_are_the_same_in_both_headers_and_used_once() {
    let mut request = Request::get().signed();
    let value = request.headers["signature"].to_str().unwrap().to_owned();
    request.set("signature", &format!("{value}, {value}"));
    assert_eq!(refusal(&request), Refusal::DuplicateMember("signature"));
    request.set("signature", &format!("{value}, other=:AAAA:"));
    assert_eq!(refusal(&request), Refusal::LabelsDiffer);
    request.set("signature", &value.replace("sig=", "gis="));
    assert_eq!(refusal(&request), Refusal::LabelsDiffer);

    let mut request = Request::get().signed();
    let input = request.headers["signature-input"].to_str().unwrap().to_owned();
    request.set("signature-input", &format!("{input}, sig=()"));
    assert_eq!(refusal(&request), Refusal::DuplicateMember("signature-input"));
}

#[test]
fn foreign_signatures_are_let_be_up_to_three_in_all() {
    let others = |count: usize| {
        let mut request = Request::get().signed();
        let mut input = request.headers["signature-input"].to_str().unwrap().to_owned();
        let mut value = request.headers["signature"].to_str().unwrap().to_owned();
        for number in 0..count {
            input = format!("proxy{number}=(\"@path\";sf \"X\" \"x\";bs);created=1;ttl=5, {input}");
            value.push_str(&format!(", proxy{number}=:AAAA:"));
        }
        request.set("signature-input", &input);
        request.set("signature", &value);
        request.verify_at(NOW, b"")
    };
    assert!(others(0).is_ok());
    assert!(others(2).is_ok(), "and their components are theirs");
    assert_eq!(others(3).unwrap_err(), Refusal::TooManySignatures);
}

#[test]
fn exactly_one_signature_has_our_tag() {
    let mut request = Request::get().signed();
    let input = request.headers["signature-input"].to_str().unwrap().to_owned();
    let value = request.headers["signature"].to_str().unwrap().to_owned();
    request.set(
        "signature-input",
        &format!("{input}, second{}", input.trim_start_matches("sig")),
    );
    request.set("signature", &format!("{value}, second=:AAAA:"));
    assert_eq!(refusal(&request), Refusal::SeveralTaggedSignatures);
    // A second `tag` must not let the signature slip by as a foreign one, nor a foreign one become ours unnoticed.
    let hidden = Request::get().signed().reworded("tag=\"", "tag=\"other\";tag=\"");
    assert_eq!(refusal(&hidden), Refusal::DuplicateParameter("tag"));
}

#[test]
fn headers_that_are_no_text_are_refused() {
    for name in [
        "signature",
        "signature-input",
        "content-digest",
        "idempotency-key",
        "authorization",
    ] {
        let mut request = Request::post().signed();
        request
            .headers
            .insert(name, HeaderValue::from_bytes(b"caf\xc3\xa9").unwrap());
        assert_eq!(refusal(&request), Refusal::MalformedHeader(name));
    }
}
