//! Under which conditions was measured: a figure without them says nothing.

use crate::Failure;
use crate::args::Args;
use crate::house::SystemClock;
use flow::platform::Clock;
use std::fs;
use std::path::Path;
use std::thread;
use store::{MIGRATIONS, Sql, Store, StoreConfig, StoreError};

/// What stands in a report about the machine and the run: name and value.
pub(crate) type Conditions = Vec<(&'static str, String)>;

/// Everything that can be known; what the system does not tell is said to be unknown.
pub(crate) fn read(args: &Args) -> Result<Conditions, Failure> {
    let build = if cfg!(debug_assertions) {
        "debug build: its figures say nothing about the product"
    } else {
        "release build"
    };
    let mut conditions = vec![
        ("date", SystemClock.now().date().to_string()),
        ("countersign", format!("{}, {build}", env!("CARGO_PKG_VERSION"))),
        ("processor", known(after("/proc/cpuinfo", "model name"))),
        (
            "processors",
            known(thread::available_parallelism().ok().map(|count| count.to_string())),
        ),
        ("memory", known(after("/proc/meminfo", "MemTotal"))),
        ("kernel", known(fs::read_to_string("/proc/sys/kernel/osrelease").ok())),
        ("file system of the databases", known(file_system(&args.dir))),
        (
            "SQLite",
            format!(
                "{}, write-ahead log, synchronous=FULL: every answer is durable",
                rusqlite::version()
            ),
        ),
    ];
    let postgres = match &args.postgres {
        Some(url) => said_by_postgres(url)?,
        None => "not measured".to_owned(),
    };
    conditions.push(("PostgreSQL", postgres));
    conditions.push(("rounds", args.rounds().to_string()));
    conditions.push(("seconds of one measurement", args.span().as_secs().to_string()));
    conditions.push((
        "load",
        "in the same process on the same processors, PostgreSQL beside it on the same machine".to_owned(),
    ));
    Ok(conditions)
}

fn known(told: Option<String>) -> String {
    told.map(|told| told.trim().to_owned())
        .filter(|told| !told.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The first value of a name in a file of lines such as `name : value`.
fn after(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

/// The type of the file system that a folder is on.
fn file_system(dir: &Path) -> Option<String> {
    let dir = dir.canonicalize().ok()?;
    mounted(&fs::read_to_string("/proc/self/mounts").ok()?, &dir)
}

/// Lines of `device place type options …`; the longest place that holds the folder counts, and of two the later one.
fn mounted(mounts: &str, dir: &Path) -> Option<String> {
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    mounts
        .filter(|(place, _)| dir.starts_with(place))
        .max_by_key(|(place, _)| place.len())
        .map(|(_, kind)| kind.to_owned())
}

/// Version and durability. Asked in a schema of its own, because a store brings its tables along.
fn said_by_postgres(url: &str) -> Result<String, Failure> {
    static SETTINGS: Sql = Sql::both(
        "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit'),
           current_setting('shared_buffers')",
    );
    let scratch = store::Scratch::create(url, &format!("conditions_{}", std::process::id()))?;
    let store = Store::open(StoreConfig::new(scratch.url(), MIGRATIONS))?;
    let said = tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
        let said = store.read("settings", |tx| -> Result<_, StoreError> {
            tx.query(&SETTINGS, &[])?
                .first()
                .map_or(Ok("unknown".to_owned()), |row| {
                    let (version, fsync, commit, buffers) = (row.text(0)?, row.text(1)?, row.text(2)?, row.text(3)?);
                    Ok(format!(
                        "{version}, fsync={fsync}, synchronous_commit={commit}, shared_buffers={buffers}"
                    ))
                })
        });
        let said = said.await;
        store.close().await;
        said
    });
    Ok(said?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_file_system_counts() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /data tmpfs rw 0 0\n/dev/b /data/disk xfs rw 0 0\n";
        let kind = |dir: &str| mounted(mounts, Path::new(dir));
        assert_eq!(kind("/data/disk/bench").as_deref(), Some("xfs"));
        assert_eq!(kind("/database").as_deref(), Some("ext4"));
        assert_eq!(mounted("", Path::new("/data")), None);
    }

    #[test]
    fn what_is_not_told_is_unknown() {
        assert_eq!(known(None), "unknown");
        assert_eq!(known(Some("\n".to_owned())), "unknown");
        assert_eq!(known(Some(" Xeon \n".to_owned())), "Xeon");
    }
}
