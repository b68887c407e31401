//! Access to the console until members can sign in: a link that works once, and the session it begins.

use crate::event::{hex, sha256};
use crate::platform::Platform;
use crate::refusal::Error;
use std::sync::Arc;
use store::console::Access;
use vocab::context::{Actor, Ctx, World};
use vocab::id::OrganizationId;

/// A link is good for this long.
pub const LINK_SECONDS: i64 = 15 * 60;
/// A session ends after this long.
pub const SESSION_SECONDS: i64 = 12 * 3600;

/// Makes a link for an organization; returns its secret, which is shown once.
pub async fn link(platform: &Platform, organization: OrganizationId, world: World) -> Result<String, Error> {
    let secret = hex(&platform.parts().random::<32>());
    let digest = sha256(&[secret.as_bytes()]);
    let expires_at = platform.wall().plus_seconds(LINK_SECONDS);
    let access = Access { organization, world };
    let parts = Arc::clone(platform.parts());
    let added = platform
        .parts()
        .store
        .write("console link", move |tx| -> Result<_, Error> {
            Ok(store::console::add_link(
                tx,
                &parts.keyring,
                &digest,
                access,
                expires_at,
            )?)
        });
    added.await?;
    Ok(secret)
}

/// Uses a link up; returns the secret of the session it begins, or nothing when the link is unknown, used or expired.
pub async fn open(platform: &Platform, link: &str) -> Result<Option<String>, Error> {
    let used = sha256(&[link.as_bytes()]);
    let secret = hex(&platform.parts().random::<32>());
    let digest = sha256(&[secret.as_bytes()]);
    let now = platform.wall();
    let parts = Arc::clone(platform.parts());
    let opened = platform
        .parts()
        .store
        .write("console session", move |tx| -> Result<_, Error> {
            let Some(access) = store::console::take_link(tx, &parts.keyring, &used, now)? else {
                return Ok(false);
            };
            store::console::add_session(tx, &parts.keyring, &digest, access, now.plus_seconds(SESSION_SECONDS))?;
            Ok(true)
        });
    Ok(opened.await?.then_some(secret))
}

/// The context of a session, while it lasts. Pages read; they act as the platform itself.
pub async fn session(platform: &Platform, secret: &str) -> Result<Option<Ctx>, Error> {
    let digest = sha256(&[secret.as_bytes()]);
    let now = platform.wall();
    let parts = Arc::clone(platform.parts());
    let shared = Arc::clone(&parts);
    let access = parts.store.read("console session", move |tx| -> Result<_, Error> {
        Ok(store::console::session(tx, &shared.keyring, &digest, now)?)
    });
    Ok(access
        .await?
        .map(|access| platform.ctx(access.organization, access.world, Actor::System)))
}

/// Ends a session.
pub async fn close(platform: &Platform, secret: &str) -> Result<(), Error> {
    let digest = sha256(&[secret.as_bytes()]);
    platform
        .parts()
        .store
        .write("console session", move |tx| -> Result<_, Error> {
            Ok(store::console::end_session(tx, &digest)?)
        })
        .await
}
