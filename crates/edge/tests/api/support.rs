//! An edge to ask, and requests signed as a client signs them.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request};
use edge::metrics::Metrics;
use edge::{EdgeConfig, EdgeState, ServerKey, router};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use signing::content_digest::content_digest;
use signing::http_signature::{MessageSignature, RequestParts, Stamp, sign_request};
use signing::key::SigningKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use testkit::channel::silent;
use testkit::database::Database;
use testkit::house::{House, POLICY, signer};
use tower::ServiceExt;
use vocab::account::AccountNumber;
use vocab::context::{Actor, Ctx, World};
use vocab::exchange::Channel;
use vocab::id::{AccountId, ClientId, KeyId, OrganizationId};
use vocab::money::Currency;

/// The name of the server under test.
pub(crate) const AUTHORITY: &str = "api.test";

/// A server with one organization, and a second one next door.
pub(crate) struct Api {
    pub(crate) database: Database,
    pub(crate) house: House,
    pub(crate) edge: EdgeState,
    pub(crate) router: Router,
}

impl Api {
    pub(crate) async fn open() -> Self {
        Self::on(Database::sqlite(), silent()).await
    }

    /// On a database, with a bank.
    pub(crate) async fn on(database: Database, bank: Arc<dyn Channel>) -> Self {
        let house = House::build(&database, vec![bank]).await;
        let edge = edge(&house, None);
        Self {
            database,
            house,
            router: router(edge.clone()),
            edge,
        }
    }

    /// The same house behind a server that signs its answers.
    pub(crate) fn signing(&self, server_key: ServerKey) -> Router {
        router(edge(&self.house, Some(server_key)))
    }

    /// Who may sign: the application of the house.
    pub(crate) fn client(&self) -> Signer {
        Signer {
            id: self.house.client_key,
            key: signer(0),
        }
    }

    /// A person of the house, 0 to 2.
    pub(crate) fn member(&self, number: u8) -> Signer {
        Signer {
            id: self.house.member_keys[usize::from(number)],
            key: signer(number + 1),
        }
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        self.send(ask.build(self)).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.router, request).await
    }

    /// Submits payment number `number` and gives its id.
    pub(crate) async fn pay(&self, number: u32, minor: i64) -> String {
        let answer = self.ask(post("/v1/payments").json(&transfer(number, minor))).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["id"].as_str().unwrap().to_owned()
    }
}

fn edge(house: &House, server_key: Option<ServerKey>) -> EdgeState {
    EdgeState::new(EdgeConfig {
        platform: house.platform.clone(),
        authorities: vec![AUTHORITY.to_owned()],
        metrics: Metrics::local().unwrap(),
        server_key,
        open_metrics: false,
    })
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.to_vec(),
    }
}

/// A key with its id.
pub(crate) struct Signer {
    pub(crate) id: KeyId,
    pub(crate) key: SigningKey,
}

/// A request in the making.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    body: Vec<u8>,
    content_type: Option<&'static str>,
    idempotency_key: Option<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    nonce: String,
    authority: &'static str,
}

pub(crate) fn get(target: impl Into<String>) -> Ask {
    ask("GET", target)
}

pub(crate) fn post(target: impl Into<String>) -> Ask {
    ask("POST", target)
}

pub(crate) fn ask(method: &'static str, target: impl Into<String>) -> Ask {
    let nonce = nonce();
    Ask {
        method,
        target: target.into(),
        body: Vec::new(),
        content_type: None,
        idempotency_key: (method != "GET").then(|| format!("key-{nonce}")),
        headers: Vec::new(),
        nonce,
        authority: AUTHORITY,
    }
}

fn nonce() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{:032x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Ask {
    /// The same request with a new nonce.
    pub(crate) fn fresh(mut self) -> Self {
        self.nonce = nonce();
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn body(mut self, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        (self.content_type, self.body) = (Some(content_type), body.into());
        self
    }

    pub(crate) fn key(mut self, key: &str) -> Self {
        self.idempotency_key = Some(key.to_owned());
        self
    }

    pub(crate) fn without_key(mut self) -> Self {
        self.idempotency_key = None;
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn to(mut self, authority: &'static str) -> Self {
        self.authority = authority;
        self
    }

    /// Signed by the application of the house.
    pub(crate) fn build(&self, api: &Api) -> Request<Body> {
        self.signed_by(api, &api.client()).0
    }

    pub(crate) fn signed_by(&self, api: &Api, signer: &Signer) -> (Request<Body>, MessageSignature) {
        let mut headers = self.headers();
        let now = api.house.platform.wall().seconds();
        let (path, query) = self
            .target
            .split_once('?')
            .map_or((self.target.as_str(), None), |(p, q)| (p, Some(q)));
        let (method, authority) = (self.method, self.authority);
        let parts = RequestParts {
            method,
            authority,
            path,
            query,
            headers: &headers,
        };
        let id = signer.id.to_string();
        let stamp = Stamp {
            key_id: &id,
            created: now,
            expires: now + 60,
            nonce: &self.nonce,
        };
        let signature = sign_request(&signer.key, &stamp, &parts).unwrap();
        signature.insert_into(&mut headers).unwrap();
        (self.request(headers), signature)
    }

    /// As somebody without a key would send it.
    pub(crate) fn unsigned(&self) -> Request<Body> {
        self.request(self.headers())
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: &str| headers.insert(name, HeaderValue::from_str(value).unwrap());
        set("host", self.authority);
        if let Some(key) = &self.idempotency_key {
            set("idempotency-key", key);
        }
        if let Some(kind) = self.content_type {
            set("content-type", kind);
            set("content-digest", &content_digest(&self.body));
        }
        for (name, value) in &self.headers {
            set(name, value);
        }
        headers
    }

    fn request(&self, headers: HeaderMap) -> Request<Body> {
        let mut request = Request::builder()
            .method(self.method)
            .uri(&self.target)
            .body(Body::from(self.body.clone()))
            .unwrap();
        *request.headers_mut() = headers;
        request
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A transfer from the account of the house.
pub(crate) fn transfer(number: u32, minor: i64) -> Value {
    json!({
        "end_to_end_id": format!("E2E-{number}"),
        "debtor": {"name": "House", "iban": testkit::house::ACCOUNT},
        "creditor": {"name": "Supplier", "iban": testkit::transfers::CREDITOR},
        "amount": {"amount": minor, "currency": "EUR"},
        "execution_on": "2026-11-24",
        "remittance": {"text": format!("Invoice {number}")},
        "service_level": "SEPA",
    })
}

/// Another organization on the same platform, with one of everything.
pub(crate) struct Neighbour {
    pub(crate) ctx: Ctx,
    pub(crate) signer: Signer,
    pub(crate) account: AccountId,
}

/// The account of the neighbour.
pub(crate) const NEIGHBOURS_ACCOUNT: &str = "DE02100100100006820101";

impl Neighbour {
    pub(crate) async fn of(api: &Api) -> Self {
        let platform = &api.house.platform;
        let organization: OrganizationId = flow::setup::organization(platform, World::Test, "Neighbour")
            .await
            .unwrap();
        let system = platform.ctx(organization, World::Test, Actor::System);
        let client: ClientId = flow::setup::client(platform, system, "Shop").await.unwrap();
        let key = signer(40);
        let id = flow::setup::key(platform, system, Actor::Client(client), &key.public_text())
            .await
            .unwrap();
        flow::setup::approval_policy(platform, system, POLICY).await.unwrap();
        let (number, eur) = (
            AccountNumber::guess(NEIGHBOURS_ACCOUNT).unwrap(),
            Currency::from_code("EUR").unwrap(),
        );
        let account = flow::setup::account(platform, system, number, eur, "Neighbour", "silent")
            .await
            .unwrap();
        let ctx = platform.ctx(organization, World::Test, Actor::Client(client));
        Self {
            ctx,
            signer: Signer { id, key },
            account,
        }
    }

    pub(crate) async fn ask(&self, api: &Api, ask: Ask) -> Answer {
        api.send(ask.signed_by(api, &self.signer).0).await
    }
}
