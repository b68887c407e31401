//! Backups by themselves: one is made when it is due, verified where the key is at hand, and old ones go.
//!
//! Any number of servers may share a database; one of them has the turn, which is a lease on the real clock.

use super::acts::{self, Done};
use super::create::{self, Made, Order};
use super::folder::Lying;
use super::retention::{self, Keep};
use super::verify::{self, Assemble, Wanted};
use super::{BackupError, Folder, Identities, KeyFile, Recipients};
use crate::platform::{Parts, Platform};
use crate::refusal::Error;
use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::Tx;
use store::whole::Place;
use vocab::limits;
use vocab::time::Timestamp;

/// Seconds between two looks whether a backup is due.
const LOOK_SECONDS: u64 = 20;

/// How backups are made by themselves.
#[derive(Clone)]
pub struct Plan {
    /// Where to.
    pub folder: Folder,
    /// Who may read the data.
    pub recipients: Recipients,
    /// Who may read the keys.
    pub key_recipients: Recipients,
    /// Minutes from one to the next.
    pub every_minutes: i64,
    /// How long they are kept.
    pub keep: Keep,
    /// Reads the files of keys as they are at that moment.
    pub keys: Arc<dyn Fn() -> Result<Vec<KeyFile>, BackupError> + Send + Sync>,
    /// What opens them again; without it somebody has to verify them elsewhere.
    pub identities: Option<Identities>,
    /// Where there is room to verify one.
    pub scratch: PathBuf,
    /// Puts a platform together to verify one.
    pub assemble: Arc<Assemble>,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Plan(to {}, every {} min)",
            self.folder.path().display(),
            self.every_minutes
        )
    }
}

/// Makes backups until `shutdown` completes. One that has been begun then is given up: it leaves nothing behind.
pub async fn run(platform: Platform, plan: Plan, shutdown: impl Future<Output = ()>) {
    let mut shutdown = pin!(shutdown);
    let stop = Arc::new(AtomicBool::new(false));
    loop {
        {
            let mut made = pin!(when_due(&platform, &plan, &stop));
            tokio::select! {
                biased;
                () = &mut shutdown => {
                    stop.store(true, Ordering::Relaxed);
                    told(made.await);
                    break;
                }
                done = &mut made => told(done),
            }
        }
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            () = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)) => {}
        }
    }
}

fn told(done: Result<Option<Made>, BackupError>) {
    match done {
        Ok(None) | Err(BackupError::Stopped) => {}
        Ok(Some(made)) => tracing::info!(
            backup.name = made.name,
            backup.bytes = made.bytes,
            "made backup {}",
            made.name
        ),
        Err(error) => tracing::error!(error = error.chain(), "no backup was made"),
    }
}

/// Makes a backup if one is due and no other server is at it.
pub async fn when_due(platform: &Platform, plan: &Plan, stop: &Arc<AtomicBool>) -> Result<Option<Made>, BackupError> {
    let parts = Arc::clone(platform.parts());
    let every = plan.every_minutes;
    let due = platform.store().read("backup due", move |tx| -> Result<_, Error> {
        is_due(&parts, tx, every)
    });
    if !due.await? {
        return Ok(None);
    }
    let token = i64::from_be_bytes(platform.parts().random());
    let parts = Arc::clone(platform.parts());
    let taken = platform.store().write("backup turn", move |tx| -> Result<_, Error> {
        Ok(is_due(&parts, tx, every)? && take_turn(&parts, tx, token)?)
    });
    if !taken.await? {
        return Ok(None);
    }
    let mut done = pin!(make(platform, plan, stop));
    let done = loop {
        tokio::select! {
            done = &mut done => break done,
            () = tokio::time::sleep(Duration::from_secs(limits::BACKUP_TURN_SECONDS / 4)) => {}
        }
        let parts = Arc::clone(platform.parts());
        let kept = platform.store().write("backup turn", move |tx| -> Result<_, Error> {
            take_turn(&parts, tx, token)
        });
        // Without the turn another server may begin as well: two backups harm nobody.
        if !kept.await.unwrap_or(true) {
            tracing::warn!("another server has taken the turn to make a backup; this one goes on");
        }
    };
    if let Err(error) = &done
        && !matches!(error, BackupError::Stopped)
    {
        acts::note(platform, Done::Failed, "", 0, &error.chain()).await?;
    }
    let given_back = platform.store().write("backup turn", move |tx| -> Result<_, Error> {
        Ok(store::backups::give_turn_back(tx, token)?)
    });
    given_back.await?;
    done.map(Some)
}

fn take_turn(parts: &Parts, tx: &mut dyn Tx, token: i64) -> Result<bool, Error> {
    let wall = parts.clock.now();
    let until = wall.plus_seconds(i64::try_from(limits::BACKUP_TURN_SECONDS).unwrap_or(i64::MAX));
    Ok(store::backups::take_turn(tx, token, wall, until)?)
}

fn is_due(parts: &Parts, tx: &mut dyn Tx, every_minutes: i64) -> Result<bool, Error> {
    // An installation without an organization has nothing that could be lost.
    if store::organizations::list(tx)?.is_empty() {
        return Ok(false);
    }
    let now = parts.clock.now();
    let standing = acts::standing(parts, tx)?;
    let after = |at: Option<Timestamp>, seconds| at.is_none_or(|at| at.plus_seconds(seconds) <= now);
    Ok(after(standing.created_at, every_minutes.saturating_mul(60))
        && after(
            standing.failed_at,
            limits::BACKUP_RETRY_SECONDS.min(every_minutes.saturating_mul(60)),
        ))
}

async fn make(platform: &Platform, plan: &Plan, stop: &Arc<AtomicBool>) -> Result<Made, BackupError> {
    let made = create(platform, plan, stop).await?;
    acts::note(platform, Done::Created, &made.name, made.bytes, "").await?;
    if let Some(identities) = &plan.identities {
        verify(platform, plan, identities, &made, stop).await?;
    }
    forget(platform, plan).await?;
    Ok(made)
}

async fn create(platform: &Platform, plan: &Plan, stop: &Arc<AtomicBool>) -> Result<Made, BackupError> {
    let order = Order {
        place: Place::of(platform.store()),
        keys: (plan.keys)()?,
        folder: plan.folder.clone(),
        recipients: plan.recipients.clone(),
        key_recipients: plan.key_recipients.clone(),
        chance: platform.parts().random(),
        clock: Arc::clone(&platform.parts().clock),
    };
    let stop = Arc::clone(stop);
    let work = move || create::create(&order, &mut |_| !stop.load(Ordering::Relaxed));
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| BackupError::Broken)?
}

/// Verifies a backup that was just made. One that is not sound is not deleted: it may be all there is.
async fn verify(
    platform: &Platform,
    plan: &Plan,
    identities: &Identities,
    made: &Made,
    stop: &Arc<AtomicBool>,
) -> Result<(), BackupError> {
    let wanted = Wanted {
        data: plan.folder.data(&made.name),
        keys: plan.folder.keys(&made.name),
        identities: identities.clone(),
        scratch: plan.scratch.clone(),
        chance: platform.parts().random(),
    };
    let stop = Arc::clone(stop);
    let verified = verify::verify(
        wanted,
        &*plan.assemble,
        Box::new(move |_| !stop.load(Ordering::Relaxed)),
    )
    .await;
    let (done, detail) = match verified {
        Ok(verified) if verified.is_sound() => (Done::Verified, verified.verdict()),
        Ok(verified) => (Done::Failed, verified.verdict()),
        Err(BackupError::Stopped) => return Err(BackupError::Stopped),
        Err(error) => (Done::Failed, error.chain()),
    };
    if done == Done::Failed {
        tracing::error!(
            backup.name = made.name,
            why = detail,
            "backup {} is not sound",
            made.name
        );
    }
    acts::note(platform, done, &made.name, 0, &detail).await?;
    Ok(())
}

/// Removes what has had its time.
async fn forget(platform: &Platform, plan: &Plan) -> Result<(), BackupError> {
    let lying = plan.folder.list()?;
    let (_, known) = acts::list(platform).await?;
    let good = |lying: &&Lying| {
        let same = known.iter().find(|known| known.name == lying.name);
        same.is_some_and(|known| known.verified_at.is_some() && known.failed.is_none())
    };
    let verified = lying.iter().find(good).map(|lying| lying.name.as_str());
    let over = retention::over(&lying, verified, platform.wall(), plan.keep);
    for name in &over.keys {
        plan.folder.remove(&plan.folder.keys(name))?;
    }
    for name in &over.data {
        // Keys last: data without keys is nothing, keys without data harm nobody.
        plan.folder.remove(&plan.folder.data(name))?;
        plan.folder.remove(&plan.folder.keys(name))?;
        acts::note(platform, Done::Deleted, name, 0, "its time was over").await?;
    }
    Ok(())
}
