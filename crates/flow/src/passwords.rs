//! Hashing of passwords: on threads of their own, a few at a time, so that people who sign in never keep payments waiting.

use crate::platform::Platform;
use crate::refusal::{Code, Error, Refusal, refuse};
use identity::credential::password::{self, Parameters, PasswordRefusal, Pepper, Verdict};
use std::sync::Arc;
use store::credentials::Password;
use tokio::sync::Semaphore;
use vocab::secret::Secret;

/// Hashes at the same time: each takes 64 MiB and a processor for a tenth of a second.
const AT_ONCE: usize = 2;
/// Hashes that wait at most: some seconds of work. Whoever comes beyond that is told to come again.
const WAITING_MAX: usize = 32;
/// The pepper that new passwords get.
const PEPPER_VERSION: i64 = 1;

/// Places for hashing.
pub(crate) struct Hashing {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
        }
    }
}

/// Hashes a password that may be chosen; `own` are words that belong to the member.
pub(crate) async fn chosen(platform: &Platform, chosen: Secret, own: &[&str]) -> Result<Password, Error> {
    let text = std::str::from_utf8(chosen.expose()).map_err(|_| Refusal::new(Code::Malformed, "a password is text"))?;
    password::acceptable(text, own)
        .map_err(|refused: PasswordRefusal| Refusal::new(Code::PasswordRefused, refused.to_string()))?;
    hashed(platform, chosen).await
}

/// Hashes a password.
pub(crate) async fn hashed(platform: &Platform, plain: Secret) -> Result<Password, Error> {
    let salt = platform.parts().random();
    let pepper = pepper(platform, PEPPER_VERSION)?;
    let hash = aside(platform, move || {
        password::hash(&plain, &salt, &pepper, Parameters::PRESENT)
    });
    Ok(Password {
        hash: hash
            .await?
            .map_err(|_| Error::Bug("a password that cannot be hashed"))?,
        pepper: PEPPER_VERSION,
        set_at: platform.wall(),
    })
}

/// Compares a password with a stored one, or with nobody's when there is none: both take as long.
pub(crate) async fn compared(platform: &Platform, given: Secret, stored: Option<&Password>) -> Result<Verdict, Error> {
    let hash = stored.map_or_else(|| password::nobodys(Parameters::PRESENT), |stored| stored.hash.clone());
    let pepper = pepper(platform, stored.map_or(PEPPER_VERSION, |stored| stored.pepper))?;
    let verdict = aside(platform, move || {
        password::verify(&given, &hash, &pepper, Parameters::PRESENT)
    });
    verdict
        .await?
        .map_err(|_| Error::Bug("a stored password hash that cannot be read"))
}

fn pepper(platform: &Platform, version: i64) -> Result<Pepper, Error> {
    if version != PEPPER_VERSION {
        return Err(Error::Bug("a password with a pepper that this server does not have"));
    }
    let secret = platform.parts().keyring.0.password_pepper().clone();
    Ok(Pepper { version, secret })
}

/// Runs something slow where it keeps nobody waiting but those who wait for the same.
async fn aside<T: Send + 'static>(platform: &Platform, slow: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let hashing = &platform.parts().hashing;
    let Ok(_waiting) = Arc::clone(&hashing.waiting).try_acquire_owned() else {
        return refuse(Code::Busy, "too many people are signing in at the moment");
    };
    let running = Arc::clone(&hashing.running).acquire_owned().await;
    let done = tokio::task::spawn_blocking(move || {
        let _running = running;
        slow()
    });
    done.await.map_err(|_| Error::Bug("hashing of a password ended early"))
}
