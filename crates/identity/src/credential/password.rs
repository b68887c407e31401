//! Passwords: which ones may be chosen, and Argon2id (RFC 9106) over them with a pepper that is not in the database.
//!
//! A password is never the only factor, so length and a short list of blocked words are all that is asked for: no composition rules,
//! no periodic change (NIST SP 800-63B-4). What is kept is a PHC string.

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use vocab::secret::Secret;

/// Characters of a password at least: it is always joined by a second factor.
pub const LENGTH_MIN: usize = 12;
/// Characters of a password at most: room for a long sentence, and a bound on what is hashed.
pub const LENGTH_MAX: usize = 128;
/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Words that passwords are commonly built around. A password that is one of them with little else is refused. Ours: written down from
/// what anybody would try first, not taken from a list of stolen passwords.
const BLOCKED: [&str; 28] = [
    "password",
    "passwort",
    "motdepasse",
    "contrasena",
    "qwertyuiop",
    "qwerty",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r",
    "abcdefgh",
    "123456789",
    "987654321",
    "11111111",
    "00000000",
    "letmein",
    "welcome",
    "iloveyou",
    "admin",
    "administrator",
    "treasurer",
    "treasury",
    "payment",
    "banking",
    "changeme",
    "secret",
    "dragon",
    "monkey",
    "countersign",
];
/// Characters that must remain when a blocked word is taken away.
const BESIDE_BLOCKED_MIN: usize = 8;

/// Why a password may not be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    /// Fewer characters than [`LENGTH_MIN`].
    #[error("a password has at least {LENGTH_MIN} characters; a sentence is easy to remember")]
    TooShort,
    /// More characters than [`LENGTH_MAX`].
    #[error("a password has at most {LENGTH_MAX} characters")]
    TooLong,
    /// Built around a word that is tried first, or of too few different characters.
    #[error("this password is among the first that are tried; choose words that nobody would guess")]
    Common,
    /// Contains the member's own name or address.
    #[error("a password does not contain your own name or e-mail address")]
    Own,
}

/// Whether a password may be chosen. `own` are the words that belong to the member: parts of name and address.
pub fn acceptable(password: &str, own: &[&str]) -> Result<(), PasswordRefusal> {
    let length = password.chars().count();
    if length < LENGTH_MIN {
        return Err(PasswordRefusal::TooShort);
    }
    if length > LENGTH_MAX {
        return Err(PasswordRefusal::TooLong);
    }
    let plain: String = password
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    let mut letters: Vec<char> = plain.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let beside = |word: &str| plain.replace(word, "").chars().count();
    if letters.len() < 5
        || BLOCKED
            .iter()
            .any(|word| plain.contains(word) && beside(word) < BESIDE_BLOCKED_MIN)
    {
        return Err(PasswordRefusal::Common);
    }
    let is_own = |word: &&str| word.chars().count() >= 4 && plain.contains(&word.to_lowercase());
    if own.iter().any(is_own) {
        return Err(PasswordRefusal::Own);
    }
    Ok(())
}

/// How much work a guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Parameters {
    /// What new passwords are hashed with: 64 MiB, three passes (RFC 9106 section 4, the second recommended option, with one lane).
    pub const PRESENT: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 1,
    };

    /// Whether a guess against these costs less than against `other`.
    fn below(self, other: Self) -> bool {
        self.memory_kib < other.memory_kib || self.passes < other.passes
    }
}

/// A secret that goes into every hash and is not in the database, with the version that says which.
#[derive(Clone, Debug)]
pub struct Pepper {
    /// Counts from 1.
    pub version: i64,
    /// The secret itself.
    pub secret: Secret,
}

/// The hashing itself failed: parameters or a stored string that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Parameters outside of what Argon2 takes.
    #[error("argon2 does not take these parameters")]
    Parameters,
    /// Not a PHC string of ours.
    #[error("a stored password hash cannot be read")]
    Unreadable,
}

/// Hashes a password: a PHC string of Argon2id, version 1.3. Takes a tenth of a second and 64 MiB: never on a thread that serves others.
pub fn hash(
    password: &Secret,
    salt: &[u8; SALT_BYTES],
    pepper: &Pepper,
    parameters: Parameters,
) -> Result<String, HashError> {
    let digest = digest(password, salt, pepper, parameters)?;
    let Parameters {
        memory_kib,
        passes,
        lanes,
    } = parameters;
    let (salt, digest) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(digest));
    Ok(format!(
        "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${digest}"
    ))
}

/// A PHC string that no password gives: compared with when there is no such member, so that the answer takes as long.
pub fn nobodys(parameters: Parameters) -> String {
    let Parameters {
        memory_kib,
        passes,
        lanes,
    } = parameters;
    let (salt, digest) = (
        STANDARD_NO_PAD.encode([0; SALT_BYTES]),
        STANDARD_NO_PAD.encode([0; HASH_BYTES]),
    );
    format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${digest}")
}

/// What the comparison of a password came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another password.
    Wrong,
    /// The password.
    Right,
    /// The password, hashed with less work than new ones are: hash it again now that it is known.
    RightButWeak,
}

/// Compares a password with a stored PHC string, in a time that does not depend on where they differ.
pub fn verify(password: &Secret, stored: &str, pepper: &Pepper, present: Parameters) -> Result<Verdict, HashError> {
    let stored = Stored::read(stored).ok_or(HashError::Unreadable)?;
    let digest = digest(password, &stored.salt, pepper, stored.parameters)?;
    if verify_slices_are_equal(&digest, &stored.digest).is_err() {
        return Ok(Verdict::Wrong);
    }
    Ok(if stored.parameters.below(present) {
        Verdict::RightButWeak
    } else {
        Verdict::Right
    })
}

/// A PHC string in its parts.
struct Stored {
    parameters: Parameters,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl Stored {
    fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("$argon2id$v=19$")?;
        let (parameters, rest) = rest.split_once('$')?;
        let (salt, digest) = rest.split_once('$')?;
        let mut numbers = parameters.split(',');
        let mut number = |name: &str| numbers.next()?.strip_prefix(name)?.strip_prefix('=')?.parse().ok();
        let parameters = Parameters {
            memory_kib: number("m")?,
            passes: number("t")?,
            lanes: number("p")?,
        };
        Some(Self {
            parameters,
            salt: STANDARD_NO_PAD.decode(salt).ok()?,
            digest: STANDARD_NO_PAD.decode(digest).ok()?,
        })
    }
}

fn digest(
    password: &Secret,
    salt: &[u8],
    pepper: &Pepper,
    parameters: Parameters,
) -> Result<[u8; HASH_BYTES], HashError> {
    let params = Params::new(
        parameters.memory_kib,
        parameters.passes,
        parameters.lanes,
        Some(HASH_BYTES),
    );
    let params = params.map_err(|_| HashError::Parameters)?;
    let argon = Argon2::new_with_secret(pepper.secret.expose(), Algorithm::Argon2id, Version::V0x13, params)
        .map_err(|_| HashError::Parameters)?;
    let mut digest = [0; HASH_BYTES];
    argon
        .hash_password_into(password.expose(), salt, &mut digest)
        .map_err(|_| HashError::Parameters)?;
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::{AssociatedData, ParamsBuilder};

    const CHEAP: Parameters = Parameters {
        memory_kib: 64,
        passes: 1,
        lanes: 1,
    };

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    fn pepper(byte: u8) -> Pepper {
        Pepper {
            version: 1,
            secret: Secret::new(vec![byte; 32]),
        }
    }

    #[test]
    fn argon2id_gives_the_tag_of_rfc_9106() {
        // Section 5.3: 32 KiB, 3 passes, 4 lanes, with secret and associated data.
        let params = ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .output_len(32)
            .data(AssociatedData::new(&[4; 12]).unwrap())
            .build()
            .unwrap();
        let argon = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let mut tag = [0; 32];
        argon.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();
        let expected = [
            0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9, 0xd0, 0x1e,
            0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59,
        ];
        assert_eq!(tag, expected);
    }

    #[test]
    fn only_the_same_password_with_the_same_pepper_is_right() {
        let stored = hash(&secret("correct horse battery"), &[7; 16], &pepper(1), CHEAP).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
        let verdict = |password: &str, byte| verify(&secret(password), &stored, &pepper(byte), CHEAP).unwrap();
        assert_eq!(verdict("correct horse battery", 1), Verdict::Right);
        assert_eq!(verdict("correct horse batterz", 1), Verdict::Wrong);
        assert_eq!(verdict("correct horse battery", 2), Verdict::Wrong);
    }

    #[test]
    fn a_hash_with_less_work_than_today_is_said_to_be_weak() {
        let stored = hash(&secret("correct horse battery"), &[7; 16], &pepper(1), CHEAP).unwrap();
        let more = Parameters { passes: 2, ..CHEAP };
        let verdict = verify(&secret("correct horse battery"), &stored, &pepper(1), more).unwrap();
        assert_eq!(verdict, Verdict::RightButWeak);
    }

    #[test]
    fn nobodys_hash_is_compared_like_any_other_and_matches_nothing() {
        assert_eq!(
            verify(&secret(""), &nobodys(CHEAP), &pepper(1), CHEAP),
            Ok(Verdict::Wrong)
        );
    }

    #[test]
    fn what_is_no_phc_string_of_ours_is_an_error_and_never_a_match() {
        for stored in [
            "",
            "$argon2i$v=19$m=64,t=1,p=1$AA$AA",
            "$argon2id$v=16$m=64,t=1,p=1$AA$AA",
            "$argon2id$v=19$m=64$AA$AA",
        ] {
            assert_eq!(
                verify(&secret("x"), stored, &pepper(1), CHEAP),
                Err(HashError::Unreadable),
                "{stored}"
            );
        }
    }

    #[test]
    fn short_long_common_and_own_passwords_are_refused() {
        let own = ["Ada", "Lovelace", "ada.lovelace"];
        for (password, refusal) in [
            ("elevenchars", PasswordRefusal::TooShort),
            ("Password2026!", PasswordRefusal::Common),
            ("qwertyuiop12", PasswordRefusal::Common),
            ("aaaaaaaaaaaaaaa", PasswordRefusal::Common),
            ("123456789012", PasswordRefusal::Common),
            ("my lovelace poem", PasswordRefusal::Own),
        ] {
            assert_eq!(acceptable(password, &own), Err(refusal), "{password}");
        }
        assert_eq!(acceptable(&"ä1b2".repeat(33), &own), Err(PasswordRefusal::TooLong));
        for password in [
            "correct horse battery",
            "twelve chars",
            "三个词的长句子也可以用作密码",
            "monkey eats nine green pears",
        ] {
            assert_eq!(acceptable(password, &own), Ok(()), "{password}");
        }
    }
}
