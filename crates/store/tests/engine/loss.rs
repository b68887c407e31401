//! Connections to PostgreSQL that break: before a commit everything is done again, during a commit nobody knows.

use crate::support::{ADD_PURSE, Place, add_purse, admin, purses};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use store::{Sql, Store, StoreConfig, StoreError, Value};

#[test]
fn connections_that_the_server_ended_are_made_again() {
    let Some(place) = Place::postgres() else { return };
    let store = place.open();
    for id in 0..8 {
        let name = place.schema.as_deref().unwrap();
        admin(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
        ));
        assert_eq!(add_purse(&store, id, 0), Ok(1));
        assert_eq!(purses(&store).len(), usize::try_from(id).unwrap() + 1);
    }
}

#[test]
fn a_connection_lost_in_the_middle_runs_the_closure_again_from_the_start() {
    static END: Sql = Sql::both("SELECT CAST(pg_terminate_backend(pg_backend_pid()) AS TEXT)");
    let Some(place) = Place::postgres() else { return };
    let store = place.open();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let stored = store.write_blocking("test.lost", move |tx| {
        tx.execute(&ADD_PURSE, &[Value::Int(1), Value::Int(0)])?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            tx.query(&END, &[])?;
        }
        Ok::<_, StoreError>(())
    });
    assert_eq!(stored, Ok(()));
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(purses(&store), [(1, 0)]);
}

#[test]
fn a_lost_answer_to_a_commit_is_unknown_and_the_closure_is_not_run_again() {
    let Some(place) = Place::postgres() else { return };
    let cut = Arc::new(AtomicBool::new(false));
    let proxy = proxy_that_cuts_after_commit(&place, Arc::clone(&cut));
    let store = Store::open(StoreConfig {
        writers: 1,
        ..StoreConfig::new(proxy, &crate::support::MIGRATIONS)
    })
    .unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    cut.store(true, Ordering::SeqCst);
    let stored = store.write_blocking("test.unknown", move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        tx.execute(&ADD_PURSE, &[Value::Int(1), Value::Int(0)])
    });
    cut.store(false, Ordering::SeqCst);
    assert!(
        matches!(
            stored,
            Err(StoreError::Unavailable {
                outcome_known: false,
                ..
            })
        ),
        "{stored:?}"
    );
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    // The server did commit; whoever asked has to look.
    crate::support::wait_until("the commit is visible", || purses(&store) == [(1, 0)]);
    assert_eq!(add_purse(&store, 2, 0), Ok(1));
}

#[test]
fn a_server_that_stays_away_is_reported_and_found_again_when_it_is_back() {
    let Some(place) = Place::postgres() else { return };
    let away = Arc::new(AtomicBool::new(false));
    let proxy = proxy(&place, Arc::new(AtomicBool::new(false)), Arc::clone(&away));
    let store = Store::open(StoreConfig {
        writers: 1,
        ..StoreConfig::new(proxy, &crate::support::MIGRATIONS)
    })
    .unwrap();
    add_purse(&store, 1, 0).unwrap();
    away.store(true, Ordering::SeqCst);
    let name = place.schema.as_deref().unwrap();
    admin(&format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
    ));
    for id in 2..6 {
        let refused = add_purse(&store, id, 0);
        assert!(
            matches!(
                refused,
                Err(StoreError::Unavailable {
                    outcome_known: true,
                    ..
                })
            ),
            "{refused:?}"
        );
    }
    away.store(false, Ordering::SeqCst);
    crate::support::wait_until("the server is back", || add_purse(&store, 9, 0).is_ok());
    assert_eq!(purses(&store), [(1, 0), (9, 0)]);
}

fn proxy_that_cuts_after_commit(place: &Place, cut: Arc<AtomicBool>) -> String {
    proxy(place, cut, Arc::new(AtomicBool::new(false)))
}

/// A way to the server that can lose the answers to commits, and can be closed to new connections. Gives its URL.
fn proxy(place: &Place, cut: Arc<AtomicBool>, away: Arc<AtomicBool>) -> String {
    let (head, tail) = place.url.split_once("://").unwrap();
    let (authority, rest) = tail.split_once('/').unwrap();
    let (user, address) = authority.rsplit_once('@').unwrap();
    let server: SocketAddr = address.replace("localhost", "127.0.0.1").parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("{head}://{user}@{}/{rest}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            if away.load(Ordering::SeqCst) {
                continue;
            }
            let upstream = TcpStream::connect(server).unwrap();
            let (answers, back) = (upstream.try_clone().unwrap(), client.try_clone().unwrap());
            let cut = Arc::clone(&cut);
            std::thread::spawn(move || forward(client, upstream, &cut));
            std::thread::spawn(move || forward(answers, back, &AtomicBool::new(false)));
        }
    });
    url
}

/// Copies bytes; once `cut` is set, a COMMIT is the last thing that is passed on, and its answer goes nowhere.
fn forward(mut from: TcpStream, mut to: TcpStream, cut: &AtomicBool) {
    let mut buffer = vec![0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let commits = buffer[..count].windows(6).any(|bytes| bytes == b"COMMIT") && cut.load(Ordering::SeqCst);
        if commits {
            from.shutdown(Shutdown::Both).unwrap();
        }
        if to.write_all(&buffer[..count]).is_err() || commits {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Write));
    drop(from.shutdown(Shutdown::Read));
}
