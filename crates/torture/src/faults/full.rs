//! The disk under the database becomes full under load, and has room again later. SQLite: its server lives on; once it is killed while
//! nothing can be written. PostgreSQL: it may stop by itself, and is started again.

use super::{Broken, judged};
use crate::Failure;
use crate::chance::Chance;
use crate::disk::Small;
use crate::load::Load;
use crate::report::Violation;
use crate::site::Site;
use cluster::Cluster;
use std::time::Duration;

/// How often.
pub(crate) const TIMES: usize = 4;
/// MiB of the disk, by engine.
pub(crate) const SQLITE_MEGABYTES: u32 = 64;
pub(crate) const POSTGRES_MEGABYTES: u32 = 400;

/// Fills the disk of a SQLite site so often; every second time the server is killed while it is full.
pub(crate) async fn sqlite(site: &mut Site, chance: &mut Chance, broken: &mut Broken) -> Result<(), Failure> {
    site.start(0).await?;
    for time in 0..TIMES {
        let load = Load::begin(site, chance, 0, false)?;
        tokio::time::sleep(chance.millis(300, 900)).await;
        disk(site)?.fill()?;
        broken.faults = broken.faults.saturating_add(1);
        tokio::time::sleep(chance.millis(800, 2_500)).await;
        if time % 2 == 1 {
            site.kill(0);
            broken.kills = broken.kills.saturating_add(1);
        }
        disk(site)?.free()?;
        if time % 2 == 1 {
            load.end().await?;
            site.start(0).await?;
        } else {
            goes_on(site).await?;
            load.end().await?;
        }
        judged(site, chance).await?;
    }
    crate::ending::quiet_down(site, chance).await
}

/// Fills the disk of a PostgreSQL so often.
pub(crate) async fn postgres(
    site: &mut Site,
    cluster: &mut Cluster,
    small: &Small,
    chance: &mut Chance,
    broken: &mut Broken,
) -> Result<(), Failure> {
    site.start(0).await?;
    for _ in 0..TIMES {
        let load = Load::begin(site, chance, 0, false)?;
        tokio::time::sleep(chance.millis(300, 900)).await;
        small.fill()?;
        broken.faults = broken.faults.saturating_add(1);
        tokio::time::sleep(chance.millis(1_500, 4_000)).await;
        small.free()?;
        // Without room for its log it ends itself; whoever watches over it starts it again.
        if !cluster.is_running() {
            cluster.kill()?;
            cluster.restart()?;
        }
        goes_on(site).await?;
        load.end().await?;
        judged(site, chance).await?;
    }
    crate::ending::quiet_down(site, chance).await
}

/// Under the load that still runs, payments are taken in again.
async fn goes_on(site: &Site) -> Result<(), Failure> {
    let before = site.witness.acknowledged();
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if site.witness.acknowledged() > before.saturating_add(3) {
            return Ok(());
        }
    }
    Violation::fail(
        "the server takes payments in again by itself when the disk has room",
        "it does not within ten seconds",
    )
}

fn disk(site: &Site) -> Result<&Small, Failure> {
    site.disk().ok_or_else(|| "the site has no small disk".into())
}
