//! Recovery codes: ten one-time codes of 80 bits for the day the telephone is lost. Shown once; only keyed digests are kept.

use super::totp::base32;
use aws_lc_rs::hmac;
use vocab::id::MemberId;
use vocab::secret::Secret;

/// Codes in a set. A new set takes the place of the old one.
pub const CODES: usize = 10;
/// Random bytes of one code: nobody tries 2^80.
pub const CODE_BYTES: usize = 10;
/// Letters of a code without its dashes.
const LETTERS: usize = 16;

/// A code as people keep it, from random bytes: four groups of four letters.
pub fn readable(random: &[u8; CODE_BYTES]) -> String {
    let text = base32(random);
    let groups: Vec<String> = text
        .as_bytes()
        .chunks(4)
        .map(|group| group.iter().copied().map(char::from).collect())
        .collect();
    groups.join("-")
}

/// What is kept of a code: keyed with `key`, bound to its member. `None` for what cannot be a code. Case, spaces and dashes do not matter.
pub fn digest(key: &Secret, member: MemberId, code: &str) -> Option<[u8; 32]> {
    let letters: String = code
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    if letters.len() != LETTERS
        || !letters
            .bytes()
            .all(|letter| matches!(letter, b'A'..=b'Z' | b'2'..=b'7'))
    {
        return None;
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
    let mut context = hmac::Context::with_key(&key);
    context.update(b"recovery code");
    context.update(&member.to_i64().to_be_bytes());
    context.update(letters.as_bytes());
    context.sign().as_ref().try_into().ok()
}

/// Whether a text has the form of a recovery code rather than that of an app's code.
pub fn looks_like_one(text: &str) -> bool {
    text.chars().filter(char::is_ascii_alphanumeric).count() == LETTERS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Secret {
        Secret::new(vec![5; 32])
    }

    fn member(number: i64) -> MemberId {
        MemberId::from_i64(number)
    }

    #[test]
    fn a_code_is_recognised_however_it_is_typed() {
        let code = readable(&[0xa5; CODE_BYTES]);
        assert_eq!(code, "UWS2-LJNF-UWS2-LJNF");
        let kept = digest(&key(), member(1), &code).unwrap();
        for typed in ["uws2-ljnf-uws2-ljnf", "UWS2 LJNF UWS2 LJNF", " uws2ljnfuws2ljnf "] {
            assert_eq!(digest(&key(), member(1), typed), Some(kept), "{typed}");
            assert!(looks_like_one(typed));
        }
    }

    #[test]
    fn a_code_belongs_to_one_member_and_one_key() {
        let code = readable(&[1; CODE_BYTES]);
        let kept = digest(&key(), member(1), &code);
        assert_ne!(digest(&key(), member(2), &code), kept);
        assert_ne!(digest(&Secret::new(vec![6; 32]), member(1), &code), kept);
    }

    #[test]
    fn what_is_no_code_has_no_digest() {
        for typed in [
            "",
            "123456",
            "UWS2-LJNF-UWS2-LJN",
            "UWS2-LJNF-UWS2-LJN1",
            "ÜWS2-LJNF-UWS2-LJNF",
        ] {
            assert_eq!(digest(&key(), member(1), typed), None, "{typed}");
        }
    }
}
