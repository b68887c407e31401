//! What the platform logs, kept to be searched for secrets and for reports of bugs.

use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

static LINES: Mutex<Vec<(Level, String)>> = Mutex::new(Vec::new());
static RUNNING: Mutex<()> = Mutex::new(());
static LISTEN: Once = Once::new();

/// Runs in one process go one after the other: they share the log.
pub fn alone() -> MutexGuard<'static, ()> {
    LISTEN.call_once(|| {
        let _ = tracing::subscriber::set_global_default(Listener);
    });
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    drop(take());
    running
}

/// What was logged since.
pub fn take() -> Vec<(Level, String)> {
    std::mem::take(&mut *LINES.lock().unwrap_or_else(PoisonError::into_inner))
}

struct Listener;

struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut words = Words(String::new());
        event.record(&mut words);
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push((*event.metadata().level(), words.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
