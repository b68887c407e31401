//! PEM (RFC 7468) for one thing: a PKCS#8 private key in a file that OpenSSL writes and reads.

use crate::key::KeyError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use vocab::secret::Secret;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
/// Bytes that make one line of 64 characters.
const LINE_BYTES: usize = 48;

/// Wraps a PKCS#8 document.
pub(crate) fn encode(der: &[u8]) -> Secret {
    // Room for everything at once: a buffer that grows would leave copies of the key behind.
    let mut text = String::with_capacity(BEGIN.len() + END.len() + 2 + der.len() * 2 + 8);
    text.push_str(BEGIN);
    text.push('\n');
    for line in der.chunks(LINE_BYTES) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    text.push_str(END);
    text.push('\n');
    Secret::new(text.into_bytes())
}

/// Takes the PKCS#8 document out of a file that holds exactly one private key. Text before and after it is allowed, as
/// OpenSSL writes it.
pub(crate) fn decode(file: &[u8]) -> Result<Secret, KeyError> {
    let text = str::from_utf8(file).map_err(|_| KeyError::NoPrivateKey)?;
    if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return Err(KeyError::Encrypted);
    }
    let (_, rest) = text.split_once(BEGIN).ok_or(KeyError::NoPrivateKey)?;
    let (body, rest) = rest.split_once(END).ok_or(KeyError::NoPrivateKey)?;
    if rest.contains(BEGIN) {
        return Err(KeyError::SeveralKeys);
    }
    let mut joined = Vec::with_capacity(body.len());
    joined.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let joined = Secret::new(joined);
    STANDARD
        .decode(joined.expose())
        .map(Secret::new)
        .map_err(|_| KeyError::Malformed)
}
