//! Canonical JSON (RFC 8785): one value, one sequence of bytes.
//!
//! What is committed to are bytes, so two programs have to arrive at the same ones. Of the numbers only integers within
//! ±(2^53 - 1) are taken: they print alike in every language, fractions do not, and money is never a fraction here.
//! Larger integers travel as strings.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

/// The largest integer that every JSON implementation keeps exactly (RFC 7493 section 2.2).
pub const INTEGER_MAX: i64 = (1 << 53) - 1;

/// How deep arrays and objects may nest; an event has three or four levels, and writing is recursive. A receipt wraps its
/// event in one level more.
pub const DEPTH_MAX: usize = 64;

/// Why a value has no canonical form here, or why bytes are not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A number with a fraction or an exponent.
    #[error("only integers are written canonically, write fractions as text")]
    NotAnInteger,
    /// An integer beyond [`INTEGER_MAX`] in either direction.
    #[error("integers beyond 2^53 - 1 do not survive every reader, write them as text")]
    IntegerTooLarge,
    /// More than [`DEPTH_MAX`] levels.
    #[error("arrays and objects nest deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// The bytes are not JSON at all.
    #[error("not json")]
    NotJson,
    /// The bytes are JSON, but another spelling of it: white space, order, escapes, a repeated member.
    #[error("json is not in canonical form (rfc 8785)")]
    NotCanonical,
}

/// The canonical bytes of a value.
///
/// # Errors
/// A number that is not a safe integer, or too many levels.
pub fn to_canonical(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out.into_bytes())
}

/// Appends the canonical form of a value to `out`, which the caller may reuse from event to event.
///
/// # Errors
/// As [`to_canonical`]; `out` then ends in an incomplete value.
pub fn write(value: &Value, out: &mut String) -> Result<(), CanonicalError> {
    write_value(value, out, DEPTH_MAX)
}

/// Reads bytes that have to be the canonical form of a value.
///
/// # Errors
/// Not JSON, not canonical, or a value that has no canonical form.
pub fn from_canonical(bytes: &[u8]) -> Result<Value, CanonicalError> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| CanonicalError::NotJson)?;
    // Writing again and comparing is the whole check: whatever a lenient reader forgave, a repeated member included,
    // is missing from what is written.
    let mut again = String::with_capacity(bytes.len());
    write(&value, &mut again)?;
    if again.as_bytes() == bytes {
        Ok(value)
    } else {
        Err(CanonicalError::NotCanonical)
    }
}

fn write_value(value: &Value, out: &mut String, levels_left: usize) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_integer(number, out)?,
        Value::String(text) => write_string(text, out),
        Value::Array(items) => write_array(items, out, one_level_down(levels_left)?)?,
        Value::Object(members) => write_object(members, out, one_level_down(levels_left)?)?,
    }
    Ok(())
}

fn one_level_down(levels_left: usize) -> Result<usize, CanonicalError> {
    levels_left.checked_sub(1).ok_or(CanonicalError::TooDeep)
}

fn write_integer(number: &Number, out: &mut String) -> Result<(), CanonicalError> {
    let Some(integer) = number.as_i64() else {
        return Err(if number.is_u64() {
            CanonicalError::IntegerTooLarge
        } else {
            CanonicalError::NotAnInteger
        });
    };
    if !(-INTEGER_MAX..=INTEGER_MAX).contains(&integer) {
        return Err(CanonicalError::IntegerTooLarge);
    }
    append(out, format_args!("{integer}"));
    Ok(())
}

fn write_array(items: &[Value], out: &mut String, levels_left: usize) -> Result<(), CanonicalError> {
    out.push('[');
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_value(item, out, levels_left)?;
    }
    out.push(']');
    Ok(())
}

fn write_object(members: &Map<String, Value>, out: &mut String, levels_left: usize) -> Result<(), CanonicalError> {
    // A map in byte order is nearly always in the order of UTF-16 code units already (they differ only where characters
    // beyond U+FFFF meet others above U+D7FF), so the sorted copy is rarely made.
    if members
        .keys()
        .is_sorted_by(|first, second| first.encode_utf16().le(second.encode_utf16()))
    {
        return write_members(members.iter(), out, levels_left);
    }
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|(first, _), (second, _)| first.encode_utf16().cmp(second.encode_utf16()));
    write_members(sorted.into_iter(), out, levels_left)
}

fn write_members<'a>(
    members: impl Iterator<Item = (&'a String, &'a Value)>,
    out: &mut String,
    levels_left: usize,
) -> Result<(), CanonicalError> {
    out.push('{');
    for (position, (name, value)) in members.enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_string(name, out);
        out.push(':');
        write_value(value, out, levels_left)?;
    }
    out.push('}');
    Ok(())
}

/// RFC 8785 section 3.2.2.2: the two-character escapes where JSON has them, `\u00xx` for other control characters,
/// everything else as it is.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push_str(text);
    } else {
        text.chars().for_each(|character| write_character(character, out));
    }
    out.push('"');
}

fn write_character(character: char, out: &mut String) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\u{8}' => out.push_str("\\b"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\u{c}' => out.push_str("\\f"),
        '\r' => out.push_str("\\r"),
        control if control < ' ' => append(out, format_args!("\\u{:04x}", u32::from(control))),
        other => out.push(other),
    }
}

fn append(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail; fmt::Write only has to say that it might.
    let _infallible = out.write_fmt(text);
}
