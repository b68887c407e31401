//! Who sent this message, and is it the message they sent?
//!
//! HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530), in the one profile that the API speaks: see
//! [`http_signature`]. Pure: the time, the key and the bytes are arguments; nonces are remembered by the caller. This crate
//! never reads a clock, never draws a random number and never decides which key a key id stands for.
#![warn(missing_docs)]

pub mod content_digest;
pub mod http_signature;
pub mod key;
pub mod limits;
mod pem;
