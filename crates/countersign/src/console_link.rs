//! `countersign console-link`: a link that opens the console once.

use crate::args::ConsoleLink;
use crate::{Outcome, output, wire};
use std::process::ExitCode;
use vocab::context::World;
use vocab::id::OrganizationId;

pub(crate) async fn run(args: ConsoleLink) -> Outcome {
    let platform = wire::offline(&args.place).await?;
    let organizations = flow::setup::organizations(&platform).await?;
    let wanted: Option<OrganizationId> = args.organization.as_deref().map(str::parse).transpose()?;
    let organization = match (wanted, organizations.as_slice()) {
        (Some(wanted), all) => all.iter().find(|(id, _)| *id == wanted).map(|(id, _)| *id),
        (None, [(only, _)]) => Some(*only),
        (None, []) => {
            return Err("there is no organization in this database yet; make one with `countersign setup`".into());
        }
        (None, several) => {
            let names: Vec<String> = several.iter().map(|(id, name)| format!("  {id}  {name}")).collect();
            return Err(format!(
                "there are several organizations; name one with --organization:\n{}",
                names.join("\n")
            )
            .into());
        }
    };
    let organization = organization.ok_or("there is no organization with this id")?;
    let world = if args.live { World::Live } else { World::Test };
    let secret = flow::console::link(&platform, organization, world).await?;
    output::line(&format!("{}/s/{secret}", args.url.trim_end_matches('/')));
    output::note("the link works once, from this machine, within 15 minutes");
    platform.store().close().await;
    Ok(ExitCode::SUCCESS)
}
