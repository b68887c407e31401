//! What was done about backups: written down in the database and told in the log, and read back for people and alarms.

use crate::platform::{Parts, Platform};
use crate::refusal::Error;
use crate::setup::write;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Tx;
use store::backups::Act;
use vocab::context::{Actor, World};
use vocab::id::BackupId;
use vocab::limits;
use vocab::time::Timestamp;

/// What can be done about a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was made.
    Created,
    /// It was restored elsewhere, and everything was as it was written.
    Verified,
    /// It could not be made, or was not as it was written.
    Failed,
    /// Its time was over.
    Deleted,
    /// This database came out of it.
    Restored,
    /// After a restore somebody said that payments may travel again.
    Released,
}

impl Done {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Created => ("created", "backup.created"),
            Self::Verified => ("verified", "backup.verified"),
            Self::Failed => ("failed", "backup.failed"),
            Self::Deleted => ("deleted", "backup.deleted"),
            Self::Restored => ("restored", "backup.restored"),
            Self::Released => ("released", "backup.released"),
        }
    }
}

/// Acts that are read back for a list: a year of four backups a day, each made, verified and deleted.
const ACTS_MAX: usize = 4_500;

/// Writes down what was done. A database without an organization has nothing yet that could be lost, and nobody to tell.
pub async fn note(platform: &Platform, done: Done, name: &str, bytes: u64, detail: &str) -> Result<(), Error> {
    let Some((organization, _)) = crate::setup::organizations(platform).await?.into_iter().next() else {
        return Ok(());
    };
    let (act, kind) = done.words();
    let act = Act {
        id: BackupId::from_i64(platform.parts().id()),
        name: name.to_owned(),
        act: act.to_owned(),
        at: platform.wall(),
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        detail: detail.chars().take(500).collect(),
    };
    let ctx = platform.ctx(organization, World::Live, Actor::System);
    write(platform, ctx, "backup", move |work| {
        store::backups::add(work.tx, work.scope, &act)?;
        let told = json!({"bytes": act.bytes.to_string(), "detail": act.detail, "name": act.name});
        work.event(kind, act.id, &told)?;
        Ok(())
    })
    .await
}

/// A backup that this database knows of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name; empty when it was not even begun.
    pub name: String,
    /// When it was made, or could not be made.
    pub at: Timestamp,
    /// Size of its files.
    pub bytes: u64,
    /// Since when it is known to be good.
    pub verified_at: Option<Timestamp>,
    /// What went wrong.
    pub failed: Option<String>,
    /// When its time was over.
    pub deleted_at: Option<Timestamp>,
}

/// How it stands about backups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When the last one was made.
    pub created_at: Option<Timestamp>,
    /// When the last one was verified.
    pub verified_at: Option<Timestamp>,
    /// When one failed for the last time.
    pub failed_at: Option<Timestamp>,
    /// Whether the last one that is known to be good is older than [`limits::BACKUP_VERIFIED_DAYS_MAX`], or there is none.
    pub too_old: bool,
    /// The backup that this database came out of, until somebody lets payments travel again.
    pub held_since: Option<Timestamp>,
}

/// Backups, newest first, and how it stands about them.
pub async fn list(platform: &Platform) -> Result<(Standing, Vec<Known>), Error> {
    let parts = Arc::clone(platform.parts());
    let read = platform.store().read("backups", move |tx| -> Result<_, Error> {
        Ok((standing(&parts, tx)?, store::backups::newest(tx, ACTS_MAX)?))
    });
    let (standing, acts) = read.await?;
    Ok((standing, known(&acts)))
}

/// How it stands, in four look-ups.
pub(crate) fn standing(parts: &Parts, tx: &mut dyn Tx) -> Result<Standing, Error> {
    let mut last = |act| store::backups::last(tx, &parts.keyring, act).map(|act| act.map(|act| act.at));
    let (created_at, verified_at, failed_at) = (last("created")?, last("verified")?, last("failed")?);
    let oldest = parts
        .clock
        .now()
        .plus_days(limits::BACKUP_VERIFIED_DAYS_MAX.saturating_neg());
    Ok(Standing {
        created_at,
        verified_at,
        failed_at,
        too_old: verified_at.is_none_or(|at| at < oldest),
        held_since: store::backups::holding(tx, &parts.keyring)?.map(|act| act.at),
    })
}

/// Whether payments are held back because this database was restored and nobody has said yet that they may travel.
pub(crate) fn held_back(parts: &Parts, tx: &mut dyn Tx) -> Result<bool, Error> {
    Ok(store::backups::holding(tx, &parts.keyring)?.is_some())
}

fn known(newest_first: &[Act]) -> Vec<Known> {
    let mut backups: BTreeMap<(Timestamp, String), Known> = BTreeMap::new();
    let mut begun: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for act in newest_first.iter().rev() {
        if matches!(act.act.as_str(), "restored" | "released") {
            continue;
        }
        // What could not even be begun has no name, and is one failure for each time.
        let at = if act.name.is_empty() {
            act.at
        } else {
            *begun.entry(&act.name).or_insert(act.at)
        };
        let known = backups.entry((at, act.name.clone())).or_insert_with(|| Known {
            name: act.name.clone(),
            at,
            bytes: 0,
            verified_at: None,
            failed: None,
            deleted_at: None,
        });
        match act.act.as_str() {
            "created" => known.bytes = u64::try_from(act.bytes).unwrap_or(0),
            "verified" => {
                known.verified_at = Some(act.at);
                known.failed = None;
            }
            "failed" => known.failed = Some(act.detail.clone()),
            "deleted" => known.deleted_at = Some(act.at),
            _ => {}
        }
    }
    backups.into_values().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_are_told_by_backup_newest_first() {
        let act = |second, name: &str, act: &str, bytes, detail: &str| Act {
            id: BackupId::from_i64(second),
            name: name.to_owned(),
            act: act.to_owned(),
            at: Timestamp::from_seconds(second),
            bytes,
            detail: detail.to_owned(),
        };
        let mut acts = vec![
            act(1, "a", "created", 10, ""),
            act(2, "a", "verified", 0, ""),
            act(3, "", "failed", 0, "the disk is full"),
            act(4, "b", "created", 20, ""),
            act(5, "b", "failed", 0, "a row is missing"),
            act(6, "a", "deleted", 0, ""),
            act(7, "a", "restored", 0, ""),
        ];
        acts.reverse();
        let told: Vec<_> = known(&acts)
            .into_iter()
            .map(|known| {
                (
                    known.name,
                    known.bytes,
                    known.verified_at.is_some(),
                    known.failed,
                    known.deleted_at.is_some(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("b".to_owned(), 20, false, Some("a row is missing".to_owned()), false),
                (String::new(), 0, false, Some("the disk is full".to_owned()), false),
                ("a".to_owned(), 10, true, None, true),
            ]
        );
    }
}
