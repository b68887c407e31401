//! The front of the bank: who may call, and what every call must carry.

use crate::world::{Pay, TOKEN, World, order};
use channels::sandbox::{Bank, BankConfig, BankError, Faults, SandboxChannel};
use reqwest::blocking::Client;
use vocab::exchange::{Channel, Inquiry, Receipt};
use vocab::secret::Secret;

const CALLS: [(&str, &str); 6] = [
    ("POST", "/documents"),
    ("GET", "/documents/M1/status"),
    ("GET", "/mailbox?after=0&limit=1"),
    ("POST", "/accounts"),
    ("GET", "/accounts"),
    ("GET", "/book"),
];

fn call(world: &World, (method, path): (&str, &str), token: Option<&str>, now: Option<&str>) -> u16 {
    let mut request = Client::new().request(method.parse().unwrap(), format!("{}{path}", world.url()));
    if let Some(token) = token {
        request = request.header("authorization", token);
    }
    if let Some(now) = now {
        request = request.header("test-now", now);
    }
    request.send().unwrap().status().as_u16()
}

#[test]
fn nobody_without_the_token_is_served() {
    let world = World::new();
    let token = std::str::from_utf8(TOKEN).unwrap();
    let almost = format!("Bearer {}", &token[..token.len() - 1]);
    for wanted in CALLS.into_iter().chain([("GET", "/nothing")]) {
        for wrong in [None, Some("Bearer "), Some(token), Some("Basic x"), Some(&almost)] {
            assert_eq!(call(&world, wanted, wrong, Some("1")), 401, "{wanted:?}");
        }
    }
    let stranger = SandboxChannel::new(&world.url(), &Secret::new(b"guess".to_vec())).unwrap();
    assert!(matches!(
        stranger.send(&order("M1", &[Pay::new("P1", "1.00")]), world.now),
        Receipt::Unknown(_)
    ));
    assert!(matches!(stranger.inquire("M1", world.now), Inquiry::Unknown(_)));
    assert!(stranger.collect(0, 1, world.now).is_err());
    assert_eq!(world.channel.inquire("M1", world.now), Inquiry::NotReceived);
}

#[test]
fn every_call_names_its_time() {
    let world = World::new();
    let bearer = format!("Bearer {}", std::str::from_utf8(TOKEN).unwrap());
    for wanted in CALLS {
        for wrong in [None, Some(""), Some("now"), Some("-1"), Some("9223372036854775807")] {
            assert_eq!(call(&world, wanted, Some(&bearer), wrong), 400, "{wanted:?} {wrong:?}");
        }
    }
}

#[test]
fn a_document_without_its_headers_or_of_endless_size_is_not_taken() {
    let world = World::new();
    let post = |kind: &str, reference: &str, body: Vec<u8>| {
        let request = Client::new().post(format!("{}/documents", world.url())).body(body);
        let request = request
            .bearer_auth(std::str::from_utf8(TOKEN).unwrap())
            .header("test-now", "1");
        request
            .header("document-kind", kind)
            .header("document-reference", reference)
            .send()
            .map(|r| r.status().as_u16())
    };
    assert_eq!(post("", "M1", Vec::new()).unwrap(), 400);
    assert_eq!(post("pain.999", "M1", Vec::new()).unwrap(), 400);
    assert_eq!(post("pain.001", "", Vec::new()).unwrap(), 400);
    // The bank may hang up before it has read all of it.
    let endless = post("pain.001", "M1", vec![b'<'; vocab::limits::BODY_BYTES_MAX + 1]);
    assert!(endless.is_err() || endless.unwrap() == 413);
}

#[test]
fn the_bank_does_not_listen_beyond_this_machine() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = BankConfig {
        dir: dir.path().to_owned(),
        listen: "0.0.0.0:0".parse().unwrap(),
        token: Secret::new(TOKEN.to_vec()),
        seed: 0,
        fee_minor: 0,
        faults: Faults::default(),
    };
    assert!(matches!(
        runtime.block_on(Bank::start(config)),
        Err(BankError::NotLoopback)
    ));
}

#[test]
fn a_bank_that_was_shut_down_is_unknown() {
    let mut world = World::new();
    let url = world.url();
    world.restart(true);
    let old = SandboxChannel::new(&url, &Secret::new(TOKEN.to_vec())).unwrap();
    if world.url() != url {
        assert!(matches!(old.inquire("M1", world.now), Inquiry::Unknown(_)));
    }
}

#[test]
fn a_call_that_cannot_be_read_gets_a_reason() {
    let world = World::new();
    let bad = [
        ("GET", "/mailbox", 400, "query"),
        ("GET", "/mailbox?after=x&limit=1", 400, "query"),
        ("POST", "/accounts", 400, "body"),
        ("DELETE", "/book", 405, "unknown_call"),
        ("GET", "/nothing", 404, "unknown_call"),
    ];
    for (method, path, status, code) in bad {
        let request = Client::new().request(method.parse().unwrap(), format!("{}{path}", world.url()));
        let request = request
            .bearer_auth(std::str::from_utf8(TOKEN).unwrap())
            .header("test-now", "1");
        let response = request.send().unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
        let body: serde_json::Value = serde_json::from_str(&response.text().unwrap()).unwrap();
        assert_eq!(body["code"], code, "{method} {path}");
    }
}
