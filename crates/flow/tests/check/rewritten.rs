//! Attacks that take more than one statement: older versions put back, the log rewritten or set back, forged events, rows hidden from a
//! reader, and a database on which no platform starts.

use crate::raw::{Raw, Row, delete, insert, update};
use crate::stage::Stage;
use crate::tampering::{checked, in_a_filled_house, named};
use evidence::key::SignerKey;
use flow::platform::{Platform, PlatformConfig, StartError};
use keys::Keyring;
use std::sync::Arc;
use testkit::time::SeededBytes;
use tokio::runtime::Handle;
use vocab::secret::Secret;

/// A table as it is now.
fn kept(raw: &mut Raw, table: &str) -> Vec<Row> {
    let columns = raw.columns(table);
    raw.rows(table, &columns)
}

/// Puts back those of these rows that have another content now.
fn put_back(raw: &mut Raw, table: &str, older: &[Row]) {
    let columns = raw.columns(table);
    let newer = raw.rows(table, &columns);
    let key = |row: &Row| {
        columns
            .iter()
            .zip(row)
            .filter(|(column, _)| column.key)
            .map(|(_, value)| value.clone())
            .collect::<Vec<_>>()
    };
    let mut any = false;
    for old in older {
        if let Some(new) = newer.iter().find(|new| key(new) == key(old) && *new != old) {
            assert!(raw.run(&[update(table, &columns, new, old)]));
            any = true;
        }
    }
    assert!(any, "nothing has changed in {table}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_was_put_back_as_it_was_before_is_named() {
    in_a_filled_house(|stage, raw| {
        let tables = [
            "payment_states",
            "account_totals",
            "payments",
            "exceptions",
            "mailboxes",
            "test_clock",
        ];
        let before: Vec<Vec<Row>> = tables.iter().map(|table| kept(raw, table)).collect();
        Handle::current().block_on(go_on(stage));
        assert_eq!(checked(&stage.house.platform).problems, []);
        for (table, older) in tables.iter().zip(&before) {
            let now = kept(raw, table);
            put_back(raw, table, older);
            let report = checked(&stage.house.platform);
            assert!(named(&report).contains(table), "{table}: {:?}", report.problems);
            put_back(raw, table, &now);
        }
        assert_eq!(checked(&stage.house.platform).problems, []);
    })
    .await;
}

/// Something more happens in the house: a change, a decision, a statement, a step of the clock.
async fn go_on(stage: &Stage) {
    use crate::bank::{document, line, notification};
    let (platform, client, member) = (&stage.house.platform, stage.house.as_client(), stage.house.as_member(1));
    let payment = flow::view::payments(
        platform,
        client,
        Default::default(),
        store::scope::Page {
            before: None,
            limit: 500,
        },
    )
    .await
    .unwrap()
    .into_iter()
    .find(|payment| payment.transfer.end_to_end_id.as_str() == "E2E-500")
    .unwrap();
    let mut to = payment.transfer.clone();
    to.execution_on = vocab::time::Date::constant(2026, 11, 27);
    flow::change::change(platform, client, payment.id, to, stage.once(client, "change", "later"))
        .await
        .unwrap();
    stage.approve(payment.id, 0).await;
    let open = stage.exceptions().await.into_iter().next().unwrap();
    let request = flow::resolve::Resolve {
        action: flow::resolve::Action::Acknowledge,
        note: "seen".to_owned(),
    };
    flow::resolve::resolve(
        platform,
        member,
        open.id,
        request,
        stage.once(member, "resolve", "later"),
    )
    .await
    .unwrap();
    let line = line("E9", -5, crate::stage::NEXT, None);
    stage
        .bank
        .post(document(&notification("N9", crate::stage::NEXT, vec![line])));
    stage.work().await;
    flow::clock::advance_again(platform, client, 60).await.unwrap();
    stage.submit(testkit::transfers::transfer(950, 5_000)).await;
    flow::seal::seal_all(platform).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_whose_explanation_was_taken_away_is_named() {
    in_a_filled_house(|stage, raw| {
        let columns = raw.columns("statement_lines");
        let place = |name: &str| columns.iter().position(|column| column.name == name).unwrap();
        // The line of the booking of too much was explained by a person; its row before that is made with the keys, as the bank's
        // notification made it, which is what somebody with an old backup has.
        let rows = raw.rows("statement_lines", &columns);
        let explained = rows.iter().find(|row| row[place("rule")] == "'by-hand'").unwrap();
        let mut older = explained.clone();
        older[place("rule")] = "'exception'".to_owned();
        assert!(raw.run(&[update("statement_lines", &columns, explained, &older)]));
        let report = checked(&stage.house.platform);
        let sentences: Vec<&str> = report
            .problems
            .iter()
            .map(|problem| problem.sentence.as_str())
            .collect();
        assert!(
            sentences.iter().any(|sentence| sentence.contains("older version")),
            "{sentences:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_set_back_with_its_events_is_noticed() {
    in_a_filled_house(|stage, raw| {
        Handle::current()
            .block_on(flow::seal::seal_all(&stage.house.platform))
            .unwrap();
        let tables = ["log_head", "log_tiles", "log_leaves", "log_pending", "events"];
        let before: Vec<Vec<Row>> = tables.iter().map(|table| kept(raw, table)).collect();
        Handle::current().block_on(go_on(stage));
        for (table, older) in tables.iter().zip(&before) {
            let columns = raw.columns(table);
            let mut statements = vec![format!("DELETE FROM {table}")];
            statements.extend(older.iter().map(|row| insert(table, &columns, row)));
            assert!(raw.run(&statements));
        }
        let report = checked(&stage.house.platform);
        assert!(!report.problems.is_empty());
        let first: Vec<&str> = report
            .problems
            .iter()
            .map(|problem| problem.sentence.as_str())
            .collect();
        assert!(first.iter().any(|sentence| sentence.contains("set back")), "{first:?}");
        // Nothing of the log itself is wrong: only the other rows tell.
        for table in ["log_head", "log_tiles", "log_leaves", "log_pending"] {
            assert!(!named(&report).contains(table), "{:?}", report.problems);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_somebody_else_wrote_gets_no_place_in_the_log() {
    in_a_filled_house(|stage, raw| {
        let seal = || Handle::current().block_on(flow::seal::seal_all(&stage.house.platform));
        seal().unwrap();
        let head = kept(raw, "log_head");
        let (events, pending) = (raw.columns("events"), raw.columns("log_pending"));
        let mut forged = raw.rows("events", &events).pop().unwrap();
        forged[0] = raw.altered(&events[0], &forged[0], 1_000_003);
        let waiting = vec![forged[0].clone(), forged[1].clone(), forged[2].clone()];
        assert!(raw.run(&[
            insert("events", &events, &forged),
            insert("log_pending", &pending, &waiting)
        ]));
        assert!(seal().unwrap_err().to_string().contains("log check"));
        assert_eq!(kept(raw, "log_head"), head);
        let report = checked(&stage.house.platform);
        assert_eq!(named(&report).into_iter().collect::<Vec<_>>(), ["events"]);
        // Away with it, and the log goes on.
        assert!(raw.run(&[
            delete("events", &events, &forged),
            delete("log_pending", &pending, &waiting)
        ]));
        Handle::current().block_on(go_on(stage));
        assert_ne!(kept(raw, "log_head"), head);
        assert_eq!(checked(&stage.house.platform).problems, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_altered_tiles_are_named_and_no_event_is() {
    in_a_filled_house(|stage, raw| {
        let columns = raw.columns("log_tiles");
        let rows = raw.rows("log_tiles", &columns);
        assert!(rows.len() >= 3, "{}", rows.len());
        let hashes = columns.iter().position(|column| column.name == "hashes").unwrap();
        for row in &rows {
            let mut altered = row.clone();
            altered[hashes] = raw.altered(&columns[hashes], &row[hashes], 1);
            assert!(raw.run(&[update("log_tiles", &columns, row, &altered)]));
        }
        let report = checked(&stage.house.platform);
        assert_eq!(report.problems.len(), rows.len(), "{:?}", report.problems);
        assert_eq!(named(&report).into_iter().collect::<Vec<_>>(), ["log_tiles"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_named_and_hides_nothing_else() {
    in_a_filled_house(|stage, raw| {
        if stage.database.is_postgres() {
            return; // Its columns hold nothing but their type.
        }
        let cases = [
            (
                "payments",
                "UPDATE payments SET amount_minor = 1.5 WHERE id = (SELECT MAX(id) FROM payments)",
            ),
            (
                "events",
                "UPDATE events SET body = CAST(x'ff' AS TEXT) WHERE id = (SELECT MIN(id) FROM events)",
            ),
            (
                "approvals",
                "UPDATE approvals SET note = CAST(x'ff' AS TEXT) WHERE id = (SELECT MIN(id) FROM approvals)",
            ),
            ("findings", "UPDATE findings SET number = 'x' WHERE number = 0"),
            (
                "payment_states",
                "UPDATE payment_states SET detail = x'00' WHERE payment = (SELECT MIN(payment) FROM payment_states)",
            ),
            (
                "postings",
                "UPDATE postings SET amount_minor = 'x' WHERE entry = (SELECT MIN(entry) FROM postings)",
            ),
            ("jobs", "UPDATE jobs SET due_at = 'soon'"),
            ("log_tiles", "UPDATE log_tiles SET hashes = 'x' WHERE level = 1"),
            ("documents", "UPDATE documents SET digest = 7"),
            ("idempotency", "UPDATE idempotency SET answer = CAST(x'ff' AS TEXT)"),
            ("facts", "UPDATE facts SET value = x'00' WHERE name = 'log'"),
        ];
        let mut expected = std::collections::BTreeSet::new();
        for (table, statement) in cases {
            assert!(raw.run(&[statement.to_owned()]));
            expected.insert(table);
            let report = checked(&stage.house.platform);
            let named = named(&report);
            assert!(expected.is_subset(&named), "{table}: {:?}", expected.difference(&named));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_with_the_least_of_all_keys_is_not_overlooked() {
    in_a_filled_house(|stage, raw| {
        for table in [
            "approvals",
            "events",
            "payments",
            "entries",
            "jobs",
            "members",
            "exceptions",
        ] {
            let columns = raw.columns(table);
            let mut forged = raw.rows(table, &columns).pop().unwrap();
            for key in [i64::MIN, -1, 0] {
                forged[0] = key.to_string();
                assert!(raw.run(&[insert(table, &columns, &forged)]));
                let report = checked(&stage.house.platform);
                assert!(named(&report).contains(table), "{table} {key}: {:?}", report.problems);
                assert!(raw.run(&[delete(table, &columns, &forged)]));
            }
        }
    })
    .await;
}

/// A platform with other or the same keys on the database of a house.
async fn another(stage: &Stage, master: u8, start: bool) -> Result<Platform, StartError> {
    let log_key = SignerKey::from_seed("log.test.example", &[9; 32]).unwrap();
    let database = stage.database.url().to_owned();
    let store =
        tokio::task::spawn_blocking(|| store::Store::open(store::StoreConfig::new(database, store::MIGRATIONS)));
    let config = PlatformConfig {
        store: store.await.unwrap().unwrap(),
        keyring: Keyring::from_master(&Secret::new(vec![master; 32])).unwrap(),
        log_verifier: log_key.verifier().clone(),
        log_key,
        channels: Vec::new(),
        clock: Arc::<testkit::time::TestClock>::clone(&stage.house.clock),
        entropy: Arc::new(SeededBytes::new(1)),
    };
    if start {
        Platform::start(config).await
    } else {
        Ok(Platform::start_unchecked(config))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_on_which_no_platform_starts_can_be_checked_and_is_not_changed_by_it() {
    in_a_filled_house(|stage, raw| {
        let handle = Handle::current();
        let columns = raw.columns("log_head");
        let head = raw.rows("log_head", &columns).remove(0);
        let mut altered = head.clone();
        altered[2] = raw.altered(&columns[2], &head[2], 1);
        let facts = raw.columns("facts");
        let fact = raw.rows("facts", &facts).remove(0);
        assert!(raw.run(&[
            update("log_head", &columns, &head, &altered),
            delete("facts", &facts, &fact)
        ]));
        let before: Vec<_> = raw
            .tables()
            .iter()
            .filter(|table| *table != "servers")
            .map(|table| kept(raw, table))
            .collect();
        let platform = handle.block_on(another(stage, 7, false)).unwrap();
        let report = checked(&platform);
        handle.block_on(platform.store().close());
        assert_eq!(named(&report).into_iter().collect::<Vec<_>>(), ["facts", "log_head"]);
        let after: Vec<_> = raw
            .tables()
            .iter()
            .filter(|table| *table != "servers")
            .map(|table| kept(raw, table))
            .collect();
        assert_eq!(before, after);
        let started = handle.block_on(another(stage, 7, true));
        assert!(matches!(started, Err(StartError::Log(_))), "{started:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_wrong_keys_the_first_line_says_so() {
    in_a_filled_house(|stage, _| {
        let handle = Handle::current();
        let platform = handle.block_on(another(stage, 8, false)).unwrap();
        let report = checked(&platform);
        handle.block_on(platform.store().close());
        let first = &report.problems[0];
        assert_eq!((first.table.as_str(), first.row.as_str()), ("facts", "keys"));
        assert!(first.sentence.contains("keys of this database"), "{}", first.sentence);
        assert!(report.problems.len() > 500);
    })
    .await;
}
