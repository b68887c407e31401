//! What a signature has to cover, may cover and cannot cover.

use super::*;

#[test]
fn a_body_without_digest_or_type_is_refused() {
    let unsigned_body = Request::get().signed();
    assert_eq!(
        unsigned_body.verify_at(NOW, BODY),
        Err(Refusal::NotCovered("content-digest"))
    );
    let mut untyped = Request::post();
    untyped.headers.remove("content-type");
    assert_eq!(untyped.signed().verify(), Err(Refusal::NotCovered("content-type")));
}

#[test]
fn each_mandatory_component_has_to_be_covered() {
    for name in [
        "@method",
        "@authority",
        "@path",
        "@query",
        "idempotency-key",
        "content-type",
        "content-digest",
        "authorization",
    ] {
        let request = Request::post().signed();
        let input = request.headers["signature-input"].to_str().unwrap().to_owned();
        let quoted = format!("\"{name}\"");
        let bare = if input.contains(&format!("{quoted} ")) {
            format!("{quoted} ")
        } else {
            format!(" {quoted}")
        };
        assert_eq!(refusal(&request.reworded(&bare, "")), Refusal::NotCovered(name));
    }
}

#[test]
fn a_component_with_a_parameter_does_not_stand_for_the_plain_one() {
    let request = Request::post()
        .signed()
        .reworded("\"content-digest\"", "\"content-digest\";key=\"sha-256\"");
    assert_eq!(refusal(&request), Refusal::NotCovered("content-digest"));
}

#[test]
fn what_is_present_and_may_change_the_meaning_has_to_be_covered() {
    for (name, value) in [
        ("content-encoding", "gzip"),
        ("authorization", "DPoP x"),
        ("idempotency-key", "k"),
        ("content-type", "a/b"),
    ] {
        let mut request = Request::get().signed();
        request.set(name, value);
        assert_eq!(refusal(&request), Refusal::NotCovered(name));
        assert!(request.sign(&stamp()).is_ok(), "signing covers it");
    }
}

#[test]
fn every_method_that_is_not_safe_needs_an_idempotency_key() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "PURGE", "get"] {
        let mut request = Request::get();
        request.method = method;
        assert_eq!(
            request.sign(&stamp()),
            Err(Refusal::MissingHeader("idempotency-key")),
            "{method}"
        );
    }
    for method in ["GET", "HEAD", "OPTIONS"] {
        let mut request = Request::get();
        request.method = method;
        assert!(request.sign(&stamp()).is_ok());
    }
}

#[test]
fn components_are_known_listed_once_and_not_too_many() {
    let with = |more: &str| {
        refusal(
            &Request::post()
                .signed()
                .reworded("\"@query\"", &format!("\"@query\" {more}")),
        )
    };
    for unsupported in [
        "\"@target-uri\"",
        "\"@scheme\"",
        "\"@request-target\"",
        "\"@query-param\";name=\"dry_run\"",
        "\"@status\"",
        "\"@signature-params\"",
        "\"@unheard-of\"",
        "\"content-type\";sf",
        "\"content-type\";bs",
        "\"content-type\";tr",
        "\"content-type\";req",
        "\"content-type\";colour",
        "\"Content-Type\"",
    ] {
        assert_eq!(with(unsupported), Refusal::UnsupportedComponent, "{unsupported}");
    }
    assert_eq!(with("\"not-there\""), Refusal::UnusableComponent);
    assert_eq!(with("\"@query\""), Refusal::DuplicateComponent);
    assert_eq!(
        with("\"a\";key=\"x\";req \"a\";req;key=\"x\""),
        Refusal::DuplicateComponent,
        "in whatever order"
    );
    let many: Vec<String> = (0..40).map(|number| format!("\"x-{number}\"")).collect();
    assert_eq!(with(&many.join(" ")), Refusal::TooManyComponents);
}

#[test]
fn a_client_may_cover_more() {
    let mut request = Request::get();
    request.set("date", "Tue, 20 Apr 2021 02:07:55 GMT");
    request.set("priority", "u=1, i");
    let mut request = request.signed();
    let good = request.headers["signature-input"].to_str().unwrap().to_owned();
    request.set(
        "signature-input",
        &good.replace("\"@query\"", "\"@query\" \"date\" \"priority\";key=\"u\""),
    );
    let base = request.inspect().unwrap().signature_base().to_owned();
    assert!(
        base.contains("\n\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"priority\";key=\"u\": 1\n"),
        "{base}"
    );
}
