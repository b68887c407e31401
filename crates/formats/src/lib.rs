//! Foreign formats: payment files that come in, messages to and from banks.
//!
//! Everything here is pure: bytes in, values and findings out. Readers are written for hostile input: they are bounded, they never
//! panic, and they say what is wrong, where, and what to do about it. Nothing here knows a clock; today's date is an argument.

mod bank_message;
pub mod camt029;
pub mod camt053;
pub mod camt054;
pub mod camt055;
mod encoding;
pub mod finding;
pub mod pain001_writer;
pub mod pain002;
pub mod statement;
pub mod xml;
pub mod xml_writer;
