//! `kill -9` of the one server, at random moments under load, sometimes again while it starts.

use super::{Broken, judged};
use crate::Failure;
use crate::chance::Chance;
use crate::load::Load;
use crate::planted::Bug;
use crate::site::{Engine, Site};
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

/// Of a hundred kills, so many are followed by another one while the server starts.
const AGAIN: usize = 12;
/// Of a hundred loads, so many see the test clock move on by a day.
const DAYS: usize = 30;

/// Kills so often, then lets everything come to an end.
pub(crate) async fn run(
    site: &mut Site,
    engine: Engine,
    chance: &mut Chance,
    kills: usize,
    broken: &mut Broken,
) -> Result<(), Failure> {
    site.start(0).await?;
    while broken.kills < kills {
        let days = i64::from(chance.percent(DAYS));
        let load = Load::begin(site, chance, days, false)?;
        tokio::time::sleep(chance.millis(120, 900)).await;
        site.kill(0);
        broken.kills = broken.kills.saturating_add(1);
        load.end().await?;
        if site.ground.bug == Some(Bug::AnswersBeforeCommit) && engine == Engine::Sqlite {
            forget_commits(&site.dir.join("countersign.db-wal"), 3)?;
        }
        if chance.percent(AGAIN) && broken.kills < kills {
            site.spawn(0)?;
            tokio::time::sleep(chance.millis(0, 200)).await;
            site.kill(0);
            broken.kills = broken.kills.saturating_add(1);
        }
        site.start(0).await?;
        judged(site, chance).await?;
    }
    // A last breath of load that nothing breaks: it goes on as if nothing had been.
    let load = Load::begin(site, chance, 0, false)?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    load.end().await?;
    crate::ending::quiet_down(site, chance).await
}

/// Cuts the last commits off a write-ahead log of SQLite, as a disk does that says "written" before it has.
fn forget_commits(log: &Path, count: usize) -> Result<(), Failure> {
    const HEADER: usize = 32;
    const FRAME: usize = 24 + 4_096;
    let bytes = fs::read(log)?;
    let salt = bytes.get(16..24).map(<[u8]>::to_vec);
    let mut commits = Vec::new();
    for (number, frame) in bytes.get(HEADER..).unwrap_or_default().chunks_exact(FRAME).enumerate() {
        // Behind the last frame there may be others of an earlier round.
        if frame.get(8..16).map(<[u8]>::to_vec) != salt {
            break;
        }
        if frame.get(4..8).is_some_and(|size| size != [0, 0, 0, 0]) {
            commits.push(number);
        }
    }
    let kept = commits
        .len()
        .checked_sub(count.saturating_add(1))
        .and_then(|at| commits.get(at));
    let length = kept.map_or(0, |number| HEADER + number.saturating_add(1) * FRAME);
    File::options().write(true).open(log)?.set_len(u64::try_from(length)?)?;
    let _ = fs::remove_file(log.with_extension("db-shm"));
    Ok(())
}
