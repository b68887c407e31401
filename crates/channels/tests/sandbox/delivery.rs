//! A document is executed once however often and however badly it is delivered.

use crate::world::{DEBTOR, Pay, Settings, World, codes, executed, order, report};
use channels::sandbox::Faults;
use std::collections::BTreeSet;
use std::time::Duration;
use vocab::exchange::{Channel, Document, DocumentKind, Inquiry, Receipt};
use vocab::limits;

fn refused(receipt: &Receipt) -> &str {
    let Receipt::Rejected { code, .. } = receipt else {
        panic!("{receipt:?}")
    };
    code
}

#[test]
fn the_same_document_again_gets_the_same_answer_and_is_not_executed_again() {
    let mut world = World::new();
    let document = order("M1", &[Pay::new("P1", "12.50")]);
    let first = world.send(&document);
    world.advance_to("2026-11-19T09:00:00Z");
    assert_eq!(world.send(&document), first);
    assert_eq!(executed(&world.collect()), ["P1"]);
    assert_eq!(world.get("/book").as_array().unwrap().len(), 1);
}

#[test]
fn another_document_under_the_same_message_id_is_refused_and_the_first_stands() {
    let mut world = World::new();
    world.order("M1", &[Pay::new("P1", "12.50")]);
    assert_eq!(refused(&world.send(&order("M1", &[Pay::new("P1", "99.00")]))), "DU01");
    assert_eq!(executed(&world.collect()), ["P1"]);
    assert_eq!(world.get("/book")[0]["amount_minor"], -1250);
}

#[test]
fn many_deliveries_at_once_are_one() {
    let mut world = World::new();
    let document = order("M1", &[Pay::new("P1", "12.50")]);
    let receipts: Vec<Receipt> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..8).map(|_| scope.spawn(|| world.send(&document))).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    assert!(matches!(receipts[0], Receipt::Accepted(_)));
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]));
    assert_eq!(executed(&world.collect()), ["P1"]);
}

#[test]
fn a_document_refused_as_a_whole_stays_refused() {
    let mut world = World::new();
    let unknown = "DE02120300000000202051";
    let document = order("M1", &[Pay::new("P1", "12.50").from(unknown)]);
    assert_eq!(refused(&world.send(&document)), "AC01");
    let status = world.status("M1");
    let group = status.group.unwrap();
    assert_eq!((group.code.as_str(), group.reason.as_deref()), ("RJCT", Some("AC01")));
    // A late copy must not be executed after somebody was told that it never would be.
    world.open(unknown, "EUR", 100_000);
    assert_eq!(refused(&world.send(&document)), "AC01");
    assert_eq!(world.collect(), []);
    assert!(matches!(
        world.send(&order("M2", &[Pay::new("P1", "12.50").from(unknown)])),
        Receipt::Accepted(_)
    ));
}

#[test]
fn money_that_is_not_there_is_not_paid() {
    let mut world = World::without_accounts(Settings::default());
    world.open(DEBTOR, "EUR", 10_000);
    let orders = [
        Pay::new("P1", "60.00"),
        Pay::new("P2", "60.00"),
        Pay::new("P3", "40.00"),
    ];
    let first = world.order("M1", &orders.map(|pay| pay.on("2026-11-20")));
    assert_eq!(
        codes(&first),
        [("P1", "ACCP", None), ("P2", "RJCT", Some("AM04")), ("P3", "ACCP", None)]
    );
    // Nothing is booked yet, but all of it is promised.
    let second = world.order("M2", &[Pay::new("P4", "0.01")]);
    assert_eq!(codes(&second), [("P4", "RJCT", Some("AM04"))]);
    assert_eq!(second.group.unwrap().code, "RJCT");
    world.advance_to("2026-11-20T06:00:00Z");
    assert_eq!(executed(&world.collect()), ["P1", "P3"]);
    assert_eq!(world.get("/accounts")[0]["balance_minor"], 0);
}

#[test]
fn payments_are_booked_at_six_on_the_next_business_day() {
    let mut world = World::new();
    // A Saturday.
    world.order("M1", &[Pay::new("P1", "1.00").on("2026-11-21")]);
    world.advance_to("2026-11-23T05:59:59Z");
    assert_eq!(world.collect(), []);
    assert_eq!(codes(&world.status("M1")), [("P1", "ACCP", None)]);
    world.advance_to("2026-11-23T06:00:00Z");
    assert_eq!(executed(&world.collect()), ["P1"]);
    assert_eq!(world.get("/book")[0]["booked_on"], "2026-11-23");
}

#[test]
fn an_order_that_comes_late_is_executed_all_the_same() {
    let mut world = World::new();
    world.advance_to("2026-11-20T23:00:00Z");
    assert_eq!(
        codes(&world.order("M1", &[Pay::new("P1", "1.00").on("2026-11-18")])),
        [("P1", "ACCP", None)]
    );
    assert_eq!(world.collect(), []);
    world.advance_to("2026-11-23T06:00:00Z");
    assert_eq!(executed(&world.collect()), ["P1"]);
}

#[test]
fn a_status_asked_for_twice_is_the_same_document_until_something_changes() {
    let mut world = World::new();
    world.order("M1", &[Pay::new("P1", "1.00").on("2026-11-20")]);
    let before = world.channel.inquire("M1", world.now);
    world.advance_to("2026-11-19T12:00:00Z");
    assert_eq!(world.channel.inquire("M1", world.now), before);
    world.advance_to("2026-11-20T12:00:00Z");
    assert_ne!(world.channel.inquire("M1", world.now), before);
}

#[test]
fn hostile_bodies_are_refused_and_change_nothing() {
    let mut world = World::new();
    world.order("M1", &[Pay::new("P1", "12.50")]);
    world.collect();
    let good = order("M2", &[Pay::new("P2", "12.50")]).body;
    let text = String::from_utf8(good.clone()).unwrap();
    let entity = text.replacen("<Document", "<!DOCTYPE x [<!ENTITY a \"aaaa\">]>\n<Document", 1);
    let foreign = text.replace("pain.001.001.09", "pain.001.001.99");
    let deep = "<a>".repeat(100_000);
    let bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\xff\xfe\x00".to_vec(),
        b"hello".to_vec(),
        good[..good.len() / 2].to_vec(),
        entity.into_bytes(),
        foreign.into_bytes(),
        deep.into_bytes(),
        vec![b'<'; 1_000_000],
        vec![0; 1_000_000],
    ];
    let before = (world.get("/accounts"), world.get("/book"));
    for kind in DocumentKind::ALL {
        for body in &bodies {
            let document = Document {
                kind,
                reference: "M2".to_owned(),
                body: body.clone(),
            };
            assert_eq!(refused(&world.send(&document)), "FF01", "{kind:?} {} bytes", body.len());
        }
    }
    // A good body under another reference than its own is none either.
    let misnamed = Document {
        kind: DocumentKind::Pain001,
        reference: "M3".to_owned(),
        body: good.clone(),
    };
    assert_eq!(refused(&world.send(&misnamed)), "FF01");
    assert_eq!((world.get("/accounts"), world.get("/book")), before);
    assert_eq!(world.collect(), []);
    for reference in ["M2", "M3", "..", ".", "A/B", "status"] {
        assert_eq!(
            world.channel.inquire(reference, world.now),
            inquiry_of_nothing(reference),
            "{reference}"
        );
    }
    // And the good one still arrives.
    let document = Document {
        kind: DocumentKind::Pain001,
        reference: "M2".to_owned(),
        body: good,
    };
    assert!(matches!(world.send(&document), Receipt::Accepted(_)));
}

/// Dots make no path: the bank is not even asked about such a reference, and nobody knows.
fn inquiry_of_nothing(reference: &str) -> Inquiry {
    if reference.trim_matches('.').is_empty() {
        Inquiry::Unknown("the bank answered with status 404".to_owned())
    } else {
        Inquiry::NotReceived
    }
}

#[test]
fn faults_of_the_line_lose_requests_and_answers() {
    let faults = Faults {
        lost_requests: BTreeSet::from([1]),
        lost_answers: BTreeSet::from([2]),
        answer_delay: Duration::from_millis(1),
    };
    let mut world = World::with(Settings {
        faults,
        ..Settings::default()
    });
    let document = order("M1", &[Pay::new("P1", "12.50")]);
    assert!(matches!(world.send(&document), Receipt::Unknown(_)));
    assert_eq!(world.channel.inquire("M1", world.now), Inquiry::NotReceived);
    assert!(matches!(world.send(&document), Receipt::Unknown(_)));
    assert_eq!(codes(&world.status("M1")), [("P1", "ACSC", None)]);
    let Receipt::Accepted(answer) = world.send(&document) else {
        panic!()
    };
    assert_eq!(codes(&report(&answer)), [("P1", "ACCP", None)]);
    assert_eq!(executed(&world.collect()), ["P1"]);
}

#[test]
fn a_restart_keeps_the_book_and_the_clock() {
    for orderly in [true, false] {
        let mut world = World::new();
        let document = order("M1", &[Pay::new("P1", "12.50").on("2026-11-20")]);
        let first = world.send(&document);
        world.restart(orderly);
        assert_eq!(world.send(&document), first);
        // An earlier time does not turn the clock back, and what fell due while nobody asked is made up for.
        world.advance_to("2026-11-23T12:00:00Z");
        world.restart(orderly);
        assert_eq!(executed(&world.collect()), ["P1"]);
        world.restart(orderly);
        world.advance_to("2026-11-18T09:00:00Z");
        world.order("M2", &[Pay::new("P2", "1.00")]);
        world.collect();
        assert_eq!(world.get("/book")[1]["booked_on"], "2026-11-23");
    }
}

#[test]
fn the_largest_order_is_served_well_within_the_time_of_a_call() {
    let mut world = World::new();
    let payments: Vec<_> = (0..limits::ORDER_PAYMENTS_MAX)
        .map(|n| Pay::new(&format!("P{n}"), "1.00"))
        .collect();
    assert_eq!(world.order("M1", &payments).payments.len(), payments.len());
    assert_eq!(executed(&world.collect()).len(), payments.len());
}
