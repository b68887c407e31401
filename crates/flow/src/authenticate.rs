//! Authenticate: whose key signed a request, and whether the signature was seen before.

use crate::event::sha256;
use crate::platform::{Parts, Platform};
use crate::refusal::Error;
use identity::member::MemberState;
use signing::key::VerifyingKey;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::requests::Nonce;
use store::scope::Scope;
use store::{Lane, StoreError, Tx};
use vocab::context::{Actor, World};
use vocab::id::{KeyId, OrganizationId};
use vocab::time::Timestamp;

/// Seconds for which a server trusts its copy of a key: a revocation takes effect on every server within this time.
pub const KEY_CACHE_SECONDS: i64 = 2;
/// Keys that a server keeps parsed: more than an organization has applications and people by far.
const KEY_CACHE_MAX: usize = 10_000;

/// A registered key, parsed.
#[derive(Debug)]
pub struct Registered {
    /// The `keyid`.
    pub id: KeyId,
    /// The tenant of its holder.
    pub organization: OrganizationId,
    /// The world it sees.
    pub world: World,
    /// Its holder.
    pub holder: Actor,
    /// Checks its signatures.
    pub key: VerifyingKey,
}

#[derive(Default)]
pub(crate) struct KeyCache(Mutex<BTreeMap<KeyId, (Timestamp, Arc<Registered>)>>);

impl KeyCache {
    fn fresh(&self, id: KeyId, now: Timestamp) -> Option<Arc<Registered>> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, key) = cache.get(&id)?;
        (now.micros().saturating_sub(read_at.micros()) < KEY_CACHE_SECONDS * 1_000_000).then(|| Arc::clone(key))
    }

    fn keep(&self, now: Timestamp, key: &Arc<Registered>) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= KEY_CACHE_MAX {
            cache.clear();
        }
        cache.insert(key.id, (now, Arc::clone(key)));
    }

    fn forget(&self, id: KeyId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// The key with this id, unless it is unknown or revoked.
pub async fn key(platform: &Platform, id: KeyId) -> Result<Option<Arc<Registered>>, Error> {
    let now = platform.wall();
    let parts = platform.parts();
    if let Some(key) = parts.key_cache.fresh(id, now) {
        return Ok(Some(key));
    }
    let shared = Arc::clone(parts);
    let row = parts
        .store
        .read("key", move |tx| -> Result<_, Error> {
            let key = store::organizations::key(tx, &shared.keyring, id)?;
            key.map_or(Ok(None), |key| of_active_holder(&shared, tx, key))
        })
        .await?;
    let Some(row) = row.filter(|row| row.revoked_at.is_none()) else {
        parts.key_cache.forget(id);
        return Ok(None);
    };
    let key =
        VerifyingKey::parse(&row.public_key).map_err(|_| Error::Bug("a stored public key that cannot be read"))?;
    let (organization, world, holder) = (row.organization, row.world, row.holder);
    let registered = Arc::new(Registered {
        id,
        organization,
        world,
        holder,
        key,
    });
    parts.key_cache.keep(now, &registered);
    Ok(Some(registered))
}

/// A member who was deactivated has no keys any more, whatever became of the rows of the keys.
fn of_active_holder(
    parts: &Parts,
    tx: &mut dyn Tx,
    key: store::organizations::SigningKey,
) -> Result<Option<store::organizations::SigningKey>, Error> {
    let Actor::Member(member) = key.holder else {
        return Ok(Some(key));
    };
    let scope = Scope {
        organization: key.organization,
        world: key.world,
        sealer: &parts.keyring,
    };
    let active = crate::rights::Rights::of(tx, scope, member)?.state == Some(MemberState::Active);
    Ok(active.then_some(key))
}

/// The nonce of a verified signature as a row. `expires_at` in seconds.
pub fn nonce(key: KeyId, expires_at: i64, digest: &[u8; 32]) -> Nonce {
    let mut half = [0; 16];
    for (to, from) in half.iter_mut().zip(digest) {
        *to = *from;
    }
    Nonce {
        key,
        expires_at,
        digest: half,
    }
}

/// Claims a nonce; false when the signature was seen before, on whichever server.
pub async fn claim_nonce(platform: &Platform, nonce: Nonce) -> Result<bool, Error> {
    Ok(platform.nonces.submit(nonce).await?)
}

/// Claims nonces in slices.
#[derive(Debug)]
pub(crate) struct NonceLane;

impl Lane for NonceLane {
    const NAME: &'static str = "nonces";
    type Request = Nonce;
    type Outcome = bool;

    fn run(&self, tx: &mut dyn Tx, slice: &[Nonce]) -> Result<Vec<bool>, StoreError> {
        store::requests::claim_nonces(tx, slice)
    }
}

/// What makes a repeated request recognisable.
#[derive(Clone, Copy, Debug)]
pub struct Idempotency {
    /// Keyed digest of caller, operation and idempotency key.
    pub(crate) digest: [u8; 16],
    /// Digest of the content of the request.
    pub(crate) request: [u8; 16],
}

/// The idempotency of a request: the same key by the same caller for the same operation is the same request.
pub fn idempotency(
    platform: &Platform,
    organization: OrganizationId,
    world: World,
    actor: Actor,
    operation: &str,
    key: &str,
    content: &[u8],
) -> Idempotency {
    let organization = organization.to_i64().to_be_bytes();
    let world = world.to_i64().to_be_bytes();
    let actor = actor.to_string();
    let parts: [&[u8]; 5] = [
        &organization,
        &world,
        actor.as_bytes(),
        operation.as_bytes(),
        key.as_bytes(),
    ];
    let digest = platform.parts().keyring.0.blind_index("idempotency", &parts);
    let mut request = [0; 16];
    for (to, from) in request.iter_mut().zip(sha256(&[content])) {
        *to = from;
    }
    Idempotency { digest, request }
}
