//! The platform: store, keys, clock, ids and channels, put together once and shared by everything that runs.

use crate::authenticate::{KeyCache, NonceLane};
use crate::intake::IntakeLane;
use crate::intake::entry::Assumptions;
use crate::passwords::Hashing;
use crate::refusal::Error;
use evidence::key::{SignerKey, VerifierKey};
use keys::Keyring;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::scope::{RowSealer, Scope};
use store::{LaneHandle, Store};
use vocab::context::{Actor, Ctx, World};
use vocab::exchange::Channel;
use vocab::id::{IdSource, OrganizationId, RequestId};
use vocab::time::Timestamp;

/// What time it is. Real in the product, driven by the simulator in tests.
pub trait Clock: Send + Sync {
    /// The real time, never that of the test world.
    fn now(&self) -> Timestamp;
}

/// Random bytes. Real in the product, seeded in the simulator.
pub trait Entropy: Send + Sync {
    /// Fills the bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// What a platform is made of.
pub struct PlatformConfig {
    /// The open store.
    pub store: Store,
    /// Keys at rest.
    pub keyring: Keyring,
    /// Signs checkpoints; its name is the origin of the log.
    pub log_key: SignerKey,
    /// The public half, for checks.
    pub log_verifier: VerifierKey,
    /// Ways to banks, by name.
    pub channels: Vec<Arc<dyn Channel>>,
    /// The real time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub entropy: Arc<dyn Entropy>,
}

/// The running platform. Cheap to clone; when the last clone goes, and with it what it was asked to do, its store closes.
#[derive(Clone)]
pub struct Platform {
    parts: Arc<Parts>,
    pub(crate) intake: LaneHandle<IntakeLane>,
    pub(crate) nonces: LaneHandle<NonceLane>,
}

/// What transactions need of the platform; shared with the lanes.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) keyring: Seals,
    pub(crate) log_key: SignerKey,
    pub(crate) log_verifier: VerifierKey,
    pub(crate) channels: BTreeMap<&'static str, Arc<dyn Channel>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) ids: IdSource,
    pub(crate) key_cache: KeyCache,
    pub(crate) hashing: Hashing,
    pub(crate) assumptions: Assumptions,
    test_clock_ahead: AtomicI64,
}

/// The keyring as the store's sealer of rows.
pub(crate) struct Seals(pub(crate) Keyring);

impl RowSealer for Seals {
    fn row_seal(&self, table: &'static str, columns: &[u8]) -> [u8; 16] {
        self.0.row_seal(table, columns)
    }
}

impl Platform {
    /// Puts a platform together and checks that keys and database belong together.
    pub async fn start(config: PlatformConfig) -> Result<Self, StartError> {
        let platform = Self::assemble(config);
        platform.keys_belong_to_database().await?;
        platform.go_on_with_ids().await?;
        platform.refresh_test_clock().await?;
        platform.begin_log().await?;
        let store = platform.store();
        store
            .write("follow digests", store::digests::follow_all)
            .await
            .map_err(Error::from)?;
        Ok(platform)
    }

    /// Puts a platform together that compares nothing and writes nothing: for the check of a database on which none would start.
    pub fn start_unchecked(config: PlatformConfig) -> Self {
        Self::assemble(config)
    }

    fn assemble(config: PlatformConfig) -> Self {
        let ids = IdSource::new(config.store.server_number());
        let parts = Arc::new(Parts {
            store: config.store,
            keyring: Seals(config.keyring),
            log_key: config.log_key,
            log_verifier: config.log_verifier,
            channels: config
                .channels
                .into_iter()
                .map(|channel| (channel.name(), channel))
                .collect(),
            clock: config.clock,
            entropy: config.entropy,
            ids,
            key_cache: KeyCache::default(),
            hashing: Hashing::default(),
            assumptions: Assumptions::default(),
            test_clock_ahead: AtomicI64::new(0),
        });
        let intake = parts.store.open_lane(IntakeLane {
            // A lane lives in the store and the store in the parts: held fast here, neither would ever go.
            parts: Arc::downgrade(&parts),
        });
        let nonces = parts.store.open_lane(NonceLane);
        Self { parts, intake, nonces }
    }

    /// The database remembers which keys it was written with. Others would make every sealed value unreadable, and new ones unreadable
    /// to everybody else.
    async fn keys_belong_to_database(&self) -> Result<(), StartError> {
        let fingerprint = self.parts.keyring.0.fingerprint().to_owned();
        let log = self.parts.log_verifier.to_string();
        let mine = (fingerprint.clone(), log.clone());
        let found = self
            .parts
            .store
            .write("facts", move |tx| -> Result<_, Error> {
                store::facts::note(tx, "keys", &fingerprint)?;
                store::facts::note(tx, "log", &log)?;
                Ok((store::facts::load(tx, "keys")?, store::facts::load(tx, "log")?))
            })
            .await?;
        match found {
            (Some(keys), Some(log)) if (keys.as_str(), log.as_str()) == (mine.0.as_str(), mine.1.as_str()) => Ok(()),
            (Some(keys), _) if keys != mine.0 => Err(StartError::OtherKeys),
            _ => Err(StartError::OtherLogKey),
        }
    }

    /// Ids go on above those in the database, also when the clock was set back since the server ran last.
    async fn go_on_with_ids(&self) -> Result<(), StartError> {
        let greatest = self.parts.store.read("greatest id", |tx| -> Result<_, Error> {
            Ok(store::ids::greatest(tx)?)
        });
        self.parts.ids.go_above(greatest.await?);
        Ok(())
    }

    pub(crate) fn parts(&self) -> &Arc<Parts> {
        &self.parts
    }

    /// The store itself, for health checks and shutdown.
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// The key that checks checkpoints and receipts, in its text form.
    pub fn log_verifier(&self) -> &VerifierKey {
        &self.parts.log_verifier
    }

    /// The real time.
    pub fn wall(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// The time of a world.
    pub fn now(&self, world: World) -> Timestamp {
        self.parts.now(world)
    }

    /// A context for an operation that begins now.
    pub fn ctx(&self, organization: OrganizationId, world: World, actor: Actor) -> Ctx {
        let now = self.parts.now(world);
        let request = RequestId::from_i64(self.parts.ids.draw(self.parts.clock.now()));
        Ctx {
            organization,
            world,
            actor,
            request,
            now,
        }
    }

    /// Takes over what other servers (or the command line) did to the test clock.
    pub async fn refresh_test_clock(&self) -> Result<(), Error> {
        let ahead = self.parts.store.read("test clock", |tx| -> Result<_, Error> {
            Ok(store::facts::test_clock_ahead(tx)?)
        });
        self.set_test_clock_ahead(ahead.await?);
        Ok(())
    }

    pub(crate) fn set_test_clock_ahead(&self, micros: i64) {
        self.parts.test_clock_ahead.store(micros, Ordering::Relaxed);
    }
}

impl Parts {
    pub(crate) fn now(&self, world: World) -> Timestamp {
        let wall = self.clock.now();
        match world {
            World::Live => wall,
            World::Test => wall.plus_micros(self.test_clock_ahead.load(Ordering::Relaxed)),
        }
    }

    /// Whether a simulator has planted a bug of this name, to see that it is found. Never in a product.
    pub(crate) fn planted(&self, bug: &'static str) -> bool {
        self.store.planted(bug)
    }

    /// A number for a new row. Always from the real clock, so that ids grow whatever the test clock does.
    pub(crate) fn id(&self) -> i64 {
        self.ids.draw(self.clock.now())
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    pub(crate) fn scope(&self, ctx: &Ctx) -> Scope<'_> {
        Scope::of(ctx, &self.keyring)
    }
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Platform on {}", self.parts.store.engine_name())
    }
}

impl std::fmt::Debug for PlatformConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlatformConfig(…)")
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parts(…)")
    }
}

/// Why a platform does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The master key is not the one the database was written with.
    #[error(
        "the database was written with another master key; give the directory with its keys (`--keys`), nothing was changed"
    )]
    OtherKeys,
    /// The log key is not the one the log was begun with.
    #[error(
        "the log of this database was begun with another key; give the directory with its keys (`--keys`), nothing was changed"
    )]
    OtherLogKey,
    /// The log in the database is not consistent with what was published.
    #[error("the log does not check: {0}; run `countersign log check` before anything else")]
    Log(String),
    /// The first transactions failed.
    #[error("the platform could not start")]
    Failed(#[from] Error),
}
