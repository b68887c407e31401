//! Pages and filters.

use crate::support::{Api, get, post};
use serde_json::{Value, json};
use testkit::database::Database;
use vocab::account::AccountNumber;
use vocab::context::{Actor, World};
use vocab::money::Currency;

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
    api.ask(post(format!("/v1/payments/{small}/cancel"))).await;
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
    for path in ["/v1/ledger/balances", "/v1/whoami", "/v1/log"] {
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
async fn balances_are_a_whole_list_and_accounts_a_short_one() {
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

/// Follows `next` from page to page; what the pages hold, and how many there were.
async fn pages(api: &Api, route: &str, of: impl Fn(&Value) -> Value) -> (Vec<Value>, usize) {
    let (mut rows, mut count, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = of(&api.ask(get(format!("{route}?limit=2{after}"))).await.json());
        count += 1;
        rows.extend(
            page["data"]
                .as_array()
                .unwrap_or_else(|| panic!("{page}"))
                .iter()
                .cloned(),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    (rows, count)
}

#[tokio::test]
async fn everything_that_may_grow_comes_in_pages() {
    for database in Database::all() {
        let api = Api::on(database, testkit::channel::silent()).await;
        let platform = &api.house.platform;
        let system = platform.ctx(api.house.organization, World::Test, Actor::System);
        for code in ["USD", "CHF", "GBP", "JPY"] {
            let number = AccountNumber::guess(testkit::house::ACCOUNT).unwrap();
            let currency = Currency::from_code(code).unwrap();
            flow::setup::account(platform, system, number, currency, "House", "silent")
                .await
                .unwrap();
        }
        let (accounts, count) = pages(&api, "/v1/accounts", Value::clone).await;
        let currencies: Vec<&str> = accounts.iter().map(|row| row["currency"].as_str().unwrap()).collect();
        assert_eq!((currencies, count), (vec!["EUR", "USD", "CHF", "GBP", "JPY"], 3));

        let file = crate::batches::csv(1).replace(",EUR,", ",EURO,");
        let upload = post("/v1/batches?partial=true").body("text/csv", file);
        let batch = api.ask(upload).await.json()["id"].as_str().unwrap().to_owned();
        let (findings, count) = pages(&api, &format!("/v1/batches/{batch}/findings"), Value::clone).await;
        let places: Vec<i64> = findings.iter().map(|row| row["payment"].as_i64().unwrap()).collect();
        assert_eq!((places, count), (vec![0, 1, 2], 2));
        let read = api.ask(get(format!("/v1/batches/{batch}"))).await.json();
        assert_eq!(read["findings"]["data"], Value::Array(findings));

        let document = crate::statements::of_lines(&[-100, -200, -300, 400, 500]);
        let import = post("/v1/statements").body("application/xml", document);
        let answer = api.ask(import).await.json();
        let statement = answer["data"][0]["statement"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned();
        let (lines, count) = pages(&api, &format!("/v1/statements/{statement}"), |read| {
            read["lines"].clone()
        })
        .await;
        let amounts: Vec<i64> = lines
            .iter()
            .map(|row| row["line"]["amount"]["amount"].as_i64().unwrap())
            .collect();
        assert_eq!((amounts, count), (vec![-100, -200, -300, 400, 500], 3));
        let unknown = get(format!("/v1/statements/{statement}?after=pay_0dz4k2m8qv1xa"));
        assert_eq!(api.ask(unknown).await.json()["param"], "after");
        api.house.platform.store().close().await;
    }
}
