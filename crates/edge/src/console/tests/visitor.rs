//! A server with one organization, and a visitor with a browser on the same machine.

use crate::metrics::Metrics;
use crate::server::Peer;
use crate::{EdgeConfig, EdgeState, router};
use axum::Router;
use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request};
use flow::approve::Approve;
use flow::authenticate::{Idempotency, idempotency};
use flow::intake::Submitted;
use flow::upload::Upload;
use formats::camt053;
use formats::statement::{Heading, Version};
use http_body_util::BodyExt;
use testkit::channel::silent;
use testkit::database::Database;
use testkit::house::{ACCOUNT, House};
use testkit::transfers::{CREDITOR, transfer};
use tower::ServiceExt;
use vocab::account::AccountNumber;
use vocab::context::{Ctx, World};
use vocab::exchange::{Statement, StatementKind, StatementLine};
use vocab::money::{Currency, Money};
use vocab::time::{Date, Timestamp};

/// The name under which the visitor reaches the server.
pub(super) const HOST: &str = "127.0.0.1:8420";
/// All pages that list something.
pub(super) const LISTS: [&str; 10] = [
    "/",
    "/payments",
    "/batches",
    "/ledger",
    "/statements",
    "/exceptions",
    "/exceptions?show=all",
    "/log",
    "/accounts",
    "/backups",
];

/// A server and who visits it.
pub(super) struct Visitor {
    pub(super) house: House,
    pub(super) state: EdgeState,
    router: Router,
    cookie: Option<String>,
    _database: Database,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Visitor {
    /// Without a session.
    pub(super) async fn new() -> Self {
        let database = Database::sqlite();
        let house = House::build(&database, vec![silent()]).await;
        let state = EdgeState::new(EdgeConfig {
            platform: house.platform.clone(),
            authorities: vec![HOST.to_owned(), "pay.example".to_owned()],
            metrics: Metrics::local().unwrap(),
            server_key: None,
            open_metrics: false,
        });
        Self {
            router: router(state.clone()),
            house,
            state,
            cookie: None,
            _database: database,
        }
    }

    /// With a session.
    pub(super) async fn signed_in() -> Self {
        let mut visitor = Self::new().await;
        visitor.sign_in().await;
        visitor
    }

    pub(super) async fn sign_in(&mut self) {
        let link = self.link().await;
        let opened = self.post(&link, "", &[("sec-fetch-site", "same-origin")]).await;
        assert_eq!(opened.status, 303, "{}", opened.text);
        self.cookie = opened.header("set-cookie").split(';').next().map(str::to_owned);
    }

    /// A fresh link, as its path.
    pub(super) async fn link(&self) -> String {
        let secret = flow::console::link(&self.house.platform, self.house.organization, World::Test)
            .await
            .unwrap();
        format!("/s/{secret}")
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self
            .request("POST", path)
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// A request from this machine with the visitor's cookie.
    pub(super) fn request(&self, method: &str, path: &str) -> Builder {
        let peer: std::net::SocketAddr = "127.0.0.1:50000".parse().unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", HOST)
            .extension(Peer(peer));
        match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// The status of an answer, without waiting for its end.
    pub(super) async fn status(&self, request: Request<Body>) -> u16 {
        self.router.clone().oneshot(request).await.unwrap().status().as_u16()
    }

    /// The answer without waiting for its end.
    pub(super) async fn begin(&self, path: &str) -> axum::response::Response {
        self.router
            .clone()
            .oneshot(self.request("GET", path).body(Body::empty()).unwrap())
            .await
            .unwrap()
    }

    pub(super) async fn submit(&self, number: u32, minor: i64) -> Submitted {
        let ctx = self.house.as_client();
        let once = self.once(ctx, &format!("submit-{number}-{minor}"));
        flow::intake::submit(&self.house.platform, ctx, transfer(number, minor), once, None)
            .await
            .unwrap()
    }

    /// One of the members says yes.
    pub(super) async fn approve(&self, submitted: &Submitted) {
        let ctx = self.house.as_member(0);
        let given = Approve {
            payment: submitted.payment,
            content_hash: submitted.content_digest,
            approved: true,
            note: "as agreed".to_owned(),
            key: self.house.member_keys[0],
        };
        let once = self.once(ctx, &submitted.payment.to_string());
        flow::approve::approve(&self.house.platform, ctx, given, once)
            .await
            .unwrap();
    }

    /// Payments in several states, a file with a finding, a statement with a line that nothing explains; all of it in the log.
    pub(super) async fn fill(&self) -> Filled {
        let platform = &self.house.platform;
        let sent = self.submit(1, 120_000).await;
        self.approve(&sent).await;
        flow::worker::run_once(platform, World::Test).await.unwrap();
        let alike = [self.submit(2, 99_000).await, self.submit_again(2, 99_000).await];
        let ctx = self.house.as_client();
        let upload = Upload {
            bytes: faulty().into_bytes(),
            partial: true,
        };
        let batch = flow::upload::submit_batch(platform, ctx, upload, self.once(ctx, "file"))
            .await
            .unwrap()
            .batch;
        let system = platform.ctx(self.house.organization, World::Test, vocab::context::Actor::System);
        let once = self.once(system, "statement");
        flow::reconcile::import(platform, system, unexplained(), once)
            .await
            .unwrap();
        flow::seal::seal_all(platform).await.unwrap();
        let page = flow::view::Page { before: None, limit: 5 };
        let statement = flow::view::statements(platform, ctx, None, page)
            .await
            .unwrap()
            .remove(0)
            .id;
        let payments = [sent, alike[0].clone(), alike[1].clone()].map(|submitted| submitted.payment.to_string());
        Filled {
            payments,
            batch: batch.to_string(),
            statement: statement.to_string(),
        }
    }

    async fn submit_again(&self, number: u32, minor: i64) -> Submitted {
        let ctx = self.house.as_client();
        let once = self.once(ctx, "a second time");
        let again = flow::intake::submit(&self.house.platform, ctx, transfer(number, minor), once, None)
            .await
            .unwrap();
        assert!(again.duplicate_of.is_some());
        again
    }

    fn once(&self, ctx: Ctx, key: &str) -> Idempotency {
        let platform = &self.house.platform;
        idempotency(
            platform,
            ctx.organization,
            ctx.world,
            ctx.actor,
            "test",
            key,
            key.as_bytes(),
        )
    }
}

/// What a filled organization has.
pub(super) struct Filled {
    /// Sent without an answer, waiting for approval, possibly a duplicate.
    pub(super) payments: [String; 3],
    pub(super) batch: String,
    pub(super) statement: String,
}

fn faulty() -> String {
    let head = "end_to_end_id,debtor_name,debtor_account,creditor_name,creditor_account,amount,currency,execution_date,service_level";
    let row = |number: u32, creditor: &str| {
        format!("F-{number},House,{ACCOUNT},Supplier,{creditor},{number}.50,EUR,2026-11-24,SEPA\n")
    };
    format!("{head}\n{}{}", row(1, CREDITOR), row(2, "DE02120300000000202052"))
}

fn unexplained() -> Vec<u8> {
    let eur = |minor| Money::new(minor, Currency::from_code("EUR").unwrap());
    let day = Date::constant(2026, 11, 22);
    let line = StatementLine {
        amount: eur(-4_200),
        booked: true,
        reversal: false,
        booked_on: day,
        value_on: Some(day),
        servicer_reference: Some("BANK-REF-1".to_owned()),
        entry_reference: None,
        transaction_code: None,
        batch: None,
        details: Vec::new(),
        information: None,
    };
    let statement = Statement {
        kind: StatementKind::EndOfDay,
        identification: "ST-1".to_owned(),
        sequence: Some(1),
        account: AccountNumber::guess(ACCOUNT).unwrap(),
        covers: day,
        opening: Some(eur(10_000)),
        closing: Some(eur(5_800)),
        lines: vec![line],
    };
    let heading = Heading {
        message_id: "MSG-1".parse().unwrap(),
        created_at: Timestamp::at_start_of(day),
    };
    camt053::write(Version::V08, &heading, &[statement]).unwrap()
}
