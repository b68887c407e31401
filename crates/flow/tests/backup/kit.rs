//! A folder, a key, and what every test of backups does with them.

use crate::stage::Stage;
use archive::container::Counting;
use archive::manifest::Sum;
use evidence::key::SignerKey;
use flow::PlatformConfig;
use flow::backup::create::{self, Made, Order};
use flow::backup::restore;
use flow::backup::sealing::new_key;
use flow::backup::verify::{self, Verified, Wanted};
use flow::backup::{BackupError, Folder, Identities, KeyFile, Recipients};
use flow::platform::Clock;
use keys::Keyring;
use std::path::PathBuf;
use std::sync::Arc;
use store::Store;
use store::whole::{self, Place};
use tempfile::TempDir;
use testkit::time::{SeededBytes, TestClock};
use vocab::secret::Secret;

/// The keys of a house of `testkit`.
const MASTER: [u8; 32] = [7; 32];
const LOG: [u8; 32] = [9; 32];
pub(crate) const LOG_NAME: &str = "log.test.example";

pub(crate) struct Kit {
    pub(crate) dir: TempDir,
    pub(crate) folder: Folder,
    pub(crate) key: PathBuf,
    pub(crate) identities: Identities,
    pub(crate) recipients: Recipients,
}

impl Kit {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (key, identities, recipients) = key(&dir, "own");
        Self {
            folder: Folder::open(&dir.path().join("backups")).unwrap(),
            key,
            identities,
            recipients,
            dir,
        }
    }

    pub(crate) fn another_key(&self) -> Identities {
        key(&self.dir, "another").1
    }

    pub(crate) fn order(&self, stage: &Stage) -> Order {
        static NEXT: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);
        Order {
            place: Place::of(stage.house.platform.store()),
            keys: key_files(),
            folder: self.folder.clone(),
            recipients: self.recipients.clone(),
            key_recipients: self.recipients.clone(),
            chance: [NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed), 0, 0],
            clock: clock(&stage.house.clock),
        }
    }

    /// Makes a backup of a house.
    pub(crate) async fn make(&self, stage: &Stage) -> Made {
        let order = self.order(stage);
        blocking(move || create::create(&order, &mut |_| true)).await.unwrap()
    }

    pub(crate) async fn verify(&self, stage: &Stage, made: &Made) -> Result<Verified, BackupError> {
        let wanted = Wanted {
            data: self.folder.data(&made.name),
            keys: self.folder.keys(&made.name),
            identities: self.identities.clone(),
            scratch: self.dir.path().to_owned(),
            chance: [1, 2, 3],
        };
        let clock = Arc::clone(&stage.house.clock);
        let assemble = move |keys: &[KeyFile], store| Ok(config(&clock, keys, store));
        verify::verify(wanted, &assemble, Box::new(|_| true)).await
    }

    /// Restores the data of a backup into a database.
    pub(crate) async fn load(&self, made: &Made, url: &str) -> Result<restore::Restored, BackupError> {
        let (data, identities, url) = (self.folder.data(&made.name), self.identities.clone(), url.to_owned());
        blocking(move || restore::load(&data, &identities, &url, &mut |_| true)).await
    }
}

fn key(dir: &TempDir, name: &str) -> (PathBuf, Identities, Recipients) {
    let (text, recipient) = new_key();
    let path = dir.path().join(format!("{name}.key"));
    std::fs::write(&path, text.expose()).unwrap();
    let identities = Identities::read(&path).unwrap();
    (path, identities, Recipients::parse(&[recipient]).unwrap())
}

pub(crate) fn clock(clock: &Arc<TestClock>) -> Arc<dyn Clock> {
    let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(clock);
    clock
}

pub(crate) fn key_files() -> Vec<KeyFile> {
    let file = |name: &str, bytes: [u8; 32]| KeyFile {
        name: name.to_owned(),
        bytes: Secret::new(bytes.to_vec()),
    };
    vec![file("keys/log", LOG), file("keys/master", MASTER)]
}

/// A platform out of the keys of a backup.
pub(crate) fn config(clock: &Arc<TestClock>, keys: &[KeyFile], store: Store) -> PlatformConfig {
    let of = |name: &str| keys.iter().find(|key| key.name == name).unwrap().bytes.clone();
    let log_key = SignerKey::from_seed(LOG_NAME, of("keys/log").expose().try_into().unwrap()).unwrap();
    PlatformConfig {
        store,
        keyring: Keyring::from_master(&of("keys/master")).unwrap(),
        log_verifier: log_key.verifier().clone(),
        log_key,
        channels: Vec::new(),
        clock: self::clock(clock),
        entropy: Arc::new(SeededBytes::new(99)),
    }
}

/// On a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// Everything that a database holds, in figures by table.
pub(crate) async fn sums(place: Place) -> Vec<Sum> {
    blocking(move || {
        place.read(|reading| {
            let mut sums = Vec::new();
            for table in whole::kept_tables(reading)? {
                let mut counting = Counting::new();
                reading.rows(&table, &mut |rows, count| {
                    counting.add(rows, count);
                    true
                })?;
                sums.push(counting.sum(&table.name));
            }
            Ok::<_, BackupError>(sums)
        })
    })
    .await
    .unwrap()
}
