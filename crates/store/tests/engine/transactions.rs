//! Transactions on both engines: what is kept, what is undone, what is tried again.

use crate::support::{ADD_PURSE, BusyWriters, PURSES, add_purse, on_both_engines, purses, runtime};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use store::{Sql, StoreError, Tx, Value};

static BALANCE: Sql = Sql {
    sqlite: "SELECT balance FROM purses WHERE id = $1",
    postgres: "SELECT balance FROM purses WHERE id = $1",
};
static SET_BALANCE: Sql = Sql::both("UPDATE purses SET balance = $2 WHERE id = $1");
static ADD_NOTE: Sql = Sql::both("INSERT INTO notes (id, note, body) VALUES ($1, $2, $3)");
static NOTES: Sql = Sql::both("SELECT id, note, body, EXISTS (SELECT 1 FROM purses) FROM notes ORDER BY id");

/// An error of a caller, such as a refusal.
#[derive(Debug, PartialEq)]
enum Refusal {
    No,
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn add(tx: &mut dyn Tx, id: i64, balance: i64) -> Result<u64, StoreError> {
    tx.execute(&ADD_PURSE, &[Value::Int(id), Value::Int(balance)])
}

#[test]
fn what_is_answered_is_seen_by_readers_and_after_reopening() {
    on_both_engines(|place| {
        let store = place.open();
        assert_eq!(add_purse(&store, 1, 10), Ok(1));
        assert_eq!(purses(&store), [(1, 10)]);
        drop(store);
        assert_eq!(purses(&place.open()), [(1, 10)]);
    });
}

#[test]
fn an_error_undoes_its_own_changes_and_nobody_elses() {
    on_both_engines(|place| {
        let store = place.open();
        let results = runtime().block_on(async {
            let busy = BusyWriters::hold(&store, if place.is_sqlite() { 1 } else { 2 });
            let tasks: Vec<_> = (0..40_i64)
                .map(|id| {
                    let store = store.clone();
                    tokio::spawn(async move {
                        let work = move |tx: &mut dyn Tx| {
                            add(tx, id, 0)?;
                            add(tx, id + 1_000, 0)?;
                            if id % 3 == 0 { Err(Refusal::No) } else { Ok(id) }
                        };
                        store.write("test.some", work).await
                    })
                })
                .collect();
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            busy.release();
            let mut results = Vec::new();
            for task in tasks {
                results.push(task.await.unwrap());
            }
            results
        });
        for (id, result) in (0..40_i64).zip(results) {
            assert_eq!(result, if id % 3 == 0 { Err(Refusal::No) } else { Ok(id) });
        }
        let kept: Vec<_> = (0..40_i64)
            .chain(1_000..1_040)
            .filter(|id| (id % 1_000) % 3 != 0)
            .map(|id| (id, 0))
            .collect();
        assert_eq!(purses(&store), kept);
    });
}

#[test]
fn a_closure_that_panics_harms_only_itself() {
    on_both_engines(|place| {
        let store = place.open();
        let panicked = store.write_blocking("test.panic", |tx| {
            add(tx, 1, 1)?;
            assert!(tx.query(&PURSES, &[])?.is_empty(), "this panics on purpose");
            Ok::<_, StoreError>(())
        });
        assert!(matches!(panicked, Err(StoreError::Bug { .. })), "{panicked:?}");
        assert_eq!(add_purse(&store, 2, 2), Ok(1));
        assert_eq!(purses(&store), [(2, 2)]);
    });
}

#[test]
fn a_failure_that_a_closure_swallows_is_not_committed() {
    on_both_engines(|place| {
        let store = place.open();
        add_purse(&store, 1, 0).unwrap();
        let swallowed = store.write_blocking("test.swallow", |tx| {
            add(tx, 2, 0)?;
            drop(add(tx, 1, 0));
            Ok::<_, StoreError>(())
        });
        assert!(matches!(swallowed, Err(StoreError::Unique { .. })), "{swallowed:?}");
        assert_eq!(purses(&store), [(1, 0)]);
    });
}

#[test]
fn a_closure_may_make_its_own_answer_of_a_failure() {
    on_both_engines(|place| {
        let store = place.open();
        add_purse(&store, 1, 0).unwrap();
        let busy = BusyWriters::hold(&store, if place.is_sqlite() { 1 } else { 2 });
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let store = store.clone();
                std::thread::spawn(move || {
                    store.write_blocking("test.own_answer", |tx| match add(tx, 1, 0) {
                        Err(StoreError::Unique { .. }) => Err(Refusal::No),
                        other => other.map_err(Refusal::Store),
                    })
                })
            })
            .collect();
        busy.release();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), Err(Refusal::No));
        }
    });
}

#[test]
fn transfers_in_conflict_keep_the_sum() {
    on_both_engines(|place| {
        let mut config = place.config();
        config.writers = 4;
        let store = store::Store::open(config).unwrap();
        for id in 0..4 {
            add_purse(&store, id, 1_000).unwrap();
        }
        let runs = Arc::new(AtomicU32::new(0));
        let threads: Vec<_> = (0..8_i64)
            .map(|thread| {
                let (store, runs) = (store.clone(), Arc::clone(&runs));
                std::thread::spawn(move || {
                    for turn in 0..25_i64 {
                        let (from, to) = ((thread + turn) % 4, (thread + turn * 3 + 1) % 4);
                        let runs = Arc::clone(&runs);
                        let work = move |tx: &mut dyn Tx| {
                            runs.fetch_add(1, Ordering::Relaxed);
                            transfer(tx, from, to, 7)
                        };
                        store.write_blocking("test.transfer", work).unwrap();
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        println!("{} runs for 200 transfers", runs.load(Ordering::Relaxed));
        assert_eq!(purses(&store).iter().map(|(_, balance)| balance).sum::<i64>(), 4_000);
    });
}

#[test]
fn three_servers_on_one_database_keep_the_sum() {
    on_both_engines(|place| {
        let stores = [place.open(), place.open(), place.open()];
        for id in 0..4 {
            add_purse(&stores[0], id, 1_000).unwrap();
        }
        std::thread::scope(|scope| {
            for (number, store) in (0_i64..).zip(stores.iter().chain(&stores)) {
                scope.spawn(move || {
                    for turn in 0..10_i64 {
                        let (from, to) = ((number + turn) % 4, (number + turn * 3 + 1) % 4);
                        // Beside other servers a transaction may lose ten times; then nothing was stored and it may come again.
                        while let Err(error) =
                            store.write_blocking("test.transfer", move |tx| transfer(tx, from, to, 7))
                        {
                            assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
                        }
                    }
                });
            }
        });
        for store in &stores {
            assert_eq!(purses(store).iter().map(|(_, balance)| balance).sum::<i64>(), 4_000);
        }
    });
}

fn transfer(tx: &mut dyn Tx, from: i64, to: i64, amount: i64) -> Result<(), StoreError> {
    // In the order of ids: two that cross would otherwise wait for PostgreSQL to find the deadlock.
    let mut changes = [(from, -amount), (to, amount)];
    changes.sort_unstable();
    for (id, change) in changes {
        let balance = tx.query_one(&BALANCE, &[Value::Int(id)])?.int(0)?;
        tx.execute(&SET_BALANCE, &[Value::Int(id), Value::Int(balance + change)])?;
    }
    Ok(())
}

#[test]
fn a_reader_sees_one_moment_and_cannot_write() {
    on_both_engines(|place| {
        let store = place.open();
        let (looked, seen) = mpsc::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        let reader = {
            let store = store.clone();
            std::thread::spawn(move || {
                store.read_blocking("test.moment", move |tx| {
                    let before = tx.query(&PURSES, &[])?.len();
                    looked.send(()).unwrap();
                    wait.recv().unwrap();
                    Ok::<_, StoreError>((before, tx.query(&PURSES, &[])?.len()))
                })
            })
        };
        seen.recv().unwrap();
        add_purse(&store, 1, 1).unwrap();
        go_on.send(()).unwrap();
        assert_eq!(reader.join().unwrap(), Ok((0, 0)));
        let wrote = store.read_blocking("test.write", |tx| add(tx, 2, 2));
        assert!(matches!(wrote, Err(StoreError::Bug { .. })), "{wrote:?}");
        assert_eq!(purses(&store), [(1, 1)]);
    });
}

#[test]
fn values_come_back_as_they_went_in() {
    on_both_engines(|place| {
        let store = place.open();
        let rows = store.write_blocking("test.values", |tx| {
            let text = "grün '$1' \u{1F4B6}";
            tx.execute(
                &ADD_NOTE,
                &[Value::Int(i64::MAX), Value::Text(text), Value::Blob(&[0, 255])],
            )?;
            tx.execute(
                &ADD_NOTE,
                &[Value::Int(i64::MIN), Value::OptText(None), Value::OptBlob(None)],
            )?;
            tx.execute(
                &ADD_NOTE,
                &[Value::Int(0), Value::OptText(Some("")), Value::OptBlob(Some(&[]))],
            )?;
            tx.query(&NOTES, &[])
        });
        let rows = rows.unwrap();
        assert_eq!(
            (rows[0].int(0), rows[0].opt_text(1), rows[0].opt_blob(2)),
            (Ok(i64::MIN), Ok(None), Ok(None))
        );
        assert_eq!(
            (rows[1].int(0), rows[1].text(1), rows[1].blob(2)),
            (Ok(0), Ok(""), Ok(&[][..]))
        );
        assert_eq!(
            (rows[2].opt_int(0), rows[2].text(1)),
            (Ok(Some(i64::MAX)), Ok("grün '$1' \u{1F4B6}"))
        );
        assert_eq!((rows[2].blob(2), rows[2].int(3)), (Ok(&[0, 255][..]), Ok(0)));
    });
}

#[test]
fn wrong_use_is_a_bug_and_wrong_content_is_corrupt_and_neither_shows_values() {
    static NO_TABLE: Sql = Sql::both("SELECT id FROM nowhere");
    on_both_engines(|place| {
        let store = place.open();
        add_purse(&store, 1, 4_711).unwrap();
        let few = store.write_blocking("test.few", |tx| tx.execute(&ADD_PURSE, &[Value::Int(1)]));
        assert!(matches!(few, Err(StoreError::Bug { .. })), "{few:?}");
        let table = store
            .read_blocking("test.table", |tx| tx.query(&NO_TABLE, &[]))
            .unwrap_err();
        assert!(
            matches!(&table, StoreError::Bug { what } if what.contains("nowhere")),
            "{table}"
        );
        let row = store
            .read_blocking("test.row", |tx| tx.query_one(&PURSES, &[]))
            .unwrap();
        let wrong = row.text(1).unwrap_err();
        assert!(
            matches!(wrong, StoreError::Corrupt { .. }) && !wrong.to_string().contains("4711"),
            "{wrong}"
        );
        assert!(matches!(row.int(2), Err(StoreError::Bug { .. })));
        assert!(!format!("{row:?}").contains("4711"));
    });
}
