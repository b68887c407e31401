//! What every answer has in common: ids, headers, problem documents, signatures.

use crate::support::{AUTHORITY, Api, ask, get, post, send, transfer};
use edge::ServerKey;
use serde_json::{Value, json};
use signing::http_signature::{ResponseParts, inspect_response};
use testkit::house::signer;

#[tokio::test]
async fn every_answer_has_an_id_and_the_same_headers() {
    let api = Api::open().await;
    for request in [
        get("/livez").unsigned(),
        get("/v1/whoami").build(&api),
        get("/nowhere").unsigned(),
    ] {
        let answer = api.send(request).await;
        assert!(answer.header("request-id").starts_with("req_"), "{}", answer.text());
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("default-src 'none'")
        );
        assert!(
            answer.header("strict-transport-security").starts_with("max-age="),
            "{AUTHORITY} is a public name"
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let api = Api::open().await;
    let nowhere = api.send(get("/v1/nowhere").unsigned()).await;
    assert_eq!((nowhere.status, nowhere.code().as_str()), (404, "no_such_route"));
    let method = api.send(ask("DELETE", "/v1/payments").unsigned()).await;
    assert_eq!((method.status, method.code().as_str()), (405, "no_such_route"));
    assert_eq!(method.json()["status"], 405);
    let mut allowed: Vec<&str> = method.header("allow").split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
}

#[tokio::test]
async fn problems_fit_their_schema() {
    let api = Api::open().await;
    let document: Value = serde_json::from_str(&edge::openapi()).unwrap();
    let schema = &document["components"]["schemas"]["Problem"];
    let known = schema["properties"].as_object().unwrap();
    let required: Vec<&str> = schema["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let problems = [
        get("/nowhere").unsigned(),
        get("/v1/whoami").unsigned(),
        get("/v1/payments?x=1").build(&api),
        get("/v1/payments/pay_0dz4k2m8qv1xa").build(&api),
        post("/v1/payments").json(&json!({"debtor": 1})).build(&api),
        post("/v1/payments").body("text/plain", "x").build(&api),
        post("/v1/batches").body("text/csv", "amount\n1").build(&api),
        ask("DELETE", "/livez").unsigned(),
    ];
    for request in problems {
        let place = request.uri().to_string();
        let answer = api.send(request).await;
        assert_eq!(answer.header("content-type"), "application/problem+json", "{place}");
        let problem = answer.json();
        let fields = problem.as_object().unwrap();
        assert!(
            required.iter().all(|name| fields.contains_key(*name)),
            "{place}: {problem}"
        );
        assert!(fields.keys().all(|name| known.contains_key(name)), "{place}: {problem}");
        assert_eq!(problem["status"], answer.status, "{place}");
        assert_eq!(problem["request_id"], answer.header("request-id"), "{place}");
        assert!(
            known["code"]["enum"].as_array().unwrap().contains(&problem["code"]),
            "{place}"
        );
        let page = api.send(get("/docs/errors").unsigned()).await.text();
        let anchor = problem["doc_url"]
            .as_str()
            .unwrap()
            .strip_prefix("/docs/errors#")
            .unwrap()
            .to_owned();
        assert!(page.contains(&format!("id=\"{anchor}\"")), "{place}");
    }
}

#[tokio::test]
async fn bodies_of_the_wrong_kind_or_size_are_refused() {
    let api = Api::open().await;
    let kind = api
        .ask(post("/v1/payments").body("application/x-www-form-urlencoded", "a=b"))
        .await;
    assert_eq!((kind.status, kind.code().as_str()), (415, "content_type"));
    let size = api
        .ask(post("/v1/payments").body("application/json", vec![b' '; 64 * 1024 + 1]))
        .await;
    assert_eq!((size.status, size.code().as_str()), (413, "too_large"));
    let with_charset = api
        .ask(post("/v1/payments").body("application/json; charset=utf-8", transfer(1, 1).to_string()))
        .await;
    assert_eq!(with_charset.status, 201);
    let not_json = api
        .ask(post("/v1/payments").body("application/json", "{\"end_to_end_id\": "))
        .await;
    assert_eq!((not_json.status, not_json.code().as_str()), (400, "malformed"));
}

#[tokio::test]
async fn answers_are_signed_when_the_server_has_a_key() {
    let api = Api::open().await;
    let router = api.signing(ServerKey {
        id: "server-1".to_owned(),
        key: signer(90),
    });
    for ask in [get("/v1/whoami"), get("/v1/payments/pay_0dz4k2m8qv1xa")] {
        let (request, signature) = ask.signed_by(&api, &api.client());
        let answer = send(&router, request).await;
        let parts = ResponseParts {
            status: answer.status,
            headers: &answer.headers,
            request: &signature,
        };
        let candidate = inspect_response(&parts).unwrap();
        assert_eq!(candidate.key_id(), "server-1");
        let now = api.house.platform.wall().seconds();
        candidate
            .verify(&signer(90).verifying_key().unwrap(), now, &answer.body)
            .unwrap();
    }
    let unsigned = send(&router, get("/v1/whoami").unsigned()).await;
    assert_eq!(unsigned.header("signature"), "", "an answer to nobody in particular");
    assert_eq!(
        api.ask(get("/v1/whoami")).await.header("signature"),
        "",
        "and without a key there is none"
    );
}

#[tokio::test]
async fn the_reference_pages_are_served_without_script() {
    let api = Api::open().await;
    for path in ["/docs/api", "/docs/errors"] {
        let page = api.send(get(path).unsigned()).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (200, "text/html; charset=utf-8")
        );
        assert!(
            page.header("content-security-policy").contains("style-src 'self'"),
            "{path}"
        );
        assert!(!page.header("content-security-policy").contains("script-src"), "{path}");
        assert!(page.text().starts_with("<!DOCTYPE html>"));
    }
    assert_eq!(api.send(get("/openapi.json").unsigned()).await.text(), edge::openapi());
    assert_eq!(
        api.send(get("/docs/style.css").unsigned()).await.header("content-type"),
        "text/css; charset=utf-8"
    );
}
