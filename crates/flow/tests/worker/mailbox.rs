//! What banks send of their own accord: late, twice, out of order, unreadable, or about somebody else.

use crate::bank::{document, enveloped, line, notification, statement};
use crate::stage::{DAY, OPENING, on_both_engines, reference};
use payment::state::StateName;
use vocab::exchange::{Document, DocumentKind};

on_both_engines! {
    async fn a_document_that_cannot_be_read_blocks_nothing(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let junk = |kind, reference: &str| Document { kind, reference: reference.to_owned(), body: b"<x".to_vec() };
        stage.bank.post(junk(DocumentKind::Camt053, "J1"));
        stage.bank.post(junk(DocumentKind::Pain002, "J2"));
        stage.bank.post(junk(DocumentKind::Pain001, "J3"));
        let booked = line("E1", -100, DAY, Some(&reference(payment)));
        stage.bank.post(document(&notification("N1", DAY, vec![booked])));
        stage.work().await;
        assert_eq!(stage.codes().await, ["document_unreadable"; 3]);
        assert_eq!(stage.name(payment).await, StateName::Settled);
    }

    async fn the_same_document_again_changes_nothing(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let booked = line("E1", -100, DAY, Some(&reference(payment)));
        let notified = document(&notification("N1", DAY, vec![booked]));
        let report = stage.bank.report(&stage.only_order());
        for _ in 0..3 {
            stage.bank.post(notified.clone());
            stage.bank.post(report.clone());
        }
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Settled);
        let books = [("bank".to_owned(), -100), ("payables".to_owned(), 100)].into();
        assert_eq!(stage.books().await, books);
        assert!(stage.codes().await.is_empty());
    }

    async fn a_report_that_contradicts_what_is_known_is_put_before_a_person_once(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let booked = line("E1", -100, DAY, Some(&reference(payment)));
        stage.bank.post(document(&notification("N1", DAY, vec![booked])));
        let order = stage.only_order();
        for _ in 0..3 {
            stage.bank.post(stage.bank.report_of(&order, &[&reference(payment)], "RJCT", Some("AC04")));
        }
        stage.work().await;
        assert_eq!(stage.name(payment).await, StateName::Settled);
        assert_eq!(stage.codes().await, ["report_contradicts"]);
    }

    async fn a_late_rejection_takes_the_acceptance_back(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        let order = stage.only_order();
        stage.bank.post(stage.bank.report_of(&order, &[&reference(payment)], "RJCT", Some("AM04")));
        stage.work().await;
        assert_eq!(stage.state(payment).await.reason().unwrap().code(), "AM04");
        assert!(stage.books().await.is_empty());
        assert_eq!(stage.held().await, 0);
    }

    async fn documents_about_others_in_a_shared_mailbox_are_left_alone(stage: Stage) {
        let mut foreign = statement("S1", 1, DAY, OPENING, Vec::new());
        foreign.account = vocab::account::AccountNumber::guess("DE02120300000000202051").unwrap();
        stage.bank.post(document(&foreign));
        let order = vocab::id::OrderId::from_i64(77).to_string().replace('_', "-");
        stage.bank.post(stage.bank.report_of(&order, &["pay-0000000000001"], "RJCT", None));
        stage.work().await;
        assert!(stage.codes().await.is_empty());
        let page = store::scope::Page { before: None, limit: 10 };
        let statements = flow::view::statements(&stage.house.platform, stage.house.as_client(), None, page).await.unwrap();
        assert!(statements.is_empty());
    }

    async fn a_mailbox_that_cannot_be_reached_is_read_later(stage: Stage) {
        let payment = stage.pay(1, 100).await;
        stage.work().await;
        stage.bank.cut_off(true);
        stage.bank.post(document(&notification("N1", DAY, vec![line("E1", -100, DAY, Some(&reference(payment)))])));
        stage.later(60).await;
        assert_eq!(stage.name(payment).await, StateName::AcceptedByBank);
        stage.bank.cut_off(false);
        stage.later(60).await;
        assert_eq!(stage.name(payment).await, StateName::Settled);
    }

    async fn more_documents_than_fit_on_a_page_are_all_taken_in_order(stage: Stage) {
        for number in 1..=230_i64 {
            let reference = format!("E{number}");
            let lines = vec![line(&reference, -1, DAY, None)];
            let one = notification(&format!("N{number}"), DAY, lines);
            stage.bank.post(enveloped(&one, &format!("M{number}")));
        }
        stage.work().await;
        assert_eq!(stage.exceptions().await.len(), 230);
        let books = stage.books().await;
        assert_eq!((books["bank"], books["suspense"]), (-230, 230));
    }
}
