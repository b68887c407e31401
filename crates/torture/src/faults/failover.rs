//! Failover: a primary with a synchronous standby. Under load the line between the two is cut, a moment later the primary is killed, and
//! the standby is promoted; servers find it because their database URL names both and asks for the one that takes writes.

use super::{Broken, judged};
use crate::Failure;
use crate::chance::Chance;
use crate::load::Load;
use crate::planted::Bug;
use crate::proxy::{Cut, Proxy};
use crate::report::Violation;
use crate::site::{Ground, Site};
use cluster::Cluster;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// A primary and the standby that follows it.
pub(crate) struct Pair {
    primary: Cluster,
    standby: Cluster,
    /// Between them.
    line: Proxy,
}

impl Pair {
    /// Starts both. The primary waits with every commit for its standby, unless that is the planted bug.
    pub(crate) async fn start(ground: &Ground) -> Result<Self, Failure> {
        let waits = match ground.bug {
            Some(Bug::AsynchronousStandby) => "synchronous_standby_names=",
            _ => "synchronous_standby_names=standby",
        };
        // The standby has to be copied before the first commit waits for it: making a copy commits nothing.
        let primary = ground.cluster(&[waits])?;
        let line = Proxy::start(SocketAddr::from((Ipv4Addr::LOCALHOST, primary.port()))).await?;
        // On this thread, which lasts: the server ends with the thread that has started it.
        let standby = primary.standby(&ground.dir, line.address().port())?;
        Ok(Self { primary, standby, line })
    }

    /// The files of both stay, for somebody to look at.
    pub(crate) fn keep(&mut self) {
        self.primary.keep();
        self.standby.keep();
    }

    /// A URL that finds whichever takes writes.
    pub(crate) fn url(&self) -> String {
        format!(
            "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres?target_session_attrs=read-write",
            self.primary.port(),
            self.standby.port()
        )
    }
}

/// Kills the primary and promotes the standby.
pub(crate) async fn run(
    site: &mut Site,
    pair: &mut Pair,
    chance: &mut Chance,
    broken: &mut Broken,
) -> Result<(), Failure> {
    site.start(0).await?;
    let load = Load::begin(site, chance, 1, false)?;
    tokio::time::sleep(chance.millis(1_500, 3_000)).await;
    // The standby falls behind: what is committed now is answered only if nobody waits for it.
    pair.line.cut(Cut::Now);
    tokio::time::sleep(Duration::from_millis(400)).await;
    pair.primary.kill()?;
    broken.faults = broken.faults.saturating_add(1);
    tokio::time::sleep(chance.millis(100, 1_500)).await;
    pair.standby.promote()?;
    let before = site.witness.acknowledged();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let after = site.witness.acknowledged();
    load.end().await?;
    judged(site, chance).await?;
    if after <= before {
        return Violation::fail(
            "payments are taken in again after a failover",
            "none was within six seconds",
        );
    }
    crate::ending::quiet_down(site, chance).await
}
