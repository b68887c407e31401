//! What pages show: everything on an empty and on a filled organization, nothing of another one, and news without a reload.

use super::visitor::{LISTS, Visitor};
use crate::console::guard::CONTENT_POLICY;
use http_body_util::BodyExt;
use std::time::Duration;
use vocab::context::World;

#[tokio::test]
async fn every_page_of_an_empty_organization_says_what_to_do() {
    let visitor = Visitor::signed_in().await;
    for path in LISTS {
        let answer = visitor.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert!(
            answer.text.contains("<h1>") && answer.text.contains("Test world"),
            "{path}"
        );
    }
    for (path, words) in [
        ("/", "No payments yet"),
        ("/payments", "countersign demo"),
        ("/batches", "POST /v1/batches"),
        ("/statements", "POST /v1/statements"),
        ("/exceptions", "No open exceptions"),
        ("/payments?state=settled", "No payment fits"),
    ] {
        assert!(visitor.get(path).await.text.contains(words), "{path}");
    }
}

#[tokio::test]
async fn every_page_of_a_filled_organization_opens() {
    let visitor = Visitor::signed_in().await;
    let filled = visitor.fill().await;
    let mut paths: Vec<String> = LISTS.iter().map(|path| (*path).to_owned()).collect();
    paths.extend(filled.payments.iter().map(|payment| format!("/payments/{payment}")));
    paths.push(format!("/batches/{}", filled.batch));
    paths.push(format!(
        "/payments?batch={}&currency=EUR&min=1&max=2000&from=2026-11-01&to=2026-12-31",
        filled.batch
    ));
    paths.push(format!("/statements/{}", filled.statement));
    paths.push("/ledger?on=2026-11-22".to_owned());
    paths.push("/log?below=3".to_owned());
    for path in &paths {
        let answer = visitor.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert_eq!(answer.header("content-security-policy"), CONTENT_POLICY, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
    }
}

#[tokio::test]
async fn pages_tell_what_is_stored() {
    let visitor = Visitor::signed_in().await;
    let filled = visitor.fill().await;
    let [sent, waiting, alike] = &filled.payments;
    let home = visitor.get("/").await.text;
    for words in [
        "1,200.00 EUR to Supplier",
        "Duplicate?",
        "Exception",
        "1 exception",
        "0 of 1 bank line",
        "Books balance",
    ] {
        assert!(
            home.contains(words) || home.contains(&words.replace("0 of", "of")),
            "{words}"
        );
    }
    let story = visitor.get(&format!("/payments/{sent}")).await.text;
    for words in [
        "An approver said yes.",
        "by Ada",
        "as agreed",
        "Contacts with the bank",
        "nobody knows whether it has it",
    ] {
        assert!(story.contains(words), "{words}");
    }
    assert!(
        visitor
            .get(&format!("/payments/{alike}"))
            .await
            .text
            .contains(&format!("/payments/{waiting}"))
    );
    let batch = visitor.get(&format!("/batches/{}", filled.batch)).await.text;
    assert!(batch.contains("1 of 2 accepted") && batch.contains("Not accepted"));
    let statement = visitor.get(&format!("/statements/{}", filled.statement)).await.text;
    assert!(statement.contains("Not explained") && statement.contains("\u{2212}42.00"));
}

#[tokio::test]
async fn a_receipt_is_a_file_of_its_own() {
    let visitor = Visitor::signed_in().await;
    let fresh = visitor.submit(7, 5_000).await.payment;
    let path = format!("/payments/{fresh}/receipt");
    assert_eq!(visitor.get(&path).await.status, 409, "not in the log yet");
    flow::seal::seal_all(&visitor.house.platform).await.unwrap();
    let receipt = visitor.get(&path).await;
    assert_eq!(receipt.status, 200);
    assert_eq!(
        receipt.header("content-disposition"),
        format!("attachment; filename=\"{fresh}.tlog-proof\"")
    );
    assert!(receipt.text.starts_with("c2sp.org/tlog-proof@v1"), "{}", receipt.text);
}

#[tokio::test]
async fn nothing_of_another_organization_is_shown() {
    let mut visitor = Visitor::signed_in().await;
    let filled = visitor.fill().await;
    let platform = visitor.house.platform.clone();
    visitor.house.organization = flow::setup::organization(&platform, World::Test, "Next door")
        .await
        .unwrap();
    visitor.sign_in().await;
    let home = visitor.get("/").await.text;
    assert!(home.contains("Next door") && home.contains("No payments yet") && !home.contains("Supplier"));
    let [payment, ..] = &filled.payments;
    for path in [
        format!("/payments/{payment}"),
        format!("/payments/{payment}/receipt"),
        format!("/batches/{}", filled.batch),
        format!("/statements/{}", filled.statement),
    ] {
        assert_eq!(visitor.get(&path).await.status, 404, "{path}");
    }
    for path in LISTS {
        let text = visitor.get(path).await.text;
        assert!(
            !text.contains(payment) && !text.contains("Supplier") && !text.contains("ST-1"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_no_id_or_no_filter_is_explained() {
    let visitor = Visitor::signed_in().await;
    for path in [
        "/payments/x",
        "/payments/bat_0000000000001",
        "/payments/pay_0000000000001",
        "/batches/x",
        "/statements/x",
    ] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text.contains("Nothing here"), "{path}");
    }
    for path in [
        "/payments?before=x",
        "/batches?before=pay_0000000000001",
        "/log?below=-1",
        "/payments?state=a&state=b",
    ] {
        assert_eq!(visitor.get(path).await.status, 400, "{path}");
    }
    let form = visitor
        .get("/payments?state=settled&account=&currency=EUR&min=10&max=&before=")
        .await;
    assert_eq!(
        (form.status, form.header("location")),
        (303, "/payments?state=settled&currency=EUR&min=10.00")
    );
    let wrong = visitor.get("/payments?min=1,50&currency=EUR").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("aria-invalid=\"true\""));
}

#[tokio::test]
async fn a_long_list_goes_on_where_its_page_ends() {
    let visitor = Visitor::signed_in().await;
    for number in 0..60 {
        visitor.submit(100 + number, 1_000).await;
    }
    let first = visitor.get("/payments?state=waiting_for_approval").await.text;
    let (_, rest) = first
        .split_once("/payments?state=waiting_for_approval&amp;before=pay_")
        .unwrap();
    let before = rest.split('"').next().unwrap();
    let second = visitor
        .get(&format!("/payments?state=waiting_for_approval&before=pay_{before}"))
        .await
        .text;
    let rows = |page: &str| page.matches("href=\"/payments/pay_").count();
    assert_eq!((rows(&first), rows(&second)), (50, 10));
    assert!(second.contains("Newest") && !second.contains("rel=\"next\""));
}

#[tokio::test]
async fn an_open_page_hears_that_something_happened_and_not_what() {
    let visitor = Visitor::signed_in().await;
    flow::seal::seal_all(&visitor.house.platform).await.unwrap();
    let feed = visitor.begin("/console/events").await;
    assert_eq!(feed.status(), 200);
    assert!(
        feed.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/event-stream")
    );
    let mut body = feed.into_body();
    visitor.submit(1, 1_000).await;
    flow::seal::seal_all(&visitor.house.platform).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(20), body.frame())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let heard = String::from_utf8(heard.into_data().unwrap().to_vec()).unwrap();
    assert!(heard.contains("event: changed") && !heard.contains("pay_"), "{heard}");
    visitor.state.stop();
    let rest = tokio::time::timeout(Duration::from_secs(20), body.frame())
        .await
        .unwrap();
    assert!(rest.is_none(), "the feed ends with the server");
}

#[tokio::test]
async fn an_open_page_hears_nothing_after_its_session_however_much_happens() {
    let visitor = Visitor::signed_in().await;
    let platform = &visitor.house.platform;
    flow::seal::seal_all(platform).await.unwrap();
    let mut body = visitor.begin("/console/events").await.into_body();
    for number in 1..=2 {
        visitor.submit(number, 1_000).await;
        flow::seal::seal_all(platform).await.unwrap();
        let heard = tokio::time::timeout(Duration::from_secs(20), body.frame())
            .await
            .unwrap();
        assert!(heard.is_some());
    }
    visitor.house.clock.advance_seconds(flow::console::SESSION_SECONDS);
    visitor.submit(3, 1_000).await;
    flow::seal::seal_all(platform).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(20), body.frame())
        .await
        .unwrap();
    assert!(heard.is_none(), "the feed ends with the session");
}
