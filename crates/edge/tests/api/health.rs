//! Health and counters.

use crate::support::{Api, get};
use edge::metrics::Metrics;
use edge::{EdgeConfig, EdgeState, router};
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

#[tokio::test]
async fn figures_say_what_waits_and_for_how_long() {
    let api = Api::open().await;
    flow::seal::seal_all(&api.house.platform).await.unwrap();
    api.pay(1, 100).await;
    api.pay(2, 200).await;
    api.house.clock.advance_seconds(90);
    let open = router(EdgeState::new(EdgeConfig {
        platform: api.house.platform.clone(),
        authorities: vec![crate::support::AUTHORITY.to_owned()],
        metrics: Metrics::local().unwrap(),
        server_key: None,
        open_metrics: true,
    }));
    let ready = crate::support::send(&open, get("/readyz?verbose").unsigned())
        .await
        .json();
    let figures = |name: &str| {
        let checks = ready["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["name"] == name);
        check.unwrap_or_else(|| panic!("{ready}"))["figures"].clone()
    };
    assert_eq!(
        (&figures("seal")["pending"], &figures("seal")["oldest_seconds"]),
        (&json!(2), &json!(90))
    );
    // The house has an account: its mailbox is to be read and its payments to be looked through since it was made.
    assert_eq!(
        figures("jobs of the test world"),
        json!({"all": 2, "due": 2, "due_oldest_seconds": 90, "overdue": 2})
    );
    assert_eq!(figures("queues"), json!({"intake_waiting": 0, "writes_waiting": 0}));

    // An alarm, and no reason to take the server out of service.
    let backups = ready["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "backups")
        .unwrap();
    assert_eq!(
        (&ready["ready"], &backups["ok"]),
        (&json!(true), &json!(false)),
        "{ready}"
    );
    crate::support::send(&open, get("/v1/whoami").unsigned()).await;
    let text = crate::support::send(&open, get("/metrics").unsigned()).await.text();
    for line in [
        r#"countersign_payments{world="test",state="waiting_for_approval"} 2"#,
        r#"countersign_payments{world="live",state="waiting_for_approval"} 0"#,
        r#"countersign_jobs_overdue{world="test"} 2"#,
        r#"countersign_jobs_due_oldest_seconds{world="test"} 90"#,
        "countersign_seal_pending 2",
        "countersign_seal_oldest_seconds 90",
        r#"countersign_exceptions_open{world="test"} 0"#,
        "countersign_backup_verified_too_old 1",
        "countersign_backup_last_success_timestamp_seconds 0",
        "countersign_sending_held_back 0",
        "countersign_intake_queue 0",
        "countersign_database_up 1",
        r#"countersign_http_problems_total{code="unauthenticated"} 1"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    api.house.platform.store().close().await;
    let text = crate::support::send(&open, get("/metrics").unsigned()).await.text();
    assert!(text.contains("countersign_database_up 0"), "{text}");
}
