//! Who somebody is and what they may do: members, what they prove themselves with, their sessions, and the permission rules.
//!
//! Pure. Time, random bytes and keys are arguments; what is stored is handed in and handed back. Whether a payment counts as approved is
//! decided in `payment`; here is decided whether somebody may try.
#![warn(missing_docs)]

pub mod credential;
pub mod member;
pub mod permission;
pub mod session;
pub mod throttle;
