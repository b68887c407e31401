//! Time-based one-time passwords (RFC 6238): six digits, steps of thirty seconds, HMAC-SHA-1, as every authenticator app makes them.
//!
//! A code counts once: the step it was made for is kept, and no step up to it counts again. One step to either side is taken, because the
//! clocks of telephones are a little off and people type slowly.

use aws_lc_rs::hmac;
use vocab::secret::Secret;
use vocab::time::Timestamp;

/// Bytes of a secret: the length of the hash (RFC 4226 section 4).
pub const SECRET_BYTES: usize = 20;
/// Digits of a code.
pub const DIGITS: usize = 6;
/// Seconds of a step.
const STEP_SECONDS: i64 = 30;
/// Steps to either side that count.
const STEPS_ASIDE: i64 = 1;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step that a point of real time falls into.
pub fn step_at(now: Timestamp) -> i64 {
    now.seconds().div_euclid(STEP_SECONDS)
}

/// The code of a step.
pub fn code(secret: &Secret, step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.expose());
    let tag = hmac::sign(&key, &step.to_be_bytes());
    format!("{:0width$}", truncated(tag.as_ref()) % 1_000_000, width = DIGITS)
}

/// Dynamic truncation (RFC 4226 section 5.3): four bytes from where the last half-byte points, without the sign.
fn truncated(tag: &[u8]) -> u32 {
    let at = usize::from(tag.last().copied().unwrap_or(0) & 0x0f);
    let bytes = tag.iter().skip(at).take(4);
    bytes.fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)) & 0x7fff_ffff
}

/// The step that a code was made for, if it counts now: near enough, and later than the last one that was used. Spaces in the code do
/// not matter.
pub fn accepted(secret: &Secret, given: &str, now: Timestamp, last_used: Option<i64>) -> Option<i64> {
    let given: String = given.chars().filter(|letter| !letter.is_whitespace()).collect();
    let given = Secret::new(given.into_bytes());
    let present = step_at(now);
    let near = present.saturating_sub(STEPS_ASIDE)..=present.saturating_add(STEPS_ASIDE);
    // Every step is computed and compared, so that time says nothing about which one it was.
    let matching: Vec<i64> = near
        .filter(|step| Secret::new(code(secret, *step).into_bytes()) == given)
        .collect();
    matching
        .into_iter()
        .find(|step| last_used.is_none_or(|last| *step > last))
}

/// A secret as people type it into an app that cannot read pictures: base 32 in groups of four.
pub fn readable(secret: &Secret) -> String {
    let text = base32(secret.expose());
    let groups: Vec<String> = text
        .as_bytes()
        .chunks(4)
        .map(|group| group.iter().copied().map(char::from).collect())
        .collect();
    groups.join(" ")
}

/// The address that authenticator apps read from a picture. `issuer` and `account` are shown in the app.
pub fn address(secret: &Secret, issuer: &str, account: &str) -> String {
    let (issuer, account) = (percent(issuer), percent(account));
    let secret = base32(secret.expose());
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    )
}

/// RFC 4648 section 6, without padding: twenty bytes need none.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(8).div_ceil(5));
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(bits: u32) -> char {
    let place = usize::try_from(bits & 31).unwrap_or(0);
    char::from(ALPHABET.get(place).copied().unwrap_or(b'A'))
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rfc() -> Secret {
        Secret::new(b"12345678901234567890".to_vec())
    }

    #[test]
    fn codes_are_those_of_rfc_4226_appendix_d() {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
        ];
        for (step, code_of_step) in (0..).zip(expected) {
            assert_eq!(code(&rfc(), step), code_of_step);
        }
    }

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        // The appendix has eight digits; six are the last six of them.
        for (seconds, eight) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(
                Some(code(&rfc(), step_at(Timestamp::from_seconds(seconds))).as_str()),
                eight.get(2..)
            );
        }
    }

    #[test]
    fn a_code_counts_once_and_only_near_its_time() {
        let now = Timestamp::from_seconds(1_795_341_600);
        let step = step_at(now);
        for aside in -1..=1 {
            assert_eq!(
                accepted(&rfc(), &code(&rfc(), step + aside), now, None),
                Some(step + aside)
            );
        }
        for aside in [-2, 2] {
            assert_eq!(accepted(&rfc(), &code(&rfc(), step + aside), now, None), None);
        }
        let present = code(&rfc(), step);
        assert_eq!(accepted(&rfc(), &present, now, Some(step)), None, "used");
        assert_eq!(
            accepted(&rfc(), &code(&rfc(), step - 1), now, Some(step)),
            None,
            "older than the last used"
        );
        assert_eq!(
            accepted(&rfc(), &code(&rfc(), step + 1), now, Some(step)),
            Some(step + 1)
        );
        let (three, rest) = present.split_at(3);
        let spaced = format!("{three} {rest}");
        assert_eq!(accepted(&rfc(), &spaced, now, None), Some(step));
    }

    #[test]
    fn what_is_no_code_never_counts() {
        let now = Timestamp::from_seconds(1_795_341_600);
        for given in [
            "",
            "12345",
            "1234567",
            "abcdef",
            "\u{660}\u{661}\u{662}\u{663}\u{664}\u{665}",
        ] {
            assert_eq!(accepted(&rfc(), given, now, None), None, "{given}");
        }
    }

    #[test]
    fn secrets_are_written_as_apps_read_them() {
        // RFC 4648 section 10.
        for (plain, text) in [
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
        ] {
            assert_eq!(base32(plain.as_bytes()), text);
        }
        assert_eq!(readable(&rfc()), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let address = address(&rfc(), "Countersign Aurora & Co", "ada@example.com");
        assert!(address.starts_with("otpauth://totp/Countersign%20Aurora%20%26%20Co:ada@example.com?secret=GEZDGNBV"));
    }

    #[test]
    fn oathtool_makes_the_same_codes() {
        let now = 1_795_341_600;
        let told = std::process::Command::new("oathtool")
            .args([
                "--totp",
                "--now",
                "@1795341600",
                "-b",
                "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            ])
            .output();
        let Ok(told) = told else {
            println!("skipped: no oathtool");
            return;
        };
        let told = String::from_utf8(told.stdout).unwrap();
        assert_eq!(told.trim(), code(&rfc(), step_at(Timestamp::from_seconds(now))));
    }

    proptest! {
        #[test]
        fn every_code_has_six_digits(secret: [u8; 20], step in 0..i64::MAX) {
            let code = code(&Secret::new(secret.to_vec()), step);
            prop_assert!(code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}
