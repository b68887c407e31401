//! The order in which a bank's documents arrive, and how often each of them comes, make no difference in the end.

use crate::bank::{Next, document, line, notification, return_line, statement};
use crate::stage::{DAY, NEXT, OPENING, Stage, THIRD, reference};
use payment::state::StateName;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use testkit::database::Database;
use vocab::exchange::Document;
use vocab::id::PaymentId;

/// How the orders of the five payments travel.
#[derive(Clone, Copy, Debug)]
enum Travel {
    Answered,
    AnswerLost,
    RequestLost,
}

#[derive(Clone, Debug)]
struct Script {
    travel: Vec<Travel>,
    /// Positions in the list of documents, to be made a permutation.
    shuffle: Vec<u32>,
    /// Documents that come again in between.
    again: Vec<prop::sample::Index>,
    /// How many documents are there when the mailbox is read.
    reads: Vec<usize>,
}

fn scripts() -> impl Strategy<Value = Script> {
    let travel = prop::sample::select(vec![Travel::Answered, Travel::AnswerLost, Travel::RequestLost]);
    (
        prop::collection::vec(travel, 5),
        prop::collection::vec(any::<u32>(), 14),
        prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        prop::collection::vec(1..6_usize, 22),
    )
        .prop_map(|(travel, shuffle, again, reads)| Script {
            travel,
            shuffle,
            again,
            reads,
        })
}

/// What the bank has to say about the five payments: settled, settled in two parts, returned, rejected late, and never booked.
fn documents(stage: &Stage, payments: &[PaymentId], orders: &[String]) -> Vec<Document> {
    let names: Vec<String> = payments.iter().map(|payment| reference(*payment)).collect();
    let first = vec![
        line("E1", -100, DAY, Some(&names[0])),
        line("E2", -60, DAY, Some(&names[1])),
    ];
    let second = vec![
        line("E3", -40, NEXT, Some(&names[1])),
        line("E4", -100, NEXT, Some(&names[2])),
    ];
    let third = vec![return_line("E5", 100, THIRD, &names[2])];
    let mut documents: Vec<Document> = (0..4)
        .map(|number| stage.bank.report_of(&orders[number], &[&names[number]], "ACSP", None))
        .collect();
    documents.push(stage.bank.report_of(&orders[0], &[&names[0]], "ACSC", None));
    documents.push(stage.bank.report_of(&orders[1], &[&names[1]], "ACSC", None));
    documents.push(stage.bank.report_of(&orders[2], &[&names[2]], "ACSC", None));
    documents.push(stage.bank.report_of(&orders[3], &[&names[3]], "RJCT", Some("AC04")));
    for (id, day, lines) in [("N1", DAY, &first), ("N2", NEXT, &second), ("N3", THIRD, &third)] {
        documents.push(document(&notification(id, day, lines.clone())));
    }
    documents.push(document(&statement("S1", 1, DAY, OPENING, first)));
    documents.push(document(&statement("S2", 2, NEXT, OPENING - 160, second)));
    documents.push(document(&statement("S3", 3, THIRD, OPENING - 300, third)));
    documents
}

async fn plays(script: &Script) {
    let stage = Stage::on(Database::sqlite()).await;
    let (mut payments, mut orders) = (Vec::new(), Vec::new());
    for (number, travel) in (1..).zip(&script.travel) {
        match travel {
            Travel::Answered => {}
            Travel::AnswerLost => stage.bank.next(Next::LoseAnswer),
            Travel::RequestLost => stage.bank.next(Next::LoseRequest),
        }
        payments.push(stage.pay(number, 100).await);
        stage.work().await;
        orders.push(stage.bank.sent().last().unwrap().0.clone());
        // What was lost has to arrive before the bank can speak of it; an answer that was lost stays unknown for a while.
        if matches!(travel, Travel::RequestLost) {
            stage.later(5).await;
        }
    }
    let mut order: Vec<usize> = (0..14).collect();
    order.sort_by_key(|place| script.shuffle[*place]);
    let all = documents(&stage, &payments, &orders);
    let mut arriving: Vec<Document> = order.iter().map(|place| all[*place].clone()).collect();
    for (number, which) in script.again.iter().enumerate() {
        let again = all[which.index(all.len())].clone();
        let place = (number * 5) % arriving.len();
        arriving.insert(place, again);
    }
    let mut reads = script.reads.iter().copied().cycle();
    let mut until = reads.next().unwrap();
    for (number, document) in arriving.into_iter().enumerate() {
        stage.bank.post(document);
        if number == until {
            stage.later(2).await;
            until += reads.next().unwrap();
        }
    }
    stage.later(30).await;

    let mut names = Vec::new();
    for payment in &payments {
        names.push(stage.name(*payment).await);
    }
    assert_eq!(
        names,
        [
            StateName::Settled,
            StateName::Settled,
            StateName::Returned,
            StateName::Rejected,
            StateName::AcceptedByBank
        ]
    );
    let expected = [
        ("bank".to_owned(), OPENING - 200),
        ("in_transit".to_owned(), -100),
        ("opening".to_owned(), -OPENING),
        ("payables".to_owned(), 400),
        ("returns".to_owned(), -100),
    ];
    assert_eq!(stage.books().await, expected.into());
    assert_eq!(stage.held().await, 100);
    // An acceptance that a rejection has overtaken is worth a look; everything else explains itself.
    let left: Vec<String> = stage
        .codes()
        .await
        .into_iter()
        .filter(|code| code != "report_contradicts")
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(stage.bank.executions().values().all(|times| *times == 1));
    assert!(stage.bank.received().iter().all(|received| received.deliveries == 1));
    stage.end().await;
}

#[test]
fn whatever_order_documents_arrive_in_and_however_often_the_books_are_the_same() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let cases = 24;
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 64,
        ..Config::default()
    });
    runner
        .run(&scripts(), |script| {
            runtime.block_on(plays(&script));
            Ok(())
        })
        .unwrap();
}
