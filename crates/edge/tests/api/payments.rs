//! Payments: submit, read, change, approve, withdraw, timeline, receipt.

use crate::support::{Api, ask, get, post, transfer};
use serde_json::{Value, json};

async fn approve(api: &Api, member: u8, payment: &str, hash: &Value) -> crate::support::Answer {
    let body = json!({"payment": payment, "content_hash": hash, "approved": true, "note": "checked"});
    api.send(post("/v1/approvals").json(&body).signed_by(api, &api.member(member)).0)
        .await
}

#[tokio::test]
async fn a_submitted_payment_can_be_read_as_it_was_ordered() {
    let api = Api::open().await;
    let answer = api.ask(post("/v1/payments").json(&transfer(1, 125_000))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let taken = answer.json();
    let id = taken["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/v1/payments/{id}"));
    assert_eq!(
        (&taken["state"], &taken["approvals_needed"]),
        (&json!("waiting_for_approval"), &json!(1))
    );

    let read = api.ask(get(format!("/v1/payments/{id}"))).await.json();
    assert_eq!(
        read["transfer"]["amount"],
        json!({"amount": 125_000, "currency": "EUR"})
    );
    assert_eq!(read["transfer"]["end_to_end_id"], "E2E-1");
    assert_eq!(read["held"], json!({"amount": 125_000, "currency": "EUR"}));
    assert_eq!(read["content_hash"], taken["content_hash"]);
    assert_eq!(read["account"], api.house.account.to_string());
    let account = api.ask(get(format!("/v1/accounts/{}", api.house.account))).await.json();
    assert_eq!(account["held"]["amount"], 125_000);
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let api = Api::open().await;
    let mut body = transfer(1, 0);
    body["creditor"]["iban"] = json!("DE02120300000000202052");
    body["execution_on"] = json!("soon");
    let refused = api.ask(post("/v1/payments").json(&body)).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "payment_invalid"));
    let errors = refused.json()["errors"].clone();
    let mut pointers: Vec<&str> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["pointer"].as_str().unwrap())
        .collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/amount/amount", "/creditor/iban", "/execution_on"]);

    body["creditor"]["colour"] = json!("blue");
    body["debtor"] = json!("me");
    let malformed = api.ask(post("/v1/payments").json(&body)).await;
    assert_eq!((malformed.status, malformed.code().as_str()), (400, "malformed"));
    assert_eq!(
        malformed.json()["errors"].as_array().unwrap().len(),
        5,
        "form and values together: {}",
        malformed.text()
    );
}

#[tokio::test]
async fn a_payment_like_an_earlier_one_goes_on_only_when_confirmed() {
    let api = Api::open().await;
    let first = api.pay(1, 100).await;
    let second = api.ask(post("/v1/payments").json(&transfer(1, 100))).await.json();
    assert_eq!(
        (&second["state"], &second["duplicate_of"]),
        (&json!("received"), &json!(first))
    );
    let id = second["id"].as_str().unwrap();
    let read = api.ask(get(format!("/v1/payments/{id}"))).await.json();
    assert_eq!(read["duplicate_of"], first);
    let confirmed = api.ask(post(format!("/v1/payments/{id}/confirm-not-duplicate"))).await;
    assert_eq!(confirmed.json(), json!({"id": id, "state": "waiting_for_approval"}));
}

#[tokio::test]
async fn people_approve_exactly_what_they_have_seen() {
    let api = Api::open().await;
    let id = api.pay(1, 6_000_000).await;
    let hash = api.ask(get(format!("/v1/payments/{id}"))).await.json()["content_hash"].clone();

    let by_machine = post("/v1/approvals").json(&json!({"payment": id, "content_hash": hash, "approved": true}));
    assert_eq!(api.ask(by_machine).await.code(), "not_a_member");
    assert_eq!(approve(&api, 2, &id, &hash).await.code(), "not_permitted");
    assert_eq!(
        approve(&api, 0, &id, &json!("0".repeat(64))).await.code(),
        "content_changed"
    );

    let first = approve(&api, 0, &id, &hash).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let given = first.json();
    assert_eq!(
        (&given["approvals"], &given["approvals_needed"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(given["state"], "waiting_for_approval");
    assert_eq!(approve(&api, 0, &id, &hash).await.code(), "already_approved");
    let second = approve(&api, 1, &id, &hash).await.json();
    assert_eq!((&second["approvals"], &second["state"]), (&json!(2), &json!("queued")));

    let timeline = api.ask(get(format!("/v1/payments/{id}/timeline"))).await.json();
    let approvals = timeline["approvals"].as_array().unwrap();
    assert_eq!(approvals.len(), 2);
    assert_eq!(
        (&approvals[0]["name"], &approvals[0]["counts"]),
        (&json!("Ada Marlowe"), &json!(true))
    );
    let kinds: Vec<&str> = timeline["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.first(), Some(&"payment.received"));
}

#[tokio::test]
async fn a_changed_payment_voids_approvals() {
    let api = Api::open().await;
    let id = api.pay(1, 6_000_000).await;
    let hash = api.ask(get(format!("/v1/payments/{id}"))).await.json()["content_hash"].clone();
    approve(&api, 0, &id, &hash).await;
    let changed = api
        .ask(ask("PUT", format!("/v1/payments/{id}")).json(&transfer(1, 7_000_000)))
        .await;
    assert_eq!(changed.json(), json!({"id": id, "state": "waiting_for_approval"}));
    let read = api.ask(get(format!("/v1/payments/{id}"))).await.json();
    assert_eq!(
        (&read["version"], &read["transfer"]["amount"]["amount"]),
        (&json!(2), &json!(7_000_000))
    );
    assert_ne!(read["content_hash"], hash);
    assert_eq!(approve(&api, 1, &id, &hash).await.code(), "content_changed");
    let timeline = api.ask(get(format!("/v1/payments/{id}/timeline"))).await.json();
    assert_eq!(timeline["approvals"][0]["counts"], false);
    let other = api
        .ask(ask("PUT", format!("/v1/payments/{id}")).json(&transfer(2, 7_000_000)))
        .await;
    assert_eq!(other.code(), "change_forbidden", "the end-to-end id stays");
}

#[tokio::test]
async fn what_is_not_at_the_bank_cannot_be_recalled_but_withdrawn() {
    let api = Api::open().await;
    let id = api.pay(1, 100).await;
    assert_eq!(
        api.ask(post(format!("/v1/payments/{id}/recall"))).await.code(),
        "state_forbids"
    );
    assert_eq!(
        api.ask(post(format!("/v1/payments/{id}/cancel"))).await.json()["state"],
        "cancelled"
    );
    let read = api.ask(get(format!("/v1/payments/{id}"))).await.json();
    assert_eq!(read["reason"]["code"], "cancelled");
    assert_eq!(
        api.ask(post(format!("/v1/payments/{id}/cancel"))).await.code(),
        "state_forbids"
    );
}

#[tokio::test]
async fn a_receipt_can_be_had_once_the_event_is_sealed() {
    let api = Api::open().await;
    let id = api.pay(1, 100).await;
    let early = api.ask(get(format!("/v1/payments/{id}/receipt"))).await;
    assert_eq!(
        (early.status, early.header("retry-after"), early.body.len()),
        (202, "1", 0)
    );
    flow::seal::seal_all(&api.house.platform).await.unwrap();
    let receipt = api.ask(get(format!("/v1/payments/{id}/receipt"))).await;
    assert_eq!(receipt.status, 200);
    assert!(
        receipt
            .header("content-disposition")
            .contains(&format!("{id}.tlog-proof"))
    );
    let verified = evidence::receipt::verify_receipt(&receipt.body, api.house.platform.log_verifier()).unwrap();
    assert_eq!(verified.event["subject"], id);
}
