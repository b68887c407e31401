//! `countersign setup-link` and `recover`: ways in for somebody who cannot sign in, made where the database is.

use crate::args::{Recover, SetupLink};
use crate::setup::detail;
use crate::{Outcome, output, wire};
use flow::Platform;
use std::process::ExitCode;
use vocab::id::OrganizationId;

type Failure = Box<dyn std::error::Error>;

pub(crate) async fn run(args: SetupLink) -> Outcome {
    let platform = wire::offline(&args.place).await?;
    let organizations = flow::setup::organizations(&platform).await.map_err(detail)?;
    let organization = match (organizations.is_empty(), &args.organization) {
        (true, None) => None,
        (_, chosen) => Some(chosen_organization(&platform, chosen.as_deref()).await?),
    };
    let link = flow::links::setup(&platform, organization).await.map_err(detail)?;
    platform.store().close().await;
    let Some(link) = link else {
        return Err(
            "there is an administrator already; they invite others, and `countersign recover` lets them in again"
                .into(),
        );
    };
    output::line(&format!("{}/join/{link}", args.url.trim_end_matches('/')));
    output::note("opens once, within 15 minutes, on a server with this database and its keys");
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn recover(args: Recover) -> Outcome {
    let platform = wire::offline(&args.link.place).await?;
    let organization = chosen_organization(&platform, args.link.organization.as_deref()).await?;
    let link = flow::links::recovery(&platform, organization, &args.email)
        .await
        .map_err(detail)?;
    platform.store().close().await;
    output::line(&format!("{}/join/{link}", args.link.url.trim_end_matches('/')));
    output::note(
        "opens once, within 15 minutes; it is recorded in the log, and the member's old password, app and codes end with its use",
    );
    Ok(ExitCode::SUCCESS)
}

/// Says how the first administrator comes in, while there is none.
pub(crate) async fn announce(platform: &Platform, url: &str) -> Result<(), Failure> {
    let organizations = flow::setup::organizations(platform).await.map_err(detail)?;
    let organization = match organizations.as_slice() {
        [] => None,
        [(only, _)] => Some(*only),
        _ => return Ok(()),
    };
    if let Some(link) = flow::links::setup(platform, organization).await.map_err(detail)? {
        output::line(&format!(
            "no administrator yet: open {url}/join/{link} within 15 minutes"
        ));
    }
    Ok(())
}

/// The organization that was named, or the only one there is.
pub(crate) async fn chosen_organization(platform: &Platform, named: Option<&str>) -> Result<OrganizationId, Failure> {
    let organizations = flow::setup::organizations(platform).await.map_err(detail)?;
    let wanted: Option<OrganizationId> = named.map(str::parse).transpose()?;
    match (wanted, organizations.as_slice()) {
        (Some(wanted), all) => {
            let known = all.iter().any(|(id, _)| *id == wanted);
            known
                .then_some(wanted)
                .ok_or_else(|| "there is no organization with this id".into())
        }
        (None, [(only, _)]) => Ok(*only),
        (None, []) => Err("there is no organization in this database yet; make one with `countersign setup`".into()),
        (None, several) => {
            let names: Vec<String> = several.iter().map(|(id, name)| format!("  {id}  {name}")).collect();
            Err(format!(
                "there are several organizations; name one with --organization:\n{}",
                names.join("\n")
            )
            .into())
        }
    }
}
