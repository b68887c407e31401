//! The clock of the server's process is moved, both ways, while it runs and while it is down. libfaketime stands between the process and
//! the system's clock and reads from a file how far to move it; timers go on undisturbed, as they do when an administrator sets the
//! clock. Applications follow the server's clock when they sign, or they would only be refused.

use super::{Broken, judged};
use crate::Failure;
use crate::chance::Chance;
use crate::load::Load;
use crate::site::Site;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

const LIBRARY: &str = "faketime/libfaketimeMT.so.1";
/// Seconds against the real clock, one after the other.
const MOVES: &[i64] = &[5, -5, 90, -90, 3_600, -3_600, 86_400, 0, -86_400, 0];

/// The library that moves clocks, if it is installed.
pub(crate) fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut found = folders.map(|folder| folder.path().join(LIBRARY));
    found.find(|library| library.is_file())
}

/// Makes the site's servers see a clock that can be moved.
pub(crate) fn prepare(site: &mut Site, library: &Path) -> Result<(), Failure> {
    let file = clock_file(site);
    std::fs::write(&file, "+0s")?;
    let environment = [
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
        // Seconds after which it looks at the file again.
        ("FAKETIME_CACHE_DURATION", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ("DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    site.environment = environment
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Ok(())
}

/// Moves the clock; every third time the server is killed and started again in the moved time.
pub(crate) async fn run(site: &mut Site, chance: &mut Chance, broken: &mut Broken) -> Result<(), Failure> {
    site.start(0).await?;
    for (time, seconds) in MOVES.iter().enumerate() {
        let load = Load::begin(site, chance, 0, true)?;
        tokio::time::sleep(chance.millis(300, 700)).await;
        move_to(site, *seconds)?;
        broken.faults = broken.faults.saturating_add(1);
        // The process sees it after a second at the latest.
        tokio::time::sleep(chance.millis(1_200, 1_800)).await;
        if time % 3 == 2 {
            site.kill(0);
            broken.kills = broken.kills.saturating_add(1);
            load.end().await?;
            site.start(0).await?;
        } else {
            load.end().await?;
        }
        judged(site, chance).await?;
    }
    // Leases that were taken in the time ahead end.
    tokio::time::sleep(Duration::from_millis(500)).await;
    crate::ending::quiet_down(site, chance).await
}

fn move_to(site: &Site, seconds: i64) -> Result<(), Failure> {
    // Never half a line: the process reads it while it runs.
    let (file, beside) = (clock_file(site), clock_file(site).with_extension("new"));
    std::fs::write(&beside, format!("{seconds:+}s"))?;
    std::fs::rename(beside, file)?;
    site.witness.clock_ahead.store(seconds, Ordering::Relaxed);
    Ok(())
}

fn clock_file(site: &Site) -> PathBuf {
    site.dir.join("clock")
}
