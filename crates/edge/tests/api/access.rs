//! Every route against everybody who should not get in: golden, so that a new route shows here what it lets through.

use crate::batches;
use crate::statements;
use crate::support::{Api, Ask, NEIGHBOURS_ACCOUNT, Neighbour, Signer, ask, get, post, transfer};
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use serde_json::{Value, json};
use std::fmt::Write;
use testkit::house::signer;
use tower::ServiceExt;
use vocab::id::KeyId;

/// One of everything that belongs to the neighbour.
struct Belongings {
    payment: String,
    batch: String,
    account: String,
    statement: String,
    exception: String,
    content_hash: String,
}

impl Belongings {
    async fn of(api: &Api, neighbour: &Neighbour) -> Self {
        let mut order = transfer(1, 100);
        order["debtor"]["iban"] = json!(NEIGHBOURS_ACCOUNT);
        let payment = neighbour.ask(api, post("/v1/payments").json(&order)).await.json();
        let csv = batches::csv(1).replace(testkit::house::ACCOUNT, NEIGHBOURS_ACCOUNT);
        let batch = neighbour
            .ask(api, post("/v1/batches").body("text/csv", csv))
            .await
            .json();
        let statement = statements::unexplained(NEIGHBOURS_ACCOUNT);
        let imported = neighbour
            .ask(api, post("/v1/statements").body("application/xml", statement))
            .await
            .json();
        let exceptions = neighbour.ask(api, get("/v1/exceptions")).await.json();
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned();
        Self {
            payment: text(&payment["id"]),
            batch: text(&batch["id"]),
            account: neighbour.account.to_string(),
            statement: text(&imported["data"][0]["statement"]),
            exception: text(&exceptions["data"][0]["id"]),
            content_hash: text(&payment["content_hash"]),
        }
    }

    /// A request to a route that asks for what belongs to the neighbour.
    fn request(&self, method: &'static str, path: &str) -> Ask {
        let id = match path.split('/').nth(2) {
            Some("payments") => &self.payment,
            Some("batches") => &self.batch,
            Some("accounts") => &self.account,
            Some("statements") => &self.statement,
            Some("exceptions") => &self.exception,
            _ => "",
        };
        let target = path.replace("{id}", id).replace("{tile}", "0/000.p/1");
        let asked = ask(method, target);
        match (method, path) {
            ("POST", "/v1/payments") | ("PUT", "/v1/payments/{id}") => asked.json(&transfer(7, 700)),
            ("POST", "/v1/batches") => asked.body("text/csv", batches::csv(20)),
            ("POST", "/v1/statements") => {
                asked.body("application/xml", statements::unexplained(testkit::house::ACCOUNT))
            }
            ("POST", "/v1/approvals") => {
                asked.json(&json!({"payment": self.payment, "content_hash": self.content_hash, "approved": true}))
            }
            ("POST", "/v1/exceptions/{id}/resolve") => asked.json(&json!({"action": "acknowledge", "note": "seen"})),
            ("POST", "/v1/test/clock") => asked.json(&json!({"advance_seconds": 1})),
            ("POST", _) if path.ends_with("cancel") => asked.json(&json!({"note": "no"})),
            _ => asked,
        }
    }
}

/// All routes of the API reference, in its order.
fn routes() -> Vec<(&'static str, String)> {
    let document: Value = serde_json::from_str(&edge::openapi()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (name, method) in [
            ("get", "GET"),
            ("post", "POST"),
            ("put", "PUT"),
            ("delete", "DELETE"),
            ("patch", "PATCH"),
        ] {
            if item.get(name).is_some() {
                routes.push((method, path.clone()));
            }
        }
    }
    routes
}

#[tokio::test]
async fn golden_access_to_every_route() {
    let api = Api::open().await;
    let neighbour = Neighbour::of(&api).await;
    let theirs = Belongings::of(&api, &neighbour).await;
    flow::seal::seal_all(&api.house.platform).await.unwrap();
    let impostor = Signer {
        id: api.house.client_key,
        key: signer(66),
    };
    let stranger = Signer {
        id: KeyId::from_i64(77),
        key: signer(66),
    };
    let mut table = format!(
        "{:<6} {:<40} {:>8} {:>7} {:>7} {:>8} {:>8}\n",
        "", "route", "unsigned", "forged", "unknown", "other's", "replayed"
    );
    for (method, path) in routes() {
        let fresh = || theirs.request(method, &path);
        let status = async |request: Request<Body>| {
            // A feed never ends: its head is the answer.
            let response: Response = api.router.clone().oneshot(request).await.unwrap();
            response.status().as_u16()
        };
        let unsigned = status(fresh().unsigned()).await;
        let forged = status(fresh().signed_by(&api, &impostor).0).await;
        let unknown = status(fresh().signed_by(&api, &stranger).0).await;
        let asked = if path == "/v1/approvals" || path.ends_with("resolve") {
            api.member(0)
        } else {
            api.client()
        };
        let once = fresh();
        let first = status(once.signed_by(&api, &asked).0).await;
        let again = status(once.signed_by(&api, &asked).0).await;
        // Only where the route names a thing is the first answer one about the neighbour's.
        let names_a_thing = path.contains("{id}") || path == "/v1/approvals";
        let others = if names_a_thing {
            first.to_string()
        } else {
            "-".to_owned()
        };
        writeln!(
            table,
            "{method:<6} {path:<40} {unsigned:>8} {forged:>7} {unknown:>7} {others:>8} {again:>8}"
        )
        .unwrap();
    }
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/access.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &table).unwrap();
    }
    assert_eq!(std::fs::read_to_string(golden).unwrap_or_default(), table);
}

#[tokio::test]
async fn an_unknown_key_and_a_wrong_signature_get_the_same_answer() {
    let api = Api::open().await;
    let answer = async |signer: Signer| {
        let mut document = api.send(get("/v1/whoami").signed_by(&api, &signer).0).await.json();
        document["request_id"] = json!("");
        document
    };
    let forged = answer(Signer {
        id: api.house.client_key,
        key: signer(66),
    })
    .await;
    assert_eq!(
        forged,
        answer(Signer {
            id: KeyId::from_i64(77),
            key: signer(66)
        })
        .await
    );
    assert_eq!(forged["code"], "unauthenticated");
}

#[tokio::test]
async fn a_request_for_another_server_does_not_count_here() {
    let api = Api::open().await;
    assert_eq!(api.ask(get("/v1/whoami")).await.status, 200);
    let elsewhere = api.ask(get("/v1/whoami").to("sandbox.test")).await;
    assert_eq!((elsewhere.status, elsewhere.code().as_str()), (401, "unauthenticated"));
    let mut two = get("/v1/whoami").build(&api);
    two.headers_mut().append("host", "sandbox.test".parse().unwrap());
    assert_eq!(api.send(two).await.status, 401, "two names");
    let mut none = get("/v1/whoami").build(&api);
    none.headers_mut().remove("host");
    assert_eq!(api.send(none).await.status, 401, "no name");
}

#[tokio::test]
async fn a_body_other_than_the_signed_one_is_refused() {
    let api = Api::open().await;
    let mut request = post("/v1/payments").json(&transfer(1, 100)).build(&api);
    *request.body_mut() = transfer(1, 999_900).to_string().into();
    let answer = api.send(request).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["errors"][0]["code"], "content_digest_mismatch");
}

#[tokio::test]
async fn a_signature_that_has_expired_is_refused() {
    let api = Api::open().await;
    let request = get("/v1/whoami").build(&api);
    api.house.clock.advance_seconds(61);
    assert_eq!(api.send(request).await.json()["errors"][0]["code"], "expired");
}

#[tokio::test]
async fn lists_show_nothing_of_the_neighbour() {
    let api = Api::open().await;
    let neighbour = Neighbour::of(&api).await;
    Belongings::of(&api, &neighbour).await;
    flow::seal::seal_all(&api.house.platform).await.unwrap();
    for path in ["payments", "batches", "statements", "exceptions", "ledger/entries"] {
        let mine = api.ask(get(format!("/v1/{path}"))).await.json();
        assert_eq!(mine["data"], json!([]), "{path}");
        let theirs = neighbour.ask(&api, get(format!("/v1/{path}"))).await.json();
        assert_ne!(theirs["data"], json!([]), "{path}");
    }
    let organization = neighbour.ctx.organization.to_string();
    assert!(
        !api.ask(get("/v1/events?limit=500"))
            .await
            .text()
            .contains(&organization)
    );
}

#[tokio::test]
async fn callers_learn_who_they_are() {
    let api = Api::open().await;
    let client = api.ask(get("/v1/whoami")).await.json();
    assert_eq!(client["organization"], api.house.organization.to_string());
    assert_eq!(
        (&client["world"], &client["key"]),
        (&json!("test"), &json!(api.house.client_key.to_string()))
    );
    let member = api
        .send(get("/v1/whoami").signed_by(&api, &api.member(0)).0)
        .await
        .json();
    assert_eq!(member["actor"], api.house.members[0].to_string());
}

#[tokio::test]
async fn a_stranger_cannot_make_the_server_hold_a_file() {
    let api = Api::open().await;
    let endless = || Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let upload = post("/v1/batches").body("text/csv", batches::csv(1));
    for stranger in [
        Signer {
            id: api.house.client_key,
            key: signer(66),
        },
        Signer {
            id: KeyId::from_i64(77),
            key: signer(66),
        },
    ] {
        let (mut request, _) = upload.signed_by(&api, &stranger);
        *request.body_mut() = endless();
        let answer = api.send(request).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (401, "unauthenticated"),
            "without waiting for the body"
        );
    }
}
