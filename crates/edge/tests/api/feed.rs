//! Events: the list and the live feed have the same ones, and a reader who comes back misses nothing.

use crate::support::{Api, Ask, get};
use axum::body::BodyDataStream;
use flow::join::{First, Joining};
use flow::rights::Role;
use flow::sessions::Found;
use flow::sign_in::Visitor;
use futures_util::StreamExt;
use identity::credential::totp;
use std::time::Duration;
use testkit::database::Database;
use tower::ServiceExt;
use vocab::secret::Secret;

/// A reader of the feed.
struct Reader {
    chunks: BodyDataStream,
    text: String,
}

impl Reader {
    async fn open(api: &Api, ask: Ask) -> Self {
        let response = api.router.clone().oneshot(ask.build(api)).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            chunks: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    /// The next event: id, kind.
    async fn next(&mut self) -> (u64, String) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    event
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(|text| text.trim().to_owned())
                };
                let found = field("id:").zip(field("event:"));
                self.text = rest.to_owned();
                if let Some((id, kind)) = found {
                    return (id.parse().unwrap(), kind);
                }
                continue;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.chunks.next())
                .await
                .expect("an event in time");
            self.text
                .push_str(std::str::from_utf8(&chunk.expect("the feed goes on").unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn the_list_goes_on_where_it_ended() {
    let api = Api::open().await;
    api.pay(1, 100).await;
    flow::seal::seal_all(&api.house.platform).await.unwrap();
    let first = api.ask(get("/v1/events?limit=3")).await.json();
    let rest = api
        .ask(get(format!("/v1/events?after={}", first["next"].as_str().unwrap())))
        .await
        .json();
    let indexes: Vec<u64> = [&first, &rest]
        .iter()
        .flat_map(|page| {
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["index"].as_u64().unwrap())
        })
        .collect();
    assert!(
        indexes.windows(2).all(|pair| pair[0] < pair[1]) && indexes.len() > 3,
        "{indexes:?}"
    );
    assert_eq!(
        (
            rest["has_more"].as_bool(),
            rest["data"].as_array().unwrap().last().unwrap()["kind"].as_str()
        ),
        (Some(false), Some("payment.received"))
    );
    // Nothing new yet: the cursor stays good.
    let end = rest["next"].as_str().unwrap();
    let nothing = api.ask(get(format!("/v1/events?after={end}"))).await.json();
    assert_eq!(
        (nothing["data"].as_array().unwrap().len(), nothing["next"].as_str()),
        (0, Some(end))
    );
}

#[tokio::test]
async fn the_feed_brings_new_events_and_resumes_after_the_last_one() {
    let api = Api::open().await;
    let platform = &api.house.platform;
    flow::seal::seal_all(platform).await.unwrap();
    let log = api.ask(get("/v1/log")).await.json()["size"].as_u64().unwrap();
    let mut reader = Reader::open(&api, get(format!("/v1/events/stream?after={}", log - 1))).await;
    api.pay(1, 100).await;
    flow::seal::seal_all(platform).await.unwrap();
    let (seen, kind) = reader.next().await;
    assert_eq!((seen, kind.as_str()), (log, "payment.received"));
    drop(reader);

    // While nobody reads, more happens; the reader comes back with the id it has seen.
    api.pay(2, 100).await;
    api.pay(3, 100).await;
    flow::seal::seal_all(platform).await.unwrap();
    let mut back = Reader::open(
        &api,
        get("/v1/events/stream").header("last-event-id", &seen.to_string()),
    )
    .await;
    assert_eq!(back.next().await.0, seen + 1);
    assert_eq!(back.next().await.0, seen + 2);
}

#[tokio::test]
async fn a_feed_ends_when_the_server_stops() {
    let api = Api::open().await;
    let mut reader = Reader::open(&api, get("/v1/events/stream?after=1000000")).await;
    api.edge.stop();
    let end = tokio::time::timeout(Duration::from_secs(5), async {
        while reader.chunks.next().await.is_some() {}
    });
    end.await.expect("the feed ends");
}

#[tokio::test]
async fn a_feed_of_a_member_ends_with_the_role_that_opened_it() {
    for database in Database::all() {
        let api = Api::on(database, testkit::channel::silent()).await;
        let platform = &api.house.platform;
        let administrator = administrator(&api).await;
        flow::seal::seal_all(platform).await.unwrap();
        let open = async |number| {
            let asked = get("/v1/events/stream?after=1000000");
            let (request, _) = asked.signed_by(&api, &api.member(number));
            let response = api.router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), 200);
            response.into_body().into_data_stream()
        };
        let (mut ada, mut ben) = (open(0).await, open(1).await);
        let member = api.house.members[0];
        flow::members::change_role(platform, &administrator, member, Role::Auditor, false, "")
            .await
            .unwrap();
        let end = tokio::time::timeout(Duration::from_secs(5), async { while ada.next().await.is_some() {} });
        end.await
            .expect("who may not read the log any more hears no more of it");
        let on = tokio::time::timeout(Duration::from_secs(1), async { while ben.next().await.is_some() {} });
        on.await.expect_err("others read on");
    }
}

/// An administrator who has just come in.
async fn administrator(api: &Api) -> Found {
    let house = &api.house;
    let link = flow::links::setup(&house.platform, Some(house.organization))
        .await
        .unwrap();
    let joining = Joining {
        password: Secret::new(b"nine green pears at dawn".to_vec()),
        first: Some(First {
            name: "Grace".to_owned(),
            email: "grace@example.com".to_owned(),
            organization: String::new(),
        }),
        visitor: Visitor {
            source: "192.0.2.1".to_owned(),
            agent: "Testing/1.0".to_owned(),
        },
    };
    let half = flow::join::join(&house.platform, &link.unwrap(), joining)
        .await
        .unwrap();
    let found = async |secret: &str| {
        let found = flow::sessions::find(&house.platform, secret, true).await.unwrap();
        found.unwrap()
    };
    let session = found(&half).await;
    let enrolment = flow::enrol::begin(&house.platform, &session, "House").await.unwrap();
    let app = Secret::new(unbase32(&enrolment.readable));
    let code = totp::code(&app, totp::step_at(house.platform.wall()));
    let enrolled = flow::enrol::confirm(&house.platform, &session, &code).await.unwrap();
    found(&enrolled.secret).await
}

fn unbase32(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut bytes) = (0, 0_u32, Vec::new());
    for letter in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = if letter.is_ascii_digit() {
            letter - b'2' + 26
        } else {
            letter - b'A'
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap());
        }
    }
    bytes
}

#[tokio::test]
async fn a_cursor_that_is_no_index_is_refused() {
    let api = Api::open().await;
    assert_eq!(api.ask(get("/v1/events?after=evt_1")).await.json()["param"], "after");
    assert_eq!(api.ask(get("/v1/events/stream?limit=1")).await.json()["param"], "limit");
}
