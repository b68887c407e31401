//! What goes wrong at the transactions of one server, and where its threads are held up.
//!
//! One hook belongs to one life of a server. When that life ends nothing more of it may reach the database, as after `kill -9`.

use crate::action::Form;
use crate::planted::Bug;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use store::{Fate, Faults, StoreError};
use tokio::sync::mpsc::UnboundedSender;

/// Something that is held up until it is let go.
#[derive(Debug)]
pub struct Held {
    release: mpsc::Sender<()>,
    /// Whether the server's writer is held up, so that the server can do nothing else.
    pub stalls: bool,
}

impl Held {
    /// Lets it go on.
    pub fn release(self) {
        let _ = self.release.send(());
    }
}

/// Where threads say that they are held up.
pub type Signal = UnboundedSender<Held>;

/// Holds the calling thread up until the scenario lets it go.
pub fn hold(signal: &Signal, stalls: bool) {
    let (release, until) = mpsc::channel();
    if signal.send(Held { release, stalls }).is_ok() {
        let _ = until.recv();
    }
}

/// The hook of one life of a server.
pub struct Hook {
    dead: AtomicBool,
    fired: AtomicBool,
    commits: AtomicU64,
    armed: Mutex<Vec<(u64, Form)>>,
    current: Mutex<Option<Form>>,
    signal: Signal,
    bug: Option<Bug>,
}

impl Hook {
    /// A hook that lets everything pass.
    pub fn new(signal: Signal, bug: Option<Bug>) -> Arc<Self> {
        Arc::new(Self {
            dead: AtomicBool::new(false),
            fired: AtomicBool::new(false),
            commits: AtomicU64::new(0),
            armed: Mutex::default(),
            current: Mutex::default(),
            signal,
            bug,
        })
    }

    /// Makes the transaction that comes after so many others go wrong.
    pub fn arm(&self, after: u64, form: Form) {
        let at = self.commits.load(Ordering::Relaxed) + after;
        self.armed.lock().expect("no panic").push((at, form));
    }

    /// Whatever is armed is not any more.
    pub fn calm(&self) {
        self.armed.lock().expect("no panic").clear();
    }

    /// From now on nothing reaches the database.
    pub fn die(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    /// Whether this life is over.
    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Whether anything went wrong since this was asked last.
    pub fn fired(&self) -> bool {
        self.fired.swap(false, Ordering::Relaxed)
    }

    /// Writing transactions so far.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

fn gone(outcome_known: bool) -> StoreError {
    StoreError::Unavailable {
        what: "the simulator has ended this server".into(),
        outcome_known,
    }
}

impl Faults for Hook {
    fn begin(&self, name: &'static str, writing: bool) -> Result<(), StoreError> {
        if self.is_dead() {
            return Err(gone(true));
        }
        // What a store does by itself happens in real time, which is no part of a run.
        if !writing || name.starts_with("servers.") {
            return Ok(());
        }
        let number = self.commits.fetch_add(1, Ordering::Relaxed);
        let form = {
            let mut armed = self.armed.lock().expect("no panic");
            let place = armed.iter().position(|(at, _)| *at == number);
            place.map(|place| armed.remove(place).1)
        };
        *self.current.lock().expect("no panic") = form;
        if form.is_some() {
            self.fired.store(true, Ordering::Relaxed);
        }
        match form {
            Some(Form::Full) => Err(StoreError::Full),
            Some(Form::Stalls) => {
                hold(&self.signal, true);
                if self.is_dead() { Err(gone(true)) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    fn commit(&self, name: &'static str) -> Fate {
        if name.starts_with("servers.") {
            return if self.is_dead() { Fate::Fail } else { Fate::Commit };
        }
        let form = self.current.lock().expect("no panic").take();
        match form {
            Some(Form::Fails) => Fate::Fail,
            Some(Form::Unanswered) => Fate::Lose,
            Some(Form::Twice) => Fate::Again,
            Some(Form::DiesBefore) => {
                self.die();
                if self.bug == Some(Bug::AnswersBeforeCommit) {
                    Fate::Pretend
                } else {
                    Fate::Fail
                }
            }
            Some(Form::DiesAfter) => {
                self.die();
                Fate::Lose
            }
            Some(Form::Full | Form::Stalls) | None => Fate::Commit,
        }
    }

    fn text(&self, text: &'static str) -> Option<String> {
        self.bug.and_then(|bug| bug.rewritten(text))
    }

    fn planted(&self, bug: &'static str) -> bool {
        self.bug.is_some_and(|planted| planted.name() == bug)
    }
}
