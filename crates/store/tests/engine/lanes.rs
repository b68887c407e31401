//! Lanes on both engines: slices, batches, faults of one among many, full queues, closing.

use crate::support::{BusyWriters, Place, add_purse, on_both_engines, purses, runtime, wait_until};
use std::sync::{Arc, Mutex};
use store::{Batch, Column, Lane, LaneError, LaneHandle, Store, StoreError, Tx, Value};
use vocab::limits;

static ADD_NEW: Batch = Batch {
    each: "INSERT INTO purses (id, balance) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING id",
    arrays: "INSERT INTO purses (id, balance) SELECT id, $2 FROM UNNEST($1::BIGINT[]) AS new (id)
             ON CONFLICT (id) DO NOTHING RETURNING id",
};
static ADD_NOTES: Batch = Batch {
    each: "INSERT INTO notes (id, note, body) VALUES ($1, $2, $3)",
    arrays: "INSERT INTO notes (id, note, body) SELECT * FROM UNNEST($1::BIGINT[], $2::TEXT[], $3::BYTEA[])",
};
static NOTES: store::Sql = store::Sql::both("SELECT id, note, body FROM notes ORDER BY id");

/// The id of a request that the lane cannot write.
const BAD: i64 = 13;
/// The id of a request at which the lane panics.
const PANIC: i64 = 14;
/// The id of a request that finds somebody faster the first times that it is run.
const SLOW: i64 = 15;

/// Creates purses; says whether each is new. Remembers how long its slices were.
#[derive(Clone, Default)]
struct NewPurses {
    slices: Arc<Mutex<Vec<usize>>>,
}

impl Lane for NewPurses {
    const NAME: &'static str = "test.purses";
    type Request = i64;
    type Outcome = bool;

    fn run(&self, tx: &mut dyn Tx, slice: &[i64]) -> Result<Vec<bool>, StoreError> {
        self.slices
            .lock()
            .map_err(|_| StoreError::bug("poisoned"))?
            .push(slice.len());
        let rows = tx.query_many(&ADD_NEW, &[Column::Int(slice), Column::Same(Value::Int(5))])?;
        let mut new = rows
            .iter()
            .map(|row| row.int(0))
            .collect::<Result<std::collections::BTreeSet<_>, _>>()?;
        assert!(!slice.contains(&PANIC), "this panics on purpose");
        if slice.contains(&SLOW) && self.slices.lock().map_err(|_| StoreError::bug("poisoned"))?.len() < 4 {
            return Err(StoreError::Conflict {
                what: "somebody was faster".into(),
            });
        }
        if slice.contains(&BAD) {
            return Err(StoreError::bug("a bad request"));
        }
        Ok(slice.iter().map(|id| new.remove(id)).collect())
    }
}

fn writers(place: &Place) -> usize {
    if place.is_sqlite() { 1 } else { 2 }
}

/// Submits all requests while the writers are busy and gives the answers in order.
fn submit_together(
    place: &Place,
    store: &Store,
    lane: &LaneHandle<NewPurses>,
    ids: impl Iterator<Item = i64>,
) -> Vec<Result<bool, LaneError>> {
    runtime().block_on(async {
        let busy = BusyWriters::hold(store, writers(place));
        let tasks: Vec<_> = ids
            .map(|id| {
                let lane = lane.clone();
                tokio::spawn(async move { lane.submit(id).await })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        busy.release();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap_or(Err(LaneError::Full)));
        }
        answers
    })
}

#[test]
fn a_slice_that_finds_somebody_faster_runs_again_also_when_it_has_one_request() {
    on_both_engines(|place| {
        let store = place.open();
        let lane = store.open_lane(NewPurses::default());
        assert_eq!(lane.submit_blocking(SLOW), Ok(true));
        assert_eq!(lane.submit_blocking(SLOW), Ok(false));
    });
}

#[test]
fn requests_that_wait_together_are_taken_together() {
    on_both_engines(|place| {
        let store = place.open();
        let lane = NewPurses::default();
        let handle = store.open_lane(lane.clone());
        let answers = submit_together(place, &store, &handle, (100..170).chain([100, 100]));
        assert_eq!(answers.iter().filter(|answer| **answer == Ok(true)).count(), 70);
        assert_eq!(answers.iter().filter(|answer| **answer == Ok(false)).count(), 2);
        assert_eq!(purses(&store), (100..170).map(|id| (id, 5)).collect::<Vec<_>>());
        let mut slices = lane.slices.lock().unwrap().clone();
        slices.sort_unstable();
        assert_eq!(slices, [72 - limits::SLICE_MAX, limits::SLICE_MAX]);
    });
}

#[test]
fn a_request_that_cannot_be_written_harms_only_itself() {
    on_both_engines(|place| {
        let store = place.open();
        let handle = store.open_lane(NewPurses::default());
        let neighbour = {
            let (store, busy) = (store.clone(), BusyWriters::hold(&store, writers(place)));
            let neighbour = std::thread::spawn(move || add_purse(&store, 1_000, 0));
            std::thread::sleep(std::time::Duration::from_millis(50));
            busy.release();
            neighbour
        };
        let answers = submit_together(place, &store, &handle, 0..30);
        for (id, answer) in (0_i64..).zip(answers) {
            match id {
                BAD => assert!(
                    matches!(answer, Err(LaneError::Failed(StoreError::Bug { .. }))),
                    "{answer:?}"
                ),
                PANIC => assert!(
                    matches!(answer, Err(LaneError::Failed(StoreError::Bug { .. }))),
                    "{answer:?}"
                ),
                _ => assert_eq!(answer, Ok(true), "{id}"),
            }
        }
        assert_eq!(neighbour.join().unwrap(), Ok(1));
        let kept: Vec<_> = (0..30)
            .filter(|id| ![BAD, PANIC].contains(id))
            .map(|id| (id, 5))
            .chain([(1_000, 0)])
            .collect();
        assert_eq!(purses(&store), kept);
    });
}

#[test]
fn a_failing_slice_does_not_harm_closures_of_the_same_commit() {
    on_both_engines(|place| {
        let store = place.open();
        let handle = store.open_lane(NewPurses::default());
        let busy = BusyWriters::hold(&store, writers(place));
        let closures: Vec<_> = (100..110)
            .map(|id| {
                let store = store.clone();
                std::thread::spawn(move || add_purse(&store, id, 1))
            })
            .collect();
        let lane = std::thread::spawn(move || handle.submit_blocking(BAD));
        std::thread::sleep(std::time::Duration::from_millis(50));
        busy.release();
        for closure in closures {
            assert_eq!(closure.join().unwrap(), Ok(1));
        }
        assert!(matches!(lane.join().unwrap(), Err(LaneError::Failed(_))));
        assert_eq!(purses(&store).len(), 10);
    });
}

#[test]
fn a_lane_that_gives_too_few_outcomes_stores_nothing() {
    struct Short;
    impl Lane for Short {
        const NAME: &'static str = "test.short";
        type Request = i64;
        type Outcome = ();

        fn run(&self, tx: &mut dyn Tx, slice: &[i64]) -> Result<Vec<()>, StoreError> {
            tx.query_many(&ADD_NEW, &[Column::Int(slice), Column::Same(Value::Int(0))])?;
            Ok(Vec::new())
        }
    }
    on_both_engines(|place| {
        let store = place.open();
        let answer = store.open_lane(Short).submit_blocking(1);
        assert!(
            matches!(answer, Err(LaneError::Failed(StoreError::Bug { .. }))),
            "{answer:?}"
        );
        assert_eq!(purses(&store), []);
    });
}

#[test]
fn a_full_queue_refuses_and_loses_nothing() {
    on_both_engines(|place| {
        let store = place.open();
        let handle = store.open_lane(NewPurses::default());
        let stored = runtime().block_on(async {
            let busy = BusyWriters::hold(&store, writers(place));
            let (counted, mut full) = tokio::sync::mpsc::unbounded_channel();
            let count = i64::try_from(limits::QUEUE_MAX).unwrap() + 50;
            let tasks: Vec<_> = (0..count)
                .map(|id| {
                    let (handle, counted) = (handle.clone(), counted.clone());
                    tokio::spawn(async move {
                        let answer = handle.submit(id + 1_000).await;
                        if answer == Err(LaneError::Full) {
                            counted.send(()).unwrap();
                        }
                        answer
                    })
                })
                .collect();
            for _ in 0..50 {
                full.recv().await.unwrap();
            }
            busy.release();
            let mut stored = 0;
            for task in tasks {
                stored += usize::from(task.await.unwrap() == Ok(true));
            }
            stored
        });
        assert_eq!(stored, limits::QUEUE_MAX);
        assert_eq!(purses(&store).len(), limits::QUEUE_MAX);
    });
}

#[test]
fn closing_finishes_what_waits_and_refuses_the_rest() {
    on_both_engines(|place| {
        let store = place.open();
        let handle = store.open_lane(NewPurses::default());
        let waiting: Vec<_> = (100..140)
            .map(|id| {
                let handle = handle.clone();
                std::thread::spawn(move || handle.submit_blocking(id))
            })
            .collect();
        wait_until("all are stored", || purses(&store).len() == 40);
        let busy = BusyWriters::hold(&store, writers(place));
        let last = {
            let handle = handle.clone();
            std::thread::spawn(move || handle.submit_blocking(200))
        };
        std::thread::sleep(std::time::Duration::from_millis(50));
        let closing = {
            let store = store.clone();
            std::thread::spawn(move || runtime().block_on(store.close()))
        };
        std::thread::sleep(std::time::Duration::from_millis(50));
        busy.release();
        assert_eq!(last.join().unwrap(), Ok(true));
        closing.join().unwrap();
        for one in waiting {
            assert_eq!(one.join().unwrap(), Ok(true));
        }
        assert_eq!(handle.submit_blocking(300), Err(LaneError::Failed(StoreError::Closed)));
        assert_eq!(add_purse(&store, 300, 0), Err(StoreError::Closed));
        drop((store, handle));
        assert_eq!(purses(&place.open()).len(), 41);
    });
}

#[test]
fn columns_of_every_type_are_written_for_many_rows() {
    on_both_engines(|place| {
        let store = place.open();
        let rows = store.write_blocking("test.columns", |tx| {
            let (texts, bytes) = (["a", "b"], [&[1_u8][..], &[][..]]);
            let columns = [Column::Int(&[1, 2]), Column::Text(&texts), Column::Blob(&bytes)];
            assert_eq!(tx.execute_many(&ADD_NOTES, &columns)?, 2);
            let (texts, bytes) = ([None, Some("d")], [Some(&[2_u8][..]), None]);
            let columns = [Column::Int(&[3, 4]), Column::OptText(&texts), Column::OptBlob(&bytes)];
            assert_eq!(tx.execute_many(&ADD_NOTES, &columns)?, 2);
            let none = [Column::Int(&[]), Column::Text(&[]), Column::Blob(&[])];
            assert_eq!(tx.execute_many(&ADD_NOTES, &none)?, 0);
            tx.query(&NOTES, &[])
        });
        let rows = rows.unwrap();
        let found: Vec<_> = rows
            .iter()
            .map(|row| (row.opt_text(1).unwrap(), row.opt_blob(2).unwrap()))
            .collect();
        let expected = [
            (Some("a"), Some(&[1_u8][..])),
            (Some("b"), Some(&[][..])),
            (None, Some(&[2_u8][..])),
            (Some("d"), None),
        ];
        assert_eq!(found, expected);
        let unequal = store.write_blocking("test.unequal", |tx| {
            tx.execute_many(
                &ADD_NOTES,
                &[
                    Column::Int(&[7, 8]),
                    Column::Text(&["x"]),
                    Column::OptBlob(&[None, None]),
                ],
            )
        });
        assert!(matches!(unequal, Err(StoreError::Bug { .. })), "{unequal:?}");
    });
}
