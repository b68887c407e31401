//! From bytes to text: only UTF-8 is read, and only characters that XML allows. CSV is held to the same.

use crate::finding::{Finding, FindingCode};

const UTF8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// The text of a file, without byte order mark.
pub(crate) fn decode(bytes: &[u8]) -> Result<&str, Finding> {
    let bytes = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
    // The spans of `xml` hold 32 bits and reach over the input and the rewritten texts, which are never longer than the input.
    if i32::try_from(bytes.len()).is_err() {
        return Err(Finding::about_file(
            FindingCode::FileTooLarge,
            "",
            1,
            "the file is larger than 2 GB; split it",
        ));
    }
    if let Some(message) = other_encoding(bytes) {
        return Err(Finding::about_file(FindingCode::Encoding, "", 1, message));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| invalid(bytes, error.valid_up_to()))?;
    match forbidden_character(text) {
        Some((at, code)) => Err(Finding::about_file(
            FindingCode::Encoding,
            "",
            line_at(bytes, at),
            format!("the character U+{code:04X} is not allowed in a payment file; remove it"),
        )),
        None => Ok(text),
    }
}

fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, b'<', ..] | [b'<', 0, ..] => {
            Some("the file is encoded in UTF-16 or UTF-32; save it as UTF-8")
        }
        [0x4C, 0x6F, 0xA7, 0x94, ..] => Some("the file is encoded in EBCDIC; save it as UTF-8"),
        _ => None,
    }
}

fn invalid(bytes: &[u8], at: usize) -> Finding {
    let byte = bytes.get(at).copied().unwrap_or_default();
    let message = format!(
        "the byte 0x{byte:02X} is not UTF-8, the file is probably in ISO 8859-1 or Windows-1252; save it as UTF-8"
    );
    Finding::about_file(FindingCode::Encoding, "", line_at(bytes, at), message)
}

/// The first character outside production 2 (Char) of XML 1.0, with its position.
fn forbidden_character(text: &str) -> Option<(usize, u32)> {
    let control = text
        .bytes()
        .position(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'));
    if let Some(at) = control {
        return Some((at, text.as_bytes().get(at).copied().map_or(0, u32::from)));
    }
    ["\u{FFFE}", "\u{FFFF}"].iter().find_map(|noncharacter| {
        let code = noncharacter.chars().next().map_or(0, u32::from);
        text.find(noncharacter).map(|at| (at, code))
    })
}

/// Whether XML 1.0 allows the character (production 2), also through a reference.
pub(crate) fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The line, from 1, of a byte.
fn line_at(bytes: &[u8], at: usize) -> u32 {
    let breaks = bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks.saturating_add(1)).unwrap_or(u32::MAX)
}
