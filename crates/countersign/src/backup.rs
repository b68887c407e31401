//! `countersign backup`: what its sub-commands share, the plan of `serve`, and the backup before a schema is changed.

mod create;
mod key;
mod list;
mod release;
mod restore;
mod verify;

use crate::args::{BackupCommand, BackupPlan, BackupTarget};
use crate::data_dir::DataDir;
use crate::system::{SystemClock, random};
use crate::{Outcome, output, wire};
use flow::Platform;
use flow::backup::acts::{self, Done};
use flow::backup::create::{Made, Order};
use flow::backup::retention::Keep;
use flow::backup::schedule::Plan;
use flow::backup::{BackupError, Folder, Heard, Identities, KeyFile, Progress, Recipients};
use flow::platform::Clock as _;
use std::sync::Arc;
use store::MIGRATIONS;
use store::whole::Place;

type Failure = Box<dyn std::error::Error>;

pub(crate) async fn run(command: BackupCommand) -> Outcome {
    match command {
        BackupCommand::Key { file } => key::run(&file),
        BackupCommand::Create(create) => create::run(create).await,
        BackupCommand::List(list) => list::run(&list),
        BackupCommand::Verify(verify) => verify::run(verify).await,
        BackupCommand::Restore(restore) => restore::run(restore).await,
        BackupCommand::Release { place } => release::run(&place).await,
    }
}

/// A failure with its causes.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn told(error: BackupError) -> Failure {
    error.chain().into()
}

/// Tells on standard error how far it has come: each step, and within the tables once a second. With `--verbose` each table.
fn telling() -> Box<Heard<'static>> {
    let (mut table, mut told_at) = (0, SystemClock.now());
    Box::new(move |progress| {
        if let Progress::Table { number, .. } = progress {
            if number != table {
                table = number;
                tracing::info!("{progress}");
            }
            if SystemClock.now() < told_at.plus_seconds(1) {
                return true;
            }
            told_at = SystemClock.now();
        }
        output::note(&progress.to_string());
        true
    })
}

/// Where backups go and for whom, when both are said.
fn target(target: &BackupTarget) -> Result<Option<(Folder, Recipients, Recipients)>, Failure> {
    let Some(to) = &target.to else {
        if target.recipient.is_empty() && target.keys_recipient.is_empty() {
            return Ok(None);
        }
        return Err("there are recipients of backups and no directory; name one with `--backup-to`".into());
    };
    let recipients = Recipients::parse(&target.recipient).map_err(told)?;
    let keys = if target.keys_recipient.is_empty() {
        recipients.clone()
    } else {
        Recipients::parse(&target.keys_recipient).map_err(told)?
    };
    Ok(Some((Folder::open(to).map_err(told)?, recipients, keys)))
}

/// The keys of a directory, as a backup takes them.
fn keys(dir: &DataDir) -> Result<Vec<KeyFile>, BackupError> {
    dir.key_files().map_err(|error| BackupError::Content {
        path: dir.keys.clone(),
        what: error.to_string(),
    })
}

/// How `serve` makes backups; `None` when it was not told to.
pub(crate) fn plan(dir: &DataDir, args: &BackupPlan) -> Result<Option<Plan>, Failure> {
    let Some((folder, recipients, key_recipients)) = target(&args.target)? else {
        output::note("no backups are made: say where to with --backup-to and for whom with --backup-recipient");
        return Ok(None);
    };
    let identities = args
        .identity
        .as_deref()
        .map(Identities::read)
        .transpose()
        .map_err(told)?;
    let dir = dir.clone();
    Ok(Some(Plan {
        folder,
        recipients,
        key_recipients,
        every_minutes: args.every,
        keep: Keep {
            data_days: args.keep,
            keys_days: args.keep_keys,
        },
        identities,
        scratch: args.scratch.clone().unwrap_or_else(|| dir.root.clone()),
        keys: Arc::new(move || keys(&dir)),
        assemble: Arc::new(wire::restored),
    }))
}

/// Whether a database has rows and lacks migrations of this version. Blocks.
pub(crate) fn is_behind(url: &str) -> Result<bool, String> {
    // A database that is nowhere before it is opened is new.
    let Ok(place) = Place::at(url) else { return Ok(false) };
    let found = place.look().map_err(|error| wire::told(&error))?;
    let lacks = MIGRATIONS
        .iter()
        .any(|migration| !found.applied.contains(&migration.number));
    Ok(found.occupied.is_some() && lacks)
}

/// Before the schema of a database with rows is changed: makes a backup and brings the schema up to date, or says why not and how to go on.
pub(crate) async fn before_upgrade(
    dir: &DataDir,
    database: Option<&str>,
    plan: Option<&Plan>,
    without: bool,
) -> Result<Option<Made>, Failure> {
    let url = database.map_or_else(|| dir.sqlite(), str::to_owned);
    let looked = url.clone();
    if !tokio::task::spawn_blocking(move || is_behind(&looked)).await?? {
        return Ok(None);
    }
    let made = match (plan, without) {
        (Some(plan), false) => {
            output::note(
                "the database was made by an earlier version: making a backup before it is brought up to date",
            );
            let order = Order {
                place: Place::at(&url)?,
                keys: keys(dir).map_err(told)?,
                folder: plan.folder.clone(),
                recipients: plan.recipients.clone(),
                key_recipients: plan.key_recipients.clone(),
                chance: random(),
                clock: Arc::new(SystemClock),
            };
            let made =
                tokio::task::spawn_blocking(move || flow::backup::create::create(&order, &mut *telling())).await?;
            let made = made.map_err(|error| {
                format!(
                    "the database was made by an earlier version, and the backup before bringing it up to date failed: {}; nothing was \
                     changed. Put that right, or go on without one with --no-backup",
                    error.chain()
                )
            })?;
            output::note(&format!("made backup {}", made.name));
            Some(made)
        }
        (_, true) => None,
        (None, false) => {
            return Err(
                "the database was made by an earlier version, and before it is brought up to date a backup is made: say where to with \
                 --backup-to and for whom with --backup-recipient, or go on without one with --no-backup; nothing was changed"
                    .into(),
            );
        }
    };
    let opened = tokio::task::spawn_blocking(move || {
        let config = store::StoreConfig::new(url, MIGRATIONS);
        store::Store::open(config).map(|store| store.close_blocking())
    });
    opened.await?.map_err(|error| wire::told(&error))?;
    Ok(made)
}

/// Writes a backup down that was made before there was a platform to write it down.
pub(crate) async fn remember(platform: &Platform, made: &Made) -> Result<(), Failure> {
    let noted = acts::note(
        platform,
        Done::Created,
        &made.name,
        made.bytes,
        "before the schema was brought up to date",
    );
    Ok(noted.await?)
}
