//! Making a backup: the keys into one file, the database as it is at one moment into another.

use super::folder::{self, Folder, Part};
use super::{BackupError, Heard, KeyFile, Progress, Recipients};
use crate::platform::Clock;
use archive::{Head, Log, Manifest, Writer};
use std::sync::Arc;
use store::whole::{self, Place, Reading};

/// What to make a backup of, and for whom.
#[derive(Clone)]
pub struct Order {
    /// The database.
    pub place: Place,
    /// What opens its sealed columns and signs its log.
    pub keys: Vec<KeyFile>,
    /// Where to.
    pub folder: Folder,
    /// Who may read the data.
    pub recipients: Recipients,
    /// Who may read the keys.
    pub key_recipients: Recipients,
    /// What makes its name different from every other.
    pub chance: [u8; 3],
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its name.
    pub name: String,
    /// Bytes of both files.
    pub bytes: u64,
    /// Rows in it.
    pub rows: u64,
    /// Entries of the log in it.
    pub log_size: u64,
}

/// Makes a backup. Blocks; must not be called on an async task.
pub fn create(order: &Order, heard: &mut Heard<'_>) -> Result<Made, BackupError> {
    let folder = &order.folder;
    folder.sweep()?;
    let name = folder::name(order.clock.now(), order.chance);
    let (mut data, manifest) = data(order, &name, heard)?;
    let mut keys = keys(order, &name)?;
    go_on(heard(Progress::Syncing))?;
    let bytes = data.sync()?.saturating_add(keys.sync()?);
    keys.settle()?;
    folder.sync()?;
    go_on(heard(Progress::KeysInPlace))?;
    data.settle()?;
    folder.sync()?;
    heard(Progress::InPlace);
    Ok(Made {
        name,
        bytes,
        rows: manifest.rows(),
        log_size: manifest.log.map_or(0, |log| log.size),
    })
}

fn go_on(wanted: bool) -> Result<(), BackupError> {
    if wanted { Ok(()) } else { Err(BackupError::Stopped) }
}

fn head(order: &Order, name: &str) -> Head {
    Head {
        name: name.to_owned(),
        begun_at: order.clock.now().to_string(),
        engine: order.place.engine_name().to_owned(),
        schema: 0,
        tables: Vec::new(),
    }
}

fn keys(order: &Order, name: &str) -> Result<Part, BackupError> {
    let part = order.folder.begin(order.folder.keys(name))?;
    let target = part.target().to_owned();
    let unwritten = |error| BackupError::file(&target, "written", error);
    let sealed = order.key_recipients.seal(part).map_err(unwritten)?;
    let damaged = |error| BackupError::writing(&target, error);
    let mut writer = Writer::begin(sealed, &head(order, name)).map_err(damaged)?;
    for file in &order.keys {
        writer.file(&file.name, file.bytes.expose()).map_err(damaged)?;
    }
    let (sealed, _) = writer.end(None, order.clock.now().to_string()).map_err(damaged)?;
    sealed.finish().map_err(unwritten)
}

fn data(order: &Order, name: &str, heard: &mut Heard<'_>) -> Result<(Part, Manifest), BackupError> {
    let part = order.folder.begin(order.folder.data(name))?;
    let target = part.target().to_owned();
    let unwritten = |error| BackupError::file(&target, "written", error);
    let sealed = order.recipients.seal(part).map_err(unwritten)?;
    order.place.read(|reading| {
        let damaged = |error| BackupError::writing(&target, error);
        let head = Head {
            schema: whole::applied(reading)?.last().copied().unwrap_or(0),
            tables: whole::kept_tables(reading)?,
            ..head(order, name)
        };
        let mut writer = Writer::begin(sealed, &head).map_err(damaged)?;
        let (of, mut rows) = (head.tables.len(), 0_u64);
        for (at, table) in head.tables.iter().enumerate() {
            let number = at.saturating_add(1);
            let mut failure = None;
            go_on(heard(Progress::Table {
                name: &table.name,
                number,
                of,
                rows,
            }))?;
            reading.rows(table, &mut |some, count| {
                rows = rows.saturating_add(u64::from(count));
                let added = writer.rows(at, some, count).map_err(damaged);
                let told = Progress::Table {
                    name: &table.name,
                    number,
                    of,
                    rows,
                };
                failure = added.and_then(|()| go_on(heard(told))).err();
                failure.is_none()
            })?;
            if let Some(failure) = failure {
                return Err(failure);
            }
        }
        let log = log(reading)?;
        let (sealed, manifest) = writer.end(log, order.clock.now().to_string()).map_err(damaged)?;
        Ok((sealed.finish().map_err(unwritten)?, manifest))
    })
}

/// The head of the log in the same moment: size and root stand in the checkpoint, below the name of the log.
pub(super) fn log(reading: &mut dyn Reading) -> Result<Option<Log>, BackupError> {
    let published = store::log::published(reading)?;
    Ok(published.map(|head| Log {
        size: head.size,
        root: head.checkpoint.lines().nth(2).unwrap_or_default().to_owned(),
        checkpoint: head.checkpoint,
    }))
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Order(to {})", self.folder.path().display())
    }
}
