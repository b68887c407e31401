//! Collect: what waits for us at the banks is taken in, each document once.

/// The job: one for each organization and world, with the subject 0.
pub(crate) const JOB: &str = "collect";
