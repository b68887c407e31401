//! Backups by hand, as people make, verify and restore them, and as a kill in the middle leaves them.

use crate::support::{countersign, postgres};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use store::{MIGRATIONS, Store, StoreConfig};

/// A platform with an organization, on a database of either engine, with a key for its backups.
struct Site {
    dir: tempfile::TempDir,
    database: Option<store::Scratch>,
    recipient: String,
}

impl Site {
    fn bare(database: Option<store::Scratch>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("backup.key");
        let made = countersign(&["backup", "key", key.to_str().unwrap()]);
        assert!(made.status.success());
        let recipient = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        assert!(recipient.starts_with("age1"), "{recipient}");
        Self {
            dir,
            database,
            recipient,
        }
    }

    fn all(name: &str) -> Vec<Self> {
        let schema = postgres()
            .map(|server| store::Scratch::create(&server, &format!("backups_{name}_{}", std::process::id())).unwrap());
        let sites: Vec<Self> = std::iter::once(Self::bare(None))
            .chain(schema.map(|schema| Self::bare(Some(schema))))
            .collect();
        for site in &sites {
            let made = site.run(&["setup", "--organization", "Aurora", "--approver", "Ada"], "data");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        sites
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    /// Runs the binary on a data directory and, where that is the platform's own, on its database.
    fn run(&self, arguments: &[&str], data: &str) -> Output {
        let data = self.path(data);
        let mut all = arguments.to_vec();
        all.extend(["--data", &data]);
        if let Some(database) = &self.database {
            all.extend(["--database", database.url()]);
        }
        countersign(&all)
    }

    fn target(&self) -> [String; 4] {
        [
            "--backup-to".to_owned(),
            self.path("backups"),
            "--backup-recipient".to_owned(),
            self.recipient.clone(),
        ]
    }

    fn create(&self) -> Output {
        let target = self.target();
        let words: Vec<&str> = ["backup", "create"]
            .into_iter()
            .chain(target.iter().map(String::as_str))
            .collect();
        self.run(&words, "data")
    }

    /// Files of backups, sorted.
    fn files(&self, beginning: &str) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.path("backups"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(beginning))
            .collect();
        files.sort();
        files
    }

    fn verify(&self, data: &Path, more: &[&str]) -> Output {
        let identity = self.path("backup.key");
        let fixed = ["backup", "verify", data.to_str().unwrap(), "--identity", &identity];
        countersign(&[&fixed, more].concat())
    }
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_platform_is_backed_up_verified_and_restored_elsewhere() {
    for site in Site::all("byhand") {
        let made = site.create();
        assert!(made.status.success(), "{}", words(&made.stderr));
        assert!(
            words(&made.stderr).contains("the data is in place"),
            "{}",
            words(&made.stderr)
        );
        let listed = countersign(&["backup", "list", "--backup-to", &site.path("backups"), "--json"]);
        let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
        assert!(
            listed["data_bytes"].as_u64().unwrap() > 1_000 && listed["keys_bytes"].is_u64(),
            "{listed}"
        );

        let [data] = site.files("data-").try_into().unwrap();
        let verified = site.verify(&data, &["--json"]);
        let told: Value = serde_json::from_slice(&verified.stdout).unwrap();
        assert!(verified.status.success() && told["sound"] == true, "{told}");

        // Into a new directory; for PostgreSQL also onto the other engine.
        let identity = site.path("backup.key");
        let restore = |into: &str| {
            let into = site.path(into);
            let arguments = [
                "backup",
                "restore",
                data.to_str().unwrap(),
                "--identity",
                &identity,
                "--data",
                &into,
            ];
            countersign(&arguments)
        };
        let restored = restore("restored");
        assert!(restored.status.success(), "{}", words(&restored.stderr));
        assert!(
            words(&restored.stdout).contains("no payment travels"),
            "{}",
            words(&restored.stdout)
        );
        assert_eq!(
            std::fs::read(site.path("data/keys/master.key")).unwrap(),
            std::fs::read(site.path("restored/keys/master.key")).unwrap()
        );
        let checked = countersign(&["log", "check", "--data", &site.path("restored")]);
        assert!(checked.status.success(), "{}", words(&checked.stdout));
        let released = countersign(&["backup", "release", "--data", &site.path("restored")]);
        assert!(
            words(&released.stdout).contains("travel to the bank again"),
            "{}",
            words(&released.stdout)
        );
        let again = countersign(&["backup", "release", "--data", &site.path("restored")]);
        assert!(words(&again.stdout).contains("nothing is held back"));

        // A second time the place is taken, and what is there stays.
        let before = std::fs::read(site.path("restored/countersign.db")).unwrap();
        let refused = restore("restored");
        assert!(!refused.status.success());
        assert!(
            words(&refused.stderr).contains("nothing was changed"),
            "{}",
            words(&refused.stderr)
        );
        assert_eq!(std::fs::read(site.path("restored/countersign.db")).unwrap(), before);
        let refused = restore("data");
        assert!(!refused.status.success() || site.database.is_some());

        // The result is remembered where the platform is.
        let remembered = match &site.database {
            None => site.verify(&data, &["--data", &site.path("data")]),
            Some(database) => site.verify(&data, &["--data", &site.path("data"), "--database", database.url()]),
        };
        assert!(remembered.status.success(), "{}", words(&remembered.stderr));
        let checked = site.run(&["log", "check"], "data");
        assert!(checked.status.success(), "{}", words(&checked.stdout));
    }
}

#[test]
fn a_wrong_key_a_damaged_file_and_a_missing_one_are_told_in_words() {
    for site in Site::all("wrong").into_iter().take(1) {
        assert!(site.create().status.success());
        let [data] = site.files("data-").try_into().unwrap();
        let other = site.path("other.key");
        assert!(countersign(&["backup", "key", &other]).status.success());
        let into = site.path("restored");
        let refused = countersign(&[
            "backup",
            "restore",
            data.to_str().unwrap(),
            "--identity",
            &other,
            "--data",
            &into,
        ]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            words(&refused.stderr).contains("another key"),
            "{}",
            words(&refused.stderr)
        );
        assert!(!Path::new(&into).exists());

        let mut bytes = std::fs::read(&data).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        let damaged = site.path("backups/data-damaged.age");
        std::fs::write(&damaged, &bytes).unwrap();
        let refused = site.verify(Path::new(&damaged), &[]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            words(&refused.stderr).contains("damaged or cut off"),
            "{}",
            words(&refused.stderr)
        );
        let identity = site.path("backup.key");
        let refused = countersign(&["backup", "restore", &damaged, "--identity", &identity, "--data", &into]);
        assert_eq!(refused.status.code(), Some(1), "{}", words(&refused.stdout));
        assert!(!Path::new(&into).join("countersign.db").exists());
        assert!(!Path::new(&into).join("keys/master.key").exists());

        for keys in site.files("keys-") {
            std::fs::remove_file(keys).unwrap();
        }
        let refused = site.verify(&data, &[]);
        assert!(
            words(&refused.stderr).contains("needs both"),
            "{}",
            words(&refused.stderr)
        );
    }
}

/// Runs `backup create` and kills it when it says the line with this number; false when it ended before.
fn killed_at(site: &Site, line: usize) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command
        .args(["backup", "create", "--verbose", "--data", &site.path("data")])
        .args(site.target());
    if let Some(database) = &site.database {
        command.args(["--database", database.url()]);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let reached = lines.map_while(Result::ok).nth(line).is_some();
    if reached {
        let _ = child.kill();
    }
    let _ = child.wait();
    reached
}

#[test]
fn a_process_that_is_killed_at_any_step_leaves_only_whole_backups() {
    for site in Site::all("killed") {
        assert!(site.create().status.success());
        // The first and some of the tables, then each of the last steps.
        let mut steps = vec![0, 1, 9, 20];
        steps.extend(38..60);
        for step in steps {
            if !killed_at(&site, step) {
                assert!(step > 30, "{step}");
                break;
            }
        }
        // What was left behind goes with the next one, and whatever has its name is whole.
        assert!(site.create().status.success());
        let parts = site
            .files("")
            .into_iter()
            .filter(|path| path.extension().unwrap() == "part");
        assert_eq!(parts.count(), 0);
        let data = site.files("data-");
        assert!(data.len() >= 2);
        for data in [&data[0], &data[data.len() / 2], &data[data.len() - 1]] {
            let verified = site.verify(data, &[]);
            assert!(
                verified.status.success(),
                "{} {}",
                words(&verified.stdout),
                words(&verified.stderr)
            );
        }
    }
}

#[test]
fn before_a_schema_is_changed_a_backup_is_made_or_the_server_says_why_not() {
    let site = Site::bare(None);
    // Keys as a platform makes them, and a database of the first schema.
    let made = site.run(&["setup", "--organization", "Aurora", "--approver", "Ada"], "made");
    assert!(made.status.success(), "{}", words(&made.stderr));
    std::fs::create_dir_all(site.path("data")).unwrap();
    std::fs::rename(site.path("made/keys"), site.path("data/keys")).unwrap();
    let url = format!("sqlite:{}", site.path("data/countersign.db"));
    let old = Store::open(StoreConfig::new(url.clone(), &MIGRATIONS[..1])).unwrap();
    let advanced: Result<i64, store::StoreError> =
        old.write_blocking("test", |tx| store::facts::advance_test_clock(tx, 1_000_000));
    advanced.unwrap();
    old.close_blocking();
    let schema = || store::whole::Place::at(&url).unwrap().look().unwrap().applied;

    let refused = site.run(&["clock", "show"], "data");
    assert!(
        words(&refused.stderr).contains("start `countersign serve`"),
        "{}",
        words(&refused.stderr)
    );
    let refused = site.run(&["serve", "--listen", "127.0.0.1:0"], "data");
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        words(&refused.stderr).contains("--no-backup"),
        "{}",
        words(&refused.stderr)
    );
    assert_eq!(schema(), [1].into());

    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data", &site.path("data")])
        .args(site.target())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let _ = child.kill();
    let _ = child.wait();
    assert!(line.contains("serving at"), "{line}");
    assert_eq!(schema(), MIGRATIONS.iter().map(|migration| migration.number).collect());
    let [data] = site.files("data-").try_into().unwrap();
    let verified = site.verify(&data, &["--json"]);
    let told: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(told["schema"], 1, "{told} {}", words(&verified.stderr));
}
