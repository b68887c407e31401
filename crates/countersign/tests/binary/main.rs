//! The binary from outside, as people run it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "helpers of tests stop at the first surprise, look at the real clock and find their server in the environment"
)]

mod demo;
mod servers;
mod support;
