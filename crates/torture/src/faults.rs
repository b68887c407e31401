//! What is broken: one file for each kind of fault. Each builds a site, puts load on it, breaks something at a moment that chance decides,
//! and has it judged.

pub(crate) mod clock;
pub(crate) mod cut;
pub(crate) mod database;
pub(crate) mod failover;
pub(crate) mod full;
pub(crate) mod kill;
pub(crate) mod servers;

use crate::Failure;
use crate::chance::Chance;
use crate::judge;
use crate::load::Asker;
use crate::site::Site;

/// How often something was broken.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Broken {
    /// Servers that were killed.
    pub(crate) kills: usize,
    /// Everything else.
    pub(crate) faults: usize,
}

/// Judges a site as it stands.
pub(crate) async fn judged(site: &Site, chance: &mut Chance) -> Result<(), Failure> {
    let mut asker = Asker::new(site, chance.split())?;
    judge::judge(site, &mut asker).await
}
