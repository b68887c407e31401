//! Wiring: from a place and a bank to a running platform.

use crate::args::Place;
use crate::data_dir::DataDir;
use crate::system::{SystemClock, SystemEntropy};
use channels::sandbox::SandboxChannel;
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
    let url = database.unwrap_or_else(|| dir.sqlite());
    let store = tokio::task::spawn_blocking(move || Store::open(StoreConfig::new(url, MIGRATIONS))).await??;
    let log_key = dir.log_key()?;
    let log_verifier = log_key.verifier().clone();
    let config = PlatformConfig {
        store,
        keyring: dir.keyring()?,
        log_key,
        log_verifier,
        channels,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    };
    Ok(Platform::start(config).await?)
}

/// A platform for a command that works on the database directly, without a way to any bank.
pub(crate) async fn offline(place: &Place) -> Result<Platform, Failure> {
    let dir = DataDir::open(place)?;
    platform(&dir, place.database.clone(), Vec::new()).await
}
