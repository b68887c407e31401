//! A house: a platform with an organization, three members, an application, an account and an approval policy.

use crate::database::Database;
use crate::time::{SeededBytes, TestClock};
use evidence::key::SignerKey;
use flow::platform::{Clock, Platform, PlatformConfig};
use flow::rights::Role;
use keys::Keyring;
use signing::key::SigningKey;
use std::sync::Arc;
use vocab::account::AccountNumber;
use vocab::context::{Actor, Ctx, World};
use vocab::exchange::Channel;
use vocab::id::{AccountId, ClientId, KeyId, MemberId, OrganizationId};
use vocab::money::Currency;
use vocab::secret::Secret;
use vocab::time::Timestamp;

/// The number of the house's account.
pub const ACCOUNT: &str = "DE89370400440532013000";
/// When a house begins: 2026-11-22T10:00:00Z.
pub const BEGIN: i64 = 1_795_341_600;
/// One approver, two from 50,000.00 EUR on.
pub const POLICY: &str = "any needs 1\nEUR >= 50000.00 needs 2\n";

/// A platform that can take payments.
pub struct House {
    /// The platform.
    pub platform: Platform,
    /// Its real clock.
    pub clock: Arc<TestClock>,
    /// The tenant.
    pub organization: OrganizationId,
    /// The application that submits.
    pub client: ClientId,
    /// Two people who may approve, and one who may not; all three may make payments, reconcile and read everything.
    pub members: [MemberId; 3],
    /// The house's account in EUR.
    pub account: AccountId,
    /// The client's key id.
    pub client_key: KeyId,
    /// Key ids of the members.
    pub member_keys: [KeyId; 3],
}

/// The signing key of the client (0) and the members (1, 2, 3).
pub fn signer(holder: u8) -> SigningKey {
    let seed = [holder.wrapping_add(1); 32];
    SigningKey::from_seed(&seed).unwrap_or_else(|error| unreachable!("a fixed seed: {error}"))
}

/// A platform on a database, with fixed keys. The same call on the same database is a restart, or another server.
pub async fn platform(database: &Database, clock: &Arc<TestClock>, channels: Vec<Arc<dyn Channel>>) -> Platform {
    let master = Secret::new(vec![7; 32]);
    let log_key = SignerKey::from_seed("log.test.example", &[9; 32]);
    let (Ok(keyring), Ok(log_key)) = (Keyring::from_master(&master), log_key) else {
        unreachable!("fixed keys")
    };
    let log_verifier = log_key.verifier().clone();
    let store = database.open();
    let seed = store.server_number().wrapping_add(u64::from(std::process::id()));
    let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(clock);
    let entropy = Arc::new(SeededBytes::new(
        seed.wrapping_mul(1_000_003)
            .wrapping_add(clock.now().micros().unsigned_abs()),
    ));
    let config = PlatformConfig {
        store,
        keyring,
        log_key,
        log_verifier,
        channels,
        clock,
        entropy,
    };
    Platform::start(config)
        .await
        .unwrap_or_else(|error| unreachable!("the platform does not start: {error:?}"))
}

impl House {
    /// A new house on a new database, with the channels it may use; its account takes the first of them.
    pub async fn build(database: &Database, channels: Vec<Arc<dyn Channel>>) -> Self {
        let clock = Arc::new(TestClock::at(Timestamp::from_seconds(BEGIN)));
        let channel = channels.first().map_or("none", |channel| channel.name());
        let platform = platform(database, &clock, channels).await;
        Self::furnish(platform, clock, channel)
            .await
            .unwrap_or_else(|error| unreachable!("no house: {error:?}"))
    }

    async fn furnish(platform: Platform, clock: Arc<TestClock>, channel: &str) -> Result<Self, flow::Error> {
        let organization = flow::setup::organization(&platform, World::Test, "House").await?;
        let ctx = platform.ctx(organization, World::Test, Actor::System);
        let members = [
            flow::setup::member(&platform, ctx, "Ada Marlowe", true).await?,
            flow::setup::member(&platform, ctx, "Ben", true).await?,
            flow::setup::member(&platform, ctx, "Cy", false).await?,
        ];
        for member in &members {
            for role in [Role::Maker, Role::Reconciler, Role::Developer, Role::Auditor] {
                flow::setup::role(&platform, ctx, *member, role).await?;
            }
        }
        let client = flow::setup::client(&platform, ctx, "ERP").await?;
        let register =
            async |holder, number| flow::setup::key(&platform, ctx, holder, &signer(number).public_text()).await;
        let client_key = register(Actor::Client(client), 0).await?;
        let member_keys = [
            register(Actor::Member(members[0]), 1).await?,
            register(Actor::Member(members[1]), 2).await?,
            register(Actor::Member(members[2]), 3).await?,
        ];
        flow::setup::approval_policy(&platform, ctx, POLICY).await?;
        let (Ok(number), Some(eur)) = (AccountNumber::guess(ACCOUNT), Currency::from_code("EUR")) else {
            unreachable!("a fixed account")
        };
        let account = flow::setup::account(&platform, ctx, number, eur, "House", channel).await?;
        Ok(Self {
            platform,
            clock,
            organization,
            client,
            members,
            account,
            client_key,
            member_keys,
        })
    }

    /// A context of the client.
    pub fn as_client(&self) -> Ctx {
        self.platform
            .ctx(self.organization, World::Test, Actor::Client(self.client))
    }

    /// A context of a member, 0 to 2.
    pub fn as_member(&self, number: usize) -> Ctx {
        let member = self.members.get(number).copied().unwrap_or(MemberId::from_i64(1));
        self.platform.ctx(self.organization, World::Test, Actor::Member(member))
    }
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "House of {}", self.organization)
    }
}
