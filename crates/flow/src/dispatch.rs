//! Dispatch: queued payments travel to their bank, each once.

/// The job: its subject is the payment.
pub(crate) const JOB: &str = "dispatch";
