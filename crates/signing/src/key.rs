//! Keys that check and make message signatures.
//!
//! A key is parsed once and kept parsed: on the hot path nothing is left but the verification itself. The algorithm belongs
//! to the key; nothing in a message can choose another one (RFC 9421 section 7.3.6).

use crate::{limits, pem};
use aws_lc_rs::rsa::PublicEncryptingKey;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey, RSA_PSS_2048_8192_SHA512,
};
use aws_lc_rs::{error::KeyRejected, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use vocab::secret::Secret;

/// Why a key was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is no key.
    #[error("not a key, give `<algorithm>:<base64>` such as `ed25519:` and the 32 bytes of the public key")]
    Malformed,
    /// The algorithm in front of the colon is none of ours.
    #[error("unknown algorithm, use ed25519, ecdsa-p256-sha256 or rsa-pss-sha512")]
    UnknownAlgorithm,
    /// The bytes are no key of this algorithm, or one that is too short.
    #[error("the bytes are no acceptable key of this algorithm, check the encoding and the size")]
    Rejected,
    /// A point of small order: signatures under it fit any message.
    #[error("the key is a weak point under which any message verifies, make a new key")]
    Weak,
    /// A shared secret with too few bytes.
    #[error("the shared secret is too short, use at least 32 random bytes")]
    ShortSecret,
    /// No PKCS#8 private key in the file.
    #[error("no `BEGIN PRIVATE KEY` in the file, make one with `openssl genpkey -algorithm ed25519`")]
    NoPrivateKey,
    /// More than one private key in the file.
    #[error("several private keys in one file, keep one")]
    SeveralKeys,
    /// The private key is encrypted with a passphrase.
    #[error("the private key is encrypted, decrypt it with `openssl pkey` first")]
    Encrypted,
    /// The cryptographic library failed.
    #[error("the signature could not be made")]
    SigningFailed,
}

/// The algorithms of the profile, by their names in the registry of RFC 9421 section 6.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032), the default.
    Ed25519,
    /// ECDSA on P-256 with SHA-256, the signature as 32 bytes r and 32 bytes s.
    EcdsaP256Sha256,
    /// RSASSA-PSS with SHA-512 and a salt of 64 bytes, 2048 to 8192 bits.
    RsaPssSha512,
    /// HMAC with SHA-256 over a shared secret. No evidence towards third parties: both sides can make it.
    HmacSha256,
}

impl Algorithm {
    /// The registered name, as in the `alg` parameter.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::EcdsaP256Sha256 => "ecdsa-p256-sha256",
            Self::RsaPssSha512 => "rsa-pss-sha512",
            Self::HmacSha256 => "hmac-sha256",
        }
    }

    /// The algorithm of a registered name, if it is one of ours.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Ed25519,
            Self::EcdsaP256Sha256,
            Self::RsaPssSha512,
            Self::HmacSha256,
        ]
        .into_iter()
        .find(|algorithm| algorithm.name() == name)
    }
}

/// A key that checks signatures: a public key, or a secret shared with the client.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    material: Material,
}

#[derive(Clone, Debug)]
enum Material {
    Public(ParsedPublicKey),
    // Boxed: it is twenty times the size of the other, and the rarer one.
    Shared(Box<hmac::Key>),
}

impl VerifyingKey {
    /// Reads the text form of a public key: `ed25519:` and the 32 raw bytes, or `ecdsa-p256-sha256:` or `rsa-pss-sha512:` and
    /// the DER of the `SubjectPublicKeyInfo` (what `openssl pkey -pubout -outform DER` prints), all in base64.
    ///
    /// # Errors
    /// When the text or the key behind it is not acceptable. Shared secrets have no text form.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (name, encoded) = text.split_once(':').ok_or(KeyError::Malformed)?;
        if text.len() > limits::KEY_TEXT_CHARS_MAX {
            return Err(KeyError::Malformed);
        }
        let algorithm = Algorithm::from_name(name).ok_or(KeyError::UnknownAlgorithm)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| KeyError::Malformed)?;
        match algorithm {
            Algorithm::Ed25519 => Self::ed25519(&bytes.try_into().map_err(|_| KeyError::Rejected)?),
            Algorithm::EcdsaP256Sha256 => Self::ecdsa_p256(&bytes),
            Algorithm::RsaPssSha512 => Self::rsa_pss(&bytes),
            Algorithm::HmacSha256 => Err(KeyError::UnknownAlgorithm),
        }
    }

    /// An Ed25519 public key from its 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::Weak`] for a point of small order: its owner could later show "their" signature under any message.
    pub fn ed25519(raw: &[u8; 32]) -> Result<Self, KeyError> {
        if is_small_order(raw) {
            return Err(KeyError::Weak);
        }
        Self::public(Algorithm::Ed25519, ParsedPublicKey::new(&ED25519, raw))
    }

    /// A P-256 public key from its DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// When it is no point on P-256.
    pub fn ecdsa_p256(spki: &[u8]) -> Result<Self, KeyError> {
        Self::public(
            Algorithm::EcdsaP256Sha256,
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, spki),
        )
    }

    /// An RSA public key from its DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// When it is none, or has fewer than 2048 or more than 8192 bits.
    pub fn rsa_pss(spki: &[u8]) -> Result<Self, KeyError> {
        // A signature key is checked for its size only when it verifies; the encryption type looks at once.
        PublicEncryptingKey::from_der(spki).map_err(|_| KeyError::Rejected)?;
        Self::public(
            Algorithm::RsaPssSha512,
            ParsedPublicKey::new(&RSA_PSS_2048_8192_SHA512, spki),
        )
    }

    /// A secret shared with the client, at least 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::ShortSecret`].
    pub fn hmac_sha256(secret: &Secret) -> Result<Self, KeyError> {
        if secret.expose().len() < limits::SHARED_SECRET_BYTES_MIN {
            return Err(KeyError::ShortSecret);
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose());
        Ok(Self {
            algorithm: Algorithm::HmacSha256,
            material: Material::Shared(Box::new(key)),
        })
    }

    fn public(algorithm: Algorithm, key: Result<ParsedPublicKey, KeyRejected>) -> Result<Self, KeyError> {
        let key = key.map_err(|_| KeyError::Rejected)?;
        Ok(Self {
            algorithm,
            material: Material::Public(key),
        })
    }

    /// The one algorithm that this key is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` is this key's signature under `message`. Comparison of codes takes constant time.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Public(key) => key.verify_sig(message, signature).is_ok(),
            Material::Shared(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

/// The y coordinates of the eight points of small order on edwards25519, and the two that a decoder reduces to them.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    edge(1, 0, 0),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    edge(0xec, 0xff, 0x7f),
    edge(0xed, 0xff, 0x7f),
    edge(0xee, 0xff, 0x7f),
];

const fn edge(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let m = middle;
    [
        first, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, last,
    ]
}

fn is_small_order(raw: &[u8; 32]) -> bool {
    let mut y = *raw;
    if let Some(last) = y.last_mut() {
        // The top bit is the sign of x and says nothing about the order.
        *last &= 0x7f;
    }
    SMALL_ORDER.contains(&y)
}

/// An Ed25519 key that makes signatures. Prints its public half only.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// From the 32 secret bytes (the "seed" of RFC 8032), which have to be random.
    ///
    /// # Errors
    /// When the library refuses them.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        Ed25519KeyPair::from_seed_unchecked(seed)
            .map(Self)
            .map_err(|_| KeyError::Rejected)
    }

    /// From a PKCS#8 document (RFC 8410).
    ///
    /// # Errors
    /// When it holds no Ed25519 key, or a public half that does not belong to the private one.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        Ed25519KeyPair::from_pkcs8(der)
            .map(Self)
            .map_err(|_| KeyError::Rejected)
    }

    /// From a file with one `BEGIN PRIVATE KEY`, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    /// When there is no such key in it.
    pub fn from_pem(file: &[u8]) -> Result<Self, KeyError> {
        Self::from_pkcs8(pem::decode(file)?.expose())
    }

    /// The private key as a file that OpenSSL reads (PKCS#8 version 1, PEM).
    ///
    /// # Errors
    /// When the library fails.
    pub fn to_pem(&self) -> Result<Secret, KeyError> {
        let document = self.0.to_pkcs8v1().map_err(|_| KeyError::Rejected)?;
        Ok(pem::encode(document.as_ref()))
    }

    /// The public half as text, in the form that [`VerifyingKey::parse`] reads.
    pub fn public_text(&self) -> String {
        format!("{}:{}", Algorithm::Ed25519.name(), STANDARD.encode(self.0.public_key()))
    }

    /// The public half.
    ///
    /// # Errors
    /// Never for a key that was taken; the library's type does not say so.
    pub fn verifying_key(&self) -> Result<VerifyingKey, KeyError> {
        VerifyingKey::ed25519(
            self.0
                .public_key()
                .as_ref()
                .try_into()
                .map_err(|_| KeyError::Rejected)?,
        )
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = self.0.try_sign(message).map_err(|_| KeyError::SigningFailed)?;
        Ok(signature.as_ref().to_vec())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032 section 7.1, test 2.
    const SEED: [u8; 32] = [
        0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a,
        0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb,
    ];
    const PUBLIC: &str = "ed25519:PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";
    /// Written by `openssl genpkey -algorithm ed25519`; its public half by `openssl pkey -pubout`.
    const OPENSSL_PEM: &str = include_str!("../tests/vectors/openssl-ed25519.pem");
    const OPENSSL_PUBLIC: &str = include_str!("../tests/vectors/openssl-ed25519.pub.txt");

    #[test]
    fn a_seed_gives_the_public_key_of_rfc_8032() {
        assert_eq!(SigningKey::from_seed(&SEED).unwrap().public_text(), PUBLIC);
    }

    #[test]
    fn a_key_that_openssl_made_is_read() {
        let key = SigningKey::from_pem(OPENSSL_PEM.as_bytes()).unwrap();
        assert_eq!(key.public_text(), OPENSSL_PUBLIC.trim());
        assert_eq!(
            key.to_pem().unwrap().expose(),
            OPENSSL_PEM.as_bytes(),
            "and written byte for byte"
        );
    }

    #[test]
    fn a_signature_verifies_under_its_own_key_only() {
        let key = SigningKey::from_seed(&SEED).unwrap();
        let signature = key.sign(b"hello").unwrap();
        assert!(VerifyingKey::parse(PUBLIC).unwrap().verifies(b"hello", &signature));
        assert!(!VerifyingKey::parse(PUBLIC).unwrap().verifies(b"hullo", &signature));
        assert!(
            !VerifyingKey::parse(OPENSSL_PUBLIC.trim())
                .unwrap()
                .verifies(b"hello", &signature)
        );
        assert!(!key.verifying_key().unwrap().verifies(b"hello", &signature[..63]));
    }

    #[test]
    fn weak_points_are_refused_with_either_sign() {
        for mut point in SMALL_ORDER {
            assert_eq!(VerifyingKey::ed25519(&point).unwrap_err(), KeyError::Weak);
            point[31] |= 0x80;
            assert_eq!(VerifyingKey::ed25519(&point).unwrap_err(), KeyError::Weak);
        }
    }

    #[test]
    fn texts_that_are_no_keys_are_refused() {
        for (text, error) in [
            ("", KeyError::Malformed),
            ("ed25519", KeyError::Malformed),
            (
                "ed25519:PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw",
                KeyError::Malformed,
            ),
            ("ed25519:AAAA", KeyError::Rejected),
            ("ED25519:AAAA", KeyError::UnknownAlgorithm),
            ("rsa-v1_5-sha256:AAAA", KeyError::UnknownAlgorithm),
            (
                "hmac-sha256:PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=",
                KeyError::UnknownAlgorithm,
            ),
            ("ecdsa-p256-sha256:AAAA", KeyError::Rejected),
            ("rsa-pss-sha512:AAAA", KeyError::Rejected),
        ] {
            assert_eq!(VerifyingKey::parse(text).unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn an_rsa_key_of_1024_bits_is_refused() {
        let text = format!(
            "rsa-pss-sha512:{}",
            include_str!("../tests/vectors/openssl-rsa1024.spki.txt").trim()
        );
        assert_eq!(VerifyingKey::parse(&text).unwrap_err(), KeyError::Rejected);
    }

    #[test]
    fn a_short_shared_secret_is_refused() {
        assert_eq!(
            VerifyingKey::hmac_sha256(&Secret::new(vec![1; 31])).unwrap_err(),
            KeyError::ShortSecret
        );
        assert!(VerifyingKey::hmac_sha256(&Secret::new(vec![1; 32])).is_ok());
    }

    #[test]
    fn a_file_without_exactly_one_plain_private_key_is_refused() {
        let two = format!("{OPENSSL_PEM}{OPENSSL_PEM}");
        let encrypted = OPENSSL_PEM.replace("PRIVATE", "ENCRYPTED PRIVATE");
        let cut = OPENSSL_PEM.replace("-----END", "");
        for (file, error) in [
            (two.as_str(), KeyError::SeveralKeys),
            (&encrypted, KeyError::Encrypted),
            (&cut, KeyError::NoPrivateKey),
            ("", KeyError::NoPrivateKey),
            (
                "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n",
                KeyError::Malformed,
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                KeyError::Rejected,
            ),
        ] {
            assert_eq!(SigningKey::from_pem(file.as_bytes()).unwrap_err(), error, "{file}");
        }
    }

    #[test]
    fn a_signing_key_does_not_print_its_secret() {
        assert_eq!(
            format!("{:?}", SigningKey::from_seed(&SEED).unwrap()),
            format!("SigningKey({PUBLIC})")
        );
    }
}
