//! Restoring a backup into a database that is empty, and comparing what came out with what was written.

use super::create::log;
use super::{BackupError, Folder, Heard, Identities, KeyFile, Progress};
use archive::container::Counting;
use archive::{Head, Manifest, Piece, Reader};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use store::whole::{self, Filling, Place};
use store::{MIGRATIONS, Migration, Store, StoreConfig};
use vocab::secret::Secret;

type Opened = Reader<age::stream::StreamReader<BufReader<File>>>;

/// A backup that is in a database now.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What it said about itself.
    pub head: Head,
    /// Its figures, with which everything that was read agrees.
    pub manifest: Manifest,
}

/// The file of keys that belongs to a file of data: that of the same name, or else the newest in the same folder.
pub fn keys_of(data: &Path) -> Result<PathBuf, BackupError> {
    let none = || BackupError::NoKeys { path: data.to_owned() };
    let folder = data.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let name = data.file_name().and_then(|name| name.to_str()).ok_or_else(none)?;
    let own = name.replacen("data-", "keys-", 1);
    if own != name && folder.join(&own).exists() {
        return Ok(folder.join(own));
    }
    let folder = Folder::at(folder);
    let newest = folder.list()?.into_iter().find(|lying| lying.keys_bytes.is_some());
    newest.map(|lying| folder.keys(&lying.name)).ok_or_else(none)
}

/// Opens a file of keys.
pub fn keys(path: &Path, identities: &Identities) -> Result<Vec<KeyFile>, BackupError> {
    let mut reader = open(path, identities)?;
    let mut files = Vec::new();
    loop {
        match piece(path, &mut reader)? {
            Piece::File { name, bytes } => files.push(KeyFile {
                name: plain(path, name)?,
                bytes: Secret::new(bytes),
            }),
            Piece::End(_) if files.is_empty() => return Err(other(path, "it is a backup of data and not of keys")),
            Piece::End(_) => return Ok(files),
            Piece::Rows { .. } => return Err(other(path, "it is a backup of data and not of keys")),
        }
    }
}

/// SECURITY: names become paths. Whoever knows the recipient can write a backup, and must not choose where files go.
fn plain(path: &Path, name: String) -> Result<String, BackupError> {
    let part = |part: &str| {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !part.is_empty() && !part.starts_with('.') && part.bytes().all(fine)
    };
    let parts: Vec<&str> = name.split('/').collect();
    if parts.len() <= 2 && parts.into_iter().all(part) {
        Ok(name)
    } else {
        Err(other(path, "it names files that keys do not have"))
    }
}

/// Fills the empty database at `url`, making its schema first. Blocks; must not be called on an async task.
pub fn load(data: &Path, identities: &Identities, url: &str, heard: &mut Heard<'_>) -> Result<Restored, BackupError> {
    let mut reader = open(data, identities)?;
    let head = reader.head().clone();
    if head.tables.is_empty() {
        return Err(other(data, "it is a backup of keys and not of data"));
    }
    let place = Place::at(url)?;
    empty(&place)?;
    let store = Store::open(StoreConfig {
        writers: 1,
        readers: 1,
        ..StoreConfig::new(url, schema(data, head.schema)?)
    })?;
    store.close_blocking();
    let tables = place.read(|reading| Ok::<_, BackupError>(whole::kept_tables(reading)?))?;
    if tables != head.tables {
        return Err(other(data, "its tables are not those of its schema"));
    }
    let manifest = place.fill(|filling| fill(data, &mut reader, filling, heard))?;
    if let Some(path) = place.path() {
        let synced = File::open(path).and_then(|file| file.sync_all());
        synced.map_err(|error| BackupError::file(path, "synced", error))?;
    }
    Ok(Restored { head, manifest })
}

/// Refuses a place in which there is something.
pub fn empty(place: &Place) -> Result<(), BackupError> {
    match place.look()?.occupied {
        None => Ok(()),
        Some(table) => Err(BackupError::NotEmpty {
            what: format!("the database is not empty, `{table}` has rows"),
        }),
    }
}

/// The migrations that the backup was made with.
fn schema(data: &Path, number: i64) -> Result<&'static [Migration], BackupError> {
    let newest = MIGRATIONS.last().map_or(0, |migration| migration.number);
    if number > newest {
        let what = format!("it has schema {number}, this version knows schemas up to {newest}; use a newer version");
        return Err(BackupError::Content {
            path: data.to_owned(),
            what,
        });
    }
    let until = MIGRATIONS.partition_point(|migration| migration.number <= number);
    Ok(MIGRATIONS.get(..until).unwrap_or(MIGRATIONS))
}

fn fill(
    data: &Path,
    reader: &mut Opened,
    filling: &mut dyn Filling,
    heard: &mut Heard<'_>,
) -> Result<Manifest, BackupError> {
    let tables = reader.head().tables.clone();
    let mut so_far = 0_u64;
    loop {
        match piece(data, reader)? {
            Piece::Rows { table, count, rows } => {
                let at = table;
                let Some(table) = tables.get(at) else {
                    return Err(other(data, "it has rows of no table"));
                };
                filling.fill(table, &rows, count)?;
                so_far = so_far.saturating_add(u64::from(count));
                let told = Progress::Table {
                    name: &table.name,
                    number: at.saturating_add(1),
                    of: tables.len(),
                    rows: so_far,
                };
                if !heard(told) {
                    return Err(BackupError::Stopped);
                }
            }
            Piece::File { .. } => return Err(other(data, "it is a backup of keys and not of data")),
            Piece::End(manifest) => return Ok(manifest),
        }
    }
}

/// Reads a database again and compares it with a manifest: what differs, in sentences.
pub fn compare(place: &Place, manifest: &Manifest) -> Result<Vec<String>, BackupError> {
    place.read(|reading| {
        let mut differences = Vec::new();
        for table in whole::kept_tables(reading)? {
            let mut counting = Counting::new();
            reading.rows(&table, &mut |rows, count| {
                counting.add(rows, count);
                true
            })?;
            let found = counting.sum(&table.name);
            match manifest.tables.iter().find(|sum| sum.name == table.name) {
                None if found.count > 0 => {
                    differences.push(format!(
                        "{}: {} rows that the backup does not have",
                        found.name, found.count
                    ));
                }
                None => {}
                Some(wanted) if wanted.count != found.count => differences.push(format!(
                    "{}: {} rows came out and {} were written",
                    found.name, found.count, wanted.count
                )),
                Some(wanted) if wanted.sha256 != found.sha256 => {
                    differences.push(format!(
                        "{}: rows came out otherwise than they were written",
                        found.name
                    ));
                }
                Some(_) => {}
            }
        }
        if log(reading)? != manifest.log {
            differences
                .push("log_head: another checkpoint came out than was published when the backup was made".to_owned());
        }
        Ok(differences)
    })
}

/// What a file says about itself, without reading further.
pub fn head_of(path: &Path, identities: &Identities) -> Result<Head, BackupError> {
    Ok(open(path, identities)?.head().clone())
}

fn open(path: &Path, identities: &Identities) -> Result<Opened, BackupError> {
    let file = File::open(path).map_err(|error| BackupError::file(path, "read", error))?;
    let plain = identities.open(path, BufReader::with_capacity(256 * 1024, file))?;
    Reader::open(plain).map_err(|error| BackupError::reading(path, error))
}

fn piece(path: &Path, reader: &mut Opened) -> Result<Piece, BackupError> {
    reader.piece().map_err(|error| BackupError::reading(path, error))
}

fn other(path: &Path, what: &str) -> BackupError {
    BackupError::Content {
        path: path.to_owned(),
        what: what.to_owned(),
    }
}
