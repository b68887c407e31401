//! `countersign backup create`: a backup now, while the platform runs.

use crate::args::BackupCreate;
use crate::data_dir::DataDir;
use crate::system::{SystemClock, random};
use crate::{Outcome, output, wire};
use flow::Platform;
use flow::backup::acts::{self, Done};
use flow::backup::create::{Made, Order, create};
use std::process::ExitCode;
use std::sync::Arc;
use store::whole::Place;

type Failure = Box<dyn std::error::Error>;

pub(crate) async fn run(args: BackupCreate) -> Outcome {
    let Some((folder, recipients, key_recipients)) = super::target(&args.target)? else {
        return Err("say where to with `--backup-to` and for whom with `--backup-recipient`".into());
    };
    let platform = wire::offline(&args.place).await?;
    let order = Order {
        place: Place::of(platform.store()),
        keys: super::keys(&DataDir::open(&args.place)?).map_err(super::told)?,
        folder,
        recipients,
        key_recipients,
        chance: random(),
        clock: Arc::new(SystemClock),
    };
    let made = make(&platform, order).await;
    platform.store().close().await;
    let (made, data) = made?;
    output::line(&format!(
        "made {data}: {} rows, {} entries of the log, {} bytes with its keys",
        made.rows, made.log_size, made.bytes
    ));
    Ok(ExitCode::SUCCESS)
}

async fn make(platform: &Platform, order: Order) -> Result<(Made, String), Failure> {
    let folder = order.folder.clone();
    let made = tokio::task::spawn_blocking(move || create(&order, &mut *super::telling())).await?;
    match made {
        Ok(made) => {
            acts::note(platform, Done::Created, &made.name, made.bytes, "").await?;
            let data = folder.data(&made.name).display().to_string();
            Ok((made, data))
        }
        Err(error) => {
            // The database may be what failed: then the person at the terminal is told that, and not that it could not be written down.
            let _ = acts::note(platform, Done::Failed, "", 0, &error.chain()).await;
            Err(super::told(error))
        }
    }
}
