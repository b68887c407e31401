//! `countersign backup release`: after a restore, payments may travel to the bank again.

use crate::args::Place;
use crate::{Outcome, output, wire};
use flow::backup::acts::{self, Done};
use std::process::ExitCode;

pub(crate) async fn run(place: &Place) -> Outcome {
    let platform = wire::offline(place).await?;
    let released = async {
        let (standing, _) = acts::list(&platform).await?;
        if standing.held_since.is_some() {
            acts::note(&platform, Done::Released, "", 0, "by whoever runs the server").await?;
        }
        Ok::<_, flow::Error>(standing.held_since)
    };
    let released = released.await;
    platform.store().close().await;
    output::line(match released? {
        Some(_) => "payments travel to the bank again, within a minute",
        None => "nothing is held back",
    });
    Ok(ExitCode::SUCCESS)
}
