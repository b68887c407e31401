//! Signed responses: what a client can prove about the answer it got.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

use http::{HeaderMap, HeaderValue};
use signing::content_digest::content_digest;
use signing::http_signature::{
    MessageSignature, Refusal, RequestParts, ResponseParts, Stamp, VerifiedAnswer, inspect, inspect_response,
    sign_request, sign_response,
};
use signing::key::SigningKey;

const NOW: i64 = 1_795_000_000;
const ANSWER: &[u8] = b"{\"id\":\"pay_1\"}";

fn client() -> SigningKey {
    SigningKey::from_seed(&[7; 32]).unwrap()
}

fn server() -> SigningKey {
    SigningKey::from_seed(&[9; 32]).unwrap()
}

/// The signature of a request, as the client has it after signing.
fn asked(nonce: &str) -> MessageSignature {
    let headers = HeaderMap::new();
    let request = RequestParts {
        method: "GET",
        authority: "a.example",
        path: "/v1/x",
        query: None,
        headers: &headers,
    };
    let stamp = Stamp {
        key_id: "client-1",
        created: NOW,
        expires: NOW + 60,
        nonce,
    };
    sign_request(&client(), &stamp, &request).unwrap()
}

fn question() -> MessageSignature {
    asked("00112233445566778899aabbccddeeff")
}

fn headers(body: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("content-digest", HeaderValue::from_str(&content_digest(body)).unwrap());
    if !body.is_empty() {
        headers.insert("content-type", HeaderValue::from_static("application/json"));
    }
    headers
}

fn answered(status: u16, body: &[u8], request: &MessageSignature) -> HeaderMap {
    let mut headers = headers(body);
    let signature = sign_response(
        &server(),
        "server-1",
        NOW + 1,
        &ResponseParts {
            status,
            headers: &headers,
            request,
        },
    )
    .unwrap();
    signature.insert_into(&mut headers).unwrap();
    headers
}

fn verify(
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    request: &MessageSignature,
) -> Result<VerifiedAnswer, Refusal> {
    let key = server().verifying_key().unwrap();
    inspect_response(&ResponseParts {
        status,
        headers,
        request,
    })?
    .verify(&key, NOW + 2, body)
}

fn reworded(mut headers: HeaderMap, from: &str, to: &str) -> HeaderMap {
    let input = headers["signature-input"].to_str().unwrap();
    assert!(input.contains(from), "{input}");
    let input = HeaderValue::from_str(&input.replace(from, to)).unwrap();
    headers.insert("signature-input", input);
    headers
}

#[test]
fn an_answer_is_verified_with_and_without_a_body() {
    for (status, body) in [(201, ANSWER), (204, b"".as_slice())] {
        let headers = answered(status, body, &question());
        let verified = verify(status, &headers, body, &question()).unwrap();
        assert_eq!((verified.key_id(), verified.created()), ("server-1", NOW + 1));
    }
}

#[test]
fn the_server_answers_to_what_it_verified() {
    let mut sent = HeaderMap::new();
    question().insert_into(&mut sent).unwrap();
    let request = RequestParts {
        method: "GET",
        authority: "a.example",
        path: "/v1/x",
        query: None,
        headers: &sent,
    };
    let verified = inspect(&request)
        .unwrap()
        .verify(&client().verifying_key().unwrap(), NOW, b"")
        .unwrap();
    assert_eq!(verified.signature(), &question(), "both sides hold the same signature");
    let headers = answered(200, ANSWER, verified.signature());
    assert!(verify(200, &headers, ANSWER, &question()).is_ok());
}

#[test]
fn an_answer_to_another_question_is_refused() {
    let headers = answered(200, ANSWER, &asked("ffeeddccbbaa99887766554433221100"));
    assert_eq!(verify(200, &headers, ANSWER, &question()), Err(Refusal::BadSignature));
}

#[test]
fn whatever_is_covered_cannot_be_changed() {
    let good = answered(200, ANSWER, &question());
    assert_eq!(verify(202, &good, ANSWER, &question()), Err(Refusal::BadSignature));
    assert_eq!(
        verify(200, &good, b"{\"id\":\"pay_2\"}", &question()),
        Err(Refusal::ContentDigestMismatch)
    );
    for (name, value) in [("content-type", "text/html"), ("content-digest", &content_digest(b"x"))] {
        let mut changed = good.clone();
        changed.insert(name, HeaderValue::from_str(value).unwrap());
        assert_eq!(verify(200, &changed, ANSWER, &question()), Err(Refusal::BadSignature));
    }
    assert_eq!(
        verify(
            200,
            &reworded(good, &format!("created={}", NOW + 1), &format!("created={NOW}")),
            ANSWER,
            &question()
        ),
        Err(Refusal::BadSignature)
    );
}

#[test]
fn each_mandatory_component_has_to_be_covered() {
    for (identifier, name) in [
        ("\"@status\" ", "@status"),
        (" \"content-digest\"", "content-digest"),
        (" \"content-type\"", "content-type"),
        (" \"signature\";req;key=\"sig\"", "signature"),
        (" \"signature-input\";req;key=\"sig\"", "signature-input"),
    ] {
        let headers = reworded(answered(200, ANSWER, &question()), identifier, "");
        assert_eq!(
            verify(200, &headers, ANSWER, &question()),
            Err(Refusal::NotCovered(name))
        );
    }
    let other_label = reworded(
        answered(200, ANSWER, &question()),
        "\"signature\";req;key=\"sig\"",
        "\"signature\";req;key=\"gis\"",
    );
    assert_eq!(
        verify(200, &other_label, ANSWER, &question()),
        Err(Refusal::NotCovered("signature"))
    );
}

#[test]
fn of_the_request_nothing_else_is_covered() {
    for more in [
        "\"@method\";req",
        "\"signature\";req",
        "\"signature\";req;key=\"gis\"",
        "\"date\";req",
        "\"@method\"",
        "\"@status\";req",
    ] {
        let headers = reworded(
            answered(200, ANSWER, &question()),
            "\"@status\"",
            &format!("\"@status\" {more}"),
        );
        assert_eq!(
            verify(200, &headers, ANSWER, &question()),
            Err(Refusal::UnsupportedComponent),
            "{more}"
        );
    }
}

#[test]
fn an_answer_has_no_nonce_and_no_end_of_its_own() {
    for more in [";nonce=\"00112233445566778899aabbccddeeff\"", ";expires=1795000300"] {
        let headers = reworded(answered(200, ANSWER, &question()), ";tag=", &format!("{more};tag="));
        assert_eq!(
            verify(200, &headers, ANSWER, &question()),
            Err(Refusal::UnsupportedParameter)
        );
    }
}

#[test]
fn an_answer_from_the_future_or_under_another_algorithm_is_refused() {
    let headers = answered(200, ANSWER, &question());
    let response = ResponseParts {
        status: 200,
        headers: &headers,
        request: &question(),
    };
    let key = server().verifying_key().unwrap();
    let at = |now| inspect_response(&response).unwrap().verify(&key, now, ANSWER);
    assert_eq!(at(NOW - 60), Err(Refusal::FromTheFuture));
    assert!(at(NOW - 59).is_ok());
    assert!(at(NOW + 10 * 365 * 86_400).is_ok(), "it stays a proof");
    let other = reworded(headers, ";tag=", ";alg=\"rsa-pss-sha512\";tag=");
    assert_eq!(
        verify(200, &other, ANSWER, &question()),
        Err(Refusal::AlgorithmMismatch)
    );
}

#[test]
fn an_answer_without_digest_or_type_is_refused() {
    let mut bare = headers(ANSWER);
    bare.remove("content-digest");
    let sign = |headers: &HeaderMap| {
        sign_response(
            &server(),
            "server-1",
            NOW,
            &ResponseParts {
                status: 200,
                headers,
                request: &question(),
            },
        )
    };
    assert_eq!(sign(&bare), Err(Refusal::NotCovered("content-digest")));
    let empty = answered(200, b"", &question());
    assert_eq!(
        verify(200, &empty, b"x", &question()),
        Err(Refusal::NotCovered("content-type"))
    );
}

#[test]
fn a_request_signature_is_no_answer_and_an_answer_no_request() {
    let mut sent = headers(ANSWER);
    question().insert_into(&mut sent).unwrap();
    assert_eq!(
        verify(200, &sent, ANSWER, &question()),
        Err(Refusal::NotCovered("@status"))
    );
    let answer = answered(200, ANSWER, &question());
    let request = RequestParts {
        method: "GET",
        authority: "a.example",
        path: "/",
        query: None,
        headers: &answer,
    };
    assert_eq!(inspect(&request).unwrap_err(), Refusal::NotCovered("@method"));
}
