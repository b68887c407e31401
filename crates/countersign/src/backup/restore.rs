//! `countersign backup restore`: a backup becomes a platform in a new place.
//!
//! Durable steps, and what a crash leaves after each: (1) the database is filled, under another name or in one transaction: the next run
//! begins anew; (2) the keys are written: the next run finds the same and goes on; (3) the file of the database gets its name: done.

use crate::args::BackupRestore;
use crate::data_dir::{DataDir, write_new};
use crate::{Outcome, output, wire};
use flow::Platform;
use flow::backup::acts::{self, Done};
use flow::backup::restore::{self, Restored};
use flow::backup::{BackupError, Identities, KeyFile};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::whole::Place;
use store::{MIGRATIONS, Store, StoreConfig};

type Failure = Box<dyn std::error::Error>;

pub(crate) async fn run(args: BackupRestore) -> Outcome {
    let identities = Identities::read(&args.identity).map_err(super::told)?;
    let keys_file = match &args.keys_file {
        Some(keys) => keys.clone(),
        None => restore::keys_of(&args.file).map_err(super::told)?,
    };
    let keys = restore::keys(&keys_file, &identities).map_err(super::told)?;
    restore::head_of(&args.file, &identities).map_err(super::told)?;
    let dir = DataDir::open(&args.place)?;
    let missing = missing_keys(&dir, &keys)?;
    let url = args.place.database.clone().unwrap_or_else(|| dir.sqlite());
    let beside = Beside::of(&url)?;
    let target = beside
        .as_ref()
        .map_or(url, |beside| format!("sqlite:{}", beside.path.display()));

    let (data, opened) = (args.file.clone(), target.clone());
    let filled = tokio::task::spawn_blocking(move || fill(&data, &identities, &opened)).await?;
    let (restored, store) = filled.map_err(super::told)?;
    let platform = Platform::start(wire::restored(&keys, store)?).await;
    let platform = platform.map_err(|error| format!("{}: {}", keys_file.display(), wire::told(&error)))?;
    let name = &restored.head.name;
    let noted = acts::note(
        &platform,
        Done::Restored,
        name,
        0,
        &format!("made at {}", restored.head.begun_at),
    )
    .await;
    platform.store().close().await;
    noted?;

    for (path, bytes) in missing {
        write_new(&path, bytes)?;
    }
    if let Some(beside) = beside {
        beside.settle()?;
    }
    output::line(&format!(
        "restored {} rows and {} entries of the log, as they were at {}",
        restored.manifest.rows(),
        restored.manifest.log.as_ref().map_or(0, |log| log.size),
        restored.head.begun_at
    ));
    output::line(
        "no payment travels to the bank yet: what was sent after the backup was made is unknown here. Compare with the bank, cancel what \
         was sent already, then run `countersign backup release`",
    );
    Ok(ExitCode::SUCCESS)
}

/// Keys that have to be written. Others that are there already must be the same.
fn missing_keys<'k>(dir: &DataDir, keys: &'k [KeyFile]) -> Result<Vec<(PathBuf, &'k [u8])>, Failure> {
    let mut missing = Vec::new();
    for key in keys {
        let path = dir.place_of(&key.name);
        if !path.exists() {
            missing.push((path, key.bytes.expose()));
            continue;
        }
        let there = vocab::secret::Secret::new(fs::read(&path)?);
        if there != key.bytes {
            let what = format!("`{}` is there already and is another", path.display());
            return Err(super::told(BackupError::NotEmpty { what }));
        }
    }
    Ok(missing)
}

fn fill(data: &Path, identities: &Identities, url: &str) -> Result<(Restored, Store), BackupError> {
    let mut telling = super::telling();
    let restored = restore::load(data, identities, url, &mut *telling)?;
    telling(flow::backup::Progress::Comparing);
    let differences = restore::compare(&Place::at(url)?, &restored.manifest)?;
    if let Some(first) = differences.first() {
        return Err(BackupError::Content {
            path: data.to_owned(),
            what: format!("what came out is not what was written: {first}"),
        });
    }
    let store = Store::open(StoreConfig::new(url, MIGRATIONS))?;
    Ok((restored, store))
}

/// A SQLite file under another name until it is whole; it goes when it is not settled.
struct Beside {
    path: PathBuf,
    target: PathBuf,
    settled: bool,
}

impl Beside {
    fn of(url: &str) -> Result<Option<Self>, Failure> {
        let place = Place::at(url)?;
        let Some(target) = place.path().map(Path::to_owned) else {
            return Ok(None);
        };
        if target.exists() {
            let what = format!("`{}` is there already", target.display());
            return Err(super::told(BackupError::NotEmpty { what }));
        }
        let mut path = target.clone().into_os_string();
        path.push(".restoring");
        let beside = Self {
            path: PathBuf::from(path),
            target,
            settled: false,
        };
        beside.remove();
        Ok(Some(beside))
    }

    /// The file and its companions.
    fn remove(&self) {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.path.clone().into_os_string();
            path.push(ending);
            let _ = fs::remove_file(path);
        }
    }

    /// Gives the file its name. It is closed: what it had beside it is in it.
    fn settle(mut self) -> Result<(), Failure> {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
            return Err("the restored database did not close as it should; nothing was put in place, try again".into());
        }
        File::open(&self.path)?.sync_all()?;
        fs::rename(&self.path, &self.target)?;
        self.settled = true;
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty());
        Ok(File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.settled {
            self.remove();
        }
    }
}
