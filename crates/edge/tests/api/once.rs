//! Every route that changes something, asked twice with one idempotency key: the same answer and nothing a second time; with other
//! content a refusal. The table is held against the API reference, so that a new route cannot be forgotten.

use crate::support::{Answer, Api, Ask, Signer, ask, get, post, transfer};
use crate::{batches, statements};
use formats::pain002;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use testkit::database::Database;
use vocab::context::World;
use vocab::exchange::{
    BankStatus, Channel, Collected, Document, DocumentKind, Inquiry, Receipt, ReportedStatus, StatusReport, Unreachable,
};
use vocab::time::Timestamp;

/// A bank that accepts every order and says nothing more.
struct Willing;

impl Channel for Willing {
    fn name(&self) -> &'static str {
        "willing"
    }

    fn simulated(&self) -> bool {
        true
    }

    fn send(&self, document: &Document, now: Timestamp) -> Receipt {
        let report = StatusReport {
            message_id: format!("PSR-{}", now.micros()),
            original_message_id: document.reference.clone(),
            group: Some(ReportedStatus {
                status: BankStatus::Accepted,
                code: "ACSP".to_owned(),
                reason: None,
                text: None,
            }),
            payments: Vec::new(),
        };
        Receipt::Accepted(Document {
            kind: DocumentKind::Pain002,
            reference: report.message_id.clone(),
            body: pain002::write(&report, None, now).unwrap(),
        })
    }

    fn inquire(&self, _: &str, _: Timestamp) -> Inquiry {
        Inquiry::Unknown("no answer".to_owned())
    }

    fn collect(&self, cursor: i64, _: usize, _: Timestamp) -> Result<Collected, Unreachable> {
        Ok(Collected {
            documents: Vec::new(),
            cursor,
        })
    }
}

/// What the routes are asked about.
struct Scene {
    /// Looks like an earlier payment.
    alike: String,
    /// Waits for approval: to be changed, withdrawn, approved.
    waiting: [String; 3],
    content_hash: String,
    /// The bank has it.
    sent: String,
    exception: String,
}

impl Scene {
    async fn of(api: &Api) -> Self {
        let sent = api.pay(1, 100).await;
        approve(api, &sent).await;
        flow::worker::run_until_idle(&api.house.platform, World::Test, 100)
            .await
            .unwrap();
        let waiting = [api.pay(2, 200).await, api.pay(3, 300).await, api.pay(4, 400).await];
        let read = api.ask(get(format!("/v1/payments/{}", waiting[2]))).await.json();
        // Another order of the same goods: the same payee, amount and text.
        let mut again = transfer(2, 200);
        again["end_to_end_id"] = json!("E2E-2-AGAIN");
        let alike = api.ask(post("/v1/payments").json(&again)).await.json();
        assert_eq!(alike["state"], "received", "{alike}");
        let import = post("/v1/statements").body("application/xml", statements::unexplained(testkit::house::ACCOUNT));
        assert_eq!(api.ask(import).await.status, 200);
        let exceptions = api.ask(get("/v1/exceptions")).await.json();
        Self {
            alike: text(&alike["id"]),
            waiting,
            content_hash: text(&read["content_hash"]),
            sent,
            exception: text(&exceptions["data"][0]["id"]),
        }
    }

    /// A request to the route, and one to the same route with other content.
    fn requests(&self, method: &'static str, path: &str) -> Option<[Ask; 2]> {
        let [changed, withdrawn, approved] = &self.waiting;
        let to = |id: &str| ask(method, path.replace("{id}", id));
        let decision = |note: &str| json!({"payment": approved, "content_hash": self.content_hash, "approved": true, "note": note});
        let resolution = |note: &str| json!({"action": "acknowledge", "note": note});
        let change = |minor: i64| to(changed).json(&transfer(2, minor));
        let document = |replace: &str| {
            let xml = String::from_utf8(statements::unexplained(testkit::house::ACCOUNT)).unwrap();
            to("").body("application/xml", xml.replace("ST-1", replace))
        };
        Some(match (method, path) {
            ("POST", "/v1/payments") => [to("").json(&transfer(8, 800)), to("").json(&transfer(9, 900))],
            ("PUT", "/v1/payments/{id}") => [change(201), change(202)],
            ("POST", "/v1/payments/{id}/cancel") => [to(withdrawn), to(withdrawn).json(&json!({"note": "other"}))],
            ("POST", "/v1/payments/{id}/confirm-not-duplicate") => [to(&self.alike), to(&self.sent)],
            ("POST", "/v1/payments/{id}/recall") => [to(&self.sent), to(&self.alike)],
            ("POST", "/v1/batches") => [20, 30].map(|first| to("").body("text/csv", batches::csv(first))),
            ("POST", "/v1/approvals") => ["", "other"].map(|note| to("").json(&decision(note))),
            ("POST", "/v1/statements") => ["ST-2", "ST-3"].map(document),
            ("POST", "/v1/exceptions/{id}/resolve") => {
                ["seen", "other"].map(|note| to(&self.exception).json(&resolution(note)))
            }
            ("POST", "/v1/test/clock") => [60, 61].map(|seconds| to("").json(&json!({"advance_seconds": seconds}))),
            _ => return None,
        })
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// People decide, the application does the rest.
fn signer(api: &Api, path: &str) -> Signer {
    if path == "/v1/approvals" || path.ends_with("resolve") {
        api.member(0)
    } else {
        api.client()
    }
}

async fn approve(api: &Api, payment: &str) {
    let read = api.ask(get(format!("/v1/payments/{payment}"))).await.json();
    let decision = json!({"payment": payment, "content_hash": read["content_hash"], "approved": true});
    let asked = post("/v1/approvals").json(&decision);
    let answer = api.send(asked.signed_by(api, &api.member(0)).0).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

/// Everything that an answer did shows in the log: events are all there is of it.
async fn events(api: &Api) -> usize {
    flow::seal::seal_all(&api.house.platform).await.unwrap();
    let ctx = api.house.as_client();
    flow::view::events(&api.house.platform, ctx, 0, 10_000)
        .await
        .unwrap()
        .len()
}

/// Methods that change something.
fn routes() -> BTreeSet<(&'static str, String)> {
    let document: Value = serde_json::from_str(&edge::openapi()).unwrap();
    let unsafe_methods = [
        ("post", "POST"),
        ("put", "PUT"),
        ("patch", "PATCH"),
        ("delete", "DELETE"),
    ];
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let there = unsafe_methods.into_iter().filter(|(name, _)| item.get(name).is_some());
            there.map(|(_, method)| (method, path.clone()))
        })
        .collect()
}

#[tokio::test]
async fn every_route_that_changes_something_does_it_once_for_each_key() {
    for database in Database::all() {
        let api = Api::on(database, Arc::new(Willing)).await;
        let scene = Scene::of(&api).await;
        for (method, path) in routes() {
            let name = format!("{method} {path}");
            let [asked, other] = scene
                .requests(method, &path)
                .unwrap_or_else(|| panic!("{name} is not in the table"));
            let send = async |ask: Ask| -> Answer {
                let key = format!("once {}", path.replace('/', " "));
                let asked = ask.key(&key).fresh();
                api.send(asked.signed_by(&api, &signer(&api, &path)).0).await
            };
            let first = send(asked.clone()).await;
            assert!((200..300).contains(&first.status), "{name}: {}", first.text());
            assert_eq!(first.header("idempotent-replayed"), "", "{name}");
            let done = events(&api).await;

            // A day later the answer is still the same, whatever the clock of the test world says.
            api.house.clock.advance_seconds(86_400 * 3);
            let second = send(asked).await;
            assert_eq!((second.status, second.text()), (first.status, first.text()), "{name}");
            assert_eq!(second.header("idempotent-replayed"), "true", "{name}");
            assert_eq!(second.header("location"), first.header("location"), "{name}");
            let refused = send(other).await;
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (422, "idempotency_key_reused"),
                "{name}: {}",
                refused.text()
            );
            assert_eq!(events(&api).await, done, "{name}");
            api.house.clock.advance_seconds(-86_400 * 3);
        }
        let report = flow::check::check(&api.house.platform).await.unwrap();
        assert_eq!(report.problems, []);
        api.house.platform.store().close().await;
    }
}
