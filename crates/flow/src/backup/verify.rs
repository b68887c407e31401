//! Verifying a backup: it is restored into a database that is thrown away, and everything in it is checked, with the keys that were
//! kept beside it. Only what was restored once is a backup.

use super::restore::{self, Restored};
use super::{BackupError, Heard, Identities, KeyFile, Progress};
use crate::check::{self, Report};
use crate::platform::{Platform, PlatformConfig};
use std::fs;
use std::path::{Path, PathBuf};
use store::whole::Place;
use store::{MIGRATIONS, Store, StoreConfig};

/// Puts a platform together from the keys of a backup and an open store; says what is wrong with the keys.
pub type Assemble = dyn Fn(&[KeyFile], Store) -> Result<PlatformConfig, String> + Send + Sync;

/// What verifying came to.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What was restored.
    pub restored: Restored,
    /// Tables that came out otherwise than they were written.
    pub differences: Vec<String>,
    /// What the check of log, ledger and rows found.
    pub report: Report,
}

impl Verified {
    /// Whether everything is as it was written and recorded.
    pub fn is_sound(&self) -> bool {
        self.differences.is_empty() && self.report.problems.is_empty()
    }

    /// The first thing that is wrong, and how many more.
    pub fn verdict(&self) -> String {
        let problems = self.report.problems.iter();
        let told = problems.map(|problem| format!("{} {}: {}", problem.table, problem.row, problem.sentence));
        let mut wrong = self.differences.iter().cloned().chain(told);
        match (wrong.next(), wrong.count()) {
            (None, _) => format!("{} rows, everything as it was written", self.restored.manifest.rows()),
            (Some(first), 0) => first,
            (Some(first), more) => format!("{first}; and {more} more"),
        }
    }
}

/// What to verify, and with what.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The file of data.
    pub data: PathBuf,
    /// The file of keys.
    pub keys: PathBuf,
    /// What opens both.
    pub identities: Identities,
    /// Where there is room for a database that is thrown away.
    pub scratch: PathBuf,
    /// What makes its place different from every other.
    pub chance: [u8; 3],
}

/// Restores, compares and checks. `heard` must be quick.
pub async fn verify(
    wanted: Wanted,
    assemble: &Assemble,
    mut heard: Box<Heard<'static>>,
) -> Result<Verified, BackupError> {
    let blocking = move || {
        let keys = restore::keys(&wanted.keys, &wanted.identities)?;
        let scratch = Scratch::make(&wanted.scratch, wanted.chance)?;
        let url = scratch.url();
        let restored = restore::load(&wanted.data, &wanted.identities, &url, &mut *heard)?;
        heard(Progress::Comparing);
        let differences = restore::compare(&Place::at(&url)?, &restored.manifest)?;
        heard(Progress::Checking);
        let store = Store::open(StoreConfig::new(url, MIGRATIONS))?;
        Ok::<_, BackupError>((wanted.keys, keys, scratch, restored, differences, store))
    };
    let done = tokio::task::spawn_blocking(blocking).await;
    let (keys_path, keys, scratch, restored, differences, store) = done.map_err(|_| BackupError::Broken)??;
    let config = assemble(&keys, store).map_err(|what| BackupError::Content { path: keys_path, what })?;
    let platform = Platform::start_unchecked(config);
    let checked = check::check(&platform).await;
    platform.store().close().await;
    drop(scratch);
    Ok(Verified {
        restored,
        differences,
        report: checked?,
    })
}

/// A directory that goes with the value.
struct Scratch(PathBuf);

impl Scratch {
    /// SECURITY: amounts and names of organizations are plain in a database; only this user may look.
    fn make(under: &Path, chance: [u8; 3]) -> Result<Self, BackupError> {
        use std::os::unix::fs::DirBuilderExt;
        let path = under.join(format!("countersign-verify-{}", crate::event::hex(&chance)));
        let made = fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| BackupError::file(&path, "made", error))?;
        Ok(Self(path))
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.0.join("restored-for-a-check.db").display())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if fs::remove_dir_all(&self.0).is_err() {
            tracing::warn!(path = %self.0.display(), "a database that was restored for a check could not be removed; remove it by hand");
        }
    }
}
