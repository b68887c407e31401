//! People, on both engines: coming in, signing in, rights, and decisions with a fresh factor.

#[cfg(test)]
mod coming_in;
#[cfg(test)]
mod deciding;
#[cfg(test)]
mod person;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod signing_in;
