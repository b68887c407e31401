//! PostgreSQL is killed with all its processes under load and started again; the server stays and has to find its way back by itself.

use super::{Broken, judged};
use crate::Failure;
use crate::chance::Chance;
use crate::load::Load;
use crate::site::Site;
use cluster::Cluster;
use std::time::Duration;

/// How often.
pub(crate) const TIMES: usize = 6;

/// Kills the database so often.
pub(crate) async fn run(
    site: &mut Site,
    cluster: &mut Cluster,
    chance: &mut Chance,
    broken: &mut Broken,
) -> Result<(), Failure> {
    site.start(0).await?;
    for _ in 0..TIMES {
        let days = i64::from(chance.percent(30));
        let load = Load::begin(site, chance, days, false)?;
        tokio::time::sleep(chance.millis(400, 1_500)).await;
        cluster.kill()?;
        broken.faults = broken.faults.saturating_add(1);
        tokio::time::sleep(chance.millis(0, 4_000)).await;
        cluster.restart()?;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        load.end().await?;
        judged(site, chance).await?;
    }
    crate::ending::quiet_down(site, chance).await
}
