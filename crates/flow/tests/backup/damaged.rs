//! Backups that are not whole, keys that do not fit, places that are not empty: refused, with nothing changed.

use crate::kit::{Kit, blocking, key_files};
use crate::stage::Stage;
use flow::backup::create::{self, Made};
use flow::backup::{BackupError, Folder, Identities, Progress, restore};
use std::path::{Path, PathBuf};
use store::whole::Place;
use testkit::database::Database;
use testkit::transfers::transfer;

async fn backup() -> (Stage, Kit, Made) {
    let stage = Stage::on(Database::sqlite()).await;
    for number in 0..20 {
        stage.submit(transfer(number, 100)).await;
    }
    let kit = Kit::new();
    let made = kit.make(&stage).await;
    (stage, kit, made)
}

async fn load(data: &Path, identities: &Identities, url: &str) -> BackupError {
    let (data, identities, url) = (data.to_owned(), identities.clone(), url.to_owned());
    blocking(move || restore::load(&data, &identities, &url, &mut |_| true))
        .await
        .unwrap_err()
}

async fn is_empty(url: &str) -> bool {
    let place = Place::at(url).unwrap();
    blocking(move || place.look()).await.unwrap().occupied.is_none()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_is_told_and_nothing_is_changed() {
    let (stage, kit, made) = backup().await;
    for target in Database::all() {
        let error = load(&kit.folder.data(&made.name), &kit.another_key(), target.url()).await;
        assert!(matches!(error, BackupError::WrongKey { .. }), "{error}");
        assert!(error.to_string().contains("another key"), "{error}");
        assert!(is_empty(target.url()).await);
    }
    let error = restore::keys(&kit.folder.keys(&made.name), &kit.another_key()).unwrap_err();
    assert!(matches!(error, BackupError::WrongKey { .. }), "{error}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_and_keys_that_are_exchanged_are_told_apart() {
    let (stage, kit, made) = backup().await;
    let target = Database::sqlite();
    let error = load(&kit.folder.keys(&made.name), &kit.identities, target.url()).await;
    assert!(
        error.to_string().contains("a backup of keys and not of data"),
        "{error}"
    );
    let error = restore::keys(&kit.folder.data(&made.name), &kit.identities).unwrap_err();
    assert!(
        error.to_string().contains("a backup of data and not of keys"),
        "{error}"
    );
    std::fs::write(kit.dir.path().join("data-x.age"), b"something else").unwrap();
    let error = load(&kit.dir.path().join("data-x.age"), &kit.identities, target.url()).await;
    assert!(matches!(error, BackupError::NotEncrypted { .. }), "{error}");
    let alone = restore::keys_of(&kit.dir.path().join("data-x.age")).unwrap_err();
    assert!(alone.to_string().contains("needs both"), "{alone}");
    assert_eq!(
        restore::keys_of(&kit.folder.data(&made.name)).unwrap(),
        kit.folder.keys(&made.name)
    );
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_truncated_file_and_a_flipped_byte_are_refused_and_a_postgresql_stays_empty() {
    let (stage, kit, made) = backup().await;
    let whole = std::fs::read(kit.folder.data(&made.name)).unwrap();
    let damaged = kit.dir.path().join("data-damaged.age");
    for target in Database::all() {
        let mut damages: Vec<Vec<u8>> = [whole.len() - 1, whole.len() - 17, whole.len() / 2, 400]
            .into_iter()
            .map(|length| whole[..length].to_vec())
            .collect();
        for at in [250, 700, whole.len() / 2, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            damages.push(bytes);
        }
        for bytes in damages {
            std::fs::write(&damaged, &bytes).unwrap();
            let fresh = Database::sqlite();
            let url = if target.is_postgres() {
                target.url()
            } else {
                fresh.url()
            };
            let error = load(&damaged, &kit.identities, url).await;
            assert!(
                matches!(
                    error,
                    BackupError::Damaged { .. } | BackupError::NotEncrypted { .. } | BackupError::WrongKey { .. }
                ),
                "{} bytes: {}",
                bytes.len(),
                error.chain()
            );
            if target.is_postgres() {
                assert!(is_empty(url).await);
            }
        }
        // What was refused leaves room for what is whole.
        if target.is_postgres() {
            kit.load(&made, target.url()).await.unwrap();
        }
    }
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_is_not_empty_is_refused_and_stays_as_it_is() {
    let (stage, kit, made) = backup().await;
    for database in Database::all() {
        let other = Stage::on(database).await;
        let place = Place::of(other.house.platform.store());
        let before = crate::kit::sums(place.clone()).await;
        let error = load(&kit.folder.data(&made.name), &kit.identities, other.database.url()).await;
        assert!(matches!(error, BackupError::NotEmpty { .. }), "{error}");
        assert!(error.to_string().contains("not empty"), "{error}");
        assert_eq!(crate::kit::sums(place).await, before);
        other.end().await;
    }
    stage.end().await;
}

/// Names of everything in a folder.
fn files(folder: &Folder) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_stopped_at_any_step_leaves_the_earlier_ones_and_nothing_half() {
    let (stage, kit, made) = backup().await;
    let earlier = files(&kit.folder);
    assert_eq!(earlier.len(), 2);
    for step in 0.. {
        let order = kit.order(&stage);
        let keys = kit.folder.clone();
        let mut left = step;
        let done = blocking(move || {
            create::create(&order, &mut |_| {
                left -= 1;
                left >= 0
            })
        })
        .await;
        match done {
            Err(BackupError::Stopped) => {
                let now = files(&keys);
                let (settled, parts): (Vec<_>, Vec<_>) = now
                    .iter()
                    .partition(|path| path.extension().is_some_and(|ending| ending == "age"));
                assert!(parts.is_empty(), "{parts:?}");
                // Once the keys are in place they may lie there alone.
                for path in settled.iter().filter(|path| !earlier.contains(path)) {
                    assert!(
                        path.file_name().unwrap().to_str().unwrap().starts_with("keys-"),
                        "{step}: {path:?}"
                    );
                    std::fs::remove_file(path).unwrap();
                }
            }
            Err(error) => panic!("{step}: {error}"),
            Ok(_) => {
                assert!(step > 40, "{step}");
                break;
            }
        }
    }
    assert!(kit.verify(&stage, &made).await.unwrap().is_sound());
    stage.end().await;
}

/// A file system of so many kilobytes, unmounted with the value.
struct Small(PathBuf);

impl Small {
    fn mount(path: PathBuf, kilobytes: u32) -> Option<Self> {
        std::fs::create_dir(&path).unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"])
            .arg(&path)
            .output();
        if !mounted.is_ok_and(|mounted| mounted.status.success()) {
            println!("skipped: a small file system cannot be mounted here");
            return None;
        }
        Some(Self(path))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).output();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_leaves_the_earlier_backups_and_a_clear_message() {
    let (stage, kit, _) = backup().await;
    let Some(small) = Small::mount(kit.dir.path().join("small"), 96) else {
        return;
    };
    let folder = Folder::open(&small.0).unwrap();
    let (mut made, mut error) = (Vec::new(), None);
    for _ in 0..20 {
        let order = create::Order {
            folder: folder.clone(),
            ..kit.order(&stage)
        };
        match blocking(move || create::create(&order, &mut |_| true)).await {
            Ok(one) => made.push(one),
            Err(full) => {
                error = Some(full);
                break;
            }
        }
    }
    let error = error.unwrap();
    assert!(matches!(error, BackupError::Full { .. }), "{}", error.chain());
    assert!(error.to_string().contains("earlier backups are untouched"), "{error}");
    assert!(!made.is_empty());
    assert_eq!(files(&folder).len(), made.len() * 2);
    for one in &made {
        let keys = restore::keys(&folder.keys(&one.name), &kit.identities).unwrap();
        assert_eq!(keys.len(), key_files().len());
        let (data, identities, target) = (folder.data(&one.name), kit.identities.clone(), Database::sqlite());
        blocking(move || restore::load(&data, &identities, target.url(), &mut |_| true))
            .await
            .unwrap();
    }
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_is_stopped_leaves_a_postgresql_as_it_was() {
    let (stage, kit, made) = backup().await;
    for target in Database::all().into_iter().filter(Database::is_postgres) {
        for after in [1, 5, 10] {
            let (data, identities, url) = (
                kit.folder.data(&made.name),
                kit.identities.clone(),
                target.url().to_owned(),
            );
            let stopped = blocking(move || {
                let mut left = after;
                restore::load(&data, &identities, &url, &mut |progress| {
                    left -= i32::from(matches!(progress, Progress::Table { .. }));
                    left > 0
                })
            })
            .await;
            assert!(matches!(stopped, Err(BackupError::Stopped)), "{stopped:?}");
            assert!(is_empty(target.url()).await);
        }
        kit.load(&made, target.url()).await.unwrap();
    }
    stage.end().await;
}
