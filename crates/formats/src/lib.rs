//! Foreign formats: payment files that come in, messages to and from banks.
//!
//! Everything here is pure: bytes in, values and findings out. Readers are written for hostile input: they are bounded, they never
//! panic, and they say what is wrong, where, and what to do about it. Nothing here knows a clock; today's date is an argument.

pub mod finding;
pub mod xml;
