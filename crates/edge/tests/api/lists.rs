//! Pages and filters.

use crate::support::{Api, get};
use serde_json::{Value, json};

fn ids(page: &Value) -> Vec<String> {
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    let api = Api::open().await;
    let mut made = Vec::new();
    for number in 1..=5 {
        made.push(api.pay(number, 100).await);
    }
    made.reverse();
    let mut found = Vec::new();
    let mut target = "/v1/payments?limit=2&currency=EUR".to_owned();
    loop {
        let answer = api.ask(get(&target)).await;
        let page = answer.json();
        found.extend(ids(&page));
        let Some(next) = page["next"].as_str() else {
            assert_eq!((page["has_more"].clone(), answer.header("link")), (json!(false), ""));
            break;
        };
        let link = format!("</v1/payments?limit=2&currency=EUR&after={next}>; rel=\"next\"");
        assert_eq!(
            (page["has_more"].clone(), answer.header("link")),
            (json!(true), link.as_str())
        );
        target = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
    assert_eq!(found, made);
}

#[tokio::test]
async fn filters_add_up() {
    let api = Api::open().await;
    let (small, large) = (api.pay(1, 100).await, api.pay(2, 900).await);
    api.ask(crate::support::post(format!("/v1/payments/{small}/cancel")))
        .await;
    let found = async |query: &str| ids(&api.ask(get(format!("/v1/payments?{query}"))).await.json());
    assert_eq!(found("state=cancelled").await, [small]);
    assert_eq!(found("amount_from=101").await, [large]);
    assert_eq!(
        found("amount_to=100&state=waiting_for_approval").await,
        Vec::<String>::new()
    );
    assert_eq!(
        found("execution_from=2026-11-24&execution_to=2026-11-24").await.len(),
        2
    );
    assert_eq!(found("execution_from=2026-11-25").await.len(), 0);
    assert_eq!(found(&format!("account={}", api.house.account)).await.len(), 2);
    assert_eq!(found("currency=USD").await.len(), 0);
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_refused_with_what_is_right() {
    let api = Api::open().await;
    for (query, name, word) in [
        ("stat=settled", "stat", "`state`"),
        ("state=done", "state", "settled"),
        ("limit=0", "limit", "500"),
        ("limit=5&limit=6", "limit", "twice"),
        ("after=bat_0dz4k2m8qv1xa", "after", "`pay_…` is expected"),
        ("currency=euro", "currency", "capitals"),
        ("execution_from=24.11.2026", "execution_from", "2026-12-01"),
    ] {
        let refused = api.ask(get(format!("/v1/payments?{query}"))).await;
        let document = refused.json();
        assert_eq!((refused.status, refused.code().as_str()), (400, "malformed"), "{query}");
        assert_eq!(document["param"], name, "{query}");
        assert!(
            document["errors"][0]["detail"].as_str().unwrap().contains(word),
            "{query}: {document}"
        );
    }
    for path in ["/v1/accounts", "/v1/whoami", "/v1/log"] {
        assert_eq!(api.ask(get(format!("{path}?limit=1"))).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn an_id_of_another_kind_is_named() {
    let api = Api::open().await;
    let refused = api.ask(get("/v1/payments/bat_0dz4k2m8qv1xa")).await;
    assert_eq!((refused.status, refused.json()["param"].clone()), (400, json!("id")));
    assert_eq!(refused.json()["detail"], "`bat_…` given where a `pay_…` is expected");
    assert_eq!(api.ask(get("/v1/payments/%ff")).await.status, 400);
    assert_eq!(api.ask(get("/v1/payments/pay_0dz4k2m8qv1xa")).await.status, 404);
}

#[tokio::test]
async fn accounts_and_balances_are_whole_lists() {
    let api = Api::open().await;
    let accounts = api.ask(get("/v1/accounts")).await.json();
    assert_eq!(ids(&accounts), [api.house.account.to_string()]);
    assert_eq!(
        (&accounts["has_more"], &accounts["next"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(accounts["data"][0]["iban"], testkit::house::ACCOUNT);
    assert_eq!(
        api.ask(get("/v1/ledger/balances?at=2026-11-22T10:00:00Z")).await.json()["data"],
        json!([])
    );
    assert_eq!(
        api.ask(get("/v1/ledger/balances?at=yesterday")).await.json()["param"],
        "at"
    );
}
