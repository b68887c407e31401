//! The data directory: keys, certificate, receipts. Secrets generate themselves on first start and are readable by the owner only.

use crate::args::Place;
use crate::output;
use crate::system::random;
use evidence::key::SignerKey;
use flow::backup::KeyFile;
use keys::Keyring;
use signing::key::SigningKey;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use vocab::secret::Secret;

/// Folder of the keys in a backup.
const KEYS: &str = "keys";
/// File of the master key, in the folder of the keys.
pub(crate) const MASTER_KEY: &str = "master.key";
/// File of the log's signing key, in the folder of the keys.
pub(crate) const LOG_KEY: &str = "log.key";
/// File of the secret that is shared with the simulated bank.
const BANK_TOKEN: &str = "bank.token";

/// Paths of one installation.
#[derive(Clone, Debug)]
pub(crate) struct DataDir {
    pub(crate) root: PathBuf,
    pub(crate) keys: PathBuf,
}

/// Why the directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    #[error("`{}` cannot be {what}: {source}", path.display())]
    File {
        path: PathBuf,
        what: &'static str,
        source: io::Error,
    },
    #[error("`{}` does not hold {what}; restore it from your backup, a new one would not fit the database", path.display())]
    Content { path: PathBuf, what: &'static str },
    #[error("a certificate cannot be made: {0}")]
    Certificate(String),
}

impl DataDir {
    pub(crate) fn open(place: &Place) -> Result<Self, DataError> {
        Self::at(place.data.clone(), place.keys.clone())
    }

    pub(crate) fn at(root: PathBuf, keys: Option<PathBuf>) -> Result<Self, DataError> {
        let keys = keys.unwrap_or_else(|| root.join("keys"));
        for path in [&root, &keys] {
            create_private_dir(path)?;
        }
        Ok(Self { root, keys })
    }

    /// The default database of this directory.
    pub(crate) fn sqlite(&self) -> String {
        format!("sqlite:{}", self.root.join("countersign.db").display())
    }

    /// The keyring, made on first use.
    pub(crate) fn keyring(&self) -> Result<Keyring, DataError> {
        let path = self.keys.join(MASTER_KEY);
        let text = self.secret(&path, || Ok(crate::system::hex(&random::<32>())))?;
        let content = || DataError::Content {
            path: path.clone(),
            what: "a master key",
        };
        read_keyring(&text).ok_or_else(content)
    }

    /// The log's signing key, made on first use.
    pub(crate) fn log_key(&self) -> Result<SignerKey, DataError> {
        let path = self.keys.join(LOG_KEY);
        let content = || DataError::Content {
            path: path.clone(),
            what: "a log key",
        };
        let text = self.secret(&path, || {
            let name = format!("countersign.log/{}", crate::system::hex(&random::<4>()));
            SignerKey::from_seed(&name, &random())
                .and_then(|key| key.expose())
                .map_err(|_| content())
        })?;
        SignerKey::parse(&text).map_err(|_| content())
    }

    /// Certificate and private key in PEM: a self-signed one for loopback, made on first use.
    pub(crate) fn certificate(&self) -> Result<(PathBuf, PathBuf), DataError> {
        let (certificate, key) = (self.keys.join("tls.crt"), self.keys.join("tls.key"));
        if !certificate.exists() || !key.exists() {
            let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
            let made =
                rcgen::generate_simple_self_signed(names).map_err(|error| DataError::Certificate(error.to_string()))?;
            write_private(&key, made.signing_key.serialize_pem().as_bytes())?;
            write_private(&certificate, made.cert.pem().as_bytes())?;
        }
        Ok((certificate, key))
    }

    /// A secret shared with the simulated bank, made on first use.
    pub(crate) fn bank_token(&self) -> Result<Secret, DataError> {
        let path = self.root.join(BANK_TOKEN);
        let text = self.secret(&path, || Ok(crate::system::hex(&random::<32>())))?;
        Ok(Secret::new(text.into_bytes()))
    }

    /// The files that a database is worth nothing without, as they are now, by their names in a backup.
    pub(crate) fn key_files(&self) -> Result<Vec<KeyFile>, DataError> {
        let mut files = Vec::new();
        let folder = fs::read_dir(&self.keys).map_err(file(&self.keys, "read"))?;
        for entry in folder {
            let path = entry.map_err(file(&self.keys, "read"))?.path();
            if let Some(name) = path.file_name().and_then(|name| name.to_str())
                && path.is_file()
            {
                files.push((format!("{KEYS}/{name}"), path.clone()));
            }
        }
        let token = self.root.join(BANK_TOKEN);
        if token.exists() {
            files.push((BANK_TOKEN.to_owned(), token));
        }
        files.sort();
        let read = files.into_iter().map(|(name, path)| {
            let bytes = fs::read(&path).map_err(file(&path, "read"))?;
            Ok(KeyFile {
                name,
                bytes: Secret::new(bytes),
            })
        });
        read.collect()
    }

    /// Where a file of a backup belongs.
    pub(crate) fn place_of(&self, name: &str) -> PathBuf {
        match name.strip_prefix(KEYS).and_then(|rest| rest.strip_prefix('/')) {
            Some(name) => self.keys.join(name),
            None => self.root.join(name),
        }
    }

    /// Writes a key file for `countersign api` and for clients: the key id, then the private key in PEM.
    pub(crate) fn write_signing_key(&self, name: &str, key_id: &str, key: &SigningKey) -> Result<PathBuf, DataError> {
        let directory = self.root.join("people");
        create_private_dir(&directory)?;
        let path = directory.join(format!("{name}.key"));
        let pem = key.to_pem().map_err(|_| DataError::Content {
            path: path.clone(),
            what: "a key that can be written",
        })?;
        let mut text = format!("keyid: {key_id}\n").into_bytes();
        text.extend_from_slice(pem.expose());
        write_private(&path, &text)?;
        Ok(path)
    }

    fn secret(&self, path: &Path, make: impl FnOnce() -> Result<String, DataError>) -> Result<String, DataError> {
        if !path.exists() {
            let made = make()?;
            match write_new(path, made.as_bytes()) {
                Ok(()) => output::note(&format!(
                    "made {}; back it up, it is not in the database",
                    path.display()
                )),
                // Another server was faster: its key counts.
                Err(DataError::File { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        let text = fs::read_to_string(path).map_err(file(path, "read"))?;
        Ok(text.trim().to_owned())
    }
}

/// The keyring of a master key in its text form.
pub(crate) fn read_keyring(text: &str) -> Option<Keyring> {
    let bytes: Option<Vec<u8>> = (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at.saturating_add(2))?, 16).ok())
        .collect();
    Keyring::from_master(&Secret::new(bytes?)).ok()
}

/// A key file: key id and private key.
pub(crate) fn read_signing_key(path: &Path) -> Result<(String, SigningKey), DataError> {
    let text = fs::read_to_string(path).map_err(file(path, "read"))?;
    let content = || DataError::Content {
        path: path.to_owned(),
        what: "a line `keyid: key_…` and a private key",
    };
    let (first, pem) = text.split_once('\n').ok_or_else(content)?;
    let key_id = first.strip_prefix("keyid: ").ok_or_else(content)?.trim().to_owned();
    let key = SigningKey::from_pem(pem.as_bytes()).map_err(|_| content())?;
    Ok((key_id, key))
}

fn file(path: &Path, what: &'static str) -> impl Fn(io::Error) -> DataError {
    let path = path.to_owned();
    move |source| DataError::File {
        path: path.clone(),
        what,
        source,
    }
}

fn create_private_dir(path: &Path) -> Result<(), DataError> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(file(path, "made"))
}

pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), DataError> {
    use std::os::unix::fs::OpenOptionsExt;
    // Written beside and linked into place, so that no other server ever reads half a key.
    let beside = path.with_extension(format!("new-{}", crate::system::hex(&random::<4>())));
    let mut target = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)
        .map_err(file(&beside, "made"))?;
    let written = target
        .write_all(bytes)
        .and_then(|()| target.sync_all())
        .and_then(|()| fs::hard_link(&beside, path));
    let _ = fs::remove_file(&beside);
    written.map_err(file(path, "written"))
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), DataError> {
    if path.exists() {
        fs::remove_file(path).map_err(file(path, "replaced"))?;
    }
    write_new(path, bytes)
}
