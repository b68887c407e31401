//! The clocks of a measurement: time, and the processor time of threads by their names.

use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "a measuring program measures time; this is its one place"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Bytes of memory that this process holds. Unknown on systems without `/proc`.
pub(crate) fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibi: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibi.saturating_mul(1_024))
}

/// Processor time of the threads of this process so far.
#[derive(Debug, Default)]
pub(crate) struct Processor {
    /// By thread id: name and nanoseconds.
    threads: BTreeMap<u64, (String, u64)>,
}

impl Processor {
    /// Reads it. Empty on systems without `/proc`.
    pub(crate) fn read() -> Self {
        let mut threads = BTreeMap::new();
        for entry in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
            let Ok(id) = entry.file_name().to_string_lossy().parse() else {
                continue;
            };
            let read = |name: &str| fs::read_to_string(entry.path().join(name)).unwrap_or_default();
            let nanos = read("schedstat").split(' ').next().and_then(|first| first.parse().ok());
            if let Some(nanos) = nanos {
                threads.insert(id, (read("comm").trim().to_owned(), nanos));
            }
        }
        Self { threads }
    }

    /// What was spent since an earlier reading, in nanoseconds by thread name.
    pub(crate) fn since(&self, earlier: &Self) -> BTreeMap<String, u64> {
        let mut spent = BTreeMap::new();
        for (id, (name, nanos)) in &self.threads {
            let before = earlier.threads.get(id).map_or(0, |(_, nanos)| *nanos);
            let total: &mut u64 = spent.entry(name.clone()).or_default();
            *total = total.saturating_add(nanos.saturating_sub(before));
        }
        spent.retain(|_, nanos| *nanos > 0);
        spent
    }
}
