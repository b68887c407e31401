//! The hashes of the tree: SHA-256 with the prefixes of RFC 6962 section 2.1.
//!
//! Leaves and nodes are hashed with different first bytes; without that, a node could be presented as a leaf (second
//! preimage). A `Hash` always has 32 bytes: proofs with shorter ones cannot even be expressed.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const LEAF_PREFIX: u8 = 0x00;
const NODE_PREFIX: u8 = 0x01;

/// A SHA-256 hash of a leaf, of a node or of a whole tree.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Length of a hash in bytes.
    pub const LEN: usize = 32;

    /// The root of the tree without entries: SHA-256 of nothing (RFC 6962 section 2.1).
    pub const EMPTY_TREE: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae,
        0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    /// Takes 32 bytes as they are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Takes a slice, if it has exactly 32 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads canonical, padded base64 of exactly 32 bytes (RFC 4648 section 4).
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let mut buffer = [0; Self::LEN];
        // The strict engine refuses missing padding and set trailing bits, so each hash has one spelling only.
        let written = STANDARD.decode_slice(text, &mut buffer).ok()?;
        (written == Self::LEN).then_some(Self(buffer))
    }
}

/// Base64, as in checkpoints and proofs.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The hash of a leaf that holds `data` (RFC 6962: `SHA-256(0x00 || data)`).
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256_of(&[&[LEAF_PREFIX], data])
}

/// The hash of the leaf that holds 32 bytes; the same as [`leaf_hash`] without touching the heap.
///
/// All our leaves are of this kind and tens of thousands of them are hashed in a second.
#[must_use]
pub(crate) fn leaf_hash_32(data: &[u8; 32]) -> Hash {
    let mut input = [LEAF_PREFIX; 33];
    let [_, body @ ..] = &mut input;
    body.copy_from_slice(data);
    sha256(&input)
}

/// The hash of a node over its two children (RFC 6962: `SHA-256(0x01 || left || right)`).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut input = [NODE_PREFIX; 65];
    let [_, body @ ..] = &mut input;
    let (first, second) = body.split_at_mut(Hash::LEN);
    first.copy_from_slice(&left.0);
    second.copy_from_slice(&right.0);
    sha256(&input)
}

pub(crate) fn sha256(data: &[u8]) -> Hash {
    of_digest(&digest::digest(&digest::SHA256, data))
}

/// SHA-256 over several slices as if they were one, without joining them first.
pub(crate) fn sha256_of(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    of_digest(&context.finish())
}

fn of_digest(digest: &digest::Digest) -> Hash {
    let mut bytes = [0; Hash::LEN];
    // Both sides have 32 bytes: the digest is SHA-256 at both call sites above.
    bytes.copy_from_slice(digest.as_ref());
    Hash(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_tree_is_the_hash_of_nothing() {
        assert_eq!(Hash::EMPTY_TREE, sha256(b""));
        assert_eq!(
            Hash::EMPTY_TREE.to_string(),
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        );
    }

    #[test]
    fn short_and_general_leaf_hash_agree() {
        let data = [7; 32];
        assert_eq!(leaf_hash_32(&data), leaf_hash(&data));
        assert_eq!(
            leaf_hash(b"").to_string(),
            "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=",
            "the first leaf of the RFC 6962 test tree"
        );
    }

    #[test]
    fn a_hash_has_one_spelling_in_base64() {
        let good = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(Hash::from_base64(good), Some(Hash::EMPTY_TREE));
        for bad in [
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", // trailing bits set
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",  // no padding
            "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=", // the alphabet of URLs
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==", // 31 bytes
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA", // 33 bytes
            "",
        ] {
            assert_eq!(Hash::from_base64(bad), None, "{bad:?}");
        }
    }
}
