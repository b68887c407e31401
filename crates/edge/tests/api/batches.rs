//! Files of payments.

use crate::support::{Api, get, post};
use serde_json::{Value, json};
use testkit::house::ACCOUNT;
use testkit::transfers::CREDITOR;

/// A list of three payments from number `first` on.
pub(crate) fn csv(first: u32) -> String {
    let mut text = "end_to_end_id,debtor_name,debtor_account,creditor_name,creditor_account,amount,currency,execution_date,service_level\n".to_owned();
    for number in first..first + 3 {
        text.push_str(&format!(
            "F-{number},House,{ACCOUNT},Supplier,{CREDITOR},{number}.50,EUR,2026-11-24,SEPA\n"
        ));
    }
    text
}

fn faulty() -> String {
    csv(1).replacen(CREDITOR, "DE02120300000000202052", 1)
}

#[tokio::test]
async fn a_file_becomes_a_batch_with_the_fate_of_each_payment() {
    let api = Api::open().await;
    let answer = api.ask(post("/v1/batches").key("f").body("text/csv", csv(1))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let taken = answer.json();
    assert_eq!(
        (&taken["payments"], &taken["accepted"], &taken["findings"]),
        (&json!(3), &json!(3), &json!(0))
    );
    let again = api.ask(post("/v1/batches").key("f").body("text/csv", csv(1))).await;
    assert_eq!(
        (again.body, again.headers["idempotent-replayed"].to_str().unwrap()),
        (answer.body.clone(), "true")
    );

    let target = answer.header("location").to_owned();
    let first = api.ask(get(format!("{target}?limit=2"))).await.json();
    assert_eq!(first["batch"]["format"], "csv");
    let row = &first["results"]["data"][0];
    assert_eq!(
        (&row["position"], &row["end_to_end_id"], &row["state"]),
        (&json!(0), &json!("F-1"), &json!("waiting_for_approval"))
    );
    let next = first["results"]["next"].as_str().unwrap();
    let second = api.ask(get(format!("{target}?limit=2&after={next}"))).await.json();
    assert_eq!(second["results"]["data"][0]["end_to_end_id"], "F-3");
    assert_eq!(second["results"]["has_more"], false);

    let payments = api
        .ask(get(format!("/v1/payments?batch={}", taken["id"].as_str().unwrap())))
        .await
        .json();
    assert_eq!(payments["data"].as_array().unwrap().len(), 3);
    assert_eq!(api.ask(get("/v1/batches")).await.json()["data"][0]["id"], taken["id"]);
}

#[tokio::test]
async fn a_faulty_file_is_refused_whole_with_line_and_path() {
    let api = Api::open().await;
    let refused = api.ask(post("/v1/batches").body("text/csv", faulty())).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "batch_invalid"));
    let error = refused.json()["errors"][0].clone();
    assert_eq!((&error["line"], &error["code"]), (&json!(2), &json!("iban_invalid")));
    assert!(!refused.text().contains("DE0212"), "account numbers are not repeated");
    assert_eq!(
        api.ask(get("/v1/batches")).await.json()["data"],
        Value::Array(Vec::new())
    );
}

#[tokio::test]
async fn the_good_payments_of_a_faulty_file_are_accepted_when_asked_for() {
    let api = Api::open().await;
    let taken = api
        .ask(post("/v1/batches?partial=true").body("text/csv", faulty()))
        .await;
    assert_eq!(taken.status, 201, "{}", taken.text());
    assert_eq!(
        (&taken.json()["accepted"], &taken.json()["findings"]),
        (&json!(2), &json!(1))
    );
    let read = api.ask(get(taken.header("location"))).await.json();
    assert_eq!(read["findings"]["data"][0]["payment"], 0);
    assert_eq!(
        (
            &read["results"]["data"][0]["payment"],
            &read["results"]["data"][0]["state"]
        ),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        api.ask(post("/v1/batches?partial=yes").body("text/csv", csv(9)))
            .await
            .json()["param"],
        "partial"
    );
}

#[tokio::test]
async fn a_file_says_what_it_is() {
    let api = Api::open().await;
    assert_eq!(
        api.ask(post("/v1/batches").body("application/json", "{}")).await.code(),
        "content_type"
    );
}
