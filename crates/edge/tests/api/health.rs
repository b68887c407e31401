//! Health and counters.

use crate::support::{Api, get};
use serde_json::json;

#[tokio::test]
async fn alive_and_ready_are_told_apart() {
    let api = Api::open().await;
    assert_eq!(api.send(get("/livez").unsigned()).await.text(), "ok\n");
    let ready = api.send(get("/readyz").unsigned()).await;
    assert_eq!((ready.status, ready.json()), (200, json!({"ready": true})));
    api.edge.stop();
    let stopping = api.send(get("/readyz").unsigned()).await;
    assert_eq!((stopping.status, stopping.json()), (503, json!({"ready": false})));
    assert_eq!(api.send(get("/livez").unsigned()).await.status, 200);
}

#[tokio::test]
async fn a_server_without_its_database_is_alive_and_not_ready() {
    let api = Api::open().await;
    api.house.platform.store().close().await;
    assert_eq!(api.send(get("/readyz").unsigned()).await.status, 503);
    assert_eq!(api.send(get("/livez").unsigned()).await.status, 200);
    let refused = api.ask(get("/v1/whoami")).await;
    assert_eq!(
        (refused.status, refused.code().as_str(), refused.header("retry-after")),
        (503, "unavailable", "1")
    );
}

#[tokio::test]
async fn strangers_see_neither_details_nor_counters() {
    let api = Api::open().await;
    assert_eq!(
        api.send(get("/readyz?verbose").unsigned()).await.json(),
        json!({"ready": true})
    );
    assert_eq!(api.send(get("/metrics").unsigned()).await.status, 403);
    assert_eq!(api.send(get("/readyz?quiet").unsigned()).await.status, 400);
}
