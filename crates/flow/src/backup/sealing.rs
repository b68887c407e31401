//! Encryption of backups: age, with X25519 keys. Any age program opens them.
//!
//! SECURITY: the server needs the recipient only, which reads nothing. The key that reads belongs somewhere else.

use super::BackupError;
use age::secrecy::ExposeSecret;
use age::stream::{StreamReader, StreamWriter};
use age::x25519::{Identity, Recipient};
use age::{DecryptError, Decryptor, Encryptor};
use archive::ArchiveError;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use vocab::secret::Secret;

/// Who may read a backup.
#[derive(Clone)]
pub struct Recipients(Vec<Recipient>);

impl Recipients {
    /// Reads them in their text form, `age1…`; there must be one.
    pub fn parse(texts: &[String]) -> Result<Self, BackupError> {
        let read = texts.iter().map(|text| {
            let recipient: Result<Recipient, _> = text.trim().parse();
            recipient.map_err(|_| BackupError::Recipient(text.chars().take(80).collect()))
        });
        let recipients = read.collect::<Result<Vec<_>, _>>()?;
        if recipients.is_empty() {
            return Err(BackupError::NoRecipient);
        }
        Ok(Self(recipients))
    }

    /// Encrypts what is written.
    pub(super) fn seal<W: Write>(&self, out: W) -> io::Result<StreamWriter<W>> {
        let recipients = self.0.iter().map(|recipient| -> &dyn age::Recipient { recipient });
        let encryptor = Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
        encryptor.wrap_output(out)
    }
}

impl std::fmt::Debug for Recipients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} recipients", self.0.len())
    }
}

/// Keys that read backups.
#[derive(Clone)]
pub struct Identities(Arc<Vec<Identity>>);

impl Identities {
    /// Reads a file as `age-keygen` writes it: a key on each line that is no comment.
    pub fn read(path: &Path) -> Result<Self, BackupError> {
        let bytes = std::fs::read(path).map_err(|error| BackupError::file(path, "read", error))?;
        let bytes = Secret::new(bytes);
        let none = || BackupError::NoIdentity { path: path.to_owned() };
        let text = std::str::from_utf8(bytes.expose()).map_err(|_| none())?;
        let lines = text.lines().map(str::trim);
        let keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys: Vec<Identity> = keys
            .map(|line| line.parse().map_err(|_| none()))
            .collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(none());
        }
        Ok(Self(Arc::new(keys)))
    }

    /// Decrypts what is read from a file.
    pub(super) fn open<R: Read>(&self, path: &Path, input: R) -> Result<StreamReader<R>, BackupError> {
        let path = path.to_owned();
        let decryptor = match Decryptor::new(input) {
            Ok(decryptor) => decryptor,
            Err(DecryptError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(BackupError::file(&path, "read", error));
            }
            Err(_) => return Err(BackupError::NotEncrypted { path }),
        };
        let keys = self.0.iter().map(|key| -> &dyn age::Identity { key });
        decryptor.decrypt(keys).map_err(|error| {
            if matches!(error, DecryptError::NoMatchingKeys) {
                return BackupError::WrongKey { path };
            }
            let source = ArchiveError::Read(io::Error::new(io::ErrorKind::InvalidData, error.to_string()));
            BackupError::Damaged { path, source }
        })
    }
}

impl std::fmt::Debug for Identities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} keys", self.0.len())
    }
}

/// A new key: the text of its file, and its recipient.
pub fn new_key() -> (Secret, String) {
    let key = Identity::generate();
    let recipient = key.to_public().to_string();
    let text = format!(
        "# opens backups made for {recipient}\n# keep it away from the server, and at least twice\n{}\n",
        key.to_string().expose_secret()
    );
    (Secret::new(text.into_bytes()), recipient)
}
