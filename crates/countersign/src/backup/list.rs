//! `countersign backup list`: what lies in a directory. Needs no database, because there may be none any more.

use crate::args::BackupList;
use crate::{Outcome, output};
use flow::backup::Folder;
use serde_json::json;
use std::process::ExitCode;

pub(crate) fn run(args: &BackupList) -> Outcome {
    let lying = Folder::at(&args.to).list().map_err(super::told)?;
    for backup in &lying {
        if args.json {
            output::line(
                &json!({
                    "name": backup.name,
                    "begun_at": backup.begun_at.to_string(),
                    "data_bytes": backup.data_bytes,
                    "keys_bytes": backup.keys_bytes,
                })
                .to_string(),
            );
            continue;
        }
        let data = backup
            .data_bytes
            .map_or("no data".to_owned(), |bytes| format!("{bytes} bytes"));
        let keys = backup.keys_bytes.map_or("keys of a later one", |_| "with keys");
        output::line(&format!("{}  {}  {data}, {keys}", backup.name, backup.begun_at));
    }
    if lying.is_empty() && !args.json {
        output::note("there are no backups here; make one with `countersign backup create`");
    }
    Ok(ExitCode::SUCCESS)
}
