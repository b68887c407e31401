//! Statements and notifications: they foot, they follow on each other, and they say the same about every entry.

use crate::world::{Pay, World, codes, lines, statements};
use std::collections::BTreeMap;
use vocab::exchange::{DocumentKind, Receipt};

#[test]
fn a_batch_is_one_entry_with_all_of_its_payments() {
    let mut world = World::new();
    let orders = [
        Pay::new("P1", "10.00"),
        Pay::new("P2", "20.00"),
        Pay::new("P3", "30.00").to("DE78999999990000009001"),
    ];
    let report = world.order("M1", &orders.map(Pay::batch));
    assert_eq!(codes(&report)[2], ("P3", "RJCT", Some("AC04")));
    let notifications = statements(&world.collect(), DocumentKind::Camt054);
    let [line] = lines(&notifications).try_into().unwrap();
    assert_eq!(line.amount.minor(), -3000);
    let batch = line.batch.as_ref().unwrap();
    assert_eq!(batch.message_id.as_deref(), Some("M1"));
    assert_eq!(batch.payment_information_id.as_deref(), Some("M1-1"));
    assert_eq!((batch.count, batch.total.unwrap().minor()), (Some(2), -3000));
    let details: Vec<_> = line
        .details
        .iter()
        .map(|detail| {
            (
                detail.instruction_id.as_deref().unwrap(),
                detail.end_to_end_id.as_deref().unwrap(),
                detail.amount.unwrap().minor(),
            )
        })
        .collect();
    assert_eq!(details, [("P1", "E2E-P1", -1000), ("P2", "E2E-P2", -2000)]);
    assert!(
        line.details
            .iter()
            .all(|detail| detail.servicer_reference != line.servicer_reference)
    );
}

#[test]
fn without_batch_booking_each_payment_is_an_entry() {
    let mut world = World::new();
    world.order("M1", &[Pay::new("P1", "10.00"), Pay::new("P2", "20.00")]);
    let notifications = statements(&world.collect(), DocumentKind::Camt054);
    let all = lines(&notifications);
    assert_eq!(
        all.iter().map(|line| line.amount.minor()).collect::<Vec<_>>(),
        [-1000, -2000]
    );
    for line in &all {
        assert!(line.batch.is_none());
        assert_eq!(line.details[0].servicer_reference, line.servicer_reference);
        assert_eq!(
            line.details[0]
                .remittance
                .as_deref()
                .map(|text| text.starts_with("invoice P")),
            Some(true)
        );
    }
}

#[test]
fn the_odd_ones_of_a_batch_keep_to_their_own_ways() {
    let mut world = World::new();
    let orders = [
        Pay::new("P1", "10.00"),
        Pay::new("P2", "20.01").to("DE83999999990000009008"),
        Pay::new("P3", "30.00").to("DE13999999990000009007"),
        Pay::new("P4", "40.00").to("DE24999999990000009003"),
        Pay::new("P5", "50.00").to("DE51999999990000009002"),
    ];
    world.order("M1", &orders.map(Pay::batch));
    world.advance_to("2026-11-20T22:00:00Z");
    let all = statements(&world.collect(), DocumentKind::Camt053);
    let amounts: Vec<Vec<i64>> = all
        .iter()
        .map(|statement| statement.lines.iter().map(|line| line.amount.minor()).collect())
        .collect();
    assert_eq!(amounts, [vec![-1000 - 1000 - 3100 - 5000], vec![-1001], vec![5000]]);
    assert_eq!(all[0].lines[0].batch.as_ref().unwrap().count, Some(4));
}

/// A month of orders of all kinds. Returns what the bank reported.
fn busy_month(world: &mut World) -> Vec<vocab::exchange::Document> {
    let magic: Vec<_> = channels::sandbox::MAGIC.iter().map(|magic| magic.account).collect();
    world.open(crate::world::DEBTOR, "USD", 5_000_000);
    let mut documents = Vec::new();
    for n in 0..24_i64 {
        let mut orders: Vec<Pay> = (0..3)
            .map(|k| {
                let on = world.now.plus_days((n + k) % 4).date();
                Pay {
                    on,
                    ..Pay::new(&format!("P{n}-{k}"), &format!("{}.{:02}", 1 + n * k, n))
                }
            })
            .collect();
        let on = orders[0].on;
        let creditor = magic[usize::try_from(n).unwrap() % magic.len()];
        orders.iter_mut().for_each(|pay| pay.on = on);
        orders[1] = orders[1].clone().to(creditor);
        orders[2] = if n % 3 == 0 {
            orders[2].clone().currency("USD")
        } else {
            orders[2].clone()
        };
        if n % 2 == 0 {
            orders = orders.into_iter().map(Pay::batch).collect();
        }
        let order = crate::world::order(&format!("M{n}"), &orders);
        // Some answers and requests are lost, and the third delivery is a repetition at least.
        let receipts = [world.send(&order), world.send(&order), world.send(&order)];
        assert!(matches!(receipts[2], Receipt::Accepted(_)), "{receipts:?}");
        documents.extend(world.collect());
        world.now = world.now.plus_seconds(27 * 3600);
    }
    world.now = world.now.plus_days(14);
    documents.extend(world.collect());
    documents
}

#[test]
fn a_busy_month_foots() {
    let mut world = World::new();
    let documents = busy_month(&mut world);
    let accounts = world.get("/accounts");
    let book = world.get("/book");

    // Each account: opening follows closing, lines lead from one to the other, numbers have no gap.
    let mut last: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut entries: BTreeMap<String, i64> = BTreeMap::new();
    for statement in statements(&documents, DocumentKind::Camt053) {
        let (opening, closing) = (statement.opening.unwrap(), statement.closing.unwrap());
        let currency = opening.currency().code().to_owned();
        let start = accounts
            .as_array()
            .unwrap()
            .iter()
            .find(|account| account["currency"] == currency)
            .unwrap();
        let (sequence, balance) = last
            .get(&currency)
            .copied()
            .unwrap_or((0, start["opened_minor"].as_i64().unwrap()));
        assert_eq!(statement.sequence, Some(sequence + 1));
        assert_eq!(opening.minor(), balance);
        let sum: i64 = statement.lines.iter().map(|line| line.amount.minor()).sum();
        assert_eq!(opening.minor() + sum, closing.minor());
        assert!(!statement.lines.is_empty());
        for line in &statement.lines {
            let details: i64 = line.details.iter().map(|detail| detail.amount.unwrap().minor()).sum();
            assert_eq!(details, line.amount.minor());
            assert_eq!(line.booked_on, statement.covers);
            let reference = line.servicer_reference.clone().unwrap();
            assert!(
                entries.insert(reference, line.amount.minor()).is_none(),
                "a reference came twice"
            );
        }
        last.insert(currency, (sequence + 1, closing.minor()));
    }

    // The notifications speak of the same entries, some twice.
    let mut notified: BTreeMap<String, i64> = BTreeMap::new();
    for notification in statements(&documents, DocumentKind::Camt054) {
        assert!(notification.opening.is_none() && notification.closing.is_none());
        for line in notification.lines {
            notified.insert(line.servicer_reference.unwrap(), line.amount.minor());
        }
    }
    assert_eq!(notified, entries);

    // And so does the book, which conserves money.
    let mut booked: BTreeMap<String, i64> = BTreeMap::new();
    for line in book.as_array().unwrap() {
        *booked
            .entry(line["reference"].as_str().unwrap().to_owned())
            .or_default() += line["amount_minor"].as_i64().unwrap();
    }
    assert_eq!(booked, entries);
    for account in accounts.as_array().unwrap() {
        let moved: i64 = book
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["currency"] == account["currency"])
            .map(|line| line["amount_minor"].as_i64().unwrap())
            .sum();
        assert_eq!(
            account["opened_minor"].as_i64().unwrap() + moved,
            account["balance_minor"].as_i64().unwrap()
        );
        assert_eq!(
            last[account["currency"].as_str().unwrap()].1,
            account["balance_minor"].as_i64().unwrap()
        );
        assert_eq!(account["held_minor"], 0);
    }

    // Opening the book again checks it from inside.
    world.restart(true);
    assert_eq!(world.get("/accounts"), accounts);
}

#[test]
fn the_same_month_gives_the_same_bytes() {
    let run = |seed| {
        let mut world = World::with(crate::world::Settings {
            seed,
            ..Default::default()
        });
        (busy_month(&mut world), world.get("/book"))
    };
    let (first, second, other) = (run(7), run(7), run(8));
    assert_eq!(first, second);
    assert_eq!(first.0.len(), other.0.len());
    assert!(
        first
            .0
            .iter()
            .zip(&other.0)
            .all(|(one, another)| one.reference != another.reference)
    );
}
