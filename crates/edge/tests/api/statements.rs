//! Statements and the exceptions that they leave.

use crate::support::{Api, get, post};
use formats::camt053;
use formats::statement::{Heading, Version};
use serde_json::json;
use vocab::account::AccountNumber;
use vocab::exchange::{Statement, StatementKind, StatementLine};
use vocab::money::{Currency, Money};
use vocab::time::{Date, Timestamp};

/// A statement with one line that nothing explains.
pub(crate) fn unexplained(account: &str) -> Vec<u8> {
    statement(account, &[-4_200])
}

/// A statement of the house with lines that nothing explains.
pub(crate) fn of_lines(minors: &[i64]) -> Vec<u8> {
    statement(testkit::house::ACCOUNT, minors)
}

fn statement(account: &str, minors: &[i64]) -> Vec<u8> {
    let eur = |minor| Money::new(minor, Currency::from_code("EUR").unwrap());
    let day = Date::constant(2026, 11, 22);
    let lines = (1..).zip(minors).map(|(number, minor)| StatementLine {
        amount: eur(*minor),
        booked: true,
        reversal: false,
        booked_on: day,
        value_on: Some(day),
        servicer_reference: Some(format!("BANK-REF-{number}")),
        entry_reference: None,
        transaction_code: None,
        batch: None,
        details: Vec::new(),
        information: None,
    });
    let statement = Statement {
        kind: StatementKind::EndOfDay,
        identification: "ST-1".to_owned(),
        sequence: Some(1),
        account: AccountNumber::guess(account).unwrap(),
        covers: day,
        opening: Some(eur(10_000)),
        closing: Some(eur(10_000 + minors.iter().sum::<i64>())),
        lines: lines.collect(),
    };
    let heading = Heading {
        message_id: "MSG-1".parse().unwrap(),
        created_at: Timestamp::at_start_of(day),
    };
    camt053::write(Version::V08, &heading, &[statement]).unwrap()
}

#[tokio::test]
async fn an_imported_statement_is_in_the_books_once() {
    let api = Api::open().await;
    let import = || post("/v1/statements").body("application/xml", unexplained(testkit::house::ACCOUNT));
    let answer = api.ask(import()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let first = answer.json()["data"][0].clone();
    assert_eq!(
        (&first["outcome"], &first["lines"], &first["unexplained"]),
        (&json!("new"), &json!(1), &json!(1))
    );
    assert_eq!(api.ask(import()).await.json()["data"][0]["outcome"], "known");

    let id = first["statement"].as_str().unwrap();
    let read = api.ask(get(format!("/v1/statements/{id}"))).await.json();
    assert_eq!(
        read["statement"]["closing"],
        json!({"amount": 5_800, "currency": "EUR"})
    );
    assert_eq!(read["lines"]["data"][0]["line"]["amount"]["amount"], -4_200);
    assert_eq!(
        api.ask(get("/v1/statements")).await.json()["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let balances = api.ask(get("/v1/ledger/balances")).await.json();
    let sum: i64 = balances["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["balance"]["amount"].as_i64().unwrap())
        .sum();
    assert_eq!(sum, 0, "{balances}");
    assert_eq!(
        api.ask(post("/v1/statements").body("text/csv", "a")).await.code(),
        "content_type"
    );
}

#[tokio::test]
async fn a_person_resolves_an_exception_once() {
    let api = Api::open().await;
    api.ask(post("/v1/statements").body("application/xml", unexplained(testkit::house::ACCOUNT)))
        .await;
    let open = api.ask(get("/v1/exceptions?status=open")).await.json();
    let id = open["data"][0]["id"].as_str().unwrap().to_owned();
    let body = json!({"action": "acknowledge", "note": "the bank's own charge"});
    let resolve = |key: &str| post(format!("/v1/exceptions/{id}/resolve")).key(key).json(&body);
    assert_eq!(api.ask(resolve("r")).await.code(), "not_a_member");
    let by_person = async |key: &str| api.send(resolve(key).signed_by(&api, &api.member(0)).0).await;
    assert_eq!(by_person("r").await.json(), json!({"id": id, "payment": null}));
    assert_eq!(by_person("r").await.header("idempotent-replayed"), "true");
    assert_eq!(by_person("s").await.code(), "already_resolved");
    let read = api.ask(get(format!("/v1/exceptions/{id}"))).await.json();
    assert_eq!(read["resolved"]["by"], api.house.members[0].to_string());
    let left = api.ask(get("/v1/exceptions")).await.json();
    assert!(
        left["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["id"] != json!(id))
    );
    let wrong = post(format!("/v1/exceptions/{id}/resolve")).json(&json!({"action": "forget"}));
    let wrong = api.send(wrong.signed_by(&api, &api.member(0)).0).await;
    assert_eq!(wrong.json()["errors"].as_array().unwrap().len(), 2);
}
