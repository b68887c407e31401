//! The keyring: one key per purpose, derived from the master key.

use crate::place::{Place, put};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{constant_time, digest, hkdf, hmac};
use std::fmt;
use vocab::secret::Secret;

/// Format of sealed values: version, nonce, ciphertext with tag.
const VERSION: u8 = 1;
/// Bytes of a blind index or a row seal. 128 bits: forging one by trial needs 2^128 tries against a live database.
pub const CODE_BYTES: usize = 16;

/// Why a value could not be sealed or opened. Never says which part was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The master key has the wrong length.
    #[error("a master key has 32 bytes")]
    MasterLength,
    /// The value does not belong to this place or key, or was altered.
    #[error("a sealed value in `{table}` does not open: it was altered, moved, or sealed with another key")]
    DoesNotOpen {
        /// Where it was read.
        table: &'static str,
    },
    /// The library refused.
    #[error("the cryptographic library refused an operation")]
    Library,
}

/// Keys for all purposes of one installation.
pub struct Keyring {
    sealing: LessSafeKey,
    index: hmac::Key,
    rows: hmac::Key,
    pepper: Secret,
    recovery: Secret,
    fingerprint: String,
}

impl Keyring {
    /// Expands a master key of 32 bytes.
    pub fn from_master(master: &Secret) -> Result<Self, KeyError> {
        let master: &[u8; 32] = master.expose().try_into().map_err(|_| KeyError::MasterLength)?;
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"countersign.keys.v1");
        let expander = salt.extract(master);
        let expand = |purpose: &'static [u8]| -> Result<[u8; 32], KeyError> {
            let mut key = [0_u8; 32];
            expander
                .expand(&[purpose], hkdf::HKDF_SHA256)
                .and_then(|output| output.fill(&mut key))
                .map_err(|_| KeyError::Library)?;
            Ok(key)
        };
        let sealing = UnboundKey::new(&AES_256_GCM, &expand(b"sealed columns")?).map_err(|_| KeyError::Library)?;
        let fingerprint = digest::digest(&digest::SHA256, &expand(b"fingerprint")?);
        let fingerprint = fingerprint
            .as_ref()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self {
            sealing: LessSafeKey::new(sealing),
            index: hmac::Key::new(hmac::HMAC_SHA256, &expand(b"blind index")?),
            rows: hmac::Key::new(hmac::HMAC_SHA256, &expand(b"row seals")?),
            pepper: Secret::new(expand(b"password pepper")?.to_vec()),
            recovery: Secret::new(expand(b"recovery codes")?.to_vec()),
            fingerprint,
        })
    }

    /// Tells two keyrings apart without saying anything about their keys.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Encrypts a value for its place with AES-256-GCM. The nonce must be 12 fresh random bytes.
    pub fn seal(&self, place: &Place<'_>, nonce: [u8; NONCE_LEN], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut sealed = Vec::with_capacity(plain.len().saturating_add(1 + NONCE_LEN + 16));
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        self.sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place.bytes()), &mut body)
            .map_err(|_| KeyError::Library)?;
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Decrypts a value read at its place.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
        let refused = KeyError::DoesNotOpen { table: place.table };
        let Some((&VERSION, rest)) = sealed.split_first() else {
            return Err(refused);
        };
        let Some((nonce, body)) = rest.split_at_checked(NONCE_LEN) else {
            return Err(refused);
        };
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| refused)?;
        let mut body = body.to_vec();
        let plain = self
            .sealing
            .open_in_place(nonce, Aad::from(place.bytes()), &mut body)
            .map_err(|_| refused)?;
        Ok(plain.to_vec())
    }

    /// A keyed digest that finds equal values without revealing them. `column` keeps the indexes of different columns apart.
    pub fn blind_index(&self, column: &'static str, parts: &[&[u8]]) -> [u8; CODE_BYTES] {
        code(&self.index, column, parts)
    }

    /// What goes into every password hash and is not in the database.
    pub fn password_pepper(&self) -> &Secret {
        &self.pepper
    }

    /// The key of the digests of recovery codes.
    pub fn recovery_key(&self) -> &Secret {
        &self.recovery
    }

    /// The seal over the columns of a row.
    pub fn row_seal(&self, table: &'static str, columns: &[u8]) -> [u8; CODE_BYTES] {
        code(&self.rows, table, &[columns])
    }

    /// Compares a seal read from a row with the one computed, in constant time.
    pub fn row_seal_holds(&self, table: &'static str, columns: &[u8], seal: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.row_seal(table, columns), seal).is_ok()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

fn code(key: &hmac::Key, domain: &'static str, parts: &[&[u8]]) -> [u8; CODE_BYTES] {
    let mut context = hmac::Context::with_key(key);
    let mut head = Vec::with_capacity(32);
    put(&mut head, domain.as_bytes());
    context.update(&head);
    for part in parts {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part);
    }
    let tag = context.sign();
    let mut short = [0_u8; CODE_BYTES];
    for (to, from) in short.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vocab::context::World;
    use vocab::id::OrganizationId;

    fn keyring(byte: u8) -> Keyring {
        Keyring::from_master(&Secret::new(vec![byte; 32])).unwrap()
    }

    fn place<'a>(row: i64, bound: &'a [&'a [u8]]) -> Place<'a> {
        let organization = OrganizationId::from_i64(7);
        Place {
            table: "payments",
            column: "sealed",
            organization,
            world: World::Test,
            row,
            bound,
        }
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_at_its_place_only(plain: Vec<u8>, nonce: [u8; 12], row in 1..1000_i64) {
            let keys = keyring(1);
            let sealed = keys.seal(&place(row, &[b"100"]), nonce, &plain).unwrap();
            prop_assert_eq!(keys.open(&place(row, &[b"100"]), &sealed).unwrap(), plain);
            prop_assert!(keys.open(&place(row + 1, &[b"100"]), &sealed).is_err());
            prop_assert!(keys.open(&place(row, &[b"101"]), &sealed).is_err());
            prop_assert!(keys.open(&place(row, &[b"10", b"0"]), &sealed).is_err());
            prop_assert!(keyring(2).open(&place(row, &[b"100"]), &sealed).is_err());
        }

        #[test]
        fn any_changed_byte_keeps_a_value_shut(at in 0_usize..60, flip in 1_u8..=255) {
            let keys = keyring(1);
            let mut sealed = keys.seal(&place(1, &[]), [3; 12], b"thirty-one bytes of plain text.").unwrap();
            let at = at % sealed.len();
            sealed[at] ^= flip;
            prop_assert!(keys.open(&place(1, &[]), &sealed).is_err());
        }
    }

    #[test]
    fn a_row_seal_belongs_to_its_table_and_columns() {
        let keys = keyring(1);
        let seal = keys.row_seal("orders", b"columns");
        assert!(keys.row_seal_holds("orders", b"columns", &seal));
        assert!(!keys.row_seal_holds("attempts", b"columns", &seal));
        assert!(!keys.row_seal_holds("orders", b"column", &seal));
        assert!(!keys.row_seal_holds("orders", b"columns", &seal[..15]));
    }

    #[test]
    fn index_parts_do_not_run_into_each_other() {
        let keys = keyring(1);
        assert_ne!(
            keys.blind_index("a", &[b"12", b"3"]),
            keys.blind_index("a", &[b"1", b"23"])
        );
        assert_ne!(keys.blind_index("a", &[b"1"]), keys.blind_index("b", &[b"1"]));
    }
}
