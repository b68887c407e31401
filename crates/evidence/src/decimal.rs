//! Decimal numbers as the log formats spell them: ASCII digits, no sign, no leading zero.
//!
//! One spelling per number; `str::parse` alone would also take `+7` and `007`.

/// Reads a number in its only spelling.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let digits_only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    if digits_only && !padded {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn each_number_has_one_spelling() {
        assert_eq!(parse("0"), Some(0));
        assert_eq!(parse("18446744073709551615"), Some(u64::MAX));
        for bad in [
            "",
            "00",
            "01",
            "+1",
            "-1",
            " 1",
            "1 ",
            "1_0",
            "1.0",
            "18446744073709551616",
            "١",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
