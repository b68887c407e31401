//! Three servers on one PostgreSQL, one of them killed at a time while the others go on.

use super::{Broken, judged};
use crate::Failure;
use crate::chance::Chance;
use crate::load::Load;
use crate::site::Site;
use std::time::Duration;

/// How many.
pub(crate) const SERVERS: usize = 3;
/// How often one is killed.
pub(crate) const TIMES: usize = 12;

/// Kills one after the other.
pub(crate) async fn run(site: &mut Site, chance: &mut Chance, broken: &mut Broken) -> Result<(), Failure> {
    site.start_all().await?;
    for _ in 0..TIMES {
        let days = i64::from(chance.percent(30));
        let load = Load::begin(site, chance, days, false)?;
        tokio::time::sleep(chance.millis(200, 700)).await;
        let place = site.random_running(chance);
        site.kill(place);
        broken.kills = broken.kills.saturating_add(1);
        tokio::time::sleep(chance.millis(100, 1_000)).await;
        site.start(place).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
        load.end().await?;
        judged(site, chance).await?;
    }
    crate::ending::quiet_down(site, chance).await
}
