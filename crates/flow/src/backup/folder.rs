//! The folder of backups: what is in it, and how a file gets there whole or not at all.

use super::{BackupError, ENDING};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use vocab::time::Timestamp;

const DATA: &str = "data-";
const KEYS: &str = "keys-";
const PART: &str = ".part";

/// A directory with backups.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

/// A backup as it lies in its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lying {
    /// Its name, which begins with the time at which it was begun.
    pub name: String,
    /// When it was begun, as its name says.
    pub begun_at: Timestamp,
    /// Size of its file of data in bytes; `None` when only the keys are there.
    pub data_bytes: Option<u64>,
    /// Size of its file of keys in bytes; `None` when they are gone.
    pub keys_bytes: Option<u64>,
}

impl Folder {
    /// Opens it, making it (for this user only) when there is none.
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        use std::os::unix::fs::DirBuilderExt;
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| BackupError::file(path, "made", error))?;
        Ok(Self { path: path.to_owned() })
    }

    /// One that is there already, or is found not to be when it is read.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The backups in it, newest first. Other files are not looked at.
    pub fn list(&self) -> Result<Vec<Lying>, BackupError> {
        let unread = |error| BackupError::file(&self.path, "read", error);
        let mut found: BTreeMap<String, (Option<u64>, Option<u64>)> = BTreeMap::new();
        for entry in fs::read_dir(&self.path).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            let file = entry.file_name();
            let Some(file) = file.to_str().and_then(|file| file.strip_suffix(ENDING)) else {
                continue;
            };
            let bytes = || entry.metadata().map(|metadata| metadata.len()).map_err(unread);
            if let Some(name) = file.strip_prefix(DATA) {
                found.entry(name.to_owned()).or_default().0 = Some(bytes()?);
            } else if let Some(name) = file.strip_prefix(KEYS) {
                found.entry(name.to_owned()).or_default().1 = Some(bytes()?);
            }
        }
        let lying = found.into_iter().rev().filter_map(|(name, (data_bytes, keys_bytes))| {
            Some(Lying {
                begun_at: begun_at(&name)?,
                name,
                data_bytes,
                keys_bytes,
            })
        });
        Ok(lying.collect())
    }

    /// The file of data of a backup.
    pub fn data(&self, name: &str) -> PathBuf {
        self.path.join(format!("{DATA}{name}{ENDING}"))
    }

    /// The file of keys of a backup.
    pub fn keys(&self, name: &str) -> PathBuf {
        self.path.join(format!("{KEYS}{name}{ENDING}"))
    }

    /// Begins a file that will be called so.
    pub(super) fn begin(&self, target: PathBuf) -> Result<Part, BackupError> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut path = target.clone().into_os_string();
        path.push(PART);
        let path = PathBuf::from(path);
        let mut options = OpenOptions::new();
        let opened = options.write(true).create_new(true).mode(0o600).open(&path);
        let file = opened.map_err(|error| BackupError::file(&path, "made", error))?;
        // Held as long as the file is being written: whoever sweeps can tell it from one that was left behind. Where locks are not
        // supported, parts are only never swept.
        let _ = file.try_lock();
        Ok(Part {
            out: Some(BufWriter::with_capacity(256 * 1024, file)),
            path,
            target,
        })
    }

    /// Removes what a run that was killed has left behind.
    pub(super) fn sweep(&self) -> Result<(), BackupError> {
        let unread = |error| BackupError::file(&self.path, "read", error);
        for entry in fs::read_dir(&self.path).map_err(unread)? {
            let path = entry.map_err(unread)?.path();
            let ours = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
                (name.starts_with(DATA) || name.starts_with(KEYS)) && name.ends_with(&format!("{ENDING}{PART}"))
            });
            let left_behind = || File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
            if ours && left_behind() {
                fs::remove_file(&path).map_err(|error| BackupError::file(&path, "removed", error))?;
            }
        }
        Ok(())
    }

    /// Removes a file of a backup; false when it was not there.
    pub(super) fn remove(&self, path: &Path) -> Result<bool, BackupError> {
        match fs::remove_file(path) {
            Ok(()) => self.sync().map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(BackupError::file(path, "removed", error)),
        }
    }

    /// Makes names durable.
    pub(super) fn sync(&self) -> Result<(), BackupError> {
        let synced = File::open(&self.path).and_then(|folder| folder.sync_all());
        synced.map_err(|error| BackupError::file(&self.path, "synced", error))
    }
}

/// A name for a backup that is begun now: its time, and something that no other has.
pub fn name(now: Timestamp, chance: [u8; 3]) -> String {
    let time: String = now
        .to_string()
        .chars()
        .filter(|letter| !"-:".contains(*letter))
        .collect();
    let time = time.split(['.', 'Z']).next().unwrap_or_default().to_owned();
    format!("{time}Z-{}", crate::event::hex(&chance))
}

/// The time in a name.
fn begun_at(name: &str) -> Option<Timestamp> {
    let (time, chance) = name.split_once('-')?;
    let plain = time.len() == 16 && time.is_ascii() && chance.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let part = |from: usize, to: usize| time.get(from..to);
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(9, 11)?,
        part(11, 13)?,
        part(13, 15)?
    );
    Timestamp::parse(&text).filter(|_| plain)
}

/// A file that is being written under another name; it goes when it is not settled.
#[derive(Debug)]
pub(super) struct Part {
    out: Option<BufWriter<File>>,
    path: PathBuf,
    target: PathBuf,
}

impl Part {
    /// The name it will have.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Brings everything to the disk; returns its length.
    pub(super) fn sync(&mut self) -> Result<u64, BackupError> {
        let Some(out) = &mut self.out else { return Ok(0) };
        let synced = out
            .flush()
            .and_then(|()| out.get_ref().sync_all())
            .and_then(|()| out.get_ref().metadata());
        let metadata = synced.map_err(|error| BackupError::file(&self.path, "written", error))?;
        Ok(metadata.len())
    }

    /// Gives it its name. It must be synced.
    pub(super) fn settle(mut self) -> Result<(), BackupError> {
        let renamed = fs::rename(&self.path, &self.target);
        renamed.map_err(|error| BackupError::file(&self.target, "put in place", error))?;
        self.out = None;
        Ok(())
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.flush()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(out) = self.out.take() {
            // What is still in memory is not wanted any more.
            drop(out.into_parts());
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_time_and_sorts_by_it() {
        let at = Timestamp::parse("2026-11-22T19:30:05Z").unwrap();
        let name = name(at, [1, 2, 255]);
        assert_eq!(name, "20261122T193005Z-0102ff");
        assert_eq!(begun_at(&name), Some(at));
        for other in [
            "",
            "x-1",
            "20261122T193005Z",
            "20261322T193005Z-0102ff",
            "20261122T193005Z-../x",
        ] {
            assert_eq!(begun_at(other), None, "{other}");
        }
    }

    #[test]
    fn what_was_left_behind_is_swept_and_what_is_being_written_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let written = folder.begin(folder.data("20261122T193005Z-aa")).unwrap();
        let behind = dir.path().join("data-20261122T193005Z-bb.age.part");
        fs::write(&behind, b"half").unwrap();
        fs::write(dir.path().join("other.part"), b"not ours").unwrap();
        folder.sweep().unwrap();
        assert!(written.path.exists() && !behind.exists() && dir.path().join("other.part").exists());
        let path = written.path.clone();
        drop(written);
        assert!(!path.exists());
        assert_eq!(folder.list().unwrap(), []);
    }
}
