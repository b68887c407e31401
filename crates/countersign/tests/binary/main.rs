//! The binary from outside, as people run it.

#![expect(
    clippy::disallowed_methods,
    reason = "tests wait, look at the real clock and find their server in the environment"
)]

#[cfg(test)]
mod backups;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod support;
#[cfg(test)]
mod torture;
