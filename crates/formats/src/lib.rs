//! Foreign formats: payment files that come in, messages to and from banks.
//!
//! Everything here is pure: bytes in, values and findings out. Readers are written for hostile input: they are bounded, they never
//! panic, and they say what is wrong, where, and what to do about it. Nothing here knows a clock; today's date is an argument.

mod bank_message;
pub mod batch;
pub mod camt029;
pub mod camt053;
pub mod camt054;
pub mod camt055;
pub mod charset;
pub mod csv;
mod encoding;
mod field;
pub mod finding;
mod inspect;
pub mod order;
pub mod pain001;
pub mod pain001_writer;
pub mod pain002;
mod seen;
mod sepa;
pub mod single;
mod spelling;
pub mod statement;
pub mod xml;
pub mod xml_writer;
