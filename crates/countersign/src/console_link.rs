//! `countersign console-link`: a link that opens the console once.

use crate::args::ConsoleLink;
use crate::setup_link::chosen_organization;
use crate::{Outcome, output, wire};
use std::process::ExitCode;
use vocab::context::World;

pub(crate) async fn run(args: ConsoleLink) -> Outcome {
    let platform = wire::offline(&args.place).await?;
    let organization = chosen_organization(&platform, args.organization.as_deref()).await?;
    let world = if args.live { World::Live } else { World::Test };
    let secret = flow::console::link(&platform, organization, world).await?;
    output::line(&format!("{}/s/{secret}", args.url.trim_end_matches('/')));
    output::note("the link works once, from this machine, within 15 minutes");
    platform.store().close().await;
    Ok(ExitCode::SUCCESS)
}
