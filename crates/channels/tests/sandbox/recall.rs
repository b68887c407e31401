//! Requests to cancel: dropped as long as nothing is booked, refused after that.

use crate::world::{Pay, World, answer, codes, executed, order, recall};
use vocab::exchange::{Channel, DocumentKind, Inquiry, Receipt};

const PENDING: &str = "DE24999999990000009003";
const RETURNED: &str = "DE51999999990000009002";

#[test]
fn a_payment_that_waits_for_its_day_is_dropped() {
    let mut world = World::new();
    let (kept, dropped) = (
        Pay::new("P1", "10.00").on("2026-11-20"),
        Pay::new("P2", "20.00").on("2026-11-20"),
    );
    world.order("M1", &[kept, dropped.clone()]);
    let cancelled = answer(&world.send(&recall("C1", "M1", &dropped)));
    assert_eq!((cancelled.cancelled, cancelled.reason), (Some(true), None));
    assert_eq!(cancelled.instruction_id.as_deref(), Some("P2"));
    assert_eq!(codes(&world.status("M1")), [("P1", "ACCP", None), ("P2", "CANC", None)]);
    assert_eq!(world.get("/accounts")[0]["held_minor"], 1000);
    world.advance_to("2026-11-20T12:00:00Z");
    assert_eq!(executed(&world.collect()), ["P1"]);
    assert_eq!(world.get("/accounts")[0]["balance_minor"], 100_000_000 - 1000);
}

#[test]
fn an_order_all_of_whose_payments_were_dropped_books_and_reports_nothing() {
    let mut world = World::new();
    let pay = Pay::new("P1", "10.00").on("2026-11-20").batch();
    world.order("M1", std::slice::from_ref(&pay));
    answer(&world.send(&recall("C1", "M1", &pay)));
    world.advance_to("2026-11-30T12:00:00Z");
    assert_eq!(world.collect(), []);
}

#[test]
fn a_payment_pending_for_ever_can_be_dropped() {
    let world = World::new();
    let pay = Pay::new("P1", "10.00").to(PENDING);
    world.order("M1", std::slice::from_ref(&pay));
    assert_eq!(answer(&world.send(&recall("C1", "M1", &pay))).cancelled, Some(true));
    // Asking again under another reference gets the same answer.
    assert_eq!(answer(&world.send(&recall("C2", "M1", &pay))).cancelled, Some(true));
    assert_eq!(world.get("/accounts")[0]["held_minor"], 0);
}

#[test]
fn a_booked_payment_stays() {
    let mut world = World::new();
    let (booked, back) = (Pay::new("P1", "10.00"), Pay::new("P2", "10.00").to(RETURNED));
    world.order("M1", &[booked.clone(), back.clone()]);
    let refused = answer(&world.send(&recall("C1", "M1", &booked)));
    assert_eq!(
        (refused.cancelled, refused.reason.as_deref()),
        (Some(false), Some("PTNA"))
    );
    world.advance_to("2026-11-20T12:00:00Z");
    let refused = answer(&world.send(&recall("C2", "M1", &back)));
    assert_eq!(
        (refused.cancelled, refused.reason.as_deref()),
        (Some(false), Some("ARDT"))
    );
    assert_eq!(world.get("/book").as_array().unwrap().len(), 3);
}

#[test]
fn a_payment_that_the_bank_does_not_know_is_not_cancelled() {
    let world = World::new();
    let pay = Pay::new("P1", "10.00").on("2026-11-20");
    let unknown = answer(&world.send(&recall("C1", "M1", &pay)));
    assert_eq!(
        (unknown.cancelled, unknown.reason.as_deref()),
        (Some(false), Some("NOOR"))
    );
    world.order("M1", std::slice::from_ref(&pay));
    // The first request has its answer; a new one finds the payment.
    assert_eq!(answer(&world.send(&recall("C1", "M1", &pay))).cancelled, Some(false));
    assert_eq!(answer(&world.send(&recall("C2", "M1", &pay))).cancelled, Some(true));
}

#[test]
fn a_request_is_answered_once_and_its_answer_can_be_asked_for() {
    let world = World::new();
    let pay = Pay::new("P1", "10.00").on("2026-11-20");
    world.order("M1", std::slice::from_ref(&pay));
    let request = recall("C1", "M1", &pay);
    let Receipt::Accepted(first) = world.send(&request) else {
        panic!()
    };
    assert_eq!(world.send(&request), Receipt::Accepted(first.clone()));
    assert_eq!(first.kind, DocumentKind::Camt029);
    assert_eq!(world.channel.inquire("C1", world.now), Inquiry::Found(first));
    // A request and an order do not share a reference.
    let Receipt::Rejected { code, .. } = world.send(&order("C1", &[pay])) else {
        panic!()
    };
    assert_eq!(code, "DU01");
}
