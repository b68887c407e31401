//! A platform to be measured: a database, an organization with an account, an application with a key, and the sealer at work as
//! in `countersign serve`. Workers stay idle: no payment is approved.

use crate::Failure;
use aws_lc_rs::rand;
use evidence::key::SignerKey;
use flow::Platform;
use flow::platform::{Clock, Entropy, PlatformConfig};
use keys::Keyring;
use signing::key::SigningKey;
use std::path::Path;
use std::sync::Arc;
use store::{MIGRATIONS, Store, StoreConfig};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use vocab::account::AccountNumber;
use vocab::context::{Actor, Ctx, World};
use vocab::id::{AccountId, ClientId, KeyId, OrganizationId};
use vocab::money::Currency;
use vocab::secret::Secret;
use vocab::time::Timestamp;

/// The account that pays.
pub(crate) const ACCOUNT: &str = "DE89370400440532013000";
const POLICY: &str = "any needs 1\nEUR >= 50000.00 needs 2\n";

/// Who lives in a house.
#[derive(Clone, Copy)]
pub(crate) struct Tenant {
    pub(crate) organization: OrganizationId,
    pub(crate) client: ClientId,
    pub(crate) key: KeyId,
    /// The one that pays.
    pub(crate) account: AccountId,
}

/// A running platform that takes payments.
pub(crate) struct House {
    pub(crate) platform: Platform,
    pub(crate) tenant: Tenant,
    stop: watch::Sender<bool>,
    sealer: JoinHandle<()>,
}

impl House {
    /// Opens the database and furnishes the house.
    pub(crate) async fn open(url: String) -> Result<Self, Failure> {
        let platform = started(url).await?;
        let organization = flow::setup::organization(&platform, World::Test, "Bench").await?;
        let ctx = platform.ctx(organization, World::Test, Actor::System);
        let client = flow::setup::client(&platform, ctx, "Load").await?;
        let key = flow::setup::key(&platform, ctx, Actor::Client(client), &signer()?.public_text()).await?;
        flow::setup::approval_policy(&platform, ctx, POLICY).await?;
        let account = account(&platform, ctx, ACCOUNT).await?;
        Ok(Self::inhabited(
            platform,
            Tenant {
                organization,
                client,
                key,
                account,
            },
        ))
    }

    /// Opens the database of a house that was closed.
    pub(crate) async fn reopen(url: String, tenant: Tenant) -> Result<Self, Failure> {
        Ok(Self::inhabited(started(url).await?, tenant))
    }

    fn inhabited(platform: Platform, tenant: Tenant) -> Self {
        let (stop, stopping) = watch::channel(false);
        #[expect(clippy::disallowed_methods, reason = "watched by `close`, which waits for it")]
        let sealer = tokio::spawn(flow::seal::run(platform.clone(), told(stopping)));
        Self {
            platform,
            tenant,
            stop,
            sealer,
        }
    }

    /// A context of the application.
    pub(crate) fn ctx(&self) -> Ctx {
        let Tenant {
            organization, client, ..
        } = self.tenant;
        self.platform.ctx(organization, World::Test, Actor::Client(client))
    }

    /// Opens one more account.
    pub(crate) async fn account(&self, number: &str) -> Result<AccountId, Failure> {
        let ctx = self.platform.ctx(self.tenant.organization, World::Test, Actor::System);
        account(&self.platform, ctx, number).await
    }

    /// Seals what is left and closes the store, which also takes the write-ahead log of SQLite back into the file.
    pub(crate) async fn close(self) -> Result<Tenant, Failure> {
        let _ = self.stop.send(true);
        self.sealer.await?;
        self.platform.store().close().await;
        Ok(self.tenant)
    }
}

/// Opens the database and starts the platform on it.
async fn started(url: String) -> Result<Platform, Failure> {
    let store = tokio::task::spawn_blocking(move || Store::open(StoreConfig::new(url, MIGRATIONS))).await??;
    let log_key = SignerKey::from_seed("log.bench.example", &[9; 32]).map_err(|error| format!("{error:?}"))?;
    let config = PlatformConfig {
        store,
        keyring: Keyring::from_master(&Secret::new(vec![7; 32]))?,
        log_verifier: log_key.verifier().clone(),
        log_key,
        channels: vec![testkit::channel::silent()],
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    };
    Ok(Platform::start(config).await?)
}

async fn account(platform: &Platform, ctx: Ctx, number: &str) -> Result<AccountId, Failure> {
    let number = AccountNumber::guess(number)?;
    let eur = Currency::from_code("EUR").ok_or("no EUR")?;
    Ok(flow::setup::account(platform, ctx, number, eur, "Bench", "silent").await?)
}

/// Bytes that a closed SQLite database keeps once the nonces in it have expired, as they do within minutes. Their pages are used again.
/// The deletion is undone: the database may be opened again as it was.
pub(crate) fn kept_bytes(file: &Path) -> Result<u64, Failure> {
    let database = rusqlite::Connection::open(file)?;
    database.execute_batch("BEGIN IMMEDIATE; DELETE FROM nonces;")?;
    let pragma = |name: &str| -> Result<u64, Failure> {
        Ok(database
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    };
    let pages = pragma("page_count")?.saturating_sub(pragma("freelist_count")?);
    let bytes = pages.saturating_mul(pragma("page_size")?);
    database.execute_batch("ROLLBACK")?;
    Ok(bytes)
}

/// The key of the application.
pub(crate) fn signer() -> Result<SigningKey, Failure> {
    Ok(SigningKey::from_seed(&[1; 32])?)
}

/// Completes when the house or its server is to stop.
pub(crate) async fn told(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// The time of this machine.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the platform under measurement lives in real time"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        clippy::expect_used,
        reason = "the same source as in the product, with the same end"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        rand::fill(bytes).expect("the operating system gives random bytes");
    }
}
