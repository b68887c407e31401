//! Each magic account does what the table says, and ends where the table says.

use crate::world::{Pay, World, codes, executed, lines, order, report, statements};
use channels::sandbox::MAGIC;
use vocab::exchange::{Channel, DocumentKind, Inquiry, Receipt};

fn magic(ending: &str) -> &'static str {
    MAGIC
        .iter()
        .find(|magic| magic.account.ends_with(ending))
        .unwrap()
        .account
}

fn pay(ending: &str, amount: &str) -> Pay {
    Pay::new("P1", amount).to(magic(ending))
}

/// Amounts of the lines of all documents of a kind, in minor units.
fn booked(documents: &[vocab::exchange::Document], kind: DocumentKind) -> Vec<i64> {
    lines(&statements(documents, kind))
        .iter()
        .map(|line| line.amount.minor())
        .collect()
}

#[test]
fn an_ordinary_account_is_simply_paid() {
    let mut world = World::new();
    assert_eq!(
        codes(&world.order("M1", &[Pay::new("P1", "12.50")])),
        [("P1", "ACCP", None)]
    );
    let documents = world.collect();
    assert_eq!(executed(&documents), ["P1"]);
    assert_eq!(booked(&documents, DocumentKind::Camt054), [-1250]);
    world.advance_to("2026-11-18T22:00:00Z");
    let documents = world.collect();
    assert_eq!(booked(&documents, DocumentKind::Camt053), [-1250]);
    world.advance_to("2026-12-31T12:00:00Z");
    assert_eq!(world.collect(), []);
}

#[test]
fn rejected_is_said_at_once_and_books_nothing() {
    let mut world = World::new();
    let first = world.order("M1", &[pay("9001", "12.50"), Pay::new("P2", "1.00")]);
    assert_eq!(codes(&first), [("P1", "RJCT", Some("AC04")), ("P2", "ACCP", None)]);
    assert_eq!(first.group.unwrap().code, "PART");
    let documents = world.collect();
    assert_eq!(executed(&documents), ["P2"]);
    assert_eq!(booked(&documents, DocumentKind::Camt054), [-100]);
}

#[test]
fn returned_comes_back_two_days_later() {
    let mut world = World::new();
    world.order("M1", &[pay("9002", "12.50")]);
    assert_eq!(executed(&world.collect()), ["P1"]);
    world.advance_to("2026-11-20T05:59:59Z");
    assert_eq!(booked(&world.collect(), DocumentKind::Camt054), [0_i64; 0]);
    world.advance_to("2026-11-20T06:00:00Z");
    let notification = statements(&world.collect(), DocumentKind::Camt054);
    let line = lines(&notification)[0];
    assert_eq!(line.amount.minor(), 1250);
    let detail = &line.details[0];
    assert_eq!(detail.return_reason.as_deref(), Some("AC04"));
    assert_eq!(detail.instruction_id.as_deref(), Some("P1"));
    assert_eq!(detail.message_id.as_deref(), Some("M1"));
    assert_eq!(world.get("/accounts")[0]["balance_minor"], 100_000_000);
}

#[test]
fn pending_is_never_executed_and_holds_nothing() {
    let mut world = World::new();
    assert_eq!(
        codes(&world.order("M1", &[pay("9003", "12.50")])),
        [("P1", "PDNG", None)]
    );
    world.advance_to("2027-11-18T09:00:00Z");
    assert_eq!(world.collect(), []);
    assert_eq!(codes(&world.status("M1")), [("P1", "PDNG", None)]);
    assert_eq!(world.get("/accounts")[0]["held_minor"], 0);
}

#[test]
fn a_lost_answer_leaves_an_executed_payment_that_an_inquiry_finds() {
    let mut world = World::new();
    let document = order("M1", &[pay("9004", "12.50")]);
    assert!(matches!(world.send(&document), Receipt::Unknown(_)));
    assert_eq!(codes(&world.status("M1")), [("P1", "ACSC", None)]);
    // A second delivery is answered, with the first answer, and pays nothing again.
    let Receipt::Accepted(answer) = world.send(&document) else {
        panic!()
    };
    assert_eq!(codes(&report(&answer)), [("P1", "ACCP", None)]);
    assert_eq!(booked(&world.collect(), DocumentKind::Camt054), [-1250]);
}

#[test]
fn a_lost_request_was_never_received_and_the_second_arrives() {
    let mut world = World::new();
    let document = order("M1", &[pay("9005", "12.50")]);
    assert!(matches!(world.send(&document), Receipt::Unknown(_)));
    assert_eq!(world.channel.inquire("M1", world.now), Inquiry::NotReceived);
    assert_eq!(world.collect(), []);
    assert!(matches!(world.send(&document), Receipt::Accepted(_)));
    assert_eq!(codes(&world.status("M1")), [("P1", "ACSC", None)]);
    assert_eq!(booked(&world.collect(), DocumentKind::Camt054), [-1250]);
    // Another order to the same account is lost once again.
    let another = order("M2", &[pay("9005", "1.00")]);
    assert!(matches!(world.send(&another), Receipt::Unknown(_)));
}

#[test]
fn a_lost_request_stays_lost_over_a_restart() {
    let mut world = World::new();
    let document = order("M1", &[pay("9005", "12.50")]);
    assert!(matches!(world.send(&document), Receipt::Unknown(_)));
    world.restart(true);
    assert!(matches!(world.send(&document), Receipt::Accepted(_)));
}

#[test]
fn an_order_may_lose_its_request_and_then_its_answer() {
    let world = World::new();
    let document = order("M1", &[pay("9005", "1.00"), Pay::new("P2", "2.00").to(magic("9004"))]);
    assert!(matches!(world.send(&document), Receipt::Unknown(_)));
    assert_eq!(world.channel.inquire("M1", world.now), Inquiry::NotReceived);
    assert!(matches!(world.send(&document), Receipt::Unknown(_)));
    assert_eq!(codes(&world.status("M1")), [("P1", "ACSC", None), ("P2", "ACSC", None)]);
}

#[test]
fn duplicate_reports_are_the_same_documents_twice_and_one_booking() {
    let mut world = World::new();
    world.order("M1", &[pay("9006", "12.50")]);
    let documents = world.collect();
    let kinds: Vec<_> = documents.iter().map(|document| document.kind).collect();
    let twice = [
        DocumentKind::Pain002,
        DocumentKind::Pain002,
        DocumentKind::Camt054,
        DocumentKind::Camt054,
    ];
    assert_eq!(kinds, twice);
    assert_eq!(documents[0], documents[1]);
    assert_eq!(documents[2], documents[3]);
    world.advance_to("2026-11-18T22:00:00Z");
    assert_eq!(booked(&world.collect(), DocumentKind::Camt053), [-1250]);
}

#[test]
fn a_wrong_amount_is_one_euro_more() {
    let mut world = World::new();
    world.order("M1", &[pay("9007", "12.50")]);
    let notification = statements(&world.collect(), DocumentKind::Camt054);
    let line = lines(&notification)[0];
    assert_eq!(line.amount.minor(), -1350);
    assert_eq!(line.details[0].amount.unwrap().minor(), -1350);
}

#[test]
fn a_partial_payment_is_booked_in_two_halves_and_reported_when_it_is_whole() {
    let mut world = World::new();
    world.order("M1", &[pay("9008", "12.51")]);
    let documents = world.collect();
    assert_eq!(executed(&documents), [""; 0]);
    assert_eq!(booked(&documents, DocumentKind::Camt054), [-625]);
    assert_eq!(codes(&world.status("M1")), [("P1", "ACSP", None)]);
    world.advance_to("2026-11-19T06:00:00Z");
    let documents = world.collect();
    assert_eq!(executed(&documents), ["P1"]);
    assert_eq!(booked(&documents, DocumentKind::Camt053), [-625]);
    assert_eq!(booked(&documents, DocumentKind::Camt054), [-626]);
    assert_eq!(world.get("/accounts")[0]["held_minor"], 0);
}

#[test]
fn half_of_a_cent_is_nothing_on_the_first_day() {
    let mut world = World::new();
    world.order("M1", &[pay("9008", "0.01")]);
    assert_eq!(booked(&world.collect(), DocumentKind::Camt054), [0_i64; 0]);
    world.advance_to("2026-11-19T06:00:00Z");
    assert_eq!(booked(&world.collect(), DocumentKind::Camt054), [-1]);
}

#[test]
fn every_magic_payment_ends_as_the_table_says() {
    for magic in MAGIC {
        let mut world = World::new();
        let document = order("M1", &[Pay::new("P1", "12.50").to(magic.account)]);
        if matches!(world.send(&document), Receipt::Unknown(_))
            && world.channel.inquire("M1", world.now) == Inquiry::NotReceived
        {
            world.send(&document);
        }
        world.advance_to("2026-12-18T09:00:00Z");
        let documents = world.collect();
        let returned = lines(&statements(&documents, DocumentKind::Camt054))
            .iter()
            .any(|line| line.details.iter().any(|detail| detail.return_reason.is_some()));
        let booked: i64 = lines(&statements(&documents, DocumentKind::Camt053))
            .iter()
            .map(|line| line.amount.minor())
            .filter(|minor| *minor < 0)
            .sum();
        let status = world.status("M1");
        // The bank is content with what it booked; a platform that ordered 12.50 leaves the payment open when it was more.
        let state = match (codes(&status)[0].1, returned) {
            ("ACSC", true) => "returned",
            ("ACSC", false) if booked < -1_250 => "accepted_by_bank",
            ("ACSC", false) => "settled",
            ("PDNG", false) => "accepted_by_bank",
            ("RJCT", false) => "rejected",
            other => panic!("{other:?}"),
        };
        assert_eq!(state, magic.final_state, "{}", magic.name);
    }
}
