//! Who gets in: this machine only, through a link that works once, for as long as the session lasts.

use super::visitor::{LISTS, Visitor};
use crate::console::guard::CONTENT_POLICY;
use crate::server::Peer;
use axum::body::Body;
use flow::console::{LINK_SECONDS, SESSION_SECONDS};

const OWN: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];

#[tokio::test]
async fn without_a_session_every_page_is_closed() {
    let visitor = Visitor::new().await;
    let others = [
        "/payments/pay_0000000000001",
        "/payments/x/receipt",
        "/batches/x",
        "/statements/x",
        "/console/events",
    ];
    for path in LISTS.into_iter().chain(others) {
        let answer = visitor.get(path).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.text.contains("countersign console-link --data DIR"), "{path}");
        assert_eq!(answer.header("content-security-policy"), CONTENT_POLICY, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn another_machine_gets_no_page_even_with_a_session() {
    let visitor = Visitor::signed_in().await;
    let link = visitor.link().await;
    for path in LISTS.into_iter().chain([link.as_str()]) {
        // Under its own name, but from another machine: members could sign in, a link opens nothing.
        let mut request = visitor.request("GET", path).body(Body::empty()).unwrap();
        request.headers_mut().insert("host", "pay.example".parse().unwrap());
        request
            .extensions_mut()
            .insert(Peer("192.0.2.7:50000".parse().unwrap()));
        let answer = visitor.send(request).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.text.contains("only on the machine it runs on"), "{path}");
        assert_eq!(answer.header("content-security-policy"), CONTENT_POLICY, "{path}");
    }
    let mut other_name = visitor.request("GET", "/sign-in").body(Body::empty()).unwrap();
    other_name.headers_mut().insert("host", "evil.example".parse().unwrap());
    assert_eq!(visitor.send(other_name).await.status, 403, "another name");
    let forwarded = visitor
        .request("GET", "/")
        .header("x-forwarded-for", "192.0.2.7")
        .body(Body::empty())
        .unwrap();
    assert_eq!(visitor.send(forwarded).await.status, 403);
}

#[tokio::test]
async fn a_link_is_used_up_by_the_button_and_not_by_looking() {
    let visitor = Visitor::new().await;
    let link = visitor.link().await;
    for _ in 0..3 {
        let offer = visitor.get(&link).await;
        assert_eq!(offer.status, 200);
        assert!(
            offer
                .text
                .contains(&format!("<form method=\"post\" action=\"{link}\">"))
        );
        assert!(offer.headers.get("set-cookie").is_none());
    }
    let opened = visitor.post(&link, "", OWN).await;
    assert_eq!((opened.status, opened.header("location")), (303, "/"));
    let cookie = opened.header("set-cookie");
    assert!(cookie.starts_with("__Host-countersign="), "{cookie}");
    for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.split("; ").any(|found| found == part), "{cookie} lacks {part}");
    }
    let again = visitor.post(&link, "", OWN).await;
    assert_eq!(again.status, 410);
    assert!(again.text.contains("countersign console-link --data DIR") && again.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn a_link_opens_only_from_its_own_page_and_in_time() {
    let visitor = Visitor::new().await;
    let link = visitor.link().await;
    for headers in [
        &[("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example")],
    ] {
        assert_eq!(visitor.post(&link, "", headers).await.status, 403, "{headers:?}");
    }
    assert_eq!(visitor.post(&link, "", &[]).await.status, 403);
    visitor.house.clock.advance_seconds(LINK_SECONDS + 1);
    assert_eq!(visitor.post(&link, "", OWN).await.status, 410);
    for path in ["/s/x", "/s/0000"] {
        assert_eq!(visitor.get(path).await.status, 410, "{path}");
        assert_eq!(visitor.post(path, "", OWN).await.status, 410, "{path}");
    }
}

#[tokio::test]
async fn a_session_ends_by_signing_out_and_by_itself() {
    let mut visitor = Visitor::signed_in().await;
    let home = visitor.get("/").await;
    let (_, rest) = home.text.split_once("name=\"token\" value=\"").unwrap();
    let token = format!("token={}", rest.split('"').next().unwrap());
    assert_eq!(visitor.post("/console/sign-out", "token=0000", OWN).await.status, 403);
    assert_eq!(
        visitor
            .post("/console/sign-out", &token, &[("origin", "https://evil.example")])
            .await
            .status,
        403
    );
    assert_eq!(visitor.get("/").await.status, 200);
    let left = visitor.post("/console/sign-out", &token, OWN).await;
    assert_eq!((left.status, left.header("location")), (303, "/console/signed-out"));
    assert!(left.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(visitor.get("/").await.status, 401, "the old cookie");
    assert_eq!(visitor.get("/console/signed-out").await.status, 200);

    visitor.sign_in().await;
    visitor.house.clock.advance_seconds(SESSION_SECONDS + 1);
    assert_eq!(visitor.get("/").await.status, 401, "after twelve hours");
}

#[tokio::test]
async fn assets_are_kept_under_their_hash() {
    let visitor = Visitor::new().await;
    let address = crate::ui::assets::address("console.css");
    let style = visitor.get(&address).await;
    assert_eq!(
        (style.status, style.header("content-type")),
        (200, "text/css; charset=utf-8")
    );
    assert_eq!(style.header("cache-control"), "public, max-age=31536000, immutable");
    let etag = style.header("etag");
    let asked = visitor
        .request("GET", &address)
        .header("if-none-match", format!("W/{etag}, \"x\""));
    let again = visitor.send(asked.body(Body::empty()).unwrap()).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    for path in ["/console/assets/console.css", "/console/assets/..%2f..%2fCargo.toml"] {
        assert_eq!(visitor.get(path).await.status, 404, "{path}");
    }
}
