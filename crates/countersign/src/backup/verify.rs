//! `countersign backup verify`: a backup is restored and everything in it checked.

use crate::args::{BackupVerify, Place};
use crate::system::random;
use crate::{Outcome, output, wire};
use flow::backup::acts::{self, Done};
use flow::backup::verify::{Verified, Wanted, verify};
use flow::backup::{Identities, restore};
use serde_json::json;
use std::process::ExitCode;

type Failure = Box<dyn std::error::Error>;

pub(crate) async fn run(args: BackupVerify) -> Outcome {
    let keys = match &args.keys_file {
        Some(keys) => keys.clone(),
        None => restore::keys_of(&args.file).map_err(super::told)?,
    };
    let wanted = Wanted {
        data: args.file.clone(),
        keys,
        identities: Identities::read(&args.identity).map_err(super::told)?,
        scratch: args.scratch.clone().unwrap_or_else(std::env::temp_dir),
        chance: random(),
    };
    let verified = verify(wanted, &wire::restored, super::telling())
        .await
        .map_err(super::told)?;
    tell(&verified, args.json);
    if let Some(data) = args.data {
        let place = Place {
            data,
            keys: args.keys,
            database: args.database,
        };
        remember(&place, &verified).await?;
    }
    Ok(if verified.is_sound() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell(verified: &Verified, as_json: bool) {
    let (restored, report) = (&verified.restored, &verified.report);
    let problems: Vec<String> = report
        .problems
        .iter()
        .map(|problem| format!("{} {}: {}", problem.table, problem.row, problem.sentence))
        .collect();
    if as_json {
        let said = json!({
            "sound": verified.is_sound(),
            "name": restored.head.name,
            "begun_at": restored.head.begun_at,
            "engine": restored.head.engine,
            "schema": restored.head.schema,
            "rows": restored.manifest.rows(),
            "log_size": restored.manifest.log.as_ref().map(|log| log.size),
            "log_root": restored.manifest.log.as_ref().map(|log| log.root.clone()),
            "differences": verified.differences,
            "problems": problems,
        });
        output::line(&said.to_string());
        return;
    }
    for line in verified.differences.iter().chain(&problems) {
        output::line(line);
    }
    let verdict = match verified.differences.len().saturating_add(problems.len()) {
        0 => "everything is as it was written and recorded".to_owned(),
        1 => "one thing is not as it was".to_owned(),
        count => format!("{count} things are not as they were"),
    };
    output::line(&format!(
        "backup {} of {}: {} rows, {} entries of the log: {verdict}",
        restored.head.name,
        restored.head.begun_at,
        restored.manifest.rows(),
        report.size
    ));
}

async fn remember(place: &Place, verified: &Verified) -> Result<(), Failure> {
    let platform = wire::offline(place).await?;
    let done = if verified.is_sound() {
        Done::Verified
    } else {
        Done::Failed
    };
    let name = &verified.restored.head.name;
    let noted = acts::note(&platform, done, name, 0, &verified.verdict()).await;
    platform.store().close().await;
    Ok(noted?)
}
