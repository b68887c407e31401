//! What may be repeated and what may not: idempotency keys and nonces, also across a restart.

use crate::support::{Api, ask, get, post, transfer};
use edge::metrics::Metrics;
use edge::{EdgeConfig, EdgeState, router};
use serde_json::json;
use testkit::channel::silent;

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_makes_one_payment() {
    let api = Api::open().await;
    let first = api.ask(post("/v1/payments").key("a").json(&transfer(1, 100))).await;
    let again = api.ask(post("/v1/payments").key("a").json(&transfer(1, 100))).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    assert_eq!(
        (first.header("idempotent-replayed"), again.header("idempotent-replayed")),
        ("", "true")
    );
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(
        api.ask(get("/v1/payments")).await.json()["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn the_same_key_with_other_content_is_refused() {
    let api = Api::open().await;
    api.ask(post("/v1/payments").key("a").json(&transfer(1, 100))).await;
    let other = api.ask(post("/v1/payments").key("a").json(&transfer(1, 101))).await;
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
}

#[tokio::test]
async fn the_key_belongs_to_one_payment_of_the_path() {
    let api = Api::open().await;
    let (one, two) = (api.pay(1, 100).await, api.pay(2, 100).await);
    let cancel = |id: &str| {
        post(format!("/v1/payments/{id}/cancel"))
            .key("c")
            .json(&json!({"note": "wrong"}))
    };
    assert_eq!(
        api.ask(cancel(&one)).await.json(),
        json!({"id": one, "state": "cancelled"})
    );
    assert_eq!(api.ask(cancel(&one)).await.header("idempotent-replayed"), "true");
    assert_eq!(api.ask(cancel(&two)).await.code(), "idempotency_key_reused");
}

#[tokio::test]
async fn a_change_without_a_key_is_refused_and_so_is_a_key_that_is_too_long() {
    let api = Api::open().await;
    let request = post("/v1/payments").json(&transfer(1, 100)).without_key();
    // The signer refuses to sign such a request, so it is sent as a broken client would.
    let answer = api.send(request.unsigned()).await;
    assert_eq!(
        answer.status, 401,
        "without a signature there is nothing to say about keys"
    );
    let long = api
        .ask(post("/v1/payments").key(&"k".repeat(129)).json(&transfer(1, 100)))
        .await;
    assert_eq!((long.status, long.code().as_str()), (400, "idempotency_key_missing"));
}

#[tokio::test]
async fn a_signature_counts_once_whatever_the_route() {
    let api = Api::open().await;
    for request in [
        get("/v1/whoami"),
        post("/v1/payments").json(&transfer(1, 100)),
        ask("PUT", "/v1/payments/pay_0dz4k2m8qv1xa").json(&transfer(1, 100)),
    ] {
        let first = api.send(request.build(&api)).await;
        assert_ne!(first.code(), "replayed", "{}", request.target);
        let again = api.send(request.build(&api)).await;
        assert_eq!(
            (again.status, again.code().as_str()),
            (401, "replayed"),
            "{}",
            request.target
        );
    }
}

#[tokio::test]
async fn a_ping_claims_no_nonce_because_it_changes_and_tells_nothing() {
    let api = Api::open().await;
    let ping = get("/v1/ping");
    for _ in 0..2 {
        let answer = api.send(ping.build(&api)).await;
        assert_eq!((answer.status, answer.json()), (200, json!({"verified": true})));
    }
    assert_eq!(api.send(ping.unsigned()).await.status, 401);
}

#[tokio::test]
async fn a_signature_stays_used_after_a_restart() {
    let api = Api::open().await;
    let (asked, paid) = (get("/v1/whoami"), post("/v1/payments").json(&transfer(1, 100)));
    let captured = [asked.build(&api), paid.build(&api)];
    assert_eq!(api.send(asked.build(&api)).await.status, 200);
    assert_eq!(api.send(paid.build(&api)).await.status, 201);
    api.house.platform.store().close().await;

    let platform = testkit::house::platform(&api.database, &api.house.clock, vec![silent()]).await;
    let edge = EdgeState::new(EdgeConfig {
        platform,
        authorities: vec![crate::support::AUTHORITY.to_owned()],
        metrics: Metrics::local().unwrap(),
        server_key: None,
        open_metrics: false,
    });
    let restarted = router(edge);
    for request in captured {
        let again = crate::support::send(&restarted, request).await;
        assert_eq!((again.status, again.code().as_str()), (401, "replayed"));
    }
    let fresh = crate::support::send(&restarted, post("/v1/payments").json(&transfer(2, 100)).build(&api)).await;
    assert_eq!(fresh.status, 201, "{}", fresh.text());
}
