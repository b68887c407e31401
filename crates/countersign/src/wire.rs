//! Wiring: from a place and a bank to a running platform.

use crate::args::Place;
use crate::backup;
use crate::data_dir::{DataDir, LOG_KEY, MASTER_KEY, read_keyring};
use crate::system::{SystemClock, SystemEntropy};
use channels::sandbox::SandboxChannel;
use evidence::key::SignerKey;
use flow::backup::KeyFile;
use flow::platform::{Platform, PlatformConfig};
use std::sync::Arc;
use store::{MIGRATIONS, Store, StoreConfig};
use vocab::exchange::Channel;

type Failure = Box<dyn std::error::Error>;

/// The channel to a simulated bank.
pub(crate) async fn sandbox(dir: &DataDir, url: &str) -> Result<Arc<SandboxChannel>, Failure> {
    let (url, token) = (url.to_owned(), dir.bank_token()?);
    // The blocking HTTP client must not be made on an async task.
    let made = tokio::task::spawn_blocking(move || SandboxChannel::new(&url, &token)).await?;
    Ok(Arc::new(made?))
}

/// A running platform on the database of a place.
pub(crate) async fn platform(
    dir: &DataDir,
    database: Option<String>,
    channels: Vec<Arc<dyn Channel>>,
) -> Result<Platform, Failure> {
    Ok(Platform::start(config(dir, database, channels).await?).await?)
}

async fn config(
    dir: &DataDir,
    database: Option<String>,
    channels: Vec<Arc<dyn Channel>>,
) -> Result<PlatformConfig, Failure> {
    let url = database.unwrap_or_else(|| dir.sqlite());
    let store = tokio::task::spawn_blocking(move || {
        if backup::is_behind(&url)? {
            return Err("the database was made by an earlier version; start `countersign serve` once, which makes a backup and brings it up \
                        to date"
                .to_owned());
        }
        Store::open(StoreConfig::new(url, MIGRATIONS)).map_err(|error| told(&error))
    });
    let store = store.await??;
    let log_key = dir.log_key()?;
    let log_verifier = log_key.verifier().clone();
    Ok(PlatformConfig {
        store,
        keyring: dir.keyring()?,
        log_key,
        log_verifier,
        channels,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    })
}

/// A platform out of the keys of a backup, on a store in which that backup was restored. It has no way to any bank.
pub(crate) fn restored(keys: &[KeyFile], store: Store) -> Result<PlatformConfig, String> {
    let text = |wanted: &str| {
        let file = keys.iter().find(|file| file.name.ends_with(wanted));
        let text = file.and_then(|file| std::str::from_utf8(file.bytes.expose()).ok());
        text.ok_or_else(|| format!("it does not hold `{wanted}`"))
    };
    let keyring = read_keyring(text(MASTER_KEY)?.trim()).ok_or("it holds a master key that cannot be read")?;
    let log_key = SignerKey::parse(text(LOG_KEY)?.trim()).map_err(|_| "it holds a log key that cannot be read")?;
    let log_verifier = log_key.verifier().clone();
    Ok(PlatformConfig {
        store,
        keyring,
        log_key,
        log_verifier,
        channels: Vec::new(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    })
}

/// An error with its causes, in one line.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// A platform for a command that works on the database directly, without a way to any bank.
pub(crate) async fn offline(place: &Place) -> Result<Platform, Failure> {
    let dir = DataDir::open(place)?;
    platform(&dir, place.database.clone(), Vec::new()).await
}

/// A platform for the check of a database on which none would start. Keys or a database that are not there are not made: the check of
/// something new would say nothing about what was meant.
pub(crate) async fn unchecked(place: &Place) -> Result<Platform, Failure> {
    let keys = place.keys.clone().unwrap_or_else(|| place.data.join("keys"));
    let mut needed = vec![keys.join("master.key"), keys.join("log.key")];
    if place.database.is_none() {
        needed.push(place.data.join("countersign.db"));
    }
    if let Some(missing) = needed.iter().find(|path| !path.exists()) {
        let missing = missing.display();
        return Err(format!("`{missing}` is not there; give the right directories with `--data` and `--keys`").into());
    }
    let dir = DataDir::open(place)?;
    Ok(Platform::start_unchecked(
        config(&dir, place.database.clone(), Vec::new()).await?,
    ))
}
