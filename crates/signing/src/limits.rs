//! Every limit of signed messages, with the reason for the number. How long a signature may live is a limit of the
//! platform (`vocab::limits::SIGNATURE_SECONDS_MAX`).

/// Bytes of a Signature-Input header: three signatures that cover a dozen components each need 1,500.
pub const SIGNATURE_INPUT_BYTES_MAX: usize = 4_096;
/// Bytes of a Signature header: three RSA-8192 signatures in base64 need 4,200.
pub const SIGNATURE_BYTES_MAX: usize = 6_144;
/// Bytes of a Content-Digest header: SHA-256, SHA-512 and some older digests beside them need 400.
pub const CONTENT_DIGEST_BYTES_MAX: usize = 1_024;
/// Bytes of any other header line under a signature: what web servers take for one line.
pub const HEADER_BYTES_MAX: usize = 8_192;
/// Signatures on one message: ours, and one each of two proxies on the way.
pub const SIGNATURES_MAX: usize = 3;
/// Components under one signature: the profile asks for nine, the rest is free for the client.
pub const COMPONENTS_MAX: usize = 32;
/// Characters of a key id: long enough for a JWK thumbprint or a URL.
pub const KEY_ID_CHARS_MAX: usize = 256;
/// Characters of a nonce: 64 random bytes in base64 need 88, in hexadecimal 128.
pub const NONCE_CHARS_MAX: usize = 128;
/// Bits that a nonce has to be able to hold, so that two clients never draw the same one by chance.
pub const NONCE_BITS_MIN: usize = 128;
/// Seconds that a client's clock may be ahead of ours.
pub const CLOCK_AHEAD_SECONDS_MAX: i64 = 60;
/// Bytes of a shared secret: as many as its HMAC puts out (RFC 2104 section 3).
pub const SHARED_SECRET_BYTES_MIN: usize = 32;
/// Characters of a key in text form: RSA-8192 needs 1,400.
pub const KEY_TEXT_CHARS_MAX: usize = 4_096;
