//! Retention: which files of a folder have had their time. Pure.

use super::folder::Lying;
use vocab::limits;
use vocab::time::Timestamp;

/// How long what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Days that data is kept.
    pub data_days: i64,
    /// Days that keys are kept. A key that was erased may be restored for so long.
    pub keys_days: i64,
}

/// Files whose time is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Over {
    /// Names of backups whose data goes, and with it the keys of the same name.
    pub data: Vec<String>,
    /// Names of backups of which only the keys go.
    pub keys: Vec<String>,
}

/// Says what goes. Never the last backup that is known to be good, never the newest [`limits::BACKUPS_KEPT_MIN`], and never the newest
/// keys, without which no data is worth anything.
pub fn over(newest_first: &[Lying], verified: Option<&str>, now: Timestamp, keep: Keep) -> Over {
    let oldest_data = now.plus_days(keep.data_days.saturating_neg());
    let oldest_keys = now.plus_days(keep.keys_days.saturating_neg());
    let with_data = newest_first.iter().filter(|lying| lying.data_bytes.is_some());
    let data: Vec<String> = with_data
        .skip(limits::BACKUPS_KEPT_MIN)
        .filter(|lying| lying.begun_at < oldest_data && verified != Some(lying.name.as_str()))
        .map(|lying| lying.name.clone())
        .collect();
    let with_keys = newest_first.iter().filter(|lying| lying.keys_bytes.is_some());
    let keys = with_keys
        .skip(1)
        .filter(|lying| lying.begun_at < oldest_keys && !data.contains(&lying.name))
        .map(|lying| lying.name.clone())
        .collect();
    Over { data, keys }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> Timestamp {
        Timestamp::from_seconds(1_795_341_600)
    }

    fn lying(day: i64, data: bool, keys: bool) -> Lying {
        Lying {
            name: format!("day{day}"),
            begun_at: now().plus_days(-day),
            data_bytes: data.then_some(1),
            keys_bytes: keys.then_some(1),
        }
    }

    #[test]
    fn what_is_old_goes_and_the_verified_and_the_newest_stay() {
        let files: Vec<Lying> = (0..10).map(|day| lying(day * 10, true, true)).collect();
        let keep = Keep {
            data_days: 30,
            keys_days: 7,
        };
        let gone = over(&files, Some("day60"), now(), keep);
        assert_eq!(gone.data, ["day40", "day50", "day70", "day80", "day90"]);
        assert_eq!(gone.keys, ["day10", "day20", "day30", "day60"]);
    }

    #[test]
    fn backups_that_stopped_being_made_are_not_deleted_to_the_last() {
        let files: Vec<Lying> = (100..110).map(|day| lying(day, true, true)).collect();
        let keep = Keep {
            data_days: 1,
            keys_days: 1,
        };
        let gone = over(&files, None, now(), keep);
        assert_eq!(gone.data.len(), 7);
        assert!(!gone.data.contains(&"day100".to_owned()) && !gone.keys.contains(&"day100".to_owned()));
    }

    proptest! {
        #[test]
        fn the_last_verified_one_and_the_newest_keys_never_go(
            days in proptest::collection::btree_set(0_i64..400, 1..30),
            verified in any::<prop::sample::Index>(),
            data_days in 0_i64..50,
            keys_days in 0_i64..50,
        ) {
            let files: Vec<Lying> = days.iter().map(|day| lying(*day, true, true)).collect();
            let verified = &files[verified.index(files.len())].name;
            let gone = over(&files, Some(verified), now(), Keep { data_days, keys_days });
            prop_assert!(!gone.data.contains(verified));
            prop_assert!(!gone.keys.contains(&files[0].name) && !gone.data.contains(&files[0].name));
            prop_assert!(files.len() - gone.data.len() >= files.len().min(limits::BACKUPS_KEPT_MIN));
        }
    }
}
