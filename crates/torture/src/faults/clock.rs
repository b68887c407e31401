//! The clock of the server's process is moved, both ways, while it runs and while it is down. A few lines of C (`clock.c`), compiled for
//! the occasion, stand between the process and the system's clock and read from a file how far to move it. Applications follow the
//! server's clock when they sign, or they would only be refused.

use super::{Broken, judged};
use crate::Failure;
use crate::chance::Chance;
use crate::load::Load;
use crate::site::Site;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

const SOURCE: &str = include_str!("clock.c");
/// Seconds against the real clock, one after the other.
const MOVES: &[i64] = &[5, -5, 90, -90, 3_600, -3_600, 86_400, 0, -86_400, 0];

/// Compiles what moves clocks. An error says why that is not possible here.
pub(crate) fn mover(site: &Site) -> Result<PathBuf, String> {
    let (source, library) = (site.dir.join("clock.c"), site.dir.join("clock.so"));
    let written = std::fs::write(&source, SOURCE);
    written.map_err(|error| format!("`{}` cannot be written: {error}", source.display()))?;
    let mut compile = Command::new("cc");
    compile
        .args(["-shared", "-fPIC", "-O2", "-o"])
        .arg(&library)
        .arg(&source);
    match compile.stdin(Stdio::null()).output() {
        Ok(done) if done.status.success() => Ok(library),
        Ok(done) => Err(format!("`cc` said: {}", String::from_utf8_lossy(&done.stderr))),
        Err(_) => Err("there is no C compiler `cc` (Debian: apt-get install gcc)".to_owned()),
    }
}

/// Makes the site's servers see a clock that can be moved.
pub(crate) fn prepare(site: &mut Site, mover: &Path) -> Result<(), Failure> {
    move_to(site, 0)?;
    site.environment = [("LD_PRELOAD", mover), ("TORTURE_CLOCK", &clock_file(site))]
        .into_iter()
        .map(|(name, path)| (name.to_owned(), path.display().to_string()))
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
        // Work that comes under the moved clock.
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
    // Written over and not replaced: the process has this very file in its memory.
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .open(clock_file(site))?;
    file.write_all(&seconds.to_ne_bytes())?;
    site.witness.clock_ahead.store(seconds, Ordering::Relaxed);
    Ok(())
}

fn clock_file(site: &Site) -> PathBuf {
    site.dir.join("clock")
}
