//! People, on both engines: coming in, signing in, rights, and decisions with a fresh factor.

mod coming_in;
mod deciding;
mod person;
mod rights;
mod signing_in;
