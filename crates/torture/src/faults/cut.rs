//! The line between server and PostgreSQL is cut: between two words, in the middle of a question, in the middle of an answer, or so that
//! answers are swallowed for some seconds.

use super::{Broken, judged};
use crate::Failure;
use crate::chance::Chance;
use crate::load::Load;
use crate::proxy::{Cut, Proxy};
use crate::site::Site;
use std::time::Duration;

/// How often.
pub(crate) const TIMES: usize = 16;
/// Bytes after which a line is cut in the middle of something: a few answers, or a part of one.
const BYTES: usize = 20_000;

/// Cuts the line so often.
pub(crate) async fn run(
    site: &mut Site,
    line: &Proxy,
    chance: &mut Chance,
    broken: &mut Broken,
) -> Result<(), Failure> {
    site.start(0).await?;
    for time in 0..TIMES {
        let days = i64::from(chance.percent(30));
        let load = Load::begin(site, chance, days, false)?;
        tokio::time::sleep(chance.millis(200, 700)).await;
        let bytes = i64::try_from(chance.below(BYTES).saturating_add(1))?;
        let how = match time % 4 {
            0 => Cut::Now,
            1 => Cut::Asking(bytes),
            2 => Cut::Answering(bytes),
            _ => Cut::Deaf,
        };
        line.cut(how);
        broken.faults = broken.faults.saturating_add(1);
        tokio::time::sleep(chance.millis(50, 1_500)).await;
        line.mend();
        tokio::time::sleep(Duration::from_millis(800)).await;
        load.end().await?;
        judged(site, chance).await?;
    }
    crate::ending::quiet_down(site, chance).await
}
