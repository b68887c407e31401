//! Server numbers: a leased row tells this process from every other on the same database.
//!
//! The number is part of every id that this process draws, so two living processes must never share one. A lease ends when it is
//! given back, or after a day of silence; whoever finds its lease gone stops writing.

use crate::desk::{Closure, Desk, Reply};
use crate::engine::clock::now_micros;
use crate::engine::session::{Isolation, Session};
use crate::engine::worker;
use crate::error::{OpenError, StoreError};
use crate::tx::{Sql, Tx, Value};
use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

/// How many numbers there are: ten bits of an id.
const NUMBERS: i64 = 1024;
/// Silence after which a number may be given to another: longer than any outage that a server sits out.
const SILENCE_MICROS: i64 = 24 * 3_600 * 1_000_000;
/// How often a server says that it lives.
const BEAT: Duration = Duration::from_secs(60);

static LIVING: Sql = Sql::both("SELECT number FROM servers WHERE seen_at >= $1 ORDER BY number");
static CLAIM: Sql = Sql::both(
    "INSERT INTO servers (number, claimed_at, seen_at, token) VALUES ($1, $2, $2, $3)
     ON CONFLICT (number) DO UPDATE SET claimed_at = excluded.claimed_at, seen_at = excluded.seen_at, token = excluded.token
     WHERE servers.seen_at < $4",
);
static RENEW: Sql = Sql::both("UPDATE servers SET seen_at = $3 WHERE number = $1 AND token = $2");
static GIVE_BACK: Sql = Sql::both("DELETE FROM servers WHERE number = $1 AND token = $2");

/// A claimed number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerNumber {
    pub(crate) number: i64,
    token: i64,
}

/// Claims the lowest number that is free, or whose server has been silent for a day.
pub(crate) fn claim(session: &mut dyn Session, token: i64) -> Result<ServerNumber, OpenError> {
    let claimed = worker::transact(session, Isolation::Serializable, "servers.claim", |session| {
        let now = now_micros();
        let silent = now.saturating_sub(SILENCE_MICROS);
        let rows = session.query(&LIVING, &[Value::Int(silent)])?;
        let living = rows
            .iter()
            .map(|row| row.int(0))
            .collect::<Result<BTreeSet<i64>, _>>()?;
        let Some(number) = (0..NUMBERS).find(|number| !living.contains(number)) else {
            return Ok(None);
        };
        let values = [
            Value::Int(number),
            Value::Int(now),
            Value::Int(token),
            Value::Int(silent),
        ];
        if session.execute(&CLAIM, &values)? != 1 {
            return Err(StoreError::bug("a server number that was free is not"));
        }
        Ok(Some(number))
    });
    match claimed {
        Ok(Some(number)) => Ok(ServerNumber { number, token }),
        Ok(None) => Err(OpenError::NoServerNumber {
            count: NUMBERS.unsigned_abs(),
        }),
        Err(source) => Err(OpenError::Start { source }),
    }
}

/// The thread that renews the lease until it is told to give the number back.
pub(crate) struct Heartbeat {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Heartbeat {
    pub(crate) fn start(desk: Arc<Desk>, server: ServerNumber) -> std::io::Result<Self> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("store-heartbeat".to_owned())
            .spawn(move || {
                while !sleep(&stopped) {
                    beat(&desk, server);
                }
                if let Err(error) = run(&desk, "servers.give_back", move |tx| give_back(tx, server)) {
                    tracing::warn!("the server number could not be given back: {error}");
                }
            })?;
        Ok(Self {
            stop,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Gives the number back and ends the thread. The desk must still be served.
    pub(crate) fn end(&self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            drop(thread.join());
        }
    }
}

/// Waits for the next beat; true when the thread is to end instead.
fn sleep(stop: &(Mutex<bool>, Condvar)) -> bool {
    let stopped = stop.0.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = stop.1.wait_timeout_while(stopped, BEAT, |stopped| !*stopped);
    *waited.unwrap_or_else(PoisonError::into_inner).0
}

fn beat(desk: &Desk, server: ServerNumber) {
    match run(desk, "servers.renew", move |tx| renew(tx, server)) {
        Ok(true) => {}
        Ok(false) => {
            tracing::error!(
                "server number {} was given to another server; this one no longer writes",
                server.number
            );
            let what = "this server was silent for a day and lost its number; restart it";
            desk.refuse(StoreError::unavailable(what));
        }
        Err(error) => tracing::warn!(
            "the lease of server number {} could not be renewed: {error}",
            server.number
        ),
    }
}

fn renew(tx: &mut dyn Tx, server: ServerNumber) -> Result<bool, StoreError> {
    let values = [
        Value::Int(server.number),
        Value::Int(server.token),
        Value::Int(now_micros()),
    ];
    Ok(tx.execute(&RENEW, &values)? == 1)
}

fn give_back(tx: &mut dyn Tx, server: ServerNumber) -> Result<(), StoreError> {
    tx.execute(&GIVE_BACK, &[Value::Int(server.number), Value::Int(server.token)])
        .map(drop)
}

fn run<T: Send + 'static>(
    desk: &Desk,
    name: &'static str,
    work: impl FnMut(&mut dyn Tx) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (reply, answer) = mpsc::sync_channel(1);
    desk.put(Box::new(Closure::new(
        name,
        Isolation::Serializable,
        work,
        Reply::Thread(reply),
    )));
    answer.recv().unwrap_or_else(|_| Err(crate::lane::no_answer()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Store, StoreConfig};

    #[test]
    fn a_server_whose_number_was_given_away_writes_no_more() {
        let store = Store::open(StoreConfig::new("sqlite::memory:", &[])).unwrap();
        let desk = &store.threads.writes;
        let write = || {
            run(desk, "test", |tx| {
                tx.query(&LIVING, &[Value::Int(0)]).map(|rows| rows.len())
            })
        };
        assert_eq!(write(), Ok(1));
        beat(desk, ServerNumber { number: 0, token: 0 });
        let refused = write().unwrap_err();
        assert!(refused.to_string().contains("lost its number"), "{refused}");
    }
}
