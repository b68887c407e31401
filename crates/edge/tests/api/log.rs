//! The public log: readable by anybody, and sound.

use crate::support::{Api, get};
use evidence::checkpoint::SignedCheckpoint;
use vocab::context::{Actor, World};

#[tokio::test]
async fn checkpoint_and_tiles_are_public_and_belong_together() {
    let api = Api::open().await;
    let platform = &api.house.platform;
    for number in 1..=3 {
        api.pay(number, 100).await;
    }
    flow::seal::seal_all(platform).await.unwrap();
    let checkpoint = api.send(get("/log/checkpoint").unsigned()).await;
    assert_eq!(
        (checkpoint.status, checkpoint.header("content-type")),
        (200, "text/plain; charset=utf-8")
    );
    let signed = SignedCheckpoint::parse(&checkpoint.body).unwrap();
    let size = signed.verify(platform.log_verifier()).unwrap().size();

    let hashes = api.send(get(format!("/log/tile/0/000.p/{size}")).unsigned()).await;
    assert_eq!(
        (hashes.status, hashes.body.len()),
        (200, usize::try_from(size).unwrap() * 32)
    );
    assert_eq!(hashes.header("content-type"), "application/octet-stream");
    assert!(!hashes.header("cache-control").contains("immutable"), "it will grow");
    let entries = api
        .send(get(format!("/log/tile/entries/000.p/{size}")).unsigned())
        .await;
    assert_eq!(
        (entries.status, entries.body.len()),
        (200, usize::try_from(size).unwrap() * 34)
    );

    let shown = api.ask(get("/v1/log")).await.json();
    assert_eq!(shown["size"], size);
    assert_eq!(shown["verifier_key"], platform.log_verifier().to_string());
    assert_eq!(shown["checkpoint"], checkpoint.text());
}

#[tokio::test]
async fn a_full_tile_is_cached_for_ever() {
    let api = Api::open().await;
    let platform = &api.house.platform;
    let ctx = platform.ctx(api.house.organization, World::Test, Actor::System);
    for number in 0..260 {
        flow::setup::client(platform, ctx, &format!("application {number}"))
            .await
            .unwrap();
    }
    flow::seal::seal_all(platform).await.unwrap();
    let full = api.send(get("/log/tile/0/000").unsigned()).await;
    assert_eq!((full.status, full.body.len()), (200, 256 * 32));
    assert_eq!(full.header("cache-control"), "public, max-age=31536000, immutable");
}

#[tokio::test]
async fn what_is_no_tile_is_not_found() {
    let api = Api::open().await;
    for path in [
        "0/001",
        "0/0",
        "0/000.p/0",
        "0/000.p/257",
        "64/000",
        "entries",
        "0/000.p/255",
        "-1/000",
        "0/x000/000",
        "%ff/000",
    ] {
        let answer = api.send(get(format!("/log/tile/{path}")).unsigned()).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
}
